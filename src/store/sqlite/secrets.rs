//! Bots and their secrets, sealed.

use rusqlite::{Row, params};

use super::{connection::sealed, statements::Database};
use crate::{
    id::{BotId, ProjectId, SecretVersion},
    secret::SsoSecret,
    store::{
        error::StoreError,
        model::Bot,
        name_hash::NameKey,
        reseal::{PAGE, ResealedPage},
        sealing::{MasterKey, Sealed},
        visit::{BotSecret, BotState},
    },
};

pub(super) fn create_bot(database: &Database<'_>, project: ProjectId, bot: BotId) -> Result<(), StoreError> {
    let exists = "SELECT 1 FROM sso_projects WHERE id = ?1";
    database.first(exists, [project.as_bytes()], |_| Ok(()))?.ok_or(StoreError::UnknownProject)?;
    let version = SecretVersion::generate()?;
    let insert = "INSERT INTO sso_bots (id, project_id, secret_version) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO NOTHING";
    database.execute(insert, [bot.as_bytes(), project.as_bytes(), version.as_bytes()])?;
    let owner = "SELECT project_id FROM sso_bots WHERE id = ?1";
    let owner = database.first(owner, [bot.as_bytes()], |row| row.get(0))?.map(ProjectId::from_bytes);
    if owner == Some(project) { Ok(()) } else { Err(StoreError::BotOfAnotherProject) }
}

/// A bot as it is stored: its secret is still sealed.
pub(super) struct SealedBot {
    project: ProjectId,
    version: SecretVersion,
    secret: Option<Sealed>,
}

pub(super) fn find(database: &Database<'_>, bot: BotId) -> Result<Option<SealedBot>, StoreError> {
    let select = "SELECT project_id, secret_version, sealing_key, sealed_secret FROM sso_bots WHERE id = ?1";
    database.first(select, [bot.as_bytes()], |row| {
        let has_secret = row.get::<_, Option<[u8; 8]>>(2)?.is_some();
        Ok(SealedBot {
            project: ProjectId::from_bytes(row.get(0)?),
            version: SecretVersion::from_bytes(row.get(1)?),
            secret: has_secret.then(|| sealed(row, 2)).transpose()?,
        })
    })
}

/// Opens the secret that was found.
pub(super) fn open(
    bot: BotId,
    found: Option<SealedBot>,
    master_key: &MasterKey,
) -> Result<BotState, StoreError> {
    let Some(SealedBot { project, version, secret }) = found else { return Ok(BotState::Unknown) };
    let Some(sealed) = secret else { return Ok(BotState::WithoutSecret) };
    let secret = master_key.open_secret(bot, version, &sealed)?;
    Ok(BotState::Current(BotSecret::new(bot, project, version, secret)))
}

/// The columns of [`shown`].
const SHOWN: &str = "id, project_id, secret_version, sealed_secret IS NOT NULL";

fn shown(row: &Row<'_>) -> rusqlite::Result<Bot> {
    let (id, project) = (BotId::from_bytes(row.get(0)?), ProjectId::from_bytes(row.get(1)?));
    let version = SecretVersion::from_bytes(row.get(2)?);
    let has_secret: bool = row.get(3)?;
    Ok(Bot::new(id, project, has_secret.then_some(version)))
}

pub(super) fn bot(database: &Database<'_>, bot: BotId) -> Result<Option<Bot>, StoreError> {
    let select = format!("SELECT {SHOWN} FROM sso_bots WHERE id = ?1");
    database.first(&select, [bot.as_bytes()], shown)
}

pub(super) fn bots(
    database: &Database<'_>,
    project: ProjectId,
    after: Option<BotId>,
    limit: u32,
) -> Result<Vec<Bot>, StoreError> {
    let select = format!(
        "SELECT {SHOWN} FROM sso_bots WHERE project_id = ?1 AND (?2 IS NULL OR id < ?2)
        ORDER BY id DESC LIMIT ?3"
    );
    let after = after.map(|id| *id.as_bytes());
    database.all(&select, params![project.as_bytes(), after, limit], shown)
}

pub(super) fn regenerate(
    database: &Database<'_>,
    bot: BotId,
    master_key: &MasterKey,
) -> Result<SsoSecret, StoreError> {
    let secret = SsoSecret::generate().map_err(StoreError::generator)?;
    let version = SecretVersion::generate()?;
    set_secret(database, bot, version, Some(&master_key.seal_secret(bot, version, &secret)?))?;
    Ok(secret)
}

pub(super) fn remove(database: &Database<'_>, bot: BotId) -> Result<(), StoreError> {
    set_secret(database, bot, SecretVersion::generate()?, None)
}

/// Seals a page of secrets anew.
pub(super) fn reseal_page(
    database: &Database<'_>,
    master_key: &MasterKey,
    after: Option<BotId>,
) -> Result<ResealedPage, StoreError> {
    let select = "SELECT id, secret_version, sealing_key, sealed_secret FROM sso_bots
        WHERE sealed_secret IS NOT NULL AND sealing_key <> ?1 AND (?2 IS NULL OR id > ?2)
        ORDER BY id LIMIT ?3";
    let parameters = params![master_key.id().0, after.map(|bot| *bot.as_bytes()), PAGE];
    let old = database.all(select, parameters, |row| {
        let found = row.get(1).map(SecretVersion::from_bytes).and_then(|it| Ok((it, sealed(row, 2)?)));
        Ok((BotId::from_bytes(row.get(0)?), found.ok()))
    })?;
    let mut page = ResealedPage::default();
    for (bot, found) in old {
        let before = found.as_ref().map(|(version, sealed)| (*version, sealed));
        if let (Some(after), Some((version, _))) = (page.seal(master_key, bot, before), before) {
            set_secret(database, bot, version, Some(&after))?;
            page.count = page.count.saturating_add(1);
        }
    }
    Ok(page)
}

/// Seals the key of the names anew, and returns how many keys that was.
pub(super) fn reseal_names(database: &Database<'_>, master_key: &MasterKey) -> Result<u64, StoreError> {
    let select = "SELECT sealing_key, sealed FROM sso_hash_key WHERE id = 1 AND sealing_key <> ?1";
    let Some(old) = database.first(select, [master_key.id().0], |row| sealed(row, 0))? else {
        return Ok(0);
    };
    let resealed = NameKey::reseal(&old, master_key)?;
    let update = "UPDATE sso_hash_key SET sealing_key = ?1, sealed = ?2 WHERE id = 1";
    database.execute(update, params![resealed.key.0, resealed.bytes])?;
    Ok(1)
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
    match database.execute(update, params![bot.as_bytes(), version.as_bytes(), key, bytes])? {
        0 => Err(StoreError::UnknownBot),
        _ => Ok(()),
    }
}
