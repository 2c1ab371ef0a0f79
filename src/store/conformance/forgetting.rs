//! Erasure: what is gone, what stays away, and what stays counted.

use super::super::{error::ProvisionError, model::Lookup, visit::ProvisionRequest};
use super::fixture::{Agent, CREDITS, DAY, Fixture, NEWER, NOW, SKEW, at, current_bot_secret, day};
use crate::{id::SubscriberId, identity::Identity};

async fn assert_forgotten(agent: &Agent<'_, dyn Fixture + '_>, person: &Identity, issued_at: i64) {
    let visit = agent.try_visit(person, issued_at, at(NOW + 1)).await;
    assert!(
        matches!(visit, Err(ProvisionError::Forgotten)),
        "a token issued before its subscriber was forgotten: Forgotten, not {visit:?}; keep the keys and when"
    );
}

/// `forget` answers whether there was a subscriber to forget.
pub async fn forgetting_says_whether_there_was_a_subscriber(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
    assert!(
        !agent.forget(SubscriberId::generate().unwrap(), NOW).await,
        "there is no subscriber with this id"
    );
    assert!(agent.forget(ada, NOW).await, "there was a subscriber to forget");
    assert!(!agent.forget(ada, NOW).await, "they are forgotten already");
}

/// A project forgets its own subscribers only.
pub async fn a_subscriber_is_not_forgotten_from_another_project(store: &dyn Fixture) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let ada = one.person("ada", "Ada", "42");
    let subscriber = one.visit(&ada).await.subscriber;
    assert!(!other.forget(subscriber, NOW).await, "a project forgets its own subscribers only");
    assert_eq!(one.read(subscriber).await.name.as_deref(), Some("Ada"), "nothing happened to them");
    assert_eq!(one.visit(&ada).await.subscriber, subscriber, "their tokens go on working");
}

/// A forgotten subscriber is found by none of their names, and not listed; the others are left alone.
pub async fn a_forgotten_subscriber_is_not_found(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
    let grace = agent.visit(&agent.person("grace", "Grace", "43")).await.subscriber;
    agent.forget(ada, NOW).await;
    assert!(agent.find(Lookup::Id(ada)).await.is_none(), "a forgotten id finds no subscriber");
    assert_eq!(agent.named("42").await, None, "a forgotten external id finds no subscriber");
    assert_eq!(agent.holder("ada").await, None, "a forgotten address finds no subscriber");
    assert_eq!(agent.all().await, [grace], "a forgotten subscriber is not listed, another one is");
    let again = agent.visit_later(&agent.person("grace", "Grace", "43"), NOW - 1, NOW + 1).await;
    assert_eq!(again.subscriber, grace, "another subscriber's older tokens go on working");
}

/// A token issued before the erasure, by a clock up to a minute ahead, is refused.
pub async fn a_token_issued_before_does_not_bring_them_back(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "Ada", "42");
    let subscriber = agent.visit(&ada).await.subscriber;
    agent.forget(subscriber, NOW).await;
    for issued_at in [NOW - 3599, NOW, NOW + 1, NOW + SKEW] {
        assert_forgotten(&agent, &ada, issued_at).await;
    }
    assert!(agent.all().await.is_empty(), "a refused visit writes nothing");
    // An erasure is as of a second, not of a minute.
    let grace = agent.person("grace", "", "43");
    let subscriber = agent.visit(&grace).await.subscriber;
    agent.forget(subscriber, NOW + 17).await;
    for issued_at in [NOW + SKEW + 1, NOW + SKEW + 17] {
        assert_forgotten(&agent, &grace, issued_at).await;
    }
    let after = agent.visit_at(&grace, NOW + SKEW + 18).await;
    assert!(after.created_subscriber, "a token issued a minute and a second later is a newer one");
}

