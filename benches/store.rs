//! How close the stores come to their databases. `scripts/bench-store` sends visitors through the
//! authenticator and the same statements past it, in turns: by `pgbench -M prepared` to PostgreSQL, in a bare
//! loop to SQLite. Every answer of ours is checked, and all that pgbench wrote is counted. Of times only
//! ratios mean anything.

#[allow(dead_code, reason = "the load test uses more of it")]
mod databases;
mod visitors;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fs, ops::Range, path::Path, sync::Arc, thread};

use boostgpt_sso::{Authenticator, ProjectId};
use databases::{Engine, OnPostgres, OnSqlite};
use rusqlite::{Connection, config::DbConfig, params};
use visitors::{Agent, Crowd, mix, new_agents, person, send};

/// What a run is told.
#[derive(Clone, Copy)]
struct Size {
    subscribers: u64,
    /// How many visitors a round has.
    visits: u64,
    rounds: u64,
}

/// Connections to PostgreSQL and visitors at once.
const CONNECTIONS: usize = 8;
/// Visitors at once who share a commit of SQLite.
const CROWD: usize = 64;
/// Subscribers who return.
const POOL: u64 = 400;

/// As many subscribers pgbench knows, each by a statement that every connection has to prepare.
const SCRIPTS: usize = 16;

/// One side's rounds.
#[derive(Default)]
struct Rounds {
    rates: Vec<f64>,
    times: Vec<Duration>,
    cpu: Vec<f64>,
    counted: Vec<Vec<f64>>,
}

impl Rounds {
    fn rate(&self) -> f64 {
        median(&self.rates)
    }

    /// The latencies of all rounds in milliseconds.
    fn percentile(&self, percent: usize) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[times.len() * percent / 100].as_secs_f64() * 1e3
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Who comes, how many at once, and whether they are new.
struct Visitors<'a> {
    agents: &'a [Agent],
    numbers: Vec<u64>,
    at_once: usize,
    are_new: bool,
}

/// Sends them all through the authenticator.
async fn ours(rounds: &mut Rounds, engine: &impl Engine, to: &Arc<Authenticator>, visitors: Visitors<'_>) {
    let counters = engine.counters();
    let crowd = Crowd { at_once: visitors.at_once, is_new: visitors.are_new, day: 0 };
    let (times, elapsed, cpu) = send(to, visitors.agents, &visitors.numbers, crowd).await;
    let count = times.len() as f64;
    rounds.times.extend(times);
    rounds.rates.push(count / elapsed.as_secs_f64());
    rounds.cpu.push(cpu / count);
    rounds.counted.push(engine.counters().iter().zip(&counters).map(|it| (it.0 - it.1) / count).collect());
}

fn print(what: &str, goal: f64, ours: &Rounds, bound: &Rounds, columns: &[&str]) {
    let ratio = ours.rate() / bound.rate();
    let verdict = if ratio >= goal { "reached" } else { "not reached" };
    print!(
        "{what:<36} {ratio:6.2} × (goal {goal}: {verdict})  ours {:.0}/s, bound {:.0}/s",
        ours.rate(),
        bound.rate()
    );
    print!("  p50 ms {:.2}  p99 ms {:.2}", ours.percentile(50), ours.percentile(99));
    print!("  client CPU µs {:.1} (bound {:.1})", median(&ours.cpu), median(&bound.cpu));
    for (column, name) in columns.iter().enumerate() {
        let of = |rounds: &Rounds| median(&rounds.counted.iter().map(|it| it[column]).collect::<Vec<_>>());
        print!("  {name} {:.1}", of(ours));
        if !bound.counted.is_empty() {
            print!(" ({:.1})", of(bound));
        }
    }
    println!();
}

