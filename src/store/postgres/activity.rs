//! Counting visits.

use time::{Date, Month};

use super::{
    connection::Connection,
    error::AttemptError,
    store::PostgresInner,
    value::{Value, get, number, optional_number},
};
use crate::{
    id::ProjectId,
    store::{
        activity::{self, Visits, window_start},
        error::StoreError,
        model::DayActivity,
    },
};

pub(super) async fn daily(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    first: Date,
    last: Date,
) -> Result<Vec<DayActivity>, AttemptError> {
    let select = inner.connections.text(
        "SELECT day, CAST(gap AS bigint), count(*), count(CASE WHEN is_first THEN 1 END) FROM (
            SELECT day, is_first, lead(day) OVER (PARTITION BY subscriber_id ORDER BY day) - day AS gap
            FROM sso.visits WHERE project_id = $1 AND day BETWEEN $2 AND $3
        ) AS visit GROUP BY day, gap",
    );
    let rows = connection.query(&select, window(project, window_start(first), last)).await?;
    let visits = rows.iter().map(|row| {
        let next = optional_number(row, 1)?;
        Ok(Visits { day: get(row, 0)?, next, subscribers: number(row, 2)?, new: number(row, 3)? })
    });
    Ok(activity::count_by_day(visits.collect::<Result<_, StoreError>>()?, first, last))
}

pub(super) async fn active_subscribers(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    first: Date,
    last: Date,
) -> Result<u64, AttemptError> {
    let select = inner.connections.text(
        "SELECT count(DISTINCT subscriber_id) FROM sso.visits
        WHERE project_id = $1 AND day BETWEEN $2 AND $3",
    );
    let row = connection.first(&select, window(project, first, last)).await?;
    Ok(row.map(|row| number(&row, 0)).transpose()?.unwrap_or(0))
}

/// The parameters of a window. PostgreSQL's calendar begins in 4713 BC; there are no visits before the year
/// 1.
fn window(project: ProjectId, first: Date, last: Date) -> Vec<Value> {
    let earliest = Date::from_calendar_date(1, Month::January, 1).unwrap_or(first);
    vec![Value::id(project.as_bytes()), Value::Day(first.max(earliest)), Value::Day(last.max(earliest))]
}
