//! What a visit costs as the database grows. `scripts/load` fills PostgreSQL and SQLite to one size after the other and
//! sends visitors through the authenticator at each: returning ones, new ones, and the first visits of another day.
//! Every answer is checked. PostgreSQL runs with `fsync` on, and counts for itself; of times only ratios mean anything.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fs, future::Future, path::PathBuf, sync::Arc, thread};

use boostgpt_sso::store::{MasterKey, PostgresOptions, PostgresStore, Project, SqliteStore, Store};
use boostgpt_sso::time::{Duration as Span, OffsetDateTime};
use boostgpt_sso::{Authenticator, BotId, Identity, ProjectId, Signer, Visitor, WidgetToken};
use servers::Postgres;

const CONCURRENCY: usize = 16;
/// One big project with a tenth of the subscribers, the first; a hundred that share the rest.
const PROJECTS: u64 = 101;
const WARM_UP: usize = 64;
/// How many subscribers PostgreSQL is filled with at once.
const BATCH: usize = 200_000;

/// Of every measurement; then come those of the engine.
const COLUMNS: [&str; 4] = ["visits/s", "p50 ms", "p99 ms", "service CPU µs"];

/// Visitors of one kind: its name, whether they are new, on which day they come, and whether statements are prepared.
type Kind = (&'static str, bool, i64, bool);
const KINDS: [Kind; 6] = [
    ("returning", false, 0, false),
    ("returning, prepared", false, 0, true),
    ("first visit", true, 0, false),
    ("first visit, prepared", true, 0, true),
    ("first of the 2nd day", false, 1, false),
    ("first of the 3rd day", false, 2, false),
];

/// What a database under load has besides its store.
trait Engine {
    const NAME: &str;
    const COLUMNS: &[&str];

    fn open(&mut self, prepared: bool) -> impl Future<Output = Arc<dyn Store>>;
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

/// Noon of a day, counted from 2026-11-23.
fn noon(day: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_795_435_200).expect("a time") + Span::days(day)
}

/// The number's own 64 random bits (splitmix64).
const fn mix(number: u64) -> u64 {
    let mut x = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

type Agent = (ProjectId, BotId, Signer);

async fn new_agents(store: Arc<dyn Store>) -> Vec<Agent> {
    let mut agents = Vec::new();
    for _ in 0..PROJECTS {
        let (project, bot) = (ProjectId::generate().expect("an id"), BotId::generate().expect("an id"));
        store.create_project(Project { id: project, free_tier: Some(100) }).await.expect("a project");
        store.create_bot(project, bot).await.expect("a bot");
        agents.push((project, bot, Signer::new(&store.regenerate_secret(bot).await.expect("a secret"))));
    }
    agents
}

/// The page load of a subscriber with this number.
fn visit(agents: &[Agent], number: u64, now: OffsetDateTime) -> (BotId, WidgetToken) {
    let agent = if number.is_multiple_of(10) { 0 } else { 1 + number / 10 % (PROJECTS - 1) };
    let ((_, bot, signer), random) = (&agents[usize::try_from(agent).expect("few")], mix(number));
    let identity = Identity::new(&format!("{:012x}@example{}.com", random >> 16, number % 1000));
    let identity = identity
        .and_then(|user| user.with_name("Ada Lovelace")?.with_external_id(&format!("user_{random:016x}")));
    (*bot, signer.sign_at(&identity.expect("valid"), now))
}

/// How long each visitor took, how long all of them, and the processor time in microseconds.
type Sent = (Vec<Duration>, Duration, f64);

/// Sends all these visitors, whose tokens are signed before.
async fn send(to: &Arc<Authenticator>, agents: &[Agent], numbers: &[u64], kind: Kind) -> Sent {
    let (_, is_new, day, _) = kind;
    let visits: Vec<_> = numbers.iter().map(|number| visit(agents, *number, noon(day))).collect();
    let (visits, next) = (Arc::new(visits), Arc::new(AtomicUsize::new(0)));
    let (cpu, all) = (cpu_of("self"), Instant::now());
    let tasks = (0..CONCURRENCY).map(|_| {
        let (to, visits, next) = (Arc::clone(to), Arc::clone(&visits), Arc::clone(&next));
        tokio::spawn(async move {
            let mut times = Vec::new();
            while let Some((bot, token)) = visits.get(next.fetch_add(1, Relaxed)) {
                let started = Instant::now();
                let visitor = to.authenticate_at(*bot, token.as_str(), noon(day)).await;
                times.push(started.elapsed());
                let Visitor::Identified(it) = visitor.expect("an answer") else { panic!("anonymous") };
                assert_eq!([it.created_account, it.created_subscriber, it.granted.is_some()], [is_new; 3]);
            }
            times
        })
    });
    let mut times = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        times.extend(task.await.expect("right answers"));
    }
    (times, all.elapsed(), cpu_of("self") - cpu)
}

async fn measure<E: Engine>(engine: &mut E, kind: Kind, agents: &[Agent], numbers: &[u64]) -> Vec<f64> {
    let store = Arc::new(Authenticator::new(engine.open(kind.3).await));
    for (_, bot, _) in agents {
        // Reads the agent's key, which stays in the process.
        let anonymous = store.authenticate_at(*bot, "no token", noon(kind.2)).await;
        assert!(matches!(anonymous, Ok(Visitor::Anonymous(_))));
    }
    let (warm_up, measured) = numbers.split_at(WARM_UP);
    send(&store, agents, warm_up, kind).await;
    engine.start();
    let before = engine.counters();
    let (mut times, elapsed, cpu) = send(&store, agents, measured, kind).await;
    let (after, count) = (engine.counters(), f64::from(u32::try_from(times.len()).expect("few")));
    times.sort_unstable();
    let percentile = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e3;
    let values = vec![count / elapsed.as_secs_f64(), percentile(50), percentile(99), cpu / count];
    let counted: Vec<_> = after.iter().zip(&before).map(|it| (it.0 - it.1) / count).collect();
    drop(store);
    [values, counted, engine.closed()].concat()
}

/// The processor time of all threads of a process, in microseconds.
fn cpu_of(process: &str) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let read = |thread: PathBuf| fs::read_to_string(thread.join("schedstat")).ok();
    let nanoseconds = |text: String| text.split(' ').next()?.parse::<f64>().ok();
    threads.filter_map(|thread| read(thread.path()).and_then(nanoseconds)).sum::<f64>() / 1e3
}

