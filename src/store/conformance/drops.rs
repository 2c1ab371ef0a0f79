//! Calls whose future is dropped: each happens completely, perhaps later, or not at all, and undoes no later
//! call.

use super::super::error::ProvisionError;
use super::concurrency::{insist, poll_and_drop, until_answered, until_available};
use super::fixture::{Agent, CREDITS, Fixture, NOW, at, current_bot_secret};
use super::schedule::{REPEATED_READS, change_secret, forget_one};

/// After how many polls a future is dropped at most: more than a call of a store has steps.
const MAX_POLLS: usize = 8;

/// A change of a secret whose future was dropped undoes no later regeneration: the secret that this one
/// returned stays.
pub async fn a_dropped_change_of_a_secret_undoes_no_later_one(store: &dyn Fixture) {
    for polls in 0..MAX_POLLS {
        for removes in [true, false] {
            let agent = Agent::new(store).await;
            if removes {
                poll_and_drop(store.remove_secret(agent.bot), polls);
            } else {
                poll_and_drop(store.regenerate_secret(agent.bot), polls);
            }
            let shown = change_secret(&agent, false).await;
            for _ in 0..REPEATED_READS {
                let found = current_bot_secret(store, agent.bot).await.map(|found| found.secret);
                assert!(
                    found == shown,
                    "a dropped change of a secret undid a later one: write only if the version is still \
                     the one that was read"
                );
            }
        }
    }
}

/// A removal whose future was dropped has removed the secret, or has changed nothing.
pub async fn a_dropped_removal_is_whole(store: &dyn Fixture) {
    for polls in 0..MAX_POLLS {
        let agent = Agent::new(store).await;
        poll_and_drop(store.remove_secret(agent.bot), polls);
        for _ in 0..REPEATED_READS {
            let found = current_bot_secret(store, agent.bot).await;
            assert!(
                found.is_none_or(|found| {
                    found.version == agent.current.version && found.secret == agent.current.secret
                }),
                "a removal is one atomic step: the old secret never has a new version"
            );
        }
    }
}

/// A free tier whose change was dropped undoes no later change.
pub async fn a_dropped_free_tier_undoes_no_later_one(store: &dyn Fixture) {
    for polls in 0..MAX_POLLS {
        let agent = Agent::with_free_tier(store, Some(1)).await;
        poll_and_drop(store.set_free_tier(agent.project, Some(2)), polls);
        let set = || store.set_free_tier(agent.project, Some(CREDITS));
        until_available("set_free_tier", set).await.expect("set_free_tier works after a dropped one");
        for look in 0..REPEATED_READS {
            let visitor = agent.vouch(&agent.person(&format!("n{look}"), "", ""), NOW);
            let granted = insist(&agent, &visitor).await.granted;
            assert_eq!(granted, Some(CREDITS), "a dropped set_free_tier undid a later one");
        }
    }
}

/// A visit whose future was dropped undoes no later one: what a later token of the same second has changed
/// stays.
pub async fn a_dropped_visit_undoes_no_later_one(store: &dyn Fixture) {
    for polls in 0..MAX_POLLS {
        let agent = Agent::new(store).await;
        let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
        let dropped = agent.vouch(&agent.person("byron", "Dropped", "42"), NOW);
        poll_and_drop(agent.provision(&dropped, at(NOW)), polls);
        insist(&agent, &agent.vouch(&agent.person("lovelace", "Countess", "42"), NOW)).await;
        for _ in 0..REPEATED_READS {
            let found = agent.read(ada).await;
            assert_eq!(
                (found.email, found.name.as_deref()),
                (Some(agent.address("lovelace")), Some("Countess")),
                "a dropped visit undid a later one: write only if the subscriber is still as it was read"
            );
        }
    }
}

/// A first visit whose future was dropped comes under no later secret, and brings no forgotten visitor back.
/// (A statement that a database is executing at that moment may still end, as if it had come before the
/// change of the secret: rarely, so not three times in a row.)
pub async fn a_dropped_visit_comes_under_no_later_secret_and_revives_no_one(store: &dyn Fixture) {
    let drop_first_visit = async |polls| {
        let agent = Agent::new(store).await;
        let visitor = agent.vouch(&agent.person("ada", "Ada", "42"), NOW);
        poll_and_drop(agent.provision(&visitor, at(NOW)), polls);
        (agent, visitor)
    };
    for polls in 0..MAX_POLLS {
        for removes in [true, false] {
            let mut is_ended = false;
            for _ in 0..3 {
                let (agent, _) = drop_first_visit(polls).await;
                change_secret(&agent, removes).await;
                let before = agent.all().await;
                is_ended = true;
                for _ in 0..REPEATED_READS {
                    is_ended &= agent.all().await == before;
                }
                if is_ended {
                    break;
                }
            }
            assert!(
                is_ended,
                "a dropped visit came under a later secret: compare the version in the atomic step that \
                 writes"
            );
        }
        let (agent, visitor) = drop_first_visit(polls).await;
        let ada = insist(&agent, &visitor).await.subscriber;
        assert!(forget_one(&agent, ada).await, "there was a subscriber to forget");
        for _ in 0..REPEATED_READS {
            assert!(
                agent.all().await.is_empty(),
                "a dropped visit brought the forgotten back: look for erasures in the atomic step that \
                 writes"
            );
        }
    }
}

/// A first visit whose future was dropped leaves no account without a subscriber.
pub async fn a_dropped_visit_leaves_no_account_alone(store: &dyn Fixture) {
    for polls in 0..MAX_POLLS {
        let (one, other) = (Agent::new(store).await, Agent::new(store).await);
        let ada = one.person("ada", "", "42");
        poll_and_drop(one.provision(&one.vouch(&ada, NOW), at(NOW)), polls);
        let there = insist(&other, &other.vouch(&ada, NOW)).await;
        assert!(
            there.created_account || !one.all().await.is_empty(),
            "an account is created with its subscriber, in one atomic step: or no erasure ever finds it"
        );
    }
}

/// A change of address whose future was dropped keeps the old address for an erasure.
pub async fn an_address_that_was_given_up_halfway_is_forgotten(store: &dyn Fixture) {
    for polls in 0..MAX_POLLS {
        let agent = Agent::new(store).await;
        let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
        let moved = agent.vouch(&agent.person("lovelace", "", "42"), NOW);
        poll_and_drop(agent.provision(&moved, at(NOW)), polls);
        assert!(forget_one(&agent, ada).await, "there was a subscriber to forget");
        let visit = until_answered(&agent, &agent.vouch(&agent.person("ada", "", ""), NOW), NOW + 1).await;
        assert!(
            matches!(visit, Err(ProvisionError::Forgotten)),
            "keep a past address in the atomic step that replaces it: Forgotten, not {visit:?}"
        );
        assert!(agent.all().await.is_empty(), "a dropped change of address brought the forgotten back");
    }
}