/// Fills the database: those who will return come through the store, the others are only there.
async fn fill<E: Engine>(engine: &mut E, size: Size) -> Vec<Agent> {
    let agents = new_agents(engine.open(CONNECTIONS, false).await).await;
    let projects: Vec<ProjectId> = agents.iter().map(|agent| agent.0).collect();
    let store = Arc::new(Authenticator::new(engine.open(CONNECTIONS, false).await));
    let known = Visitors { agents: &agents, numbers: (0..POOL).collect(), at_once: CROWD, are_new: true };
    ours(&mut Rounds::default(), engine, &store, known).await;
    drop(store);
    assert!(size.subscribers > POOL, "too few subscribers");
    println!(
        "\n# {}, {} subscribers\n{}",
        E::NAME,
        size.subscribers,
        engine.fill(&projects, POOL, size.subscribers)
    );
    agents
}

fn returning(agents: &[Agent], size: Size, round: u64, at_once: usize) -> Visitors<'_> {
    let numbers = (0..size.visits).map(|number| mix(number + round * size.visits) % POOL).collect();
    Visitors { agents, numbers, at_once, are_new: false }
}

/// New visitors who have not come in another round.
fn new<'a>(agents: &'a [Agent], next: &mut u64, count: u64, at_once: usize) -> Visitors<'a> {
    let numbers: Range<u64> = *next..*next + count;
    *next = numbers.end;
    Visitors { agents, numbers: numbers.collect(), at_once, are_new: true }
}

/// A statement as the server's log has it, and what was in the place of its parameters.
type Logged = (String, Vec<String>);

/// The statements of the store, in the words that the server got.
fn logged(log: &str) -> Vec<Logged> {
    let entries = log.split("LOG:  execute ").skip(1);
    let statements = entries.filter_map(|entry| {
        let (statement, rest) = entry.split_once(": ")?.1.split_once("DETAIL:  parameters: ")?;
        // The statement's lines are indented; the last one is the beginning of the next entry.
        let statement = statement.rsplit_once('\n').map_or(statement, |lines| lines.0).replace("\n\t", "\n");
        let parameters = rest.lines().next()?;
        let values =
            parameters.split(", $").map(|value| value.split_once(" = ").expect("a value").1.to_owned());
        Some((statement, values.collect()))
    });
    statements.collect()
}

/// The statement with these in the place of its parameters.
fn with_values<'a>(statement: &str, values: impl DoubleEndedIterator<Item = (usize, &'a str)>) -> String {
    // From the last one, so that $2 is not found in $22.
    values
        .rev()
        .fold(statement.to_owned(), |text, (index, value)| text.replace(&format!("${}", index + 1), value))
}

/// Has pgbench run transactions, and says how many it ran a second.
fn pgbench(rounds: &mut Rounds, engine: &OnPostgres, scripts: &[String], visits: u64) {
    let each = (visits / CONNECTIONS as u64).to_string();
    let clients = CONNECTIONS.to_string();
    let mut arguments = vec!["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-t", &each];
    arguments.extend(scripts.iter().flat_map(|script| ["-f", script]));
    arguments.push("sso");
    let (counters, cpu) = (engine.counters(), cpu_of_all(By::Programs));
    let report = engine.server.client("pgbench", &arguments);
    let count = (visits / CONNECTIONS as u64 * CONNECTIONS as u64) as f64;
    assert!(report.contains("number of failed transactions: 0 "), "{report}");
    let rate = report.split_once("tps = ").and_then(|it| it.1.split_once(' ')).expect("a rate").0;
    rounds.rates.push(rate.parse().expect("a rate"));
    rounds.cpu.push((cpu_of_all(By::Programs) - cpu) / count);
    rounds.counted.push(engine.counters().iter().zip(&counters).map(|it| (it.0 - it.1) / count).collect());
}

/// The processor time in microseconds of all threads that this process ever had, or of all programs that it
/// ran.
fn cpu_of_all(by: By) -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("counters");
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("a name").1.split(' ').collect();
    let ticks = |field: usize| fields[field].parse::<f64>().expect("a number");
    let first = match by {
        By::Threads => 11,
        By::Programs => 13,
    };
    (ticks(first) + ticks(first + 1)) * 1e4 // of a hundredth of a second each
}

#[derive(Clone, Copy)]
enum By {
    Threads,
    Programs,
}

