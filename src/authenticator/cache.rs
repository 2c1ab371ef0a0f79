//! The bots that were visited: their verifiers, kept; the absence of a secret, kept for a second; and the
//! reads of the store, shared by all visits that wait for one.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crossbeam_utils::sync::ShardedLock;
use futures_util::{
    FutureExt as _,
    future::{Shared, WeakShared},
};

use super::decisions::{Look, Need, is_failed, look_in_cache, serves};
use crate::{
    clock::{self, Stopwatch},
    id::BotId,
    store::{BotState, BotVerifier, BoxFuture, StoreError, SubscriberStore},
};

/// How many bots are kept, with a secret and without. (A test of this file's own would wait long for that
/// many.)
pub(super) const MAX_BOTS: usize = if cfg!(test) { 4 } else { 65_536 };

/// What the store said of a bot.
#[derive(Debug, Clone)]
pub(super) enum StoreAnswer {
    Unknown,
    WithoutSecret,
    Current(BotVerifier),
}

/// A bot with a secret.
pub(super) struct KeptBot {
    verifier: BotVerifier,
    /// When the read began that found it.
    begun: Duration,
    creations: Arc<Creations>,
}

/// A bot whose state is read, or of which it is known that it has no secret.
#[derive(Default)]
pub(super) struct Slot {
    reading: Option<Reading>,
    absent: Option<(StoreAnswer, Duration)>,
    /// When the last read began, if it failed.
    failed: Option<Duration>,
}

type SecretRead = BoxFuture<'static, Result<StoreAnswer, StoreError>>;

/// A read that visits wait for. Each of them drives it, so none depends on another that is no longer polled;
/// with the last of them it ends.
struct Reading {
    begun: Duration,
    read: WeakShared<SecretRead>,
}

/// One place for each bot, in front of the store.
pub(super) struct Cache {
    store: Arc<dyn SubscriberStore>,
    made: Stopwatch,
    /// A visit only reads it, and threads that read share nothing.
    pub(super) bots: ShardedLock<HashMap<BotId, KeptBot>>,
    slots: Mutex<HashMap<BotId, Slot>>,
}

impl Cache {
    pub(super) fn new(store: Arc<dyn SubscriberStore>) -> Arc<Self> {
        let (bots, slots) = (ShardedLock::default(), Mutex::default());
        Arc::new(Self { store, made: Stopwatch::start(), bots, slots })
    }

    /// Returns the moment, in this cache's own time.
    pub(super) fn now(&self) -> Duration {
        self.made.elapsed()
    }

    /// Uses the bot's verifier in place, if it is kept: a look-up is one shared lock, and nothing is counted
    /// or copied.
    pub(super) fn with_kept<T>(&self, bot: BotId, use_it: impl FnOnce(&BotVerifier) -> T) -> Option<T> {
        let bots = self.bots.read().unwrap_or_else(PoisonError::into_inner);
        bots.get(&bot).map(|kept| use_it(&kept.verifier))
    }

    /// Returns the counter of the subscribers that the bot's visits have created.
    pub(super) fn creations(&self, bot: BotId) -> Option<Arc<Creations>> {
        let bots = self.bots.read().unwrap_or_else(PoisonError::into_inner);
        bots.get(&bot).map(|kept| Arc::clone(&kept.creations))
    }

    /// Finds what may serve this need: what is kept, or what one read of the store finds for all who wait for
    /// it.
    pub(super) async fn find(self: &Arc<Self>, bot: BotId, need: Need) -> Result<StoreAnswer, StoreError> {
        loop {
            let (begun, read) = match self.kept_or_read(bot, need) {
                Ok(found) => return Ok(found),
                Err(reading) => reading,
            };
            match read.await {
                Ok(found) if serves(found.is_absent(), begun, need, self.now()) => return Ok(found),
                Err(error) if is_failed(begun, need) => return Err(error),
                // It began too early for this need.
                Ok(_) | Err(_) => {}
            }
        }
    }

