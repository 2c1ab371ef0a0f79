//! The threads that own connections: one writes, a few read beside it, and one makes the reports. Futures
//! wait on a channel, so they hold up no executor, and a future that is dropped leaves its job to happen
//! completely or not at all. What a returning visitor needs is read on the caller's own thread, if it is in
//! memory: see `direct`.
//!
//! The writer commits in groups: all waiting jobs go into one transaction, each in a savepoint of its own if
//! they are several, and no call is answered before that transaction is on the disk. One `fsync` then serves
//! them all.
//!
//! Every wait has an end: a write that could not begin within [`MAX_WAIT`] fails, whatever held it up,
//! another process that keeps the write lock or the writes before it. When more calls wait than
//! [`MAX_WAITING_JOBS`], the next ones wait for room first, within that same limit.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use futures_timer::Delay;
use futures_util::future::{Either, select};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    connection::{MAX_WAIT, explained},
    direct::DirectReaders,
    statements::Database,
};
use crate::store::error::{Cause, StoreError};

/// The most jobs in one transaction.
const MAX_GROUP: usize = 256;
/// The most calls that wait for the writer.
pub(super) const MAX_WAITING_JOBS: usize = 4096;

/// A write, and since when its caller waits.
struct Write {
    begun: Instant,
    /// Runs it inside the open transaction. The returned closure receives the outcome of the commit. Given an
    /// error instead of a transaction, it only passes that on.
    run: Box<WriteJob>,
}

impl Write {
    /// For how long it may still wait.
    fn left(&self) -> Result<Duration, StoreError> {
        let left = MAX_WAIT.checked_sub(self.begun.elapsed());
        left.ok_or_else(|| StoreError::Unavailable(Cause::new(Late)))
    }
}

