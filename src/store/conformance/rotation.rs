//! Secrets at rest: what a store that outlives its process seals, and how its master key is rotated.

use std::sync::Arc;

use super::super::{
    contract::{BoxFuture, Store},
    error::{ProvisionError, StoreError},
    sealing::MasterKey,
    visit::{BotSecret, BotState, ProvisionRequest},
};
use super::concurrency::{poll_and_drop, until_available};
use super::fixture::{Agent, CREDITS, NOW, at, current_bot_secret, new_project};
use super::schedule::Schedule;
use crate::id::BotId;

/// The keys that the checks rotate between.
pub(super) const KEYS: [[u8; 32]; 2] = [[0xa1; 32], [0xb2; 32]];
/// A key that no store of the checks has ever had.
const UNKNOWN: [u8; 32] = [0xc3; 32];

/// Opens the store under test, always the same one, with these master keys: as another process does, or the
/// same one after a restart.
pub type Open<'o> = dyn Fn(MasterKey) -> BoxFuture<'o, Result<Arc<dyn Store>, StoreError>> + Send + Sync + 'o;

pub(super) async fn open_with(opener: &Open<'_>, key: MasterKey) -> Arc<dyn Store> {
    opener(key).await.expect("the store opens with the keys that its contents need")
}

/// The secret of a bot, if the store opens with this key and finds it.
async fn opened(opener: &Open<'_>, key: MasterKey, of: &BotSecret) -> Result<BotState, StoreError> {
    opener(key).await?.current_secret(of.bot).await
}

fn is_sealing<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Sealing(_)))
}

/// Secrets open under the key that sealed them and no other. One that cannot be opened is an error, not a bot
/// without a secret.
pub async fn secrets_open_under_their_own_key_only(opener: &Open<'_>) {
    let store = open_with(opener, MasterKey::from_bytes(KEYS[0])).await;
    let agent = Agent::new(&*store).await;
    for key in [MasterKey::from_bytes(UNKNOWN), MasterKey::none()] {
        let state = opened(opener, key, &agent.current).await;
        assert!(
            is_sealing(&state),
            "a secret opens under the key that sealed it only: StoreError::Sealing, not {state:?}"
        );
    }
    let again = opened(opener, MasterKey::from_bytes(UNKNOWN).with_previous(KEYS[0]), &agent.current).await;
    let again = again.expect("a previous key opens what it has sealed").into_secret();
    assert!(
        again.is_some_and(|again| again.secret == agent.current.secret),
        "a previous key opens what it has sealed"
    );
}

/// `reseal` moves every secret to the first key, keeps secrets, versions and tokens, and counts what it has
/// done; afterwards the store does without the old key.
pub async fn resealing_moves_every_secret_to_the_first_key(opener: &Open<'_>) {
    let mut counts = Vec::new();
    for (number, [old, new]) in [[KEYS[0], KEYS[1]], [KEYS[1], KEYS[0]]].into_iter().enumerate() {
        let before = open_with(opener, MasterKey::from_bytes(old)).await;
        let agents = [Agent::new(&*before).await, Agent::new(&*before).await, Agent::new(&*before).await];
        before.remove_secret(agents[1].bot).await.expect("remove_secret works");
        let ada = agents[0].person("ada", "", "42");
        let visitor = agents[0].vouch(&ada, NOW);
        agents[0].visit(&agents[0].person("grace", "", "")).await; // by now the store has all of its keys

        let both = open_with(opener, MasterKey::from_bytes(new).with_previous(old)).await;
        let late = Agent::new(&*both).await; // sealed under the new key already
        let count = both.reseal().await.expect("reseal works when every key is there");
        assert!(count >= 2, "reseal seals all secrets anew and counts them: {count} of 2");
        counts.push(count);
        let again = both.reseal().await.expect("reseal may be repeated");
        assert_eq!(again, 0, "reseal leaves nothing under another key, and counts nothing twice");

        for kept in [&agents[0].current, &agents[2].current, &late.current] {
            let state = opened(opener, MasterKey::from_bytes(new), kept).await;
            let found = state.expect("after reseal the store does without the old key").into_secret();
            let found = found.expect("reseal takes no secret away");
            assert_eq!(found.version, kept.version, "reseal keeps the version");
            assert!(found.secret == kept.secret, "reseal keeps the secret");
        }
        let after = open_with(opener, MasterKey::from_bytes(new)).await;
        let removed = after.current_secret(agents[1].bot).await;
        assert!(matches!(removed, Ok(BotState::WithoutSecret)), "reseal gives no bot a secret");
        let visit = after.provision(ProvisionRequest::new(visitor, at(NOW))).await;
        visit.expect("tokens go on working: reseal keeps secrets and versions");
        let old = opened(opener, MasterKey::from_bytes(old), &agents[0].current).await;
        assert!(is_sealing(&old), "after reseal the old key opens nothing: Sealing, not {old:?}");
        if number == 1 {
            // Each time two secrets more, and one that was made under the new key.
            assert_eq!(counts[1], counts[0] + 3, "reseal counts exactly what it has sealed anew");
        }
    }
}

