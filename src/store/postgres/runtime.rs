//! The runtime that a store's connections and timers live on.

use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

use super::options::malformed;
use crate::store::error::StoreError;

/// The runtime in which the store was opened, if it has threads of its own that drive it. A runtime of the
/// current thread does not run while that thread does something else, so a store that is opened in one gets a
/// runtime of one thread.
pub(super) struct StoreRuntime {
    handle: Handle,
    own: Option<Runtime>,
}

impl StoreRuntime {
    /// Finds the runtime in which this is called, or makes one.
    pub(super) fn find() -> Result<Self, StoreError> {
        let handle = Handle::try_current()
            .map_err(|_| malformed("the store has to be opened within a Tokio runtime"))?;
        if handle.runtime_flavor() != RuntimeFlavor::CurrentThread {
            return Ok(Self { handle, own: None });
        }
        let mut builder = Builder::new_multi_thread();
        let own = builder.worker_threads(1).thread_name("boostgpt-sso").enable_all().build();
        let own = own.map_err(|_| malformed("the store cannot start a thread of its own"))?;
        Ok(Self { handle: own.handle().clone(), own: Some(own) })
    }

    pub(super) const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for StoreRuntime {
    fn drop(&mut self) {
        // The last one to let go of the store may be a task of this very runtime, which must not wait for
        // itself.
        if let Some(own) = self.own.take() {
            own.shutdown_background();
        }
    }
}
