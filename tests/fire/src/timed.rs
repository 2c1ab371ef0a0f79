//! A store that notes how long its calls take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Instant,
};

use boostgpt_sso::{
    BotId,
    store::{
        BotState, BoxFuture, ProvisionError, ProvisionRequest, Provisioned, Store, StoreError,
        SubscriberStore,
    },
};

use crate::journal::Journal;

/// The store itself, and the journal that gets each longest call.
pub struct Timed {
    pub store: Arc<dyn Store>,
    journal: Arc<Journal>,
    longest: AtomicU64,
}

impl Timed {
    pub fn new(store: Arc<dyn Store>, journal: Arc<Journal>) -> Self {
        Self { store, journal, longest: AtomicU64::new(0) }
    }

    /// Notes how long a call takes.
    pub fn time<'a, T: 'a>(&'a self, call: BoxFuture<'a, T>) -> BoxFuture<'a, T> {
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

impl SubscriberStore for Timed {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        self.time(self.store.current_secret(bot))
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        self.time(self.store.provision(request))
    }
}
