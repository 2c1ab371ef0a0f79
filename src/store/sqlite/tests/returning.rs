//! What a returning visitor costs, from SQLite's own counters; how a connection is set up; what waits for
//! what.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    time::Duration,
};

use rusqlite::{StatementStatus, config::DbConfig};
use time::OffsetDateTime;

use crate::{
    id::{BotId, ProjectId},
    identity::{Email, Identity},
    signer::Signer,
    store::{
        contract::{BoxFuture, Store, SubscriberStore},
        error::{ProvisionError, StoreError},
        model::{Lookup, Project},
        sealing::MasterKey,
        sqlite::{
            SqliteStore,
            connection::{create_file, open_connection},
            provision::FACTS,
            statements::Database,
        },
        visit::{ProvisionRequest, VerifiedVisitor},
    },
};

const PEOPLE: usize = 200;
const VISITS: u32 = 100;

/// How often a connection has run the statement, and how many rows it walked or sorted without an index.
fn counters(database: &Database<'_>) -> (usize, [i32; 4]) {
    use StatementStatus::{AutoIndex, FullscanStep, Run, Sort};
    let statuses = [Run, FullscanStep, Sort, AutoIndex];
    let counts =
        database.with(FACTS, |statement| Ok(statuses.map(|status| statement.get_status(status)))).unwrap();
    // Long enough that every reader is met when as many as there can be are asked at once.
    std::thread::sleep(Duration::from_millis(50));
    (std::ptr::from_ref(database).addr(), counts)
}

/// The counters of all connections that read, added up.
async fn read_counters(store: &SqliteStore) -> [i32; 4] {
    let asked: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                store.workers().read(|database| Ok::<_, StoreError>(counters(database))).await.unwrap()
            })
        })
        .collect();
    let mut readers = HashMap::new();
    for answer in asked {
        let (reader, counts) = answer.await.unwrap();
        readers.insert(reader, counts);
    }
    assert!(readers.len() >= 2, "not all readers were met");
    let direct = store.workers().direct.each(|database| counters(database).1);
    readers
        .into_values()
        .chain(direct)
        .fold([0; 4], |sum, counts| std::array::from_fn(|i| sum[i] + counts[i]))
}

/// Rows that the writer has changed, and how often it ran the statement.
async fn write_counters(store: &SqliteStore) -> (i64, i32) {
    let count = |database: &Database<'_>| {
        let changes = database.first("SELECT total_changes()", [], |row| row.get(0))?.unwrap();
        Ok::<_, StoreError>((changes, counters(database).1[0]))
    };
    store.workers().write(count).await.unwrap()
}

struct Everybody {
    store: SqliteStore,
    bot: BotId,
    visitors: Vec<VerifiedVisitor>,
    now: OffsetDateTime,
    folder: temp_dir::TempDir,
}

impl Everybody {
    /// A project whose subscribers have all been here today.
    async fn new() -> Self {
        let folder = temp_dir::TempDir::new().unwrap();
        let store =
            SqliteStore::open(folder.path().join("sso.db"), MasterKey::from_bytes([7; 32])).await.unwrap();
        let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
        store.create_project(Project::new(project).with_free_tier(100)).await.unwrap();
        store.create_bot(project, bot).await.unwrap();
        let secret = store.regenerate_secret(bot).await.unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_795_348_800).unwrap();
        let verifier = store.current_secret(bot).await.unwrap().into_secret().unwrap().verifier();
        let visitors = (0..PEOPLE).map(|number| {
            let identity = Identity::new(&format!("p{number}@example.com")).unwrap();
            let identity = identity.with_external_id(&number.to_string()).unwrap();
            let token = Signer::new(&secret).sign_at(&identity, now);
            verifier.verify_at(token.as_str(), now).unwrap()
        });
        let everybody = Self { store, bot, visitors: visitors.collect(), now, folder };
        for visitor in &everybody.visitors {
            assert!(everybody.visit(visitor).await);
        }
        everybody
    }

    /// Whether the visit created a subscriber.
    async fn visit(&self, visitor: &VerifiedVisitor) -> bool {
        self.store.current_secret(self.bot).await.unwrap();
        let request = ProvisionRequest::new(visitor.clone(), self.now);
        self.store.provision(request).await.unwrap().created_subscriber
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returning_visitor_is_one_statement_that_walks_no_table() {
    let everybody = Everybody::new().await;
    let (read, written) = (read_counters(&everybody.store).await, write_counters(&everybody.store).await);
    for visitor in everybody.visitors.iter().cycle().take(VISITS as usize) {
        assert!(!everybody.visit(visitor).await);
    }
    let [run, full_scan, sort, auto_index] = read_counters(&everybody.store).await;
    assert_eq!(run - read[0], i32::try_from(VISITS).unwrap(), "statements for {VISITS} visits");
    assert_eq!([full_scan, sort, auto_index], [0; 3], "rows met without an index");
    assert_eq!(write_counters(&everybody.store).await, written, "the writer had something to do");
}

/// On the caller's own thread: a call is done when it has been polled once, but for those that let other
/// tasks run, and for the few that the machine itself has slowed down.
#[tokio::test(flavor = "multi_thread")]
async fn a_returning_visitor_waits_for_no_other_thread() {
    let everybody = Everybody::new().await;
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut at_once = 0;
    for visitor in everybody.visitors.iter().take(VISITS as usize) {
        let request = ProvisionRequest::new(visitor.clone(), everybody.now);
        let mut call = everybody.store.provision(request);
        match call.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => {
                assert!(!outcome.unwrap().created_subscriber);
                at_once += 1;
            }
            Poll::Pending => assert!(!call.await.unwrap().created_subscriber),
        }
    }
    assert!(at_once > 0, "no call was done at once");
    assert!(at_once < VISITS, "no caller has let the other tasks of its thread run");
}

