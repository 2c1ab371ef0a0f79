//! The threads: what the jobs of one transaction have in common, and what waits for what.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    id::BotId,
    store::{
        contract::SubscriberStore,
        error::StoreError,
        sealing::MasterKey,
        sqlite::{SqliteStore, connection::MAX_WAIT, statements::Database, worker::MAX_WAITING_JOBS},
    },
};

/// A store whose writer is kept busy until [`Busy::go_on`], so that jobs gather behind it.
struct Busy {
    store: SqliteStore,
    path: PathBuf,
    go_on: Sender<()>,
    _folder: temp_dir::TempDir,
}

impl Busy {
    async fn new() -> Self {
        let folder = temp_dir::TempDir::new().unwrap();
        let path = folder.path().join("sso.db");
        let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32])).await.unwrap();
        let ((go_on, may_go_on), (begin, has_begun)) = (channel::<()>(), channel());
        let busy = store.clone();
        tokio::spawn(async move {
            let work = move |_: &Database<'_>| {
                begin.send(()).unwrap();
                let _ = may_go_on.recv();
                Ok::<_, StoreError>(())
            };
            busy.workers().alone(work).await
        });
        tokio::task::block_in_place(|| has_begun.recv()).unwrap();
        Self { store, path, go_on, _folder: folder }
    }

    /// Puts a job behind the others that wait for the writer.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> tokio::task::JoinHandle<Result<T, StoreError>> {
        let store = self.store.clone();
        let job = tokio::spawn(async move { store.workers().write(work).await });
        tokio::time::sleep(Duration::from_millis(50)).await; // until it is in the queue
        job
    }

    fn go_on(&self) {
        self.go_on.send(()).unwrap();
    }
}

/// Creates a project with this number as its id.
fn insert(database: &Database<'_>, number: u8) -> Result<usize, StoreError> {
    database.execute("INSERT INTO sso_projects (id, free_tier) VALUES (?1, ?2)", ([number; 16], number))
}

/// The projects that another connection sees.
fn seen_from_outside(path: &Path) -> Vec<u8> {
    let other = Connection::open(path).unwrap();
    let mut select = other.prepare("SELECT free_tier FROM sso_projects ORDER BY free_tier").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_wait_are_one_transaction_and_are_answered_after_its_commit() {
    let busy = Busy::new().await;
    let path = busy.path.clone();
    let first_is_answered = Arc::new(AtomicBool::new(false));
    let first = busy.write(|database| insert(database, 1)).await;
    let answered = Arc::clone(&first_is_answered);
    let first = tokio::spawn(async move {
        first.await.unwrap().unwrap();
        answered.store(true, Ordering::SeqCst);
    });
    let last = busy.write(move |database| {
        insert(database, 2)?;
        std::thread::sleep(Duration::from_millis(300)); // an answer that is given too soon arrives meanwhile
        Ok((first_is_answered.load(Ordering::SeqCst), seen_from_outside(&path)))
    });
    let last = last.await;
    busy.go_on();
    let (is_answered, seen) = last.await.unwrap().unwrap();
    assert_eq!(seen, [0; 0], "the first job was committed before the last one had run: no group");
    assert!(!is_answered, "the first job was answered before it was committed");
    first.await.unwrap();
    assert_eq!(seen_from_outside(&busy.path), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_is_undone_alone() {
    let busy = Busy::new().await;
    let before = busy.write(|database| insert(database, 1)).await;
    let failing = busy.write(|database| {
        insert(database, 2)?;
        insert(database, 2) // its key is taken
    });
    let failing = failing.await;
    let refusing = busy.write(|database| {
        insert(database, 3)?;
        Err::<(), _>(StoreError::UnknownBot)
    });
    let refusing = refusing.await;
    let after = busy.write(|database| insert(database, 4)).await;
    busy.go_on();
    before.await.unwrap().unwrap();
    failing.await.unwrap().unwrap_err();
    assert!(matches!(refusing.await.unwrap(), Err(StoreError::UnknownBot)));
    after.await.unwrap().unwrap();
    assert_eq!(seen_from_outside(&busy.path), [1, 4]);
    // One that is alone in its transaction as well.
    let alone = busy.write(|database| {
        insert(database, 5)?;
        Err::<(), _>(StoreError::UnknownBot)
    });
    alone.await.await.unwrap().unwrap_err();
    assert_eq!(seen_from_outside(&busy.path), [1, 4]);
}

/// What waits is bounded, and so is how long.
#[tokio::test(flavor = "multi_thread")]
async fn more_calls_than_there_is_room_for_fail_in_time() {
    let busy = Busy::new().await;
    let waiting: Vec<_> = (0..MAX_WAITING_JOBS)
        .map(|_| {
            let store = busy.store.clone();
            tokio::spawn(async move { store.workers().write(|_| Ok::<_, StoreError>(())).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    let one_more = busy.store.workers().write(|_| Ok::<_, StoreError>(()));
    let refused = tokio::time::timeout(MAX_WAIT * 4, one_more).await.expect("it waits for ever").unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    assert!(began.elapsed() >= MAX_WAIT, "it waited for room for {:?} only", began.elapsed());
    assert!(began.elapsed() < MAX_WAIT * 3, "{:?}", began.elapsed());
    busy.go_on();
    // Those that had room have waited as long, and are not made after their callers have given up.
    for outcome in futures_util::future::join_all(waiting).await {
        assert!(matches!(outcome.unwrap(), Err(StoreError::Unavailable(_))));
    }
    busy.store.workers().write(|_| Ok::<_, StoreError>(())).await.unwrap();
}

/// A dashboard never slows a visit down.
#[tokio::test(flavor = "multi_thread")]
async fn reports_that_take_long_leave_the_readers_to_visits() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32])).await.unwrap();
    let (go_on, may_go_on) = channel::<()>();
    let may_go_on = Arc::new(Mutex::new(may_go_on));
    let reports: Vec<_> = (0..32)
        .map(|_| {
            let (store, may_go_on) = (store.clone(), Arc::clone(&may_go_on));
            let report = move |_: &Database<'_>| {
                let _ = may_go_on.lock().unwrap().recv();
                Ok(())
            };
            tokio::spawn(async move { store.workers().report(report).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..100 {
        let visit = store.current_secret(BotId::from_bytes([1; 16]));
        tokio::time::timeout(Duration::from_secs(20), visit).await.expect("it waits for reports").unwrap();
    }
    drop(go_on);
    for report in reports {
        report.await.unwrap().unwrap();
    }
}
