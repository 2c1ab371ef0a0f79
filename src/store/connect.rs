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
/// `sqlite://PATH` is the same as `sqlite:PATH`. An SQLite address takes no parameters.
///
/// # Errors
/// [`StoreError::UnknownAddress`], and those of opening the store.
pub async fn connect(address: &str, master_key: MasterKey) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) => Ok(Arc::new(SqliteStore::open(sqlite_path(path)?, master_key).await?)),
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

/// The path in an SQLite address. What other programs read as a URL is read as they do, or refused before a file of that name
/// is made.
#[cfg(feature = "sqlite")]
fn sqlite_path(address: &str) -> Result<&str, StoreError> {
    let path = address.strip_prefix("//").unwrap_or(address);
    if path.is_empty() || path.contains('?') || path.starts_with("file:") || path.contains("://") {
        return Err(super::sqlite::Misconfigured::NotAPath.into());
    }
    Ok(path)
}
