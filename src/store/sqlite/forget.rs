//! Erasing a subscriber.

use rusqlite::params;
use time::OffsetDateTime;

use super::{
    provision::{COLUMNS, keep_past_name, subscriber},
    statements::Database,
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::{error::StoreError, model::Subscriber, name_hash::NameKey},
};

/// Erases a subscriber, and their account where nobody else has it. Says whether there was one.
pub(super) fn forget(
    database: &Database<'_>,
    project: ProjectId,
    id: SubscriberId,
    now: OffsetDateTime,
    name_key: &NameKey,
) -> Result<bool, StoreError> {
    let Some(erased) = by_id(database, project, id)? else { return Ok(false) };
    let (project_id, subscriber_id) = (project.as_bytes(), id.as_bytes());
    for name in name_key.held_by(&erased).into_iter().flatten() {
        // As one more past address, so that all of them go the same way.
        keep_past_name(database, project, id, name)?;
    }
    let insert = "INSERT INTO sso_forgotten (project_id, name_hash, forgotten_at)
        SELECT project_id, name_hash, ?3 FROM sso_past_addresses WHERE project_id = ?1 AND subscriber_id = ?2
        ON CONFLICT (project_id, name_hash) DO UPDATE SET forgotten_at = max(forgotten_at, excluded.forgotten_at)";
    database.execute(insert, params![project_id, subscriber_id, now.unix_timestamp()])?;
    let delete = "DELETE FROM sso_past_addresses WHERE project_id = ?1 AND subscriber_id = ?2";
    database.execute(delete, params![project_id, subscriber_id])?;
    let delete = "DELETE FROM sso_subscribers WHERE project_id = ?1 AND id = ?2";
    database.execute(delete, params![project_id, subscriber_id])?;
    let delete = "DELETE FROM sso_accounts WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM sso_subscribers WHERE account_id = ?1)";
    database.execute(delete, params![erased.account.as_bytes()])?;
    Ok(true)
}

fn by_id(
    database: &Database<'_>,
    project: ProjectId,
    id: SubscriberId,
) -> Result<Option<Subscriber>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM sso_subscribers s WHERE s.project_id = ?1 AND s.id = ?2");
    database.first(&select, params![project.as_bytes(), id.as_bytes()], |row| subscriber(row, 0, project))
}
