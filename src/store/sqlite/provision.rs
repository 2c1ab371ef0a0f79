//! Provisioning in SQL: the one statement that a returning visitor costs, and what a decision writes.

use rusqlite::{Row, params};
use time::Date;

use super::statements::Database;
use crate::{
    id::{AccountId, ProjectId, SecretVersion, SubscriberId},
    store::{
        error::{ProvisionError, StoreError},
        linking::{self, Decision},
        model::{Provisioned, Subscriber},
        name_hash::{NameHash, NameKey, Names},
        visit::ProvisionRequest,
    },
};

/// The columns of [`subscriber`], from table `s`.
pub(super) const COLUMNS: &str =
    "s.id, s.account_id, s.email, s.name, s.external_id, s.applied_at, s.first_day, s.last_day";
/// How many those are.
const WIDTH: usize = 8;

/// All that a decision needs, in one row: the bot, whether the visitor was forgotten, and the subscribers "by
/// E" and "by X". Each table is searched by a key, which `OR` would not let the planner do; for `IN` it would
/// fill a table with the list first. If the subscriber "by X" has the token's address, the join "by E" is
/// left out: `decide` gives the same result.
pub(super) const FACTS: &str = "
SELECT b.secret_version, b.sealed_secret IS NOT NULL,
    (SELECT f.forgotten_at FROM sso_forgotten f WHERE f.project_id = b.project_id AND f.name_hash = ?4),
    (SELECT f.forgotten_at FROM sso_forgotten f WHERE f.project_id = b.project_id AND f.name_hash = ?5),
    e.id, e.account_id, e.email, e.name, e.external_id, e.applied_at, e.first_day, e.last_day,
    x.id, x.account_id, x.email, x.name, x.external_id, x.applied_at, x.first_day, x.last_day
FROM sso_bots b
LEFT JOIN sso_subscribers x ON x.project_id = b.project_id AND x.external_id = ?3
LEFT JOIN sso_subscribers e ON e.project_id = b.project_id
    AND e.email_key = CASE WHEN x.email_key IS ?2 THEN NULL ELSE ?2 END
WHERE b.id = ?1 AND b.project_id = ?6";
/// Where "by E" begins in that row; "by X" follows it.
const BY_EMAIL: usize = 4;

/// What the database says about a visitor.
pub(super) struct VisitFacts {
    bot: BotFacts,
    decision: Decision,
}

/// What it says about the bot, and whether one of the visitor's names was forgotten.
struct BotFacts {
    version: SecretVersion,
    has_secret: bool,
    /// The later one, if both names were.
    forgotten_at: Option<i64>,
}

impl BotFacts {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            version: SecretVersion::from_bytes(row.get(0)?),
            has_secret: row.get(1)?,
            forgotten_at: row.get::<_, Option<i64>>(2)?.max(row.get(3)?),
        })
    }
}

impl VisitFacts {
    /// The answer if nothing is to be written.
    pub(super) fn returning(&self) -> Option<Provisioned> {
        let known = self.decision.subscriber.as_ref().filter(|_| !self.decision.writes())?;
        let found = Provisioned::found(known.account, known.id);
        Some(Provisioned { conflict: self.decision.conflict, ..found })
    }
}

