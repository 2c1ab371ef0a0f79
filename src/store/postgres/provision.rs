//! Provisioning in SQL: one statement that reads all that a decision needs, and one that checks it and
//! writes.
//!
//! A write takes effect only where everything that was read still is as it was read: the bot's secret, who
//! holds the names and when they were forgotten, the subscriber's revision. What changes between the
//! statement's own look at that and its writing meets it in a row of `names`, `subscribers` or `accounts`,
//! which both then change. The statement that loses the race for a name aborts by dividing by zero. The call
//! then reads again and retries.

use tokio_postgres::Row;

use super::{
    connection::Connection,
    error::{AttemptError, Failure, overtaken},
    store::PostgresInner,
    value::{Value, get, id, optional_id, optional_number},
};
use crate::{
    id::{AccountId, ProjectId, SecretVersion, SubscriberId},
    store::{
        error::{Cause, ProvisionError, StoreError},
        linking::{self, Decision},
        model::{Provisioned, Subscriber},
        name_hash::{NameHash, Names},
        visit::ProvisionRequest,
    },
};

/// The columns of [`subscriber`], from table `s`.
pub(super) const COLUMNS: &str =
    "s.id, s.account_id, s.email, s.name, s.external_id, s.applied_at, s.first_day, s.last_day";
/// How many those are.
pub(super) const WIDTH: usize = 8;

/// All that a decision needs, in one row: the bot, who holds the names "by E" and "by X" and when those were
/// forgotten, and the two subscribers with their revisions. Each table is searched by its primary key, in the
/// project that the request names: a database that is distributed by project asks one node. Where nothing is
/// found, the row still says whether the server is a standby.
const FACTS: &str = "
SELECT b.secret_version, b.sealed_secret IS NOT NULL,
    en.subscriber_id, en.forgotten_at, xn.subscriber_id, xn.forgotten_at, e.revision, x.revision,
    e.id, e.account_id, e.email, e.name, e.external_id, e.applied_at, e.first_day, e.last_day,
    x.id, x.account_id, x.email, x.name, x.external_id, x.applied_at, x.first_day, x.last_day,
    server.read_only
FROM (SELECT current_setting('transaction_read_only') AS read_only) AS server
LEFT JOIN sso.bots b ON b.id = $1 AND b.project_id = $4
LEFT JOIN sso.names en ON en.project_id = $4 AND en.name_hash = $2
LEFT JOIN sso.names xn ON xn.project_id = $4 AND xn.name_hash = $3
LEFT JOIN sso.subscribers e ON e.project_id = $4 AND e.id = en.subscriber_id
LEFT JOIN sso.subscribers x ON x.project_id = $4 AND x.id = xn.subscriber_id";

/// The project's free tier, if all is still as it was read: $1 bot, $2 version, $3 its project, $4 and $5 the
/// names, $6 to $9 their rows. What is written names the project by $3 too, and not by a column, for
/// databases that are distributed by project.
macro_rules! place {
    () => {
        "WITH place AS (
    SELECT p.free_tier FROM sso.bots b
    JOIN sso.projects p ON p.id = $3
    LEFT JOIN sso.names en ON en.project_id = $3 AND en.name_hash = $4
    LEFT JOIN sso.names xn ON xn.project_id = $3 AND xn.name_hash = $5
    WHERE b.id = $1 AND b.project_id = $3 AND b.secret_version = $2 AND b.sealed_secret IS NOT NULL
        AND en.subscriber_id IS NOT DISTINCT FROM $6 AND en.forgotten_at IS NOT DISTINCT FROM $7
        AND xn.subscriber_id IS NOT DISTINCT FROM $8 AND xn.forgotten_at IS NOT DISTINCT FROM $9
)"
    };
}

