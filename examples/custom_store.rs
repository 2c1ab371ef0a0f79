//! A service's own store: it counts new subscribers, leaves the rest to another, and passes the conformance suite.
//!
//! `cargo run --example custom_store --features conformance`

use std::sync::{Arc, atomic::AtomicU64, atomic::Ordering::Relaxed};

use boostgpt_sso::store::{ProvisionError, ProvisionRequest as Request, Provisioned};
use boostgpt_sso::{BotId, ProjectId, SsoSecret, SubscriberId, store, time::Date, time::OffsetDateTime};

/// A store, and how many subscribers it has made.
struct Counting<S>(S, AtomicU64);
type Answer<'a, T, E = store::StoreError> = store::BoxFuture<'a, Result<T, E>>;

/// Methods that the inner store answers.
macro_rules! inner {
    ($($method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        $(#[allow(clippy::elidable_lifetime_names)] // one needs its name
        fn $method<'a>(&'a self, $($argument: $type),*) -> Answer<'a, $answer> {
            self.0.$method($($argument),*)
        })+
    };
}

impl<S: store::Store> store::SecretStore for Counting<S> {
    inner! {
        create_bot(project: ProjectId, bot: BotId) -> ();
        current_secret(bot: BotId) -> Option<store::BotSecret>;
        regenerate_secret(bot: BotId) -> SsoSecret;
        remove_secret(bot: BotId) -> ();
        reseal() -> u64;
    }
}

impl<S: store::Store> store::SubscriberStore for Counting<S> {
    fn provision<'a>(&'a self, request: &'a Request<'a>) -> Answer<'a, Provisioned, ProvisionError> {
        Box::pin(async move {
            let provisioned = self.0.provision(request).await?;
            self.1.fetch_add(provisioned.created_subscriber.into(), Relaxed);
            Ok(provisioned)
        })
    }
    inner! {
        create_project(project: store::Project) -> ();
        project(project: ProjectId) -> Option<store::Project>;
        set_free_tier(project: ProjectId, credits: Option<u32>) -> ();
        subscriber(project: ProjectId, by: store::Lookup<'a>) -> Option<store::Subscriber>;
        subscribers(project: ProjectId, after: Option<SubscriberId>, limit: u32) -> Vec<store::Subscriber>;
        forget(project: ProjectId, subscriber: SubscriberId, now: OffsetDateTime) -> bool;
        activity(project: ProjectId, first: Date, last: Date) -> Vec<store::DayActivity>;
        active_subscribers(project: ProjectId, first: Date, last: Date) -> u64;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let store = Arc::new(Counting(store::MemoryStore::new(), AtomicU64::new(0)));
    store::conformance::store(store.clone()).await; // panics at the first broken promise
    println!("conforms; {} subscribers were made on the way", store.1.load(Relaxed));
}
