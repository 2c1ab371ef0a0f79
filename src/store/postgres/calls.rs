//! Making attempts at a call, each with a connection from the pool, until one ends: every wait has an end.

use std::{borrow::Cow, sync::Arc, time::Duration};

use deadpool_postgres::{Object, Pool};
use rand::{TryRng, rngs::SysRng};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

use super::{
    connection::{Caller, CallerIsWaiting, Connection, Lease, in_future},
    error::{self, AttemptError, unavailable},
    options::{PostgresOptions, malformed},
    runtime::StoreRuntime,
    trust::Trust,
};
use crate::store::{contract::BoxFuture, error::StoreError};

/// How often a call is tried whose connection does not know its prepared statements.
const MAX_UNPREPARED: u32 = 3;
/// The longest pause before another attempt, after a conflict and after a lost connection.
const MAX_PAUSE: Duration = Duration::from_millis(128);
const MAX_PAUSE_WITHOUT_SERVER: Duration = Duration::from_millis(512);

/// The pool, and the runtime that its connections live on.
pub(super) struct Connections {
    pub(super) pool: Pool,
    pub(super) options: PostgresOptions,
    runtime: StoreRuntime,
    trust: Trust,
    /// What reports need besides a connection, so that most connections are left to visits.
    reports: Arc<Semaphore>,
}

/// What kind of call it is: how long it may take, and what it has to wait for.
#[derive(Clone, Copy)]
pub(super) enum CallKind {
    /// A page load, or a small read or write.
    Visit,
    /// It reads much: only a few at once.
    Report,
    /// It changes tables, and has a time limit of its own.
    Migration,
}

impl Connections {
    pub(super) fn new(pool: Pool, options: PostgresOptions, runtime: StoreRuntime) -> Self {
        let reports = Arc::new(Semaphore::new(options.reports_at_once));
        Self { pool, options, runtime, trust: Trust::default(), reports }
    }

    /// Makes attempts until one ends, or the time of the call is over.
    ///
    /// On the runtime of the store, so that the future may be polled by any executor. When it is dropped, the
    /// statement that is under way comes to its end, and nothing else is begun.
    pub(super) fn run<T, E, F>(
        self: &Arc<Self>,
        kind: CallKind,
        attempt: impl Fn(Connection) -> F + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, AttemptError<E>>> + Send + 'static,
    {
        let this = Arc::clone(self);
        Box::pin(async move {
            let runtime = this.runtime.handle().clone();
            let caller = Caller::default();
            let _waiting = CallerIsWaiting::new(caller.clone());
            let call = runtime.spawn(async move { this.retry(kind, attempt, caller).await });
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

    async fn retry<T, E, F>(
        &self,
        kind: CallKind,
        attempt: impl Fn(Connection) -> F + Send + Sync,
        caller: Caller,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, AttemptError<E>>> + Send,
    {
        let limit = match kind {
            CallKind::Visit | CallKind::Report => self.options.statement_timeout,
            CallKind::Migration => self.options.migration_timeout,
        };
        let deadline = in_future(self.options.acquire_timeout.saturating_add(limit));
        let mut last_start = in_future(self.options.last_start());
        let mut unprepared = 0_u32;
        for number in 0.. {
            let began = Instant::now();
            let outcome = match self.connection(kind, limit, deadline, &caller).await {
                Ok(connection) => attempt(connection).await,
                Err(setback) => Err(setback.widen()),
            };
            let (why, longest) = match outcome {
                Ok(value) => return Ok(value),
                Err(AttemptError::Over(error)) => return Err(error),
                Err(AttemptError::Conflict(why)) => (why, MAX_PAUSE),
                Err(AttemptError::Lost(why) | AttemptError::Short(why)) => (why, MAX_PAUSE_WITHOUT_SERVER),
                Err(AttemptError::Unprepared(why)) => {
                    unprepared = unprepared.saturating_add(1);
                    if unprepared >= MAX_UNPREPARED {
                        return Err(why.into());
                    }
                    (why, MAX_PAUSE)
                }
            };
            if matches!(kind, CallKind::Migration) && began.elapsed() > self.options.statement_timeout {
                // It waited for another process's migration, which is now over.
                last_start = in_future(self.options.last_start()).min(deadline);
            }
            let pause = pause_before_retry(number, longest);
            if in_future(pause) >= last_start {
                return Err(why.into());
            }
            sleep(pause).await;
        }
        Err(unavailable("tried too often").into())
    }

    async fn connection(
        &self,
        kind: CallKind,
        limit: Duration,
        deadline: Instant,
        caller: &Caller,
    ) -> Result<Connection, AttemptError> {
        let permit = match kind {
            CallKind::Visit | CallKind::Migration => None,
            CallKind::Report => {
                let free = timeout_at(deadline, Arc::clone(&self.reports).acquire_owned()).await;
                let free =
                    free.map_err(|_| AttemptError::Over(unavailable("other reports took all the time")))?;
                Some(free.map_err(|_| AttemptError::Over(unavailable("the store is closing")))?)
            }
        };
        let patience = deadline.min(in_future(self.options.acquire_timeout));
        let object = loop {
            let object = match timeout_at(patience, self.pool.get()).await {
                Ok(object) => object.map_err(|error| error::of_pool(&error))?,
                Err(_) => return Err(AttemptError::Over(unavailable("no connection became free in time"))),
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
            is_in_transaction: false,
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

/// A random time, up to one that doubles with every attempt: those who met once shall not meet again.
fn pause_before_retry(attempt: u32, longest: Duration) -> Duration {
    let longest = Duration::from_millis(2).saturating_mul(1 << attempt.min(8)).min(longest);
    let random = SysRng.try_next_u32().unwrap_or(u32::MAX);
    longest.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two calls that met would meet again after equal pauses.
    #[test]
    fn a_pause_is_random_and_at_most_a_limit_that_doubles() {
        const TIMES: u32 = 200;
        for longest in [MAX_PAUSE, MAX_PAUSE_WITHOUT_SERVER] {
            for (attempt, limit) in [(0, 2), (1, 4), (2, 8), (6, 128), (8, 512), (9, 512), (u32::MAX, 512)] {
                let limit = Duration::from_millis(limit).min(longest);
                let pauses: Vec<_> = (0..TIMES).map(|_| pause_before_retry(attempt, longest)).collect();
                assert!(pauses.iter().all(|pause| *pause <= limit), "attempt {attempt}");
                for quarter in 0..4_u32 {
                    let (from, to) = (limit * quarter / 4, limit * (quarter + 1) / 4);
                    let among = pauses.iter().filter(|pause| (from..=to).contains(*pause)).count();
                    assert!(among > 10, "attempt {attempt}: {among} of {TIMES} between {from:?} and {to:?}");
                }
            }
        }
    }
}
