//! What is run on an engine, wherever it is.

use std::{
    error::Error as _,
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
use tokio_postgres::Client;

use crate::{Access, Args};

/// The schema of the conformance suite. The fire uses the store's own default, which the reckoning reads.
const CONFORMANCE: &str = "sso_conformance";
const FIRE: &str = "sso";
pub const SCHEMAS: [&str; 2] = [CONFORMANCE, FIRE];
/// Every table but that of the migrations.
const TABLES: [&str; 9] = [
    "hash_key",
    "projects",
    "bots",
    "accounts",
    "subscribers",
    "names",
    "past_addresses",
    "grants",
    "visits",
];
const CLIENTS: usize = 2;
const HISTORIES: u32 = 24;

/// Runs all of it at an address, and takes away what it made.
pub fn run(args: &Args, url: &str) -> Vec<String> {
    if let Err(error) = enter(args.access, url) {
        return vec![error];
    }
    let mut complaints = conformance(args, url, false);
    if !args.access.is_pooled {
        complaints.extend(conformance(args, url, true));
    }
    complaints.extend(histories(args, url));
    let mut row = Row::of("fire");
    if complaints.is_empty() {
        let door = Door { prepares: !args.access.is_pooled, ..Door::new(url) };
        row = fire(args, "fire", door, url, |_| {});
        complaints.extend(row.complaints.clone());
    }
    table::print(&[row]);
    complaints.extend(leave(args.access, url).err());
    complaints
}

/// Demands that nothing of the store is there, or the empty tables of an operator.
pub fn enter(access: Access, url: &str) -> Result<(), String> {
    process::runtime().block_on(async {
        let client = connect(url).await?;
        let count = async |from: &str| {
            let row = client.query_typed_one(&format!("SELECT count(*) FROM {from}"), &[]).await;
            row.map(|row| row.get::<_, i64>(0)).map_err(|error| format!("{from}: {}", said(&error)))
        };
        if !access.is_existing {
            let schemas = format!("pg_namespace WHERE nspname IN ('{CONFORMANCE}', '{FIRE}')");
            return match count(&schemas).await? {
                0 => Ok(()),
                _ => Err(format!(
                    "the database has a schema {FIRE} or {CONFORMANCE}: use an empty one, or --existing"
                )),
            };
        }
        for table in tables() {
            if count(&table).await? > 0 {
                return Err(format!("{table} is not empty"));
            }
        }
        Ok(())
    })
}

/// Drops what was made, or empties the tables of an operator.
pub fn leave(access: Access, url: &str) -> Result<(), String> {
    let statements: Vec<String> = match access.is_existing {
        true => tables().map(|table| format!("DELETE FROM {table}")).collect(),
        false => SCHEMAS.map(|schema| format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).into(),
    };
    process::runtime().block_on(async {
        let client = connect(url).await?;
        for statement in statements {
            client
                .batch_execute(&statement)
                .await
                .map_err(|error| format!("{statement}: {}", said(&error)))?;
        }
        Ok(())
    })
}

fn tables() -> impl Iterator<Item = String> {
    SCHEMAS.into_iter().flat_map(|schema| TABLES.map(|table| format!("{schema}.{table}")))
}

async fn connect(url: &str) -> Result<Client, String> {
    raw::connect(url).await.map_err(|error| format!("the database does not answer: {}", said(&error)))
}

/// Returns an error's cause too.
fn said(error: &tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// The conformance suite, alone and then (but in a short run) twice at once on the same contents.
pub fn conformance(args: &Args, url: &str, prepares: bool) -> Vec<String> {
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
            if args.is_short {
                return;
            }
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
