//! What the store in memory keeps, and what each operation does to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use time::Date;

use crate::{
    id::{AccountId, BotId, ProjectId, SecretVersion, SubscriberId},
    identity::{self, Email},
    secret::SsoSecret,
    store::{
        error::{ProvisionError, StoreError},
        linking,
        model::{Bot, Provisioned, Subscriber},
        visit::ProvisionRequest,
    },
};

#[derive(Default)]
pub(super) struct Contents {
    pub(super) projects: BTreeMap<ProjectId, Option<u32>>,
    pub(super) bots: BTreeMap<BotId, MemoryBot>,
    /// By e-mail key.
    pub(super) accounts: HashMap<String, AccountId>,
    pub(super) subscribers: BTreeMap<(ProjectId, SubscriberId), Subscriber>,
    pub(super) grants: HashMap<(ProjectId, AccountId), u32>,
    /// Who visited on a day, and whether for the first time.
    pub(super) visits: BTreeMap<(ProjectId, Date), BTreeMap<SubscriberId, bool>>,
    /// The e-mail keys that a subscriber no longer holds.
    pub(super) past_addresses: HashMap<(ProjectId, SubscriberId), BTreeSet<String>>,
    /// Forgotten e-mail keys and external ids, and when, in seconds since 1970.
    pub(super) forgotten: HashMap<(ProjectId, Forgotten), i64>,
}

pub(super) struct MemoryBot {
    pub(super) project: ProjectId,
    pub(super) version: SecretVersion,
    pub(super) secret: Option<SsoSecret>,
}

#[derive(PartialEq, Eq, Hash)]
pub(super) enum Forgotten {
    Email(String),
    ExternalId(String),
}

impl MemoryBot {
    pub(super) fn shown(&self, id: BotId) -> Bot {
        Bot::new(id, self.project, self.secret.as_ref().map(|_| self.version))
    }
}

impl Contents {
    pub(super) fn set_secret(&mut self, bot: BotId, secret: Option<SsoSecret>) -> Result<(), StoreError> {
        let bot = self.bots.get_mut(&bot).ok_or(StoreError::UnknownBot)?;
        bot.version = SecretVersion::generate()?;
        bot.secret = secret;
        Ok(())
    }

    pub(super) fn find(
        &self,
        project: ProjectId,
        wanted: impl Fn(&Subscriber) -> bool,
    ) -> Option<Subscriber> {
        self.of(project).find(|subscriber| wanted(subscriber)).cloned()
    }

    pub(super) fn of(&self, project: ProjectId) -> impl DoubleEndedIterator<Item = &Subscriber> {
        self.subscribers.values().filter(move |subscriber| subscriber.project == project)
    }

    pub(super) fn by_email(&self, project: ProjectId, email: Email<'_>) -> Option<Subscriber> {
        self.find(project, |subscriber| {
            subscriber.email.as_deref().is_some_and(|held| key(held) == email.key())
        })
    }

    pub(super) fn by_external_id(&self, project: ProjectId, id: &str) -> Option<Subscriber> {
        self.find(project, |subscriber| subscriber.external_id.as_deref() == Some(id))
    }

