//! A store that notes how long its calls take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Instant,
};

use boostgpt_sso::{
    BotId, ProjectId, SsoSecret, SubscriberId,
    store::{
        BotSecret, BoxFuture, DayActivity, Lookup, Project, ProvisionError, ProvisionRequest, Provisioned,
        SecretStore, Store, StoreError, Subscriber, SubscriberStore,
    },
    time::{Date, OffsetDateTime},
};

use crate::journal::Journal;

/// The store itself, and the journal that gets each longest call.
pub struct Timed {
    store: Arc<dyn Store>,
    journal: Arc<Journal>,
    longest: AtomicU64,
}

impl Timed {
    pub fn new(store: Arc<dyn Store>, journal: Arc<Journal>) -> Self {
        Self { store, journal, longest: AtomicU64::new(0) }
    }

    fn time<'a, T: 'a>(&'a self, call: BoxFuture<'a, T>) -> BoxFuture<'a, T> {
        Box::pin(async move {
            let started = Instant::now();
            let answer = call.await;
            let length = started.elapsed().as_micros() as u64;
            if self.longest.fetch_max(length, SeqCst) < length {
                self.journal.stall(length);
            }
            answer
        })
    }
}

impl SecretStore for Timed {
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.time(self.store.create_bot(project, bot))
    }

    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>> {
        self.time(self.store.current_secret(bot))
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        self.time(self.store.regenerate_secret(bot))
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.time(self.store.remove_secret(bot))
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.time(self.store.reseal())
    }
}

impl SubscriberStore for Timed {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        self.time(self.store.create_project(project))
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        self.time(self.store.project(project))
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.time(self.store.set_free_tier(project, credits))
    }

    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>> {
        self.time(self.store.provision(request))
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        self.time(self.store.subscriber(project, by))
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        self.time(self.store.subscribers(project, after, limit))
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.time(self.store.forget(project, subscriber, now))
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        self.time(self.store.activity(project, first, last))
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.time(self.store.active_subscribers(project, first, last))
    }
}
