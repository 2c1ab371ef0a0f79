//! Secrets, their versions, and that `provision` refuses every version but the current one.

use std::collections::{BTreeSet, HashSet};

use super::super::{
    error::ProvisionError,
    visit::{BotSecret, BotState, ProvisionRequest},
};
use super::fixture::{Agent, DAY, Fixture, NOW, at, current_bot_secret, day, new_bot, new_project, vouch};
use crate::{
    id::{BotId, ProjectId, SecretVersion},
    identity::Identity,
    secret::SsoSecret,
};

async fn new_secret(store: &dyn Fixture, bot: BotId) -> SsoSecret {
    store.regenerate_secret(bot).await.expect("regenerate_secret works for an existing bot")
}

/// A visitor whose token was verified with this secret is not provisioned.
async fn assert_fenced(agent: &Agent<'_, dyn Fixture + '_>, secret: &BotSecret) {
    let visitor = vouch(secret, &agent.person("fenced", "Fenced", "fenced"), NOW);
    let visit = agent.provision(&visitor, at(NOW)).await;
    assert!(
        matches!(visit, Err(ProvisionError::SecretChanged)),
        "provision under another version than the current: SecretChanged, not {visit:?}; compare in the same \
         atomic step"
    );
    assert!(
        agent.holder("fenced").await.is_none(),
        "a provision that is refused writes nothing: compare before you write"
    );
}

/// The same secret under another version.
fn with_version(secret: &BotSecret, version: SecretVersion) -> BotSecret {
    BotSecret::new(secret.bot, secret.project, version, secret.secret.clone())
}

/// A new bot has no secret, and an unknown bot is told from that.
pub async fn a_new_bot_has_no_secret(store: &dyn Fixture) {
    let bot = new_bot(store, new_project(store, None).await).await;
    let state = store.current_secret(bot).await.expect("current_secret works");
    assert!(matches!(state, BotState::WithoutSecret), "a bot has no secret until one is regenerated");
    let unknown = store.current_secret(BotId::generate().unwrap()).await;
    let unknown = unknown.expect("current_secret of an unknown bot is no error");
    assert!(matches!(unknown, BotState::Unknown), "tell an unknown bot from one without a secret");
}

/// What `regenerate_secret` returns is what `current_secret` finds, and differs from the secret before.
pub async fn a_regenerated_secret_is_the_current_one(store: &dyn Fixture) {
    let bot = new_bot(store, new_project(store, None).await).await;
    let mut before = None;
    for _ in 0..3 {
        let shown = new_secret(store, bot).await;
        let found = current_bot_secret(store, bot).await.expect("a regenerated secret is found");
        assert!(found.secret == shown, "current_secret finds what regenerate_secret has returned");
        assert!(before.as_ref() != Some(&shown), "regenerate_secret makes a new secret every time");
        before = Some(shown);
    }
}

/// `remove_secret` takes the secret away, also if there was none.
pub async fn a_removed_secret_is_gone(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    for _ in 0..2 {
        store.remove_secret(agent.bot).await.expect("remove_secret may be repeated");
        let state = store.current_secret(agent.bot).await.expect("current_secret works");
        assert!(matches!(state, BotState::WithoutSecret), "a bot whose secret was removed is without one");
        store.create_bot(agent.project, agent.bot).await.expect("create_bot may be repeated");
        assert_fenced(&agent, &agent.current).await;
    }
}

/// Every regeneration makes a new version. None is ever used again.
pub async fn versions_never_return(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let mut seen = HashSet::from([agent.current.version]);
    let mut old = vec![agent.current.clone()];
    for removals in [0, 1, 0, 2] {
        for _ in 0..removals {
            store.remove_secret(agent.bot).await.expect("remove_secret works");
        }
        new_secret(store, agent.bot).await;
        let found = current_bot_secret(store, agent.bot).await.expect("a regenerated secret is found");
        assert!(
            seen.insert(found.version),
            "{:?} was used before: generate a version at every regeneration and removal",
            found.version
        );
        // Each of the old ones is refused, not the last alone.
        for secret in &old {
            assert_fenced(&agent, secret).await;
        }
        old.push(found);
    }
}

/// `provision` succeeds under the current version only.
pub async fn an_old_version_provisions_no_visitor(store: &dyn Fixture) {
    let mut agent = Agent::new(store).await;
    let old = agent.current.clone();
    agent.visit(&agent.person("ada", "", "")).await;
    let versions = [SecretVersion::generate().unwrap(), SecretVersion::from_bytes([0; 16])];
    let nearly = (0..16).map(|place| {
        let mut bytes = *old.version.as_bytes();
        bytes[place] ^= 1;
        SecretVersion::from_bytes(bytes)
    });
    for version in versions.into_iter().chain(nearly) {
        assert_fenced(&agent, &with_version(&old, version)).await;
    }

    new_secret(store, agent.bot).await;
    assert_fenced(&agent, &old).await;
    let known = agent.provision(&agent.vouch(&agent.person("ada", "", ""), NOW), at(NOW)).await;
    assert!(
        matches!(known, Err(ProvisionError::SecretChanged)),
        "a known visitor under an old secret: SecretChanged, not {known:?}; compare on the read-only path too"
    );
    agent.current = current_bot_secret(store, agent.bot).await.expect("a regenerated secret is found");
    agent.visit(&agent.person("ada", "", "")).await;

    // Removing is the same.
    store.remove_secret(agent.bot).await.expect("remove_secret works");
    for secret in [&old, &agent.current] {
        assert_fenced(&agent, secret).await;
    }
}