/// A token issued before is recognised by either name: the address in any ASCII case, or the external id.
pub async fn a_token_issued_before_is_known_by_either_name(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let subscriber = agent.visit(&agent.person("Ada", "", "42")).await.subscriber;
    agent.forget(subscriber, NOW).await;
    for (local, external_id) in [("ada", ""), ("ADA", ""), ("ada", "43"), ("lovelace", "42")] {
        assert_forgotten(&agent, &agent.person(local, "", external_id), NOW).await;
    }
    let stranger = agent.visit(&agent.person("lovelace", "", "43")).await;
    assert!(stranger.created_subscriber, "a visitor who was not forgotten is not refused");
    // An external id that was taken later is a name like another.
    let subscriber = agent.visit(&agent.person("grace", "", "")).await.subscriber;
    let taken = agent.visit(&agent.person("grace", "", "44")).await;
    assert_eq!(taken.subscriber, subscriber, "the holder of the address takes the external id");
    agent.forget(subscriber, NOW).await;
    for (local, external_id) in [("grace", ""), ("hopper", "44")] {
        assert_forgotten(&agent, &agent.person(local, "", external_id), NOW).await;
    }
}

/// An address that they no longer held is forgotten with them, by its key: no older token of it brings them
/// back, no newer one is granted again.
pub async fn past_addresses_are_forgotten_too(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let subscriber = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
    // An address that they took back, too.
    for local in ["Byron", "noel", "Lovelace", "noel"] {
        let visit = agent.visit(&agent.person(local, "", "42")).await;
        assert_eq!(visit.subscriber, subscriber, "the external id is the visitor, whatever the address");
    }
    agent.forget(subscriber, NOW).await;
    for local in ["ada", "byron", "NOEL", "lovelace"] {
        assert_forgotten(&agent, &agent.person(local, "", ""), NOW).await;
        let after = agent.visit_at(&agent.person(local, "", ""), NEWER).await;
        assert!(after.created_subscriber, "a newer token of a past address makes a new subscriber");
        assert_eq!(after.granted, None, "the person who had the address was granted before");
    }
}

/// A newer token makes a new subscriber, with none of what was forgotten, and without a second grant.
pub async fn a_newer_token_makes_a_new_subscriber(store: &dyn Fixture) {
    // Either name is enough to be recognised as one who was granted before.
    for (local, external_id) in [("ada", "42"), ("ada", ""), ("ada", "43"), ("lovelace", "42")] {
        let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
        let before = agent.visit(&agent.person("ada", "Ada", "42")).await;
        for local in ["byron", "ada"] {
            agent.visit(&agent.person(local, "Ada", "42")).await; // a past address
        }
        agent.forget(before.subscriber, NOW).await;
        let after = agent.visit_at(&agent.person(local, "", external_id), NEWER).await;
        assert!(
            after.created_subscriber && after.subscriber != before.subscriber,
            "a newer token makes a new subscriber: never use an id again"
        );
        assert_eq!(after.granted, None, "a visitor who was forgotten is not granted a second time");
        let found = agent.read(after.subscriber).await;
        assert_eq!(found.name, None, "nothing of the forgotten subscriber comes back");
        assert_eq!(found.past_addresses, 0, "nothing of the forgotten subscriber comes back");
        assert_eq!(found.first_day, day(NEWER), "their first day is the new subscriber's");
    }
}

/// The account is forgotten with its last subscriber.
pub async fn the_account_is_gone_with_its_last_subscriber(store: &dyn Fixture) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let ada = one.person("ada", "", "42");
    let (here, there) = (one.visit(&ada).await, other.visit(&ada).await);
    one.forget(here.subscriber, NOW).await;
    other.forget(there.subscriber, NOW).await;
    let after = one.visit_at(&ada, NEWER).await;
    assert!(
        after.created_account && after.account != here.account,
        "an account without subscribers is personal data without a purpose: delete it with the last one"
    );
}

