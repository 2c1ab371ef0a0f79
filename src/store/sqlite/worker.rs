//! The threads that own connections: one writes, a few read beside it, and one makes the reports. Futures
//! wait on a channel, so they hold up no executor, and a future that is dropped leaves its job to happen
//! completely or not at all. What a returning visitor needs is read on the caller's own thread, if it is in
//! memory: see `direct`.
//!
//! The writer commits in groups: all waiting jobs go into one transaction, each in a savepoint of its own,
//! and no call is answered before that transaction is on the disk. One `fsync` then serves them all.
//!
//! Every wait has an end. When another process keeps the write lock for longer than [`BUSY_TIMEOUT`], every
//! job that waits for the writer fails. When more calls wait than [`MAX_WAITING`], the next ones wait for
//! room that long, then fail.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use futures_timer::Delay;
use futures_util::future::{Either, select};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{connection::BUSY_TIMEOUT, direct::DirectReaders, statements::Database};
use crate::store::error::{Cause, StoreError};

/// The most jobs in one transaction.
const MAX_GROUP: usize = 256;
/// The most calls that wait for the writer.
pub(super) const MAX_WAITING: usize = 4096;

/// Runs one write inside the open transaction. The returned closure receives the outcome of the commit. Given
/// an error instead of a connection, it only passes that on.
type Write = Box<dyn FnOnce(Result<&Database<'_>, StoreError>) -> Option<Settle> + Send>;
type Settle = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type ReadJob = Box<dyn FnOnce(&Database<'_>) + Send>;

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
        let room = Arc::new(Semaphore::new(MAX_WAITING));
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
        let room = self.room().await?;
        let (answer, answered) = oneshot::channel();
        let job: Write = Box::new(move |database| {
            let _room = room;
            if answer.is_closed() {
                return None; // the caller is gone
            }
            // The caller may be gone by the time of the answer too, which is no error.
            match database {
                Ok(database) => {
                    let outcome = in_savepoint(database, work);
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
        self.writer.send(Job::Write(job)).map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Reads a few rows by their whole keys, as [`read`](Self::read) does, on the caller's own thread if it
    /// can.
    pub(super) async fn look_up<T, E>(
        &self,
        work: impl Fn(&Database<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
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
        let room = Arc::clone(&self.room).acquire_owned();
        match select(Box::pin(room), Delay::new(BUSY_TIMEOUT)).await {
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

fn in_savepoint<T, E: From<StoreError>>(
    database: &Database<'_>,
    work: impl FnOnce(&Database<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let run = |statement| database.execute(statement, []);
    run("SAVEPOINT sso_job")?;
    let outcome = work(database);
    if outcome.is_err() && !database.is_autocommit() && run("ROLLBACK TO sso_job").is_err() {
        run("ROLLBACK")?; // or the others would commit a part of it
    }
    if !database.is_autocommit() {
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
    while let Ok(first) = jobs.recv() {
        let mut group = VecDeque::new();
        for job in [first].into_iter().chain(jobs.try_iter().take(MAX_GROUP)) {
            match job {
                Job::Write(write) => group.push_back(write),
                Job::Alone(work) => {
                    write_groups(database, &mut group, jobs);
                    work(database);
                }
            }
        }
        write_groups(database, &mut group, jobs);
    }
}

fn write_groups(database: &Database<'_>, group: &mut VecDeque<Write>, jobs: &Receiver<Job>) {
    while !group.is_empty() {
        if let Err(error) = write_group(database, group) {
            // The lock was not to be had in the time that a call may wait. All who wait have waited as long,
            // or would.
            let waiting = jobs.try_iter().filter_map(|job| match job {
                Job::Write(write) => Some(write),
                Job::Alone(_) => None, // dropped: its caller is told that the store is not available
            });
            for job in group.drain(..).chain(waiting) {
                job(Err(error.clone()));
            }
        }
    }
}

/// Makes one transaction of as many jobs as it survives. An error if it could not begin: all jobs are still
/// there.
fn write_group(database: &Database<'_>, group: &mut VecDeque<Write>) -> Result<(), StoreError> {
    let run = |statement| database.execute(statement, []);
    if !database.is_autocommit() {
        run("ROLLBACK")?; // one that failed before
    }
    run("BEGIN IMMEDIATE")?;
    let mut settles = Vec::with_capacity(group.len());
    while let Some(job) = group.pop_front() {
        settles.extend(job(Ok(database)));
        if database.is_autocommit() {
            // SQLite rolled all of it back (a full disk does that): the jobs so far did not happen.
            let error = StoreError::Unavailable(Cause::new(RolledBack));
            settle_all(settles, &Err(error));
            return Ok(());
        }
    }
    let committed = run("COMMIT").map(drop);
    if committed.is_err() && !database.is_autocommit() {
        let _ = run("ROLLBACK"); // the commit's own error is the one to tell
    }
    settle_all(settles, &committed);
    Ok(())
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
