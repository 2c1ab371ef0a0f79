//! Changes of a secret and erasures that meet visits, and each other.

use super::super::error::ProvisionError;
use super::concurrency::insist;
use super::fixture::{Agent, CREDITS, DAY, Fixture, NEWER, NOW, at, current_bot_secret};
use super::schedule::{Schedule, all_subscribers, all_subscribers_in_the_end, change_secret, forget_one};

/// When the change of a secret is answered, no visit under the old one writes any more: none of a new
/// visitor, none of a known one, none on a new day. (A statement that a database is executing at that moment
/// may still end, as if it had come before: rarely, so not three times in a row. A store that compares the
/// version in a step of its own does so every time.)
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
            let mut is_ended = false;
            for _ in 0..3 {
                let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
                agent.visit(&agent.person("ada", "Ada", "42")).await;
                let visitor = agent.vouch(&agent.person(local, name, external_id), now);
                let change = async {
                    change_secret(&agent, number % 2 == 0).await;
                    all_subscribers_in_the_end(&agent).await
                };
                let (visit, changed) = schedule.meet(agent.provision(&visitor, at(now)), change).await;
                assert!(
                    matches!(&visit, Ok(_) | Err(ProvisionError::SecretChanged | ProvisionError::Store(_))),
                    "a visit beside a change of the secret succeeds before it, or is SecretChanged: not \
                     {visit:?}"
                );
                is_ended = all_subscribers(&agent).await == changed;
                if is_ended {
                    break;
                }
            }
            assert!(
                is_ended,
                "a visit wrote under an old version: compare the version in the atomic step that writes"
            );
        }
    }
}

/// A change of another bot's secret, or an erasure of another subscriber, ends no visit.
pub async fn a_change_of_another_ends_no_visit(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for number in 0..3 {
            let agent = Agent::new(store).await;
            let other = Agent::of(store, agent.project).await;
            let grace = agent.visit(&agent.person("grace", "", "43")).await.subscriber;
            let visitor = agent.vouch(&agent.person("ada", "Ada", "42"), NOW);
            let change = async {
                if number < 2 {
                    change_secret(&other, number == 0).await;
                } else {
                    assert!(forget_one(&agent, grace).await, "there was a subscriber to forget");
                }
            };
            let (visit, ()) = schedule.meet(agent.provision(&visitor, at(NOW)), change).await;
            assert!(
                visit.as_ref().is_ok_and(|new| new.created_subscriber)
                    || matches!(&visit, Err(ProvisionError::Store(error)) if error.is_retryable()),
                "a visit beside a change that is none of its own succeeds, or may be repeated: not {visit:?}"
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
            let (visit, forgotten) = schedule.meet(visit, forget_one(&agent, ada.subscriber)).await;
            assert!(forgotten, "there was a subscriber to forget");
            let found = matches!(&visit, Ok(found) if found.subscriber == ada.subscriber);
            assert!(
                found || matches!(&visit, Err(ProvisionError::Forgotten | ProvisionError::Store(_))),
                "a visit beside an erasure finds the subscriber before it, or is Forgotten: not {visit:?}"
            );
            assert!(
                all_subscribers_in_the_end(&agent).await.is_empty(),
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
            schedule.meet(forget_one(&agent, ada), agent.provision(&moved, at(NOW))).await;
        assert!(forgotten, "there was a subscriber to forget");
        assert!(all_subscribers_in_the_end(&agent).await.is_empty(), "a forgotten subscriber is not found");
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
            let (erasure, visit) = (forget_one(&one, first), insist(&other, &visitor));
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

/// Two changes of a secret meet, with looks in between: no version names two secrets, no secret has two
/// versions, and the secret in the end is one that was returned.
pub async fn two_changes_of_a_secret_meet(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for removes in [[false, false], [false, true], [true, false], [true, true]] {
            let mut agent = Agent::new(store).await;
            let old = agent.current.clone();
            let between = async {
                let before = current_bot_secret(store, agent.bot).await;
                let changed = change_secret(&agent, removes[1]).await;
                (changed, [before, current_bot_secret(store, agent.bot).await])
            };
            let (first, (second, between)) = schedule.meet(change_secret(&agent, removes[0]), between).await;
            let last = current_bot_secret(store, agent.bot).await;
            let seen = between.into_iter().flatten().chain(last.clone());
            let seen: Vec<_> = seen.chain([old.clone()]).collect();
            for (number, one) in seen.iter().enumerate() {
                for other in &seen[..number] {
                    assert_eq!(
                        one.version == other.version,
                        one.secret == other.secret,
                        "no version ever names two secrets, no secret has two versions: write both in one \
                         step"
                    );
                }
            }
            let Some(last) = last else {
                assert!(removes.contains(&true), "two regenerations leave a secret");
                continue;
            };
            assert!(last.secret != old.secret, "a change of the secret ends the old one");
            assert!(
                [first, second].contains(&Some(last.secret.clone())),
                "the secret in the end is one that was returned"
            );
            agent.current = last;
            agent.visit(&agent.person("ada", "", "")).await;
        }
    }
}
