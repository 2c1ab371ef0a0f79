//! Several subscribers of one account: in one project (a recycled mailbox), and in several.

use super::super::{error::ProvisionError, model::LinkConflict};
use super::fixture::{Agent, CREDITS, Fixture, NEWER, NOW, at};

/// Forgetting one subscriber leaves another one of the same account, in the same project, whole: their
/// account, their grant, their names.
pub async fn forgetting_one_subscriber_leaves_anothers_account(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let elsewhere = Agent::new(store).await;
    let (first, second) = (agent.person("info", "Ada", "1"), agent.person("info", "Grace", "2"));
    let (ada, grace) = (agent.visit(&first).await, agent.visit(&second).await);
    let before = agent.read(ada.subscriber).await;
    assert!(agent.forget(grace.subscriber, NOW).await, "there was a subscriber to forget");
    let after = agent.read(ada.subscriber).await;
    assert_eq!(
        after.granted,
        Some(CREDITS),
        "the grant stays while another subscriber of the project has the account"
    );
    assert!(after == before, "forgetting one subscriber changes nothing of another one of the same account");
    assert_eq!(agent.visit(&first).await.subscriber, ada.subscriber, "the other one's tokens go on working");
    let refused = agent.try_visit(&second, NOW, at(NOW + 1)).await;
    assert!(matches!(refused, Err(ProvisionError::Forgotten)), "the forgotten one's do not: not {refused:?}");
    let there = elsewhere.visit(&agent.person("info", "", "")).await;
    assert_eq!(
        (there.account, there.created_account),
        (ada.account, false),
        "an account stays while any subscriber has it, also one of the same project: look first"
    );
}

/// The subscriber who is left takes the address that the forgotten one had, with a newer token.
pub async fn who_is_left_takes_the_address_of_the_forgotten(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let (first, second) = (agent.person("info", "Ada", "1"), agent.person("info", "Grace", "2"));
    let (ada, grace) = (agent.visit(&first).await, agent.visit(&second).await);
    agent.forget(ada.subscriber, NOW).await;
    let refused = agent.try_visit(&second, NOW, at(NOW + 1)).await;
    assert!(
        matches!(refused, Err(ProvisionError::Forgotten)),
        "an older token with a forgotten address is refused, whichever subscriber it also names: not \
         {refused:?}"
    );
    let after = agent.visit_at(&second, NEWER).await;
    assert_eq!(
        (after.subscriber, after.account, after.conflict),
        (grace.subscriber, grace.account, None),
        "the subscriber who is left is found by their external id, and has the address to themselves"
    );
    assert_eq!(agent.holder("info").await, Some(grace.subscriber), "a forgotten address is free");
    let found = agent.read(grace.subscriber).await;
    assert_eq!(
        (found.name.as_deref(), found.granted, after.granted),
        (Some("Grace"), Some(CREDITS), None),
        "the one who is left keeps their own name and what the account was granted, and gets no more"
    );
}

/// A free tier that is new by the time of the second subscriber is granted to the account, once.
pub async fn a_later_subscriber_of_an_account_is_granted_what_it_was_not(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let first = agent.visit(&agent.person("info", "", "1")).await.subscriber;
    store.set_free_tier(agent.project, Some(CREDITS)).await.expect("set_free_tier works");
    let second = agent.visit(&agent.person("info", "", "2")).await;
    assert_eq!(second.granted, Some(CREDITS), "creating a subscriber grants the current free tier");
    store.set_free_tier(agent.project, Some(CREDITS + 1)).await.expect("set_free_tier works");
    let third = agent.visit(&agent.person("info", "", "3")).await;
    assert_eq!(third.granted, None, "a grant is unique by project and account");
    for subscriber in [first, second.subscriber, third.subscriber] {
        let granted = agent.read(subscriber).await.granted;
        assert_eq!(granted, Some(CREDITS), "a grant is the account's: each of its subscribers shows it");
    }
}