/// A new subscriber with the names that are theirs: $10 their id, $11 to $14 up to two names with when they
/// were forgotten, $15 how many names that is, all of them or nothing at all; $16 the e-mail key, $17 the id
/// of an account if it is a new one, $18 now, $19 to $21 the profile, $22 when the token was issued, $23 the
/// day, $24 the hash of the account. An address that stays another subscriber's ($6) is among the names and
/// keeps its holder: without that, a visit and the holder's erasure could miss each other, and the account
/// would get the erased address back.
const CREATE: &str = concat!(
    place!(),
    ", taken AS (
    INSERT INTO sso.names (project_id, name_hash, subscriber_id, forgotten_at)
    SELECT $3, wanted.name_hash,
        coalesce(CASE WHEN wanted.name_hash = $4 THEN CAST($6 AS uuid) END, CAST($10 AS uuid)),
        wanted.forgotten_at
    FROM place, (VALUES (CAST($11 AS uuid), CAST($12 AS bigint)), ($13, $14))
        AS wanted (name_hash, forgotten_at)
    WHERE wanted.name_hash IS NOT NULL
    ON CONFLICT (project_id, name_hash) DO UPDATE SET subscriber_id = excluded.subscriber_id
        WHERE names.forgotten_at IS NOT DISTINCT FROM excluded.forgotten_at AND (names.subscriber_id =
            excluded.subscriber_id OR (names.subscriber_id IS NULL AND excluded.subscriber_id = $10))
    RETURNING name_hash
), account AS (
    INSERT INTO sso.accounts (email_hash, id, email_key, verified_by, created_at, subscribers, revision)
    SELECT $24, $17, $16, $3, $18,
        CAST(1 / (CASE WHEN held.names = $15 THEN 1 ELSE 0 END) AS bigint), 0
    FROM place, (SELECT count(*) AS names FROM taken) AS held
    ON CONFLICT (email_hash) DO UPDATE SET
        subscribers = accounts.subscribers + 1, revision = accounts.revision + 1
    RETURNING id
), granted AS (
    INSERT INTO sso.grants (project_id, account_id, credits, granted_at)
    SELECT $3, account.id, place.free_tier, $18 FROM place, account
    WHERE place.free_tier > 0 AND $7 IS NULL AND $9 IS NULL
    ON CONFLICT (project_id, account_id) DO NOTHING
    RETURNING credits
), created AS (
    INSERT INTO sso.subscribers (project_id, id, account_id, account_hash, revision,
        email, name, external_id, applied_at, first_day, last_day)
    SELECT $3, $10, account.id, $24, 0, $19, $20, $21, $22, $23, $23 FROM place, account
), visited AS (
    INSERT INTO sso.visits (project_id, day, subscriber_id, is_first)
    SELECT $3, $23, $10, TRUE FROM place
)
SELECT account.id, (SELECT credits FROM granted) FROM account"
);

/// A known subscriber with what changes: $10 their id, $11 to $14 up to two new names with when they were
/// forgotten, $15 how many names change, $16 the revision, $17 the name that they give up, $18 to $20 the
/// profile (NULL keeps what is there), $21 when the token was issued, $22 whether the day is recorded, $23
/// the day.
const CHANGE: &str = concat!(
    place!(),
    ", changed AS (
    UPDATE sso.subscribers s SET
        revision = s.revision + 1, email = coalesce($18, s.email), name = coalesce($19, s.name),
        external_id = coalesce($20, s.external_id), applied_at = greatest(s.applied_at, $21),
        last_day = greatest(s.last_day, $23)
    FROM place WHERE s.project_id = $3 AND s.id = $10 AND s.revision = $16
    RETURNING 1
), taken AS (
    INSERT INTO sso.names (project_id, name_hash, subscriber_id, forgotten_at)
    SELECT $3, wanted.name_hash, wanted.subscriber_id, wanted.forgotten_at
    FROM changed, (VALUES
            (CAST($11 AS uuid), CAST($10 AS uuid), CAST($12 AS bigint)), ($13, $10, $14), ($17, NULL, NULL))
        AS wanted (name_hash, subscriber_id, forgotten_at)
    WHERE wanted.name_hash IS NOT NULL
    ON CONFLICT (project_id, name_hash) DO UPDATE SET subscriber_id = excluded.subscriber_id
        WHERE (excluded.subscriber_id IS NULL AND names.subscriber_id = $10) OR (names.subscriber_id IS NULL
            AND names.forgotten_at IS NOT DISTINCT FROM excluded.forgotten_at)
    RETURNING name_hash
), past AS (
    INSERT INTO sso.past_addresses (project_id, subscriber_id, name_hash)
    SELECT $3, $10, $17 FROM changed WHERE $17 IS NOT NULL
    ON CONFLICT (project_id, subscriber_id, name_hash) DO NOTHING
), visited AS (
    INSERT INTO sso.visits (project_id, day, subscriber_id, is_first)
    SELECT $3, $23, $10, FALSE FROM changed WHERE $22
    ON CONFLICT (project_id, day, subscriber_id) DO NOTHING
)
SELECT CAST(1 / (CASE WHEN held.names = $15 THEN 1 ELSE 0 END) AS bigint), $17 IS NOT NULL AND EXISTS (
    SELECT 1 FROM sso.past_addresses p WHERE p.project_id = $3 AND p.subscriber_id = $10 AND p.name_hash = $4
)
FROM changed, (SELECT count(*) AS names FROM taken) AS held"
);

