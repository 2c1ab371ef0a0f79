//! From PostgreSQL's errors to a store's, and what is to be done about them.

use std::{error::Error, fmt, io};

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::{DbError, SqlState};

use crate::store::error::{Cause, ProvisionError, StoreError};

/// Why an attempt did not end, and whether another may.
pub(super) enum AttemptError<E = StoreError> {
    /// Another call was faster: nothing was written, read again. The error is for a call that meets this too
    /// often.
    Conflict(StoreError),
    /// The connection or the server is gone. What the statement did is unknown; it may be repeated.
    Lost(StoreError),
    /// The server has no room or memory for it now. The connection is good.
    Short(StoreError),
    /// The connection has other prepared statements than it should.
    Unprepared(StoreError),
    /// There is no use in trying again.
    Over(E),
}

impl AttemptError {
    /// The same, for a call that may fail in more ways.
    pub(super) fn widen<E: From<StoreError>>(self) -> AttemptError<E> {
        match self {
            Self::Conflict(error) => AttemptError::Conflict(error),
            Self::Lost(error) => AttemptError::Lost(error),
            Self::Short(error) => AttemptError::Short(error),
            Self::Unprepared(error) => AttemptError::Unprepared(error),
            Self::Over(error) => AttemptError::Over(error.into()),
        }
    }
}

impl From<AttemptError> for AttemptError<ProvisionError> {
    fn from(setback: AttemptError) -> Self {
        setback.widen()
    }
}

impl<E: From<StoreError>> From<StoreError> for AttemptError<E> {
    fn from(error: StoreError) -> Self {
        Self::Over(error.into())
    }
}

/// What went wrong, in words of which none is a parameter's: the server's own messages and details quote
/// those.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failure {}

pub(super) fn unavailable(why: impl Into<String>) -> StoreError {
    StoreError::Unavailable(Cause::new(Failure::new(why)))
}

/// Another call changed what this one had read.
pub(super) fn overtaken() -> AttemptError {
    AttemptError::Conflict(unavailable("overtaken by concurrent calls"))
}

/// A server that takes no writes: a standby, or a primary that was demoted. A new connection may find the
/// primary.
pub(super) fn standby() -> AttemptError {
    let text = "the address leads to a standby, whose secrets may be out of date";
    AttemptError::Lost(StoreError::ReadOnly(Cause::passing(Failure::new(text))))
}

/// What an error of a statement means.
pub(super) fn of_statement(error: &tokio_postgres::Error) -> AttemptError {
    if let Some(error) = error.as_db_error() {
        return of_server(error);
    }
    of_client(error)
}

/// What an error means while a connection is being opened. Nothing of a visitor is known yet, so the server's
/// words are kept.
fn of_connecting(error: &tokio_postgres::Error) -> AttemptError {
    let Some(error) = error.as_db_error() else { return of_client(error) };
    let (code, text) = (error.code().code(), format!("{}: {}", error.code().code(), error.message()));
    let cause = Cause::new(Failure::new(text));
    match code.split_at_checked(2).unwrap_or_default().0 {
        "XX" if is_damage(code) => AttemptError::Over(StoreError::Corrupt(cause)),
        // A pooler that knows no such tenant or database says so with the code of an internal error.
        "XX" if is_missing(error.message()) => AttemptError::Over(StoreError::Configuration(cause)),
        "08" | "53" | "57" | "58" | "XX" => AttemptError::Lost(StoreError::Unavailable(cause)),
        _ => AttemptError::Over(StoreError::Failed(cause)),
    }
}

fn of_client(error: &tokio_postgres::Error) -> AttemptError {
    let cause = Cause::new(Failure::new(chain(error)));
    let io = sources(error).find_map(|source| source.downcast_ref::<io::Error>());
    match io {
        // What rustls says of a certificate, for instance.
        Some(io) if io.kind() == io::ErrorKind::InvalidData => AttemptError::Over(StoreError::Failed(cause)),
        // What tokio-postgres says if it was asked for a server that takes writes and found none.
        Some(io) if io.kind() == io::ErrorKind::PermissionDenied && io.raw_os_error().is_none() => standby(),
        Some(_) => AttemptError::Lost(StoreError::Unavailable(cause)),
        None if error.is_closed() => AttemptError::Lost(StoreError::Unavailable(cause)),
        None => AttemptError::Over(StoreError::Failed(cause)),
    }
}

/// What an error of the pool means, while a connection is waited for.
pub(super) fn of_pool(error: &PoolError) -> AttemptError {
    match error {
        PoolError::Backend(error) => of_connecting(error),
        PoolError::Timeout(TimeoutType::Wait) => {
            AttemptError::Over(unavailable("no connection became free in time"))
        }
        PoolError::Timeout(_) => {
            AttemptError::Lost(unavailable("the server did not take a connection in time"))
        }
        other => AttemptError::Over(StoreError::Failed(Cause::new(Failure::new(other.to_string())))),
    }
}

