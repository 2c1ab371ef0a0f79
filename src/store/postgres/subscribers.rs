//! Projects, subscribers and their visits.

use std::sync::Arc;

use time::{Date, Month, OffsetDateTime};
use tokio_postgres::Row;

use super::{
    forget, provision,
    store::PostgresStore,
    value::{Value, get, number, optional_number},
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::{
        contract::{BoxFuture, SubscriberStore},
        error::{ProvisionError, StoreError},
        model::{DayActivity, Lookup, Project, ProvisionRequest, Provisioned, Subscriber},
    },
};

impl SubscriberStore for PostgresStore {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let insert = inner
                .connections
                .text("INSERT INTO sso.projects (id, free_tier) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING");
            let values =
                vec![Value::id(project.id.as_bytes()), Value::Number(project.free_tier.map(i64::from))];
            connection.query(&insert, values).await.map(drop)
        })
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let select = inner.connections.text("SELECT free_tier FROM sso.projects WHERE id = $1");
            let found = connection.first(&select, vec![Value::id(project.as_bytes())]).await?;
            let Some(row) = found else { return Ok(None) };
            Ok(Some(Project { id: project, free_tier: optional_number(&row, 0)? }))
        })
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let update =
                inner.connections.text("UPDATE sso.projects SET free_tier = $2 WHERE id = $1 RETURNING 1");
            let values = vec![Value::id(project.as_bytes()), Value::Number(credits.map(i64::from))];
            let found = connection.first(&update, values).await?;
            Ok(found.map(drop).ok_or(StoreError::UnknownProject)?)
        })
    }

    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>> {
        // What goes to the store's runtime is its own.
        let (bot, version, now) = (request.bot(), request.secret_version(), request.now());
        let visitor = Arc::new(request.visitor().clone());
        let names = self.0.name_key.of(request.identity());
        self.0.run(move |inner, connection| {
            let visitor = Arc::clone(&visitor);
            async move {
                let request = ProvisionRequest::new(bot, version, &visitor, now);
                provision::provision(&inner, connection, &request, &names).await
            }
        })
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        let id = match by {
            Lookup::Id(id) => Ok(id),
            Lookup::ExternalId(id) => Err(self.0.name_key.external_id(id)),
            Lookup::Email(email) => Err(self.0.name_key.email(email)),
        };
        self.0.run(move |inner, mut connection| async move {
            let (condition, value) = match id {
                Ok(id) => ("s.id = $2", Value::id(id.as_bytes())),
                Err(name) => (
                    "s.id = (SELECT subscriber_id FROM sso.names WHERE project_id = $1 AND name_hash = $2)",
                    Value::name(Some(name)),
                ),
            };
            let select = inner.connections.text(select_subscribers(condition));
            let found = connection.first(&select, vec![Value::id(project.as_bytes()), value]);
            Ok(found.await?.map(|row| subscriber_with_grant(&row)).transpose()?)
        })
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        let after = after.map_or([0; 16], |id| *id.as_bytes()); // no id that was ever made is all zeros
        self.0.run(move |inner, mut connection| async move {
            let select = inner.connections.text(select_subscribers("s.id > $2 ORDER BY s.id LIMIT $3"));
            let values = vec![Value::id(project.as_bytes()), Value::id(&after), Value::number(limit)];
            let rows = connection.query(&select, values).await?;
            Ok(rows.iter().map(subscriber_with_grant).collect::<Result<_, _>>()?)
        })
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.0.run(move |inner, connection| async move {
            forget::forget(&inner, connection, project, subscriber, now).await
        })
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let select = inner.connections.text(
                "SELECT day, count(*), count(CASE WHEN is_first THEN 1 END) FROM sso.visits
                WHERE project_id = $1 AND day BETWEEN $2 AND $3 GROUP BY day ORDER BY day",
            );
            let rows = connection.query(&select, window(project, first, last)).await?;
            let days = rows.iter().map(|row| {
                Ok(DayActivity { day: get(row, 0)?, active: number(row, 1)?, new: number(row, 2)? })
            });
            Ok(days.collect::<Result<_, StoreError>>()?)
        })
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let select = inner.connections.text(
                "SELECT count(DISTINCT subscriber_id) FROM sso.visits
                WHERE project_id = $1 AND day BETWEEN $2 AND $3",
            );
            let row = connection.first(&select, window(project, first, last)).await?;
            Ok(row.map(|row| number(&row, 0)).transpose()?.unwrap_or(0))
        })
    }
}

/// The parameters of a window. PostgreSQL's calendar begins in 4713 BC; nobody visited before the year 1.
fn window(project: ProjectId, first: Date, last: Date) -> Vec<Value> {
    let earliest = Date::from_calendar_date(1, Month::January, 1).unwrap_or(first);
    vec![Value::id(project.as_bytes()), Value::Day(first.max(earliest)), Value::Day(last.max(earliest))]
}

fn select_subscribers(condition: &str) -> String {
    format!(
        "SELECT {}, g.credits FROM sso.subscribers s
        LEFT JOIN sso.grants g ON g.project_id = s.project_id AND g.account_id = s.account_id
        WHERE s.project_id = $1 AND {condition}",
        provision::COLUMNS
    )
}

fn subscriber_with_grant(row: &Row) -> Result<Subscriber, StoreError> {
    Ok(Subscriber { granted: optional_number(row, provision::WIDTH)?, ..provision::subscriber(row, 0)? })
}