async fn postgres(size: Size) {
    let mut engine = OnPostgres::new();
    let agents = fill(&mut engine, size).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut next = size.subscribers;

    // What the store sends, as the server's log has it: of some visitors who return and of one who is new.
    engine.server.psql("sso", "ALTER DATABASE sso SET log_statement = 'all'");
    let store = Arc::new(Authenticator::new(engine.open(CONNECTIONS, true).await));
    let some =
        Visitors { agents: &agents, numbers: (0..SCRIPTS as u64).collect(), at_once: 1, are_new: false };
    ours(&mut Rounds::default(), &engine, &store, some).await;
    ours(&mut Rounds::default(), &engine, &store, new(&agents, &mut next, 1, 1)).await;
    drop(store);
    engine.server.psql("sso", "ALTER DATABASE sso RESET log_statement");
    let statements = logged(&engine.server.log());
    let facts: Vec<&Logged> =
        statements.iter().filter(|it| it.0.contains("sso.names en ON") && it.1.len() == 4).collect();
    let create =
        statements.iter().find(|it| it.0.contains("INSERT INTO sso.subscribers") && it.1.len() == 24);
    let (facts, create) = (facts, create.expect("the statement of a first visit"));
    assert_eq!(facts.len(), SCRIPTS + 1, "the statements of visits");

    let scripts: Vec<String> = facts[..SCRIPTS]
        .iter()
        .enumerate()
        .map(|(number, (statement, values))| {
            let script = with_values(statement, values.iter().map(String::as_str).enumerate());
            write(folder.path(), &format!("returning{number}.sql"), &format!("{script};\n"))
        })
        .collect();
    let first = write(folder.path(), "first.sql", &first_visit(&facts[SCRIPTS].0, create));

    let columns = &OnPostgres::COLUMNS[..4]; // what this server counts of itself
    let store = Arc::new(Authenticator::new(engine.open(CONNECTIONS, true).await));
    let warm_up = || returning(&agents, Size { visits: 800, ..size }, 77, CONNECTIONS);
    let (mut we, mut bound) = (Rounds::default(), Rounds::default());
    ours(&mut Rounds::default(), &engine, &store, warm_up()).await;
    for round in 0..size.rounds {
        ours(&mut we, &engine, &store, returning(&agents, size, round, CONNECTIONS)).await;
        pgbench(&mut bound, &engine, &scripts, size.visits);
    }
    print("returning", 0.85, &we, &bound, columns);

    let count = size.visits / 4;
    let accounts = || {
        engine.numbers("SELECT count(*) FROM sso.accounts a JOIN sso.subscribers s ON s.account_id = a.id")[0]
    };
    let (mut we, mut bound) = (Rounds::default(), Rounds::default());
    let before = accounts();
    for _ in 0..size.rounds {
        ours(&mut we, &engine, &store, new(&agents, &mut next, count, CONNECTIONS)).await;
        pgbench(&mut bound, &engine, std::slice::from_ref(&first), count);
    }
    let expected = size.rounds * (count + count / CONNECTIONS as u64 * CONNECTIONS as u64);
    assert!((accounts() - before - expected as f64).abs() < 0.5, "every transaction made somebody");
    print("first visit", 0.8, &we, &bound, columns);
}

/// The two statements of a first visit with other names and ids every time, of which pgbench makes one number
/// up.
fn first_visit(facts: &str, (create, values): &Logged) -> String {
    let e = "md5('e' || :r::text)::uuid";
    let x = "md5('x' || :r::text)::uuid";
    let account_hash = "md5('h' || :r::text)::uuid";
    let id = |kind: char| {
        let time = "lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0')";
        format!("({time} || substr(md5('{kind}' || :r::text), 1, 20))::uuid")
    };
    let email = "'u' || :r::text || '@example.com'";
    let (subscriber, account, external_id) = (id('s'), id('a'), "'user_' || :r::text");
    let fresh = |(index, value)| match index + 1 {
        4 | 11 => e,
        5 | 13 => x,
        10 => &subscriber,
        16 | 19 => email,
        17 => &account,
        21 => external_id,
        24 => account_hash,
        _ => value,
    };
    let facts =
        with_values(facts, [(0, values[0].as_str()), (1, e), (2, x), (3, values[2].as_str())].into_iter());
    let values: Vec<&str> = values.iter().map(String::as_str).enumerate().map(fresh).collect();
    let create = with_values(create, values.into_iter().enumerate());
    format!("\\set r random(1, 9000000000000000000)\n{facts};\n{create};\n")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file");
    path.to_str().expect("a path").to_owned()
}

