//! What a visit costs as the database grows. `scripts/load` fills PostgreSQL and SQLite to one size after the
//! other and sends visitors through the authenticator at each: returning ones, new ones, and the first visits
//! of another day. Every answer is checked. PostgreSQL runs with `fsync` on, and counts for itself; of times
//! only ratios mean anything.

mod databases;
mod visitors;

use std::time::Instant;
use std::{env, sync::Arc};

use boostgpt_sso::store::Store;
use boostgpt_sso::{Authenticator, ProjectId};
use databases::{Engine, OnPostgres, OnSqlite};
use visitors::{Agent, Crowd, mix, new_agents, noon, send};

const CONCURRENCY: usize = 16;

/// Of every measurement; then come those of the engine.
const COLUMNS: [&str; 4] = ["visits/s", "p50 ms", "p99 ms", "service CPU µs"];

/// Visitors of one kind: its name, whether they are new, on which day they come, and whether statements are
/// prepared.
type Kind = (&'static str, bool, i64, bool);
const KINDS: [Kind; 6] = [
    ("returning", false, 0, false),
    ("returning, prepared", false, 0, true),
    ("first visit", true, 0, false),
    ("first visit, prepared", true, 0, true),
    ("first of the 2nd day", false, 1, false),
    ("first of the 3rd day", false, 2, false),
];

const fn crowd((_, is_new, day, _): Kind) -> Crowd {
    Crowd { at_once: CONCURRENCY, is_new, day }
}

async fn measure<E: Engine>(engine: &mut E, kind: Kind, agents: &[Agent], numbers: &[u64]) -> Vec<f64> {
    let store = Arc::new(Authenticator::new(engine.open(CONCURRENCY, kind.3).await));
    // The agents' keys are in the process then, and the pages that all visits read.
    let (warm_up, measured) = numbers.split_at(numbers.len() / 4);
    send(&store, agents, warm_up, crowd(kind)).await;
    engine.start();
    let before = engine.counters();
    let (mut times, elapsed, cpu) = send(&store, agents, measured, crowd(kind)).await;
    let (after, count) = (engine.counters(), f64::from(u32::try_from(times.len()).expect("few")));
    times.sort_unstable();
    let percentile = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e3;
    let values = vec![count / elapsed.as_secs_f64(), percentile(50), percentile(99), cpu / count];
    let counted: Vec<_> = after.iter().zip(&before).map(|it| (it.0 - it.1) / count).collect();
    drop(store);
    [values, counted, engine.closed()].concat()
}

async fn load<E: Engine>(mut engine: E, sizes: &[u64], pool: u64) {
    println!("\n# {}, {CONCURRENCY} at once", E::NAME);
    let agents = new_agents(engine.open(CONCURRENCY, false).await).await;
    let projects: Vec<ProjectId> = agents.iter().map(|agent| agent.0).collect();
    // SQLite always prepares.
    let kinds = KINDS.iter().filter(|kind| E::NAME == "PostgreSQL" || !kind.3).copied();
    let mut lines = Vec::new();
    let mut have = 0;
    for size in sizes {
        // Those who will return. Their names are all over the indexes; in the table they lie together.
        let known: Vec<u64> = (have..have + pool).collect();
        send(
            &Arc::new(Authenticator::new(engine.open(CONCURRENCY, false).await)),
            &agents,
            &known,
            crowd(KINDS[2]),
        )
        .await;
        let (from, started) = (have + pool, Instant::now());
        assert!(from < *size, "too small a step");
        have = *size;
        let description = engine.fill(&projects, from, have);
        println!("\n## {have} subscribers, filled in {} s\n{description}", started.elapsed().as_secs());
        activity(engine.open(CONCURRENCY, false).await, projects[0]).await;
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
