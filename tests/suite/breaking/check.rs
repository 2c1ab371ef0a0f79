//! The damage report: what must hold of the tables whatever happened, read past the store.

use std::path::Path;

use rusqlite::Connection;

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    pub accounts: u64,
    pub subscribers: u64,
    pub grants: u64,
    pub visits: u64,
}

impl Rows {
    pub const fn of(people: u64) -> Self {
        Self { accounts: people, subscribers: people, grants: people, visits: people }
    }
}

/// What must never be found twice. `+` keeps SQLite from answering out of the unique index that is under suspicion.
const DUPLICATES: &[&str] = &[
    "SELECT count(*) FROM (SELECT 1 FROM sso_accounts GROUP BY +email_key HAVING count(*) > 1)",
    "SELECT count(*) FROM (SELECT 1 FROM sso_subscribers WHERE email_key IS NOT NULL
        GROUP BY +project_id, +email_key HAVING count(*) > 1)",
    "SELECT count(*) FROM (SELECT 1 FROM sso_subscribers WHERE external_id IS NOT NULL
        GROUP BY +project_id, +external_id HAVING count(*) > 1)",
    "SELECT count(*) FROM (SELECT 1 FROM sso_subscribers GROUP BY +id HAVING count(*) > 1)",
    "SELECT count(*) FROM (SELECT 1 FROM sso_grants GROUP BY +project_id, +account_id HAVING count(*) > 1)",
    "SELECT count(*) FROM (SELECT 1 FROM sso_visits GROUP BY +project_id, +day, +subscriber_id HAVING count(*) > 1)",
];

/// What would be half a visit, where every project has a free tier and nobody is forgotten.
const HALVES: &[&str] = &[
    "SELECT count(*) FROM sso_accounts a
        WHERE NOT EXISTS (SELECT 1 FROM sso_subscribers s WHERE s.account_id = a.id)",
    "SELECT count(*) FROM sso_subscribers s WHERE NOT EXISTS (SELECT 1 FROM sso_accounts a WHERE a.id = s.account_id)",
    "SELECT count(*) FROM sso_subscribers s WHERE NOT EXISTS
        (SELECT 1 FROM sso_grants g WHERE g.project_id = s.project_id AND g.account_id = s.account_id)",
    "SELECT count(*) FROM sso_grants g WHERE NOT EXISTS
        (SELECT 1 FROM sso_subscribers s WHERE s.project_id = g.project_id AND s.account_id = g.account_id)",
    "SELECT count(*) FROM sso_subscribers s WHERE 1 <> (SELECT count(*) FROM sso_visits v
        WHERE v.project_id = s.project_id AND v.subscriber_id = s.id AND v.day = s.first_day AND v.is_first = 1)",
    "SELECT count(*) FROM sso_visits v WHERE NOT EXISTS
        (SELECT 1 FROM sso_subscribers s WHERE s.project_id = v.project_id AND s.id = v.subscriber_id)",
];

pub fn number(connection: &Connection, select: &str) -> u64 {
    let number: i64 = connection
        .query_row(select, [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{error}: {select}"));
    number.try_into().unwrap()
}

pub fn text(connection: &Connection, select: &str) -> String {
    connection.query_row(select, [], |row| row.get(0)).unwrap()
}

/// How many keys stand in a table more than once.
pub fn duplicates(connection: &Connection) -> u64 {
    DUPLICATES.iter().map(|select| number(connection, select)).sum()
}

/// Nothing twice, nothing by halves, no page damaged.
#[track_caller]
pub fn sound(path: &Path) -> Rows {
    let connection = Connection::open(path).unwrap();
    assert_eq!(text(&connection, "PRAGMA integrity_check"), "ok");
    assert_eq!(duplicates(&connection), 0, "duplicates");
    for select in HALVES {
        assert_eq!(number(&connection, select), 0, "half a visit: {select}");
    }
    let rows = |table| number(&connection, &format!("SELECT count(*) FROM {table}"));
    Rows {
        accounts: rows("sso_accounts"),
        subscribers: rows("sso_subscribers"),
        grants: rows("sso_grants"),
        visits: rows("sso_visits"),
    }
}
