//! Each call is one atomic step: no half of it is seen, and none is left when its future is dropped.

use std::collections::BTreeSet;

use super::super::{error::ProvisionError, model::Lookup};
use super::concurrency::{insist, poll_and_drop};
use super::fixture::{Agent, CREDITS, Fixture, NEWER, NOW, at};
use super::schedule::{Schedule, forget_one};

/// Returns whether each of two names is found, the one that is looked up first before the other.
async fn are_found(
    agent: &Agent<'_, dyn Fixture + '_>,
    local: &str,
    external_id: &str,
    email_is_first: bool,
) -> [bool; 2] {
    if email_is_first {
        let by_email = agent.holder(local).await.is_some();
        [by_email, agent.named(external_id).await.is_some()]
    } else {
        let by_external_id = agent.named(external_id).await.is_some();
        [by_external_id, agent.holder(local).await.is_some()]
    }
}

/// A look in the middle of a first visit finds the whole subscriber, or none.
pub async fn no_half_of_a_first_visit_is_seen(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for email_is_first in [false, true] {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            let visitor = agent.vouch(&agent.person("ada", "Ada", "42"), NOW);
            let look = async {
                let found = are_found(&agent, "ada", "42", email_is_first).await;
                assert_ne!(found, [true, false], "a first visit is one atomic step: both names, or none");
                for id in agent.all().await {
                    let found = agent.read(id).await;
                    assert_eq!(
                        (found.name.as_deref(), found.external_id.as_deref(), found.granted),
                        (Some("Ada"), Some("42"), Some(CREDITS)),
                        "a first visit is one atomic step: the names and the grant with the subscriber"
                    );
                }
            };
            schedule.meet(insist(&agent, &visitor), look).await;
        }
    }
}

/// A look in the middle of a change of address finds the subscriber by the old one or by the new one.
pub async fn no_half_of_a_changed_address_is_seen(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let agent = Agent::new(store).await;
        agent.visit(&agent.person("ada", "Ada", "42")).await;
        let moved = agent.vouch(&agent.person("lovelace", "Countess", "42"), NOW);
        let look = async {
            let old = agent.holder("ada").await.is_some();
            let new = agent.holder("lovelace").await.is_some();
            assert!(old || new, "an address changes in one atomic step: one of the two finds the subscriber");
            let old = agent.holder("ada").await.is_some();
            assert!(!(new && old), "an address changes in one atomic step: only one of the two is found");
            let id = agent.named("42").await.expect("the external id stays");
            let found = agent.read(id).await;
            assert_eq!(
                found.email == Some(agent.address("lovelace")),
                found.name.as_deref() == Some("Countess"),
                "what a token changes changes in one atomic step"
            );
        };
        schedule.meet(insist(&agent, &moved), look).await;
    }
}

/// A look in the middle of an erasure finds the whole subscriber, or none, and then their tokens are refused.
pub async fn no_half_of_an_erasure_is_seen(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for email_is_first in [false, true] {
            let agent = Agent::new(store).await;
            let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
            let look = async {
                let found = are_found(&agent, "ada", "42", email_is_first).await;
                assert_ne!(found, [false, true], "an erasure is one atomic step: both names, or none");
                if !found[0] {
                    let (local, external_id) = if email_is_first { ("ada", "") } else { ("lovelace", "42") };
                    let visit = agent.try_visit(&agent.person(local, "", external_id), NOW, at(NOW)).await;
                    assert!(
                        matches!(visit, Err(ProvisionError::Forgotten)),
                        "an erasure is one atomic step: older tokens are refused from then on, not {visit:?}"
                    );
                }
            };
            let (forgotten, ()) = schedule.meet(forget_one(&agent, ada), look).await;
            assert!(forgotten, "there was a subscriber to forget");
        }
    }
}

/// An erasure whose future was dropped at any moment, and was then repeated, is whole.
pub async fn a_dropped_erasure_is_whole(store: &dyn Fixture) {
    for times in 0..8 {
        let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
        let ada = agent.visit(&agent.person("ada", "", "42")).await;
        agent.visit(&agent.person("lovelace", "", "42")).await;
        for _ in 0..2 {
            poll_and_drop(agent.store.forget(agent.project, ada.subscriber, at(NOW)), times);
        }
        forget_one(&agent, ada.subscriber).await;
        assert!(agent.all().await.is_empty(), "a repeated erasure is whole: the subscriber is gone");
        let mut accounts = BTreeSet::from([ada.account]);
        for (local, external_id) in [("ada", ""), ("lovelace", ""), ("byron", "42")] {
            let person = agent.person(local, "", external_id);
            let visit = agent.try_visit(&person, NOW, at(NOW + 1)).await;
            assert!(
                matches!(visit, Err(ProvisionError::Forgotten)),
                "a repeated erasure is whole: every name is forgotten, not {visit:?}"
            );
            let after = agent.visit_at(&person, NEWER).await;
            assert!(
                after.created_account && accounts.insert(after.account),
                "a repeated erasure is whole: the account is gone"
            );
            let granted = (after.granted, agent.read(after.subscriber).await.granted);
            assert_eq!(granted, (None, None), "a repeated erasure is whole: no grant is left or made again");
        }
    }
}

/// An erasure that was dropped at any moment takes an account's address with the last subscriber who has it,
/// or leaves both.
pub async fn a_dropped_erasure_leaves_no_account_without_address(store: &dyn Fixture) {
    for times in 0..8 {
        let (one, third) = (Agent::new(store).await, Agent::new(store).await);
        // A recycled mailbox: two subscribers of one account, of whom the first has the address.
        let first = one.visit(&one.person("ada", "", "42")).await;
        one.visit(&one.person("ada", "", "43")).await;
        poll_and_drop(one.store.forget(one.project, first.subscriber, at(NOW)), times);
        let later = third.visit(&one.person("ada", "", "")).await;
        let is_left = one.find(Lookup::Id(first.subscriber)).await.is_some();
        assert!(
            !(later.created_account && is_left),
            "the address goes in the atomic step of the erasure: a subscriber has it, and its account has not"
        );
    }
}
