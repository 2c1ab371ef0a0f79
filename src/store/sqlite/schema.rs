//! The tables, as versioned migrations. Every name begins with `sso_`, so that they can share a file with
//! others.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{connection::sealed, error::sql};
use crate::{
    id::ProjectId,
    store::{
        error::StoreError,
        model::Migration,
        name_hash::{NameHash, NameKey},
        sealing::MasterKey,
    },
};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: Cow::Borrowed(include_str!("0001_tables.sql")) },
    Migration { version: 2, sql: Cow::Borrowed(include_str!("0002_versions.sql")) },
];

/// The version that this program needs.
fn newest() -> u32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Checks that the database has the version that this program needs.
pub(super) fn check_schema(connection: &Connection) -> Result<(), StoreError> {
    let (found, needed) = (version(connection)?.unwrap_or(0), newest());
    match found {
        found if found < needed => Err(StoreError::OutdatedSchema { found, needed }),
        found if found > needed => Err(StoreError::NewerSchema { found, known: needed }),
        _ => Ok(()),
    }
}

/// Brings the database to the newest version, in one transaction. Any number of processes may do so at once.
pub(super) fn migrate(connection: &mut Connection, master_key: &MasterKey) -> Result<(), StoreError> {
    let newest = newest();
    match version(connection)? {
        Some(found) if found == newest => return Ok(()),
        // What was erased under schema 1 was not overwritten, and is still in free places of the file.
        Some(1) => connection.execute_batch("VACUUM").map_err(sql)?,
        _ => {}
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS sso_migrations
                (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT",
        )
        .map_err(sql)?;
    let found = version(&transaction)?.unwrap_or(0);
    if found > newest {
        return Err(StoreError::NewerSchema { found, known: newest });
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        transaction.execute_batch(&migration.sql).map_err(sql)?;
        if migration.version == 2
            && let Some(name_key) = read_name_key(&transaction, master_key)?
        {
            hash_with_projects(&transaction, &name_key)?;
        }
        let done = "INSERT INTO sso_migrations (version, applied_at) VALUES (?1, datetime('now'))";
        transaction.execute(done, [migration.version]).map_err(sql)?;
    }
    transaction.commit().map_err(sql)?;
    if found == 1 {
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(sql)?;
    }
    Ok(())
}

/// Hashes the forgotten names of schema 1 again, with their project: until then, the same name had the same
/// hash in all projects.
fn hash_with_projects(connection: &Connection, name_key: &NameKey) -> Result<(), StoreError> {
    for table in ["sso_forgotten", "sso_past_addresses"] {
        let select =
            format!("SELECT DISTINCT project_id, name_hash FROM {table} WHERE length(name_hash) = 32");
        let mut statement = connection.prepare(&select).map_err(sql)?;
        let rows =
            statement.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 32]>(1)?)));
        let old = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(sql)?;
        let update = format!("UPDATE {table} SET name_hash = ?3 WHERE project_id = ?1 AND name_hash = ?2");
        let mut update = connection.prepare(&update).map_err(sql)?;
        for (project, hash) in old {
            let plain: NameHash = hash.first_chunk().copied().unwrap_or_default();
            let new = name_key.in_project(ProjectId::from_bytes(project), plain);
            update.execute(params![project, hash, new]).map_err(sql)?;
        }
    }
    Ok(())
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

/// Reads the key of the hashed names, if there is one.
pub(super) fn read_name_key(
    connection: &Connection,
    master_key: &MasterKey,
) -> Result<Option<NameKey>, StoreError> {
    let select = "SELECT sealing_key, sealed FROM sso_hash_key WHERE id = 1";
    let found = connection.query_row(select, [], |row| sealed(row, 0)).optional().map_err(sql)?;
    Ok(found.map(|found| NameKey::open(&found, master_key)).transpose()?)
}
