//! A service's own tables, and the two methods of a [`SubscriberStore`] on top of them.
//!
//! The tables were there before: workspaces, chatbots and users, with texts for ids. What the visits add is
//! `member`, `gift`, `former_name`, `erased_name`. The unique keys keep concurrent first visits apart; one
//! transaction compares the secret's version and does all that follows.

use std::{
    error::Error,
    sync::{Mutex, PoisonError},
};

use boostgpt_sso::{
    AccountId, BotId, Email, ProjectId, SecretVersion, SubscriberId,
    store::{
        BotSecret, BotState, BoxFuture, Cause, KeyId, MasterKey, NameHash, NameKey, ProvisionError,
        ProvisionRequest, Provisioned, Sealed, StoreError, Subscriber, SubscriberStore, linking,
    },
    time::Date,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};

const SCHEMA: &str = "
CREATE TABLE workspace (uuid TEXT PRIMARY KEY, welcome_credits INTEGER) STRICT;
CREATE TABLE chatbot (uuid TEXT PRIMARY KEY, workspace TEXT NOT NULL REFERENCES workspace,
    sso_version TEXT, sso_key BLOB, sso_sealed BLOB) STRICT;
CREATE TABLE user (uuid TEXT PRIMARY KEY, mail_key TEXT UNIQUE, vouched_for_by TEXT) STRICT;
CREATE TABLE member (workspace TEXT NOT NULL, uuid TEXT NOT NULL, user TEXT NOT NULL REFERENCES user,
    mail_key TEXT, mail TEXT, full_name TEXT, customer_ref TEXT,
    token_time INTEGER NOT NULL, joined INTEGER NOT NULL, seen INTEGER NOT NULL,
    PRIMARY KEY (workspace, uuid), UNIQUE (workspace, mail_key), UNIQUE (workspace, customer_ref)) STRICT;
CREATE TABLE gift (workspace TEXT, user TEXT, credits INTEGER NOT NULL, PRIMARY KEY (workspace, user)) STRICT;
CREATE TABLE former_name (workspace TEXT, member TEXT, name BLOB,
    PRIMARY KEY (workspace, member, name)) STRICT;