/// The account stays while another project has a subscriber of it.
pub async fn the_account_stays_while_another_project_uses_it(store: &dyn Fixture) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let ada = one.person("ada", "", "42");
    let (here, there) = (one.visit(&ada).await, other.visit(&ada).await);
    one.forget(here.subscriber, NOW).await;
    let found = other.read(there.subscriber).await;
    assert_eq!(found.account, here.account, "the other project's subscriber keeps their account");
    let after = one.visit_at(&ada, NEWER).await;
    assert!(after.created_subscriber && !after.created_account, "the account is still there: find it");
    assert_eq!(after.account, here.account, "the account is still there: find it");
}

/// An account loses its address with the last subscriber who has it, though another subscriber has the
/// account.
pub async fn the_address_is_gone_with_the_last_who_has_it(store: &dyn Fixture) {
    let one = Agent::with_free_tier(store, Some(CREDITS)).await;
    let (other, third) = (Agent::new(store).await, Agent::new(store).await);
    // A recycled mailbox: two subscribers of one account, of whom the first has the address.
    let first = one.visit(&one.person("ada", "", "42")).await;
    let second = one.visit(&one.person("ada", "", "43")).await;
    let there = other.visit(&one.person("ada", "", "")).await;
    assert_eq!((second.account, there.account), (first.account, first.account), "one address, one account");
    one.forget(first.subscriber, NOW).await;
    let found = third.visit(&one.person("ada", "", "")).await;
    assert_eq!(
        found.account, first.account,
        "another project's subscriber has the address: the account keeps it"
    );
    third.forget(found.subscriber, NOW).await;
    other.forget(there.subscriber, NOW).await;
    let left = one.read(second.subscriber).await;
    assert_eq!(left.account, first.account, "the subscriber who is left keeps the account");
    assert_eq!(left.granted, Some(CREDITS), "the subscriber who is left keeps what the account was granted");
    let later = third.visit_at(&one.person("ada", "", ""), NEWER).await;
    assert!(
        later.created_account && later.account != first.account,
        "no subscriber has the address any more: take it from the account, or it outlives its owner"
    );
}

/// Forgetting ends at the project: the same person's tokens go on working in another.
pub async fn forgetting_ends_at_the_project(store: &dyn Fixture) {
    let one = Agent::new(store).await;
    let other = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = one.person("ada", "", "42");
    let subscriber = one.visit(&ada).await.subscriber;
    one.forget(subscriber, NOW).await;
    let there = other.visit(&ada).await;
    assert_eq!(there.granted, Some(CREDITS), "another project has forgotten no one, and grants for itself");
}

/// Forgotten again, tokens issued before the second time are refused.
pub async fn forgetting_twice_moves_the_line(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "42");
    for now in [NOW, NOW + DAY] {
        let subscriber = agent.visit_at(&ada, now).await.subscriber;
        assert!(agent.forget(subscriber, now).await, "a visitor who has come back can be forgotten again");
        assert_forgotten(&agent, &ada, now).await;
    }
    // A token that was newer than the first erasure is older than the second.
    assert_forgotten(&agent, &ada, NEWER).await;
}

/// The line never moves back: not by an erasure on a machine whose clock is behind, nor by one that finds no
/// subscriber.
pub async fn the_line_never_moves_back(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "42");
    let tomorrow = NOW + DAY;
    let subscriber = agent.visit(&ada).await.subscriber;
    agent.forget(subscriber, tomorrow).await;
    let again = agent.visit_at(&ada, tomorrow + SKEW + 1).await.subscriber;
    assert!(agent.forget(again, NOW).await, "a visitor who has come back can be forgotten again");
    for (local, external_id) in [("ada", ""), ("lovelace", "42")] {
        let visit = agent.try_visit(&agent.person(local, "", external_id), tomorrow, at(tomorrow + 1)).await;
        assert!(
            matches!(visit, Err(ProvisionError::Forgotten)),
            "the line of an erasure never moves back: keep the greater, not {visit:?}"
        );
    }
    assert!(!agent.forget(again, tomorrow + DAY).await, "they are forgotten already");
    let after = agent.visit_at(&ada, tomorrow + SKEW + 1).await;
    assert!(after.created_subscriber, "forgetting an unknown subscriber changes nothing");
}