/// What was read.
struct Facts {
    by_email: Holder,
    by_external_id: Holder,
}

/// A name, and what is known of it.
struct Holder {
    hash: Option<NameHash>,
    subscriber: Option<SubscriberId>,
    forgotten_at: Option<i64>,
    revision: Option<i64>,
}

/// Reads, decides, and writes where there is something to write.
pub(super) async fn provision(
    inner: &PostgresInner,
    mut connection: Connection,
    request: &ProvisionRequest,
    names: &Names,
) -> Result<Provisioned, AttemptError<ProvisionError>> {
    let visitor = request.visitor();
    let values = vec![
        Value::id(visitor.bot().as_bytes()),
        Value::name(Some(names.email)),
        Value::name(names.external_id),
        Value::id(visitor.project().as_bytes()),
    ];
    let row = connection.first(&inner.connections.text(FACTS), values).await?;
    let row = row.ok_or_else(overtaken)?;
    connection.demand_primary(&row, MODE)?;
    let version = optional_id(&row, 0, SecretVersion::from_bytes)?;
    if version != Some(visitor.secret_version()) || !get::<bool>(&row, 1)? {
        return Err(AttemptError::Over(ProvisionError::SecretChanged));
    }
    let facts = Facts::read(&row, names)?;
    let is_forgotten =
        |holder: &Holder| holder.forgotten_at.is_some_and(|at| linking::is_forgotten(request, at));
    if is_forgotten(&facts.by_email) || is_forgotten(&facts.by_external_id) {
        return Err(AttemptError::Over(ProvisionError::Forgotten));
    }
    let project = visitor.project();
    let by_email = facts.by_email.subscriber.map(|_| subscriber(&row, BY_EMAIL, project)).transpose()?;
    let by_external_id =
        facts.by_external_id.subscriber.map(|_| subscriber(&row, BY_EXTERNAL_ID, project)).transpose()?;
    let decision = linking::decide(request, by_external_id, by_email);
    let provisioned = match &decision.subscriber {
        Some(known) => {
            let took_address_back = decision.writes()
                && change(inner, &mut connection, request, &facts, &decision, known).await?;
            Provisioned { took_address_back, ..Provisioned::found(known.account, known.id) }
        }
        None if !request.may_create() => return Err(AttemptError::Over(ProvisionError::WouldCreate)),
        None => create_subscriber(inner, &mut connection, request, &facts, &decision).await?,
    };
    Ok(Provisioned { conflict: decision.conflict, ..provisioned })
}

/// Where the two subscribers begin in the row of [`FACTS`].
const BY_EMAIL: usize = 8;
const BY_EXTERNAL_ID: usize = 16;
/// Where it says whether the server is a standby.
const MODE: usize = 24;

impl Facts {
    fn read(row: &Row, names: &Names) -> Result<Self, StoreError> {
        let holder = |hash, at: [usize; 3]| {
            let [subscriber, forgotten_at, revision] = at;
            let holder = Holder {
                hash,
                subscriber: optional_id(row, subscriber, SubscriberId::from_bytes)?,
                forgotten_at: get(row, forgotten_at)?,
                revision: get(row, revision)?,
            };
            if holder.subscriber.is_some() == holder.revision.is_some() {
                return Ok(holder);
            }
            let text = "a name's subscriber is not there";
            Err(StoreError::Corrupt(Cause::new(Failure::new(text))))
        };
        Ok(Self {
            by_email: holder(Some(names.email), [2, 3, 6])?,
            by_external_id: holder(names.external_id, [4, 5, 7])?,
        })
    }

    /// The parameters that both statements begin with, up to how many names change.
    fn values(
        &self,
        request: &ProvisionRequest,
        subscriber: SubscriberId,
        takes_email: bool,
        takes_external_id: bool,
        gives_up: bool,
    ) -> Vec<Value> {
        let name = |holder: &Holder| Value::name(holder.hash);
        let holder = |holder: &Holder| Value::Id(holder.subscriber.as_ref().map(|id| *id.as_bytes()));
        let forgotten = |holder: &Holder| Value::Number(holder.forgotten_at);
        let (email, external_id) = (&self.by_email, &self.by_external_id);
        let mut wanted =
            [Some(email).filter(|_| takes_email), Some(external_id).filter(|_| takes_external_id)];
        // Always in one order, so that two statements do not wait for each other.
        wanted.sort_by_key(|wanted| wanted.map(|holder| holder.hash));
        let [first, second] = wanted;
        let count = [takes_email, takes_external_id, gives_up].map(i64::from).iter().sum();
        vec![
            Value::id(request.visitor().bot().as_bytes()),
            Value::id(request.visitor().secret_version().as_bytes()),
            Value::id(request.visitor().project().as_bytes()),
            name(email),
            name(external_id),
            holder(email),
            forgotten(email),
            holder(external_id),
            forgotten(external_id),
            Value::id(subscriber.as_bytes()),
            first.map_or(Value::Id(None), name),
            first.map_or(Value::Number(None), forgotten),
            second.map_or(Value::Id(None), name),
            second.map_or(Value::Number(None), forgotten),
            Value::Number(Some(count)),
        ]
    }
}

