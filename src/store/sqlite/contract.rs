//! The contract, method by method.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use time::{Date, OffsetDateTime};

use super::{
    activity, forget, projects, provision, secrets, statements::Database, store::SqliteStore, subscribers,
};
use crate::{
    id::{BotId, ProjectId, SubscriberId},
    identity::Email,
    secret::SsoSecret,
    store::{
        contract::{BoxFuture, Store, SubscriberStore},
        error::{ProvisionError, StoreError},
        model::{Bot, DayActivity, Lookup, Project, Provisioned, Subscriber},
        reseal::reseal_all,
        visit::{BotState, ProvisionRequest},
    },
};

/// How long sealing everything anew may take.
const MAX_RESEAL_TIME: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(600) };

impl SubscriberStore for SqliteStore {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        Box::pin(async move {
            let found = self.workers().look_up(move |database| secrets::find(database, bot)).await?;
            secrets::open(bot, found, &self.0.master_key)
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        Box::pin(async move {
            let names = self.0.name_key()?.of(request.visitor().project(), request.identity());
            let request = Arc::new(request);
            let to_find = Arc::clone(&request);
            let find = move |database: &Database<'_>| answer(provision::find(database, &to_find, &names));
            let found = self.workers().look_up(find);
            if let Some(returning) = found.await??.returning() {
                return Ok(returning);
            }
            let inner = Arc::clone(&self.0);
            let applied = self
                .workers()
                .write(move |database| provision::apply(database, &request, &names, inner.name_key()?));
            applied.await
        })
    }
}

/// A refusal is an answer, too: only a store that fails is asked again.
fn answer<T>(outcome: Result<T, ProvisionError>) -> Result<Result<T, ProvisionError>, StoreError> {
    match outcome {
        Err(ProvisionError::Store(error)) => Err(error),
        answer => Ok(answer),
    }
}

impl Store for SqliteStore {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| projects::create(database, project)))
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        Box::pin(self.workers().read(move |database| projects::find(database, project)))
    }

    fn projects(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Project>, StoreError>> {
        Box::pin(self.workers().report(move |database| projects::list(database, after, limit)))
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| projects::set_free_tier(database, project, credits)))
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| secrets::create_bot(database, project, bot)))
    }

    fn bot(&self, bot: BotId) -> BoxFuture<'_, Result<Option<Bot>, StoreError>> {
        Box::pin(self.workers().read(move |database| secrets::bot(database, bot)))
    }

    fn bots(
        &self,
        project: ProjectId,
        after: Option<BotId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Bot>, StoreError>> {
        Box::pin(self.workers().report(move |database| secrets::bots(database, project, after, limit)))
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        let master_key = self.0.master_key.clone();
        Box::pin(self.workers().write(move |database| secrets::regenerate(database, bot, &master_key)))
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| secrets::remove(database, bot)))
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let page = |after| {
            let inner = Arc::clone(&self.0);
            self.workers().write(move |database| secrets::reseal_page(database, &inner.master_key, after))
        };
        let names = || {
            let inner = Arc::clone(&self.0);
            self.workers().write(move |database| secrets::reseal_names(database, &inner.master_key))
        };
        let began = Instant::now();
        Box::pin(reseal_all(move || began.elapsed() > MAX_RESEAL_TIME, page, names))
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        let by = subscribers::condition(by);
        Box::pin(self.workers().read(move |database| subscribers::find(database, project, by)))
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        Box::pin(self.workers().report(move |database| subscribers::list(database, project, after, limit)))
    }

    fn subscriber_count(&self, project: ProjectId) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.workers().report(move |database| subscribers::total(database, project)))
    }

    fn subscribers_by_email<'a>(
        &'a self,
        email: Email<'a>,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>> {
        let key = email.key().into_owned();
        Box::pin(self.workers().report(move |database| subscribers::by_email_key(database, &key)))
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let forgotten = self
                .workers()
                .write(move |database| forget::forget(database, project, subscriber, now, inner.name_key()?));
            if !forgotten.await? {
                return Ok(false);
            }
            forget::empty_log(self.workers()).await?;
            Ok(true)
        })
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        Box::pin(self.workers().report(move |database| activity::daily(database, project, first, last)))
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(
            self.workers()
                .report(move |database| activity::active_subscribers(database, project, first, last)),
        )
    }
}
