//! A store chosen at run time, by its address.

use std::sync::Arc;

#[cfg(feature = "sqlite")]
use super::error::Cause;
#[cfg(feature = "postgres")]
use super::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteStore;
use super::{contract::Store, error::StoreError, memory::MemoryStore, sealing::MasterKey};

/// Opens the store at an address: `memory:`, or with feature `sqlite` also `sqlite:PATH` and
/// `sqlite::memory:`, with feature `postgres` also `postgres://USER:PASSWORD@HOST:PORT/DATABASE` (see
/// `PostgresStore::connect`). Brings its schema up to date.
///
/// # Errors
/// [`StoreError::UnknownAddress`], and those of opening the store.
pub async fn connect(address: &str, master_key: MasterKey) -> Result<Arc<dyn Store>, StoreError> {
    open(address, master_key, true).await
}

/// Opens the store at an address as [`connect`] does, but creates and migrates nothing: for programs that
/// only look things up. With [`MasterKey::none`] they need no key.
///
/// ```
/// use boostgpt_sso::store::{MasterKey, Store, StoreError, connect_existing};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = connect_existing("memory:", MasterKey::none()).await?;
/// assert!(store.projects(None, 10).await?.is_empty());
/// # Ok::<(), StoreError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`StoreError::OlderSchema`] if the schema is not up to date or does not exist,
/// [`StoreError::Configuration`] if an SQLite file does not exist, and those of [`connect`].
pub async fn connect_existing(address: &str, master_key: MasterKey) -> Result<Arc<dyn Store>, StoreError> {
    open(address, master_key, false).await
}

#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    expect(clippy::unused_async, reason = "opening a store in memory waits for nothing")
)]
async fn open(address: &str, master_key: MasterKey, migrates: bool) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) if is_url(path) => Err(StoreError::Configuration(Cause::new(NotAPath))),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) if migrates => Ok(Arc::new(SqliteStore::open(path, master_key).await?)),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) => Ok(Arc::new(SqliteStore::open_existing(path, master_key).await?)),
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            let options = PostgresOptions::new();
            let options = if migrates { options } else { options.without_migration() };
            Ok(Arc::new(PostgresStore::connect(address, options, master_key).await?))
        }
        _ => {
            drop((master_key, migrates));
            Err(StoreError::UnknownAddress)
        }
    }
}

/// Whether the path of an SQLite address is written as a URL, which would become the name of a new file.
#[cfg(feature = "sqlite")]
fn is_url(path: &str) -> bool {
    path.starts_with("file:") || path.starts_with("//") || path.contains("://") || path.contains('?')
}

#[cfg(feature = "sqlite")]
#[derive(Debug, thiserror::Error)]
#[error(
    "an SQLite address is `sqlite:PATH`: leave out `//` and `file:` before the path, and parameters after it"
)]
struct NotAPath;
