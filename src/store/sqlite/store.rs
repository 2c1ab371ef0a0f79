//! The connections: opening a database, and running work on it.

use std::{fmt, path::Path, sync::Arc, thread, time::Duration};

use rusqlite::{Connection, params};

use super::{
    connection::{check_path, create_file, explained, open_connection},
    direct::DirectReaders,
    error::sql,
    schema,
    worker::Workers,
};
use crate::store::{
    error::{Cause, StoreError},
    model::Migration,
    name_hash::NameKey,
    sealing::{MasterKey, SealingError},
};

/// A [`Store`](crate::store::Store) in an SQLite database. Clones share their connections.
///
/// Several processes may use one file, on a local disk (not on a network file system). It has threads of its
/// own and works under every async executor. A visitor's few rows are read on the caller's thread, which
/// takes microseconds, as long as they are in memory: after two reads in a row that took longer than
/// 200 µs, the store's threads read for 10 ms. Each thread that reads and each core has a connection with up
/// to 16 MiB of cache.
///
/// ```
/// use boostgpt_sso::{Authenticator, store::{MasterKey, SqliteStore}};
///
/// # let folder = temp_dir::TempDir::new()?;
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
pub struct SqliteStore(pub(super) Arc<SqliteInner>);

pub(super) struct SqliteInner {
    workers: Workers,
    pub(super) master_key: MasterKey,
    /// None without a master key.
    name_key: Option<NameKey>,
}

impl SqliteInner {
    /// The key of the hashes of names, which only a master key opens.
    pub(super) fn name_key(&self) -> Result<&NameKey, StoreError> {
        Ok(self.name_key.as_ref().ok_or(SealingError::NoMasterKey)?)
    }
}

impl SqliteStore {
    /// Opens the database file and brings its schema up to date. If the file does not exist, it is created,
    /// readable for its owner alone. `:memory:` is a database that ends with the store.
    ///
    /// The process must be able to write to the file *and* to its folder, where the log is kept beside it, on
    /// a local disk: network file systems have no shared memory, or no locks. (Without a lock manager every
    /// call fails as if another process had the lock, with [`StoreError::Unavailable`].)
    ///
    /// # Errors
    /// [`StoreError::Sealing`] with the wrong master key; [`StoreError::Configuration`] if the path is no
    /// plain path, or the file system cannot hold a write-ahead log; [`StoreError::ReadOnly`],
    /// [`StoreError::Corrupt`], [`StoreError::NewerSchema`], [`StoreError::Full`],
    /// [`StoreError::Unavailable`] or [`StoreError::Failed`] as the file is.
    pub async fn open(path: impl AsRef<Path>, master_key: MasterKey) -> Result<Self, StoreError> {
        Self::open_as(path.as_ref(), master_key, true).await
    }

    /// Opens an existing database file as it is: it creates nothing and migrates nothing.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`StoreError::OutdatedSchema`] if the schema is older than this version
    /// needs, or there is none; [`StoreError::Configuration`] if there is no such file.
    pub async fn open_existing(path: impl AsRef<Path>, master_key: MasterKey) -> Result<Self, StoreError> {
        Self::open_as(path.as_ref(), master_key, false).await
    }

    async fn open_as(path: &Path, master_key: MasterKey, may_migrate: bool) -> Result<Self, StoreError> {
        let path = path.to_owned();
        let (answer, answered) = tokio::sync::oneshot::channel();
        // On a thread of its own, since opening and migrating wait for the disk and for other processes.
        let open = move || {
            let opened = Self::open_now(&path, master_key, may_migrate);
            let _ = answer.send(opened.map_err(|error| explained(error, &path)));
        };
        let failed = |error| StoreError::Failed(Cause::new(error));
        thread::Builder::new().name("sso-sqlite-open".to_owned()).spawn(open).map_err(failed)?;
        answered.await.map_err(|error| StoreError::Failed(Cause::new(error)))?
    }

    fn open_now(path: &Path, master_key: MasterKey, may_migrate: bool) -> Result<Self, StoreError> {
        check_path(path)?;
        if may_migrate {
            create_file(path)?;
        }
        let mut writer = open_connection(path)?;
        let is_new = path == Path::new(":memory:"); // there is nothing to be left as it is
        if may_migrate || is_new {
            schema::migrate(&mut writer, &master_key)?;
        } else {
            schema::check_schema(&writer)?;
        }
        // What a savepoint may have to undo stays in memory, not in a file of the system's temporary folder.
        writer.pragma_update(None, "temp_store", "MEMORY").map_err(sql)?;
        let has_key = may_migrate || !master_key.is_none();
        let name_key = has_key.then(|| name_key(&writer, &master_key)).transpose()?;
        let is_file = writer.path().is_some_and(|path| !path.is_empty());
        let cores = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
        let connections = |count| {
            let reader = |_| {
                let reader = open_connection(path)?;
                reader.pragma_update(None, "query_only", true).map_err(sql)?;
                Ok(reader)
            };
            // A database in memory has one connection.
            (0..if is_file { count } else { 0 }).map(reader).collect::<Result<Vec<_>, StoreError>>()
        };
        let readers = connections(cores.saturating_add(1))?; // and one for the reports
        let direct = connections(cores)?;
        for reader in &direct {
            reader.busy_timeout(Duration::ZERO).map_err(sql)?;
        }
        let workers = Workers::start(writer, readers, DirectReaders::new(direct));
        let workers = workers.map_err(|error| StoreError::Failed(Cause::new(error)))?;
        Ok(Self(Arc::new(SqliteInner { workers, master_key, name_key })))
    }

    /// Returns the schema's migrations, in order: what [`open`](Self::open) applies, for a DBA to read.
    #[must_use]
    pub const fn migrations() -> &'static [Migration] {
        schema::MIGRATIONS
    }

    pub(super) fn workers(&self) -> &Workers {
        &self.0.workers
    }
}

/// The key of the names, made with the database and sealed in it.
fn name_key(connection: &Connection, master_key: &MasterKey) -> Result<NameKey, StoreError> {
    if let Some(found) = schema::read_name_key(connection, master_key)? {
        return Ok(found);
    }
    let sealed = NameKey::generate(master_key)?;
    let insert =
        "INSERT INTO sso_hash_key (id, sealing_key, sealed) VALUES (1, ?1, ?2) ON CONFLICT (id) DO NOTHING";
    connection.execute(insert, params![sealed.key.0, sealed.bytes]).map_err(sql)?;
    // Another process may have been faster.
    Ok(schema::read_name_key(connection, master_key)?.ok_or(SealingError::Damaged)?)
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("master_key", &self.0.master_key).finish_non_exhaustive()
    }
}