async fn create_subscriber(
    inner: &PostgresInner,
    connection: &mut Connection,
    request: &ProvisionRequest,
    facts: &Facts,
    decision: &Decision,
) -> Result<Provisioned, AttemptError<ProvisionError>> {
    let identity = request.identity();
    let new_account = AccountId::generate().map_err(StoreError::from)?;
    let subscriber = SubscriberId::generate().map_err(StoreError::from)?;
    let mut values = facts.values(request, subscriber, true, decision.sets_external_id, false);
    let own_email = Some(identity.email().as_str()).filter(|_| decision.sets_email);
    values.extend([
        Value::text(identity.email().key()),
        Value::id(new_account.as_bytes()),
        Value::number(request.now().unix_timestamp()),
        Value::Text(own_email.map(str::to_owned)),
        Value::Text(identity.name().map(str::to_owned)),
        Value::Text(identity.external_id().map(str::to_owned)),
        Value::number(request.issued_at()),
        Value::Day(request.today()),
        Value::name(Some(inner.name_key()?.account(identity.email()))),
    ]);
    let row = connection.first(&inner.connections.text(CREATE), values).await?.ok_or_else(overtaken)?;
    let account = id(&row, 0, AccountId::from_bytes)?;
    Ok(Provisioned {
        created_account: account == new_account,
        created_subscriber: true,
        granted: optional_number(&row, 1)?,
        ..Provisioned::found(account, subscriber)
    })
}

/// Writes what changes. Returns whether the subscriber took an e-mail address back.
async fn change(
    inner: &PostgresInner,
    connection: &mut Connection,
    request: &ProvisionRequest,
    facts: &Facts,
    decision: &Decision,
    known: &Subscriber,
) -> Result<bool, AttemptError<ProvisionError>> {
    let identity = request.identity();
    let is_held = |holder: &Holder| holder.subscriber == Some(known.id);
    let takes_email = decision.sets_email && !is_held(&facts.by_email);
    let given_up = known.email.as_deref().filter(|_| takes_email);
    let project = request.visitor().project();
    let name_key = inner.name_key()?;
    let given_up = given_up.map(|address| name_key.stored_email(project, address));
    let revision = if is_held(&facts.by_external_id) { &facts.by_external_id } else { &facts.by_email };
    let takes_external_id = decision.sets_external_id;
    let mut values = facts.values(request, known.id, takes_email, takes_external_id, given_up.is_some());
    let text = |value: Option<&str>, is_set: bool| Value::Text(value.filter(|_| is_set).map(str::to_owned));
    values.extend([
        Value::Number(revision.revision),
        Value::name(given_up),
        text(Some(identity.email().as_str()), decision.sets_email),
        text(identity.name(), decision.sets_name),
        text(identity.external_id(), decision.sets_external_id),
        Value::number(request.issued_at()),
        Value::Flag(decision.records_visit),
        Value::Day(request.today()),
    ]);
    let row = connection.first(&inner.connections.text(CHANGE), values).await?.ok_or_else(overtaken)?;
    Ok(get(&row, 1)?)
}

/// The subscriber in the [`COLUMNS`] from `start` on; the grant is another table's.
pub(super) fn subscriber(row: &Row, start: usize, project: ProjectId) -> Result<Subscriber, StoreError> {
    let column = |index: usize| start.saturating_add(index);
    let mut subscriber = Subscriber::new(
        project,
        id(row, column(0), SubscriberId::from_bytes)?,
        id(row, column(1), AccountId::from_bytes)?,
        get(row, column(5))?,
        get(row, column(6))?,
    );
    subscriber.email = get(row, column(2))?;
    subscriber.name = get(row, column(3))?;
    subscriber.external_id = get(row, column(4))?;
    subscriber.last_day = get(row, column(7))?;
    Ok(subscriber)
}
