//! Erasures that meet newer tokens, and each other.

use super::super::{error::ProvisionError, visit::ProvisionRequest};
use super::concurrency::insist_at;
use super::fixture::{Agent, CREDITS, DAY, Fixture, NEWER, at};
use super::schedule::{Schedule, all_subscribers_in_the_end, forget_one};

/// A newer token that meets an erasure finds the subscriber before it, or makes a new one with nothing of the
/// old one. It never writes the erased one again.
pub async fn an_erasure_meets_a_newer_token(store: &dyn Fixture) {
    let visits = [
        ("ada", "", "42", NEWER),
        ("ada", "", "", NEWER),
        ("lovelace", "", "42", NEWER),
        ("ada", "Countess", "42", NEWER + DAY),
    ];
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for (local, name, external_id, issued_at) in visits {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            let ada = agent.visit(&agent.person("ada", "Ada", "42")).await;
            let visitor = agent.vouch(&agent.person(local, name, external_id), issued_at);
            let visit = agent.provision(&visitor, at(issued_at));
            let (visit, forgotten) = schedule.meet(visit, forget_one(&agent, ada.subscriber)).await;
            assert!(forgotten, "there was a subscriber to forget");
            let left = all_subscribers_in_the_end(&agent).await;
            assert!(
                left.iter().all(|one| one.id != ada.subscriber),
                "a newer token brought the erased subscriber back: write only if they are still there"
            );
            match visit {
                Ok(new) if new.subscriber != ada.subscriber => {
                    let [found] = &left[..] else {
                        panic!("a newer token makes one new subscriber, not {}", left.len())
                    };
                    assert_eq!(
                        (found.id, found.name.as_deref().unwrap_or_default(), found.granted, new.granted),
                        (new.subscriber, name, None, None),
                        "a newer token makes a new subscriber, with nothing of the erased one"
                    );
                    assert_ne!(found.account, ada.account, "the account is gone with its last subscriber");
                }
                Ok(_) => {
                    assert!(left.is_empty(), "a visit before the erasure leaves no subscriber after it");
                }
                // It may have made the new one all the same.
                Err(ProvisionError::Store(_)) => {}
                Err(error) => panic!("a newer token beside an erasure is accepted, not refused: {error}"),
            }
        }
    }
}

/// Two erasures of one subscriber meet: at most one of them says that there was a subscriber. (None, where
/// the answer that said it was lost.)
pub async fn two_erasures_of_a_subscriber_meet(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
        let ada = agent.visit(&agent.person("ada", "", "42")).await;
        let erasure = || forget_one(&agent, ada.subscriber);
        let (one, other) = schedule.meet(erasure(), erasure()).await;
        assert!(
            !(one && other),
            "of two erasures of one subscriber, at most one says that there was a subscriber: look in the \
             atomic step that deletes"
        );
        assert!(all_subscribers_in_the_end(&agent).await.is_empty(), "a forgotten subscriber is not found");
        let after = agent.visit_at(&agent.person("ada", "", "42"), NEWER).await;
        assert!(after.created_account && after.account != ada.account, "the erasure is whole");
    }
}

/// Erasures of the two last subscribers of an account meet: the account is gone, with its address and grant.
pub async fn two_erasures_of_an_account_meet(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for is_one_project in [true, false] {
            let one = Agent::with_free_tier(store, Some(CREDITS)).await;
            let other = if is_one_project {
                Agent::of(store, one.project).await
            } else {
                Agent::with_free_tier(store, Some(CREDITS)).await
            };
            let ada = one.visit(&one.person("info", "", "1")).await;
            let grace = other.visit(&one.person("info", "", "2")).await;
            assert_eq!(ada.account, grace.account, "one address is one account");
            let erasures =
                schedule.meet(forget_one(&one, ada.subscriber), forget_one(&other, grace.subscriber)).await;
            assert_eq!(erasures, (true, true), "there were two subscribers to forget");
            let third = Agent::new(store).await;
            let after = third.visit(&one.person("info", "", "")).await;
            assert!(
                after.created_account && after.account != ada.account,
                "each of two erasures saw the other's subscriber, and left the account: let them wait for \
                 each other"
            );
        }
    }
}

/// An erasure takes no grant from a subscriber of the same account who is created in the middle of it.
pub async fn an_erasure_takes_no_grant_of_another(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for erasure_is_first in [false, true] {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            let ada = agent.visit(&agent.person("info", "", "1")).await;
            let visitor = agent.vouch(&agent.person("info", "", "2"), NEWER);
            let (erasure, visit) = (forget_one(&agent, ada.subscriber), insist_at(&agent, &visitor, NEWER));
            let visit = if erasure_is_first {
                schedule.meet(erasure, visit).await.1
            } else {
                schedule.meet(visit, erasure).await.0
            };
            let granted = agent.read(visit.subscriber).await.granted;
            let expected = (visit.account == ada.account).then_some(CREDITS);
            assert_eq!(
                granted, expected,
                "a grant stays while a subscriber of the project has the account: look for others in the \
                 atomic step that deletes"
            );
        }
    }
}

/// A request that forbids creation creates nothing, also when its visitor is erased in the middle of it.
pub async fn a_forbidden_creation_meets_an_erasure(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for (local, external_id) in [("ada", "42"), ("ada", ""), ("lovelace", "42")] {
            let agent = Agent::new(store).await;
            let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
            let visitor = agent.vouch(&agent.person(local, "", external_id), NEWER);
            let request = ProvisionRequest::new(visitor, at(NEWER)).without_creating();
            let (visit, forgotten) = schedule.meet(store.provision(request), forget_one(&agent, ada)).await;
            assert!(forgotten, "there was a subscriber to forget");
            assert!(
                matches!(&visit, Ok(found) if found.subscriber == ada)
                    || matches!(&visit, Err(ProvisionError::WouldCreate | ProvisionError::Store(_))),
                "a request that forbids creation finds the visitor, or is WouldCreate: not {visit:?}"
            );
            assert!(
                all_subscribers_in_the_end(&agent).await.is_empty(),
                "a request that forbids creation creates nothing: decide in the atomic step that writes"
            );
        }
    }
}