/// Under an old version nothing is written of a known visitor either, whatever there would be to write.
pub async fn an_old_version_changes_no_subscriber(store: &dyn Fixture) {
    for removes in [false, true] {
        let agent = Agent::new(store).await;
        let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
        let grace = agent.visit(&agent.person("grace", "", "")).await.subscriber;
        let before = (agent.read(ada).await, agent.read(grace).await);
        if removes {
            store.remove_secret(agent.bot).await.expect("remove_secret works");
        } else {
            new_secret(store, agent.bot).await;
        }
        let tomorrow = NOW + DAY;
        for (local, name, external_id, now) in [
            ("ada", "Countess", "42", NOW + 1),
            ("lovelace", "", "42", NOW + 1),
            ("grace", "", "43", NOW + 1),
            ("ada", "Ada", "42", tomorrow),
            ("ada", "", "", tomorrow),
        ] {
            let visitor = agent.vouch(&agent.person(local, name, external_id), now);
            let request = ProvisionRequest::new(visitor, at(now));
            for request in [request.clone(), request.without_creating()] {
                let visit = store.provision(request).await;
                assert!(
                    matches!(visit, Err(ProvisionError::SecretChanged)),
                    "a known visitor under an old secret: SecretChanged, not {visit:?}"
                );
            }
        }
        let after = (agent.read(ada).await, agent.read(grace).await);
        assert!(before == after, "a provision that is refused writes nothing: compare before you write");
    }
}

/// An unknown bot and one without a secret provision no visitor, under any version.
pub async fn an_unknown_bot_provisions_no_visitor(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let without_secret = new_bot(store, agent.project).await;
    for bot in [BotId::generate().unwrap(), without_secret] {
        for version in [agent.current.version, SecretVersion::from_bytes([0; 16])] {
            let secret = BotSecret::new(bot, agent.project, version, agent.current.secret.clone());
            assert_fenced(&agent, &secret).await;
        }
    }
}

/// A bot provisions in its own project only, whatever project a request names.
pub async fn a_bot_provisions_in_its_own_project_only(store: &dyn Fixture) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    for project in [other.project, ProjectId::generate().unwrap()] {
        let BotSecret { bot, version, secret, .. } = one.current.clone();
        assert_fenced(&one, &BotSecret::new(bot, project, version, secret)).await;
    }
    assert!(other.all().await.is_empty(), "another project gets no subscriber");
}

/// Each bot has a secret of its own: regenerating one's leaves the others alone.
pub async fn bots_have_secrets_of_their_own(store: &dyn Fixture) {
    let one = Agent::new(store).await;
    let other = Agent::of(store, one.project).await;
    assert!(one.current.secret != other.current.secret, "two bots never share a secret");
    assert_ne!(
        one.current.version, other.current.version,
        "no version ever names two secrets: generate it, do not count"
    );
    for (bot, from) in [(&one, &other), (&other, &one)] {
        assert_fenced(bot, &with_version(&bot.current, from.current.version)).await;
    }
    new_secret(store, one.bot).await;
    store.remove_secret(one.bot).await.expect("remove_secret works");
    let after = current_bot_secret(store, other.bot).await.expect("another bot's secret stays");
    assert_eq!(after.version, other.current.version, "another bot's version stays");
    assert!(after.secret == other.current.secret, "another bot's secret stays");
    other.visit(&other.person("ada", "", "")).await;
}

/// A request that forbids creation finds a known visitor, and creates nothing for an unknown one.
pub async fn a_request_may_forbid_creation(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(1)).await;
    let (ada, grace) = (agent.person("ada", "Ada", "42"), agent.person("grace", "", "43"));
    let known = agent.visit(&ada).await.subscriber;
    let request =
        |person: &Identity, now| ProvisionRequest::new(agent.vouch(person, now), at(now)).without_creating();
    // A new name, address or day of a known visitor is no creation.
    for (local, name, now) in
        [("ada", "Ada", NOW), ("ada", "Countess", NOW + 1), ("lovelace", "", NOW + 2), ("ada", "", NOW + DAY)]
    {
        let found = store.provision(request(&agent.person(local, name, "42"), now)).await;
        let found = found.expect("a known visitor of a request that forbids creation is provisioned");
        assert_eq!(found.subscriber, known, "a known visitor is found");
        let read = agent.read(known).await;
        let (kept, last_day) = (if now == NOW { "Ada" } else { "Countess" }, day(now));
        assert_eq!(
            (read.email, read.name.as_deref(), read.last_day),
            (Some(agent.address(local)), Some(kept), last_day),
            "what changed is written, and the visit is recorded"
        );
    }
    let taken = agent.visit(&agent.person("joan", "", "")).await.subscriber;
    let found = store.provision(request(&agent.person("joan", "", "45"), NOW)).await;
    assert!(
        found.is_ok_and(|found| found.subscriber == taken),
        "who takes an external id is known already: that is no creation"
    );
    for person in [&grace, &agent.person("ada", "", "44")] {
        let refused = store.provision(request(person, NOW)).await;
        assert!(
            matches!(refused, Err(ProvisionError::WouldCreate)),
            "a new visitor of a request that forbids creation: WouldCreate, not {refused:?}"
        );
    }
    let all: BTreeSet<_> = agent.all().await.into_iter().collect();
    assert_eq!(all, BTreeSet::from([known, taken]), "WouldCreate writes nothing");
    let created = agent.visit(&grace).await;
    assert!(created.created_account && created.granted == Some(1), "WouldCreate has written nothing");
}