CREATE TABLE erased_name (workspace TEXT, name BLOB, erased_at INTEGER, PRIMARY KEY (workspace, name)) STRICT;
CREATE TABLE name_key (key BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;";

/// The columns that [`member`] reads.
pub(crate) const MEMBER: &str =
    "SELECT uuid, user, mail, full_name, customer_ref, token_time, joined, seen FROM member";

pub(crate) struct Tables {
    database: Mutex<Connection>,
    pub(crate) master_key: MasterKey,
    pub(crate) names: NameKey,
}

impl Tables {
    /// Creates the tables in an empty database.
    pub(crate) fn new(database: Connection, master_key: MasterKey) -> Result<Self, StoreError> {
        let sealed = NameKey::generate(&master_key)?;
        database.execute_batch(SCHEMA).map_err(failed)?;
        let insert = "INSERT INTO name_key (key, sealed) VALUES (?1, ?2)";
        database.execute(insert, params![sealed.key.0, sealed.bytes]).map_err(failed)?;
        let names = NameKey::open(&sealed, &master_key)?;
        Ok(Self { database: Mutex::new(database), master_key, names })
    }

    /// Runs `work` in one transaction, which is undone if it fails. `IMMEDIATE` locks at its beginning, so
    /// what was read is still true when it writes. It blocks the thread that polls the future: a busy service
    /// gives this to a thread for blocking work.
    pub(crate) fn run<'a, T, E, F>(&'a self, work: F) -> BoxFuture<'a, Result<T, E>>
    where
        E: From<StoreError>,
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'a,
    {
        Box::pin(async move {
            let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
            let begun = database.transaction_with_behavior(TransactionBehavior::Immediate);
            let transaction = begun.map_err(failed)?;
            let done = work(&transaction)?;
            transaction.commit().map_err(failed)?;
            Ok(done)
        })
    }

    fn provision_in(
        &self,
        transaction: &Transaction<'_>,
        request: &ProvisionRequest,
    ) -> Result<Provisioned, ProvisionError> {
        let visitor = request.visitor();
        let (project, identity) = (visitor.project(), request.identity());
        let workspace = project.to_string();
        let select = "SELECT w.welcome_credits FROM chatbot b JOIN workspace w ON w.uuid = b.workspace
            WHERE b.uuid = ?1 AND b.workspace = ?2 AND b.sso_version = ?3 AND b.sso_sealed IS NOT NULL";
        let (bot, version) = (visitor.bot().to_string(), visitor.secret_version().to_string());
        let found = row(transaction, select, params![bot, workspace, version], |row| row.get(0))?;
        let welcome: Option<u32> = found.ok_or(ProvisionError::SecretChanged)?;
        let welcome = welcome.filter(|credits| *credits > 0);

        let email = self.names.email(project, identity.email());
        let external_id = identity.external_id().map(|id| self.names.external_id(project, id));
        let select = "SELECT max(erased_at) FROM erased_name WHERE workspace = ?1 AND name IN (?2, ?3)";
        let found = row(transaction, select, params![workspace, email, external_id], |row| row.get(0))?;
        let erased_at: Option<i64> = found.flatten();
        if erased_at.is_some_and(|at| linking::is_forgotten(request, at)) {
            return Err(ProvisionError::Forgotten);
        }

        let mail_key = identity.email().key();
        let by = |column: &str, value: &str| {
            let select = format!("{MEMBER} WHERE workspace = ?1 AND {column} = ?2");
            row(transaction, &select, params![workspace, value], |row| member(row, project))
        };
        let by_external_id = match identity.external_id() {
            Some(id) => by("customer_ref", id)?,
            None => None,
        };
        let decision = linking::decide(request, by_external_id, by("mail_key", &mail_key)?);

        let mut provisioned = match &decision.subscriber {
            Some(known) => Provisioned::found(known.account, known.id),
            None if request.may_create() => {
                let welcome = welcome.filter(|_| erased_at.is_none()); // who was erased had theirs
                create(transaction, request, &mail_key, welcome)?
            }
            None => return Err(ProvisionError::WouldCreate),
        };
        provisioned.conflict = decision.conflict;
        let member = provisioned.subscriber.to_string();
        let former = decision.subscriber.as_ref().and_then(|known| known.email.as_deref());
        if let Some(former) = former.filter(|_| decision.sets_email) {
            let former = self.stored(project, former)?;
            if former != email {
                let insert =
                    "INSERT OR IGNORE INTO former_name (workspace, member, name) VALUES (?1, ?2, ?3)";
                transaction.execute(insert, params![workspace, member, former]).map_err(failed)?;
            }
        }
        if decision.writes() {
            // NULL keeps what is there.
            let update = "UPDATE member SET mail_key = coalesce(?3, mail_key), mail = coalesce(?4, mail),
                full_name = coalesce(?5, full_name), customer_ref = coalesce(?6, customer_ref),
                token_time = max(token_time, ?7), seen = max(seen, ?8) WHERE workspace = ?1 AND uuid = ?2";
            let parameters = params![
                workspace,
                member,
                decision.sets_email.then_some(&mail_key),
                decision.sets_email.then(|| identity.email().as_str()),
                identity.name().filter(|_| decision.sets_name),
                identity.external_id().filter(|_| decision.sets_external_id),
                request.issued_at(),
                request.today().to_julian_day(),
            ];
            transaction.execute(update, parameters).map_err(failed)?;
        }
        Ok(provisioned)
    }

    /// Hashes an address that the tables have.
    pub(crate) fn stored(&self, project: ProjectId, mail: &str) -> Result<NameHash, StoreError> {
        Ok(self.names.email(project, Email::new(mail).map_err(corrupt)?))
    }
}

