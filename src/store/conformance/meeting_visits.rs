//! Visits that meet: one is made in the middle of the other.

use super::super::model::LinkConflict;
use super::concurrency::{assert_one_of_each, insist, until_available};
use super::fixture::{Agent, CREDITS, Fixture, NOW};
use super::schedule::{Schedule, all_subscribers_in_the_end};

/// Two first visits of one visitor make one of each.
pub async fn two_first_visits_meet(store: &dyn Fixture) {
    let pairs = [
        [("ada", ""), ("ada", "")],
        [("ada", ""), ("ADA", "42")],
        [("ada", "42"), ("ada", "")],
        [("ada", "42"), ("lovelace", "42")],
    ];
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for tokens in pairs {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            let [one, other] =
                tokens.map(|(local, external_id)| agent.vouch(&agent.person(local, "", external_id), NOW));
            let (one, other) = schedule.meet(insist(&agent, &one), insist(&agent, &other)).await;
            assert_one_of_each(&agent, &[one, other]).await;
            assert!(
                one.created_subscriber != other.created_subscriber
                    && one.created_account != other.created_account
                    && one.granted.is_some() != other.granted.is_some(),
                "exactly one call reports each creation and the grant"
            );
            if tokens.iter().any(|(_, external_id)| !external_id.is_empty()) {
                let named = agent.named("42").await;
                assert_eq!(named, Some(one.subscriber), "the subscriber has the external id in the end");
            }
        }
    }
}

/// First visits of one person to two projects make one account.
pub async fn two_projects_meet_in_an_account(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let here = Agent::with_free_tier(store, Some(CREDITS)).await;
        let there = Agent::with_free_tier(store, Some(CREDITS)).await;
        let ada = here.person("ada", "", "");
        let (one, other) = (here.vouch(&ada, NOW), there.vouch(&ada, NOW));
        let (one, other) = schedule.meet(insist(&here, &one), insist(&there, &other)).await;
        assert_eq!(one.account, other.account, "an account is unique by e-mail key: let that key decide");
        assert!(
            one.created_account != other.created_account,
            "exactly one call reports that it created the account"
        );
        assert_one_of_each(&here, &[one]).await;
        assert_one_of_each(&there, &[other]).await;
    }
}

/// Two external ids come to one address: one of them takes it, the other is a subscriber without it.
pub async fn two_external_ids_meet_at_an_address(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for is_known in [false, true] {
            let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
            let mut known = None;
            if is_known {
                known = Some(agent.visit(&agent.person("info", "", "")).await.subscriber);
            }
            let [one, other] =
                ["1", "2"].map(|external_id| agent.vouch(&agent.person("info", "", external_id), NOW));
            let (one, other) = schedule.meet(insist(&agent, &one), insist(&agent, &other)).await;
            assert_ne!(one.subscriber, other.subscriber, "two external ids are two subscribers");
            assert_eq!(one.account, other.account, "one address is one account");
            let named = (agent.named("1").await, agent.named("2").await);
            assert_eq!(
                named,
                (Some(one.subscriber), Some(other.subscriber)),
                "an external id is written once, and finds the visitor whom provision answered"
            );
            assert_eq!(agent.all().await.len(), 2, "two external ids are two subscribers");
            let holder = agent.holder("info").await.expect("one of the two has the address");
            assert!(known.is_none_or(|known| known == holder), "the address stays with who had it");
            for answer in [one, other] {
                let conflict = (answer.subscriber != holder).then(|| LinkConflict::new(holder));
                assert_eq!(answer.conflict, conflict, "the one who does not get the address has a conflict");
                let granted = agent.read(answer.subscriber).await.granted;
                assert_eq!(granted, Some(CREDITS), "the account is granted once, and both show it");
            }
            let granted = [one, other].iter().filter(|answer| answer.granted.is_some()).count();
            assert_eq!(granted, usize::from(!is_known), "a grant is made once");
        }
    }
}

/// Two subscribers take one free address: one of them gets it, the other keeps their own.
pub async fn two_subscribers_meet_at_a_free_address(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let agent = Agent::new(store).await;
        let mut subscribers = Vec::new();
        for (local, external_id) in [("ada", "1"), ("grace", "2")] {
            subscribers.push(agent.visit(&agent.person(local, "", external_id)).await.subscriber);
        }
        let [one, other] =
            ["1", "2"].map(|external_id| agent.vouch(&agent.person("free", "", external_id), NOW));
        let (one, other) = schedule.meet(insist(&agent, &one), insist(&agent, &other)).await;
        assert_eq!([one, other].map(|of| of.subscriber), subscribers[..], "the external id is the visitor");
        let holder = agent.holder("free").await.expect("one of the two has the address");
        for (answer, own) in [(one, "ada"), (other, "grace")] {
            let is_holder = answer.subscriber == holder;
            let found = agent.read(answer.subscriber).await;
            assert_eq!(
                (found.email, found.past_addresses),
                (Some(agent.address(if is_holder { "free" } else { own })), u64::from(is_holder)),
                "an address has one holder: the other subscriber keeps their own"
            );
            let conflict = (!is_holder).then(|| LinkConflict::new(holder));
            assert_eq!(answer.conflict, conflict, "the one who does not get the address has a conflict");
        }
    }
}

/// A first visit that is written after the free tier was changed is granted the new one.
pub async fn a_free_tier_is_that_of_the_moment(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for [before, after] in [[Some(1), Some(2)], [Some(1), None], [None, Some(2)]] {
            // A statement that is under way in a database may see what was there when it began: rarely, and
            // then its visit counts as the earlier one. A store that reads the tier in a step of its own does
            // so every time.
            let mut is_current = false;
            for _ in 0..3 {
                let agent = Agent::with_free_tier(store, before).await;
                let visitor = agent.vouch(&agent.person("ada", "", "42"), NOW);
                let change = async {
                    let set = || store.set_free_tier(agent.project, after);
                    until_available("set_free_tier", set).await.expect("set_free_tier works beside a visit");
                    !all_subscribers_in_the_end(&agent).await.is_empty()
                };
                let (visit, was_there) = schedule.meet(insist(&agent, &visitor), change).await;
                let granted = agent.read(visit.subscriber).await.granted;
                assert_eq!(granted, visit.granted, "the subscriber shows what was granted");
                assert!(
                    [before, after].contains(&granted),
                    "a new subscriber is granted a free tier that their project has or had"
                );
                is_current = granted == after || was_there;
                if is_current {
                    break;
                }
            }
            assert!(
                is_current,
                "a new subscriber is granted the current free tier: read it in the same atomic step"
            );
        }
    }
}
