//! Bots and their secrets, sealed.

use tokio::time::Instant;
use tokio_postgres::Row;

use super::{
    calls::CallKind,
    connection::{Connection, in_future},
    error::{AttemptError, overtaken},
    store::{PostgresInner, PostgresStore},
    value::{Value, get, id, optional_id, sealed},
};
use crate::{
    id::{BotId, ProjectId, SecretVersion},
    secret::SsoSecret,
    store::{
        contract::BoxFuture,
        error::StoreError,
        model::Bot,
        name_hash::NameKey,
        reseal::{PAGE, ResealedPage, reseal_all},
        sealing::Sealed,
        visit::{BotSecret, BotState},
    },
};

pub(super) async fn create_bot(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    bot: BotId,
) -> Result<(), AttemptError> {
    let insert = inner.connections.text(
        "INSERT INTO sso.bots (id, project_id, secret_version)
        SELECT $1, id, $3 FROM sso.projects WHERE id = $2
        ON CONFLICT (id) DO NOTHING RETURNING project_id",
    );
    let version = SecretVersion::generate().map_err(StoreError::from)?;
    let ids = || vec![Value::id(bot.as_bytes()), Value::id(project.as_bytes())];
    let mut values = ids();
    values.push(Value::id(version.as_bytes()));
    if connection.first(&insert, values).await?.is_some() {
        return Ok(());
    }
    let select = inner
        .connections
        .text("SELECT b.project_id FROM sso.projects p, sso.bots b WHERE p.id = $2 AND b.id = $1");
    match connection.first(&select, ids()).await? {
        Some(row) if id(&row, 0, ProjectId::from_bytes)? == project => Ok(()),
        Some(_) => Err(StoreError::BotOfAnotherProject.into()),
        None => Err(StoreError::UnknownProject.into()),
    }
}

pub(super) async fn current(
    inner: &PostgresInner,
    mut connection: Connection,
    bot: BotId,
) -> Result<BotState, AttemptError> {
    let select = inner.connections.text(
        "SELECT b.project_id, b.secret_version, b.sealed_secret IS NOT NULL, b.sealing_key, b.sealed_secret,
            server.read_only
        FROM (SELECT current_setting('transaction_read_only') AS read_only) AS server
        LEFT JOIN sso.bots b ON b.id = $1",
    );
    let row = connection.first(&select, vec![Value::id(bot.as_bytes())]).await?.ok_or_else(overtaken)?;
    connection.demand_primary(&row, 5)?;
    let Some(project) = optional_id(&row, 0, ProjectId::from_bytes)? else { return Ok(BotState::Unknown) };
    if !get::<bool>(&row, 2)? {
        return Ok(BotState::WithoutSecret);
    }
    let version = id(&row, 1, SecretVersion::from_bytes)?;
    let secret = inner.master_key.open_secret(bot, version, &sealed(&row, 3)?).map_err(StoreError::from)?;
    Ok(BotState::Current(BotSecret::new(bot, project, version, secret)))
}

/// The columns of [`shown`].
const SHOWN: &str = "id, project_id, secret_version, sealed_secret IS NOT NULL";

fn shown(row: &Row) -> Result<Bot, StoreError> {
    let (bot, project) = (id(row, 0, BotId::from_bytes)?, id(row, 1, ProjectId::from_bytes)?);
    let version = id(row, 2, SecretVersion::from_bytes)?;
    Ok(Bot::new(bot, project, get::<bool>(row, 3)?.then_some(version)))
}

pub(super) async fn bot(
    inner: &PostgresInner,
    mut connection: Connection,
    bot: BotId,
) -> Result<Option<Bot>, AttemptError> {
    let select = inner.connections.text(format!("SELECT {SHOWN} FROM sso.bots WHERE id = $1"));
    let found = connection.first(&select, vec![Value::id(bot.as_bytes())]).await?;
    Ok(found.map(|row| shown(&row)).transpose()?)
}

