//! The authenticator: identified, anonymous with a reason, or an error of the store; and the version fence.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use boostgpt_sso::{
    AnonymousReason, Authenticator, BotId, Identity, ProjectId, Session, Signer, SsoSecret, VerifyError,
    Visitor,
    store::{MemoryStore, Project, Store, StoreError, SubscriberStore},
    time::OffsetDateTime,
};

use crate::{probe::Probe, support::*};

pub struct House {
    pub store: MemoryStore,
    pub project: ProjectId,
    pub bot: BotId,
    pub secret: SsoSecret,
}

pub async fn house() -> House {
    let store = MemoryStore::new();
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    store.create_project(Project::new(project).with_free_tier(25)).await.unwrap();
    store.create_bot(project, bot).await.unwrap();
    let secret = store.regenerate_secret(bot).await.unwrap();
    House { store, project, bot, secret }
}

pub fn fresh(secret: &SsoSecret) -> String {
    Signer::new(secret).sign(&ada()).into()
}

#[track_caller]
pub fn identified(visitor: Result<Visitor, StoreError>) -> Session {
    match visitor.unwrap() {
        Visitor::Identified(session) => session,
        Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
    }
}

#[track_caller]
pub fn anonymous(visitor: Result<Visitor, StoreError>, expected: AnonymousReason) {
    match visitor.unwrap() {
        Visitor::Identified(session) => panic!("identified: {session:?}"),
        Visitor::Anonymous(reason) => assert_eq!(reason, expected),
    }
}

pub const BAD_SIGNATURE: AnonymousReason = AnonymousReason::Refused(VerifyError::BadSignature);

