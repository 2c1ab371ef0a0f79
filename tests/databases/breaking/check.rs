//! The damage report: what must hold of the tables whatever happened, read past the store.

use crate::database::Database;

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

/// What must never be found twice.
const DUPLICATES: &[&str] = &[
    "SELECT count(*) FROM (SELECT 1 FROM sso_accounts GROUP BY +email_key HAVING count(*) > 1) twice",
    "SELECT count(*) FROM (SELECT 1 FROM sso_subscribers WHERE email IS NOT NULL
        GROUP BY +project_id, lower(email) HAVING count(*) > 1) twice",
    "SELECT count(*) FROM (SELECT 1 FROM sso_subscribers WHERE external_id IS NOT NULL
        GROUP BY +project_id, +external_id HAVING count(*) > 1) twice",
    "SELECT count(*) FROM (SELECT 1 FROM sso_subscribers GROUP BY +id HAVING count(*) > 1) twice",
    "SELECT count(*) FROM (SELECT 1 FROM sso_grants GROUP BY +project_id, +account_id HAVING count(*) > 1) \
     twice",
    "SELECT count(*) FROM (SELECT 1 FROM sso_visits
        GROUP BY +project_id, +day, +subscriber_id HAVING count(*) > 1) twice",
];

/// What would be half a visit, where every project has a free tier and nobody is forgotten.
const HALVES: &[&str] = &[
    "SELECT count(*) FROM sso_accounts a
        WHERE NOT EXISTS (SELECT 1 FROM sso_subscribers s WHERE s.account_id = a.id)",
    "SELECT count(*) FROM sso_subscribers s WHERE NOT EXISTS (SELECT 1 FROM sso_accounts a WHERE a.id = \
     s.account_id)",
    "SELECT count(*) FROM sso_subscribers s WHERE NOT EXISTS
        (SELECT 1 FROM sso_grants g WHERE g.project_id = s.project_id AND g.account_id = s.account_id)",
    "SELECT count(*) FROM sso_grants g WHERE NOT EXISTS
        (SELECT 1 FROM sso_subscribers s WHERE s.project_id = g.project_id AND s.account_id = g.account_id)",
    "SELECT count(*) FROM sso_subscribers s WHERE 1 <> (SELECT count(*) FROM sso_visits v
        WHERE v.project_id = s.project_id AND v.subscriber_id = s.id AND v.day = s.first_day AND v.is_first)",
    "SELECT count(*) FROM sso_visits v WHERE NOT EXISTS
        (SELECT 1 FROM sso_subscribers s WHERE s.project_id = v.project_id AND s.id = v.subscriber_id)",
];

/// The same of the tables that PostgreSQL alone has.
const HALVES_ON_SERVER: &[&str] = &[
    "SELECT count(*) FROM sso_accounts a
        WHERE a.subscribers <> (SELECT count(*) FROM sso_subscribers s WHERE s.account_id = a.id)",
    "SELECT count(*) FROM sso_names n WHERE n.subscriber_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM sso_subscribers s WHERE s.project_id = n.project_id AND s.id = n.subscriber_id)",
    "SELECT count(*) FROM sso_subscribers s WHERE (SELECT count(*) FROM sso_names n
        WHERE n.project_id = s.project_id AND n.subscriber_id = s.id)
        <> CASE WHEN s.email IS NULL AND s.external_id IS NULL THEN 0
            WHEN s.email IS NULL OR s.external_id IS NULL THEN 1 ELSE 2 END",
];

/// Counts the keys that are in a table more than once.
pub fn duplicates(database: &Database) -> u64 {
    DUPLICATES.iter().map(|select| database.number(select)).sum()
}

/// Nothing twice, nothing by halves, no page damaged.
#[track_caller]
pub fn sound(database: &Database) -> Rows {
    let more = match database {
        Database::File(..) => {
            assert_eq!(database.text("PRAGMA integrity_check"), "ok");
            &[]
        }
        Database::Server(_) => HALVES_ON_SERVER,
    };
    assert_eq!(duplicates(database), 0, "duplicates");
    for select in HALVES.iter().chain(more) {
        assert_eq!(database.number(select), 0, "half a visit: {select}");
    }
    let rows = |table| database.number(&format!("SELECT count(*) FROM {table}"));
    Rows {
        accounts: rows("sso_accounts"),
        subscribers: rows("sso_subscribers"),
        grants: rows("sso_grants"),
        visits: rows("sso_visits"),
    }
}
