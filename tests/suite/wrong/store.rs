//! A store that is right, and wrong in one way at a time: the two methods of a page load, projects, bots and
//! secrets.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex},
    task::Poll,
};

use boostgpt_sso::{
    BotId, ProjectId, SecretVersion, SsoSecret,
    store::{
        BotSecret, BotState, BoxFuture, Cause, MasterKey, NameKey, ProvisionError, ProvisionRequest,
        Provisioned, Sealed, StoreError, SubscriberStore,
    },
};

use super::{
    contents::{Contents, Row},
    faults::Fault::{self, *},
    handle::{Cache, Late},
};

#[derive(Clone)]
pub struct Plain {
    pub contents: Arc<Mutex<Contents>>,
    pub key: MasterKey,
    /// The key of the hashes of names, once it was opened.
    opened: Arc<Mutex<Option<(Sealed, NameKey)>>>,
    /// What this handle has found, if the store is wrong.
    pub cache: Arc<Mutex<Cache>>,
    /// The changes of calls that were dropped, if the store is wrong.
    pub late: Arc<Mutex<Vec<Late>>>,
}

/// Lets other calls come in between.
pub async fn pause() {
    let mut is_over = false;
    poll_fn(|context| {
        if std::mem::replace(&mut is_over, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Plain {
    pub fn new(fault: Option<Fault>) -> Self {
        let contents = Contents { fault, ..Contents::default() };
        Self {
            contents: Arc::new(Mutex::new(contents)),
            key: MasterKey::from_bytes([7; 32]),
            opened: Arc::default(),
            cache: Arc::default(),
            late: Arc::default(),
        }
    }

    /// The same store under other keys.
    pub fn open(&self, key: MasterKey) -> Self {
        Self { contents: Arc::clone(&self.contents), key, ..Self::new(None) }
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Contents) -> T) -> T {
        work(&mut self.contents.lock().unwrap())
    }

    pub fn is(&self, fault: Fault) -> bool {
        self.with(|contents| contents.is(fault))
    }

    /// The key of the hashes of names.
    pub fn names(&self) -> Result<NameKey, StoreError> {
        if self.is(NameKeysAreOfAHandle) {
            return self.own_names();
        }
        self.with(|contents| {
            if contents.name_key.is_none() {
                contents.name_key = Some(NameKey::generate(&self.key)?);
            }
            let mut sealed = contents.name_key.clone().unwrap();
            let mut opened = self.opened.lock().unwrap();
            if let Some((of, names)) = &*opened
                && *of == sealed
            {
                return Ok(names.clone());
            }
            // What it would be to make a new one when the old one cannot be opened.
            if contents.is(ResealingForgetsNames) && NameKey::open(&sealed, &self.key).is_err() {
                sealed = NameKey::generate(&self.key)?;
                contents.name_key = Some(sealed.clone());
            }
            let names = NameKey::open(&sealed, &self.key)?;
            *opened = Some((sealed, names.clone()));
            Ok(names)
        })
    }

    fn secret(&self, bot: BotId, row: &Row) -> Result<BotState, StoreError> {
        let Some(sealed) = &row.sealed else {
            let had_one = !row.older.is_empty();
            let is_unknown =
                self.is(ABotWithoutSecretIsUnknown) || self.is(ARemovedSecretIsAnUnknownBot) && had_one;
            return Ok(if is_unknown { BotState::Unknown } else { BotState::WithoutSecret });
        };
        match self.key.open_secret(bot, row.version, sealed) {
            Ok(secret) => Ok(BotState::Current(BotSecret::new(bot, row.project, row.version, secret))),
            Err(_) if self.is(WhatCannotBeOpenedIsNoSecret) => Ok(BotState::WithoutSecret),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a bot a new secret, or none.
    pub fn set_secret(&self, bot: BotId, secret: Option<&SsoSecret>) -> Result<(), StoreError> {
        self.forget_bot(bot);
        self.with(|contents| {
            let fault = contents.fault;
            let count = contents.bots.get(&bot).map_or(0, |row| row.older.len());
            let row = match contents.bots.get_mut(&bot) {
                Some(row) => row,
                None if fault == Some(AnUnknownBotIsNoError) => return Ok(()),
                None => return Err(StoreError::UnknownBot),
            };
            let old = row.version;
            row.older.push(old);
            row.version = match (fault, secret) {
                (Some(RegeneratingKeepsTheVersion), Some(_)) => old,
                (Some(RemovingBringsTheVersionBack), Some(_)) => match row.older.first() {
                    Some(first) if row.sealed.is_none() => *first,
                    _ => SecretVersion::generate().unwrap(),
                },
                (Some(VersionsAreCounted), _) => {
                    let mut bytes = [0; 16];
                    bytes[15] = u8::try_from(count + 1).unwrap();
                    SecretVersion::from_bytes(bytes)
                }
                _ => SecretVersion::generate().unwrap(),
            };
            let version = row.version;
            row.sealed = secret.map(|secret| self.key.seal_secret(bot, version, secret)).transpose()?;
            if fault == Some(RemovingTakesEverySecret) && secret.is_none() {
                contents.bots.values_mut().for_each(|row| row.sealed = None);
            }
            Ok(())
        })
    }

    pub async fn create_bot_in(&self, project: ProjectId, bot: BotId) -> Result<(), StoreError> {
        let (known, owner) = self.with(|contents| {
            (contents.projects.contains_key(&project), contents.bots.get(&bot).map(|row| row.project))
        });
        let known = known && !self.cache.lock().unwrap().unknown.contains(&project);
        if self.is(TheBotIsLookedForBefore) || self.is(ANewBotIsLookedForBefore) {
            pause().await;
        }
        self.forget_bot(bot);
        self.with(|contents| {
            let known = known || contents.is(AnUnknownProjectIsNoError);
            if !known && !contents.is(ARefusedBotIsCreated) {
                return Err(StoreError::UnknownProject);
            }
            let version = SecretVersion::generate().unwrap();
            let new = Row { project, version, sealed: None, older: Vec::new() };
            let resets = contents.is(CreatingABotTakesItsSecret);
            let moves = contents.is(CreatingABotMovesIt);
            let overwrites = contents.is(ANewBotIsLookedForBefore) && owner.is_none();
            let looks_again = !contents.is(TheBotIsLookedForBefore);
            let owner = if looks_again { contents.bots.get(&bot).map(|row| row.project) } else { owner };
            let without = contents.bots.get(&bot).is_some_and(|row| row.sealed.is_none());
            let moves = moves || contents.is(ABotWithoutSecretMoves) && without;
            match owner {
                Some(owner) if owner != project && !moves => return Err(StoreError::BotOfAnotherProject),
                Some(_) if moves => contents.bots.get_mut(&bot).unwrap().project = project,
                Some(_) if resets => contents.bots.get_mut(&bot).unwrap().sealed = None,
                Some(_) if !overwrites => {}
                _ => drop(contents.bots.insert(bot, new)),
            }
            if known { Ok(()) } else { Err(StoreError::UnknownProject) }
        })
    }
}

impl SubscriberStore for Plain {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        Box::pin(async move {
            let caches = self.is(SecretsAreCachedByHandle);
            if caches && let Some(state) = self.cache.lock().unwrap().states.get(&bot) {
                return Ok(state.clone());
            }
            let Some(row) = self.with(|contents| contents.bots.get(&bot).cloned()) else {
                let is_without = self.is(AnUnknownBotIsWithoutSecret);
                if caches {
                    self.cache.lock().unwrap().states.insert(bot, BotState::Unknown);
                }
                return Ok(if is_without { BotState::WithoutSecret } else { BotState::Unknown });
            };
            let mut state = self.secret(bot, &row)?;
            if let BotState::Current(current) = &mut state {
                if self.is(TheSecretIsAnotherBots) {
                    let others = self.with(|contents| contents.bots.clone());
                    let is_other = |id: &BotId, other: &Row| *id != bot && other.project == row.project;
                    let mut others =
                        others.iter().filter(|(id, other)| is_other(id, other) && other.sealed.is_some());
                    let (other, row) = others.next().unwrap_or((&bot, &row));
                    if let BotState::Current(other) = self.secret(*other, row)? {
                        current.secret = other.secret;
                    }
                }
                if self.is(TheProjectIsAnother) {
                    let projects = self.with(|contents| contents.projects.clone());
                    let mut others = projects.into_keys().filter(|project| *project != row.project);
                    current.project = others.next().unwrap_or(row.project);
                }
            }
            if caches {
                self.cache.lock().unwrap().states.insert(bot, state.clone());
            }
            Ok(state)
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        Box::pin(async move {
            let names = self.names()?;
            let (early, fault) = self.with(|contents| (contents.facts(&names, &request), contents.fault));
            if matches!(
                fault,
                Some(
                    TheVersionIsComparedBefore
                        | ErasuresAreLookedForBefore
                        | SubscribersAreLookedForBefore
                        | AccountsAreLookedForBefore
                        | TheFreeTierIsReadBefore
                        | AgesAreComparedBefore
                        | KnownVisitorsAreReadBefore
                        | TheErasedRowIsReadBefore
                        | CreationIsForbiddenBefore
                        | TheDayIsDecidedBefore
                        | AnyChangeOfASecretEndsVisitsBefore
                        | AnyErasureEndsVisitsBefore
                )
            ) {
                pause().await;
            }
            if fault == Some(ADroppedVisitComesLater)
                && let Some(known) = early.known()
            {
                let mut row = known.clone();
                row.name = request.identity().name().map(str::to_owned).or(row.name);
                self.may_be_late(ADroppedVisitComesLater, Late::Row(Box::new(row))).await;
            }
            if let Some(late @ (ADroppedVisitComesUnderALaterSecret | ADroppedVisitRevives)) = fault
                && early.known().is_none()
            {
                self.may_be_late(late, Late::FirstVisit(Box::new(request.clone()))).await;
            }
            let mut new_account = None;
            let creates = early.is_current && early.known().is_none() && early.account.is_none();
            if fault == Some(TheAccountIsAFirstStep) && creates && early.may_create {
                let account = boostgpt_sso::AccountId::generate().unwrap();
                self.with(|contents| {
                    let key = contents.email_key(request.identity().email().as_str());
                    contents.accounts.insert(key, account);
                });
                new_account = Some(account);
                pause().await;
            }
            let (answer, later) = self.with(|contents| {
                let mut facts = contents.facts(&names, &request);
                match fault {
                    Some(TheVersionIsComparedBefore | TheVersionIsComparedUnderAnotherLock) => {
                        facts.is_current = early.is_current;
                    }
                    Some(ErasuresAreLookedForBefore | ErasuresAreLookedForUnderAnotherLock) => {
                        facts.forgotten_at = early.forgotten_at;
                        let is_gone = facts.known().is_none();
                        if is_gone && fault == Some(ErasuresAreLookedForUnderAnotherLock) {
                            (facts.by_email, facts.by_external_id) = (early.by_email, early.by_external_id);
                        }
                    }
                    Some(NamesAreLookedForUnderAnotherLock) => {
                        (facts.by_email, facts.by_external_id) = (early.by_email, early.by_external_id);
                        facts.account = early.account;
                    }
                    Some(AgesAreComparedBefore) => facts.applied_at = early.known().map(|of| of.applied_at),
                    Some(TheDayIsDecidedBefore) => facts.last_day = early.known().map(|of| of.last_day),
                    Some(KnownVisitorsAreReadBefore) => {
                        let id = facts.known().map(|now| now.id);
                        if early.known().is_some_and(|early| Some(early.id) == id) {
                            (facts.by_email, facts.by_external_id) = (early.by_email, early.by_external_id);
                        }
                    }
                    Some(TheErasedRowIsReadBefore) if facts.known().is_none() => {
                        (facts.by_email, facts.by_external_id) = (early.by_email, early.by_external_id);
                    }
                    Some(AnyChangeOfASecretEndsVisitsBefore) => {
                        facts.is_current &= facts.changes[0] == early.changes[0];
                    }
                    Some(AnyErasureEndsVisitsBefore) if facts.changes[1] != early.changes[1] => {
                        facts.forgotten_at = Some(i64::MAX - 60);
                    }
                    Some(CreationIsForbiddenBefore) => facts.may_create |= early.known().is_some(),
                    Some(SubscribersAreLookedForBefore) => {
                        (facts.by_email, facts.by_external_id) = (early.by_email, early.by_external_id);
                    }
                    Some(AccountsAreLookedForBefore) => facts.account = early.account,
                    Some(TheFreeTierIsReadBefore) => facts.free_tier = early.free_tier,
                    _ => {}
                }
                facts.new_account = new_account;
                if new_account.is_some() {
                    facts.account = new_account;
                }
                self.remember(fault, &request, &mut facts);
                contents.provision(&names, &request, &facts)
            });
            self.forget_answers();
            if fault == Some(ADroppedVisitComesLater) {
                self.catch_up();
            }
            if let Ok(done) = &answer
                && fault == Some(SubscribersAreCachedByHandle)
            {
                let place = (request.visitor().project(), done.subscriber);
                let row = self.with(|contents| contents.subscribers.get(&place).cloned());
                self.cache.lock().unwrap().subscribers.extend(row.map(|row| (place, row)));
            }
            if let Some(later) = later {
                pause().await;
                self.with(later);
            }
            if self.is(ErrorsAreSwallowed)
                && let Err(ProvisionError::SecretChanged) = &answer
            {
                let account =
                    boostgpt_sso::AccountId::generate().map_err(|of| StoreError::Failed(Cause::new(of)))?;
                return Ok(Provisioned::found(account, boostgpt_sso::SubscriberId::generate().unwrap()));
            }
            answer
        })
    }
}
