//! What is run on an engine, wherever it is.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use boostgpt_sso::store::{MasterKey, PostgresOptions, PostgresStore, Store, conformance};
use fire::{
    crowd::{Crowd, Door},
    drill::Drill,
    process, raw,
    reckoning::Books,
    recorder::{MASTER_KEY, bound},
    rng::Rng,
    table::{self, Row},
};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::Args;

/// The schema of the conformance suite. The fire uses the store's own default, which the reckoning reads.
const CONFORMANCE: &str = "sso_conformance";
const FIRE: &str = "sso";
const CLIENTS: usize = 2;
const HISTORIES: u32 = 24;

/// Runs all of it at an address, and drops what it made.
pub fn run(args: &Args, url: &str) -> Vec<String> {
    let runtime = process::runtime();
    let existing = runtime.block_on(schemas(url));
    match existing {
        Ok(0) => {}
        Ok(_) => return vec![format!("the database has a schema {FIRE} or {CONFORMANCE}: use an empty one")],
        Err(error) => return vec![format!("the database does not answer: {error}")],
    }
    let mut complaints = conformance(url, false);
    complaints.extend(conformance(url, true));
    complaints.extend(histories(args, url));
    let mut row = Row::of("fire");
    if complaints.is_empty() {
        row = fire(args, "fire", Door::new(url), url, |_| {});
        complaints.extend(row.complaints.clone());
    }
    table::print(&[row]);
    for schema in [CONFORMANCE, FIRE] {
        let dropped = runtime.block_on(execute(url, &format!("DROP SCHEMA IF EXISTS {schema} CASCADE")));
        complaints.extend(dropped.err().map(|error| format!("{schema} cannot be dropped: {error}")));
    }
    complaints
}

async fn schemas(url: &str) -> Result<i64, String> {
    let count = format!("SELECT count(*) FROM pg_namespace WHERE nspname IN ('{CONFORMANCE}', '{FIRE}')");
    let client = raw::connect(url).await.map_err(|error| format!("{error:?}"))?;
    client.query_one(&count, &[]).await.map(|row| row.get(0)).map_err(|error| error.to_string())
}

async fn execute(url: &str, sql: &str) -> Result<(), String> {
    let client = raw::connect(url).await.map_err(|error| format!("{error:?}"))?;
    client.batch_execute(sql).await.map_err(|error| error.to_string())
}

/// The conformance suite, alone and then twice at once on the same contents.
pub fn conformance(url: &str, prepares: bool) -> Vec<String> {
    let (runtime, begun) = (process::runtime(), Instant::now());
    let options = PostgresOptions::new().with_schema(CONFORMANCE);
    let options = if prepares { options.with_prepared_statements() } else { options };
    let opened = runtime.block_on(PostgresStore::connect(url, options, MasterKey::from_bytes(MASTER_KEY)));
    let store = match opened {
        Ok(store) => Arc::new(store) as Arc<dyn Store>,
        Err(error) => return vec![format!("conformance: the store cannot be opened: {error}: {error:?}")],
    };
    // The suite panics at the first promise that is broken, and says which.
    let suite = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            conformance::store(Arc::clone(&store)).await;
            let both = [(); 2].map(|()| tokio::spawn(conformance::store(Arc::clone(&store))));
            for run in both {
                run.await.expect("the suite, beside itself");
            }
        });
    }));
    let how = if prepares { "prepared statements" } else { "unnamed statements" };
    println!("engines: conformance with {how}: {:.1?}", begun.elapsed());
    suite.err().map(|_| format!("the conformance suite fails with {how}: see above")).into_iter().collect()
}

/// Random histories, which the store and the memory store must answer alike. The seed determines them.
pub fn histories(args: &Args, url: &str) -> Vec<String> {
    let (runtime, begun) = (process::runtime(), Instant::now());
    let options = PostgresOptions::new().with_schema(CONFORMANCE);
    let opened = runtime.block_on(PostgresStore::connect(url, options, MasterKey::from_bytes(MASTER_KEY)));
    let store: Arc<dyn Store> = match opened {
        Ok(store) => Arc::new(store),
        Err(error) => return vec![format!("histories: the store cannot be opened: {error}: {error:?}")],
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&args.seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    let numbers = AtomicU32::new(0);
    let played = TestRunner::new_with_rng(config, random).run(&histories::histories(), |steps| {
        let whose = format!("h{}.", numbers.fetch_add(1, SeqCst));
        runtime.block_on(histories::play(steps, [Arc::clone(&store)], &whose));
        Ok(())
    });
    println!("engines: {HISTORIES} histories: {:.1?}", begun.elapsed());
    played.err().map(|error| format!("a history is answered otherwise: {error}")).into_iter().collect()
}

/// Clients that visit, replay and erase, and are killed; then the reckoning. `breaks` breaks more, in
/// between.
pub fn fire(args: &Args, name: &str, door: Door, own: &str, breaks: impl FnOnce(&mut Rng)) -> Row {
    let (runtime, begun) = (process::runtime(), Instant::now());
    let folder = tempfile::tempdir().expect("a folder");
    let drill = Drill {
        runtime: &runtime,
        folder: folder.path(),
        doors: vec![door],
        clients: CLIENTS,
        own,
        books: &Books::Server(own.to_owned()),
        rng: &|what| Rng::new(&[args.seed, what]),
        bound: bound(own) * 2,
    };
    let (_, mut row) = drill.run(Row::of(name), |crowd: &mut Crowd, _, _, rng| {
        let half = Duration::from_millis(args.seconds * 500);
        thread::sleep(half);
        crowd.progress += 12;
        crowd.kill_one();
        breaks(rng);
        thread::sleep(half);
    });
    row.require("kills", row.kills, 1);
    println!("engines: {name}: {} calls in {:.1?}", row.calls, begun.elapsed());
    row
}
