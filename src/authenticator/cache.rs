//! The keys of the bots that were visited: kept as verifiers, read once for all who wait, and read again as seldom as the
//! fence allows.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio::sync::Mutex;

use crate::{
    id::BotId,
    store::{SecretVersion, Store, StoreError},
    verifier::Verifier,
};

/// How often at most a bot's secret is read again because of bad signatures.
const REREAD_INTERVAL: std::time::Duration = std::time::Duration::from_secs(1);
/// How many bots' keys are kept. (A test of this file's own would wait long for that many.)
const MOST_KEYS: usize = if cfg!(test) { 4 } else { 65_536 };

/// What is kept of a bot's secret.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) verifier: Verifier,
    pub(super) version: SecretVersion,
}

/// One bot's place in the cache.
#[derive(Default)]
struct Place {
    current: Option<Key>,
    readings: Arc<Readings>,
}

/// The readings of one bot's secret.
#[derive(Default)]
struct Readings {
    /// Held while the secret is read, so that it is read once however many are waiting.
    last: Mutex<Reading>,
    /// How often that has failed.
    failures: AtomicU64,
}

/// What is known of past readings.
#[derive(Default)]
struct Reading {
    /// When the secret was last read because of a bad signature.
    reread_at: Option<Instant>,
    /// How the store failed last.
    failure: Option<StoreError>,
}

/// Why a secret is read although one may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// None is kept.
    Unknown,
    /// A signature does not match the one that is kept.
    BadSignature,
    /// The store says that the one that is kept is not current.
    Fenced,
}

/// Why there is no key.
pub(super) enum NoKey {
    /// There is no such bot, or it has no secret.
    NoSecret,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for NoKey {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// One place for each bot.
#[derive(Default)]
pub(super) struct Keys(RwLock<HashMap<BotId, Place>>);

impl Keys {
    /// Uses the bot's key, the one that is kept or else the store's.
    ///
    /// A key that is kept is used where it lies: a look-up is one shared lock, and nothing is counted or copied.
    pub(super) async fn with_current<T>(
        &self,
        store: &dyn Store,
        bot: BotId,
        use_it: impl Fn(&Key) -> T + Send,
    ) -> Result<T, NoKey> {
        match self.with_kept(bot, &use_it) {
            Some(used) => Ok(used),
            None => self.read(store, bot, None, Because::Unknown).await.map(|key| use_it(&key)),
        }
    }

    /// A key of another version than the one that is known, where the store has one; otherwise the same again.
    pub(super) async fn newer(
        &self,
        store: &dyn Store,
        bot: BotId,
        known: SecretVersion,
        because: Because,
    ) -> Result<Key, NoKey> {
        self.read(store, bot, Some(known), because).await
    }

    /// Reads the bot's secret from the store and keeps it; once for all who wait, and not at all where somebody has
    /// meanwhile found another version than the one that is `known`.
    async fn read(
        &self,
        store: &dyn Store,
        bot: BotId,
        known: Option<SecretVersion>,
        because: Because,
    ) -> Result<Key, NoKey> {
        let readings = self.readings(bot);
        let failures = readings.failures.load(Ordering::SeqCst);
        let mut reading = readings.last.lock().await;
        let kept = self.with_kept(bot, Key::clone);
        if let Some(key) = kept.clone().filter(|key| Some(key.version) != known) {
            return Ok(key);
        }
        // What failed while this one waited has failed for it too: or all who wait would see the store fail one after the other.
        let failed_meanwhile = readings.failures.load(Ordering::SeqCst) != failures;
        if let Some(failure) = reading.failure.as_ref().filter(|_| failed_meanwhile) {
            return Err(failure.clone().into());
        }
        if because == Because::BadSignature {
            // Garbage must not become load on the store: once a second and bot is enough to find a new secret.
            let recently = reading.reread_at.is_some_and(|then| then.elapsed() < REREAD_INTERVAL);
            if let (true, Some(key)) = (recently, kept) {
                return Ok(key);
            }
        }
        let found = store.current_secret(bot).await;
        if let Err(failure) = &found {
            reading.failure = Some(failure.clone());
            readings.failures.fetch_add(1, Ordering::SeqCst);
        } else if because == Because::BadSignature {
            reading.reread_at = Some(Instant::now());
        }
        let Some(found) = found? else {
            self.places().remove(&bot);
            return Err(NoKey::NoSecret);
        };
        let key = Key { verifier: Verifier::new(&found.secret).for_bot(bot), version: found.version };
        if let Some(place) = self.places().get_mut(&bot) {
            place.current = Some(key.clone());
        }
        Ok(key)
    }

    fn with_kept<T>(&self, bot: BotId, use_it: impl FnOnce(&Key) -> T) -> Option<T> {
        let places = self.0.read().unwrap_or_else(PoisonError::into_inner);
        places.get(&bot)?.current.as_ref().map(use_it)
    }

    fn places(&self) -> RwLockWriteGuard<'_, HashMap<BotId, Place>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of this bot, which gets a place if it has none.
    fn readings(&self, bot: BotId) -> Arc<Readings> {
        let mut places = self.places();
        if places.len() >= MOST_KEYS
            && !places.contains_key(&bot)
            && let Some(any) = places.keys().next().copied()
        {
            places.remove(&any); // its bot's next visitor reads it again
        }
        Arc::clone(&places.entry(bot).or_default().readings)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authenticator::{Authenticator, Visitor},
        id::ProjectId,
        identity::Identity,
        secret::SsoSecret,
        signer::Signer,
        store::{MemoryStore, Project, SecretStore, SubscriberStore},
    };

    /// The cache has an end, and whoever is dropped from it is read again.
    #[tokio::test]
    async fn keys_are_kept_up_to_a_number() {
        let store = MemoryStore::new();
        let project = ProjectId::generate().unwrap();
        store.create_project(Project { id: project, free_tier: None }).await.unwrap();
        let mut bots = Vec::new();
        for _ in 0..MOST_KEYS * 2 {
            let bot = BotId::generate().unwrap();
            store.create_bot(project, bot).await.unwrap();
            bots.push((bot, Signer::new(&store.regenerate_secret(bot).await.unwrap())));
        }
        let authenticator = Authenticator::new(store);
        let ada = Identity::new("ada@example.com").unwrap();
        for round in 0..3 {
            for (number, (bot, signer)) in bots.iter().enumerate() {
                let visitor = authenticator.authenticate(*bot, signer.sign(&ada)).await.unwrap();
                assert!(matches!(visitor, Visitor::Identified(_)));
                let kept = if round == 0 { MOST_KEYS.min(number + 1) } else { MOST_KEYS };
                assert_eq!(format!("{authenticator:?}"), format!("Authenticator {{ keys: {kept}, .. }}"));
            }
        }
        // A bot that is kept takes nobody's place.
        let (bot, signer) = &bots[bots.len() - 1];
        let others = |authenticator: &Authenticator| {
            let mut kept: Vec<_> = authenticator.keys.0.read().unwrap().keys().copied().collect();
            kept.sort_unstable();
            kept
        };
        let before = others(&authenticator);
        authenticator.authenticate(*bot, "a.b.c").await.unwrap();
        let forged = Signer::new(&SsoSecret::generate().unwrap()).sign(&ada);
        authenticator.authenticate(*bot, forged).await.unwrap();
        authenticator.authenticate(*bot, signer.sign(&ada)).await.unwrap();
        assert_eq!(others(&authenticator), before);
    }
}
