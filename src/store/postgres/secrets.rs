//! The secrets of bots, sealed.

use super::{
    connection::Connection,
    error::{Setback, overtaken},
    store::PostgresStore,
    value::{Value, id, number, sealed},
};
use crate::{
    id::{BotId, ProjectId},
    secret::SsoSecret,
    store::{
        contract::{BoxFuture, SecretStore},
        error::StoreError,
        model::{BotSecret, SecretVersion},
        name_hash::NameKey,
    },
};

/// How many secrets are read at once to be sealed anew.
const PAGE: i64 = 200;

impl SecretStore for PostgresStore {
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let insert = inner.connections.text(
                "INSERT INTO sso.bots (id, project_id, secret_version)
                SELECT $1, id, 0 FROM sso.projects WHERE id = $2
                ON CONFLICT (id) DO NOTHING RETURNING project_id",
            );
            let values = || vec![Value::id(bot.as_bytes()), Value::id(project.as_bytes())];
            if connection.first(&insert, values()).await?.is_some() {
                return Ok(());
            }
            let select = inner
                .connections
                .text("SELECT b.project_id FROM sso.projects p, sso.bots b WHERE p.id = $2 AND b.id = $1");
            match connection.first(&select, values()).await? {
                Some(row) if id(&row, 0, ProjectId::from_bytes)? == project => Ok(()),
                Some(_) => Err(StoreError::BotOfAnotherProject.into()),
                None => Err(StoreError::UnknownProject.into()),
            }
        })
    }

    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let select = inner.connections.text(
                "SELECT secret_version, sealing_key, sealed_secret FROM sso.bots
                WHERE id = $1 AND sealed_secret IS NOT NULL",
            );
            let found = connection.first(&select, vec![Value::id(bot.as_bytes())]).await?;
            let Some(row) = found else { return Ok(None) };
            let version = SecretVersion(number(&row, 0)?);
            let opened = inner.master_key.open_secret(bot, version, &sealed(&row, 1)?);
            Ok(Some(BotSecret { secret: opened.map_err(StoreError::from)?, version }))
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let current = version(&mut connection, &inner.connections.text(VERSION), bot).await?;
            let next = current.next();
            let secret = SsoSecret::generate().map_err(StoreError::generator)?;
            let sealed = inner.master_key.seal_secret(bot, next, &secret).map_err(StoreError::from)?;
            let update = inner.connections.text(
                "UPDATE sso.bots SET secret_version = $3, sealing_key = $4, sealed_secret = $5
                WHERE id = $1 AND secret_version = $2 RETURNING 1",
            );
            let values = vec![
                Value::id(bot.as_bytes()),
                Value::number(current.0),
                Value::number(next.0),
                Value::bytes(sealed.key.0),
                Value::bytes(sealed.bytes),
            ];
            connection.first(&update, values).await?.map(|_| secret).ok_or_else(overtaken)
        })
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let current = version(&mut connection, &inner.connections.text(VERSION), bot).await?;
            let update = inner.connections.text(
                "UPDATE sso.bots SET secret_version = $3, sealing_key = NULL, sealed_secret = NULL
                WHERE id = $1 AND secret_version = $2 RETURNING 1",
            );
            let (current, next) = (Value::number(current.0), Value::number(current.next().0));
            let values = vec![Value::id(bot.as_bytes()), current, next];
            connection.first(&update, values).await?.map(drop).ok_or_else(overtaken)
        })
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut count = self.reseal_names().await?;
            loop {
                let resealed = self.reseal_page().await?;
                if resealed == 0 {
                    return Ok(count);
                }
                count = count.saturating_add(resealed);
            }
        })
    }
}

impl PostgresStore {
    /// Seals the next secrets anew, and says how many.
    fn reseal_page(&self) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let select = inner.connections.text(
                "SELECT id, secret_version, sealing_key, sealed_secret FROM sso.bots
                WHERE sealed_secret IS NOT NULL AND sealing_key <> $1 LIMIT $2",
            );
            let update = inner.connections.text(
                "UPDATE sso.bots SET sealing_key = $4, sealed_secret = $5
                WHERE id = $1 AND secret_version = $2 AND sealing_key = $3",
            );
            let current = inner.master_key.id().0;
            let values = vec![Value::bytes(current), Value::Number(Some(PAGE))];
            let old = connection.query(&select, values).await?;
            for row in &old {
                let (bot, version) = (id(row, 0, BotId::from_bytes)?, SecretVersion(number(row, 1)?));
                let before = sealed(row, 2)?;
                let secret = inner.master_key.open_secret(bot, version, &before).map_err(StoreError::from)?;
                let after = inner.master_key.seal_secret(bot, version, &secret).map_err(StoreError::from)?;
                let values = vec![
                    Value::id(bot.as_bytes()),
                    Value::number(version.0),
                    Value::bytes(before.key.0),
                    Value::bytes(after.key.0),
                    Value::bytes(after.bytes),
                ];
                connection.query(&update, values).await?;
            }
            Ok(u64::try_from(old.len()).unwrap_or(u64::MAX))
        })
    }

    /// Seals the key of the names anew, and says how many keys that was.
    fn reseal_names(&self) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.0.run(move |inner, mut connection| async move {
            let select = inner
                .connections
                .text("SELECT sealing_key, sealed FROM sso.hash_key WHERE id = 1 AND sealing_key <> $1");
            let current = Value::bytes(inner.master_key.id().0);
            let Some(row) = connection.first(&select, vec![current]).await? else {
                return Ok(0);
            };
            let resealed = NameKey::reseal(&sealed(&row, 0)?, &inner.master_key);
            let resealed = resealed.map_err(StoreError::from)?;
            let update =
                inner.connections.text("UPDATE sso.hash_key SET sealing_key = $1, sealed = $2 WHERE id = 1");
            let values = vec![Value::bytes(resealed.key.0), Value::bytes(resealed.bytes)];
            connection.query(&update, values).await?;
            Ok(1)
        })
    }
}

const VERSION: &str = "SELECT secret_version FROM sso.bots WHERE id = $1";

/// The version of the bot's secret.
async fn version(connection: &mut Connection, select: &str, bot: BotId) -> Result<SecretVersion, Setback> {
    let found = connection.first(select, vec![Value::id(bot.as_bytes())]).await?;
    let row = found.ok_or(StoreError::UnknownBot)?;
    Ok(SecretVersion(number(&row, 0)?))
}