impl SubscriberStore for Tables {
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        self.run(move |transaction| {
            let select = "SELECT workspace, sso_version, sso_key, sso_sealed FROM chatbot WHERE uuid = ?1";
            let found = row(transaction, select, [bot.to_string()], |row| {
                let sealed = row.get::<_, Option<_>>(2)?.zip(row.get::<_, Option<_>>(3)?);
                let sealed = sealed.map(|(key, bytes)| Sealed { key: KeyId(key), bytes });
                Ok((id(row, 0)?, row.get::<_, Option<String>>(1)?, sealed))
            });
            let Some((project, version, sealed)) = found? else { return Ok(BotState::Unknown) };
            let Some((version, sealed)) = version.zip(sealed) else { return Ok(BotState::WithoutSecret) };
            let version: SecretVersion = version.parse().map_err(corrupt)?;
            let secret = self.master_key.open_secret(bot, version, &sealed)?;
            Ok(BotState::Current(BotSecret::new(bot, project, version, secret)))
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        self.run(move |transaction| self.provision_in(transaction, &request))
    }
}

/// Creates the member, and the user if the address has none; gives them the welcome credits once.
fn create(
    transaction: &Transaction<'_>,
    request: &ProvisionRequest,
    mail_key: &str,
    welcome: Option<u32>,
) -> Result<Provisioned, StoreError> {
    let (project, day) = (request.visitor().project().to_string(), request.today().to_julian_day());
    let (account, member) = (AccountId::generate()?, SubscriberId::generate()?);
    let insert = "INSERT OR IGNORE INTO user (uuid, mail_key, vouched_for_by) VALUES (?1, ?2, ?3)";
    let created = transaction.execute(insert, params![account.to_string(), mail_key, project]);
    let created_account = created.map_err(failed)? == 1;
    let select = "SELECT uuid FROM user WHERE mail_key = ?1";
    let account = row(transaction, select, [mail_key], |row| id(row, 0))?.unwrap_or(account);
    let insert = "INSERT INTO member (workspace, uuid, user, token_time, joined, seen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    let parameters = params![project, member.to_string(), account.to_string(), request.issued_at(), day];
    transaction.execute(insert, parameters).map_err(failed)?;
    let mut provisioned = Provisioned::found(account, member);
    (provisioned.created_account, provisioned.created_subscriber) = (created_account, true);
    if let Some(credits) = welcome {
        let insert = "INSERT OR IGNORE INTO gift (workspace, user, credits) VALUES (?1, ?2, ?3)";
        let given = transaction.execute(insert, params![project, account.to_string(), credits]);
        provisioned.granted = (given.map_err(failed)? == 1).then_some(credits);
    }
    Ok(provisioned)
}

/// Reads one row, if there is one.
pub(crate) fn row<T>(
    database: &Connection,
    select: &str,
    parameters: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    database.query_row(select, parameters, read).optional().map_err(failed)
}

/// Reads a member as the linking rules see them: the columns of [`MEMBER`].
pub(crate) fn member(row: &Row<'_>, project: ProjectId) -> rusqlite::Result<Subscriber> {
    let mut member = Subscriber::new(project, id(row, 0)?, id(row, 1)?, row.get(5)?, day(row, 6)?);
    (member.email, member.name, member.external_id) = (row.get(2)?, row.get(3)?, row.get(4)?);
    member.last_day = day(row, 7)?;
    Ok(member)
}

/// Reads an id from its text.
pub(crate) fn id<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, 0))
}

fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    let number: i32 = row.get(column)?;
    Date::from_julian_day(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number.into()))
}

fn corrupt(error: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Corrupt(Cause::new(error))
}

/// Says whether the call may be made again: SQLite's lock is busy, or the database cannot do it.
pub(crate) fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Unavailable(Cause::new(error))
        }
        Some(ErrorCode::DiskFull) => StoreError::Full(Cause::new(error)),
        _ => StoreError::Failed(Cause::new(error)),
    }
}