/// The one statement that a visit of SQLite begins with, from where it stands.
fn facts_of_sqlite() -> &'static str {
    let source = include_str!("../src/store/sqlite/provision.rs");
    let (_, rest) = source.split_once("const FACTS: &str = \"").expect("the statement");
    rest.split_once("\";").expect("its end").0
}

/// A connection as the store's are.
fn bare(path: &Path) -> Connection {
    let database = Connection::open(path).expect("a database");
    for (name, value) in [("synchronous", "FULL"), ("cache_size", "-16384"), ("secure_delete", "ON")] {
        database.execute_batch(&format!("PRAGMA {name} = {value}")).expect("a setting");
    }
    database.busy_timeout(Duration::from_secs(5)).expect("a setting");
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).expect("a setting");
    database
}

/// The parameters of a visit: the bot, the two names, and in the place of their hashes as many bytes.
fn parameters(agents: &[Agent], number: u64) -> ([u8; 16], [u8; 16], String, String, [u8; 16]) {
    let (agent, email, id) = person(number);
    let (project, bot, _) = &agents[agent];
    (*bot.as_bytes(), *project.as_bytes(), email, id, [u8::try_from(number % 251).expect("a byte"); 16])
}

/// Reads what a returning visit reads, on so many threads.
fn bare_returning(rounds: &mut Rounds, path: &Path, agents: &[Agent], numbers: &[u64], threads: usize) {
    let visits: Vec<_> = numbers.iter().map(|number| parameters(agents, *number)).collect();
    let (next, started) = (AtomicUsize::new(0), Instant::now());
    let cpu = cpu_of_all(By::Threads);
    let spent = thread::scope(|scope| {
        let run = || {
            let database = bare(path);
            let mut statement = database.prepare(facts_of_sqlite()).expect("a statement");
            let opened = Instant::now();
            while let Some((bot, project, email, id, hash)) = visits.get(next.fetch_add(1, Relaxed)) {
                let read =
                    |row: &rusqlite::Row<'_>| Ok((row.get::<_, [u8; 16]>(12)?, row.get::<_, String>(14)?));
                let (_, found) =
                    statement.query_row(params![bot, email, id, hash, hash, project], read).expect("a row");
                assert_eq!(&found, email);
            }
            opened.elapsed().as_secs_f64()
        };
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        all.into_iter().map(|it| it.join().expect("answers")).fold(0.0, f64::max)
    });
    let count = visits.len() as f64;
    rounds.rates.push(count / spent.min(started.elapsed().as_secs_f64()));
    rounds.cpu.push((cpu_of_all(By::Threads) - cpu) / count);
}

