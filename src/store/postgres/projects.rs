//! Projects.

use tokio_postgres::Row;

use super::{
    connection::Connection,
    error::{AttemptError, overtaken},
    store::PostgresInner,
    value::{Value, get, id, optional_number},
};
use crate::{
    id::ProjectId,
    store::{error::StoreError, model::Project},
};

pub(super) async fn create(
    inner: &PostgresInner,
    mut connection: Connection,
    project: Project,
) -> Result<(), AttemptError> {
    let insert = inner
        .connections
        .text("INSERT INTO sso.projects (id, free_tier) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING");
    let values = vec![Value::id(project.id.as_bytes()), Value::Number(project.free_tier.map(i64::from))];
    connection.query(&insert, values).await.map(drop)
}

pub(super) async fn find(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
) -> Result<Option<Project>, AttemptError> {
    let select = inner.connections.text("SELECT id, free_tier FROM sso.projects WHERE id = $1");
    let found = connection.first(&select, vec![Value::id(project.as_bytes())]).await?;
    Ok(found.map(|row| read(&row)).transpose()?)
}

pub(super) async fn list(
    inner: &PostgresInner,
    connection: &mut Connection,
    after: Option<ProjectId>,
    limit: u32,
) -> Result<Vec<Project>, AttemptError> {
    let select = inner
        .connections
        .text("SELECT id, free_tier FROM sso.projects WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let after = after.map_or([0xff; 16], |id| *id.as_bytes()); // no id that was ever made is all ones
    let rows = connection.query(&select, vec![Value::id(&after), Value::number(limit)]).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Sets the free tier, if the project is still as this call has read it. Otherwise a statement that comes
/// late would undo what a later call did.
pub(super) async fn set_free_tier(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    credits: Option<u32>,
) -> Result<(), AttemptError> {
    let select = inner.connections.text("SELECT revision FROM sso.projects WHERE id = $1");
    let found = connection.first(&select, vec![Value::id(project.as_bytes())]).await?;
    let revision: i64 = get(&found.ok_or(StoreError::UnknownProject)?, 0)?;
    let update = inner.connections.text(
        "UPDATE sso.projects SET free_tier = $3, revision = revision + 1
        WHERE id = $1 AND revision = $2 RETURNING 1",
    );
    let values = vec![
        Value::id(project.as_bytes()),
        Value::Number(Some(revision)),
        Value::Number(credits.map(i64::from)),
    ];
    connection.first(&update, values).await?.map(drop).ok_or_else(overtaken)
}

fn read(row: &Row) -> Result<Project, StoreError> {
    Ok(Project { id: id(row, 0, ProjectId::from_bytes)?, free_tier: optional_number(row, 1)? })
}
