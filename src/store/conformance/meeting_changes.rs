//! Changes of a secret and erasures that meet visits, and each other.

use super::super::error::ProvisionError;
use super::concurrency::{insist, until_available};
use super::fixture::{Agent, CREDITS, DAY, Fixture, NOW, at, current};
use super::schedule::{Schedule, change_secret, forget, look, look_in_the_end};

/// The first moment at which a token is newer than an erasure at [`NOW`].
const NEWER: i64 = NOW + 61;

/// When the change of a secret is answered, no visit under the old one writes any more: none of a new
/// visitor, none of a known one, none on a new day.
pub async fn a_changed_secret_ends_the_visits_under_way(store: &dyn Fixture) {
    let visits = [
        ("grace", "", "43", NOW),
        ("ada", "Countess", "42", NOW),
        ("lovelace", "", "42", NOW),
        ("ada", "", "", NOW + DAY),
    ];
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for (number, (local, name, external_id, now)) in visits.into_iter().enumerate() {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            agent.visit(&agent.person("ada", "Ada", "42")).await;
            let visitor = agent.vouch(&agent.person(local, name, external_id), now);
            let change = async {
                change_secret(&agent, number % 2 == 0).await;
                look_in_the_end(&agent).await
            };
            let (visit, changed) = schedule.meet(agent.provision(&visitor, at(now)), change).await;
            assert!(
                matches!(&visit, Ok(_) | Err(ProvisionError::SecretChanged | ProvisionError::Store(_))),
                "a visit beside a change of the secret succeeds before it, or is SecretChanged: not {visit:?}"
            );
            assert!(
                look(&agent).await == changed,
                "a visit wrote under an old version: compare the version in the atomic step that writes"
            );
        }
    }
}

/// When an erasure is answered, no older token writes any more: a visit that was under way does not bring the
/// forgotten subscriber back.
pub async fn an_erasure_ends_the_visits_under_way(store: &dyn Fixture) {
    let visits = [
        ("ada", "Ada", "42", NOW),
        ("ada", "Countess", "", NOW),
        ("lovelace", "", "42", NOW),
        ("ada", "", "42", NOW + DAY),
    ];
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for (local, name, external_id, now) in visits {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            let ada = agent.visit(&agent.person("ada", "Ada", "42")).await;
            let visitor = agent.vouch(&agent.person(local, name, external_id), NOW);
            let visit = agent.provision(&visitor, at(now));
            let (visit, forgotten) = schedule.meet(visit, forget(&agent, ada.subscriber)).await;
            assert!(forgotten, "there was a subscriber to forget");
            let found = matches!(&visit, Ok(found) if found.subscriber == ada.subscriber);
            assert!(
                found || matches!(&visit, Err(ProvisionError::Forgotten | ProvisionError::Store(_))),
                "a visit beside an erasure finds the subscriber before it, or is Forgotten: not {visit:?}"
            );
            assert!(
                look_in_the_end(&agent).await.is_empty(),
                "a visit brought the forgotten back: look for erasures in the atomic step that writes"
            );
            let visit = agent.try_visit(&agent.person("ada", "", ""), NOW, at(NOW + 1)).await;
            assert!(matches!(visit, Err(ProvisionError::Forgotten)), "the erasure is whole: not {visit:?}");
            let after = agent.visit_at(&agent.person("ada", "", "42"), NEWER).await;
            assert!(
                after.created_subscriber && after.granted.is_none() && after.account != ada.account,
                "the erasure is whole: subscriber, account and grant are gone"
            );
        }
    }
}

/// An address that a subscriber takes in the middle of their erasure is forgotten with them, or not taken.
pub async fn an_address_that_meets_an_erasure_is_forgotten(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let agent = Agent::new(store).await;
        let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
        let moved = agent.vouch(&agent.person("lovelace", "", "42"), NOW);
        let (forgotten, visit) =
            schedule.meet(forget(&agent, ada), agent.provision(&moved, at(NOW))).await;
        assert!(forgotten, "there was a subscriber to forget");
        assert!(look_in_the_end(&agent).await.is_empty(), "a forgotten subscriber is not found");
        let later = agent.try_visit(&agent.person("lovelace", "", ""), NOW, at(NOW + 1)).await;
        assert!(
            visit.is_err() || matches!(later, Err(ProvisionError::Forgotten)),
            "an address that was taken is forgotten with its subscriber: Forgotten, not {later:?}"
        );
    }
}

/// An account is not deleted under a subscriber who is created in the middle of the erasure of its last one,
/// nor the other way round.
pub async fn an_erasure_leaves_no_subscriber_without_account(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for erasure_is_first in [false, true] {
            let (one, other) = (Agent::new(store).await, Agent::new(store).await);
            let third = Agent::new(store).await;
            let ada = one.person("ada", "", "");
            let first = one.visit(&ada).await.subscriber;
            let visitor = other.vouch(&ada, NOW);
            let (erasure, visit) = (forget(&one, first), insist(&other, &visitor));
            let visit = if erasure_is_first {
                schedule.meet(erasure, visit).await.1
            } else {
                schedule.meet(visit, erasure).await.0
            };
            let found = other.read(visit.subscriber).await;
            assert_eq!(found.account, visit.account, "a subscriber keeps the account of the answer");
            let there = third.visit(&ada).await;
            assert_eq!(
                (there.account, there.created_account),
                (visit.account, false),
                "a new subscriber's account was deleted: look for others in the atomic step that deletes"
            );
        }
    }
}

/// Two changes of a secret meet, with a look in between: no version names two secrets, no secret has two
/// versions, and the secret in the end is one that was returned.
pub async fn two_changes_of_a_secret_meet(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for removes in [false, true] {
            let mut agent = Agent::new(store).await;
            let old = agent.current.clone();
            let between = async {
                let before = current(store, agent.bot).await;
                change_secret(&agent, removes).await;
                [before, current(store, agent.bot).await]
            };
            let regenerate = until_available("regenerate_secret", || store.regenerate_secret(agent.bot));
            let (first, between) = schedule.meet(regenerate, between).await;
            let first = first.expect("regenerate_secret works beside another");
            let last = current(store, agent.bot).await;
            let seen = between.into_iter().flatten().chain(last.clone());
            let seen: Vec<_> = seen.chain([old.clone()]).collect();
            for (number, one) in seen.iter().enumerate() {
                for other in &seen[..number] {
                    assert_eq!(
                        one.version == other.version,
                        one.secret == other.secret,
                        "no version ever names two secrets: write both in one step"
                    );
                }
            }
            let Some(last) = last else {
                assert!(removes, "two regenerations leave a secret");
                continue;
            };
            assert!(last.secret != old.secret, "a change of the secret ends the old one");
            assert!(!removes || last.secret == first, "the secret in the end is one that was returned");
            agent.current = last;
            agent.visit(&agent.person("ada", "", "")).await;
        }
    }
}