async fn load<E: Engine>(mut engine: E, sizes: &[u64], pool: u64) {
    println!("\n# {}, {CONCURRENCY} at once", E::NAME);
    let agents = new_agents(engine.open(false).await).await;
    let projects: Vec<ProjectId> = agents.iter().map(|agent| agent.0).collect();
    let kinds = KINDS.iter().filter(|kind| E::NAME == "PostgreSQL" || !kind.3).copied(); // SQLite always prepares
    let mut lines = Vec::new();
    let mut have = 0;
    for size in sizes {
        // Those who will return. Their names are all over the indexes; in the table they lie together.
        let known: Vec<u64> = (have..have + pool).collect();
        send(&Arc::new(Authenticator::new(engine.open(false).await)), &agents, &known, KINDS[2]).await;
        let (from, started) = (have + pool, Instant::now());
        assert!(from < *size, "too small a step");
        have = *size;
        let description = engine.fill(&projects, from, have);
        println!("\n## {have} subscribers, filled in {} s\n{description}", started.elapsed().as_secs());
        activity(engine.open(false).await, projects[0]).await;
        for kind in kinds.clone() {
            let numbers = match kind {
                (_, true, ..) => (have..have + pool).collect(),
                (_, _, 0, _) => (0..pool * 4).map(|visit| known[0] + mix(visit) % pool).collect(),
                _ => known.clone(),
            };
            have += if kind.1 { pool } else { 0 };
            let values = measure(&mut engine, kind, &agents, &numbers).await;
            print_line(*size, kind.0, E::COLUMNS, &values);
            lines.push((kind, *size, values));
        }
    }
    println!("\n## {}: the cost of a visit, as a ratio to the smallest size", E::NAME);
    for kind in kinds {
        let mut lines = lines.iter().filter(|line| line.0 == kind);
        let (_, _, first) = lines.next().expect("the smallest size");
        for (_, size, values) in lines {
            let mut ratios: Vec<_> = values.iter().zip(first).map(|it| it.0 / it.1).collect();
            ratios[0] = 1.0 / ratios[0]; // the time, not the rate
            print_line(*size, kind.0, E::COLUMNS, &ratios);
        }
    }
}

