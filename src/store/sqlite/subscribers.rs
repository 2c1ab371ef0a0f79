//! Projects, subscribers and their visits.

use std::sync::Arc;

use rusqlite::{Row, params, types::Value};
use time::{Date, OffsetDateTime};

use super::{
    provision::{self, COLUMNS},
    statements::Database,
    store::{SqliteStore, count},
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::{
        contract::{BoxFuture, SubscriberStore},
        error::{ProvisionError, StoreError},
        model::{DayActivity, Lookup, Project, ProvisionRequest, Provisioned, Subscriber},
    },
};

impl SubscriberStore for SqliteStore {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| {
            let insert =
                "INSERT INTO sso_projects (id, free_tier) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
            database.execute(insert, params![project.id.as_bytes(), project.free_tier]).map(drop)
        }))
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        Box::pin(self.workers().read(move |database| {
            let select = "SELECT free_tier FROM sso_projects WHERE id = ?1";
            database.first(select, [project.as_bytes()], |row| {
                Ok(Project { id: project, free_tier: row.get(0)? })
            })
        }))
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| {
            let update = "UPDATE sso_projects SET free_tier = ?2 WHERE id = ?1";
            match database.execute(update, params![project.as_bytes(), credits])? {
                0 => Err(StoreError::UnknownProject),
                _ => Ok(()),
            }
        }))
    }

    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>> {
        Box::pin(async move {
            // What goes to another thread is its own.
            let (bot, version, now) = (request.bot(), request.secret_version(), request.now());
            let visitor = Arc::new(request.visitor().clone());
            let names = self.0.name_key.of(request.identity());
            let to_find = Arc::clone(&visitor);
            let find = move |database: &Database<'_>| {
                let request = ProvisionRequest::new(bot, version, &to_find, now);
                provision::find(database, &request, &names)
            };
            if let Some(returning) = self.workers().read(find).await?.returning() {
                return Ok(returning);
            }
            let inner = Arc::clone(&self.0);
            let apply = move |database: &Database<'_>| {
                let request = ProvisionRequest::new(bot, version, &visitor, now);
                provision::apply(database, &request, &names, &inner.name_key)
            };
            self.workers().write(apply).await
        })
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        let (condition, value): (_, Value) = match by {
            Lookup::Id(id) => ("s.id = ?2", id.as_bytes().to_vec().into()),
            Lookup::ExternalId(id) => ("s.external_id = ?2", id.to_owned().into()),
            Lookup::Email(email) => ("s.email_key = ?2", email.key().into_owned().into()),
        };
        let select = select_subscribers(condition);
        Box::pin(self.workers().read(move |database| {
            database.first(&select, params![project.as_bytes(), value], subscriber_with_grant)
        }))
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        let select = select_subscribers("s.id > ?2 ORDER BY s.id LIMIT ?3");
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec()); // the empty blob is before every id
        Box::pin(self.workers().read(move |database| {
            database.all(&select, params![project.as_bytes(), after, limit], subscriber_with_grant)
        }))
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        let inner = Arc::clone(&self.0);
        Box::pin(
            self.workers().write(move |database| {
                provision::forget(database, project, subscriber, now, &inner.name_key)
            }),
        )
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        Box::pin(self.workers().read(move |database| {
            let select = "SELECT day, count(*), sum(is_first) FROM sso_visits
                WHERE project_id = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY day ORDER BY day";
            let parameters = params![project.as_bytes(), first.to_julian_day(), last.to_julian_day()];
            database.all(select, parameters, |row| {
                let day = Date::from_julian_day(row.get(0)?).map_err(|_| rusqlite::Error::InvalidQuery)?;
                Ok(DayActivity { day, active: count(row, 1)?, new: count(row, 2)? })
            })
        }))
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.workers().read(move |database| {
            let select = "SELECT count(DISTINCT subscriber_id) FROM sso_visits
                WHERE project_id = ?1 AND day BETWEEN ?2 AND ?3";
            let parameters = params![project.as_bytes(), first.to_julian_day(), last.to_julian_day()];
            database.with(select, |statement| statement.query_row(parameters, |row| count(row, 0)))
        }))
    }
}

fn select_subscribers(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS}, g.credits FROM sso_subscribers s
        LEFT JOIN sso_grants g ON g.project_id = s.project_id AND g.account_id = s.account_id
        WHERE s.project_id = ?1 AND {condition}"
    )
}

fn subscriber_with_grant(row: &Row<'_>) -> rusqlite::Result<Subscriber> {
    Ok(Subscriber { granted: row.get("credits")?, ..provision::subscriber(row, 0)? })
}
