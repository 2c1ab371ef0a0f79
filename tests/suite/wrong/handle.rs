//! What a handle of the store keeps for itself: right, nothing but the key of the names.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use boostgpt_sso::{
    BotId, ProjectId, SecretVersion, SsoSecret, SubscriberId,
    store::{BotState, NameKey, ProvisionRequest, StoreError, Subscriber},
};

use super::{
    contents::Contents,
    faults::Fault::{self, *},
    store::{Plain, pause},
    visit::Facts,
};

/// What a handle has found.
#[derive(Default)]
pub struct Cache {
    pub states: BTreeMap<BotId, BotState>,
    versions: Vec<(BotId, SecretVersion)>,
    pub tiers: BTreeMap<ProjectId, Option<u32>>,
    pub subscribers: BTreeMap<(ProjectId, SubscriberId), Subscriber>,
    names: Option<NameKey>,
    /// The projects in which this handle has erased subscribers.
    pub erased: BTreeSet<ProjectId>,
    /// The projects that this handle did not find.
    pub unknown: BTreeSet<ProjectId>,
    /// What this handle has answered to a dashboard, by the question.
    answers: BTreeMap<String, Box<dyn Any + Send>>,
}

/// A change that comes after the call that it belongs to.
#[derive(Clone)]
pub enum Late {
    Secret(BotId, Option<SsoSecret>),
    FreeTier(ProjectId, Option<u32>),
    Row(Box<Subscriber>),
    FirstVisit(Box<ProvisionRequest>),
}

/// Keeps a change for later, if its call is dropped.
struct Dropped<'p> {
    store: &'p Plain,
    change: Option<Late>,
}

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.store.late.lock().unwrap().extend(self.change.take());
    }
}

impl Plain {
    /// Lets a call be dropped here, and its change come later, if the store has this fault.
    pub async fn may_be_late(&self, fault: Fault, change: Late) {
        if self.is(fault) {
            let mut dropped = Dropped { store: self, change: Some(change) };
            pause().await;
            dropped.change = None;
        }
    }

    /// Makes the changes of dropped calls, except first visits.
    pub fn catch_up(&self) {
        for change in self.take_late(|change| !matches!(change, Late::FirstVisit(_))) {
            match change {
                Late::FirstVisit(_) => {}
                Late::Secret(bot, secret) => self.set_secret(bot, secret.as_ref()).unwrap(),
                Late::Row(row) => {
                    self.with(|contents| contents.subscribers.insert((row.project, row.id), *row));
                }
                Late::FreeTier(project, credits) => {
                    self.with(|contents| contents.projects.insert(project, credits));
                }
            }
        }
    }

    /// Makes the first visits that were dropped, if their names are free.
    pub fn finish_visits(&self) {
        for change in self.take_late(|change| matches!(change, Late::FirstVisit(_))) {
            let (Late::FirstVisit(request), Ok(names)) = (change, self.names()) else { continue };
            self.with(|contents| {
                let mut facts = contents.facts(&names, &request);
                match contents.fault {
                    Some(ADroppedVisitRevives) => facts.forgotten_at = None,
                    _ => facts.is_current = true,
                }
                if facts.known().is_none() {
                    drop(contents.provision(&names, &request, &facts));
                }
            });
        }
    }

    fn take_late(&self, is_wanted: fn(&Late) -> bool) -> Vec<Late> {
        let mut late = self.late.lock().unwrap();
        let (wanted, others) = late.drain(..).partition(is_wanted);
        *late = others;
        wanted
    }

    /// Answers a dashboard: what the handle has answered before, if the store has this fault.
    pub fn kept<T: Clone + Send + 'static>(
        &self,
        fault: Fault,
        question: &dyn fmt::Debug,
        look: impl FnOnce(&mut Contents) -> T,
    ) -> T {
        if !self.is(fault) {
            return self.with(look);
        }
        let question = format!("{question:?}");
        let kept =
            self.cache.lock().unwrap().answers.get(&question).and_then(|kept| kept.downcast_ref().cloned());
        kept.unwrap_or_else(|| {
            let found = self.with(look);
            self.cache.lock().unwrap().answers.insert(question, Box::new(found.clone()));
            found
        })
    }

    /// Forgets what the handle has answered to a dashboard.
    pub fn forget_answers(&self) {
        self.cache.lock().unwrap().answers.clear();
    }

    /// The key of the names that this handle has made for itself.
    pub fn own_names(&self) -> Result<NameKey, StoreError> {
        let mut cache = self.cache.lock().unwrap();
        if cache.names.is_none() {
            cache.names = Some(NameKey::open(&NameKey::generate(&self.key)?, &self.key)?);
        }
        Ok(cache.names.clone().unwrap())
    }

    /// Puts what the handle has found earlier in the place of what is there.
    pub fn remember(&self, fault: Option<Fault>, request: &ProvisionRequest, facts: &mut Facts) {
        let mut cache = self.cache.lock().unwrap();
        let (visitor, cache) = (request.visitor(), &mut *cache);
        match fault {
            Some(VersionsAreCachedByHandle) => {
                let version = (visitor.bot(), visitor.secret_version());
                if facts.is_current {
                    cache.versions.push(version);
                }
                facts.is_current |= cache.versions.contains(&version);
            }
            Some(FreeTiersAreCachedByHandle) => {
                facts.free_tier = *cache.tiers.entry(visitor.project()).or_insert(facts.free_tier);
            }
            Some(SubscribersAreCachedByHandle) => {
                for known in [&mut facts.by_email, &mut facts.by_external_id].into_iter().flatten() {
                    let found = cache.subscribers.entry((known.project, known.id)).or_insert(known.clone());
                    *known = found.clone();
                }
            }
            Some(ErasuresAreOfAHandle) if !cache.erased.contains(&visitor.project()) => {
                facts.forgotten_at = None;
            }
            _ => {}
        }
    }

    /// Forgets what the handle has found of a bot.
    pub fn forget_bot(&self, bot: BotId) {
        self.forget_answers();
        let mut cache = self.cache.lock().unwrap();
        cache.states.remove(&bot);
        cache.versions.retain(|(of, _)| *of != bot);
    }
}
