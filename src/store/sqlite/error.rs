//! From SQLite's errors to a store's.

use rusqlite::{ErrorCode, ffi};

use crate::store::error::{Cause, StoreError};

/// What cannot be opened as it is given.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum Misconfigured {
    #[error(
        "an SQLite file is given by its plain path: without \"file:\", \"sqlite:\", \"memory:\" or \
         parameters, and without a space or a line end around it"
    )]
    NotAPath,
    #[error("what is there is no file (a folder, a pipe or a device): give the path of a file")]
    NotAFile,
    #[error(
        "there is no such file: check the address, or create the store with `boostgpt-sso store migrate`"
    )]
    NoFile,
    #[error(
        "the file system has no shared memory or no locks, which a write-ahead log needs: put the file on a \
         local disk"
    )]
    NoSharedMemory,
}

impl From<Misconfigured> for StoreError {
    fn from(error: Misconfigured) -> Self {
        Self::Configuration(Cause::new(error))
    }
}

/// Errors that the file system makes every time.
const NO_SHARED_MEMORY: [i32; 5] = [
    ffi::SQLITE_IOERR_SHMOPEN,
    ffi::SQLITE_IOERR_SHMSIZE,
    ffi::SQLITE_IOERR_SHMLOCK,
    ffi::SQLITE_IOERR_SHMMAP,
    ffi::SQLITE_IOERR_LOCK,
];

/// What an error of SQLite means to a caller.
pub(super) fn sql(error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    if error.sqlite_error().is_some_and(|error| NO_SHARED_MEMORY.contains(&error.extended_code)) {
        return Misconfigured::NoSharedMemory.into();
    }
    let cause = Cause::new(error);
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::SystemIoFailure) => {
            StoreError::Unavailable(cause)
        }
        Some(ErrorCode::DiskFull) => StoreError::Full(cause),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly(cause),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(cause),
        _ => StoreError::Failed(cause),
    }
}
