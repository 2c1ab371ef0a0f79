//! A store chosen at run time, by its address.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteStore;
use super::{contract::Store, error::StoreError, memory::MemoryStore, sealing::MasterKey};

/// Opens the store at an address: `memory:`, or with feature `sqlite` also `sqlite:PATH` and
/// `sqlite::memory:`, with feature `postgres` also `postgres://USER:PASSWORD@HOST:PORT/DATABASE` (see
/// `PostgresStore::connect`). Brings its schema up to date.
///
/// `sqlite://PATH` is the same as `sqlite:PATH`. An SQLite address takes no parameters.
///
/// # Errors
/// [`StoreError::UnknownAddress`], and those of opening the store.
pub async fn connect(address: &str, master_key: MasterKey) -> Result<Arc<dyn Store>, StoreError> {
    open_address(address, master_key, true).await
}

/// Opens the store at an address as [`connect`] does, but creates and migrates nothing. A program that only
/// looks things up needs no key for that: [`MasterKey::none`].
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
/// [`StoreError::OutdatedSchema`] if the schema is not up to date or does not exist,
/// [`StoreError::Configuration`] if an SQLite file does not exist, and those of [`connect`].
pub async fn connect_existing(address: &str, master_key: MasterKey) -> Result<Arc<dyn Store>, StoreError> {
    open_address(address, master_key, false).await
}

#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    expect(clippy::unused_async, reason = "opening a store in memory waits for nothing")
)]
async fn open_address(
    address: &str,
    master_key: MasterKey,
    migrates: bool,
) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) => {
            let path = sqlite_path(path)?;
            Ok(Arc::new(if migrates {
                SqliteStore::open(path, master_key).await?
            } else {
                SqliteStore::open_existing(path, master_key).await?
            }))
        }
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            let options = PostgresOptions::new();
            let options = if migrates { options } else { options.without_migrating() };
            Ok(Arc::new(PostgresStore::connect(address, options, master_key).await?))
        }
        _ => {
            drop((master_key, migrates));
            Err(StoreError::UnknownAddress)
        }
    }
}

/// The path in an SQLite address. What other programs read as a URL is read as they do, or refused before a
/// file of that name is made.
#[cfg(feature = "sqlite")]
fn sqlite_path(address: &str) -> Result<&str, StoreError> {
    let path = address.strip_prefix("//").unwrap_or(address);
    // A line end, of a file that was read, or a space would become a part of the file's name.
    let is_untrimmed = path.trim() != path || path.contains(char::is_control);
    if path.is_empty() || path.contains('?') || path.contains("://") || is_untrimmed {
        return Err(super::sqlite::Misconfigured::NotAPath.into());
    }
    Ok(path)
}