/// A caller's thread is not held up by another process that has the file locked.
#[tokio::test]
async fn a_read_on_the_callers_thread_waits_for_no_lock() {
    let everybody = Everybody::new().await;
    let patience = |database: &Database<'_>| {
        database.first("PRAGMA busy_timeout", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let found = everybody.store.workers().direct.each(patience);
    assert!(!found.is_empty() && found.iter().all(|patience| *patience == Some(0)), "{found:?}");
}

/// A refusal is an answer: no thread is asked a second time.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_visitor_is_one_statement_too() {
    let everybody = Everybody::new().await;
    everybody.store.regenerate_secret(everybody.bot).await.unwrap();
    let before = read_counters(&everybody.store).await[0];
    for visitor in &everybody.visitors {
        let request = ProvisionRequest::new(visitor.clone(), everybody.now);
        let refused = everybody.store.provision(request).await;
        assert!(matches!(refused, Err(ProvisionError::SecretChanged)), "{refused:?}");
    }
    assert_eq!(read_counters(&everybody.store).await[0] - before, i32::try_from(PEOPLE).unwrap());
}

/// What a savepoint may have to undo has addresses in it, and no file of the temporary folder may.
#[tokio::test]
async fn the_writer_keeps_in_memory_what_it_may_undo() {
    let everybody = Everybody::new().await;
    let kept = |database: &Database<'_>| database.first("PRAGMA temp_store", [], |row| row.get::<_, i64>(0));
    assert_eq!(everybody.store.workers().write(kept).await.unwrap(), Some(2));
}

/// Without it, a visit costs several times as much on a large database that has statistics:
/// `scripts/bench-store`.
#[test]
fn statements_are_not_planned_anew_for_their_parameters() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    create_file(&path).unwrap();
    let connection = open_connection(&path).unwrap();
    assert!(connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG).unwrap());
}

#[tokio::test]
async fn the_statement_finds_everything_by_a_key() {
    let everybody = Everybody::new().await;
    let plan = |database: &Database<'_>| {
        database.with(&format!("EXPLAIN QUERY PLAN {FACTS}"), |statement| {
            let parameters = statement.parameter_count();
            let nothing = rusqlite::params_from_iter(std::iter::repeat_n(None::<i64>, parameters));
            statement.query_map(nothing, |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()
        })
    };
    let plan = everybody.store.workers().read(plan).await.unwrap();
    assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{plan:#?}");
    for key in
        ["project_id=? AND email_key=?", "project_id=? AND external_id=?", "project_id=? AND name_hash=?"]
    {
        assert!(plan.iter().any(|step| step.starts_with("SEARCH") && step.contains(key)), "{key}: {plan:#?}");
    }
}

/// What was acknowledged survives a loss of power, and what was erased is overwritten.
#[test]
fn a_connection_syncs_every_commit_overwrites_what_it_deletes_and_caches_16_mib() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    create_file(&path).unwrap();
    let connection = open_connection(&path).unwrap();
    let pragma = |name: &str| -> String {
        let value = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
        match value.unwrap() {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            other => panic!("{name}: {other:?}"),
        }
    };
    for (name, value) in [
        ("synchronous", "2"),
        ("journal_mode", "wal"),
        ("secure_delete", "1"),
        ("busy_timeout", "5000"),
        ("cache_size", "-16384"), // KiB
    ] {
        assert_eq!(pragma(name), value, "{name}");
    }
}

