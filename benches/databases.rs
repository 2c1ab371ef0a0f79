//! The two databases, each a fresh one, filled to any size with rows as the store makes them.

use std::time::Duration;
use std::{fs, future::Future, path::PathBuf, sync::Arc, thread};

use boostgpt_sso::ProjectId;
use boostgpt_sso::store::{MasterKey, PostgresOptions, PostgresStore, SqliteStore, Store};
use servers::Postgres;

/// How many subscribers PostgreSQL is filled with at once.
const BATCH: usize = 50_000;

/// What a database under load has besides its store.
pub trait Engine {
    const NAME: &str;
    const COLUMNS: &[&str];

    fn open(&mut self, connections: usize, prepared: bool) -> impl Future<Output = Arc<dyn Store>>;
    /// Adds subscribers with these numbers, and says how large everything is.
    fn fill(&self, projects: &[ProjectId], from: u64, to: u64) -> String;
    fn start(&self) {}
    /// What grows with the visits, in the order of the columns.
    fn counters(&self) -> Vec<f64>;
    /// The columns that are known when the store is closed.
    fn closed(&self) -> Vec<f64> {
        Vec::new()
    }
}

/// The processor time of all threads of a process, in microseconds.
pub fn cpu_of(process: &str) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let read = |thread: PathBuf| fs::read_to_string(thread.join("schedstat")).ok();
    let nanoseconds = |text: String| text.split(' ').next()?.parse::<f64>().ok();
    threads.filter_map(|thread| read(thread.path()).and_then(nanoseconds)).sum::<f64>() / 1e3
}

/// Rows as the store makes them, with hashes that nobody looks up.
const FILL_POSTGRES: &str = "BEGIN;
CREATE TEMP TABLE filler ON COMMIT DROP AS SELECT
    md5('e' || i)::uuid AS e, md5('x' || i)::uuid AS x, md5(i::text) AS h,
    (ARRAY[{projects}]::uuid[])[CASE WHEN i % 10 = 0 THEN 1 ELSE 2 + i / 10 % 100 END] AS project,
    (t || '7' || substr(md5('s' || i), 1, 3) || '8' || substr(md5('s' || i), 4, 15))::uuid AS id,
    (t || '7' || substr(md5('a' || i), 1, 3) || '8' || substr(md5('a' || i), 4, 15))::uuid AS account,
    substr(md5(i::text), 1, 12) || '@example' || i % 1000 || '.com' AS email, 1795000000 AS issued,
    date '2026-11-23' - 31 - i / 7 % 60 AS first_day, date '2026-11-23' - 1 - i / 3 % 30 AS last_day
FROM (SELECT i, lpad(to_hex(1787000000000 + i * 1000::bigint), 12, '0') AS t
    FROM generate_series({from}, {to} - 1) i) n;
INSERT INTO sso.subscribers (project_id, id, account_id, account_hash, revision, email, name, external_id,
    applied_at, first_day, last_day)
    SELECT project, id, account, e, 0, email, 'Ada Lovelace', 'user_' || substr(h, 17), issued,
    first_day, last_day FROM filler ORDER BY id;
INSERT INTO sso.grants SELECT project, account, 100, issued FROM filler ORDER BY account;
INSERT INTO sso.accounts (email_hash, id, email_key, verified_by, created_at, subscribers, revision)
    SELECT e, account, email, project, issued, 1, 0 FROM filler ORDER BY e;
INSERT INTO sso.names (project_id, name_hash, subscriber_id) SELECT project, e, id FROM filler
    UNION ALL SELECT project, x, id FROM filler ORDER BY 1, 2;
INSERT INTO sso.visits SELECT project, first_day, id, TRUE FROM filler
    UNION ALL SELECT project, last_day, id, FALSE FROM filler ORDER BY 2, 3;
COMMIT";

