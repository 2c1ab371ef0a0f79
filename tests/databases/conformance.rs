//! PostgreSQL under the conformance suite, in each of the ways it can be opened.

use std::sync::Arc;

use boostgpt_sso::store::{PostgresOptions, PostgresStore, conformance, connect};
use deadpool_postgres::{Manager, Pool, Runtime};
use servers::PgBouncer;

use crate::conforming::{block_on, conforms};
use crate::database::{self, Database, ISOLATION, master_key, server};

async fn open(url: &str, options: PostgresOptions) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::connect(url, options, master_key()).await.unwrap())
}

#[test]
fn conforms_and_again_beside_itself_at_every_isolation_level() {
    for level in ISOLATION {
        let database = Database::with_isolation(level);
        database::block_on(async { conforms(database.connect().await.unwrap()).await });
        let Database::Server(name) = &database else { unreachable!() };
        database.settle(); // back ends report when they end
        let refused = format!("SELECT xact_rollback FROM pg_stat_database WHERE datname = '{name}'");
        let refused = database.number(&refused);
        assert!(
            refused > 0 || level == "read committed",
            "{level}: nothing was ever refused and tried again"
        );
    }
}

#[test]
fn conforms_with_prepared_statements_and_a_schema_of_another_name() {
    let database = Database::on_server();
    let options = PostgresOptions::new().with_prepared_statements().with_schema("widget_sso");
    database::block_on(async { conforms(open(&database.address(), options).await).await });
    assert_eq!(database.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'sso'"), 0);
}

/// What several statements on one connection would show: another client's may be between them.
#[test]
fn conforms_through_a_transaction_pooling_proxy() {
    let Database::Server(name) = Database::on_server() else { unreachable!() };
    let proxy = PgBouncer::start(server());
    database::block_on(async { conforms(open(&proxy.url_of(&name), PostgresOptions::new()).await).await });
}

#[test]
fn conforms_in_a_pool_of_ones_own() {
    let database = Database::on_server();
    database::block_on(async {
        let config = database.address().parse().unwrap();
        let manager = Manager::new(config, tokio_postgres::NoTls);
        let pool = Pool::builder(manager).max_size(3).runtime(Runtime::Tokio1).build().unwrap();
        let store = PostgresStore::with_pool(pool, PostgresOptions::new(), master_key()).await.unwrap();
        conforms(Arc::new(store)).await;
    });
}

#[test]
fn conforms_under_any_executor_and_after_reopening() {
    let database = Database::on_server();
    for _ in 0..2 {
        let store = database::block_on(database.connect()).unwrap();
        block_on(conformance::store(store));
    }
}

/// Under the tests' executor and within tokio.
#[test]
fn conforms_on_threads() {
    let database = Database::on_server();
    let store = database::block_on(database.connect()).unwrap();
    conformance::threads(&store, &|visit| block_on(visit));
    conformance::threads(&store, &|visit| database::block_on(visit));
}

#[test]
fn two_on_one_database_conform_beside_each_other() {
    let database = Database::on_server();
    database::block_on(async {
        let stores = [database.connect().await.unwrap(), database.connect().await.unwrap()];
        for run in stores.map(|store| tokio::spawn(conformance::store(store))) {
            run.await.unwrap();
        }
    });
}

#[test]
fn secrets_are_sealed_and_their_keys_rotated() {
    for database in Database::each() {
        database::block_on(async {
            for _ in 0..2 {
                conformance::sealed_store(&|key| {
                    let address = database.address();
                    Box::pin(async move { connect(&address, key).await })
                })
                .await;
            }
        });
    }
}
