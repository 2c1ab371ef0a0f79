//! The tables, as versioned migrations. Every name begins with `sso_`, so that they can share a file with others.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::error::sql;
use crate::store::{error::StoreError, model::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: Cow::Borrowed(include_str!("0001_tables.sql")) },
    Migration { version: 2, sql: Cow::Borrowed(include_str!("0002_versions.sql")) },
];

/// Checks that the database has the newest version.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let needed = MIGRATIONS.last().map_or(0, |migration| migration.version);
    match version(connection)?.unwrap_or(0) {
        found if found < needed => Err(StoreError::OlderSchema { found, needed }),
        found if found > needed => Err(StoreError::NewerSchema { found, known: needed }),
        _ => Ok(()),
    }
}

/// Brings the database to the newest version. Any number of processes may do so at once.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let newest = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if version(connection)? == Some(newest) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS sso_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT",
        )
        .map_err(sql)?;
    let found = version(&transaction)?.unwrap_or(0);
    if found > newest {
        return Err(StoreError::NewerSchema { found, known: newest });
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        transaction.execute_batch(&migration.sql).map_err(sql)?;
        let done = "INSERT INTO sso_migrations (version, applied_at) VALUES (?1, datetime('now'))";
        transaction.execute(done, [migration.version]).map_err(sql)?;
    }
    transaction.commit().map_err(sql)
}

/// The version that the database has; `None` for one without our tables.
fn version(connection: &Connection) -> Result<Option<u32>, StoreError> {
    let exists = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sso_migrations'";
    if connection.query_row(exists, [], |_| Ok(())).optional().map_err(sql)?.is_none() {
        return Ok(None);
    }
    let newest = "SELECT max(version) FROM sso_migrations";
    connection.query_row(newest, [], |row| row.get(0)).map_err(sql)
}
