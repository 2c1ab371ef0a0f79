//! What the authenticator adds to the verdict where the bot's key is kept: a store that answers at once, with
//! the authenticator before it and without. Futures that never wait are polled by hand, so that no executor
//! is measured.

use std::{
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use boostgpt_sso::{
    AccountId, Authenticator, BotId, ProjectId, SsoSecret, SubscriberId, Visitor,
    store::{
        BotSecret, BoxFuture, DayActivity, Lookup, Project, ProvisionError, ProvisionRequest, Provisioned,
        SecretStore, SecretVersion, Store, StoreError, Subscriber, SubscriberStore,
    },
    time::{Date, OffsetDateTime},
};
use boostgpt_sso_benches::Documented;
use criterion::Criterion;

const VERSION: SecretVersion = SecretVersion(1);

/// A store with one secret and one subscriber, whoever asks.
struct Constant {
    secret: SsoSecret,
    provisioned: Provisioned,
}

/// What is not asked for.
macro_rules! never {
    ($($method:ident($($type:ty),*) -> $answer:ty;)+) => {
        $(fn $method<'a>(&'a self, $(_: $type),*) -> BoxFuture<'a, Result<$answer, StoreError>> {
            unreachable!("the authenticator asks for secrets and provisions")
        })+
    };
}

impl SecretStore for Constant {
    fn current_secret(&self, _: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>> {
        let found = BotSecret { secret: self.secret.clone(), version: VERSION };
        Box::pin(std::future::ready(Ok(Some(found))))
    }

    never! {
        create_bot(ProjectId, BotId) -> ();
        regenerate_secret(BotId) -> SsoSecret;
        remove_secret(BotId) -> ();
        reseal() -> u64;
    }
}

impl SubscriberStore for Constant {
    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>> {
        black_box(request);
        Box::pin(std::future::ready(Ok(self.provisioned)))
    }

    never! {
        create_project(Project) -> ();
        project(ProjectId) -> Option<Project>;
        set_free_tier(ProjectId, Option<u32>) -> ();
        subscriber(ProjectId, Lookup<'a>) -> Option<Subscriber>;
        subscribers(ProjectId, Option<SubscriberId>, u32) -> Vec<Subscriber>;
        forget(ProjectId, SubscriberId, OffsetDateTime) -> bool;
        activity(ProjectId, Date, Date) -> Vec<DayActivity>;
        active_subscribers(ProjectId, Date, Date) -> u64;
    }
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store that answers at once"),
    }
}

/// One visit, with the authenticator and by hand.
pub struct Visits<'a> {
    documented: &'a Documented,
    bot: BotId,
    now: OffsetDateTime,
    store: Arc<dyn Store>,
    authenticator: Authenticator,
}

impl<'a> Visits<'a> {
    pub fn new(documented: &'a Documented) -> Self {
        let generated = (ProjectId::generate(), AccountId::generate(), SubscriberId::generate());
        let (Ok(project), Ok(account), Ok(subscriber)) = generated else { panic!("ids") };
        let provisioned = Provisioned::found(project, account, subscriber);
        let store: Arc<dyn Store> = Arc::new(Constant { secret: documented.secret.clone(), provisioned });
        let visits = Self {
            documented,
            bot: BotId::generate().expect("an id"),
            now: OffsetDateTime::now_utc(),
            authenticator: Authenticator::new(Arc::clone(&store)),
            store,
        };
        // The first visit reads the key; the others find it.
        let Visitor::Identified(session) = visits.authenticate() else { panic!("identified") };
        assert_eq!(session.visitor.identity().identity(), &documented.identity);
        assert_eq!(session.provisioned.subscriber, visits.by_hand().subscriber);
        visits
    }

    pub fn authenticate(&self) -> Visitor {
        let token = black_box(&self.documented.token);
        ready(self.authenticator.authenticate_at(self.bot, token, self.now)).expect("a store that answers")
    }

    /// What a visit needs in any case: the verdict, and the store's answer.
    pub fn by_hand(&self) -> Provisioned {
        let visitor = self.documented.verifier.verify_at(black_box(&self.documented.token), self.now);
        let visitor = visitor.expect("accepted");
        let request = ProvisionRequest::new(self.bot, VERSION, &visitor, self.now);
        ready(self.store.provision(&request)).expect("a store that answers")
    }
}

pub fn bench(c: &mut Criterion, documented: &Documented) {
    let visits = Visits::new(documented);
    c.bench_function("authenticator/by hand", |b| b.iter(|| visits.by_hand()));
    c.bench_function("authenticator/boostgpt-sso", |b| b.iter(|| visits.authenticate()));
}
