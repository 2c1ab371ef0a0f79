//! From schema 2 to 3: the hashes of schema 1, hashed again. A hash gets its project, an account's gets a
//! kind of its own, so the names of the forgotten, which are nowhere else, are carried over too.
//!
//! The old tables are only read, in pages, and a row that is there already is left alone. So this may end
//! anywhere and be begun again, and be done by two processes at once: the one that is first drops the old
//! tables.

use rand::{TryRng, rngs::SysRng};
use tokio_postgres::Row;

use super::{
    calls::Connections,
    connection::Connection,
    error::AttemptError,
    value::{Value, id},
};
use crate::{
    id::ProjectId,
    store::{
        error::StoreError,
        name_hash::{NameHash, NameKey},
    },
};

/// How many rows are copied at once.
const PAGE: i64 = 2000;

/// A table, by the key that its pages follow. Each page is read after the last key of the one before, and
/// each statement copies the rows of one page: $1 projects, $2 old hashes or ids, $3 new ones.
struct Table {
    page: &'static str,
    copy: &'static str,
    new: fn(&NameKey, ProjectId, NameHash) -> Result<NameHash, StoreError>,
}

const TABLES: &[Table] = &[
    // A past address may be of several subscribers: one page has it once, and the statement copies all its
    // rows.
    Table {
        page: "SELECT DISTINCT project_id, name_hash FROM sso.past_addresses_of_1
            WHERE (project_id, name_hash) > ($1, $2) ORDER BY project_id, name_hash LIMIT $3",
        copy: "INSERT INTO sso.past_addresses (project_id, subscriber_id, name_hash)
            SELECT old.project_id, old.subscriber_id, page.new FROM sso.past_addresses_of_1 old
            JOIN unnest($1, $2, $3) AS page (project_id, old, new)
                ON old.project_id = page.project_id AND old.name_hash = page.old
            ON CONFLICT (project_id, subscriber_id, name_hash) DO NOTHING",
        new: in_project,
    },
    Table {
        page: "SELECT project_id, name_hash FROM sso.names_of_1
            WHERE (project_id, name_hash) > ($1, $2) ORDER BY project_id, name_hash LIMIT $3",
        copy: "INSERT INTO sso.names (project_id, name_hash, subscriber_id, forgotten_at)
            SELECT old.project_id, page.new, old.subscriber_id, old.forgotten_at FROM sso.names_of_1 old
            JOIN unnest($1, $2, $3) AS page (project_id, old, new)
                ON old.project_id = page.project_id AND old.name_hash = page.old
            ON CONFLICT (project_id, name_hash) DO NOTHING",
        new: in_project,
    },
    Table {
        page: "SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), email_hash FROM sso.accounts_of_1
            WHERE $1 IS NOT NULL AND email_hash > $2 ORDER BY email_hash LIMIT $3",
        copy: "INSERT INTO sso.accounts
                (email_hash, id, email_key, verified_by, created_at, subscribers, revision)
            SELECT page.new, old.id, old.email_key, old.verified_by, old.created_at, old.subscribers, 0
            FROM sso.accounts_of_1 old
            JOIN unnest($1, $2, $3) AS page (project_id, old, new) ON old.email_hash = page.old
            ON CONFLICT (email_hash) DO NOTHING",
        new: of_account,
    },
    Table {
        page: "SELECT project_id, id, account_hash_of_1 FROM sso.subscribers
            WHERE (project_id, id) > ($1, $2) ORDER BY project_id, id LIMIT $3",
        copy: "UPDATE sso.subscribers s SET account_hash = page.new
            FROM unnest($1, $2, $3) AS page (project_id, id, new)
            WHERE s.project_id = page.project_id AND s.id = page.id AND s.account_hash IS NULL",
        new: of_account,
    },
    // The visits of the forgotten had their ids. The new ones name no subscriber either, so this is not to be
    // repeated for nothing.
    Table {
        page: "SELECT DISTINCT v.project_id, v.subscriber_id FROM sso.visits v
            WHERE (v.project_id, v.subscriber_id) > ($1, $2) AND NOT EXISTS
                (SELECT 1 FROM sso.subscribers s WHERE s.project_id = v.project_id AND s.id = v.subscriber_id)
            ORDER BY v.project_id, v.subscriber_id LIMIT $3",
        copy: "UPDATE sso.visits v SET subscriber_id = page.new
            FROM unnest($1, $2, $3) AS page (project_id, old, new)
            WHERE v.project_id = page.project_id AND v.subscriber_id = page.old",
        new: of_erased_visit,
    },
];

pub(super) async fn copy(
    connections: &Connections,
    connection: &mut Connection,
    name_key: &NameKey,
) -> Result<(), AttemptError> {
    for table in TABLES {
        let (page, copy) = (connections.text(table.page), connections.text(table.copy));
        let (mut project, mut after) = ([0; 16], [0; 16]);
        loop {
            let from = vec![Value::id(&project), Value::id(&after), Value::number(PAGE)];
            let rows = connection.with_own_limit(&page, from).await?;
            let (mut projects, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
            for row in &rows {
                (project, after) = (bytes(row, 0)?, bytes(row, 1)?);
                // Of a subscriber, the hash is a column of its own.
                let plain = if row.len() > 2 { bytes(row, 2)? } else { after };
                projects.push(project);
                old.push(after);
                new.push((table.new)(name_key, ProjectId::from_bytes(project), plain)?);
            }
            if rows.is_empty() {
                break;
            }
            let page = vec![Value::Ids(projects), Value::Ids(old), Value::Ids(new)];
            connection.with_own_limit(&copy, page).await?;
        }
    }
    Ok(())
}

fn bytes(row: &Row, column: usize) -> Result<[u8; 16], StoreError> {
    id(row, column, |bytes| bytes)
}

#[expect(clippy::unnecessary_wraps, reason = "all of them have one type")]
fn in_project(name_key: &NameKey, project: ProjectId, plain: NameHash) -> Result<NameHash, StoreError> {
    Ok(name_key.in_project(project, plain))
}

#[expect(clippy::unnecessary_wraps, reason = "all of them have one type")]
fn of_account(name_key: &NameKey, _: ProjectId, plain: NameHash) -> Result<NameHash, StoreError> {
    Ok(name_key.of_account(plain))
}

fn of_erased_visit(_: &NameKey, _: ProjectId, _: NameHash) -> Result<NameHash, StoreError> {
    random_id()
}

/// An id that tells nothing, not even when it was made.
pub(super) fn random_id() -> Result<[u8; 16], StoreError> {
    let mut random = [0; 16];
    SysRng.try_fill_bytes(&mut random).map_err(StoreError::generator)?;
    Ok(random)
}