    /// Returns what serves the need, or else the read to wait for.
    fn kept_or_read(
        self: &Arc<Self>,
        bot: BotId,
        need: Need,
    ) -> Result<StoreAnswer, (Duration, Shared<SecretRead>)> {
        let mut slots = self.slots();
        let now = self.now();
        let kept = {
            let bots = self.bots.read().unwrap_or_else(PoisonError::into_inner);
            bots.get(&bot).map(|kept| (StoreAnswer::Current(kept.verifier.clone()), kept.begun))
        };
        let kept = kept.or_else(|| slots.get(&bot)?.absent.clone());
        let slot = slots.get(&bot);
        let reading = slot.and_then(|slot| slot.reading.as_ref());
        // One that is still there and cannot be upgraded was dropped with all of its visits.
        let in_vain = reading.map(|reading| reading.begun).max(slot.and_then(|slot| slot.failed));
        let reading = reading.and_then(|reading| Some((reading.begun, reading.read.upgrade()?)));
        let seen = kept.as_ref().map(|(found, begun)| (found.is_absent(), *begun));
        let begun = match (look_in_cache(seen, in_vain, reading.is_some(), need, now), kept, reading) {
            (Look::Kept, Some((found, _)), _) => return Ok(found),
            (Look::Wait, _, Some(reading)) => return Err(reading),
            (Look::Read(begun), ..) => begun,
            (Look::Kept | Look::Wait, ..) => now, // there is none to take or to wait for
        };
        make_room(&mut slots, bot);
        let slot = slots.entry(bot).or_default();
        let read = Arc::clone(self).read(bot, begun, begun.saturating_sub(now));
        let read: SecretRead = Box::pin(read);
        let read = read.shared();
        slot.reading = read.downgrade().map(|read| Reading { begun, read });
        Err((begun, read))
    }

    /// Reads the bot's state after a pause, and keeps it.
    async fn read(
        self: Arc<Self>,
        bot: BotId,
        begun: Duration,
        pause: Duration,
    ) -> Result<StoreAnswer, StoreError> {
        if !pause.is_zero() {
            clock::pause(pause).await;
        }
        let state = self.store.current_secret(bot).await;
        let found = state.map(|state| match state {
            BotState::Unknown => StoreAnswer::Unknown,
            BotState::WithoutSecret => StoreAnswer::WithoutSecret,
            BotState::Current(secret) => StoreAnswer::Current(secret.verifier()),
        });
        let mut slots = self.slots();
        if let Ok(found) = &found {
            self.keep(&mut slots, bot, begun, found);
        }
        if let Some(slot) = slots.get_mut(&bot) {
            slot.reading = None;
            slot.failed = found.is_err().then_some(begun);
            if slot.absent.is_none() && slot.failed.is_none() {
                slots.remove(&bot);
            }
        }
        found
    }

    fn keep(&self, slots: &mut HashMap<BotId, Slot>, bot: BotId, begun: Duration, found: &StoreAnswer) {
        let mut bots = self.bots.write().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(bot).or_default();
        let StoreAnswer::Current(verifier) = found else {
            bots.remove(&bot);
            slot.absent = Some((found.clone(), begun));
            return;
        };
        slot.absent = None;
        if bots.len() >= MAX_BOTS
            && !bots.contains_key(&bot)
            && let Some(any) = bots.keys().next().copied()
        {
            bots.remove(&any); // its next visit reads it again
        }
        let creations = bots.remove(&bot).map(|kept| kept.creations).unwrap_or_default();
        bots.insert(bot, KeptBot { verifier: verifier.clone(), begun, creations });
    }

    pub(super) fn slots(&self) -> MutexGuard<'_, HashMap<BotId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room for one more slot. Only those that no visit waits for are dropped.
fn make_room(slots: &mut HashMap<BotId, Slot>, bot: BotId) {
    if slots.len() >= MAX_BOTS && !slots.contains_key(&bot) {
        slots.retain(|_, slot| slot.reading.as_ref().is_some_and(|reading| reading.read.upgrade().is_some()));
    }
}

impl StoreAnswer {
    pub(super) const fn is_absent(&self) -> bool {
        !matches!(self, Self::Current(_))
    }
}

/// How many subscribers the visits of one bot have created in a minute: its number in the upper half, the
/// count in the lower one.
#[derive(Debug, Default)]
pub(super) struct Creations(AtomicU64);

impl Creations {
    /// Takes one of the minute's creations, if there is one left.
    pub(super) fn take(&self, limit: u32, now: Duration) -> bool {
        let minute = now.as_secs() / 60;
        let take = |packed: u64| {
            let taken = if packed >> 32 == minute { packed & u64::from(u32::MAX) } else { 0 };
            (taken < u64::from(limit)).then(|| (minute << 32) | taken.saturating_add(1))
        };
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Gives back a creation that was not made, if its minute is not over.
    pub(super) fn give_back(&self, now: Duration) {
        let minute = now.as_secs() / 60;
        let give = |packed: u64| {
            (packed >> 32 == minute && packed & u64::from(u32::MAX) > 0).then(|| packed.saturating_sub(1))
        };
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bots.read().unwrap_or_else(PoisonError::into_inner).len().fmt(f)
    }
}
