//! Erasing a subscriber: statements that read them and who else has their account, and one that checks that
//! nothing has changed and erases.

use time::OffsetDateTime;

use super::{
    connection::Connection,
    error::{AttemptError, overtaken},
    provision::{COLUMNS, WIDTH, subscriber},
    rehash::random_id,
    store::PostgresInner,
    subscribers,
    value::{Value, get, number},
};
use crate::{
    id::{ProjectId, SubscriberId},
    store::model::Subscriber,
};

/// $1 project, $2 subscriber, $3 revision, $4 and $5 the names they hold, $6 when, $7 the account's revision,
/// $8 the id that their visits get, $9 whether another subscriber of the project has the account. Ends with
/// what becomes of the account and of the others who have it, after the names: in the order in which a first
/// visit takes them.
macro_rules! forget {
    ($account:literal, $others:literal) => {
        concat!(
            "WITH erased AS (
    DELETE FROM sso.subscribers WHERE project_id = $1 AND id = $2 AND revision = $3
    RETURNING account_hash, account_id
), past AS (
    DELETE FROM sso.past_addresses p USING erased WHERE p.project_id = $1 AND p.subscriber_id = $2
    RETURNING p.name_hash
), forgotten AS (
    INSERT INTO sso.names (project_id, name_hash, forgotten_at)
    SELECT $1, gone.name_hash, $6 FROM (
        SELECT past.name_hash FROM past
        UNION
        SELECT held.name_hash FROM erased, (VALUES (CAST($4 AS uuid)), ($5)) AS held (name_hash)
        WHERE held.name_hash IS NOT NULL
    ) AS gone ORDER BY gone.name_hash
    ON CONFLICT (project_id, name_hash) DO UPDATE SET
        subscriber_id = nullif(names.subscriber_id, $2),
        forgotten_at = greatest(coalesce(names.forgotten_at, excluded.forgotten_at), excluded.forgotten_at)
    RETURNING name_hash
), visited AS (
    UPDATE sso.visits v SET subscriber_id = $8 FROM erased WHERE v.project_id = $1 AND v.subscriber_id = $2
), granted AS (
    DELETE FROM sso.grants g USING erased
    WHERE NOT $9 AND g.project_id = $1 AND g.account_id = erased.account_id
), account AS (",
            $account,
            ", (SELECT count(*) AS names FROM forgotten) AS done
    WHERE a.email_hash = erased.account_hash AND a.revision = $7 AND done.names >= 0 RETURNING 1
)",
            $others,
            "
SELECT CAST(1 / (CASE WHEN changed.accounts = 1 THEN 1 ELSE 0 END) AS bigint)
FROM erased, (SELECT count(*) AS accounts FROM account) AS changed"
        )
    };
}

/// The account goes with its last subscriber.
const FORGET_LAST: &str = forget!("DELETE FROM sso.accounts a USING erased", "");
/// It stays while there are others. That this project verified it is forgotten with the project's last
/// subscriber of it.
const FORGET: &str = forget!(
    "UPDATE sso.accounts a SET subscribers = a.subscribers - 1, revision = a.revision + 1,
        verified_by = CASE WHEN a.verified_by = $1 AND NOT $9 THEN NULL ELSE a.verified_by END FROM erased",
    ""
);
/// It stays without its address, which none of the others has: $10 takes the place of the address's hash.
const FORGET_WITH_ADDRESS: &str = forget!(
    "UPDATE sso.accounts a SET subscribers = a.subscribers - 1, revision = a.revision + 1,
        email_hash = $10, email_key = NULL,
        verified_by = CASE WHEN a.verified_by = $1 AND NOT $9 THEN NULL ELSE a.verified_by END FROM erased",
    ", others AS (
    UPDATE sso.subscribers s SET account_hash = $10 FROM erased, account
    WHERE s.account_hash = erased.account_hash AND NOT (s.project_id = $1 AND s.id = $2)
)"
);

/// What an erasure is decided on.
struct ToErase {
    erased: Subscriber,
    revision: i64,
    account: Account,
}

struct Account {
    email_key: Option<String>,
    subscribers: i64,
    revision: i64,
}

