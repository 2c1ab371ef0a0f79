//! A store in memory: for tests and demonstrations, and the oracle of the other stores' tests. It forgets
//! everything with the process, so it seals nothing.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use time::{Date, Duration, OffsetDateTime};

mod contents;

use self::contents::{Contents, MemoryBot, as_count};
use super::{
    contract::{BoxFuture, Store, SubscriberStore},
    error::{ProvisionError, StoreError},
    model::{Bot, DayActivity, Lookup, Project, Provisioned, Subscriber},
    visit::{BotSecret, BotState, ProvisionRequest},
};
use crate::{
    id::{BotId, ProjectId, SecretVersion, SubscriberId},
    identity::Email,
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

impl MemoryStore {
    /// Makes an empty store.
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
            let version = SecretVersion::generate()?;
            let bot = contents.bots.entry(bot).or_insert(MemoryBot { project, version, secret: None });
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
        self.with(move |contents| Ok(as_count(contents.of(project).count())))
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
                    new: as_count(
                        visits.map_or(0, |visits| visits.values().filter(|is_new| **is_new).count()),
                    ),
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

/// The page of a list, newest first, that begins after an id.
fn page<T, I: Ord>(all: impl Iterator<Item = T>, id: fn(&T) -> I, after: Option<I>, limit: u32) -> Vec<T> {
    let rest = all.filter(move |one| after.as_ref().is_none_or(|after| id(one) < *after));
    rest.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore(..)")
    }
}
