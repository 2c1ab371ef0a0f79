//! A store that counts, fails on demand and takes its time, around the memory store.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use boostgpt_sso::{
    BotId, ProjectId, SsoSecret, SubscriberId,
    store::{
        BotSecret, BoxFuture, Cause, DayActivity, Lookup, MemoryStore, Project, ProvisionError,
        ProvisionRequest, Provisioned, SecretStore, StoreError, Subscriber, SubscriberStore,
    },
    time::{Date, OffsetDateTime},
};

#[derive(Clone, Default)]
pub struct Probe(pub Arc<Inner>);

#[derive(Default)]
pub struct Inner {
    pub store: MemoryStore,
    pub secret_reads: AtomicUsize,
    pub fails: AtomicBool,
}

impl Probe {
    pub fn secret_reads(&self) -> usize {
        self.0.secret_reads.load(Ordering::SeqCst)
    }

    pub fn fail(&self, fails: bool) {
        self.0.fails.store(fails, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), StoreError> {
        let broken = || StoreError::Unavailable(Cause::new(std::io::Error::other("unplugged")));
        if self.0.fails.load(Ordering::SeqCst) { Err(broken()) } else { Ok(()) }
    }
}

impl SecretStore for Probe {
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.store.create_bot(project, bot)
    }

    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>> {
        Box::pin(async move {
            self.0.secret_reads.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            self.check()?;
            self.0.store.current_secret(bot).await
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        self.0.store.regenerate_secret(bot)
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.store.remove_secret(bot)
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.0.store.reseal()
    }
}

impl SubscriberStore for Probe {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.store.create_project(project)
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        self.0.store.project(project)
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.store.set_free_tier(project, credits)
    }

    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>> {
        Box::pin(async move {
            self.check()?;
            self.0.store.provision(request).await
        })
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        self.0.store.subscriber(project, by)
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        self.0.store.subscribers(project, after, limit)
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.0.store.forget(project, subscriber, now)
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        self.0.store.activity(project, first, last)
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.0.store.active_subscribers(project, first, last)
    }
}
