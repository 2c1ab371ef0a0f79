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
};

#[derive(Clone)]
pub struct Plain {
    pub contents: Arc<Mutex<Contents>>,
    pub key: MasterKey,
    /// The key of the hashes of names, once it was opened.
    opened: Arc<Mutex<Option<(Sealed, NameKey)>>>,
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
        }
    }

    /// The same store under other keys.
    pub fn open(&self, key: MasterKey) -> Self {
        Self { contents: Arc::clone(&self.contents), key, opened: Arc::default() }
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Contents) -> T) -> T {
        work(&mut self.contents.lock().unwrap())
    }

    pub fn is(&self, fault: Fault) -> bool {
        self.with(|contents| contents.is(fault))
    }

    /// The key of the hashes of names.
    pub fn names(&self) -> Result<NameKey, StoreError> {
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
            let was_removed = !row.removed.is_empty();
            let is_unknown =
                self.is(ABotWithoutSecretIsUnknown) || self.is(ARemovedSecretIsAnUnknownBot) && was_removed;
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
        self.with(|contents| {
            let fault = contents.fault;
            let count = contents.bots.get(&bot).map_or(0, |row| row.removed.len());
            let row = match contents.bots.get_mut(&bot) {
                Some(row) => row,
                None if fault == Some(AnUnknownBotIsNoError) => return Ok(()),
                None => return Err(StoreError::UnknownBot),
            };
            let old = row.version;
            row.removed.push(old);
            row.version = match (fault, secret) {
                (Some(RegeneratingKeepsTheVersion), Some(_)) => old,
                (Some(RemovingBringsTheVersionBack), Some(_)) => match row.removed.first() {
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
        if self.is(TheBotIsLookedForBefore) {
            pause().await;
        }
        self.with(|contents| {
            let known = known || contents.is(AnUnknownProjectIsNoError);
            if !known && !contents.is(ARefusedBotIsCreated) {
                return Err(StoreError::UnknownProject);
            }
            let version = SecretVersion::generate().unwrap();
            let new = Row { project, version, sealed: None, removed: Vec::new() };
            let resets = contents.is(CreatingABotTakesItsSecret);
            let moves = contents.is(CreatingABotMovesIt);
            let looks_again = !contents.is(TheBotIsLookedForBefore);
            let owner = if looks_again { contents.bots.get(&bot).map(|row| row.project) } else { owner };
            match owner {
                Some(owner) if owner != project && !moves => return Err(StoreError::BotOfAnotherProject),
                Some(_) if moves => contents.bots.get_mut(&bot).unwrap().project = project,
                Some(_) if resets => contents.bots.get_mut(&bot).unwrap().sealed = None,
                Some(_) => {}
                None => drop(contents.bots.insert(bot, new)),
            }
            if known { Ok(()) } else { Err(StoreError::UnknownProject) }
        })
    }
}

impl SubscriberStore for Plain {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        Box::pin(async move {
            let Some(row) = self.with(|contents| contents.bots.get(&bot).cloned()) else {
                let is_without = self.is(AnUnknownBotIsWithoutSecret);
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
                )
            ) {
                pause().await;
            }
            let (answer, later) = self.with(|contents| {
                let mut facts = contents.facts(&names, &request);
                match fault {
                    Some(TheVersionIsComparedBefore) => facts.is_current = early.is_current,
                    Some(ErasuresAreLookedForBefore) => facts.forgotten_at = early.forgotten_at,
                    Some(SubscribersAreLookedForBefore) => {
                        (facts.by_email, facts.by_external_id) = (early.by_email, early.by_external_id);
                    }
                    Some(AccountsAreLookedForBefore) => facts.account = early.account,
                    Some(TheFreeTierIsReadBefore) => facts.free_tier = early.free_tier,
                    _ => {}
                }
                contents.provision(&names, &request, &facts)
            });
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
