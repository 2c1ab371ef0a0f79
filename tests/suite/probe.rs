//! A store that counts, fails on demand and takes its time, around the memory store.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use boostgpt_sso::{
    BotId,
    store::{
        BotState, BoxFuture, Cause, MemoryStore, ProvisionError, ProvisionRequest, Provisioned, StoreError,
        SubscriberStore,
    },
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
    /// Around this store.
    pub fn of(store: &MemoryStore) -> Self {
        Self(Arc::new(Inner { store: store.clone(), ..Inner::default() }))
    }

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

impl SubscriberStore for Probe {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        Box::pin(async move {
            self.0.secret_reads.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            self.check()?;
            self.0.store.current_secret(bot).await
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        Box::pin(async move {
            self.check()?;
            self.0.store.provision(request).await
        })
    }
}
