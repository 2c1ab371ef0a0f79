//! One account per address in the whole store, one grant per project and account.

use super::fixture::{Agent, CREDITS, DAY, Fixture, NOW};
use crate::id::SubscriberId;

async fn granted(agent: &Agent<'_, dyn Fixture + '_>, subscriber: SubscriberId) -> Option<u32> {
    agent.read(subscriber).await.granted
}

/// The same names in two projects are two subscribers of one account.
pub async fn an_account_is_unique_across_projects(store: &dyn Fixture) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let here = one.visit(&one.person("ada", "Ada", "42")).await;
    let there = other.visit(&one.person("ADA", "Countess", "42")).await;
    assert_ne!(here.subscriber, there.subscriber, "a subscriber is of one project: key it by project");
    assert!(there.created_subscriber && !there.created_account, "the second project finds the account");
    assert_eq!(here.account, there.account, "an account is unique by e-mail key, across projects");
    let found = one.read(here.subscriber).await;
    assert_eq!(found.name.as_deref(), Some("Ada"), "a visit to one project changes nothing in another");
    assert_eq!(found.email, Some(one.address("ada")), "a visit to one project changes nothing in another");

    let third = Agent::new(store).await;
    let same_id = third.visit(&third.person("grace", "", "42")).await;
    assert!(same_id.created_account, "an external id says nothing outside of its project");
}

/// Without a free tier nothing is granted.
pub async fn no_free_tier_no_grant(store: &dyn Fixture) {
    for none in [None, Some(0)] {
        let agent = Agent::with_free_tier(store, none).await;
        let ada = agent.visit(&agent.person("ada", "", "")).await;
        assert_eq!(ada.granted, None, "a project without a free tier, or with one of 0, grants nothing");
        assert_eq!(granted(&agent, ada.subscriber).await, None, "nothing granted, nothing shown");
    }
}

/// A grant is made at the first visit, once.
pub async fn a_grant_is_made_once(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = agent.person("ada", "", "42");
    let first = agent.visit(&ada).await;
    assert_eq!(first.granted, Some(CREDITS), "the first visit is granted the free tier");
    for later in [0, DAY] {
        let again = agent.visit_at(&ada, NOW + later).await;
        assert_eq!(again.granted, None, "a grant is made once per project and account");
        assert_eq!(
            granted(&agent, first.subscriber).await,
            Some(CREDITS),
            "the subscriber shows their grant"
        );
    }
}

/// A grant's amount is the project's at that moment.
pub async fn a_grant_is_of_the_projects_amount(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let tiers = [Some(1), Some(0), Some(u32::MAX), None, Some(CREDITS)];
    for (number, tier) in tiers.into_iter().enumerate() {
        store.set_free_tier(agent.project, tier).await.expect("set_free_tier works");
        let tier = tier.filter(|credits| *credits > 0); // 0 is none
        let visit = agent.visit(&agent.person(&format!("n{number}"), "", "")).await;
        assert_eq!(visit.granted, tier, "a grant's amount is the project's: read it in the same atomic step");
        assert_eq!(granted(&agent, visit.subscriber).await, tier, "the subscriber shows what was granted");
    }
}

/// A free tier set later gives existing subscribers nothing, and takes nothing away.
pub async fn a_later_free_tier_grants_existing_subscribers_nothing(store: &dyn Fixture) {
    for before in [None, Some(CREDITS)] {
        let agent = Agent::with_free_tier(store, before).await;
        let ada = agent.person("ada", "", "");
        let subscriber = agent.visit(&ada).await.subscriber;
        for (day, tier) in (0..).zip([Some(CREDITS * 2), None]) {
            store.set_free_tier(agent.project, tier).await.expect("set_free_tier works");
            let again = agent.visit_at(&ada, NOW + day * DAY).await;
            assert_eq!(again.granted, None, "grant when a subscriber is created, at no other time");
            assert_eq!(granted(&agent, subscriber).await, before, "what was granted stays what it was");
        }
        store.set_free_tier(agent.project, Some(CREDITS * 3)).await.expect("set_free_tier works");
        let changes =
            [("ada", "Ada", ""), ("ADA", "", ""), ("ada", "", "42"), ("lovelace", "Countess", "42")];
        for (local, name, external_id) in changes {
            let again = agent.visit_at(&agent.person(local, name, external_id), NOW + 2 * DAY).await;
            assert_eq!(again.subscriber, subscriber, "a known visitor is found");
            assert_eq!(again.granted, None, "grant when a subscriber is created, not when one changes");
            assert_eq!(granted(&agent, subscriber).await, before, "what was granted stays what it was");
        }
    }
}

/// A second subscriber of one project on the same account is not granted again.
pub async fn a_second_subscriber_of_an_account_is_not_granted_again(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let first = agent.visit(&agent.person("info", "", "1")).await;
    let second = agent.visit(&agent.person("info", "", "2")).await;
    assert!(second.created_subscriber && second.account == first.account, "two subscribers, one account");
    assert_eq!(second.granted, None, "a grant is unique by project and account, not by subscriber");
}

/// Each project grants its own free tier to the same account.
pub async fn each_project_grants_for_itself(store: &dyn Fixture) {
    let one = Agent::with_free_tier(store, Some(CREDITS)).await;
    let other = Agent::with_free_tier(store, Some(7)).await;
    let ada = one.person("ada", "", "");
    let (here, there) = (one.visit(&ada).await, other.visit(&ada).await);
    assert_eq!((here.granted, there.granted), (Some(CREDITS), Some(7)), "each project grants for itself");
    assert_eq!(granted(&one, here.subscriber).await, Some(CREDITS), "a grant is shown in its own project");
    assert_eq!(granted(&other, there.subscriber).await, Some(7), "a grant is shown in its own project");
}