/// The bots of a project are few among all, and there is no index but the primary keys: this reads the whole
/// table.
pub(super) async fn bots(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    after: Option<BotId>,
    limit: u32,
) -> Result<Vec<Bot>, AttemptError> {
    let select = inner.connections.text(format!(
        "SELECT {SHOWN} FROM sso.bots WHERE project_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    ));
    let after = after.map_or([0xff; 16], |id| *id.as_bytes()); // no id that was ever made is all ones
    let values = vec![Value::id(project.as_bytes()), Value::id(&after), Value::number(limit)];
    let rows = connection.query(&select, values).await?;
    Ok(rows.iter().map(shown).collect::<Result<_, _>>()?)
}

pub(super) async fn regenerate(
    inner: &PostgresInner,
    mut connection: Connection,
    bot: BotId,
) -> Result<SsoSecret, AttemptError> {
    let secret = SsoSecret::generate().map_err(StoreError::generator)?;
    let version = SecretVersion::generate().map_err(StoreError::from)?;
    let sealed = inner.master_key.seal_secret(bot, version, &secret).map_err(StoreError::from)?;
    set_secret(inner, &mut connection, bot, version, Some(sealed)).await?;
    Ok(secret)
}

pub(super) async fn remove(
    inner: &PostgresInner,
    mut connection: Connection,
    bot: BotId,
) -> Result<(), AttemptError> {
    let version = SecretVersion::generate().map_err(StoreError::from)?;
    set_secret(inner, &mut connection, bot, version, None).await
}

/// Replaces the bot's secret, if its version is still the one that this call has read.
async fn set_secret(
    inner: &PostgresInner,
    connection: &mut Connection,
    bot: BotId,
    version: SecretVersion,
    sealed: Option<Sealed>,
) -> Result<(), AttemptError> {
    let select = inner.connections.text("SELECT secret_version FROM sso.bots WHERE id = $1");
    let found = connection.first(&select, vec![Value::id(bot.as_bytes())]).await?;
    let current = id(&found.ok_or(StoreError::UnknownBot)?, 0, SecretVersion::from_bytes)?;
    let update = inner.connections.text(
        "UPDATE sso.bots SET secret_version = $3, sealing_key = $4, sealed_secret = $5
        WHERE id = $1 AND secret_version = $2 RETURNING 1",
    );
    let (key, bytes) = sealed.map(|sealed| (sealed.key.0.to_vec(), sealed.bytes)).unzip();
    let values = vec![
        Value::id(bot.as_bytes()),
        Value::id(current.as_bytes()),
        Value::id(version.as_bytes()),
        Value::Bytes(key),
        Value::Bytes(bytes),
    ];
    connection.first(&update, values).await?.map(drop).ok_or_else(overtaken)
}

impl PostgresStore {
    /// Seals everything anew, within the time for migrations.
    pub(super) fn reseal_all(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let deadline = in_future(self.0.connections.options.migration_timeout);
        let is_over = move || Instant::now() > deadline;
        Box::pin(reseal_all(is_over, |after| self.reseal_page(after), || self.reseal_names()))
    }

    fn reseal_page(&self, after: Option<BotId>) -> BoxFuture<'static, Result<ResealedPage, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, mut connection| async move {
            let from = if after.is_some() { ">" } else { ">=" };
            let select = inner.connections.text(format!(
                "SELECT id, secret_version, sealing_key, sealed_secret FROM sso.bots
                WHERE sealed_secret IS NOT NULL AND sealing_key <> $1 AND id {from} $2 ORDER BY id LIMIT $3"
            ));
            let update = inner.connections.text(
                "UPDATE sso.bots SET sealing_key = $4, sealed_secret = $5
                WHERE id = $1 AND secret_version = $2 AND sealed_secret = $3 RETURNING 1",
            );
            let after = after.map_or([0; 16], |bot| *bot.as_bytes());
            let current = inner.master_key.id().0;
            let values = vec![Value::bytes(current), Value::id(&after), Value::number(PAGE)];
            let mut page = ResealedPage::default();
            for row in &connection.query(&select, values).await? {
                let (bot, version) = (id(row, 0, BotId::from_bytes)?, id(row, 1, SecretVersion::from_bytes)?);
                let before = sealed(row, 2).ok();
                let after = page.seal(&inner.master_key, bot, before.as_ref().map(|it| (version, it)));
                let (Some(before), Some(after)) = (before, after) else { continue };
                let values = vec![
                    Value::id(bot.as_bytes()),
                    Value::id(version.as_bytes()),
                    Value::bytes(before.bytes),
                    Value::bytes(after.key.0),
                    Value::bytes(after.bytes),
                ];
                let resealed = connection.first(&update, values).await?.is_some();
                page.count = page.count.saturating_add(u64::from(resealed));
            }
            Ok(page)
        })
    }

    /// Seals the key of the names anew, and says how many keys that was.
    fn reseal_names(&self) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.0.run(CallKind::Visit, move |inner, mut connection| async move {
            let select = inner
                .connections
                .text("SELECT sealing_key, sealed FROM sso.hash_key WHERE id = 1 AND sealing_key <> $1");
            let current = Value::bytes(inner.master_key.id().0);
            let Some(row) = connection.first(&select, vec![current]).await? else {
                return Ok(0);
            };
            let before = sealed(&row, 0)?;
            let resealed = NameKey::reseal(&before, &inner.master_key).map_err(StoreError::from)?;
            // A statement that comes late must not undo what a later call with another key did.
            let update = inner.connections.text(
                "UPDATE sso.hash_key SET sealing_key = $1, sealed = $2 WHERE id = 1 AND sealed = $3
                RETURNING 1",
            );
            let values =
                vec![Value::bytes(resealed.key.0), Value::bytes(resealed.bytes), Value::bytes(before.bytes)];
            connection.first(&update, values).await?.map(|_| 1).ok_or_else(overtaken)
        })
    }
}
