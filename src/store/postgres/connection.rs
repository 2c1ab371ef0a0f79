//! A connection, for one attempt at a call.
//!
//! Each write is one statement, so there is no open transaction on a connection (but in a migration), nothing
//! that a dropped future could leave half done, and nothing that a proxy could tear apart.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::Object;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};
use tokio_postgres::Row;

use super::{
    error::{self, AttemptError, unavailable},
    trust::Trust,
    value::{self, Value},
};

/// A pooler that spreads reads over standbys (pgpool-II) leaves a statement that begins with this to the
/// primary.
pub(super) const UNBALANCED: &str = "/*NO LOAD BALANCE*/ ";

pub(super) fn in_future(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

/// The caller: still waiting for the answer, or gone.
#[derive(Clone, Default)]
pub(super) struct Caller(Arc<AtomicBool>);

impl Caller {
    fn is_gone(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Lives as long as the future that the caller holds.
pub(super) struct CallerIsWaiting(Caller);

impl CallerIsWaiting {
    pub(super) const fn new(caller: Caller) -> Self {
        Self(caller)
    }
}

impl Drop for CallerIsWaiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::SeqCst);
    }
}

/// A connection, and the leave to make a report with it. Both are given back when the server has answered.
pub(super) struct Lease {
    pub(super) object: Object,
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// Closes the connection, instead of giving it back to the pool.
    fn close(self) {
        drop(Object::take(self.object));
    }
}

/// A connection for one attempt.
pub(super) struct Connection {
    /// `None` when it was given up.
    pub(super) lease: Option<Lease>,
    pub(super) deadline: Instant,
    pub(super) caller: Caller,
    pub(super) trust: Trust,
    pub(super) limit: Duration,
    pub(super) prepares: bool,
    /// A transaction of several statements is open: only a migration has one.
    pub(super) is_in_transaction: bool,
}

impl Connection {
    /// Runs one statement, which is a transaction of its own, in one round trip.
    pub(super) async fn query(&mut self, text: &str, values: Vec<Value>) -> Result<Vec<Row>, AttemptError> {
        let text = format!("{UNBALANCED}{text}");
        self.answer(if self.prepares {
            Request::Prepared(text, values)
        } else {
            Request::Plain(text, values)
        })
        .await
    }

    /// Runs one statement of a migration, for which the server too is told this connection's limit: its own
    /// is that of a visit.
    pub(super) async fn with_own_limit(
        &mut self,
        text: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, AttemptError> {
        let limit = self.limit.as_millis();
        self.is_in_transaction = true;
        let answer = match self.batch(format!("BEGIN; SET LOCAL statement_timeout = {limit}")).await {
            Ok(()) => self.query(text, values).await,
            Err(setback) => Err(setback),
        };
        let end = if answer.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.batch(end.to_owned()).await;
        self.is_in_transaction = false;
        if ended.is_err()
            && let Some(lease) = self.lease.take()
        {
            lease.close(); // its transaction ends with it
        }
        let rows = answer?;
        ended.map(|()| rows)
    }

    /// Runs several statements in one transaction.
    pub(super) async fn batch(&mut self, text: String) -> Result<(), AttemptError> {
        self.answer(Request::Batch(text)).await.map(drop)
    }

    async fn answer(&mut self, request: Request) -> Result<Vec<Row>, AttemptError> {
        if self.caller.is_gone() {
            return Err(AttemptError::Over(unavailable("the caller is gone")));
        }
        let Some(lease) = self.lease.take() else {
            return Err(AttemptError::Lost(unavailable("the connection was given up")));
        };
        let limit = self.limit;
        let mut running = Box::pin(async move {
            let answer = timeout(limit.saturating_mul(2), request.send(&lease.object)).await;
            if let Ok(answer) = answer {
                Some((lease, answer))
            } else {
                lease.close();
                None
            }
        });
        let patience = self.deadline.min(in_future(limit));
        let Ok(Some((lease, answer))) = timeout_at(patience, &mut running).await else {
            // The server may be at it still. Until it answers, its connection stays taken, so that a slow
            // server is not given ever more to do; one that stays silent for as long again is dead. It is
            // never sent a cancel request: a server that waits for its standby would take that for leave to
            // answer without it.
            let is_in_transaction = self.is_in_transaction;
            tokio::spawn(async move {
                if let Some((lease, _)) = running.await
                    && is_in_transaction
                {
                    lease.close(); // its transaction ends with it
                }
            });
            return Err(AttemptError::Over(unavailable("the server did not answer in time")));
        };
        match answer.map_err(|error| error::of_statement(&error)) {
            Ok(rows) => {
                self.lease = Some(lease);
                Ok(rows)
            }
            Err(AttemptError::Lost(error)) => {
                self.trust.withdraw(lease.object);
                Err(AttemptError::Lost(error))
            }
            Err(AttemptError::Unprepared(error)) => {
                lease.close();
                Err(AttemptError::Unprepared(error))
            }
            Err(setback) => {
                self.lease = Some(lease);
                Err(setback)
            }
        }
    }

    /// Fails if this row's column, a `current_setting('transaction_read_only')`, is of a server that takes no
    /// writes: a standby lags, and would know secrets that are revoked. A pooler may lead to one after the
    /// connection was opened.
    pub(super) fn demand_primary(&mut self, row: &Row, column: usize) -> Result<(), AttemptError> {
        if value::get::<&str>(row, column)? == "off" {
            return Ok(());
        }
        if let Some(lease) = self.lease.take() {
            self.trust.withdraw(lease.object);
        }
        Err(error::standby())
    }

    /// Runs one statement of which at most one row is wanted.
    pub(super) async fn first(
        &mut self,
        text: &str,
        values: Vec<Value>,
    ) -> Result<Option<Row>, AttemptError> {
        self.query(text, values).await.map(|rows| rows.into_iter().next())
    }
}

/// What goes to the server at once.
enum Request {
    Plain(String, Vec<Value>),
    Prepared(String, Vec<Value>),
    Batch(String),
}

impl Request {
    async fn send(&self, to: &Object) -> Result<Vec<Row>, tokio_postgres::Error> {
        match self {
            Self::Plain(text, values) => {
                let values: Vec<_> =
                    values.iter().map(|value| (value.as_parameter(), value.sql_type())).collect();
                to.query_typed(text, &values).await
            }
            Self::Prepared(text, values) => {
                let types: Vec<_> = values.iter().map(Value::sql_type).collect();
                let statement = to.prepare_typed_cached(text, &types).await?;
                let values: Vec<_> = values.iter().map(Value::as_parameter).collect();
                to.query(&statement, &values).await
            }
            Self::Batch(text) => to.batch_execute(text).await.map(|()| Vec::new()),
        }
    }
}