/// An address that its subscriber gave up is the same account for the next person who has it.
pub async fn a_recycled_address_is_the_same_account(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let before = agent.visit(&agent.person("info", "Ada", "1")).await;
    agent.visit(&agent.person("ada", "", "1")).await;
    let after = agent.visit(&agent.person("info", "", "")).await;
    assert!(after.created_subscriber, "another person is another subscriber");
    assert_eq!(
        (after.account, after.created_account, after.granted),
        (before.account, false, None),
        "an account is unique by e-mail key, and was granted already"
    );
    let found = agent.read(after.subscriber).await;
    assert_eq!((found.name, found.external_id), (None, None), "the next person inherits nothing");

    agent.forget(after.subscriber, NOW).await;
    let kept = agent.read(before.subscriber).await;
    assert_eq!(
        (kept.account, kept.granted, kept.email, kept.past_addresses),
        (before.account, Some(CREDITS), Some(agent.address("ada")), 1),
        "forgetting the next person changes nothing of the one before"
    );
    agent.visit(&agent.person("ada", "", "1")).await;
}

/// The next person who has an address keeps it when the one who had it before is forgotten, and their older
/// tokens are refused like everyone else's.
pub async fn a_past_address_stays_with_who_has_it_now(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let before = agent.visit(&agent.person("info", "", "1")).await.subscriber;
    agent.visit(&agent.person("ada", "", "1")).await;
    let (next, renamed) = (agent.person("info", "Grace", "2"), agent.person("info", "Hopper", "2"));
    let now = agent.visit(&next).await;
    agent.forget(before, NOW).await;
    let refused = agent.try_visit(&renamed, NOW, at(NOW + 1)).await;
    assert!(
        matches!(refused, Err(ProvisionError::Forgotten)),
        "a past address is forgotten with its subscriber, even if another one has it now: Forgotten, not \
         {refused:?}"
    );
    let found = agent.read(now.subscriber).await;
    assert_eq!(
        (found.email, found.name.as_deref(), found.account),
        (Some(agent.address("info")), Some("Grace"), now.account),
        "the subscriber who has the address now is left as they were"
    );
    let after = agent.visit_at(&renamed, NEWER).await;
    assert_eq!(after.subscriber, now.subscriber, "a newer token finds them again");
    assert!(!after.created_subscriber && after.conflict.is_none(), "a newer token finds them again");
}

/// A subscriber who takes an address that is another account's elsewhere keeps their own account.
pub async fn a_changed_address_moves_no_account(store: &dyn Fixture) {
    let (one, other) = (Agent::with_free_tier(store, Some(CREDITS)).await, Agent::new(store).await);
    let ada = one.visit(&one.person("ada", "Ada", "42")).await;
    let grace = other.visit(&one.person("grace", "Grace", "42")).await;
    let moved = one.visit(&one.person("grace", "Ada", "42")).await;
    let same = (moved.subscriber, moved.account);
    assert_eq!(same, (ada.subscriber, ada.account), "history and credits never move");
    assert!(!moved.created_account && moved.granted.is_none(), "a changed address creates nothing");
    let found = one.read(ada.subscriber).await;
    let kept = (found.account, found.granted);
    assert_eq!(kept, (ada.account, Some(CREDITS)), "history and credits never move");
    let there = other.read(grace.subscriber).await;
    assert_eq!(
        (there.account, there.name.as_deref()),
        (grace.account, Some("Grace")),
        "another project's subscriber is left alone"
    );
    assert_ne!(grace.account, ada.account, "two addresses are two accounts");

    // The account goes with its last subscriber, whatever address they have by then.
    one.forget(ada.subscriber, NOW).await;
    let third = Agent::new(store).await;
    let old = third.visit(&one.person("ada", "", "")).await;
    let new = third.visit(&one.person("grace", "", "")).await;
    assert!(
        old.created_account && old.account != ada.account,
        "the account goes with its last subscriber, though they had changed their address"
    );
    assert_eq!((new.account, new.created_account), (grace.account, false), "another account stays");
}