/// One report at a time; whatever may be long is one, and waits for its turn; nothing of a visit waits for
/// it. The same on PostgreSQL is `standby::reports` in `tests/databases`.
#[tokio::test(flavor = "multi_thread")]
async fn reports_wait_for_each_other_and_visits_for_none_of_them() {
    type Report = BoxFuture<'static, Result<(), StoreError>>;
    let everybody = Everybody::new().await;
    let store = everybody.store.clone();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let at_once = Arc::new(AtomicUsize::new(0));
    let mut reports = Vec::new();
    for _ in 0..8 {
        let (store, at_once) = (store.clone(), Arc::clone(&at_once));
        reports.push(tokio::spawn(async move {
            let alone = move |_: &Database<'_>| {
                assert_eq!(at_once.fetch_add(1, SeqCst), 0, "two reports at once");
                std::thread::sleep(Duration::from_millis(5));
                at_once.fetch_sub(1, SeqCst);
                Ok(())
            };
            store.workers().report(alone).await
        }));
    }
    for report in reports.drain(..) {
        report.await.unwrap().unwrap();
    }

    let busy = store.clone();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let wait = move |_: &Database<'_>| {
        started.send(()).unwrap();
        released.recv().unwrap();
        Ok(())
    };
    reports.push(tokio::spawn(async move { busy.workers().report(wait).await }));
    has_started.await.unwrap();
    let (project, day) = (everybody.visitors[0].project(), everybody.now.date());
    let report = |number: u32| -> Report {
        let store = store.clone();
        Box::pin(async move {
            match number {
                0 => store.projects(None, 1).await.map(drop),
                1 => store.bots(project, None, 1).await.map(drop),
                2 => store.subscribers(project, None, 1).await.map(drop),
                3 => store.subscriber_count(project).await.map(drop),
                4 => store.active_subscribers(project, day, day).await.map(drop),
                5 => store.activity(project, day, day).await.map(drop),
                _ => {
                    let email = Email::new("p1@example.com").unwrap();
                    store.subscribers_by_email(email).await.map(drop)
                }
            }
        })
    };
    reports.extend((0..7).map(|number| tokio::spawn(report(number))));
    for visitor in &everybody.visitors {
        assert!(!everybody.visit(visitor).await);
    }
    store.project(project).await.unwrap().unwrap();
    store.bot(everybody.bot).await.unwrap().unwrap();
    store.subscriber(project, Lookup::ExternalId("1")).await.unwrap().unwrap();
    store.regenerate_secret(everybody.bot).await.unwrap();
    assert!(reports.iter().all(|report| !report.is_finished()), "a report did not wait for the other");
    release.send(()).unwrap();
    for report in reports {
        report.await.unwrap().unwrap();
    }
}

/// An erasure empties the log, for which a report must have ended: the writer does not wait for that.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_beside_a_long_report_stops_no_first_visit() {
    let everybody = Everybody::new().await;
    let store = everybody.store.clone();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let reading = store.clone();
    let report = tokio::spawn(async move {
        let read_on = move |database: &Database<'_>| {
            database.with("SELECT id FROM sso_subscribers", |statement| {
                let mut rows = statement.query([])?;
                rows.next()?;
                started.send(()).unwrap();
                released.recv().unwrap();
                Ok(())
            })
        };
        reading.workers().report(read_on).await
    });
    has_started.await.unwrap();
    let project = everybody.visitors[0].project();
    let by = Lookup::ExternalId("1");
    let erased = store.subscriber(project, by).await.unwrap().unwrap().id;
    let (erasing, now) = (store.clone(), everybody.now);
    let erasure = tokio::spawn(async move { erasing.forget(project, erased, now).await });
    while store.subscriber(project, by).await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..5 {
        store.regenerate_secret(everybody.bot).await.unwrap();
        assert!(!erasure.is_finished(), "the log is emptied under a report, or writes wait for it");
    }
    release.send(()).unwrap();
    report.await.unwrap().unwrap();
    assert!(erasure.await.unwrap().unwrap());
}

/// Its time is none in this test: each call does a page.
#[tokio::test(flavor = "multi_thread")]
async fn sealing_anew_ends_when_its_time_is_over_and_the_next_call_continues() {
    let everybody = Everybody::new().await;
    let path = everybody.folder.path().join("sso.db");
    let keys = MasterKey::from_bytes([8; 32]).with_previous([7; 32]);
    let store = SqliteStore::open(&path, keys).await.unwrap();
    let unfinished = store.reseal().await;
    assert!(matches!(unfinished, Err(StoreError::Unavailable(_))), "{unfinished:?}");
    assert_eq!(store.reseal().await.unwrap(), 1, "the key of the names is left");
    SqliteStore::open(&path, MasterKey::from_bytes([8; 32])).await.unwrap();
}
