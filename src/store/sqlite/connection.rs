//! One connection: how a file is opened, created and checked.

use std::{
    fs::OpenOptions,
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, Row, config::DbConfig};

use super::error::{Misconfigured, sql};
use crate::store::{
    error::{Cause, StoreError},
    sealing::{KeyId, Sealed},
};

/// The most that each connection keeps of the file: the inner pages of all trees up to some million
/// subscribers.
const CACHE_KIB: i32 = 16 * 1024;
/// More statements than the store has.
const MAX_STATEMENTS: usize = 128;
/// How long a call waits for another process's write, and for room in the writer's queue.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Creates the file if it is not there, readable for its owner alone: it has personal data in it.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    if path.as_os_str() == ":memory:" {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(denied(error)),
    }
}

/// Opens an existing file, or a database in memory.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sql)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sql)?;
    // After an ANALYZE, SQLite would otherwise plan a prepared statement anew for each visit, with its
    // parameters in mind. Ours search by whole keys, so there is nothing to choose.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(sql)?;
    connection.set_prepared_statement_cache_capacity(MAX_STATEMENTS);
    write_ahead(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB.saturating_neg()).map_err(sql)?;
    // What is deleted is overwritten: after an erasure the file has none of it.
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(())).map_err(sql)?;
    Ok(connection)
}

/// Names the cause of a failure to open: SQLite only says that it "cannot open" the file, or that there was
/// an I/O error.
pub(super) fn explained(error: StoreError, path: &Path) -> StoreError {
    if !matches!(error, StoreError::Failed(_) | StoreError::ReadOnly(_) | StoreError::Unavailable(_)) {
        return error;
    }
    let beside = |end: &str| {
        let mut path = path.as_os_str().to_owned();
        path.push(end);
        PathBuf::from(path)
    };
    // The log and the shared memory beside the file may be another user's.
    for path in [path.to_owned(), beside("-wal"), beside("-shm")] {
        match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error)
                if matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) =>
            {
                return denied(std::io::Error::new(error.kind(), format!("{}: {error}", path.display())));
            }
            _ => {}
        }
    }
    match std::fs::metadata(path) {
        Err(missing) if missing.kind() == ErrorKind::NotFound && matches!(error, StoreError::Failed(_)) => {
            Misconfigured::NoFile.into()
        }
        _ => error,
    }
}

fn denied(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            StoreError::ReadOnly(Cause::new(error))
        }
        ErrorKind::StorageFull => StoreError::Full(Cause::new(error)),
        _ => StoreError::Configuration(Cause::new(error)),
    }
}

/// Switches the file to a write-ahead log, if it has none yet, and checks that it has one. (A database in
/// memory needs none.)
///
/// SQLite does not wait for other processes that do the same at once, so this does.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let deadline = Instant::now().checked_add(BUSY_TIMEOUT);
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode.map_err(sql) {
            Ok(mode) if mode == "wal" || mode == "memory" => return Ok(()),
            Ok(_) => return Err(Misconfigured::NoSharedMemory.into()),
            Err(StoreError::Unavailable(_)) if deadline.is_some_and(|deadline| Instant::now() < deadline) => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The sealed value in two columns: the key's id and the bytes.
pub(super) fn sealed(row: &Row<'_>, column: usize) -> rusqlite::Result<Sealed> {
    Ok(Sealed { key: KeyId(row.get(column)?), bytes: row.get(column.saturating_add(1))? })
}

/// A count, which is never negative.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}