#[tokio::test]
async fn a_session_carries_what_a_service_needs() {
    let house = house().await;
    let authenticator = Authenticator::new(house.store.clone());
    let user = Identity::new("wolfgang@example.com")
        .unwrap()
        .with_name("Lovelace")
        .unwrap()
        .with_external_id("kunde-42")
        .unwrap();
    let token = Signer::new(&house.secret).for_bot(house.bot).sign_at(&user, now());

    let first = identified(authenticator.authenticate_at(house.bot, &token, now()).await);
    assert_eq!((first.visitor.bot(), first.visitor.project()), (house.bot, house.project));
    assert_eq!(first.visitor.identity().identity(), &user);
    assert_eq!(first.visitor.identity().expires_at(), token.expires_at());
    assert_eq!(
        (first.provisioned.created_account, first.provisioned.created_subscriber, first.provisioned.granted),
        (true, true, Some(25))
    );
    assert_eq!(first.provisioned.conflict, None);

    let second = identified(authenticator.authenticate_at(house.bot, &token, at(NOW + 10)).await);
    assert_eq!(
        (second.provisioned.subscriber, second.provisioned.account),
        (first.provisioned.subscriber, first.provisioned.account)
    );
    assert_eq!(
        (
            second.provisioned.created_account,
            second.provisioned.created_subscriber,
            second.provisioned.granted
        ),
        (false, false, None)
    );
    let shown = format!("{first:?} {authenticator:?}");
    // None of them can be a part of a random id.
    for hidden in ["wolfgang", "example.com", "Lovelace", "kunde"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

#[tokio::test]
async fn every_refusal_is_anonymous_with_its_reason() {
    let house = house().await;
    let authenticator = Authenticator::new(Arc::new(house.store.clone()) as Arc<dyn SubscriberStore>);
    let present = async |token: &str| authenticator.authenticate_at(house.bot, token, now()).await;
    let signer = Signer::new(&house.secret);
    anonymous(present("").await, AnonymousReason::Refused(VerifyError::Malformed));
    anonymous(present(&fresh(&SsoSecret::generate().unwrap())).await, BAD_SIGNATURE);
    let old = signer.sign_at(&ada(), at(NOW - 3600));
    let expired = VerifyError::Expired { exp: now(), now: now() };
    anonymous(present(old.as_str()).await, AnonymousReason::Refused(expired));
    // Bound to the bot: a token for another one, even of the same secret.
    let other = signer.clone().for_bot(OTHER_BOT.parse().unwrap()).sign_at(&ada(), now());
    anonymous(present(other.as_str()).await, AnonymousReason::Refused(VerifyError::WrongAudience));
    identified(present(signer.for_bot(house.bot).sign_at(&ada(), now()).as_str()).await);

    let unknown = authenticator.authenticate(BotId::generate().unwrap(), fresh(&house.secret)).await;
    anonymous(unknown, AnonymousReason::UnknownBot);
    let without = BotId::generate().unwrap();
    house.store.create_bot(house.project, without).await.unwrap();
    anonymous(authenticator.authenticate(without, fresh(&house.secret)).await, AnonymousReason::NoSecret);
    assert_eq!(AnonymousReason::NoSecret.code(), "no_secret");
    assert_eq!(BAD_SIGNATURE.code(), "bad_signature");
    assert_eq!(house.store.subscribers(house.project, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn regenerating_is_effective_at_once_behind_every_cache() {
    let house = house().await;
    // Two processes, both with the old key in their caches.
    let processes = [(); 2].map(|()| Authenticator::new(house.store.clone()));
    let mut current = house.secret;
    for _ in 0..20 {
        let old = fresh(&current);
        for process in &processes {
            identified(process.authenticate(house.bot, &old).await);
        }
        current = house.store.regenerate_secret(house.bot).await.unwrap();
        for process in &processes {
            anonymous(process.authenticate(house.bot, &old).await, BAD_SIGNATURE);
            identified(process.authenticate(house.bot, fresh(&current)).await);
        }
    }
    house.store.remove_secret(house.bot).await.unwrap();
    for process in &processes {
        anonymous(process.authenticate(house.bot, fresh(&current)).await, AnonymousReason::NoSecret);
    }
    current = house.store.regenerate_secret(house.bot).await.unwrap();
    // That there is none is known for a second.
    tokio::time::sleep(Duration::from_millis(1050)).await;
    for process in &processes {
        identified(process.authenticate(house.bot, fresh(&current)).await);
    }
}

#[tokio::test]
async fn a_new_secret_is_found_by_its_first_token() {
    let house = house().await;
    let authenticator = Authenticator::new(house.store.clone());
    identified(authenticator.authenticate(house.bot, fresh(&house.secret)).await);
    let new = house.store.regenerate_secret(house.bot).await.unwrap();
    identified(authenticator.authenticate(house.bot, fresh(&new)).await);
}

#[tokio::test]
async fn a_failing_store_is_an_error_and_never_anonymous_or_accepted() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let (cold, warm) = (Authenticator::new(probe.clone()), Authenticator::new(probe.clone()));
    identified(warm.authenticate(house.bot, fresh(&house.secret)).await);
    probe.fail(true);
    for authenticator in [&cold, &warm] {
        let error = authenticator.authenticate(house.bot, fresh(&house.secret)).await.unwrap_err();
        assert!(error.is_retryable() && error.code() == "unavailable");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "unplugged");
    }
    // What needs no store is answered without one.
    anonymous(
        warm.authenticate(house.bot, "garbage").await,
        AnonymousReason::Refused(VerifyError::Malformed),
    );
    probe.fail(false);
    for authenticator in [&cold, &warm] {
        identified(authenticator.authenticate(house.bot, fresh(&house.secret)).await);
    }
}

#[tokio::test]
async fn a_secret_is_read_once_for_all_who_wait_and_then_kept() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Arc::new(Authenticator::new(probe.clone()));
    let visits: Vec<_> = (0..200)
        .map(|_| {
            let (authenticator, token) = (Arc::clone(&authenticator), fresh(&house.secret));
            tokio::spawn(async move { authenticator.authenticate(house.bot, token).await })
        })
        .collect();
    let mut created = 0;
    for visit in visits {
        created += usize::from(identified(visit.await.unwrap()).provisioned.created_subscriber);
    }
    assert_eq!((probe.secret_reads(), created), (1, 1));
}

/// All visits that wait while the store fails share that failure, and do not wait for one of their own.
#[tokio::test]
async fn a_failing_store_is_asked_once_for_all_who_wait() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Arc::new(Authenticator::new(probe.clone()));
    probe.fail(true);
    for round in 1..=2 {
        let visits: Vec<_> = (0..50)
            .map(|_| {
                let (authenticator, token, bot) =
                    (Arc::clone(&authenticator), fresh(&house.secret), house.bot);
                tokio::spawn(async move { authenticator.authenticate(bot, token).await })
            })
            .collect();
        for visit in visits {
            assert!(visit.await.unwrap().unwrap_err().is_retryable());
        }
        assert_eq!(probe.secret_reads(), round);
    }
    probe.fail(false);
    identified(authenticator.authenticate(house.bot, fresh(&house.secret)).await);

    // A new secret that could not be read is looked for again, however soon: its tokens are not refused
    // meanwhile.
    let new = house.store.regenerate_secret(house.bot).await.unwrap();
    probe.fail(true);
    authenticator.authenticate(house.bot, fresh(&new)).await.unwrap_err();
    probe.fail(false);
    identified(authenticator.authenticate(house.bot, fresh(&new)).await);
}

/// Runs this many visits at once, each with a token of its own.
pub async fn at_once(
    authenticator: &Arc<Authenticator>,
    number: usize,
    visit: impl Fn(usize) -> (BotId, String),
) -> Vec<Result<Visitor, StoreError>> {
    let visits: Vec<_> = (0..number)
        .map(|number| {
            let (authenticator, (bot, token)) = (Arc::clone(authenticator), visit(number));
            tokio::spawn(async move { authenticator.authenticate(bot, token).await })
        })
        .collect();
    let mut answers = Vec::new();
    for visit in visits {
        answers.push(visit.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_bot_without_a_secret_costs_one_read_a_second_and_is_seen_to_get_one() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Arc::new(Authenticator::new(probe.clone()));
    let (unknown, without) = (BotId::generate().unwrap(), BotId::generate().unwrap());
    house.store.create_bot(house.project, without).await.unwrap();
    for (bot, reason) in [(unknown, AnonymousReason::UnknownBot), (without, AnonymousReason::NoSecret)] {
        let reads = probe.secret_reads();
        let started = Instant::now();
        for answer in at_once(&authenticator, 1000, |_| (bot, fresh(&house.secret))).await {
            anonymous(answer, reason);
        }
        let allowed = 1 + usize::try_from(started.elapsed().as_secs()).unwrap();
        assert!(probe.secret_reads() - reads <= allowed, "{} reads", probe.secret_reads() - reads);
    }
    assert_eq!(
        (AnonymousReason::UnknownBot.code(), AnonymousReason::NoSecret.code()),
        ("unknown_bot", "no_secret")
    );
    house.store.create_bot(house.project, unknown).await.unwrap();
    for bot in [unknown, without] {
        let secret = house.store.regenerate_secret(bot).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1050)).await;
        identified(authenticator.authenticate(bot, fresh(&secret)).await);
    }
}

#[tokio::test]
async fn what_no_key_could_save_makes_no_store_call() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Authenticator::new(probe.clone());
    probe.fail(true);
    let header = |json: &str| format!("{}.e30.{}", base64url(json), base64url([0; 32]));
    let good = fresh(&house.secret);
    let unsigned = good.as_str().rsplit_once('.').unwrap().0;
    let signed = |mac: &[u8]| (format!("{unsigned}.{}", base64url(mac)), VerifyError::BadSignature);
    let refused = [
        (String::new(), VerifyError::Malformed),
        ("garbage".to_owned(), VerifyError::Malformed),
        ("x".repeat(9000), VerifyError::TooLong),
        (header(r#"{"alg":"none"}"#), VerifyError::UnsupportedAlgorithm),
        (header(r#"{"alg":"HS256","crit":[]}"#), VerifyError::UnsupportedHeader),
        signed(&[]),
        signed(&[1; 3]),
        signed(&[1; 31]),
        signed(&[1; 64]),
    ];
    let all_are_refused = async || {
        for (token, error) in &refused {
            for bot in [house.bot, BotId::generate().unwrap()] {
                anonymous(authenticator.authenticate(bot, token).await, AnonymousReason::Refused(*error));
            }
        }
    };
    all_are_refused().await;
    assert_eq!(probe.secret_reads(), 0);
    // Nor once the bot's secret is kept.
    probe.fail(false);
    identified(authenticator.authenticate(house.bot, &good).await);
    probe.fail(true);
    all_are_refused().await;
    assert_eq!(probe.secret_reads(), 1);
}

#[tokio::test]
async fn garbage_does_not_become_load_on_the_store() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Arc::new(Authenticator::new(probe.clone()));
    let started = Instant::now();
    for _ in 0..5 {
        let forged = |_| (house.bot, fresh(&SsoSecret::generate().unwrap()));
        for answer in at_once(&authenticator, 100, forged).await {
            anonymous(answer, BAD_SIGNATURE);
        }
    }
    // One read at first, and then ten a second at most.
    let allowed = 2 + usize::try_from(started.elapsed().as_millis() / 100).unwrap();
    assert!(probe.secret_reads() <= allowed, "{} reads", probe.secret_reads());
    identified(authenticator.authenticate(house.bot, fresh(&house.secret)).await);
}

/// However many forged tokens come before and beside it.
#[tokio::test]
async fn a_good_token_of_a_new_secret_is_never_refused() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Arc::new(Authenticator::new(probe.clone()));
    let started = Instant::now();
    for _ in 0..10 {
        let secret = house.store.regenerate_secret(house.bot).await.unwrap();
        let answers = at_once(&authenticator, 60, |number| {
            let forged = number % 3 != 2;
            (house.bot, if forged { fresh(&SsoSecret::generate().unwrap()) } else { fresh(&secret) })
        });
        for (number, answer) in answers.await.into_iter().enumerate() {
            if number % 3 == 2 {
                identified(answer);
            } else {
                anonymous(answer, BAD_SIGNATURE);
            }
        }
    }
    let allowed = 2 + usize::try_from(started.elapsed().as_millis() / 100).unwrap();
    assert!(probe.secret_reads() <= allowed, "{} reads", probe.secret_reads());
}

#[tokio::test]
async fn a_bad_signature_that_cannot_be_checked_again_is_an_error_of_the_store() {
    let house = house().await;
    let probe = Probe::of(&house.store);
    let authenticator = Authenticator::new(probe.clone());
    identified(authenticator.authenticate(house.bot, fresh(&house.secret)).await);
    probe.fail(true);
    let forged = authenticator.authenticate(house.bot, fresh(&SsoSecret::generate().unwrap())).await;
    assert_eq!(forged.unwrap_err().code(), "unavailable");
}

/// One branch of a `select`, for instance.
#[tokio::test]
async fn a_visit_that_is_no_longer_polled_holds_up_no_other() {
    let house = house().await;
    let authenticator = Authenticator::new(Probe::of(&house.store));
    let mut stalled = Box::pin(authenticator.authenticate(house.bot, fresh(&house.secret)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(stalled.as_mut().poll(&mut context).is_pending());
    let other = authenticator.authenticate(house.bot, fresh(&house.secret));
    identified(tokio::time::timeout(Duration::from_secs(5), other).await.expect("an answer"));
    identified(stalled.await);
}

#[tokio::test]
async fn a_session_is_current_until_its_token_expires() {
    let house = house().await;
    let token = Signer::new(&house.secret).sign_at(&ada(), now());
    let authenticator = Authenticator::new(house.store.clone());
    let session = identified(authenticator.authenticate_at(house.bot, &token, now()).await);
    assert!(session.is_current(at(NOW + 3599)) && !session.is_current(at(NOW + 3600)));
}

#[tokio::test]
async fn who_was_forgotten_is_not_brought_back_by_an_older_token() {
    let house = house().await;
    let authenticator = Authenticator::new(house.store.clone());
    let signer = Signer::new(&house.secret);
    let token = signer.sign_at(&ada(), now());
    let session = identified(authenticator.authenticate_at(house.bot, &token, now()).await);
    assert!(house.store.forget(house.project, session.provisioned.subscriber, at(NOW + 60)).await.unwrap());
    anonymous(
        authenticator.authenticate_at(house.bot, &token, at(NOW + 61)).await,
        AnonymousReason::Forgotten,
    );
    let newer = signer.sign_at(&ada(), at(NOW + 600));
    let again = identified(authenticator.authenticate_at(house.bot, &newer, at(NOW + 600)).await);
    assert_ne!(again.provisioned.subscriber, session.provisioned.subscriber);
    assert_eq!((again.provisioned.created_subscriber, again.provisioned.granted), (true, None));
}

#[tokio::test]
async fn the_system_clock_is_the_default() {
    let house = house().await;
    let authenticator = Authenticator::new(house.store.clone());
    let session = identified(authenticator.authenticate(house.bot, fresh(&house.secret)).await);
    let today = OffsetDateTime::now_utc().date();
    let activity = house.store.activity(house.project, today.previous_day().unwrap(), today).await.unwrap();
    assert_eq!(activity.iter().map(|day| (day.active, day.new)).collect::<Vec<_>>(), [(1, 1)]);
    assert!(session.visitor.identity().expires_at() > OffsetDateTime::now_utc());
}
