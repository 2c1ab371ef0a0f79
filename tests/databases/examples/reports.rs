//! How much eight dashboards slow visits down, on both databases: `scripts/reports`.
//!
//! A project has 1.5 million visits. A visitor returns over and over: in turns alone, and while eight
//! dashboards ask for the days of the last month without end. The machine may do something else now and then,
//! so of each percentile the best of all turns counts. All figures are ratios within one run.
#![allow(missing_docs, clippy::pedantic, reason = "tests have no public interface")]

use std::{
    error::Error,
    io::Write as _,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, SsoSecret, Visitor,
    store::{MasterKey, Project, Store, connect},
    time::{Date, OffsetDateTime},
};
use servers::Postgres;
use tokio::task::JoinSet;

const SUBSCRIBERS: u32 = 50_000;
const DAYS: u32 = 30;
const DASHBOARDS: usize = 8;
const TURNS: usize = 9;
const VISITS: usize = 2000;
const PEOPLE: usize = 50;
/// What the 99th percentile may be at most, as a multiple of that alone.
const MAX_RATIO: f64 = 3.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sso.db");
    let server = Postgres::start(&[("fsync", "on")]);
    let engines: [(&str, String, Fill<'_>); 2] = [
        ("SQLite", format!("sqlite:{}", path.display()), Box::new(|sql| fill_file(&path, sql))),
        ("PostgreSQL", server.url(), Box::new(|sql| drop(server.psql("sso", sql)))),
    ];
    let mut passed = true;
    for (name, address, fill) in engines {
        let [median, p99] = runtime.block_on(measure(&address, &fill))?;
        passed &= p99 <= MAX_RATIO;
        writeln!(
            std::io::stdout(),
            "{name}: a visit beside {DASHBOARDS} dashboards takes {median:.2} times as long as alone in the \
             middle, {p99:.2} times at the 99th percentile (at most {MAX_RATIO})"
        )?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Fill<'a> = Box<dyn Fn(&str) + 'a>;

fn fill_file(path: &std::path::Path, sql: &str) {
    let sql = sql.replace("sso.", "sso_");
    rusqlite::Connection::open(path).and_then(|file| file.execute_batch(&sql)).expect("visits");
}

/// The statement that makes the visits of a month.
fn visits(address: &str, project: ProjectId, last: Date) -> String {
    let last = last.to_julian_day();
    let project = project.as_bytes().map(|byte| format!("{byte:02x}")).concat();
    if address.starts_with("sqlite:") {
        return format!(
            "WITH RECURSIVE people (number) AS (
                SELECT 1 UNION ALL SELECT number + 1 FROM people WHERE number < {SUBSCRIBERS}
            ), days (day) AS (
                SELECT {last} - {DAYS} + 1 UNION ALL SELECT day + 1 FROM days WHERE day < {last}
            )
            INSERT INTO sso_visits (project_id, day, subscriber_id, is_first)
            SELECT x'{project}', day, CAST(printf('%016d', number) AS BLOB), 0 FROM people, days; ANALYZE;"
        );
    }
    format!(
        "INSERT INTO sso.visits (project_id, day, subscriber_id, is_first)
        SELECT '{project}', DATE '2000-01-01' + ({last} - 2451545) - day,
            CAST(md5(CAST(person AS text)) AS uuid), FALSE
        FROM generate_series(1, {SUBSCRIBERS}) AS person, generate_series(0, {DAYS} - 1) AS day;
        VACUUM ANALYZE;"
    )
}

/// The median and the 99th percentile beside dashboards, as multiples of those alone.
async fn measure(address: &str, fill: &Fill<'_>) -> Outcome<[f64; 2]> {
    let store = connect(address, MasterKey::from_bytes([7; 32])).await?;
    let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
    store.create_project(Project::new(project)).await?;
    store.create_bot(project, bot).await?;
    let secret = store.regenerate_secret(bot).await?;
    let now = OffsetDateTime::now_utc();
    fill(&visits(address, project, now.date()));
    let authenticator = Authenticator::new(Arc::clone(&store));
    turn(&authenticator, bot, &secret).await?;
    let (mut alone, mut beside) = ([f64::MAX; 2], [f64::MAX; 2]);
    for _ in 0..TURNS {
        keep_best(&mut alone, turn(&authenticator, bot, &secret).await?);
        let mut dashboards = JoinSet::new();
        for _ in 0..DASHBOARDS {
            let (store, last) = (Arc::clone(&store), now.date());
            let first = last - Duration::from_secs(u64::from(DAYS - 1) * 86_400);
            dashboards.spawn(async move {
                loop {
                    match store.activity(project, first, last).await {
                        Ok(days) => assert!(days.iter().any(|day| day.active >= u64::from(SUBSCRIBERS))),
                        Err(error) => assert!(error.is_retryable(), "{error:?}"),
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        keep_best(&mut beside, turn(&authenticator, bot, &secret).await?);
        assert!(dashboards.try_join_next().is_none(), "a dashboard has ended");
        dashboards.shutdown().await;
        // The last one is over when this is answered.
        while store.subscriber_count(project).await.is_err() {}
    }
    Ok([beside[0] / alone[0], beside[1] / alone[1]])
}

fn keep_best(best: &mut [f64; 2], turn: [f64; 2]) {
    for (best, new) in best.iter_mut().zip(turn) {
        *best = best.min(new);
    }
}

/// Visits one after the other: the median of their times, and the 99th percentile.
async fn turn(authenticator: &Authenticator, bot: BotId, secret: &SsoSecret) -> Outcome<[f64; 2]> {
    let mut times = Vec::with_capacity(VISITS);
    for number in 0..VISITS {
        let person = Identity::new(&format!("p{}@example.com", number % PEOPLE))?;
        let token = Signer::new(secret).sign(&person);
        let started = Instant::now();
        let visitor = authenticator.authenticate(bot, token.as_str()).await?;
        times.push(started.elapsed().as_secs_f64());
        assert!(matches!(visitor, Visitor::Identified(_)), "{visitor:?}");
    }
    times.sort_by(f64::total_cmp);
    Ok([times[VISITS / 2], times[VISITS * 99 / 100]])
}
