//! Getting a connection, running a statement on it, and trying again: every wait has an end.
//!
//! Each write is one statement, so there is never an open transaction on a connection, nothing that a dropped future could
//! leave half done, and nothing that a proxy could tear apart.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{Object, Pool};
use rand::{TryRng, rngs::SysRng};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_postgres::Row;

use super::{
    error::{self, Setback, unavailable},
    options::{PostgresOptions, malformed},
    value::Value,
};
use crate::store::{contract::BoxFuture, error::StoreError};

/// How often a call is tried while the server is not there.
const LOST_ATTEMPTS: u32 = 3;
/// The longest pause before another attempt.
const LONGEST_PAUSE: Duration = Duration::from_millis(128);

/// The pool, and the runtime that its connections live on.
pub(super) struct Connections {
    pub(super) pool: Pool,
    pub(super) options: PostgresOptions,
    pub(super) runtime: Handle,
}

impl Connections {
    /// Makes attempts until one ends, or the time of the call is over.
    ///
    /// On the runtime of the store, so that the future may be polled by any executor. When it is dropped, the statement
    /// that is under way comes to its end, and nothing else is begun.
    pub(super) fn run<T, E, F>(
        self: &Arc<Self>,
        attempt: impl Fn(Connection) -> F + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, Setback<E>>> + Send + 'static,
    {
        let this = Arc::clone(self);
        Box::pin(async move {
            let runtime = this.runtime.clone();
            let caller = Caller::default();
            let _here = Here(caller.clone());
            let call = runtime.spawn(async move { this.insist(attempt, caller).await });
            call.await.unwrap_or_else(|failed| {
                Err(E::from(if failed.is_panic() {
                    // Nothing of ours panics, but timers and sockets do where the runtime has none.
                    malformed("the store's runtime has no I/O or no timers: build it with enable_all()")
                } else {
                    unavailable("the store's runtime is shutting down")
                }))
            })
        })
    }

    async fn insist<T, E, F>(
        &self,
        attempt: impl Fn(Connection) -> F + Send + Sync,
        caller: Caller,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, Setback<E>>> + Send,
    {
        let patience = self.options.acquire_timeout.saturating_add(self.options.statement_timeout);
        // The last attempt has some of the time for itself.
        let (last_start, deadline) = (in_future(self.options.statement_timeout), in_future(patience));
        let mut lost = 0_u32;
        for number in 0.. {
            let outcome = match self.connection(deadline, &caller).await {
                Ok(connection) => attempt(connection).await,
                Err(setback) => Err(setback.widen()),
            };
            let why = match outcome {
                Ok(value) => return Ok(value),
                Err(Setback::Over(error)) => return Err(error),
                Err(Setback::Conflict(why)) => why,
                Err(Setback::Lost(why)) => {
                    lost = lost.saturating_add(1);
                    if lost >= LOST_ATTEMPTS {
                        return Err(why.into());
                    }
                    why
                }
            };
            let pause = pause(number);
            if in_future(pause) >= last_start {
                return Err(why.into());
            }
            sleep(pause).await;
        }
        Err(unavailable("tried too often").into())
    }

    async fn connection(&self, deadline: Instant, caller: &Caller) -> Result<Connection, Setback> {
        let patience = deadline.min(in_future(self.options.acquire_timeout));
        let object = match timeout_at(patience, self.pool.get()).await {
            Ok(object) => object.map_err(|error| error::of_pool(&error))?,
            Err(_) => return Err(Setback::Over(unavailable("no connection became free in time"))),
        };
        Ok(Connection {
            object: Some(object),
            deadline,
            caller: caller.clone(),
            limit: self.options.statement_timeout,
            prepares: self.options.prepares,
        })
    }

    /// A statement's text, with the schema's own name.
    pub(super) fn text(&self, statement: impl Into<Cow<'static, str>>) -> Cow<'static, str> {
        in_schema(&self.options.schema, statement.into())
    }
}

/// SQL of ours, with this schema instead of `sso`.
pub(super) fn in_schema(schema: &str, sql: Cow<'static, str>) -> Cow<'static, str> {
    if schema == "sso" { sql } else { Cow::Owned(sql.replace("sso.", &format!("{schema}."))) }
}

fn in_future(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

/// A random time, up to one that doubles with every attempt: those who met once shall not meet again.
fn pause(attempt: u32) -> Duration {
    let longest = Duration::from_millis(2).saturating_mul(1 << attempt.min(6)).min(LONGEST_PAUSE);
    let random = SysRng.try_next_u32().unwrap_or(u32::MAX);
    longest.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Whoever made a call: still waiting for the answer, or gone.
#[derive(Clone, Default)]
struct Caller(Arc<AtomicBool>);

impl Caller {
    fn is_gone(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Lives as long as the future that the caller holds.
struct Here(Caller);

impl Drop for Here {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::SeqCst);
    }
}

/// A connection for one attempt.
pub(super) struct Connection {
    /// `None` when it was given up.
    object: Option<Object>,
    deadline: Instant,
    caller: Caller,
    limit: Duration,
    prepares: bool,
}

impl Connection {
    /// Runs one statement, which is a transaction of its own, in one round trip.
    pub(super) async fn query(&mut self, text: &str, values: Vec<Value>) -> Result<Vec<Row>, Setback> {
        let text = text.to_owned();
        self.answer(if self.prepares {
            Request::Prepared(text, values)
        } else {
            Request::Plain(text, values)
        })
        .await
    }

    /// Runs several statements in one transaction.
    pub(super) async fn batch(&mut self, text: String) -> Result<(), Setback> {
        self.answer(Request::Batch(text)).await.map(drop)
    }

    async fn answer(&mut self, request: Request) -> Result<Vec<Row>, Setback> {
        if self.caller.is_gone() {
            return Err(Setback::Over(unavailable("nobody waits for the answer")));
        }
        let Some(object) = self.object.take() else {
            return Err(Setback::Lost(unavailable("the connection was given up")));
        };
        let limit = self.limit;
        let mut running = Box::pin(async move {
            let answer = timeout(limit.saturating_mul(2), request.send(&object)).await;
            if let Ok(answer) = answer {
                Some((object, answer))
            } else {
                drop(Object::take(object)); // not back to the pool
                None
            }
        });
        let patience = self.deadline.min(in_future(limit));
        let Ok(Some((object, answer))) = timeout_at(patience, &mut running).await else {
            // The server may be at it still. Until it answers, its connection stays taken, so that a slow server is not
            // given ever more to do; one that stays silent for as long again is dead. It is never sent a cancel
            // request: a server that waits for its standby would take that for leave to answer without it.
            tokio::spawn(running);
            return Err(Setback::Over(unavailable("the server did not answer in time")));
        };
        match answer.map_err(|error| error::of_statement(&error)) {
            Ok(rows) => {
                self.object = Some(object);
                Ok(rows)
            }
            Err(Setback::Lost(error)) => {
                drop(Object::take(object)); // not back to the pool
                Err(Setback::Lost(error))
            }
            Err(setback) => {
                self.object = Some(object);
                Err(setback)
            }
        }
    }

    /// Runs one statement of which at most one row is wanted.
    pub(super) async fn first(&mut self, text: &str, values: Vec<Value>) -> Result<Option<Row>, Setback> {
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
