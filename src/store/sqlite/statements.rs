//! A connection and its prepared statements. It stays on the thread of its connection, which lets it borrow
//! that; rusqlite's own cache would ask for a feature that its older versions do not know.

use std::{cell::RefCell, collections::HashMap};

use rusqlite::{Connection, OptionalExtension, Params, Row, Statement};

use super::error::sql;
use crate::store::error::StoreError;

/// What the work on a database is given.
pub(super) struct Database<'c> {
    connection: &'c Connection,
    /// By their text. There are a few dozen in all.
    prepared: RefCell<HashMap<String, Statement<'c>>>,
}

impl<'c> Database<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, prepared: RefCell::default() }
    }

    /// Whether no transaction is open.
    pub(super) fn is_autocommit(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Uses a statement, prepared at its first use.
    pub(super) fn with<T>(
        &self,
        text: &str,
        use_it: impl FnOnce(&mut Statement<'c>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let kept = self.prepared.borrow_mut().remove_entry(text);
        let (text, mut statement) = match kept {
            Some(kept) => kept,
            None => (text.to_owned(), self.connection.prepare(text).map_err(sql)?),
        };
        let outcome = use_it(&mut statement);
        self.prepared.borrow_mut().insert(text, statement);
        outcome.map_err(sql)
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