/// The guard of a statement that lost a race: it divides by zero, so that the whole statement is undone.
const GUARD: &SqlState = &SqlState::DIVISION_BY_ZERO;

const DAMAGED_SCHEMA: [&SqlState; 4] = [
    &SqlState::UNDEFINED_TABLE,
    &SqlState::UNDEFINED_COLUMN,
    &SqlState::INVALID_COLUMN_REFERENCE,
    &SqlState::DATATYPE_MISMATCH,
];

fn of_server(error: &DbError) -> AttemptError {
    let code = error.code();
    // In these classes the message is about the server, the login or the schema, never about a value.
    let (class, _) = code.code().split_at_checked(2).unwrap_or_default();
    let text = match class {
        "08" | "0A" | "25" | "26" | "28" | "3D" | "3F" | "40" | "42" | "53" | "55" | "57" | "58" | "XX" => {
            format!("{}: {}", code.code(), error.message())
        }
        _ => format!("SQLSTATE {}", code.code()),
    };
    let cause = Cause::new(Failure::new(text.clone()));
    let conflicts = [
        &SqlState::T_R_SERIALIZATION_FAILURE,
        &SqlState::T_R_DEADLOCK_DETECTED,
        &SqlState::UNIQUE_VIOLATION,
        GUARD,
    ];
    if conflicts.contains(&code) {
        return AttemptError::Conflict(StoreError::Unavailable(cause));
    }
    // What another process is creating at this moment, or another program has long created here.
    let taken = [&SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_SCHEMA, &SqlState::DUPLICATE_OBJECT];
    if taken.contains(&code) {
        return AttemptError::Conflict(StoreError::Corrupt(cause));
    }
    match class {
        // A prepared statement that is not there any more, or of tables that have changed: another connection
        // prepares it anew.
        "0A" => AttemptError::Unprepared(StoreError::Failed(cause)),
        "26" => AttemptError::Unprepared(shared(code)),
        "42" if *code == SqlState::DUPLICATE_PSTATEMENT => AttemptError::Unprepared(shared(code)),
        // Its own time-out, say: there is no use in asking the same again at once.
        "57" if *code == SqlState::QUERY_CANCELED => AttemptError::Over(StoreError::Unavailable(cause)),
        // Room is made in minutes, not within a call, so the visitor does not wait for it. (If the log has no
        // room, the server stops, and what takes its place may have some: that is class 57 or 08.)
        "53" if *code == SqlState::DISK_FULL => {
            let cause = Cause::passing(Failure::new(text));
            AttemptError::Over(StoreError::Full(cause))
        }
        // Out of memory or connections: new connections would make it worse.
        "53" => AttemptError::Short(StoreError::Unavailable(cause)),
        // Broken pages. Other internal errors are a node that was lost behind the server, or two changes of
        // one table.
        "XX" if is_damage(code.code()) => AttemptError::Over(StoreError::Corrupt(cause)),
        // A standby, or a primary that was demoted: a new connection may find the primary.
        "25" if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
            let cause = Cause::passing(Failure::new(text));
            AttemptError::Lost(StoreError::ReadOnly(cause))
        }
        // The connection; one that a pooler gave away with another client's transaction on it; a commit of
        // unknown outcome; the server is stopping, starting, or recovering.
        "08" | "25" | "40" | "57" | "58" | "XX" => AttemptError::Lost(StoreError::Unavailable(cause)),
        "55" => AttemptError::Over(StoreError::Unavailable(cause)),
        "42" if *code == SqlState::INSUFFICIENT_PRIVILEGE => AttemptError::Over(StoreError::ReadOnly(cause)),
        // Tables, columns or keys that are not there, or other ones than the store has made.
        "42" if DAMAGED_SCHEMA.contains(&code) => AttemptError::Over(StoreError::Corrupt(cause)),
        "3F" => AttemptError::Over(StoreError::Corrupt(cause)),
        // An engine that does not know a statement, a type or a function.
        "42" => AttemptError::Over(StoreError::Configuration(cause)),
        _ => AttemptError::Over(StoreError::Failed(cause)),
    }
}

/// Whether the server found pages or indexes that are broken.
fn is_damage(code: &str) -> bool {
    [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].iter().any(|damage| damage.code() == code)
}

/// Whether a pooler says that it has no such tenant, user or database.
fn is_missing(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["not found", "not exist", "unknown tenant"].iter().any(|words| message.contains(words))
}

/// A proxy lets clients share connections, and with them the prepared statements.
fn shared(code: &SqlState) -> StoreError {
    let text = "prepared statements are on, and another client uses the same connection to the server: leave \
                prepared_statements off behind this proxy";
    StoreError::Configuration(Cause::new(Failure::new(format!("{}: {text}", code.code()))))
}

fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        error.source()
    })
}

/// The error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    sources(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