fn print_line(size: u64, kind: &str, columns: &[&str], values: &[f64]) {
    print!("{size:>8} {kind:<22}");
    for (value, column) in values.iter().zip([&COLUMNS, columns].concat()).filter(|it| it.0.is_finite()) {
        let digits = if *value < 100.0 { 2 } else { 0 };
        print!("  {column} {value:.digits$}");
    }
    println!();
}

/// Who was active in the last thirty days, in the big project: each filler subscriber, by one of two visits.
async fn activity(store: Arc<dyn Store>, project: ProjectId) {
    let (first, last) = (noon(-30).date(), noon(-1).date());
    let days = store.activity(project, first, last).await.expect("days");
    let rows = days.iter().fold(0.0, |sum, day| sum + f64::from(u32::try_from(day.active).expect("few")));
    let started = Instant::now();
    let active = store.active_subscribers(project, first, last).await.expect("a number");
    let time = started.elapsed().as_secs_f64() * 1e6;
    println!("{active} active in 30 days: {rows} rows, {:.1} ms, {:.3} µs a row", time / 1e3, time / rows);
}

/// Rows as the store makes them, with hashes that nobody looks up.
const FILL_POSTGRES: &str = "BEGIN;
CREATE TEMP TABLE filler ON COMMIT DROP AS SELECT md5('e' || i)::uuid AS e, md5('x' || i)::uuid AS x, md5(i::text) AS h,
    (ARRAY[{projects}]::uuid[])[CASE WHEN i % 10 = 0 THEN 1 ELSE 2 + i / 10 % 100 END] AS project,
    (t || '7' || substr(md5('s' || i), 1, 3) || '8' || substr(md5('s' || i), 4, 15))::uuid AS id,
    (t || '7' || substr(md5('a' || i), 1, 3) || '8' || substr(md5('a' || i), 4, 15))::uuid AS account,
    substr(md5(i::text), 1, 12) || '@example' || i % 1000 || '.com' AS email, 1795000000 AS issued,
    date '2026-11-23' - 31 - i / 7 % 60 AS first_day, date '2026-11-23' - 1 - i / 3 % 30 AS last_day
FROM (SELECT i, lpad(to_hex(1787000000000 + i * 1000::bigint), 12, '0') AS t FROM generate_series({from}, {to} - 1) i) n;
INSERT INTO sso.subscribers (project_id, id, account_id, account_hash, revision, email, name, external_id, applied_at,
    first_day, last_day) SELECT project, id, account, e, 0, email, 'Ada Lovelace', 'user_' || substr(h, 17), issued,
    first_day, last_day FROM filler ORDER BY id;
INSERT INTO sso.grants SELECT project, account, 100, issued FROM filler ORDER BY account;
INSERT INTO sso.accounts (email_hash, id, email_key, verified_by, created_at, subscribers)
    SELECT e, account, email, project, issued, 1 FROM filler ORDER BY e;
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

struct OnPostgres {
    server: Postgres,
    tables: Vec<f64>,
}

