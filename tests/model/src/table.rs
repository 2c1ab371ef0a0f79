//! The rows of the PostgreSQL store, with small numbers for ids, names and secrets.

use std::fmt;

/// The key of a row, as in the tables' primary keys. Numbers are a project, then what is within it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Key {
    /// A project's bot: each has one.
    Bot(u8),
    /// A name, which is an e-mail key or an external id, in a project.
    Name(u8, u8),
    /// An account, by the hash of its e-mail key.
    Account(u8),
    /// A subscriber.
    Subscriber(u8, u8),
    /// A name that a subscriber no longer has.
    Past(u8, u8, u8),
    /// The grant of an account.
    Grant(u8, u8),
    /// A day on which a subscriber came.
    Visit(u8, u8, u8),
}

/// What a row says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Row {
    /// The version and the secret.
    Bot {
        /// A new one for every secret.
        version: u8,
        /// `None` if it has none.
        secret: Option<u8>,
    },
    /// Who has a name, and when it was last forgotten.
    Name {
        /// The subscriber.
        holder: Option<u8>,
        /// In seconds since 1970.
        forgotten_at: Option<i64>,
    },
    /// An account.
    Account(Account),
    /// A subscriber.
    Subscriber(Subscriber),
    /// All is said by the key.
    Mark,
}

/// The person across projects.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Account {
    /// The id.
    pub(crate) id: u8,
    /// The e-mail key, if a subscriber has it.
    pub(crate) email: Option<u8>,
    /// How many subscribers have it.
    pub(crate) subscribers: u8,
    /// Every change raises it.
    pub(crate) revision: u8,
}

/// The person within a project.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Subscriber {
    /// The account's id.
    pub(crate) account: u8,
    /// The account's key.
    pub(crate) account_hash: u8,
    /// Every change raises it.
    pub(crate) revision: u8,
    /// The e-mail key.
    pub(crate) email: Option<u8>,
    /// The external id.
    pub(crate) external_id: Option<u8>,
    /// When the newest applied token was issued.
    pub(crate) applied_at: i64,
    /// The last day with a visit.
    pub(crate) last_day: u8,
}

/// All rows, in the order of their keys.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Table(Vec<(Key, Row)>);

impl Table {
    /// Returns the row with this key.
    #[must_use]
    pub(crate) fn get(&self, key: Key) -> Option<Row> {
        self.0.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| self.0[at].1)
    }

    /// Writes or, with `None`, deletes a row.
    pub(crate) fn set(&mut self, key: Key, row: Option<Row>) {
        match (self.0.binary_search_by_key(&key, |(key, _)| *key), row) {
            (Ok(at), Some(row)) => self.0[at].1 = row,
            (Ok(at), None) => drop(self.0.remove(at)),
            (Err(at), Some(row)) => self.0.insert(at, (key, row)),
            (Err(_), None) => {}
        }
    }

    /// Iterates over all rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Key, Row)> + '_ {
        self.0.iter().copied()
    }

    /// Returns the bot's version and secret.
    #[must_use]
    pub(crate) fn bot(&self, project: u8) -> (u8, Option<u8>) {
        match self.get(Key::Bot(project)) {
            Some(Row::Bot { version, secret }) => (version, secret),
            _ => (0, None),
        }
    }

    /// Returns who has a name, and when it was forgotten.
    #[must_use]
    pub(crate) fn name(&self, project: u8, name: u8) -> (Option<u8>, Option<i64>) {
        match self.get(Key::Name(project, name)) {
            Some(Row::Name { holder, forgotten_at }) => (holder, forgotten_at),
            _ => (None, None),
        }
    }

    /// Returns a subscriber.
    #[must_use]
    pub(crate) fn subscriber(&self, project: u8, id: u8) -> Option<Subscriber> {
        match self.get(Key::Subscriber(project, id)) {
            Some(Row::Subscriber(subscriber)) => Some(subscriber),
            _ => None,
        }
    }

    /// Returns an account by its hash.
    #[must_use]
    pub(crate) fn account(&self, hash: u8) -> Option<Account> {
        match self.get(Key::Account(hash)) {
            Some(Row::Account(account)) => Some(account),
            _ => None,
        }
    }

    /// Iterates over all subscribers, with project and id.
    pub(crate) fn subscribers(&self) -> impl Iterator<Item = (u8, u8, Subscriber)> + '_ {
        self.rows().filter_map(|(key, row)| match (key, row) {
            (Key::Subscriber(project, id), Row::Subscriber(subscriber)) => Some((project, id, subscriber)),
            _ => None,
        })
    }

    /// Iterates over all accounts, with their hashes.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (u8, Account)> + '_ {
        self.rows().filter_map(|(key, row)| match (key, row) {
            (Key::Account(hash), Row::Account(account)) => Some((hash, account)),
            _ => None,
        })
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.rows()).finish()
    }
}