/// The commits are real, and no checkpoint or vacuum comes in between.
#[rustfmt::skip]
const SETTINGS: [(&str, &str); 7] = [
    ("fsync", "on"), ("shared_buffers", "256MB"), ("max_wal_size", "32GB"), ("checkpoint_timeout", "1d"),
    ("autovacuum", "off"), ("shared_preload_libraries", "pg_stat_statements"),
    ("pg_stat_statements.track_planning", "on"),
];

pub struct OnPostgres {
    pub server: Postgres,
    tables: Vec<f64>,
}

impl OnPostgres {
    pub fn new() -> Self {
        let server = Postgres::start(&SETTINGS);
        server.psql("sso", "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pageinspect");
        Self { server, tables: Vec::new() }
    }

    pub fn numbers(&self, sql: &str) -> Vec<f64> {
        self.server.psql("sso", sql).split('|').map(|number| number.parse().expect("a number")).collect()
    }

    /// Updates in place, updates, and sequential scans: complete once the store's connections are closed.
    fn tables(&self) -> Vec<f64> {
        let clients = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boostgpt-sso'";
        while self.server.psql("sso", clients) != "0" {
            thread::sleep(Duration::from_millis(20));
        }
        let large =
            "SELECT coalesce(sum(n_tup_hot_upd), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(seq_scan), 0)
            FROM pg_stat_user_tables WHERE schemaname = 'sso' AND n_live_tup > 5000";
        self.numbers(large)
    }
}

impl Engine for OnPostgres {
    const NAME: &str = "PostgreSQL";
    #[rustfmt::skip]
    const COLUMNS: &[&str] = &["server CPU µs", "WAL bytes", "page images", "xids", "statements", "plan µs",
        "execute µs", "hits", "reads", "% HOT"];

    async fn open(&mut self, connections: usize, prepared: bool) -> Arc<dyn Store> {
        self.tables = self.tables();
        let options = PostgresOptions::new().with_pool_size(connections);
        let options = if prepared { options.with_prepared_statements() } else { options };
        let key = MasterKey::from_bytes([7; 32]);
        Arc::new(PostgresStore::connect(&self.server.url(), options, key).await.expect("a store"))
    }

    fn fill(&self, projects: &[ProjectId], from: u64, to: u64) -> String {
        let projects: Vec<String> = projects.iter().map(|project| format!("'{project}'")).collect();
        let sql = FILL_POSTGRES.replace("{projects}", &projects.join(","));
        for from in (from..to).step_by(BATCH) {
            let to = to.min(from + BATCH as u64).to_string();
            self.server.psql("sso", &sql.replace("{from}", &from.to_string()).replace("{to}", &to));
        }
        self.server.psql("sso", "VACUUM (ANALYZE)");
        let sizes =
            "SELECT t.relname, t.reltuples, 'rows of', (pg_table_size(t.oid) / t.reltuples)::int, 'bytes',
            string_agg(format('+ %s (%s levels)', (pg_relation_size(i.indexrelid) / t.reltuples)::int,
            (bt_metap(i.indexrelid::regclass::text)).level + 1), ' ')
            FROM pg_class t JOIN pg_index i ON t.oid = indrelid
            WHERE relnamespace = 'sso'::regnamespace AND reltuples > 5 GROUP BY 1, 2, t.oid";
        self.server.psql("sso", sizes).replace('|', " ")
    }

    fn start(&self) {
        self.server.psql("sso", "CHECKPOINT");
    }

    fn counters(&self) -> Vec<f64> {
        let others = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
        let cpu = self.server.psql("sso", others).lines().map(cpu_of).sum();
        let rest = "SELECT pg_current_wal_insert_lsn() - '0/0', sum(wal_fpi),
            pg_snapshot_xmax(pg_current_snapshot()), sum(calls), 1000 * sum(total_plan_time),
            1000 * sum(total_exec_time), sum(shared_blks_hit), sum(shared_blks_read)
            FROM pg_stat_statements WHERE query LIKE '%sso.%'";
        [vec![cpu], self.numbers(rest)].concat()
    }

