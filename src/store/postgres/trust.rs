//! Which idle connections may still be used.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use deadpool_postgres::Object;

/// Which connections may be used. When one was lost or leads to a server that takes no writes any more, so do
/// all that were opened before that moment: they were idle then, and would each fail a visit.
#[derive(Clone, Default)]
pub(super) struct Trust(Arc<Mutex<Option<Instant>>>);

impl Trust {
    pub(super) fn has(&self, object: &Object) -> bool {
        let opened = Object::metrics(object).created;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|since| opened >= since)
    }

    /// Ends it for this connection and all older ones.
    pub(super) fn withdraw(&self, object: Object) {
        if self.has(&object) {
            let now = Some(Instant::now());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
        drop(Object::take(object)); // not back to the pool
    }
}