/// Writes what a first visit writes, a transaction each.
fn bare_first(rounds: &mut Rounds, path: &Path, agents: &[Agent], numbers: &[u64]) {
    let database = bare(path);
    let prepare = |text| database.prepare(text).expect("a statement");
    let (mut begin, mut commit) = (prepare("BEGIN IMMEDIATE"), prepare("COMMIT"));
    let mut facts = prepare(facts_of_sqlite());
    let mut account = prepare("INSERT INTO sso_accounts VALUES (?1, ?2, ?3, ?4)");
    let mut subscriber =
        prepare("INSERT INTO sso_subscribers VALUES (?1, ?2, ?3, ?4, ?4, 'Ada', ?5, ?6, ?7, ?7)");
    let mut grant = prepare("INSERT INTO sso_grants VALUES (?1, ?2, 100, ?3)");
    let mut visit = prepare("INSERT INTO sso_visits VALUES (?1, ?2, ?3, 1)");
    let (now, today) = (1_795_435_200, 2_461_368);
    let (cpu, started) = (cpu_of_all(By::Threads), Instant::now());
    for number in numbers {
        let (bot, project, email, external_id, hash) = parameters(agents, *number);
        let id = |kind: u128| (u128::from(*number) << 64 | kind).to_be_bytes();
        let (account_id, subscriber_id) = (id(0), id(1));
        begin.execute([]).expect("a transaction");
        let known = facts.query_row(params![bot, email, external_id, hash, hash, project], |row| {
            row.get::<_, Option<[u8; 16]>>(4)
        });
        assert_eq!(known, Ok(None));
        account.execute(params![account_id, email, project, now]).expect("a row");
        subscriber
            .execute(params![project, subscriber_id, account_id, email, external_id, now, today])
            .expect("a row");
        grant.execute(params![project, account_id, now]).expect("a row");
        visit.execute(params![project, today, subscriber_id]).expect("a row");
        commit.execute([]).expect("a commit");
    }
    let count = numbers.len() as f64;
    rounds.rates.push(count / started.elapsed().as_secs_f64());
    rounds.cpu.push((cpu_of_all(By::Threads) - cpu) / count);
}

async fn sqlite(size: Size) {
    // Not in the temporary folder, which may be in memory: commits are to reach a disk.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder in the target folder");
    let mut engine = OnSqlite(folder);
    let agents = fill(&mut engine, size).await;
    let path = engine.path();
    let store = Arc::new(Authenticator::new(engine.open(0, true).await));
    let readers = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
    let (mut we, mut bound, mut one) = (Rounds::default(), Rounds::default(), Rounds::default());
    ours(&mut Rounds::default(), &engine, &store, returning(&agents, size, 77, CROWD)).await;
    for round in 0..size.rounds {
        let visitors = returning(&agents, size, round, CROWD);
        let numbers = visitors.numbers.clone();
        ours(&mut we, &engine, &store, visitors).await;
        bare_returning(&mut bound, &path, &agents, &numbers, readers);
        bare_returning(&mut one, &path, &agents, &numbers, 1);
    }
    print(&format!("returning, {CROWD} at once, {readers} threads"), 0.55, &we, &bound, OnSqlite::COLUMNS);
    print(&format!("returning, {CROWD} at once, 1 thread"), 1.2, &we, &one, OnSqlite::COLUMNS);

    let mut next = size.subscribers;
    let (mut crowd, mut alone, mut bound) = (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..size.rounds {
        ours(&mut crowd, &engine, &store, new(&agents, &mut next, size.visits / 4, CROWD)).await;
        ours(&mut alone, &engine, &store, new(&agents, &mut next, size.visits / 40, 1)).await;
        let numbers = new(&agents, &mut next, size.visits / 40, 1).numbers;
        bare_first(&mut bound, &path, &agents, &numbers);
    }
    print("first visit, one at a time", 0.7, &alone, &bound, OnSqlite::COLUMNS);
    print(&format!("first visit, {CROWD} at once"), 0.8, &crowd, &bound, OnSqlite::COLUMNS);
    alone.counted.clear();
    print(&format!("group commit: {CROWD} at once to one"), 20.0, &crowd, &alone, &[]);
}

fn main() {
    let mut size = Size { subscribers: 10_000, visits: 40_000, rounds: 5 };
    let mut engine = "both".to_owned();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|it| it.parse().ok()).expect("a number");
        match argument.as_str() {
            "--subscribers" => size.subscribers = number(),
            "--visits" => size.visits = number(),
            "--rounds" => size.rounds = number(),
            "--engine" => engine = arguments.next().expect("postgres, sqlite or both"),
            "--test" => size = Size { subscribers: 800, visits: 400, rounds: 1 },
            other => assert_eq!(other, "--bench", "unknown"), // which is from Cargo
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if ["postgres", "both"].contains(&&*engine) {
        runtime.block_on(postgres(size));
    }
    if ["sqlite", "both"].contains(&&*engine) {
        runtime.block_on(sqlite(size));
    }
}
