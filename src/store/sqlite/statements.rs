//! A connection and its prepared statements.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OptionalExtension, Params, Row, Statement};

use super::error::sql;
use crate::store::error::StoreError;

/// What the work on a database is given.
pub(super) struct Database<'c>(&'c Connection);

impl<'c> Database<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self(connection)
    }

    /// Whether no transaction is open.
    pub(super) fn is_autocommit(&self) -> bool {
        self.0.is_autocommit()
    }

    /// Where the database is, if it is a file.
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.path().filter(|path| !path.is_empty()).map(Path::new)
    }

    /// Sets how long a statement waits for other connections. (The pragma runs when it is prepared.)
    pub(super) fn wait_at_most(&self, timeout: Duration) -> Result<(), StoreError> {
        self.0.busy_timeout(timeout).map_err(sql)
    }

    /// Uses a statement, which the connection keeps prepared.
    pub(super) fn with<T>(
        &self,
        text: &str,
        use_it: impl FnOnce(&mut Statement<'c>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut statement = self.0.prepare_cached(text).map_err(sql)?;
        use_it(&mut statement).map_err(sql)
    }

    /// Runs a statement that gives no rows, and says how many it changed.
    pub(super) fn execute(&self, text: &str, parameters: impl Params) -> Result<usize, StoreError> {
        self.with(text, |statement| statement.execute(parameters))
    }

    /// The first row of a statement, if there is one.
    pub(super) fn first<T>(
        &self,
        text: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.with(text, |statement| statement.query_row(parameters, read).optional())
    }

    /// All rows of a statement.
    pub(super) fn all<T>(
        &self,
        text: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.with(text, |statement| statement.query_map(parameters, read)?.collect())
    }
}
