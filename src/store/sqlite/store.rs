//! The connections: opening a database, and running work on it.

use std::{
    fmt,
    fs::OpenOptions,
    io::ErrorKind,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, config::DbConfig, params};

use super::{error::sql, schema, worker::Workers};
use crate::store::{
    error::{Cause, StoreError},
    model::Migration,
    name_hash::NameKey,
    sealing::{KeyId, MasterKey, Sealed, SealingError},
};

/// How much of the file each connection keeps, at most: the inner pages of all trees up to some million subscribers.
const CACHE_KIB: i32 = 16 * 1024;
/// How long a write waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A [`Store`](crate::store::Store) in an SQLite database. Clones share their connections.
///
/// Several processes may use one file, on a local disk (not on a network file system). It has threads of its own and
/// works under every async executor.
///
/// ```
/// use boostgpt_sso::{Authenticator, store::{MasterKey, SqliteStore}};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sso.db");
/// # let path = path.to_str().unwrap();
/// # let master_key = MasterKey::from_bytes([7; 32]);
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # if false {
/// let master_key = MasterKey::from_env()?;
/// # }
/// let authenticator = Authenticator::new(SqliteStore::open(path, master_key).await?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore(pub(super) Arc<Inner>);

pub(super) struct Inner {
    workers: Workers,
    pub(super) master_key: MasterKey,
    /// None without a master key.
    name_key: Option<NameKey>,
}

impl Inner {
    /// The key of the hashes of names, which only a master key opens.
    pub(super) fn name_key(&self) -> Result<&NameKey, StoreError> {
        Ok(self.name_key.as_ref().ok_or(SealingError::NoMasterKey)?)
    }
}

impl SqliteStore {
    /// Opens the database file, creates it where it does not exist, and brings its schema up to date; `:memory:` is a
    /// database that ends with the store. The process must be able to write to the file *and* to its folder, where the
    /// log stands beside it.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] with the wrong master key; [`StoreError::ReadOnly`], [`StoreError::Corrupt`],
    /// [`StoreError::NewerSchema`], [`StoreError::Full`], [`StoreError::Unavailable`] or [`StoreError::Failed`] as the file is.
    pub async fn open(path: impl AsRef<Path>, master_key: MasterKey) -> Result<Self, StoreError> {
        Self::open_as(path, master_key, Opening::Migrate).await
    }

    /// Opens the database file as [`open`](Self::open) does, but creates and migrates nothing.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] if there is no such file; [`StoreError::OlderSchema`] if it has to be
    /// migrated first; and those of [`open`](Self::open).
    pub async fn open_existing(path: impl AsRef<Path>, master_key: MasterKey) -> Result<Self, StoreError> {
        Self::open_as(path, master_key, Opening::Existing).await
    }

    async fn open_as(
        path: impl AsRef<Path>,
        master_key: MasterKey,
        opening: Opening,
    ) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let (answer, answered) = tokio::sync::oneshot::channel();
        // On a thread of its own, since opening and migrating wait for the disk and for other processes.
        let open = move || {
            let _ =
                answer.send(Self::open_now(&path, master_key, opening).map_err(|error| name(error, &path)));
        };
        let failed = |error| StoreError::Failed(Cause::new(error));
        thread::Builder::new().name("sso-sqlite-open".to_owned()).spawn(open).map_err(failed)?;
        answered.await.map_err(|error| StoreError::Failed(Cause::new(error)))?
    }

    fn open_now(path: &Path, master_key: MasterKey, opening: Opening) -> Result<Self, StoreError> {
        let in_memory = path == Path::new(":memory:");
        if opening == Opening::Existing && !in_memory && !path.exists() {
            return Err(StoreError::Configuration(Cause::new(NoSuchFile)));
        }
        let mut writer = connect(path)?;
        match opening {
            Opening::Existing if !in_memory => schema::check(&writer)?,
            Opening::Existing | Opening::Migrate => schema::migrate(&mut writer)?,
        }
        let has_key = !master_key.is_none();
        let name_key = has_key.then(|| name_key(&writer, &master_key)).transpose()?;
        let is_file = writer.path().is_some_and(|path| !path.is_empty());
        let count = if is_file {
            thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8))
        } else {
            0
        };
        let readers = (0..count).map(|_| {
            let reader = connect(path)?;
            reader.pragma_update(None, "query_only", true).map_err(sql)?;
            Ok(reader)
        });
        let readers = readers.collect::<Result<Vec<_>, StoreError>>()?;
        let workers =
            Workers::start(writer, readers).map_err(|error| StoreError::Failed(Cause::new(error)))?;
        Ok(Self(Arc::new(Inner { workers, master_key, name_key })))
    }

    /// The schema's migrations, in order: what [`open`](Self::open) applies, for a DBA to read.
    #[must_use]
    pub const fn migrations() -> &'static [Migration] {
        schema::MIGRATIONS
    }

    pub(super) fn workers(&self) -> &Workers {
        &self.0.workers
    }
}