/// After the keys were rotated, forgotten names are still known.
pub async fn resealing_keeps_the_names_of_the_forgotten(opener: &Open<'_>) {
    for [old, new] in [[KEYS[0], KEYS[1]], [KEYS[1], KEYS[0]]] {
        let before = open_with(opener, MasterKey::from_bytes(old)).await;
        let agent = Agent::with_free_tier(&*before, Some(CREDITS)).await;
        let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
        agent.forget(ada, NOW).await;
        let both = open_with(opener, MasterKey::from_bytes(new).with_previous(old)).await;
        both.reseal().await.expect("reseal works when every key is there");
        let after = open_with(opener, MasterKey::from_bytes(new)).await;
        for store in [&both, &after] {
            for (local, external_id) in [("ada", ""), ("lovelace", "42")] {
                let visitor = agent.vouch(&agent.person(local, "", external_id), NOW);
                let request = ProvisionRequest::new(visitor, at(NOW + 1));
                let visit = store.provision(request).await;
                assert!(
                    matches!(visit, Err(ProvisionError::Forgotten)),
                    "forgotten names are known after a rotation: seal their key anew, too; not {visit:?}"
                );
            }
        }
    }
}

/// A secret that no key opens keeps no other from being sealed anew. It is an error of `reseal`, and its bot
/// can still be shown. It can still be removed or replaced.
pub async fn resealing_leaves_what_it_cannot_open(opener: &Open<'_>) {
    for [old, new] in [[KEYS[0], KEYS[1]], [KEYS[1], KEYS[0]]] {
        let before = open_with(opener, MasterKey::from_bytes(old)).await;
        let lost_key = open_with(opener, MasterKey::from_bytes(UNKNOWN).with_previous(old)).await;
        let project = new_project(&*before, None).await;
        // A bot with a lost secret is neither the first nor the last in the order of ids.
        let mut ids = [(); 4].map(|()| BotId::generate().unwrap());
        ids.sort();
        let one = Agent::of_bot(&*before, project, ids[0]).await;
        one.visit(&one.person("ada", "", "")).await; // by now the store has all of its keys
        let lost = [
            Agent::of_bot(&*lost_key, project, ids[1]).await,
            Agent::of_bot(&*lost_key, project, ids[2]).await,
        ];
        let other = Agent::of_bot(&*before, project, ids[3]).await;
        let both = open_with(opener, MasterKey::from_bytes(new).with_previous(old)).await;
        for _ in 0..2 {
            let outcome = both.reseal().await;
            assert!(
                is_sealing(&outcome),
                "reseal of a secret that cannot be opened: StoreError::Sealing, not {outcome:?}"
            );
        }
        for kept in [&one.current, &other.current] {
            let found = opened(opener, MasterKey::from_bytes(new), kept).await.map(BotState::into_secret);
            assert!(
                matches!(&found, Ok(Some(found)) if found.secret == kept.secret),
                "a secret that cannot be opened keeps no other from being sealed anew: not {found:?}"
            );
        }
        let state = opened(opener, MasterKey::from_bytes(UNKNOWN).with_previous(new), &lost[0].current).await;
        assert!(
            matches!(&state, Ok(BotState::Current(found)) if found.secret == lost[0].current.secret),
            "reseal leaves what it cannot open as it is, for the key that opens it: not {state:?}"
        );
        let (bot, version) = (lost[0].bot, Some(lost[0].current.version));
        let shown = both.bot(bot).await;
        assert!(
            matches!(&shown, Ok(Some(shown)) if shown.secret_version == version),
            "a bot is shown without opening its secret: not {shown:?}"
        );
        let listed = both.bots(lost[0].project, None, 10).await;
        assert!(
            matches!(&listed, Ok(listed)
                if listed.iter().any(|shown| shown.id == bot && shown.secret_version == version)),
            "bots are listed without opening their secrets: not {listed:?}"
        );
        both.remove_secret(lost[0].bot).await.expect("a secret that cannot be opened can be removed");
        let shown = both.regenerate_secret(lost[1].bot).await;
        let shown = shown.expect("a secret that cannot be opened can be replaced");
        let found = current_bot_secret(&*both, lost[1].bot).await;
        assert!(
            found.is_some_and(|found| found.secret == shown),
            "the secret is the one that was returned, whatever there was before"
        );
        both.reseal().await.expect("reseal works when every key is there");
    }
}

