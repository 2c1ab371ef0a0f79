//! A store in memory: for tests and demonstrations, and the oracle of the other stores' tests. It forgets
//! everything with the process, so it seals nothing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use time::{Date, Duration, OffsetDateTime};

use super::{
    contract::{BoxFuture, Store, SubscriberStore},
    error::{ProvisionError, StoreError},
    linking,
    model::{Bot, DayActivity, Lookup, Project, Provisioned, Subscriber},
    visit::{BotSecret, BotState, ProvisionRequest},
};
use crate::{
    id::{AccountId, BotId, ProjectId, SecretVersion, SubscriberId},
    identity::{self, Email},
    secret::SsoSecret,
};

/// A [`Store`](super::Store) in memory. Clones share their contents.
///
/// ```
/// use boostgpt_sso::{BotId, ProjectId, store::{MemoryStore, Project, Store}};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = MemoryStore::new();
/// let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
/// store.create_project(Project::new(project).with_free_tier(100)).await?;
/// store.create_bot(project, bot).await?;
/// let shown_once = store.regenerate_secret(bot).await?;
/// # let _ = shown_once;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Contents>>);

#[derive(Default)]
struct Contents {
    projects: BTreeMap<ProjectId, Option<u32>>,
    bots: BTreeMap<BotId, KeptBot>,
    /// By e-mail key.
    accounts: HashMap<String, AccountId>,
    subscribers: BTreeMap<(ProjectId, SubscriberId), Subscriber>,
    grants: HashMap<(ProjectId, AccountId), u32>,
    /// Who visited on a day, and whether for the first time.
    visits: BTreeMap<(ProjectId, Date), BTreeMap<SubscriberId, bool>>,
    /// The e-mail keys that a subscriber no longer holds.
    past_addresses: HashMap<(ProjectId, SubscriberId), BTreeSet<String>>,
    /// Forgotten e-mail keys and external ids, and when, in seconds since 1970.
    forgotten: HashMap<(ProjectId, Forgotten), i64>,
}

struct KeptBot {
    project: ProjectId,
    version: SecretVersion,
    secret: Option<SsoSecret>,
}

#[derive(PartialEq, Eq, Hash)]
enum Forgotten {
    Email(String),
    ExternalId(String),
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `work` on the contents, alone, when the future is first polled.
    fn with<'a, T>(&'a self, work: impl FnOnce(&mut Contents) -> T + Send + 'a) -> BoxFuture<'a, T> {
        // A poisoned lock cannot mean half-changed contents: nothing below panics.
        Box::pin(async move { work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)) })
    }
}

impl Contents {
    fn set_secret(&mut self, bot: BotId, secret: Option<SsoSecret>) -> Result<(), StoreError> {
        let bot = self.bots.get_mut(&bot).ok_or(StoreError::UnknownBot)?;
        bot.version = SecretVersion::generate().map_err(StoreError::generator)?;
        bot.secret = secret;
        Ok(())
    }

    fn find(&self, project: ProjectId, wanted: impl Fn(&Subscriber) -> bool) -> Option<Subscriber> {
        self.of(project).find(|subscriber| wanted(subscriber)).cloned()
    }

    fn of(&self, project: ProjectId) -> impl DoubleEndedIterator<Item = &Subscriber> {
        self.subscribers.values().filter(move |subscriber| subscriber.project == project)
    }

    fn by_email(&self, project: ProjectId, email: Email<'_>) -> Option<Subscriber> {
        self.find(project, |subscriber| {
            subscriber.email.as_deref().is_some_and(|held| key(held) == email.key())
        })
    }

    fn by_external_id(&self, project: ProjectId, id: &str) -> Option<Subscriber> {
        self.find(project, |subscriber| subscriber.external_id.as_deref() == Some(id))
    }