/// Whether opening may create the file and change its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Migrate,
    Existing,
}

/// The address may be mistyped, and is not repeated: it may hold what should not be in a log.
#[derive(Debug, thiserror::Error)]
#[error("there is no such file: check the store's address, or create it with `boostgpt-sso store migrate`")]
struct NoSuchFile;

pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| sql(without_path(&error)))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sql)?;
    // After an ANALYZE, SQLite would otherwise plan a prepared statement anew for each visit, with its parameters in mind.
    // Ours search by whole keys, so there is nothing to choose.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(sql)?;
    write_ahead(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB.saturating_neg()).map_err(sql)?;
    Ok(connection)
}

/// An error of opening without the path that SQLite repeats in it.
fn without_path(error: &rusqlite::Error) -> rusqlite::Error {
    let code = match error {
        rusqlite::Error::SqliteFailure(code, _) => *code,
        _ => rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
    };
    rusqlite::Error::SqliteFailure(code, None)
}

/// SQLite says of a disk that is read-only, and of a folder that it may not write to, that it "cannot open" the file.
fn name(error: StoreError, path: &Path) -> StoreError {
    let StoreError::Failed(_) = &error else { return error };
    match OpenOptions::new().write(true).create(true).truncate(false).open(path) {
        Err(denied)
            if matches!(denied.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) =>
        {
            StoreError::ReadOnly(Cause::new(denied))
        }
        _ => error,
    }
}

/// Switches the file to a write-ahead log, where it has none yet. (In memory there is none, which is as good.)
///
/// SQLite does not wait for others who are doing the same at once, so this does.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let deadline = Instant::now().checked_add(BUSY_TIMEOUT);
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(sql) {
            Err(StoreError::Unavailable(_)) if deadline.is_some_and(|deadline| Instant::now() < deadline) => {
                thread::sleep(Duration::from_millis(5));
            }
            outcome => return outcome,
        }
    }
}

/// The key of the names, made with the database and sealed in it.
fn name_key(connection: &Connection, master_key: &MasterKey) -> Result<NameKey, StoreError> {
    let read = || {
        let select = "SELECT sealing_key, sealed FROM sso_hash_key WHERE id = 1";
        connection.query_row(select, [], |row| sealed(row, 0)).optional().map_err(sql)
    };
    let mut found = read()?;
    if found.is_none() {
        let sealed = NameKey::generate(master_key)?;
        let insert = "INSERT INTO sso_hash_key (id, sealing_key, sealed) VALUES (1, ?1, ?2) ON CONFLICT (id) DO NOTHING";
        connection.execute(insert, params![sealed.key.0, sealed.bytes]).map_err(sql)?;
        found = read()?; // another process may have been faster
    }
    Ok(NameKey::open(&found.ok_or(SealingError::Damaged)?, master_key)?)
}

/// The sealed value in two columns: the key's id and the bytes.
pub(super) fn sealed(row: &Row<'_>, column: usize) -> rusqlite::Result<Sealed> {
    Ok(Sealed { key: KeyId(row.get(column)?), bytes: row.get(column.saturating_add(1))? })
}

/// A count, which is never negative.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("master_key", &self.0.master_key).finish_non_exhaustive()
    }
}
