//! The threads that hold the connections: one that writes, a few that read beside it. Futures wait on a channel, so no
//! executor is ever blocked, and a future that is dropped leaves its job to happen wholly or not at all.
//!
//! The writer commits in groups: all that is waiting goes into one transaction, each job in a savepoint of its own, and
//! nobody is answered before that transaction is on the disk. One `fsync` then serves them all.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::statements::Database;
use crate::store::error::{Cause, StoreError};

/// How many jobs go into one transaction at most.
const LARGEST_GROUP: usize = 256;

/// Does a write within the open transaction; what it gives back is told whether that was committed. Given an error in
/// the place of a connection, it only passes that on.
type Write = Box<dyn FnOnce(Result<&Database<'_>, StoreError>) -> Option<Settle> + Send>;
type Settle = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Read = Box<dyn FnOnce(&Database<'_>) + Send>;

/// The way to the threads. They end when the last of these is dropped and their work is done.
pub(super) struct Workers {
    writer: Sender<Write>,
    /// None where there is only one connection.
    readers: Option<Sender<Read>>,
}

impl Workers {
    /// Starts a thread for each connection.
    pub(super) fn start(writer: Connection, readers: Vec<Connection>) -> std::io::Result<Self> {
        let (read_jobs, to_read) = channel::<Read>();
        let to_read = Arc::new(Mutex::new(to_read));
        let has_readers = !readers.is_empty();
        let mut threads = Vec::new();
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
            threads.push(thread::Builder::new().name("sso-sqlite-reader".to_owned()).spawn(read_all)?);
        }
        let (write_jobs, to_write) = channel();
        let write = move || {
            write_all(&Database::new(&writer), &to_write);
            // The writer closes last: whoever does merges the log into the file.
            for reader in threads {
                let _ = reader.join();
            }
            drop(writer);
        };
        thread::Builder::new().name("sso-sqlite-writer".to_owned()).spawn(write)?;
        Ok(Self { writer: write_jobs, readers: has_readers.then_some(read_jobs) })
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
        let (answer, answered) = oneshot::channel();
        let job: Write = Box::new(move |database| {
            if answer.is_closed() {
                return None; // nobody waits any more
            }
            // By the time of the answer nobody may wait either: sending it to nobody is no error.
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
        self.writer.send(job).map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped().into()))
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
        let Some(readers) = &self.readers else { return self.write(work).await };
        let (answer, answered) = oneshot::channel();
        let job: Read = Box::new(move |database| {
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
    if outcome.is_err() && !database.is_autocommit() {
        run("ROLLBACK TO sso_job")?;
    }
    if !database.is_autocommit() {
        run("RELEASE sso_job")?;
    }
    outcome
}

fn write_all(database: &Database<'_>, jobs: &Receiver<Write>) {
    while let Ok(first) = jobs.recv() {
        let mut group: VecDeque<Write> =
            [first].into_iter().chain(jobs.try_iter().take(LARGEST_GROUP)).collect();
        while !group.is_empty() {
            write_group(database, &mut group);
        }
    }
}

/// One transaction of as many jobs as it survives.
fn write_group(database: &Database<'_>, group: &mut VecDeque<Write>) {
    let run = |statement| database.execute(statement, []);
    if let Err(error) = run("BEGIN IMMEDIATE") {
        for job in group.drain(..) {
            job(Err(error.clone()));
        }
        return;
    }
    let mut settles = Vec::with_capacity(group.len());
    while let Some(job) = group.pop_front() {
        settles.extend(job(Ok(database)));
        if database.is_autocommit() {
            // SQLite rolled all of it back (a full disk does that): the jobs so far did not happen.
            let error = StoreError::Unavailable(Cause::new(RolledBack));
            return settle_all(settles, &Err(error));
        }
    }
    let committed = run("COMMIT").map(drop);
    if committed.is_err() && !database.is_autocommit() {
        let _ = run("ROLLBACK"); // the commit's own error is the one to tell
    }
    settle_all(settles, &committed);
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
#[error("the transaction was rolled back because of another call's failure")]
struct RolledBack;

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers")
    }
}