/// Erases a subscriber, and what of their account no other subscriber has. Returns whether there was one.
pub(super) async fn forget(
    inner: &PostgresInner,
    mut connection: Connection,
    project: ProjectId,
    id: SubscriberId,
    now: OffsetDateTime,
) -> Result<bool, AttemptError> {
    let Some(found) = find(inner, &mut connection, project, id).await? else { return Ok(false) };
    let account = &found.account;
    let is_shared = account.subscribers > 1;
    let loses_address = is_shared && is_last_with_address(inner, &mut connection, &found).await?;
    let has_others = is_shared && has_others(inner, &mut connection, &found.erased).await?;
    let [email, external_id] = inner.name_key()?.held_by(&found.erased);
    let mut values = vec![
        Value::id(project.as_bytes()),
        Value::id(id.as_bytes()),
        Value::Number(Some(found.revision)),
        Value::name(email),
        Value::name(external_id),
        Value::number(now.unix_timestamp()),
        Value::Number(Some(account.revision)),
        Value::id(&random_id()?),
        Value::Flag(has_others),
    ];
    let statement = match (is_shared, loses_address) {
        (false, _) => FORGET_LAST,
        (true, false) => FORGET,
        (true, true) => {
            values.push(Value::id(&random_id()?));
            FORGET_WITH_ADDRESS
        }
    };
    let erased = connection.first(&inner.connections.text(statement), values).await?;
    erased.map(|_| true).ok_or_else(overtaken)
}

async fn find(
    inner: &PostgresInner,
    connection: &mut Connection,
    project: ProjectId,
    id: SubscriberId,
) -> Result<Option<ToErase>, AttemptError> {
    // The subscriber in a step of their own: where the tables are distributed by project, accounts are not,
    // and only what is read already can be joined with them.
    let select = format!(
        "WITH s AS MATERIALIZED (
            SELECT {COLUMNS}, s.revision, s.account_hash FROM sso.subscribers s
            WHERE s.project_id = $1 AND s.id = $2
        )
        SELECT {COLUMNS}, s.revision, a.email_key, a.subscribers, a.revision
        FROM s JOIN sso.accounts a ON a.email_hash = s.account_hash"
    );
    let values = vec![Value::id(project.as_bytes()), Value::id(id.as_bytes())];
    let found = connection.first(&inner.connections.text(select), values).await?;
    let Some(row) = found else { return Ok(None) };
    let column = |index: usize| WIDTH.saturating_add(index);
    Ok(Some(ToErase {
        erased: subscriber(&row, 0, project)?,
        revision: get(&row, column(0))?,
        account: Account {
            email_key: get(&row, column(1))?,
            subscribers: get(&row, column(2))?,
            revision: get(&row, column(3))?,
        },
    }))
}

/// Whether the account has an address that no other subscriber of it has, in any project. Another project's
/// subscriber who takes the address at this moment keeps it, in their own row.
async fn is_last_with_address(
    inner: &PostgresInner,
    connection: &mut Connection,
    found: &ToErase,
) -> Result<bool, AttemptError> {
    let Some(email_key) = &found.account.email_key else { return Ok(false) };
    let holders = subscribers::by_email_key(inner, connection, email_key).await?;
    let erased = &found.erased;
    let is_other = |holder: &Subscriber| holder.account == erased.account && holder.id != erased.id;
    Ok(!holders.iter().any(is_other))
}

/// Whether another subscriber of the project has the account. It is searched in the whole project: there is
/// no index.
async fn has_others(
    inner: &PostgresInner,
    connection: &mut Connection,
    erased: &Subscriber,
) -> Result<bool, AttemptError> {
    let select = inner
        .connections
        .text("SELECT count(*) FROM sso.subscribers WHERE project_id = $1 AND account_id = $2 AND id <> $3");
    let (project, account, id) = (erased.project, erased.account, erased.id);
    let ids = vec![Value::id(project.as_bytes()), Value::id(account.as_bytes()), Value::id(id.as_bytes())];
    let others = connection.first(&select, ids).await?;
    Ok(others.map(|row| number::<u64>(&row, 0)).transpose()?.unwrap_or(0) > 0)
}
