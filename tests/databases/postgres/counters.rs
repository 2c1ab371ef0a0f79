//! What visits cost, by the server's own counters and by what goes over the wire.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use boostgpt_sso::{
    Identity, Signer,
    store::{BotSecret, PostgresOptions, PostgresStore, ProvisionRequest, Provisioned, SubscriberStore as _},
    time::{Duration, OffsetDateTime},
};
use servers::Postgres;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    breaking::{create_project_and_bot, current_secret, person, report},
    database::{block_on, master_key},
    support::now,
};

const VISITS: u64 = 100;

/// A server where nothing writes but the store, and tables are only searched by their keys.
fn quiet_server() -> Postgres {
    let server = Postgres::start(&[
        ("shared_preload_libraries", "pg_stat_statements"),
        ("autovacuum", "off"),
        ("wal_level", "minimal"),
        ("max_wal_senders", "0"),
        ("enable_seqscan", "off"),
    ]);
    server.psql("sso", "CREATE EXTENSION pg_stat_statements");
    server
}

async fn visit(store: &PostgresStore, of: &BotSecret, person: &Identity, at: OffsetDateTime) -> Provisioned {
    let token = Signer::new(&of.secret).sign_at(person, at);
    let visitor = of.verifier().verify_at(token.as_str(), at).unwrap();
    store.provision(ProvisionRequest::new(visitor, at)).await.unwrap()
}

/// What the server has counted.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
struct Counted {
    wal_bytes: u64,
    transaction_ids: u64,
    statements: u64,
}

fn counted(server: &Postgres) -> Counted {
    let number = |sql: &str| server.psql("sso", sql).parse().unwrap();
    Counted {
        wal_bytes: number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"),
        transaction_ids: number("SELECT pg_snapshot_xmax(pg_current_snapshot())"),
        statements: number(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '%sso.%' AND query NOT \
             LIKE '%pg\\_%'",
        ),
    }
}

/// What a piece of work adds to that.
fn cost(server: &Postgres, work: impl FnOnce()) -> Counted {
    let before = counted(server);
    work();
    let after = counted(server);
    Counted {
        wal_bytes: after.wal_bytes - before.wal_bytes,
        transaction_ids: after.transaction_ids - before.transaction_ids,
        statements: after.statements - before.statements,
    }
}

#[test]
fn a_returning_visitor_is_one_statement_that_writes_nothing() {
    let server = quiet_server();
    let url = server.url();
    let connect = PostgresStore::connect(&url, PostgresOptions::new(), master_key());
    let store = block_on(connect).unwrap();
    block_on(create_project_and_bot(&store)).unwrap();
    let current = block_on(current_secret(&store));
    // Back ends report what they read when they end. Making an index reads its table.
    drop(store);
    let scans = || {
        let others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boostgpt-sso'";
        while server.psql("sso", others) != "0" {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        server.psql("sso", "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE schemaname = 'sso'")
    };
    let scans_before = scans();
    let connect = PostgresStore::connect(&url, PostgresOptions::new(), master_key());
    let store = block_on(connect).unwrap();
    let (ada, tomorrow) = (person("ada"), now() + Duration::DAY);
    let visit = |person: &Identity, at| block_on(visit(&store, &current, person, at));

    let first = cost(&server, || assert!(visit(&ada, now()).created_subscriber));
    assert_eq!((first.statements, first.transaction_ids), (2, 1), "{first:?}");
    assert!(first.wal_bytes > 0, "the watch does not work");
    // Leaves nothing that the next reader would have to tidy up.
    server.psql("sso", "VACUUM; CHECKPOINT");

    let returning = cost(&server, || {
        for _ in 0..VISITS {
            assert!(!visit(&ada, now()).created_subscriber);
        }
    });
    assert_eq!(returning, Counted { wal_bytes: 0, transaction_ids: 0, statements: VISITS });

    let another_day = cost(&server, || assert!(!visit(&ada, tomorrow).created_subscriber));
    assert_eq!((another_day.statements, another_day.transaction_ids), (2, 1), "{another_day:?}");
    drop(store);
    assert_eq!(scans(), scans_before, "a table was read from end to end");
    report(&format!(
        "PostgreSQL: {VISITS} returning visits: {VISITS} statements, 0 bytes of WAL, 0 transaction ids; a \
         first visit: \
         2 statements, {} bytes of WAL, 1 transaction id; the first of another day: 2 statements, {} bytes, \
         1 id",
        first.wal_bytes, another_day.wal_bytes
    ));
}

/// Passes everything on, and counts how often the client speaks after the server has: that is a round trip.
async fn relay(port: u16, turns: Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own_port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let turns = Arc::clone(&turns);
            tokio::spawn(async move {
                let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
                let mut servers_turn = false;
                loop {
                    tokio::select! {
                        read = client.read(&mut from_client) => {
                            let read = read.unwrap_or(0);
                            if read == 0 { break }
                            turns.fetch_add(u64::from(!servers_turn), SeqCst);
                            servers_turn = true;
                            server.write_all(&from_client[..read]).await.unwrap();
                        }
                        read = server.read(&mut from_server) => {
                            let read = read.unwrap_or(0);
                            if read == 0 { break }
                            servers_turn = false;
                            client.write_all(&from_server[..read]).await.unwrap();
                        }
                    }
                }
            });
        }
    });
    own_port
}

#[test]
fn a_first_visit_is_two_round_trips_and_a_returning_one_is_one() {
    let crate::database::Database::Server(name) = crate::database::Database::on_server() else {
        unreachable!()
    };
    block_on(async {
        let turns = Arc::new(AtomicU64::new(0));
        let port = relay(crate::database::server().port(), Arc::clone(&turns)).await;
        let url = format!("postgres://sso@127.0.0.1:{port}/{name}?sslmode=disable");
        for (prepares, options) in [
            (false, PostgresOptions::new().with_pool_size(1)),
            (true, PostgresOptions::new().with_pool_size(1).with_prepared_statements()),
        ] {
            let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
            create_project_and_bot(&store).await.unwrap();
            let current = current_secret(&store).await;
            // The first use of a statement may prepare it.
            visit(&store, &current, &person(&format!("warm{prepares}")), now()).await;
            let before = turns.load(SeqCst);
            let ada = person(&format!("ada{prepares}"));
            assert!(visit(&store, &current, &ada, now()).await.created_subscriber);
            let after_first = turns.load(SeqCst);
            visit(&store, &current, &ada, now()).await;
            let after_second = turns.load(SeqCst);
            assert_eq!((after_first - before, after_second - after_first), (2, 1), "prepares: {prepares}");
        }
    });
}