/// Reads and decides: one statement.
pub(super) fn find(
    database: &Database<'_>,
    request: &ProvisionRequest,
    names: &Names,
) -> Result<VisitFacts, ProvisionError> {
    let (visitor, identity) = (request.visitor(), request.identity());
    let (bot, project) = (visitor.bot(), visitor.project());
    let keys = (identity.email().key(), identity.external_id());
    let parameters =
        params![bot.as_bytes(), keys.0, keys.1, names.email, names.external_id, project.as_bytes()];
    let row = database.first(FACTS, parameters, |row| {
        let known = |start| match row.get::<_, Option<[u8; 16]>>(start)? {
            Some(_) => subscriber(row, start, project).map(Some),
            None => Ok(None),
        };
        Ok((BotFacts::read(row)?, known(BY_EMAIL)?, known(BY_EMAIL.saturating_add(WIDTH))?))
    });
    let (bot, by_email, by_external_id) = row?.ok_or(ProvisionError::SecretChanged)?;
    if !bot.has_secret || bot.version != visitor.secret_version() {
        return Err(ProvisionError::SecretChanged);
    }
    if bot.forgotten_at.is_some_and(|at| linking::is_forgotten(request, at)) {
        return Err(ProvisionError::Forgotten);
    }
    let decision = linking::decide(request, by_external_id, by_email);
    if decision.subscriber.is_none() && !request.may_create() {
        return Err(ProvisionError::WouldCreate);
    }
    Ok(VisitFacts { bot, decision })
}

/// Reads, decides and writes, within the writer's transaction.
pub(super) fn apply(
    database: &Database<'_>,
    request: &ProvisionRequest,
    names: &Names,
    name_key: &NameKey,
) -> Result<Provisioned, ProvisionError> {
    let found = find(database, request, names)?;
    if let Some(returning) = found.returning() {
        return Ok(returning); // another call has done it since
    }
    let (project, decision) = (request.visitor().project(), &found.decision);
    let today = request.today().to_julian_day();
    let mut took_address_back = false;
    let provisioned = match &decision.subscriber {
        Some(known) => {
            let past = known.email.as_deref().filter(|_| decision.sets_email);
            let past = past.map(|address| name_key.stored_email(project, address));
            if let Some(past) = past.filter(|past| *past != names.email) {
                took_address_back = had_name(database, project, known.id, names.email)?;
                keep_past_name(database, project, known.id, past)?;
            }
            update(database, request, decision, project, known)?;
            Provisioned::found(known.account, known.id)
        }
        None => create_subscriber(database, request, &found)?,
    };
    if decision.records_visit {
        let visit =
            "INSERT INTO sso_visits (project_id, day, subscriber_id, is_first) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (project_id, day, subscriber_id) DO NOTHING";
        let subscriber = provisioned.subscriber.as_bytes();
        let parameters = params![project.as_bytes(), today, subscriber, provisioned.created_subscriber];
        database.execute(visit, parameters)?;
    }
    Ok(Provisioned { conflict: decision.conflict, took_address_back, ..provisioned })
}

fn create_subscriber(
    database: &Database<'_>,
    request: &ProvisionRequest,
    found: &VisitFacts,
) -> Result<Provisioned, ProvisionError> {
    let (project, decision, identity) = (request.visitor().project(), &found.decision, request.identity());
    let email_key = identity.email().key();
    let now = request.now().unix_timestamp();

    let account = AccountId::generate().map_err(StoreError::from)?;
    let insert = "INSERT INTO sso_accounts (id, email_key, verified_by, created_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (email_key) DO NOTHING";
    let parameters = params![account.as_bytes(), email_key, project.as_bytes(), now];
    let created_account = database.execute(insert, parameters)? == 1;
    let account = if created_account {
        account
    } else {
        let select = "SELECT id FROM sso_accounts WHERE email_key = ?1";
        let found = database.with(select, |statement| statement.query_row([&email_key], |row| row.get(0)))?;
        AccountId::from_bytes(found)
    };

    let id = SubscriberId::generate().map_err(StoreError::from)?;
    let insert = "INSERT INTO sso_subscribers
        (project_id, id, account_id, email_key, email, name, external_id, applied_at, first_day, last_day)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)";
    let (key, email) = (Some(email_key), Some(identity.email().as_str()));
    let parameters = params![
        project.as_bytes(),
        id.as_bytes(),
        account.as_bytes(),
        key.filter(|_| decision.sets_email),
        email.filter(|_| decision.sets_email),
        identity.name(),
        identity.external_id(),
        request.issued_at(),
        request.today().to_julian_day(),
    ];
    database.execute(insert, parameters)?;

    // A forgotten visitor had theirs: their account is another one now, so the key alone would not know.
    let granted = match found.bot.forgotten_at {
        None => grant(database, project, account, now)?,
        Some(_) => None,
    };
    Ok(Provisioned { created_account, created_subscriber: true, granted, ..Provisioned::found(account, id) })
}

