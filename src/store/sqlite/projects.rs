//! Projects.

use rusqlite::{Row, params};

use super::statements::Database;
use crate::{
    id::ProjectId,
    store::{error::StoreError, model::Project},
};

pub(super) fn create(database: &Database<'_>, project: Project) -> Result<(), StoreError> {
    let insert = "INSERT INTO sso_projects (id, free_tier) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
    database.execute(insert, params![project.id.as_bytes(), project.free_tier]).map(drop)
}

pub(super) fn find(database: &Database<'_>, id: ProjectId) -> Result<Option<Project>, StoreError> {
    let select = "SELECT id, free_tier FROM sso_projects WHERE id = ?1";
    database.first(select, [id.as_bytes()], read)
}

pub(super) fn list(
    database: &Database<'_>,
    after: Option<ProjectId>,
    limit: u32,
) -> Result<Vec<Project>, StoreError> {
    let select =
        "SELECT id, free_tier FROM sso_projects WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2";
    database.all(select, params![after.map(|id| *id.as_bytes()), limit], read)
}

pub(super) fn set_free_tier(
    database: &Database<'_>,
    id: ProjectId,
    credits: Option<u32>,
) -> Result<(), StoreError> {
    let update = "UPDATE sso_projects SET free_tier = ?2 WHERE id = ?1";
    match database.execute(update, params![id.as_bytes(), credits])? {
        0 => Err(StoreError::UnknownProject),
        _ => Ok(()),
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project { id: ProjectId::from_bytes(row.get(0)?), free_tier: row.get(1)? })
}
