//! Getting a connection, running a statement on it, and trying again: every wait has an end.
//!
//! Each write is one statement, so there is never an open transaction on a connection, nothing that a dropped future could
//! leave half done, and nothing that a proxy could tear apart.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{Object, Pool};
use rand::{TryRng, rngs::SysRng};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_postgres::Row;

use super::{
    error::{self, Setback, unavailable},
    options::{PostgresOptions, malformed},
    runtime::HomeRuntime,
    value::{self, Value},
};
use crate::store::{contract::BoxFuture, error::StoreError};

/// A pooler that spreads reads over standbys (pgpool-II) leaves a statement that begins with this to the primary.
const UNBALANCED: &str = "/*NO LOAD BALANCE*/ ";

/// How often a call is tried whose connection does not know its prepared statements.
const MAX_UNPREPARED: u32 = 3;
/// The longest pause before another attempt, after a conflict and after a lost connection.
const LONGEST_PAUSE: Duration = Duration::from_millis(128);
const LONGEST_PAUSE_WITHOUT_SERVER: Duration = Duration::from_millis(512);

/// The pool, and the runtime that its connections live on.
pub(super) struct Connections {
    pub(super) pool: Pool,
    pub(super) options: PostgresOptions,
    runtime: HomeRuntime,
    trust: Trust,
    /// What reports need besides a connection, so that most connections are left to visits.
    reports: Arc<Semaphore>,
}

/// What kind of call it is: how long it may take, and what it has to wait for.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    /// A page load, or a small read or write.
    Visit,
    /// It reads much: only a few at once.
    Report,
    /// It changes tables, and has a time limit of its own.
    Migration,
}

impl Connections {
    pub(super) fn new(pool: Pool, options: PostgresOptions, runtime: HomeRuntime) -> Self {
        let reports = Arc::new(Semaphore::new(options.reports_at_once));
        Self { pool, options, runtime, trust: Trust::default(), reports }
    }

