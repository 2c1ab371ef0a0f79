//! The contract, method by method.

use std::sync::Arc;

use time::{Date, OffsetDateTime};

use super::{
    activity,
    calls::CallKind,
    forget, projects, provision, secrets,
    store::PostgresStore,
    subscribers::{self, By},
};
use crate::{
    id::{BotId, ProjectId, SubscriberId},
    identity::Email,
    secret::SsoSecret,
    store::{
        contract::{BoxFuture, Store, SubscriberStore},
        error::{ProvisionError, StoreError},
        model::{Bot, DayActivity, Lookup, Project, Provisioned, Subscriber},
        visit::{BotState, ProvisionRequest},
    },
};

impl SubscriberStore for PostgresStore {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            secrets::current(&inner, connection, bot).await
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        let names = match self.0.name_key() {
            Ok(key) => key.of(request.visitor().project(), request.identity()),
            Err(error) => return Box::pin(std::future::ready(Err(error.into()))),
        };
        let request = Arc::new(request);
        self.0.run(CallKind::Visit, move |inner, connection| {
            let request = Arc::clone(&request);
            async move { provision::provision(&inner, connection, &request, &names).await }
        })
    }
}

impl Store for PostgresStore {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            projects::create(&inner, connection, project).await
        })
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            projects::find(&inner, connection, project).await
        })
    }

    fn projects(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Project>, StoreError>> {
        self.0.run(CallKind::Report, move |inner, mut connection| async move {
            projects::list(&inner, &mut connection, after, limit).await
        })
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            projects::set_free_tier(&inner, connection, project, credits).await
        })
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            secrets::create_bot(&inner, connection, project, bot).await
        })
    }

    fn bot(&self, bot: BotId) -> BoxFuture<'_, Result<Option<Bot>, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            secrets::bot(&inner, connection, bot).await
        })
    }

    fn bots(
        &self,
        project: ProjectId,
        after: Option<BotId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Bot>, StoreError>> {
        self.0.run(CallKind::Report, move |inner, connection| async move {
            secrets::bots(&inner, connection, project, after, limit).await
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            secrets::regenerate(&inner, connection, bot).await
        })
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            secrets::remove(&inner, connection, bot).await
        })
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.reseal_all()
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        let by = Arc::new(By::new(by, project, self.0.name_key().ok()));
        self.0.run(by.kind(), move |inner, connection| {
            let by = Arc::clone(&by);
            async move { subscribers::find(&inner, connection, project, &by).await }
        })
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        self.0.run(CallKind::Report, move |inner, connection| async move {
            subscribers::list(&inner, connection, project, after, limit).await
        })
    }

    fn subscriber_count(&self, project: ProjectId) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.0.run(CallKind::Report, move |inner, connection| async move {
            subscribers::total(&inner, connection, project).await
        })
    }

    fn subscribers_by_email<'a>(
        &'a self,
        email: Email<'a>,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>> {
        let key: Arc<str> = email.key().into();
        self.0.run(CallKind::Report, move |inner, mut connection| {
            let key = Arc::clone(&key);
            async move { subscribers::by_email_key(&inner, &mut connection, &key).await }
        })
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, connection| async move {
            forget::forget(&inner, connection, project, subscriber, now).await
        })
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        self.0.run(CallKind::Report, move |inner, connection| async move {
            activity::daily(&inner, connection, project, first, last).await
        })
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.0.run(CallKind::Report, move |inner, connection| async move {
            activity::active_subscribers(&inner, connection, project, first, last).await
        })
    }
}