/// The line of a past address never moves back either.
pub async fn the_line_of_a_past_address_never_moves_back(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let tomorrow = NOW + DAY;
    for (issued_at, now) in [(NOW, tomorrow), (tomorrow + SKEW + 1, NOW)] {
        let subscriber = agent.visit_at(&agent.person("ada", "", "42"), issued_at).await.subscriber;
        let moved = agent.visit_at(&agent.person("lovelace", "", "42"), issued_at).await;
        assert_eq!(moved.subscriber, subscriber, "the external id is the visitor, whatever the address");
        assert!(agent.forget(subscriber, now).await, "there was a subscriber to forget");
    }
    for (local, external_id) in [("ada", ""), ("lovelace", ""), ("byron", "42")] {
        let visit = agent.try_visit(&agent.person(local, "", external_id), tomorrow, at(tomorrow + 1)).await;
        assert!(
            matches!(visit, Err(ProvisionError::Forgotten)),
            "the line of an erasure never moves back, for a past address either: not {visit:?}"
        );
    }
}

/// Of a token's two names, the one that was forgotten last decides.
pub async fn the_newest_erasure_of_either_name_decides(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let tomorrow = NOW + DAY;
    for (local, external_id, now) in [("ada", "1", NOW), ("grace", "2", tomorrow)] {
        let subscriber = agent.visit(&agent.person(local, "", external_id)).await.subscriber;
        agent.forget(subscriber, now).await;
    }
    for (local, external_id) in [("ada", "2"), ("grace", "1")] {
        let visit = agent.try_visit(&agent.person(local, "", external_id), tomorrow, at(tomorrow)).await;
        assert!(
            matches!(visit, Err(ProvisionError::Forgotten)),
            "the newest erasure of either name decides: Forgotten, not {visit:?}"
        );
    }
}

/// An external id that was forgotten is free: a known subscriber takes it with a newer token.
pub async fn a_forgotten_external_id_is_free(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
    agent.forget(ada, NOW).await;
    let grace = agent.visit_at(&agent.person("grace", "", ""), NEWER).await.subscriber;
    let taken = agent.visit_at(&agent.person("grace", "", "42"), NEWER).await;
    assert_eq!(
        (taken.subscriber, taken.created_subscriber, taken.conflict),
        (grace, false, None),
        "the holder of the address takes a forgotten external id with a newer token"
    );
    assert_eq!(agent.named("42").await, Some(grace), "a forgotten external id is free: write it");
}

/// An older token is refused though a newer one has made a new subscriber with the same names.
pub async fn a_new_subscriber_shelters_no_older_token(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "Ada", "42");
    let subscriber = agent.visit(&ada).await.subscriber;
    agent.forget(subscriber, NOW).await;
    let new = agent.visit_at(&agent.person("ada", "Countess", "42"), NEWER).await.subscriber;
    let before = agent.read(new).await;
    for (local, external_id) in [("ada", "42"), ("ada", ""), ("lovelace", "42")] {
        assert_forgotten(&agent, &agent.person(local, "Old", external_id), NOW).await;
    }
    assert!(agent.read(new).await == before, "a refused visit changes nothing of the new subscriber");
    assert_eq!(agent.all().await, [new], "a refused visit creates nothing");
}

