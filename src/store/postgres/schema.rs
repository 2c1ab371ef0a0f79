//! The tables, as versioned migrations, in a schema of their own.

use std::{borrow::Cow, sync::Arc};

use super::{
    connection::{Connection, Connections, in_schema},
    error::Setback,
    options::malformed,
    value::{self, Value},
};
use crate::store::{error::StoreError, model::Migration};

const MIGRATIONS: &[(u32, &str)] =
    &[(1, include_str!("0001_tables.sql")), (2, include_str!("0002_versions.sql"))];

/// The migrations as they are run, for this schema.
pub(super) fn migrations(schema: &str) -> Vec<Migration> {
    let sql = |text: &'static str| in_schema(schema, Cow::Borrowed(text));
    MIGRATIONS.iter().map(|(version, text)| Migration { version: *version, sql: sql(text) }).collect()
}

/// A name that needs no quotes and can hide nothing.
pub(super) fn check_name(schema: &str) -> Result<(), StoreError> {
    let is_fine = schema.len() <= 63
        && schema.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && schema.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_fine {
        Ok(())
    } else {
        Err(malformed("the schema's name is not 1 to 63 lower-case letters, digits and `_`, no digit first"))
    }
}

/// Brings the schema to the newest version, or checks that it has it, as the options say. Any number of
/// processes may do so at once: each migration is one transaction, and of two at once one is refused by a key or
/// a name that is taken.
pub(super) async fn migrate(connections: &Arc<Connections>) -> Result<(), StoreError> {
    let this = Arc::clone(connections);
    connections.run(move |connection| attempt(Arc::clone(&this), connection)).await
}

async fn attempt(connections: Arc<Connections>, mut connection: Connection) -> Result<(), Setback> {
    let encoding = connection.first("SHOW server_encoding", Vec::new()).await?;
    let encoding = encoding.map(|row| value::get::<String>(&row, 0)).transpose()?;
    if encoding.is_some_and(|encoding| encoding != "UTF8") {
        return Err(malformed("the database cannot hold every name: create it with ENCODING 'UTF8'").into());
    }
    let schema = &connections.options.schema;
    let known = MIGRATIONS.last().map_or(0, |(version, _)| *version);
    let is_there = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'migrations'";
    let found = if connection.first(is_there, vec![Value::text(schema)]).await?.is_some() {
        let newest = connections.text("SELECT max(version) FROM sso.migrations");
        let row = connection.first(&newest, Vec::new()).await?;
        row.map(|row| value::optional_number(&row, 0)).transpose()?.flatten().unwrap_or(0)
    } else {
        let is_there = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
        if connections.options.migrates
            && connection.first(is_there, vec![Value::text(schema)]).await?.is_none()
        {
            connection.batch(format!("CREATE SCHEMA {schema}")).await?;
        }
        0
    };
    if found > known {
        return Err(StoreError::NewerSchema { found, known }.into());
    }
    if found < known && !connections.options.migrates {
        return Err(StoreError::OlderSchema { found, needed: known }.into());
    }
    for migration in migrations(schema).into_iter().filter(|migration| migration.version > found) {
        connection.batch(migration.sql.into_owned()).await?;
    }
    Ok(())
}
