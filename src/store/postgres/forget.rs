//! Erasing a subscriber: one statement that reads them, and one that checks that nothing has changed and erases.

use time::OffsetDateTime;

use super::{
    connection::Connection,
    error::{Setback, overtaken},
    provision::{COLUMNS, WIDTH, subscriber},
    store::Inner,
    value::{Value, get},
};
use crate::id::{ProjectId, SubscriberId};

/// $1 project, $2 subscriber, $3 revision, $4 and $5 the names they hold, $6 when, $7 how many subscribers the account
/// has. Ends with what becomes of the account, after the names: in the order in which a first visit takes them.
macro_rules! forget {
    ($account:literal) => {
        concat!(
            "WITH erased AS (
    DELETE FROM sso.subscribers WHERE project_id = $1 AND id = $2 AND revision = $3 RETURNING account_hash
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
), account AS (",
            $account,
            ", (SELECT count(*) AS names FROM forgotten) AS done
    WHERE a.email_hash = erased.account_hash AND a.subscribers = $7 AND done.names >= 0 RETURNING 1
)
SELECT CAST(1 / (CASE WHEN changed.accounts = 1 THEN 1 ELSE 0 END) AS bigint)
FROM erased, (SELECT count(*) AS accounts FROM account) AS changed"
        )
    };
}

/// The account goes with its last subscriber.
const FORGET_LAST: &str = forget!("DELETE FROM sso.accounts a USING erased");
/// It stays while there are others.
const FORGET: &str = forget!("UPDATE sso.accounts a SET subscribers = a.subscribers - 1 FROM erased");

/// Erases a subscriber, and their account where nobody else has it. Says whether there was one.
pub(super) async fn forget(
    inner: &Inner,
    mut connection: Connection,
    project: ProjectId,
    id: SubscriberId,
    now: OffsetDateTime,
) -> Result<bool, Setback> {
    let select = format!(
        "SELECT {COLUMNS}, s.revision, a.subscribers FROM sso.subscribers s
        JOIN sso.accounts a ON a.email_hash = s.account_hash WHERE s.project_id = $1 AND s.id = $2"
    );
    let values = vec![Value::id(project.as_bytes()), Value::id(id.as_bytes())];
    let found = connection.first(&inner.connections.text(select), values).await?;
    let Some(row) = found else { return Ok(false) };
    let (revision, subscribers) = (get(&row, WIDTH)?, get(&row, WIDTH.saturating_add(1))?);
    let [email, external_id] = inner.name_key()?.held_by(&subscriber(&row, 0, project)?);
    let values = vec![
        Value::id(project.as_bytes()),
        Value::id(id.as_bytes()),
        Value::Number(Some(revision)),
        Value::name(email),
        Value::name(external_id),
        Value::number(now.unix_timestamp()),
        Value::Number(Some(subscribers)),
    ];
    let statement = if subscribers == 1 { FORGET_LAST } else { FORGET };
    let erased = connection.first(&inner.connections.text(statement), values).await?;
    erased.map(|_| true).ok_or_else(overtaken)
}
