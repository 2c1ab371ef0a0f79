//! The secrets of bots, sealed.

use rusqlite::params;

use super::{
    statements::Database,
    store::{SqliteStore, sealed},
};
use crate::{
    id::{BotId, ProjectId},
    secret::SsoSecret,
    store::{
        contract::{BoxFuture, SecretStore},
        error::StoreError,
        model::{BotSecret, SecretVersion},
        name_hash::NameKey,
        sealing::Sealed,
    },
};

impl SecretStore for SqliteStore {
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| {
            let exists = "SELECT 1 FROM sso_projects WHERE id = ?1";
            database.first(exists, [project.as_bytes()], |_| Ok(()))?.ok_or(StoreError::UnknownProject)?;
            let insert = "INSERT INTO sso_bots (id, project_id) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
            database.execute(insert, [bot.as_bytes(), project.as_bytes()])?;
            let owner = "SELECT project_id FROM sso_bots WHERE id = ?1";
            let owner = database.first(owner, [bot.as_bytes()], |row| row.get(0))?.map(ProjectId::from_bytes);
            if owner == Some(project) { Ok(()) } else { Err(StoreError::BotOfAnotherProject) }
        }))
    }

    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>> {
        Box::pin(async move {
            let found = self.workers().read(move |database| {
                let select = "SELECT secret_version, sealing_key, sealed_secret FROM sso_bots
                    WHERE id = ?1 AND sealed_secret IS NOT NULL";
                database
                    .first(select, [bot.as_bytes()], |row| Ok((SecretVersion(row.get(0)?), sealed(row, 1)?)))
            });
            let Some((version, sealed)) = found.await? else { return Ok(None) };
            let secret = self.0.master_key.open_secret(bot, version, &sealed)?;
            Ok(Some(BotSecret { secret, version }))
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        let master_key = self.0.master_key.clone();
        Box::pin(self.workers().write(move |database| {
            let version = version(database, bot)?.next();
            let secret = SsoSecret::generate().map_err(StoreError::generator)?;
            let sealed = master_key.seal_secret(bot, version, &secret)?;
            set_secret(database, bot, version, Some(&sealed))?;
            Ok(secret)
        }))
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.workers().write(move |database| {
            let version = version(database, bot)?.next();
            set_secret(database, bot, version, None)
        }))
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let master_key = self.0.master_key.clone();
        Box::pin(self.workers().write(move |database| {
            let current = master_key.id().0;
            let select = "SELECT id, secret_version, sealing_key, sealed_secret FROM sso_bots
                WHERE sealed_secret IS NOT NULL AND sealing_key <> ?1";
            let old = database.all(select, [current], |row| {
                Ok((BotId::from_bytes(row.get(0)?), SecretVersion(row.get(1)?), sealed(row, 2)?))
            })?;
            let mut count = 0_u64;
            for (bot, version, sealed) in old {
                let secret = master_key.open_secret(bot, version, &sealed)?;
                set_secret(database, bot, version, Some(&master_key.seal_secret(bot, version, &secret)?))?;
                count = count.saturating_add(1);
            }
            let select = "SELECT sealing_key, sealed FROM sso_hash_key WHERE id = 1 AND sealing_key <> ?1";
            if let Some(old) = database.first(select, [current], |row| sealed(row, 0))? {
                let sealed = NameKey::reseal(&old, &master_key)?;
                let update = "UPDATE sso_hash_key SET sealing_key = ?1, sealed = ?2 WHERE id = 1";
                database.execute(update, params![sealed.key.0, sealed.bytes])?;
                count = count.saturating_add(1);
            }
            Ok(count)
        }))
    }
}

/// The version of the bot's secret.
fn version(database: &Database<'_>, bot: BotId) -> Result<SecretVersion, StoreError> {
    let select = "SELECT secret_version FROM sso_bots WHERE id = ?1";
    let found = database.first(select, [bot.as_bytes()], |row| row.get(0))?;
    found.map(SecretVersion).ok_or(StoreError::UnknownBot)
}

fn set_secret(
    database: &Database<'_>,
    bot: BotId,
    version: SecretVersion,
    sealed: Option<&Sealed>,
) -> Result<(), StoreError> {
    let update =
        "UPDATE sso_bots SET secret_version = ?2, sealing_key = ?3, sealed_secret = ?4 WHERE id = ?1";
    let (key, bytes) = (sealed.map(|sealed| sealed.key.0), sealed.map(|sealed| &sealed.bytes));
    database.execute(update, params![bot.as_bytes(), version.0, key, bytes]).map(drop)
}
