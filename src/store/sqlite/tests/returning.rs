//! What a returning visitor costs, from SQLite's own counters; how a connection is set up.

use std::{collections::HashMap, time::Duration};

use rusqlite::{StatementStatus, config::DbConfig};
use time::OffsetDateTime;

use crate::{
    id::{BotId, ProjectId},
    identity::Identity,
    signer::Signer,
    store::{
        contract::{Store, SubscriberStore},
        error::StoreError,
        model::Project,
        sealing::MasterKey,
        sqlite::{
            SqliteStore,
            connection::{connect, create},
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
    readers.into_values().fold([0; 4], |sum, counts| std::array::from_fn(|i| sum[i] + counts[i]))
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
    _folder: tempfile::TempDir,
}

impl Everybody {
    /// A project whose subscribers have all been here today.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
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
        let everybody = Self { store, bot, visitors: visitors.collect(), now, _folder: folder };
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

/// Without it, a visit costs several times as much on a large database that has statistics:
/// `scripts/bench-store`.
#[test]
fn statements_are_not_planned_anew_for_their_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sso.db");
    create(&path).unwrap();
    let connection = connect(&path).unwrap();
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
fn a_connection_syncs_every_commit_and_overwrites_what_it_deletes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sso.db");
    create(&path).unwrap();
    let connection = connect(&path).unwrap();
    let pragma = |name: &str| -> String {
        let value = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
        match value.unwrap() {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            other => panic!("{name}: {other:?}"),
        }
    };
    for (name, value) in
        [("synchronous", "2"), ("journal_mode", "wal"), ("secure_delete", "1"), ("busy_timeout", "5000")]
    {
        assert_eq!(pragma(name), value, "{name}");
    }
}