impl OnPostgres {
    fn new() -> Self {
        let server = Postgres::start(&SETTINGS);
        server.psql("sso", "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pageinspect");
        Self { server, tables: Vec::new() }
    }

    fn numbers(&self, sql: &str) -> Vec<f64> {
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

    async fn open(&mut self, prepared: bool) -> Arc<dyn Store> {
        self.tables = self.tables();
        let options = PostgresOptions::new().with_pool_size(CONCURRENCY);
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
        let sizes = "SELECT t.relname, t.reltuples, 'rows of', (pg_table_size(t.oid) / t.reltuples)::int, 'bytes',
            string_agg(format('+ %s (%s levels)', (pg_relation_size(i.indexrelid) / t.reltuples)::int,
            (bt_metap(i.indexrelid::regclass::text)).level + 1), ' ') FROM pg_class t JOIN pg_index i ON t.oid = indrelid
            WHERE relnamespace = 'sso'::regnamespace AND reltuples > 5 GROUP BY 1, 2, t.oid";
        self.server.psql("sso", sizes).replace('|', " ")
    }

    fn start(&self) {
        self.server.psql("sso", "CHECKPOINT");
    }

    fn counters(&self) -> Vec<f64> {
        let others = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
        let cpu = self.server.psql("sso", others).lines().map(cpu_of).sum();
        let rest = "SELECT pg_current_wal_insert_lsn() - '0/0', sum(wal_fpi), pg_snapshot_xmax(pg_current_snapshot()), sum(calls),
            1000 * sum(total_plan_time), 1000 * sum(total_exec_time), sum(shared_blks_hit), sum(shared_blks_read)
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
CREATE TEMP TABLE filler AS WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})
SELECT p.id AS project, lower(hex(randomblob(6))) || '@example' || (i % 1000) || '.com' AS email, 1795000000 AS issued,
    unhex(t || '7' || hex(randomblob(9)) || 'a') AS id, unhex(t || '7' || hex(randomblob(9)) || 'b') AS account,
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

struct OnSqlite(tempfile::TempDir);

impl OnSqlite {
    /// The file, once nobody has it open.
    fn path(&self) -> PathBuf {
        let path = self.0.path().join("sso.db");
        while path.with_extension("db-wal").exists() {
            thread::sleep(Duration::from_millis(20));
        }
        path
    }
}

impl Engine for OnSqlite {
    const NAME: &str = "SQLite";
    const COLUMNS: &[&str] = &["bytes written"];

    async fn open(&mut self, _: bool) -> Arc<dyn Store> {
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

    /// Bytes that this process has written: to the log, and from there to the file.
    fn counters(&self) -> Vec<f64> {
        let counters = fs::read_to_string("/proc/self/io").expect("counters");
        vec![counters.split_whitespace().nth(3).and_then(|wchar| wchar.parse().ok()).expect("a number")]
    }
}

fn main() {
    let mut arguments = env::args().skip(1);
    let (mut sizes, mut engine, mut pool) =
        ("10000,100000,1000000,3000000".to_owned(), "both".to_owned(), 3000);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--subscribers" => sizes = arguments.next().expect("sizes"),
            "--engine" => engine = arguments.next().expect("postgres, sqlite or both"),
            "--test" => (sizes, pool) = ("400,800".to_owned(), 100),
            other => assert_eq!(other, "--bench", "unknown"), // which is from Cargo
        }
    }
    let sizes: Vec<u64> = sizes.split(',').map(|size| size.parse().expect("a number")).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if ["postgres", "both"].contains(&&*engine) {
        runtime.block_on(load(OnPostgres::new(), &sizes, pool));
    }
    if ["sqlite", "both"].contains(&&*engine) {
        let folder = tempfile::tempdir().expect("a folder");
        runtime.block_on(load(OnSqlite(folder), &sizes, pool));
    }
}
