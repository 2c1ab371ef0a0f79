//! The limit on new subscribers: how many one process lets one bot create in a minute.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use boostgpt_sso::{
    AnonymousReason, Authenticator, BotId, Identity, Signer, SsoSecret, Visitor,
    store::{
        BotState, BoxFuture, MemoryStore, ProvisionError, ProvisionRequest, Provisioned, Store, StoreError,
        SubscriberStore,
    },
};
use tokio::sync::Barrier;

use crate::{
    authenticator::{BAD_SIGNATURE, anonymous, at_once, fresh, house, identified},
    probe::Probe,
};

#[tokio::test]
async fn new_subscribers_are_limited_and_returning_visitors_are_not() {
    let house = house().await;
    let limit = NonZeroU32::new(3).unwrap();
    let authenticator = Authenticator::new(house.store.clone()).with_max_new_subscribers_per_minute(limit);
    let authenticator = Arc::new(authenticator);
    let signer = Signer::new(&house.secret);
    let token =
        |number| signer.sign(&Identity::new(&format!("p{number}@example.com")).unwrap()).as_str().to_owned();
    // A minute that is over at the wrong moment would let three more in.
    let answers = at_once(&authenticator, 20, |number| (house.bot, token(number))).await;
    let known: Vec<_> =
        (0..20).filter(|number| matches!(answers[*number], Ok(Visitor::Identified(_)))).collect();
    assert!([3, 6].contains(&known.len()), "{known:?}");
    assert_eq!(house.store.subscriber_count(house.project).await.unwrap(), known.len() as u64);
    let refused = AnonymousReason::TooManyNewSubscribers;
    for answer in answers {
        if let Ok(Visitor::Anonymous(reason)) = answer {
            assert_eq!((reason, reason.code()), (refused, "too_many_new_subscribers"));
        }
    }
    for number in known {
        let session = identified(authenticator.authenticate(house.bot, token(number)).await);
        assert!(!session.provisioned.created_subscriber);
    }
}

/// A visit of a new person with this number.
async fn new_person(authenticator: &Authenticator, bot: BotId, secret: &SsoSecret, number: u32) -> Visitor {
    let person = Identity::new(&format!("p{number}@example.com")).unwrap();
    authenticator.authenticate(bot, Signer::new(secret).sign(&person)).await.unwrap()
}

fn is_above_the_limit(visitor: &Visitor) -> bool {
    matches!(visitor, Visitor::Anonymous(AnonymousReason::TooManyNewSubscribers))
}

/// Each of them has the bot's secret read again, and so the bot kept anew.
#[tokio::test]
async fn forged_tokens_do_not_raise_the_limit_on_new_subscribers() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator =
        Authenticator::new(probe.clone()).with_max_new_subscribers_per_minute(NonZeroU32::MIN);
    let visit = |number| new_person(&authenticator, house.bot, &house.secret, number);
    assert!(matches!(visit(1).await, Visitor::Identified(_)));
    assert!(is_above_the_limit(&visit(2).await));
    let reads = probe.secret_reads();
    anonymous(
        authenticator.authenticate(house.bot, fresh(&SsoSecret::generate().unwrap())).await,
        BAD_SIGNATURE,
    );
    assert_eq!(probe.secret_reads(), reads + 1);
    assert!(is_above_the_limit(&visit(3).await));
}

#[tokio::test]
async fn each_bot_has_its_own_limit_on_new_subscribers() {
    let house = house().await;
    let other = BotId::generate().unwrap();
    house.store.create_bot(house.project, other).await.unwrap();
    let secret = house.store.regenerate_secret(other).await.unwrap();
    let authenticator = Authenticator::new(house.store.clone());
    let authenticator = authenticator.with_max_new_subscribers_per_minute(NonZeroU32::MIN);
    for (number, (bot, secret)) in (1..).zip([(house.bot, &house.secret), (other, &secret)]) {
        let visitor = new_person(&authenticator, bot, secret, number).await;
        assert!(matches!(visitor, Visitor::Identified(_)), "bot {number}: {visitor:?}");
        let visitor = new_person(&authenticator, bot, secret, number + 10).await;
        assert!(is_above_the_limit(&visitor), "bot {number}: {visitor:?}");
    }
}

/// A store whose visits all wait for each other once, before anything is done.
struct Meeting {
    store: MemoryStore,
    meeting: Barrier,
    is_over: AtomicBool,
}

impl SubscriberStore for Meeting {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        self.store.current_secret(bot)
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        Box::pin(async move {
            let outcome = self.store.provision(request).await;
            // Both have found that there is no subscriber, and now each creates one.
            if matches!(outcome, Err(ProvisionError::WouldCreate)) && !self.is_over.load(SeqCst) {
                self.meeting.wait().await;
                self.is_over.store(true, SeqCst);
            }
            outcome
        })
    }
}

#[tokio::test]
async fn two_first_visits_of_one_person_at_once_count_as_one_new_subscriber() {
    let house = house().await;
    let (meeting, is_over) = (Barrier::new(2), false.into());
    let authenticator = Authenticator::new(Meeting { store: house.store.clone(), meeting, is_over });
    let two = NonZeroU32::new(2).unwrap();
    let authenticator = authenticator.with_max_new_subscribers_per_minute(two);
    let visit = |number| new_person(&authenticator, house.bot, &house.secret, number);
    let (one, other) = tokio::join!(visit(1), visit(1));
    let created = |visitor: Visitor| identified(Ok(visitor)).provisioned.created_subscriber;
    assert!(created(one) != created(other), "one of them");
    assert!(created(visit(2).await), "there is room for another person");
    assert!(is_above_the_limit(&visit(3).await));
}
