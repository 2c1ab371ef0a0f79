//! Finding and listing subscribers.

use tokio_postgres::Row;

use super::{
    calls::CallKind,
    connection::Connection,
    error::AttemptError,
    projects, provision,
    store::PostgresInner,
    value::{Value, id, number, optional_number},
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::{
        error::StoreError,
        model::{Lookup, Subscriber},
        name_hash::{NameHash, NameKey},
    },
};

/// How many projects are looked into at once.
const MAX_PROJECTS_AT_ONCE: u32 = 500;

/// By what a subscriber is looked up: their id, or a name of theirs. A name is found by its hash, or without
/// the key of the hashes by reading all subscribers of the project.
pub(super) enum By {
    Id(SubscriberId),
    Name(NameHash),
    ExternalId(String),
    EmailKey(String),
}

impl By {
    pub(super) fn new(by: Lookup<'_>, project: ProjectId, name_key: Option<&NameKey>) -> Self {
        match (by, name_key) {
            (Lookup::Id(id), _) => Self::Id(id),
            (Lookup::ExternalId(id), Some(key)) => Self::Name(key.external_id(project, id)),
            (Lookup::Email(email), Some(key)) => Self::Name(key.email(project, email)),
            (Lookup::ExternalId(id), None) => Self::ExternalId(id.to_owned()),
            (Lookup::Email(email), None) => Self::EmailKey(email.key().into_owned()),
        }
    }

    /// Reading a whole project must not make a visit wait.
    pub(super) const fn kind(&self) -> CallKind {
        match self {
            Self::Id(_) | Self::Name(_) => CallKind::Visit,
            Self::ExternalId(_) | Self::EmailKey(_) => CallKind::Report,
        }
    }
}

/// The e-mail key of a stored address: its ASCII letters in lower case, as in Rust.
const EMAIL_KEY: &str = "translate(s.email, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')";

pub(super) async fn find(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    by: &By,
) -> Result<Option<Subscriber>, AttemptError> {
    let (condition, value) = match by {
        By::Id(id) => ("s.id = $2".to_owned(), Value::id(id.as_bytes())),
        By::Name(name) => (
            "s.id = (SELECT subscriber_id FROM sso.names WHERE project_id = $1 AND name_hash = $2)"
                .to_owned(),
            Value::name(Some(*name)),
        ),
        By::ExternalId(id) => ("s.external_id = $2".to_owned(), Value::text(id)),
        By::EmailKey(key) => (format!("{EMAIL_KEY} = $2"), Value::text(key)),
    };
    let select = inner.connections.text(select(&format!("s.project_id = $1 AND {condition}")));
    let found = connection.first(&select, vec![Value::id(project.as_bytes()), value]).await?;
    Ok(found.map(|row| read(&row)).transpose()?)
}

pub(super) async fn list(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    after: Option<SubscriberId>,
    limit: u32,
) -> Result<Vec<Subscriber>, AttemptError> {
    let select =
        inner.connections.text(select("s.project_id = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3"));
    let after = after.map_or([0xff; 16], |id| *id.as_bytes()); // no id that was ever made is all ones
    let values = vec![Value::id(project.as_bytes()), Value::id(&after), Value::number(limit)];
    let rows = connection.query(&select, values).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

pub(super) async fn total(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
) -> Result<u64, AttemptError> {
    let select = inner.connections.text("SELECT count(*) FROM sso.subscribers WHERE project_id = $1");
    let row = connection.first(&select, vec![Value::id(project.as_bytes())]).await?;
    Ok(row.map(|row| number(&row, 0)).transpose()?.unwrap_or(0))
}

/// Looks for the address in every project: by its hash there, or without the key of the hashes by reading all
/// subscribers.
pub(super) async fn by_email_key(
    inner: &PostgresInner,
    connection: &mut Connection,
    email_key: &str,
) -> Result<Vec<Subscriber>, AttemptError> {
    let select = inner.connections.text(select(
        "(s.project_id, s.id) IN (SELECT n.project_id, n.subscriber_id
            FROM unnest($1, $2) AS wanted (project_id, name_hash)
            JOIN sso.names n ON n.project_id = wanted.project_id AND n.name_hash = wanted.name_hash)",
    ));
    let Ok(name_key) = inner.name_key() else {
        let select = inner.connections.text(self::select(&format!("{EMAIL_KEY} = $1")));
        let rows = connection.query(&select, vec![Value::text(email_key)]).await?;
        return Ok(rows.iter().map(read).collect::<Result<_, _>>()?);
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = projects::list(inner, connection, after, MAX_PROJECTS_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        let hash = |project| name_key.stored_email(project, email_key);
        let (ids, hashes) = page.iter().map(|project| (*project.id.as_bytes(), hash(project.id))).unzip();
        let rows = connection.query(&select, vec![Value::Ids(ids), Value::Ids(hashes)]).await?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
}

fn select(condition: &str) -> String {
    format!(
        "SELECT {}, s.project_id, g.credits, (
            SELECT count(*) FROM sso.past_addresses p
            WHERE p.project_id = s.project_id AND p.subscriber_id = s.id
        ) FROM sso.subscribers s
        LEFT JOIN sso.grants g ON g.project_id = s.project_id AND g.account_id = s.account_id
        WHERE {condition}",
        provision::COLUMNS
    )
}

fn read(row: &Row) -> Result<Subscriber, StoreError> {
    let project = id(row, provision::WIDTH, ProjectId::from_bytes)?;
    let granted = optional_number(row, provision::WIDTH.saturating_add(1))?;
    let past_addresses = number(row, provision::WIDTH.saturating_add(2))?;
    Ok(Subscriber { granted, past_addresses, ..provision::subscriber(row, 0, project)? })
}