/// Forgotten names are compared as names are: an address by its key, an external id byte for byte, and never
/// one with the other.
pub async fn forgotten_names_are_compared_like_names(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let address = agent.address("ada");
    let subscriber = agent.visit(&agent.person("ada", "", "Stra\u{df}e k")).await.subscriber;
    let lookalike = agent.visit(&agent.person("\u{e9}", "", "e\u{301}")).await.subscriber;
    for forgotten in [subscriber, lookalike] {
        agent.forget(forgotten, NOW).await;
    }
    let others = ["stra\u{df}e k", "Strasse k", "Stra\u{df}e \u{212a}", "Stra\u{df}e k ", "\u{e9}", &address];
    for (number, external_id) in (1..).zip(others) {
        let other = agent.visit(&agent.person(&format!("n{number}"), "", external_id)).await;
        assert!(
            other.created_subscriber && other.granted == Some(CREDITS),
            "{external_id:?} was never forgotten: compare external ids byte for byte, and not with addresses"
        );
    }
    for local in ["ad\u{e1}", "ada.", "a", "\u{c9}", "e\u{301}"] {
        let other = agent.visit(&agent.person(local, "", "")).await;
        assert!(other.granted == Some(CREDITS), "{local:?} was never forgotten: compare Email::key");
    }
    assert_forgotten(&agent, &agent.person("n9", "", "Stra\u{df}e k"), NOW).await;
    assert_forgotten(&agent, &agent.person("n9", "", "e\u{301}"), NOW).await;
    assert_forgotten(&agent, &agent.person("ADA", "", ""), NOW).await;
}

/// A visitor who was ever forgotten is granted nothing, though there was no free tier then, and however often
/// and long ago it was.
pub async fn the_forgotten_are_granted_nothing_ever(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("Ada", "", "42");
    let mut now = NOW;
    for _ in 0..2 {
        let subscriber = agent.visit_at(&ada, now).await.subscriber;
        agent.forget(subscriber, now).await;
        now += 400 * DAY;
    }
    store.set_free_tier(agent.project, Some(CREDITS)).await.expect("set_free_tier works");
    for (local, external_id) in [("ADA", "43"), ("lovelace", "42")] {
        let after = agent.visit_at(&agent.person(local, "", external_id), now).await;
        assert!(after.created_subscriber, "a newer token makes a new subscriber");
        assert_eq!(after.granted, None, "a visitor who was ever forgotten in the project is granted nothing");
        assert_eq!(agent.read(after.subscriber).await.granted, None, "nothing granted, nothing shown");
    }
    let stranger = agent.visit_at(&agent.person("grace", "", "44"), now).await;
    assert_eq!(stranger.granted, Some(CREDITS), "a visitor who was never forgotten is granted the free tier");
}

/// The secret's version is compared first, then the erasures, then whether a subscriber may be created.
pub async fn a_visit_is_refused_for_the_first_reason(store: &dyn Fixture) {
    let mut agent = Agent::new(store).await;
    let (ada, grace) = (agent.person("ada", "", "42"), agent.person("grace", "", ""));
    let subscriber = agent.visit(&ada).await.subscriber;
    agent.forget(subscriber, NOW).await;
    let [forgotten, unknown] = [&ada, &grace].map(|person| agent.vouch(person, NOW));
    let [forgotten, unknown] =
        [forgotten, unknown].map(|of| ProvisionRequest::new(of, at(NOW)).without_creating());
    let visit = store.provision(forgotten.clone()).await;
    assert!(
        matches!(visit, Err(ProvisionError::Forgotten)),
        "a forgotten visitor of a request that forbids creation: Forgotten, not {visit:?}"
    );
    store.regenerate_secret(agent.bot).await.expect("regenerate_secret works");
    for request in [forgotten, unknown] {
        let visit = store.provision(request).await;
        assert!(
            matches!(visit, Err(ProvisionError::SecretChanged)),
            "compare the secret's version before everything else: SecretChanged, not {visit:?}"
        );
    }
    agent.current = current_bot_secret(store, agent.bot).await.expect("a regenerated secret is found");
    let visit = agent.try_visit(&ada, NOW, at(NOW)).await;
    assert!(
        matches!(visit, Err(ProvisionError::Forgotten)),
        "a new secret does not make an older token newer: Forgotten, not {visit:?}"
    );
}