    fn closed(&self) -> Vec<f64> {
        let after = self.tables();
        let [in_place, all, scans] = [0, 1, 2].map(|column| after[column] - self.tables[column]);
        assert!(scans < 1.0, "a sequential scan");
        vec![100.0 * in_place / all]
    }
}

/// The same; the projects are in a table by their numbers.
const FILL_SQLITE: &str = "
CREATE TEMP TABLE filler AS
    WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})
SELECT p.id AS project, lower(hex(randomblob(6))) || '@example' || (i % 1000) || '.com' AS email,
    1795000000 AS issued, unhex(t || '7' || hex(randomblob(9)) || 'a') AS id,
    unhex(t || '7' || hex(randomblob(9)) || 'b') AS account,
    {today} - 31 - i / 7 % 60 AS first_day, {today} - 1 - i / 3 % 30 AS last_day
FROM (SELECT i, printf('%012x', 1787000000000 + i * 1000) AS t FROM n)
JOIN project p ON p.number = CASE WHEN i % 10 = 0 THEN 0 ELSE 1 + i / 10 % 100 END;
INSERT INTO sso_accounts SELECT account, email, project, issued FROM filler;
INSERT INTO sso_subscribers SELECT project, id, account, email, email, 'Ada Lovelace',
    'user_' || lower(hex(randomblob(8))), issued, first_day, last_day FROM filler;
INSERT INTO sso_grants SELECT project, account, 100, issued FROM filler;
INSERT INTO sso_visits SELECT project, first_day, id, 1 FROM filler ORDER BY first_day;
INSERT INTO sso_visits SELECT project, last_day, id, 0 FROM filler ORDER BY last_day;
DROP TABLE filler;";

pub struct OnSqlite(pub tempfile::TempDir);

impl OnSqlite {
    fn file(&self) -> PathBuf {
        self.0.path().join("sso.db")
    }

    /// The file, once nobody has it open.
    pub fn path(&self) -> PathBuf {
        let path = self.file();
        while path.with_extension("db-wal").exists() {
            thread::sleep(Duration::from_millis(20));
        }
        path
    }
}

impl Engine for OnSqlite {
    const NAME: &str = "SQLite";
    const COLUMNS: &[&str] = &["bytes written"];

    async fn open(&mut self, _: usize, _: bool) -> Arc<dyn Store> {
        let key = MasterKey::from_bytes([7; 32]);
        Arc::new(SqliteStore::open(self.path(), key).await.expect("a store"))
    }

    fn fill(&self, projects: &[ProjectId], from: u64, to: u64) -> String {
        let database = rusqlite::Connection::open(self.path()).expect("a database");
        let fast = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000;
            CREATE TEMP TABLE project (number INTEGER PRIMARY KEY, id BLOB); BEGIN";
        database.execute_batch(fast).expect("a transaction");
        for row in (0_u32..).zip(projects.iter().map(ProjectId::as_bytes)) {
            database.execute("INSERT INTO project VALUES (?1, ?2)", row).expect("a row");
        }
        let [from, until, today] = [from, to, 2_461_368].map(|number| number.to_string());
        let sql = FILL_SQLITE.replace("{from}", &from).replace("{to}", &until).replace("{today}", &today);
        database.execute_batch(&sql).expect("rows");
        database.execute_batch("COMMIT; ANALYZE; PRAGMA journal_mode = WAL").expect("an end");
        drop(database);
        let bytes = fs::metadata(self.path()).expect("a file").len();
        format!("{} bytes per subscriber with two visits", bytes / to)
    }

    /// What was written without a sync is on the disk, or the first checkpoint would wait for all of it.
    fn start(&self) {
        fs::File::open(self.file()).and_then(|file| file.sync_all()).expect("a synced file");
    }

    /// Bytes that this process has written: to the log, and from there to the file.
    fn counters(&self) -> Vec<f64> {
        let counters = fs::read_to_string("/proc/self/io").expect("counters");
        vec![counters.split_whitespace().nth(3).and_then(|wchar| wchar.parse().ok()).expect("a number")]
    }
}
