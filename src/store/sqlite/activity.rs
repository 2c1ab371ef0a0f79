//! Counting visits.

use rusqlite::params;
use time::Date;

use super::{connection::read_count, statements::Database};
use crate::{
    id::ProjectId,
    store::{
        activity::{Visits, window_start},
        error::StoreError,
        model::DayActivity,
    },
};

pub(super) fn daily(
    database: &Database<'_>,
    project: ProjectId,
    first: Date,
    last: Date,
) -> Result<Vec<DayActivity>, StoreError> {
    let select = "SELECT day, gap, count(*), sum(is_first) FROM (
            SELECT day, is_first, lead(day) OVER (PARTITION BY subscriber_id ORDER BY day) - day AS gap
            FROM sso_visits WHERE project_id = ?1 AND day BETWEEN ?2 AND ?3
        ) GROUP BY day, gap";
    let days = [window_start(first), last].map(Date::to_julian_day);
    let visits = database.all(select, params![project.as_bytes(), days[0], days[1]], |row| {
        let day = Date::from_julian_day(row.get(0)?).map_err(|_| rusqlite::Error::InvalidQuery)?;
        Ok(Visits { day, next: row.get(1)?, subscribers: read_count(row, 2)?, new: read_count(row, 3)? })
    })?;
    Ok(crate::store::activity::count_by_day(visits, first, last))
}

pub(super) fn active_subscribers(
    database: &Database<'_>,
    project: ProjectId,
    first: Date,
    last: Date,
) -> Result<u64, StoreError> {
    let select = "SELECT count(DISTINCT subscriber_id) FROM sso_visits
        WHERE project_id = ?1 AND day BETWEEN ?2 AND ?3";
    let parameters = params![project.as_bytes(), first.to_julian_day(), last.to_julian_day()];
    database.with(select, |statement| statement.query_row(parameters, |row| read_count(row, 0)))
}