    pub(super) fn provision(&mut self, request: &ProvisionRequest) -> Result<Provisioned, ProvisionError> {
        let (visitor, identity) = (request.visitor(), request.identity());
        let project = visitor.project();
        let is_current = |bot: &&MemoryBot| {
            bot.project == project && bot.version == visitor.secret_version() && bot.secret.is_some()
        };
        self.bots.get(&visitor.bot()).filter(is_current).ok_or(ProvisionError::SecretChanged)?;
        let email_key = identity.email().key().into_owned();
        let forgotten = [
            Some(Forgotten::Email(email_key.clone())),
            identity.external_id().map(|id| Forgotten::ExternalId(id.to_owned())),
        ]
        .into_iter()
        .flatten()
        .filter_map(|what| self.forgotten.get(&(project, what)).copied())
        .max();
        if forgotten.is_some_and(|at| linking::is_forgotten(request, at)) {
            return Err(ProvisionError::Forgotten);
        }
        let by_external_id = identity.external_id().and_then(|id| self.by_external_id(project, id));
        let by_email = self.by_email(project, identity.email());
        let decision = linking::decide(request, by_external_id, by_email);
        let today = request.today();

        let (mut subscriber, provisioned) = if let Some(known) = decision.subscriber.clone() {
            let found = Provisioned::found(known.account, known.id);
            (known, found)
        } else if request.may_create() {
            let new_account = AccountId::generate().map_err(StoreError::from)?;
            let id = SubscriberId::generate().map_err(StoreError::from)?;
            let account = *self.accounts.entry(email_key.clone()).or_insert(new_account);
            let free_tier = self.projects.get(&project).copied().flatten();
            let free_tier = free_tier.filter(|credits| *credits > 0 && forgotten.is_none());
            let granted = free_tier.filter(|_| !self.grants.contains_key(&(project, account)));
            self.grants.extend(granted.map(|credits| ((project, account), credits)));
            let created = Provisioned {
                created_account: account == new_account,
                created_subscriber: true,
                granted,
                ..Provisioned::found(account, id)
            };
            (Subscriber::new(project, id, account, request.issued_at(), today), created)
        } else {
            return Err(ProvisionError::WouldCreate);
        };
        let mut took_address_back = false;
        if decision.writes() {
            if decision.sets_email {
                let past = subscriber.email.as_deref().map(key).filter(|past| *past != email_key);
                if let Some(past) = past {
                    let all = self.past_addresses.entry((project, subscriber.id)).or_default();
                    took_address_back = all.contains(&email_key);
                    all.insert(past);
                }
                subscriber.email = Some(identity.email().as_str().to_owned());
            }
            if decision.sets_name {
                subscriber.name = identity.name().map(str::to_owned);
            }
            if decision.sets_external_id {
                subscriber.external_id = identity.external_id().map(str::to_owned);
            }
            subscriber.applied_at = subscriber.applied_at.max(request.issued_at());
            subscriber.last_day = subscriber.last_day.max(today);
            if decision.records_visit {
                let day = self.visits.entry((project, today)).or_default();
                day.entry(subscriber.id).or_insert(provisioned.created_subscriber);
            }
            self.subscribers.insert((project, subscriber.id), subscriber);
        }
        Ok(Provisioned { conflict: decision.conflict, took_address_back, ..provisioned })
    }

    pub(super) fn forget(&mut self, project: ProjectId, subscriber: SubscriberId, now: i64) -> bool {
        let Some(erased) = self.subscribers.remove(&(project, subscriber)) else { return false };
        let past = self.past_addresses.remove(&(project, subscriber)).unwrap_or_default();
        let addresses = past.into_iter().chain(erased.email.as_deref().map(key)).map(Forgotten::Email);
        let names = addresses.chain(erased.external_id.map(Forgotten::ExternalId));
        for name in names {
            let at = self.forgotten.entry((project, name)).or_insert(now);
            *at = now.max(*at);
        }
        // Others with this account: in this project, the free tier stays theirs; with its address, the
        // address does.
        let others = || self.subscribers.values().filter(|other| other.account == erased.account);
        if !others().any(|other| other.project == project) {
            self.grants.remove(&(project, erased.account));
        }
        let held: BTreeSet<_> = others().filter_map(|other| other.email.as_deref().map(key)).collect();
        self.accounts.retain(|address, account| *account != erased.account || held.contains(address));
        true
    }

    pub(super) fn with_grant(&self, subscriber: Subscriber) -> Subscriber {
        let granted = self.grants.get(&(subscriber.project, subscriber.account)).copied();
        let past = self.past_addresses.get(&(subscriber.project, subscriber.id));
        let past_addresses = as_count(past.map_or(0, BTreeSet::len));
        Subscriber { granted, past_addresses, ..subscriber }
    }

    pub(super) fn active(&self, project: ProjectId, first: Date, last: Date) -> u64 {
        let days = self.visits_between(project, first, last);
        as_count(days.flat_map(|(_, visits)| visits.keys()).collect::<BTreeSet<_>>().len())
    }

    pub(super) fn visits_between(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> impl Iterator<Item = (Date, &BTreeMap<SubscriberId, bool>)> {
        self.visits
            .iter()
            .filter(move |((of, day), _)| *of == project && (first..=last).contains(day))
            .map(|((_, day), visits)| (*day, visits))
    }
}

/// The e-mail key of a stored address, whatever today's rules for addresses say of it.
fn key(email: &str) -> String {
    identity::email_key(email).into_owned()
}

pub(super) fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
