//! Reads on the caller's own thread: a visitor's few rows come from memory in microseconds, and the way to
//! another thread and back takes longer than that.
//!
//! A read that has to wait for the disk would hold up the caller's executor. So each connection watches how
//! long its reads take, and after some slow ones it pauses: then the store's own threads read, and warm the
//! system's cache. No read waits for a lock, here or in the database.

use std::{
    future::poll_fn,
    sync::{
        Mutex, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::statements::Database;
use crate::store::error::StoreError;

/// A read that takes longer than this has waited, for the disk or for its turn on the processor.
const SLOW_READ_TIME: Duration = Duration::from_micros(200);
/// How much a slow read adds to a connection's count. A quick one takes 1 away, so that a few reads that only
/// lost the processor for a moment do no harm.
const SLOW_READ_PENALTY: u32 = 8;
/// From this count on a connection pauses.
const MAX_SLOWNESS: u32 = 16;
const PAUSE: Duration = Duration::from_millis(10);
/// After so many reads without a pause, a caller lets the other tasks of its thread run.
const READS_BEFORE_YIELD: u32 = 32;

/// The connections that callers read with.
pub(super) struct DirectReaders(Vec<Mutex<DirectReader>>);

struct DirectReader {
    connection: Connection,
    slowness: u32,
    paused_until: Option<Instant>,
    reads: u32,
}

impl DirectReaders {
    /// Takes connections whose statements wait for no other connection.
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let reader = |connection| DirectReader { connection, slowness: 0, paused_until: None, reads: 0 };
        Self(connections.into_iter().map(|connection| Mutex::new(reader(connection))).collect())
    }

    /// Runs `work` on a connection that is free. `None` if there is none, or if the work failed: it may not
    /// have waited long enough for another process.
    pub(super) async fn read<T>(&self, work: impl Fn(&Database<'_>) -> Result<T, StoreError>) -> Option<T> {
        let (value, must_yield) = self.read_now(work)?;
        if must_yield {
            yield_once().await;
        }
        Some(value)
    }

    /// Looks at each connection.
    #[cfg(test)]
    pub(super) fn each<T>(&self, look: impl Fn(&Database<'_>) -> T) -> Vec<T> {
        self.0.iter().map(|reader| look(&Database::new(&reader.lock().unwrap().connection))).collect()
    }

    fn read_now<T>(&self, work: impl Fn(&Database<'_>) -> Result<T, StoreError>) -> Option<(T, bool)> {
        let (before, from) = self.0.split_at(own_place().checked_rem(self.0.len())?);
        for reader in from.iter().chain(before) {
            let mut reader = match reader.try_lock() {
                Ok(reader) => reader,
                // A statement that a panic has left is reset before its next use.
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            let begun = Instant::now();
            if reader.paused_until.is_some_and(|until| begun < until) {
                continue;
            }
            let outcome = work(&Database::new(&reader.connection));
            let must_yield = reader.has_read(begun, begun.elapsed());
            return outcome.ok().map(|value| (value, must_yield));
        }
        None
    }
}

impl DirectReader {
    /// Notes how long a read took, and returns whether its caller should let other tasks run.
    fn has_read(&mut self, begun: Instant, took: Duration) -> bool {
        if took > SLOW_READ_TIME {
            self.slowness = self.slowness.saturating_add(SLOW_READ_PENALTY);
        } else {
            self.slowness = self.slowness.saturating_sub(1);
        }
        if self.slowness >= MAX_SLOWNESS {
            self.slowness = SLOW_READ_PENALTY; // if the next read is slow again, it pauses again
            self.paused_until = begun.checked_add(took).and_then(|now| now.checked_add(PAUSE));
        }
        self.reads = self.reads.wrapping_add(1);
        self.reads.is_multiple_of(READS_BEFORE_YIELD)
    }
}

/// Returns the number of the calling thread, by which it has a connection of its own in most cases.
fn own_place() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: usize = THREADS.fetch_add(1, Ordering::Relaxed);
    }
    PLACE.with(|place| *place)
}

/// Lets the executor run other tasks first.
async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(count: usize) -> DirectReaders {
        DirectReaders::new((0..count).map(|_| Connection::open_in_memory().unwrap()).collect())
    }

    fn one(readers: &DirectReaders) -> Option<(i64, bool)> {
        readers.read_now(|database| {
            let found = database.first("SELECT 1", [], |row| row.get(0))?;
            Ok(found.unwrap_or(0))
        })
    }

    #[test]
    fn a_connection_that_is_in_use_is_passed_over() {
        let two = readers(2);
        let held = [two.0[0].lock().unwrap(), two.0[1].lock().unwrap()];
        assert!(one(&two).is_none());
        drop(held);
        assert_eq!(one(&two).map(|read| read.0), Some(1));
        assert!(one(&readers(0)).is_none(), "a database in memory has none");
    }

    #[test]
    fn work_that_fails_is_left_to_the_threads() {
        let failed = readers(1).read_now(|database| database.execute("SELECT nothing", []));
        assert!(failed.is_none());
    }

    #[test]
    fn a_connection_pauses_after_slow_reads_and_not_after_one_among_quick_ones() {
        let slow = SLOW_READ_TIME.saturating_mul(2);
        let readers = readers(1);
        let read = |took| {
            let mut reader = readers.0[0].lock().unwrap();
            reader.has_read(Instant::now(), took);
            reader.paused_until.is_some_and(|until| until > Instant::now())
        };
        for _ in 0..100 {
            assert!(!read(slow), "one read in nine lost the processor");
            assert!(!(0..8).any(|_| read(Duration::ZERO)));
        }
        assert!(!read(slow));
        assert!(read(slow));
        assert!(one(&readers).is_none(), "it pauses");
        readers.0[0].lock().unwrap().paused_until = None;
        assert!(read(slow), "the next read is slow again");
        readers.0[0].lock().unwrap().paused_until = None;
        assert!(one(&readers).is_some());
    }

    #[test]
    fn a_caller_yields_now_and_then() {
        let readers = readers(1);
        let yields = (0..READS_BEFORE_YIELD * 3).filter(|_| one(&readers).is_some_and(|read| read.1)).count();
        assert_eq!(yields, 3);
    }
}
