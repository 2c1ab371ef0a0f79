//! Finding and listing subscribers.

use rusqlite::{Row, params, types::Value};

use super::{
    connection::read_count,
    provision::{self, COLUMNS},
    statements::Database,
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::{
        error::StoreError,
        model::{Lookup, Subscriber},
    },
};

/// What a subscriber is looked up by, as the condition and its parameter `?2`.
pub(super) fn condition(by: Lookup<'_>) -> (&'static str, Value) {
    match by {
        Lookup::Id(id) => ("s.id = ?2", id.as_bytes().to_vec().into()),
        Lookup::ExternalId(id) => ("s.external_id = ?2", id.to_owned().into()),
        Lookup::Email(email) => ("s.email_key = ?2", email.key().into_owned().into()),
    }
}

pub(super) fn find(
    database: &Database<'_>,
    project: ProjectId,
    (condition, value): (&str, Value),
) -> Result<Option<Subscriber>, StoreError> {
    let select = select(&format!("s.project_id = ?1 AND {condition}"));
    database.first(&select, params![project.as_bytes(), value], read)
}

pub(super) fn list(
    database: &Database<'_>,
    project: ProjectId,
    after: Option<SubscriberId>,
    limit: u32,
) -> Result<Vec<Subscriber>, StoreError> {
    let select = select("s.project_id = ?1 AND s.id < ?2 ORDER BY s.id DESC LIMIT ?3");
    let after = after.map_or([0xff; 16], |id| *id.as_bytes()); // no id that was ever made is all ones
    database.all(&select, params![project.as_bytes(), after, limit], read)
}

pub(super) fn total(database: &Database<'_>, project: ProjectId) -> Result<u64, StoreError> {
    let select = "SELECT count(*) FROM sso_subscribers WHERE project_id = ?1";
    database.with(select, |statement| statement.query_row([project.as_bytes()], |row| read_count(row, 0)))
}

pub(super) fn by_email_key(database: &Database<'_>, email_key: &str) -> Result<Vec<Subscriber>, StoreError> {
    // Every project is looked into by its key, since the keys of subscribers begin with it.
    let select = select("s.project_id IN (SELECT id FROM sso_projects) AND s.email_key = ?1");
    database.all(&select, [email_key], read)
}

fn select(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS}, s.project_id AS project, g.credits AS credits, (
            SELECT count(*) FROM sso_past_addresses p
            WHERE p.project_id = s.project_id AND p.subscriber_id = s.id
        ) AS past_addresses FROM sso_subscribers s
        LEFT JOIN sso_grants g ON g.project_id = s.project_id AND g.account_id = s.account_id
        WHERE {condition}"
    )
}

fn read(row: &Row<'_>) -> rusqlite::Result<Subscriber> {
    let project = ProjectId::from_bytes(row.get("project")?);
    let past_addresses = row.get::<_, i64>("past_addresses")?.unsigned_abs();
    let known = provision::subscriber(row, 0, project)?;
    Ok(Subscriber { granted: row.get("credits")?, past_addresses, ..known })
}