/// Grants the project's free tier, if it has one and the account had none here, and returns the credits.
fn grant(
    database: &Database<'_>,
    project: ProjectId,
    account: AccountId,
    now: i64,
) -> Result<Option<u32>, StoreError> {
    let insert = "INSERT INTO sso_grants (project_id, account_id, credits, granted_at)
        SELECT p.id, ?2, p.free_tier, ?3 FROM sso_projects p WHERE p.id = ?1 AND p.free_tier > 0
        ON CONFLICT (project_id, account_id) DO NOTHING RETURNING credits";
    database.first(insert, params![project.as_bytes(), account.as_bytes(), now], |row| row.get(0))
}

fn update(
    database: &Database<'_>,
    request: &ProvisionRequest,
    decision: &Decision,
    project: ProjectId,
    known: &Subscriber,
) -> Result<(), StoreError> {
    let identity = request.identity();
    // NULL keeps what is there.
    let update = "UPDATE sso_subscribers SET
            email_key = coalesce(?3, email_key), email = coalesce(?4, email), name = coalesce(?5, name),
            external_id = coalesce(?6, external_id),
            applied_at = max(applied_at, ?7), last_day = max(last_day, ?8)
        WHERE project_id = ?1 AND id = ?2";
    let parameters = params![
        project.as_bytes(),
        known.id.as_bytes(),
        decision.sets_email.then(|| identity.email().key()),
        decision.sets_email.then(|| identity.email().as_str()),
        identity.name().filter(|_| decision.sets_name),
        identity.external_id().filter(|_| decision.sets_external_id),
        request.issued_at(),
        request.today().to_julian_day(),
    ];
    database.execute(update, parameters).map(drop)
}

/// Whether the subscriber had this name before and gave it up.
fn had_name(
    database: &Database<'_>,
    project: ProjectId,
    subscriber: SubscriberId,
    name: NameHash,
) -> Result<bool, StoreError> {
    let select = "SELECT 1 FROM sso_past_addresses
        WHERE project_id = ?1 AND subscriber_id = ?2 AND name_hash = ?3";
    let parameters = params![project.as_bytes(), subscriber.as_bytes(), name];
    Ok(database.first(select, parameters, |_| Ok(()))?.is_some())
}

/// Keeps the hash of a name that the subscriber no longer has.
pub(super) fn keep_past_name(
    database: &Database<'_>,
    project: ProjectId,
    subscriber: SubscriberId,
    name: NameHash,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO sso_past_addresses (project_id, subscriber_id, name_hash) VALUES (?1, ?2, ?3)
        ON CONFLICT (project_id, subscriber_id, name_hash) DO NOTHING";
    database.execute(insert, params![project.as_bytes(), subscriber.as_bytes(), name]).map(drop)
}

/// The subscriber in the [`COLUMNS`] from `start` on; the grant is another table's.
pub(super) fn subscriber(row: &Row<'_>, start: usize, project: ProjectId) -> rusqlite::Result<Subscriber> {
    let column = |index: usize| start.saturating_add(index);
    let day = |index| -> rusqlite::Result<Date> {
        let number: i32 = row.get(column(index))?;
        Date::from_julian_day(number)
            .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column(index), i64::from(number)))
    };
    let mut subscriber = Subscriber::new(
        project,
        SubscriberId::from_bytes(row.get(column(0))?),
        AccountId::from_bytes(row.get(column(1))?),
        row.get(column(5))?,
        day(6)?,
    );
    subscriber.email = row.get(column(2))?;
    subscriber.name = row.get(column(3))?;
    subscriber.external_id = row.get(column(4))?;
    subscriber.last_day = day(7)?;
    Ok(subscriber)
}
