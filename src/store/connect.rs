//! A store chosen at run time, by its address.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteStore;
use super::{contract::Store, error::StoreError, memory::MemoryStore, sealing::MasterKey};

/// Opens the store at an address: `memory:`, or with feature `sqlite` also `sqlite:PATH` and `sqlite::memory:`,
/// with feature `postgres` also `postgres://USER:PASSWORD@HOST:PORT/DATABASE` (see `PostgresStore::connect`).
///
/// # Errors
/// [`StoreError::UnknownAddress`], and those of opening the store.
pub async fn connect(address: &str, master_key: MasterKey) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) => Ok(Arc::new(SqliteStore::open(path, master_key).await?)),
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(PostgresStore::connect(address, PostgresOptions::new(), master_key).await?))
        }
        _ => {
            drop(master_key);
            Err(StoreError::UnknownAddress)
        }
    }
}