    fn provision(&mut self, request: &ProvisionRequest) -> Result<Provisioned, ProvisionError> {
        let (visitor, identity) = (request.visitor(), request.identity());
        let project = visitor.project();
        let is_current = |bot: &&KeptBot| {
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
            let new_account = AccountId::generate().map_err(StoreError::generator)?;
            let id = SubscriberId::generate().map_err(StoreError::generator)?;
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
        if decision.writes() {
            if decision.sets_email {
                let past = subscriber.email.as_deref().map(key).filter(|past| *past != email_key);
                if let Some(past) = past {
                    self.past_addresses.entry((project, subscriber.id)).or_default().insert(past);
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
        Ok(Provisioned { conflict: decision.conflict, ..provisioned })
    }

    fn forget(&mut self, project: ProjectId, subscriber: SubscriberId, now: i64) -> bool {
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
}

/// The e-mail key of a stored address, whatever today's rules for addresses say of it.
fn key(email: &str) -> String {
    identity::email_key(email).into_owned()
}

impl SubscriberStore for MemoryStore {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        self.with(move |contents| {
            let Some(kept) = contents.bots.get(&bot) else { return Ok(BotState::Unknown) };
            let Some(secret) = kept.secret.clone() else { return Ok(BotState::WithoutSecret) };
            Ok(BotState::Current(BotSecret::new(bot, kept.project, kept.version, secret)))
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        self.with(move |contents| contents.provision(&request))
    }
}

impl Store for MemoryStore {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(move |contents| {
            contents.projects.entry(project.id).or_insert(project.free_tier);
            Ok(())
        })
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        self.with(move |contents| {
            let free_tier = contents.projects.get(&project).copied();
            Ok(free_tier.map(|free_tier| Project { id: project, free_tier }))
        })
    }

    fn projects(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Project>, StoreError>> {
        self.with(move |contents| {
            let newest_first = contents.projects.iter().rev();
            let all = newest_first.map(|(id, free_tier)| Project { id: *id, free_tier: *free_tier });
            Ok(page(all, |project| project.id, after, limit))
        })
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(move |contents| {
            *contents.projects.get_mut(&project).ok_or(StoreError::UnknownProject)? = credits;
            Ok(())
        })
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(move |contents| {
            if !contents.projects.contains_key(&project) {
                return Err(StoreError::UnknownProject);
            }
            let version = SecretVersion::generate().map_err(StoreError::generator)?;
            let bot = contents.bots.entry(bot).or_insert(KeptBot { project, version, secret: None });
            if bot.project == project { Ok(()) } else { Err(StoreError::BotOfAnotherProject) }
        })
    }

    fn bot(&self, bot: BotId) -> BoxFuture<'_, Result<Option<Bot>, StoreError>> {
        self.with(move |contents| Ok(contents.bots.get(&bot).map(|kept| kept.shown(bot))))
    }

    fn bots(
        &self,
        project: ProjectId,
        after: Option<BotId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Bot>, StoreError>> {
        self.with(move |contents| {
            let newest_first = contents.bots.iter().rev().map(|(id, kept)| kept.shown(*id));
            Ok(page(newest_first.filter(|bot| bot.project == project), |bot| bot.id, after, limit))
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        self.with(move |contents| {
            let secret = SsoSecret::generate().map_err(StoreError::generator)?;
            contents.set_secret(bot, Some(secret.clone()))?;
            Ok(secret)
        })
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(move |contents| contents.set_secret(bot, None))
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.with(|_| Ok(0))
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        self.with(move |contents| {
            let found = match by {
                Lookup::Id(id) => contents.subscribers.get(&(project, id)).cloned(),
                Lookup::ExternalId(id) => contents.by_external_id(project, id),
                Lookup::Email(email) => contents.by_email(project, email),
            };
            Ok(found.map(|subscriber| contents.with_grant(subscriber)))
        })
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        self.with(move |contents| {
            let newest_first = contents.of(project).rev().cloned();
            let found = page(newest_first, |subscriber| subscriber.id, after, limit);
            Ok(found.into_iter().map(|subscriber| contents.with_grant(subscriber)).collect())
        })
    }

    fn subscriber_count(&self, project: ProjectId) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.with(move |contents| Ok(count(contents.of(project).count())))
    }

    fn subscribers_by_email<'a>(
        &'a self,
        email: Email<'a>,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>> {
        self.with(move |contents| {
            let found = contents.projects.keys().filter_map(|project| contents.by_email(*project, email));
            Ok(found.map(|subscriber| contents.with_grant(subscriber)).collect())
        })
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.with(move |contents| Ok(contents.forget(project, subscriber, now.unix_timestamp())))
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        self.with(move |contents| {
            // Only these days can have a count.
            let mut visited = contents.visits_between(project, Date::MIN, Date::MAX).map(|(day, _)| day);
            let Some(earliest) = visited.next() else { return Ok(Vec::new()) };
            let latest = visited.last().unwrap_or(earliest).saturating_add(Duration::days(29));
            let days = std::iter::successors(Some(first.max(earliest)), |day| day.next_day());
            let days = days.take_while(|day| *day <= last.min(latest)).map(|day| {
                let since = |days| day.checked_sub(Duration::days(days)).unwrap_or(Date::MIN);
                let (_, visits) = contents.visits_between(project, day, day).next().unzip();
                DayActivity {
                    day,
                    active: contents.active(project, day, day),
                    new: count(visits.map_or(0, |visits| visits.values().filter(|is_new| **is_new).count())),
                    weekly: contents.active(project, since(6), day),
                    monthly: contents.active(project, since(29), day),
                }
            });
            Ok(days.filter(|day| day.monthly > 0).collect())
        })
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.with(move |contents| Ok(contents.active(project, first, last)))
    }
}

impl KeptBot {
    fn shown(&self, id: BotId) -> Bot {
        Bot::new(id, self.project, self.secret.as_ref().map(|_| self.version))
    }
}

/// The page of a list, newest first, that begins after an id.
fn page<T, I: Ord>(all: impl Iterator<Item = T>, id: fn(&T) -> I, after: Option<I>, limit: u32) -> Vec<T> {
    let rest = all.filter(|one| after.as_ref().is_none_or(|after| id(one) < *after));
    rest.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl Contents {
    fn with_grant(&self, subscriber: Subscriber) -> Subscriber {
        let granted = self.grants.get(&(subscriber.project, subscriber.account)).copied();
        Subscriber { granted, ..subscriber }
    }

    fn active(&self, project: ProjectId, first: Date, last: Date) -> u64 {
        let days = self.visits_between(project, first, last);
        count(days.flat_map(|(_, visits)| visits.keys()).collect::<BTreeSet<_>>().len())
    }

    fn visits_between(
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

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore(..)")
    }
}
