//! Secrets, their versions, and the fence that `provision` makes of them.

use super::super::{
    error::ProvisionError,
    model::{BotSecret, SecretVersion},
    contract::Store,
};
use super::fixture::{Agent, NOW, at, new_bot, new_project};
use crate::{id::BotId, secret::SsoSecret};

async fn current(store: &dyn Store, bot: BotId) -> Option<BotSecret> {
    store.current_secret(bot).await.expect("current_secret works")
}

async fn regenerate(store: &dyn Store, bot: BotId) -> SsoSecret {
    store.regenerate_secret(bot).await.expect("regenerate_secret works for an existing bot")
}

/// The fence is closed for this version: whoever was verified under it is not provisioned.
async fn assert_fenced(agent: &Agent<'_>, version: SecretVersion) {
    let visitor = agent.vouch(&agent.person("fenced", "Fenced", "fenced"), NOW);
    let visit = agent.provision(&visitor, version, at(NOW)).await;
    assert!(
        matches!(visit, Err(ProvisionError::SecretChanged)),
        "provision under another version than the current: SecretChanged, not {visit:?}; compare in the same atomic step"
    );
    assert!(
        agent.holder("fenced").await.is_none(),
        "a fenced provision writes nothing: compare before you write"
    );
}

/// A new bot has no secret.
pub async fn a_new_bot_has_no_secret(store: &dyn Store) {
    let bot = new_bot(store, new_project(store, None).await).await;
    assert!(current(store, bot).await.is_none(), "a bot has no secret until one is regenerated");
}

/// What `regenerate_secret` returns is what `current_secret` finds, and differs from the secret before.
pub async fn a_regenerated_secret_is_the_current_one(store: &dyn Store) {
    let bot = new_bot(store, new_project(store, None).await).await;
    let mut before = None;
    for _ in 0..3 {
        let shown = regenerate(store, bot).await;
        let found = current(store, bot).await.expect("a regenerated secret is found");
        assert!(found.secret == shown, "current_secret finds what regenerate_secret has returned");
        assert!(before.as_ref() != Some(&shown), "regenerate_secret makes a new secret every time");
        before = Some(shown);
    }
}

/// `remove_secret` takes the secret away, also where there was none.
pub async fn a_removed_secret_is_gone(store: &dyn Store) {
    let agent = Agent::new(store).await;
    for _ in 0..2 {
        store.remove_secret(agent.bot).await.expect("remove_secret may be repeated");
        assert!(current(store, agent.bot).await.is_none(), "a removed secret is not found");
        assert_fenced(&agent, agent.current.version).await;
    }
}

/// A version grows with every regeneration and removal and is never used again.
pub async fn versions_grow_and_never_return(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let mut last = agent.current.version;
    for removals in [0, 1, 0, 2] {
        for _ in 0..removals {
            store.remove_secret(agent.bot).await.expect("remove_secret works");
        }
        regenerate(store, agent.bot).await;
        let version = current(store, agent.bot).await.expect("a regenerated secret is found").version;
        let lowest = SecretVersion(last.0 + removals + 1);
        assert!(
            version >= lowest,
            "{version:?} is lower than {lowest:?}: add one at every regeneration and removal, keep it at removal"
        );
        last = version;
    }
}

/// `provision` succeeds under the current version only.
pub async fn an_old_version_provisions_nobody(store: &dyn Store) {
    let mut agent = Agent::new(store).await;
    let old = agent.current.version;
    agent.visit(&agent.person("ada", "", "")).await;
    assert_fenced(&agent, SecretVersion(old.0 + 1)).await;
    assert_fenced(&agent, SecretVersion(0)).await;

    regenerate(store, agent.bot).await;
    assert_fenced(&agent, old).await;
    let visitor = agent.vouch(&agent.person("ada", "", ""), NOW);
    let known = agent.provision(&visitor, old, at(NOW)).await;
    assert!(
        matches!(known, Err(ProvisionError::SecretChanged)),
        "a known visitor under an old secret: SecretChanged, not {known:?}; compare on the read-only path too"
    );
    agent.current = current(store, agent.bot).await.expect("a regenerated secret is found");
    agent.visit(&agent.person("ada", "", "")).await;

    // Removing is the same, and so is what the version has grown to since.
    store.remove_secret(agent.bot).await.expect("remove_secret works");
    for version in [old.0, agent.current.version.0, agent.current.version.0 + 1] {
        assert_fenced(&agent, SecretVersion(version)).await;
    }
}

/// An unknown bot, and one without a secret, provision nobody under any version.
pub async fn an_unknown_bot_provisions_nobody(store: &dyn Store) {
    let mut agent = Agent::new(store).await;
    for bot in [BotId::generate().unwrap(), new_bot(store, agent.project).await] {
        agent.bot = bot;
        for version in [0, 1, u32::MAX] {
            assert_fenced(&agent, SecretVersion(version)).await;
        }
    }
}

/// Each bot has a secret of its own: regenerating one's leaves the others alone.
pub async fn bots_have_secrets_of_their_own(store: &dyn Store) {
    let one = Agent::new(store).await;
    let other = Agent::of(store, one.project).await;
    assert!(one.current.secret != other.current.secret, "two bots never share a secret");
    regenerate(store, one.bot).await;
    store.remove_secret(one.bot).await.expect("remove_secret works");
    let after = current(store, other.bot).await.expect("another bot's secret stays");
    assert_eq!(after.version, other.current.version, "another bot's version stays");
    assert!(after.secret == other.current.secret, "another bot's secret stays");
    other.visit(&other.person("ada", "", "")).await;
}

/// `reseal` changes neither a secret nor its version.
pub async fn resealing_keeps_secrets_and_versions(store: &dyn Store) {
    let agent = Agent::new(store).await;
    for _ in 0..2 {
        store.reseal().await.expect("reseal works: give the store every master key that its contents need");
        let after = current(store, agent.bot).await.expect("reseal takes no secret away");
        assert_eq!(after.version, agent.current.version, "reseal keeps the version");
        assert!(after.secret == agent.current.secret, "reseal keeps the secret");
    }
    agent.visit(&agent.person("ada", "", "")).await;
}
