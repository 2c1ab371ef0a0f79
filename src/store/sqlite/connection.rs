//! One connection: how a file is opened, created and checked.

#[cfg(unix)]
use std::sync::{Mutex, PoisonError};
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind},
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
/// How long a call waits until it is written: in the queue, and for another process's write.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(5);

/// Refuses what SQLite, an address, or another program would take for something else than a path, and what is
/// there and no file.
pub(super) fn check_path(path: &Path) -> Result<(), StoreError> {
    let text = path.as_os_str().as_encoded_bytes().to_ascii_lowercase();
    let is_address = ["file:", "sqlite:", "memory:"].iter().any(|start| text.starts_with(start.as_bytes()));
    let is_in_memory = path.as_os_str() == ":memory:"; // SQLite compares it letter by letter
    if text.is_empty() || is_address || (text.starts_with(b":") && !is_in_memory) {
        return Err(Misconfigured::NotAPath.into());
    }
    // A pipe would be read for ever, and a folder cannot be opened.
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(Misconfigured::NotAFile.into()),
        _ => Ok(()),
    }
}

/// Creates the file if it is not there, readable for its owner alone: it has personal data in it.
pub(super) fn create_file(path: &Path) -> Result<(), StoreError> {
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
pub(super) fn open_connection(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sql)?;
    connection.busy_timeout(MAX_WAIT).map_err(sql)?;
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

/// Names the cause of a failure to open or to write: SQLite only says that it "cannot open" the file, that
/// it is read-only, or that there was an I/O error.
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
    let files = [path.to_owned(), beside("-wal"), beside("-shm")];
    let denied: Vec<(PathBuf, ErrorKind)> =
        files.into_iter().filter_map(|path| refusal(&path).map(|kind| (path, kind))).collect();
    if let [(_, kind), ..] = denied[..] {
        let each = denied.iter().map(|(path, kind)| format!("{}: {kind}", path.display()));
        return StoreError::ReadOnly(Cause::new(io::Error::new(kind, each.collect::<Vec<_>>().join(", "))));
    }
    match std::fs::metadata(path) {
        Err(missing) if missing.kind() == ErrorKind::NotFound && matches!(error, StoreError::Failed(_)) => {
            Misconfigured::NoFile.into()
        }
        _ => error,
    }
}

/// Why the file may not be read and written, if that is so. It is opened to find out.
///
/// If it could be, it stays open while the process lives, once for each file: closing it would release the
/// locks that SQLite has on it in this process (`close` in POSIX).
#[cfg(unix)]
fn refusal(path: &Path) -> Option<ErrorKind> {
    use std::os::unix::fs::MetadataExt as _;
    static KEPT: Mutex<Vec<(u64, u64, File)>> = Mutex::new(Vec::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let found = std::fs::metadata(path).ok()?;
    let (device, number) = (found.dev(), found.ino());
    if kept.iter().any(|known| (known.0, known.1) == (device, number)) {
        return None;
    }
    match open_for_writing(path) {
        // SQLite locks nothing in the log, and makes new ones.
        Ok(_) if path.as_os_str().as_encoded_bytes().ends_with(b"-wal") => None,
        Ok(file) => {
            kept.push((device, number, file));
            None
        }
        Err(error) => is_denial(&error).then(|| error.kind()),
    }
}

#[cfg(not(unix))]
fn refusal(path: &Path) -> Option<ErrorKind> {
    let error = open_for_writing(path).err()?;
    is_denial(&error).then(|| error.kind())
}

fn open_for_writing(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

fn is_denial(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}

fn denied(error: io::Error) -> StoreError {
    match error.kind() {
        _ if is_denial(&error) => StoreError::ReadOnly(Cause::new(error)),
        ErrorKind::StorageFull => StoreError::Full(Cause::new(error)),
        _ => StoreError::Configuration(Cause::new(error)),
    }
}

/// Switches the file to a write-ahead log, if it has none yet, and checks that it has one. (A database in
/// memory needs none.)
///
/// SQLite does not wait for other processes that do the same at once, so this does.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let deadline = Instant::now().checked_add(MAX_WAIT);
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
pub(super) fn read_count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}
