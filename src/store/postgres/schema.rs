//! The tables, as versioned migrations, in a schema of their own.

use std::{borrow::Cow, sync::Arc};

use super::{
    calls::{CallKind, Connections, in_schema},
    connection::Connection,
    error::AttemptError,
    options::malformed,
    rehash,
    value::{self, Value, sealed},
};
use crate::store::{
    error::StoreError,
    model::Migration,
    name_hash::NameKey,
    sealing::{MasterKey, SealingError},
};

/// Version 2 is only half of a migration: the store copies tables after it, and version 3 then drops the old
/// ones.
const MIGRATIONS: &[(u32, &str)] = &[
    (1, include_str!("0001_tables.sql")),
    (2, include_str!("0002_versions.sql")),
    (3, include_str!("0003_hashes.sql")),
    (4, include_str!("0004_revisions.sql")),
];
/// The version whose old tables are to be copied, and the one that then drops them.
const COPIED: u32 = 2;
const OLD_TABLES_DROPPED: u32 = 3;
/// The version that this crate needs.
const NEEDED: u32 = 4;

/// The most bytes of a schema's name: those of any name in PostgreSQL.
const MAX_SCHEMA_NAME_BYTES: usize = 63;

/// The migrations as they are run, for this schema.
pub(super) fn migrations(schema: &str) -> Vec<Migration> {
    let sql = |text: &'static str| in_schema(schema, Cow::Borrowed(text));
    MIGRATIONS.iter().map(|(version, text)| Migration { version: *version, sql: sql(text) }).collect()
}

/// A name that needs no quotes and can hide nothing.
pub(super) fn check_schema_name(schema: &str) -> Result<(), StoreError> {
    let is_fine = schema.len() <= MAX_SCHEMA_NAME_BYTES
        && schema.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && schema.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_fine {
        Ok(())
    } else {
        Err(malformed("the schema's name is not 1 to 63 lower-case letters, digits and `_`, no digit first"))
    }
}

/// Opens the schema: brings it to the newest version, or demands that it is. Returns the key of the names, if
/// there is a master key to open it.
///
/// Any number of processes may do so at once: each migration is one transaction, and of two at once one is
/// refused by a key or a name that is taken.
pub(super) async fn open(
    connections: &Arc<Connections>,
    master_key: &MasterKey,
) -> Result<Option<NameKey>, StoreError> {
    let (this, key) = (Arc::clone(connections), master_key.clone());
    let kind = if connections.options.migrates { CallKind::Migration } else { CallKind::Visit };
    connections.run(kind, move |connection| attempt(Arc::clone(&this), key.clone(), connection)).await
}

async fn attempt(
    connections: Arc<Connections>,
    master_key: MasterKey,
    mut connection: Connection,
) -> Result<Option<NameKey>, AttemptError> {
    let server = "SELECT current_setting('server_encoding'), current_setting('transaction_read_only')";
    if let Some(row) = connection.first(server, Vec::new()).await? {
        // A pool of the service's own may lead to a standby.
        connection.demand_primary(&row, 1)?;
        if value::get::<&str>(&row, 0)? != "UTF8" {
            let why = "the database cannot hold every name: create it with ENCODING 'UTF8'";
            return Err(malformed(why).into());
        }
    }
    let found = version(&connections, &mut connection).await?;
    if found > NEEDED {
        return Err(StoreError::NewerSchema { found, known: NEEDED }.into());
    }
    if found < NEEDED && !connections.options.migrates {
        return Err(StoreError::OutdatedSchema { found, needed: NEEDED }.into());
    }
    if master_key.is_none() && !connections.options.migrates {
        return Ok(None);
    }
    if found < COPIED {
        apply_migrations(&connections, &mut connection, found, COPIED).await?;
    }
    let name_key = name_key(&connections, &master_key, &mut connection).await?;
    if found < OLD_TABLES_DROPPED {
        let replaced = replace_old_tables(&connections, &mut connection, &name_key).await;
        // If another process was faster, the old tables were gone for this one.
        if version(&connections, &mut connection).await? < OLD_TABLES_DROPPED {
            replaced?;
        }
    }
    if found < NEEDED {
        let found = version(&connections, &mut connection).await?;
        apply_migrations(&connections, &mut connection, found, NEEDED).await?;
    }
    Ok(Some(name_key))
}

/// Copies what has new hashes, and drops the old tables.
async fn replace_old_tables(
    connections: &Connections,
    connection: &mut Connection,
    name_key: &NameKey,
) -> Result<(), AttemptError> {
    rehash::copy(connections, connection, name_key).await?;
    apply_migrations(connections, connection, COPIED, OLD_TABLES_DROPPED).await
}

/// The schema's version; 0 if there are no tables.
async fn version(connections: &Connections, connection: &mut Connection) -> Result<u32, AttemptError> {
    let is_there = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'migrations'";
    let schema = Value::text(&connections.options.schema);
    if connection.first(is_there, vec![schema]).await?.is_none() {
        return Ok(0);
    }
    let newest = connections.text("SELECT max(version) FROM sso.migrations");
    let row = connection.first(&newest, Vec::new()).await?;
    Ok(row.map(|row| value::optional_number(&row, 0)).transpose()?.flatten().unwrap_or(0))
}

/// Applies the migrations after `found`, up to `last`.
async fn apply_migrations(
    connections: &Connections,
    connection: &mut Connection,
    found: u32,
    last: u32,
) -> Result<(), AttemptError> {
    let schema = &connections.options.schema;
    let is_there = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    if found == 0 && connection.first(is_there, vec![Value::text(schema)]).await?.is_none() {
        connection.batch(format!("CREATE SCHEMA {schema}")).await?;
    }
    // The server's own limit, which is that of a visit, ends with the transaction.
    let limit = connections.options.migration_timeout.as_millis();
    for migration in migrations(schema).into_iter().filter(|one| one.version > found && one.version <= last) {
        connection.batch(format!("SET LOCAL statement_timeout = {limit};\n{}", migration.sql)).await?;
    }
    Ok(())
}

/// Reads the key of the names, which was made with the database and sealed in it.
async fn name_key(
    connections: &Connections,
    master_key: &MasterKey,
    connection: &mut Connection,
) -> Result<NameKey, AttemptError> {
    let select = connections.text("SELECT sealing_key, sealed FROM sso.hash_key WHERE id = 1");
    let mut found = connection.first(&select, Vec::new()).await?;
    if found.is_none() {
        let new = NameKey::generate(master_key).map_err(StoreError::from)?;
        let insert = connections.text(
            "INSERT INTO sso.hash_key (id, sealing_key, sealed) VALUES (1, $1, $2)
            ON CONFLICT (id) DO NOTHING",
        );
        connection.query(&insert, vec![Value::bytes(new.key.0), Value::bytes(new.bytes)]).await?;
        found = connection.first(&select, Vec::new()).await?; // another process may have been faster
    }
    let row = found.ok_or(StoreError::Sealing(SealingError::Damaged))?;
    Ok(NameKey::open(&sealed(&row, 0)?, master_key).map_err(StoreError::from)?)
}
