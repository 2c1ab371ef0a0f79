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
    AccountId, Authenticator, BotId, ProjectId, SecretVersion, SsoSecret, SubscriberId, Visitor,
    store::{
        BotSecret, BotState, BotVerifier, BoxFuture, ProvisionError, ProvisionRequest, Provisioned,
        StoreError, SubscriberStore,
    },
    time::OffsetDateTime,
};
use boostgpt_sso_benches::Documented;
use criterion::Criterion;

const PROJECT: ProjectId = ProjectId::from_bytes([1; 16]);
const VERSION: SecretVersion = SecretVersion::from_bytes([2; 16]);

/// A store with one secret and one subscriber, for every bot.
struct Constant {
    secret: SsoSecret,
    provisioned: Provisioned,
}

impl SubscriberStore for Constant {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        let found = BotSecret::new(bot, PROJECT, VERSION, self.secret.clone());
        Box::pin(std::future::ready(Ok(BotState::Current(found))))
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        black_box(request);
        Box::pin(std::future::ready(Ok(self.provisioned)))
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
    verifier: BotVerifier,
    store: Arc<dyn SubscriberStore>,
    authenticator: Authenticator,
}

impl<'a> Visits<'a> {
    pub fn new(documented: &'a Documented) -> Self {
        let (account, subscriber) = (AccountId::from_bytes([3; 16]), SubscriberId::from_bytes([4; 16]));
        let provisioned = Provisioned::found(account, subscriber);
        let secret = documented.secret.clone();
        let bot = BotId::from_bytes([5; 16]);
        let verifier = BotSecret::new(bot, PROJECT, VERSION, secret.clone()).verifier();
        let store: Arc<dyn SubscriberStore> = Arc::new(Constant { secret, provisioned });
        let visits = Self {
            documented,
            bot,
            verifier,
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
        let visitor = self.verifier.verify_at(black_box(&self.documented.token), self.now);
        let request = ProvisionRequest::new(visitor.expect("accepted"), self.now);
        ready(self.store.provision(request)).expect("a store that answers")
    }
}

pub fn bench(c: &mut Criterion, documented: &Documented) {
    let visits = Visits::new(documented);
    c.bench_function("authenticator/by hand", |b| b.iter(|| visits.by_hand()));
    c.bench_function("authenticator/boostgpt-sso", |b| b.iter(|| visits.authenticate()));
}
