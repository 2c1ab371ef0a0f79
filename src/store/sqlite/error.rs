//! From SQLite's errors to a store's.

use rusqlite::ErrorCode;

use crate::store::error::{Cause, StoreError};

/// What an error of SQLite means to a caller.
pub(super) fn sql(error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
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