/// `reseal` whose future was dropped at any moment goes on where it was.
pub async fn a_dropped_resealing_goes_on(opener: &Open<'_>) {
    let [mut old, mut new] = KEYS;
    for polls in 0..8 {
        let before = open_with(opener, MasterKey::from_bytes(old)).await;
        let agents = [Agent::new(&*before).await, Agent::new(&*before).await, Agent::new(&*before).await];
        agents[0].visit(&agents[0].person("ada", "", "")).await;
        let both = open_with(opener, MasterKey::from_bytes(new).with_previous(old)).await;
        poll_and_drop(both.reseal(), polls);
        let resealed = until_available("reseal", || both.reseal()).await;
        resealed.expect("reseal goes on where a dropped one was: write a secret with its key's id");
        for agent in &agents {
            let found = opened(opener, MasterKey::from_bytes(new), &agent.current).await;
            assert!(
                matches!(&found, Ok(BotState::Current(found)) if found.secret == agent.current.secret),
                "a dropped reseal damages no secret: write it with its key's id, in one step, not {found:?}"
            );
        }
        (old, new) = (new, old);
    }
}

/// A regeneration in the middle of `reseal`, or the other way round, leaves the new secret.
pub async fn resealing_undoes_no_regeneration(opener: &Open<'_>) {
    let mut schedule = Schedule::new();
    let [mut old, mut new] = KEYS;
    while schedule.goes_on() {
        for (reseal_is_first, removes) in [(true, false), (true, true), (false, false), (false, true)] {
            let before = open_with(opener, MasterKey::from_bytes(old)).await;
            let agents = [Agent::new(&*before).await, Agent::new(&*before).await];
            let both = open_with(opener, MasterKey::from_bytes(new).with_previous(old)).await;
            for agent in &agents {
                let reseal = until_available("reseal", || both.reseal());
                let change = async {
                    if removes {
                        let remove = || both.remove_secret(agent.bot);
                        return until_available("remove_secret", remove).await.map(|()| None);
                    }
                    let regenerate = || both.regenerate_secret(agent.bot);
                    until_available("regenerate_secret", regenerate).await.map(Some)
                };
                let (resealed, changed) = if reseal_is_first {
                    schedule.meet(reseal, change).await
                } else {
                    let (changed, resealed) = schedule.meet(change, reseal).await;
                    (resealed, changed)
                };
                resealed.expect("reseal works beside a change of a secret");
                let changed = changed.expect("a secret can be changed beside reseal");
                let found = current_bot_secret(&*both, agent.bot).await;
                assert!(
                    found.as_ref().map(|found| &found.secret) == changed.as_ref(),
                    "reseal undoes no change of a secret: write only if the version is still the same"
                );
                assert!(
                    found.is_none_or(|found| found.version != agent.current.version),
                    "reseal undoes no change of a secret: write only if the version is still the same"
                );
            }
            both.reseal().await.expect("reseal may be repeated");
            (old, new) = (new, old);
        }
    }
    // So that the checks may be repeated, which begin with the first key.
    let both = open_with(opener, MasterKey::from_bytes(KEYS[0]).with_previous(KEYS[1])).await;
    both.reseal().await.expect("reseal works when every key is there");
}