/// An address that a subscriber took later is no address of their account: the next person who has it, in
/// another project, has an account of their own.
pub async fn a_changed_address_joins_no_account(store: &dyn Fixture) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let ada = one.visit(&one.person("ada", "", "42")).await;
    let moved = one.visit(&one.person("fresh", "", "42")).await;
    assert_eq!(moved.account, ada.account, "history and credits never move");
    let there = other.visit(&one.person("fresh", "", "")).await;
    assert!(
        there.created_account && there.account != ada.account,
        "a changed address joins no account: or the owner of one project could take over, in every other \
         one, an address that they only claim"
    );
    let old = other.visit(&one.person("ada", "", "")).await;
    assert_eq!(
        (old.account, old.created_account),
        (ada.account, false),
        "an account keeps the address that it was created with"
    );
    assert_eq!(one.read(ada.subscriber).await.account, ada.account, "history and credits never move");
}

/// A newcomer with an address that another subscriber took later does not get that one's account: they have
/// an account and a grant of their own.
pub async fn a_newcomer_gets_no_account_of_who_took_the_address(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await;
    agent.visit(&agent.person("fresh", "", "42")).await;
    let new = agent.visit(&agent.person("fresh", "", "43")).await;
    assert!(
        new.created_account && new.account != ada.account,
        "an address that was taken later is not the account's: find an account by its own e-mail key"
    );
    assert_eq!(
        (new.conflict, new.granted),
        (Some(LinkConflict::new(ada.subscriber)), Some(CREDITS)),
        "the newcomer has an account of their own, so it is granted the free tier"
    );
    for (visit, local) in [(ada, Some("fresh")), (new, None)] {
        let found = agent.read(visit.subscriber).await;
        assert_eq!(
            (found.account, found.granted, found.email),
            (visit.account, Some(CREDITS), local.map(|local| agent.address(local))),
            "each of the two keeps their own account and grant"
        );
    }
}

/// An account loses the address that its forgotten subscriber had given up, though another subscriber, who
/// does not have the address, has the account.
pub async fn the_address_is_gone_with_who_had_given_it_up(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let elsewhere = Agent::new(store).await;
    let first = agent.visit(&agent.person("info", "", "1")).await;
    let second = agent.visit(&agent.person("info", "", "2")).await; // without the address
    assert_eq!(second.account, first.account, "one address, one account");
    agent.visit(&agent.person("ada", "", "1")).await;
    agent.forget(first.subscriber, NOW).await;
    let there = elsewhere.visit_at(&agent.person("info", "", ""), NEWER).await;
    assert!(
        there.created_account && there.account != first.account,
        "no subscriber has the account's address any more: take it from the account, also if it was a past \
         address of the forgotten"
    );
    let left = agent.read(second.subscriber).await;
    assert_eq!(
        (left.account, left.granted),
        (first.account, Some(CREDITS)),
        "the subscriber who is left keeps the account and what it was granted"
    );
}

/// A grant is forgotten with the project's last subscriber of the account, and stays in other projects.
pub async fn a_grant_is_forgotten_in_its_project_only(store: &dyn Fixture) {
    let one = Agent::with_free_tier(store, Some(CREDITS)).await;
    let other = Agent::with_free_tier(store, Some(7)).await;
    let ada = one.person("ada", "Ada", "42");
    let (here, there) = (one.visit(&ada).await, other.visit(&ada).await);
    one.forget(here.subscriber, NOW).await;
    let kept = other.read(there.subscriber).await;
    assert_eq!(
        (kept.granted, kept.name.as_deref(), kept.email),
        (Some(7), Some("Ada"), Some(one.address("ada"))),
        "erasure ends at the project: another one keeps its grant and its names"
    );
    assert_eq!(other.visit(&ada).await.subscriber, there.subscriber, "erasure ends at the project");
    let after = one.visit_at(&ada, NEWER).await;
    assert_eq!(after.account, here.account, "the account stays while another project uses it");
    let found = one.read(after.subscriber).await;
    assert_eq!(
        (after.granted, found.granted),
        (None, None),
        "delete a grant with the project's last subscriber of the account"
    );
}
