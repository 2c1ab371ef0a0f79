//! Erasing a subscriber.

use std::time::{Duration, Instant};

use futures_timer::Delay;
use rand::{TryRng, rngs::SysRng};
use rusqlite::params;
use time::OffsetDateTime;

use super::{
    connection::MAX_WAIT,
    provision::{COLUMNS, keep_past_name, subscriber},
    statements::Database,
    worker::Workers,
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::{error::StoreError, model::Subscriber, name_hash::NameKey},
};

/// Erases a subscriber, and returns whether there was one. What stays of them is keyed hashes of their names,
/// and their visits under a new random id.
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
        ON CONFLICT (project_id, name_hash)
        DO UPDATE SET forgotten_at = max(forgotten_at, excluded.forgotten_at)";
    database.execute(insert, params![project_id, subscriber_id, now.unix_timestamp()])?;
    for table in [
        "sso_past_addresses WHERE project_id = ?1 AND subscriber_id",
        "sso_subscribers WHERE project_id = ?1 AND id",
    ] {
        database.execute(&format!("DELETE FROM {table} = ?2"), params![project_id, subscriber_id])?;
    }
    unlink_visits(database, &erased)?;
    unlink_account(database, &erased)?;
    drop_samples(database)?;
    Ok(true)
}

/// After an ANALYZE, which the store never runs, SQLite keeps samples of the indexes: addresses and ids.
fn drop_samples(database: &Database<'_>) -> Result<(), StoreError> {
    let is_there = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'";
    if database.first(is_there, [], |_| Ok(()))?.is_some() {
        database.execute("DELETE FROM sqlite_stat4 WHERE tbl LIKE 'sso\\_%' ESCAPE '\\'", [])?;
    }
    Ok(())
}

/// A visit may have been recorded on a day before the first one, by a process whose clock was behind: by this
/// much.
const CLOCK_BEHIND_DAYS: i32 = 400;

/// Counts the visits under a new id, the same for all of them, which nothing else names.
fn unlink_visits(database: &Database<'_>, erased: &Subscriber) -> Result<(), StoreError> {
    let mut new = [0; 16]; // no id with a time in it, which could be joined with that of the erasure
    SysRng.try_fill_bytes(&mut new).map_err(StoreError::generator)?;
    // Each day by its whole key: the visits of a project are many.
    let update = "WITH RECURSIVE days (day) AS (
            SELECT ?4 UNION ALL SELECT day + 1 FROM days WHERE day < ?5
        )
        UPDATE sso_visits SET subscriber_id = ?3
        WHERE (project_id, day, subscriber_id) IN (SELECT ?1, day, ?2 FROM days)";
    let first = erased.first_day.to_julian_day().saturating_sub(CLOCK_BEHIND_DAYS);
    let last = erased.last_day.to_julian_day();
    let (project, id) = (erased.project.as_bytes(), erased.id.as_bytes());
    database.execute(update, params![project, id, new, first, last]).map(drop)
}

/// Keeps of the account only what its other subscribers need.
fn unlink_account(database: &Database<'_>, erased: &Subscriber) -> Result<(), StoreError> {
    let (project, account) = (erased.project.as_bytes(), erased.account.as_bytes());
    let in_project = "NOT EXISTS (SELECT 1 FROM sso_subscribers WHERE account_id = ?2 AND project_id = ?1)";
    // Their names are known to be forgotten, so there is no second free tier without this.
    let grant = format!("DELETE FROM sso_grants WHERE project_id = ?1 AND account_id = ?2 AND {in_project}");
    let verified = format!(
        "UPDATE sso_accounts SET verified_by = NULL WHERE id = ?2 AND verified_by = ?1 AND {in_project}"
    );
    for statement in [grant, verified] {
        database.execute(&statement, params![project, account])?;
    }
    let address = "UPDATE sso_accounts SET email_key = NULL WHERE id = ?1 AND NOT EXISTS (
            SELECT 1 FROM sso_subscribers s WHERE s.account_id = ?1 AND s.email_key = sso_accounts.email_key
        )";
    let delete = "DELETE FROM sso_accounts WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM sso_subscribers WHERE account_id = ?1)";
    for statement in [address, delete] {
        database.execute(statement, [account])?;
    }
    Ok(())
}

/// How long the writer may wait at once to empty the log, and how long it then does other work.
const EMPTYING: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_millis(60);

/// Merges the log into the file and empties it: it may still have what was erased. Reads of older states, a
/// long report's for instance, have to end first. Between its attempts the writer goes on. If that takes
/// longer than a call may wait, the next erasure or the last process to close does it.
pub(super) async fn empty_log(workers: &Workers) -> Result<(), StoreError> {
    let began = Instant::now();
    while began.elapsed() < MAX_WAIT {
        match workers.alone(try_to_empty_log).await {
            Ok(true) => break,
            Ok(false) | Err(StoreError::Unavailable(_)) => Delay::new(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn try_to_empty_log(database: &Database<'_>) -> Result<bool, StoreError> {
    database.wait_at_most(EMPTYING)?;
    let is_busy = database.first("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    database.wait_at_most(MAX_WAIT)?;
    Ok(is_busy? == Some(false))
}

fn by_id(
    database: &Database<'_>,
    project: ProjectId,
    id: SubscriberId,
) -> Result<Option<Subscriber>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM sso_subscribers s WHERE s.project_id = ?1 AND s.id = ?2");
    database.first(&select, params![project.as_bytes(), id.as_bytes()], |row| subscriber(row, 0, project))
}