    /// Makes attempts until one ends, or the time of the call is over.
    ///
    /// On the runtime of the store, so that the future may be polled by any executor. When it is dropped, the statement
    /// that is under way comes to its end, and nothing else is begun.
    pub(super) fn run<T, E, F>(
        self: &Arc<Self>,
        lane: Lane,
        attempt: impl Fn(Connection) -> F + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, Setback<E>>> + Send + 'static,
    {
        let this = Arc::clone(self);
        Box::pin(async move {
            let runtime = this.runtime.handle().clone();
            let caller = Caller::default();
            let _here = Here(caller.clone());
            let call = runtime.spawn(async move { this.insist(lane, attempt, caller).await });
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
        lane: Lane,
        attempt: impl Fn(Connection) -> F + Send + Sync,
        caller: Caller,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, Setback<E>>> + Send,
    {
        let limit = match lane {
            Lane::Visit | Lane::Report => self.options.statement_timeout,
            Lane::Migration => self.options.migration_timeout,
        };
        // The last attempt has some of the time for itself.
        let patience = self.options.acquire_timeout.saturating_add(limit);
        let (mut last_start, deadline) = (in_future(self.options.statement_timeout), in_future(patience));
        let mut unprepared = 0_u32;
        for number in 0.. {
            let began = Instant::now();
            let outcome = match self.connection(lane, limit, deadline, &caller).await {
                Ok(connection) => attempt(connection).await,
                Err(setback) => Err(setback.widen()),
            };
            let (why, longest) = match outcome {
                Ok(value) => return Ok(value),
                Err(Setback::Over(error)) => return Err(error),
                Err(Setback::Conflict(why)) => (why, LONGEST_PAUSE),
                Err(Setback::Lost(why)) => (why, LONGEST_PAUSE_WITHOUT_SERVER),
                Err(Setback::Unprepared(why)) => {
                    unprepared = unprepared.saturating_add(1);
                    if unprepared >= MAX_UNPREPARED {
                        return Err(why.into());
                    }
                    (why, LONGEST_PAUSE)
                }
            };
            if matches!(lane, Lane::Migration) && began.elapsed() > self.options.statement_timeout {
                // It waited for another process's migration, which is now over.
                last_start = in_future(self.options.statement_timeout).min(deadline);
            }
            let pause = pause(number, longest);
            if in_future(pause) >= last_start {
                return Err(why.into());
            }
            sleep(pause).await;
        }
        Err(unavailable("tried too often").into())
    }

    async fn connection(
        &self,
        lane: Lane,
        limit: Duration,
        deadline: Instant,
        caller: &Caller,
    ) -> Result<Connection, Setback> {
        let permit = match lane {
            Lane::Visit | Lane::Migration => None,
            Lane::Report => {
                let free = timeout_at(deadline, Arc::clone(&self.reports).acquire_owned()).await;
                let free = free.map_err(|_| Setback::Over(unavailable("other reports took all the time")))?;
                Some(free.map_err(|_| Setback::Over(unavailable("the store is closing")))?)
            }
        };
        let patience = deadline.min(in_future(self.options.acquire_timeout));
        let object = loop {
            let object = match timeout_at(patience, self.pool.get()).await {
                Ok(object) => object.map_err(|error| error::of_pool(&error))?,
                Err(_) => return Err(Setback::Over(unavailable("no connection became free in time"))),
            };
            if self.trust.has(&object) {
                break object;
            }
            drop(Object::take(object)); // not back to the pool
        };
        Ok(Connection {
            lease: Some(Lease { object, _permit: permit }),
            deadline,
            caller: caller.clone(),
            trust: self.trust.clone(),
            limit,
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
fn pause(attempt: u32, longest: Duration) -> Duration {
    let longest = Duration::from_millis(2).saturating_mul(1 << attempt.min(8)).min(longest);
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

/// Which connections may be used. When one was lost or leads to a server that takes no writes any more, so do all that were
/// opened before that moment: they were idle then, and would each fail a visit.
#[derive(Clone, Default)]
struct Trust(Arc<Mutex<Option<std::time::Instant>>>);

impl Trust {
    fn has(&self, object: &Object) -> bool {
        let opened = Object::metrics(object).created;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|since| opened >= since)
    }

    /// Ends it for this connection and all older ones.
    fn withdraw(&self, object: Object) {
        if self.has(&object) {
            let now = Some(std::time::Instant::now());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
        drop(Object::take(object)); // not back to the pool
    }
}

/// A connection, and the leave to make a report with it. Both are given back when the server has answered.
struct Lease {
    object: Object,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A connection for one attempt.
pub(super) struct Connection {
    /// `None` when it was given up.
    lease: Option<Lease>,
    deadline: Instant,
    caller: Caller,
    trust: Trust,
    limit: Duration,
    prepares: bool,
}

impl Connection {
    /// Runs one statement, which is a transaction of its own, in one round trip.
    pub(super) async fn query(&mut self, text: &str, values: Vec<Value>) -> Result<Vec<Row>, Setback> {
        let text = format!("{UNBALANCED}{text}");
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
        let Some(lease) = self.lease.take() else {
            return Err(Setback::Lost(unavailable("the connection was given up")));
        };
        let limit = self.limit;
        let mut running = Box::pin(async move {
            let answer = timeout(limit.saturating_mul(2), request.send(&lease.object)).await;
            if let Ok(answer) = answer {
                Some((lease, answer))
            } else {
                drop(Object::take(lease.object)); // not back to the pool
                None
            }
        });
        let patience = self.deadline.min(in_future(limit));
        let Ok(Some((lease, answer))) = timeout_at(patience, &mut running).await else {
            // The server may be at it still. Until it answers, its connection stays taken, so that a slow server is not
            // given ever more to do; one that stays silent for as long again is dead. It is never sent a cancel
            // request: a server that waits for its standby would take that for leave to answer without it.
            tokio::spawn(running);
            return Err(Setback::Over(unavailable("the server did not answer in time")));
        };
        match answer.map_err(|error| error::of_statement(&error)) {
            Ok(rows) => {
                self.lease = Some(lease);
                Ok(rows)
            }
            Err(Setback::Lost(error)) => {
                self.trust.withdraw(lease.object);
                Err(Setback::Lost(error))
            }
            Err(Setback::Unprepared(error)) => {
                drop(Object::take(lease.object)); // not back to the pool
                Err(Setback::Unprepared(error))
            }
            Err(setback) => {
                self.lease = Some(lease);
                Err(setback)
            }
        }
    }

    /// Fails if this row's column, a `current_setting('transaction_read_only')`, is of a server that takes no writes: a standby
    /// lags, and would know secrets that are revoked. A pooler may lead to one after the connection was opened.
    pub(super) fn demand_primary(&mut self, row: &Row, column: usize) -> Result<(), Setback> {
        if value::get::<&str>(row, column)? == "off" {
            return Ok(());
        }
        if let Some(lease) = self.lease.take() {
            self.trust.withdraw(lease.object);
        }
        Err(error::standby())
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