type WriteJob = dyn FnOnce(Result<Transaction<'_>, StoreError>) -> Option<Settle> + Send;
type Settle = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type ReadJob = Box<dyn FnOnce(&Database<'_>) + Send>;

/// An open transaction.
struct Transaction<'a> {
    database: &'a Database<'a>,
    /// Other jobs are in it, which an error of one must not undo.
    is_shared: bool,
}

/// What the writer is asked to do.
enum Job {
    Write(Write),
    /// Outside of a transaction.
    Alone(ReadJob),
}

/// The way to the threads. They end when the last of these is dropped and their work is done.
pub(super) struct Workers {
    /// They close before the writer ends, which is told so by the end of `writer`.
    pub(super) direct: DirectReaders,
    writer: Sender<Job>,
    /// One permit for each call that may wait for the writer.
    room: Arc<Semaphore>,
    /// `None` if there is only one connection.
    readers: Option<Sender<ReadJob>>,
    /// One report at a time, so that no dashboard slows a visit down.
    reports: Option<Sender<ReadJob>>,
}

impl Workers {
    /// Starts a thread for each connection. Of the readers, the last one makes the reports.
    pub(super) fn start(
        writer: Connection,
        mut readers: Vec<Connection>,
        direct: DirectReaders,
    ) -> std::io::Result<Self> {
        let reporter = readers.pop();
        let mut threads = Vec::new();
        let readers = start_readers("sso-sqlite-reader", readers, &mut threads)?;
        let reports = start_readers("sso-sqlite-reports", reporter.into_iter().collect(), &mut threads)?;
        let (write_jobs, to_write) = channel();
        let write = move || {
            write_all(&Database::new(&writer), &to_write);
            // The writer closes last: the last connection merges the log into the file.
            for reader in threads {
                let _ = reader.join();
            }
            drop(writer);
        };
        thread::Builder::new().name("sso-sqlite-writer".to_owned()).spawn(write)?;
        let room = Arc::new(Semaphore::new(MAX_WAITING_JOBS));
        Ok(Self { direct, writer: write_jobs, room, readers, reports })
    }

    /// Writes in a transaction, and answers when that is on the disk. An error of `work` undoes what it did.
    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Database<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let begun = Instant::now();
        let room = self.room().await?;
        let (answer, answered) = oneshot::channel();
        let run = Box::new(move |transaction: Result<Transaction<'_>, StoreError>| -> Option<Settle> {
            let _room = room;
            if answer.is_closed() {
                return None; // the caller is gone
            }
            // The caller may be gone by the time of the answer too, which is no error.
            match transaction {
                Ok(transaction) => {
                    let outcome = undone_if_failed(&transaction, work);
                    Some(Box::new(move |committed| {
                        // The job's own error says more than that of the commit which it prevented.
                        let _ =
                            answer.send(outcome.and_then(|value| committed.map(|()| value).map_err(E::from)));
                    }))
                }
                Err(error) => {
                    let _ = answer.send(Err(error.into()));
                    None
                }
            }
        });
        self.writer.send(Job::Write(Write { begun, run })).map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Reads a few rows by their whole keys, as [`read`](Self::read) does, on the caller's own thread if it
    /// can.
    pub(super) async fn look_up<T>(
        &self,
        work: impl Fn(&Database<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        match self.direct.read(&work).await {
            Some(found) => Ok(found),
            None => self.read(work).await,
        }
    }

    /// Reads one consistent state, if `work` is one statement.
    pub(super) async fn read<T, E>(
        &self,
        work: impl FnOnce(&Database<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_in(self.readers.as_ref(), work).await
    }

    /// Reads what may take long: lists, searches in all projects, counts.
    pub(super) async fn report<T>(
        &self,
        work: impl FnOnce(&Database<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        self.read_in(self.reports.as_ref(), work).await
    }

    /// Runs `work` on the writer's connection, outside of a transaction.
    pub(super) async fn alone<T>(
        &self,
        work: impl FnOnce(&Database<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        let room = self.room().await?;
        let (answer, answered) = oneshot::channel();
        let job: ReadJob = Box::new(move |database| {
            let _room = room;
            let _ = answer.send(work(database));
        });
        self.writer.send(Job::Alone(job)).map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Waits until there is room for one more call of the writer, for as long as a call may wait.
    async fn room(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
            return Ok(room); // without a timer
        }
        let room = Arc::clone(&self.room).acquire_owned();
        match select(Box::pin(room), Delay::new(MAX_WAIT)).await {
            Either::Left((room, _)) => room.map_err(|_| stopped()),
            Either::Right(_) => Err(StoreError::Unavailable(Cause::new(NoRoom))),
        }
    }

    async fn read_in<T, E>(
        &self,
        lane: Option<&Sender<ReadJob>>,
        work: impl FnOnce(&Database<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Some(readers) = lane else { return self.write(work).await };
        let (answer, answered) = oneshot::channel();
        let job: ReadJob = Box::new(move |database| {
            if !answer.is_closed() {
                let _ = answer.send(work(database));
            }
        });
        readers.send(job).map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped().into()))
    }
}

/// Runs a job, and undoes what it did if it fails: to a savepoint, or the whole transaction if it is alone.
/// SQLite copies each page that changes after a savepoint.
fn undone_if_failed<T, E: From<StoreError>>(
    transaction: &Transaction<'_>,
    work: impl FnOnce(&Database<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let Transaction { database, is_shared } = *transaction;
    let run = |statement| database.execute(statement, []);
    if is_shared {
        run("SAVEPOINT sso_job")?;
    }
    let outcome = work(database);
    if outcome.is_err() && !database.is_autocommit() && !(is_shared && run("ROLLBACK TO sso_job").is_ok()) {
        run("ROLLBACK")?; // or a part of it would be committed
    }
    if is_shared && !database.is_autocommit() {
        run("RELEASE sso_job")?;
    }
    outcome
}

/// Starts a thread for each connection, and returns the way to them, if there are any.
fn start_readers(
    name: &str,
    readers: Vec<Connection>,
    threads: &mut Vec<JoinHandle<()>>,
) -> std::io::Result<Option<Sender<ReadJob>>> {
    let (jobs, to_read) = channel::<ReadJob>();
    let to_read = Arc::new(Mutex::new(to_read));
    let has_readers = !readers.is_empty();
    for reader in readers {
        let to_read = Arc::clone(&to_read);
        let read_all = move || {
            // The lock is held while waiting, so one waits for the next job and the others for their turn.
            let next = || to_read.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let database = Database::new(&reader);
            while let Ok(read) = next() {
                read(&database);
            }
        };
        threads.push(thread::Builder::new().name(name.to_owned()).spawn(read_all)?);
    }
    Ok(has_readers.then_some(jobs))
}

fn write_all(database: &Database<'_>, jobs: &Receiver<Job>) {
    let mut queue = VecDeque::new();
    while let Ok(next) = queue.pop_front().map_or_else(|| jobs.recv(), Ok) {
        queue.extend(jobs.try_iter());
        match next {
            Job::Write(first) => write_group(database, first, &mut queue),
            Job::Alone(work) => {
                // A group may have left less; what this would do to the connection, the work does too.
                let _ = database.wait_at_most(MAX_WAIT);
                work(database);
            }
        }
    }
}

/// Makes one transaction of this job and of those that wait behind it. If it cannot begin while the first one
/// may wait, that one is told so, and the others are left as they are.
fn write_group(database: &Database<'_>, first: Write, queue: &mut VecDeque<Job>) {
    if let Err(error) = first.left().and_then(|left| begin(database, left)) {
        let error = match (&error, database.path()) {
            // A file beside it may have become another user's.
            (StoreError::ReadOnly(_), Some(path)) => explained(error, path),
            _ => error,
        };
        (first.run)(Err(error));
        return;
    }
    let mut settles = Vec::new();
    let is_shared = matches!(queue.front(), Some(Job::Write(_)));
    let mut next = Some(first);
    while let Some(job) = next {
        let left = job.left();
        settles.extend((job.run)(left.map(|_| Transaction { database, is_shared })));
        if database.is_autocommit() {
            // SQLite rolled all of it back (a full disk does that): the jobs so far did not happen.
            let error = StoreError::Unavailable(Cause::new(RolledBack));
            settle_all(settles, &Err(error));
            return;
        }
        next = if settles.len() < MAX_GROUP { next_write(queue) } else { None };
    }
    let committed = database.execute("COMMIT", []).map(drop);
    if committed.is_err() && !database.is_autocommit() {
        let _ = database.execute("ROLLBACK", []); // the commit's own error is the one to tell
    }
    settle_all(settles, &committed);
}

fn begin(database: &Database<'_>, patience: Duration) -> Result<(), StoreError> {
    if !database.is_autocommit() {
        database.execute("ROLLBACK", [])?; // one that failed before
    }
    database.wait_at_most(patience)?;
    database.execute("BEGIN IMMEDIATE", []).map(drop)
}

/// The next job, if it is a write.
fn next_write(queue: &mut VecDeque<Job>) -> Option<Write> {
    match queue.pop_front()? {
        Job::Write(write) => Some(write),
        alone @ Job::Alone(_) => {
            queue.push_front(alone);
            None
        }
    }
}

fn settle_all(settles: Vec<Settle>, committed: &Result<(), StoreError>) {
    for settle in settles {
        settle(committed.clone());
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable(Cause::new(Stopped))
}

#[derive(Debug, thiserror::Error)]
#[error("the store's thread has stopped")]
struct Stopped;

#[derive(Debug, thiserror::Error)]
#[error("the writer did not come to this call in time")]
struct Late;

#[derive(Debug, thiserror::Error)]
#[error("more calls wait for the writer than it has room for")]
struct NoRoom;

#[derive(Debug, thiserror::Error)]
#[error("the transaction was rolled back because of another call's failure")]
struct RolledBack;

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers")
    }
}
