//! Every store in the crate under the conformance suite, and the suite itself: any executor, any contents.
//!
//! A new store gets a module here, with each of the ways it can be opened.

#![cfg(feature = "conformance")]

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread,
};

use boostgpt_sso::store::{MemoryStore, Store, conformance};

/// An executor of ten lines.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

/// Runs the suite twice on the same contents, the second time as a task among others.
async fn conforms(store: Arc<dyn Store>) {
    conformance::run(store.clone()).await;
    let runs = [store.clone(), store].map(|store| tokio::spawn(conformance::run(store)));
    for run in runs {
        run.await.unwrap();
    }
}

mod memory {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms_and_again_beside_itself() {
        conforms(Arc::new(MemoryStore::new())).await;
    }

    #[test]
    fn conforms_under_any_executor() {
        block_on(conformance::run(Arc::new(MemoryStore::new())));
    }

    #[test]
    fn conforms_inside_of_another_arc() {
        let inner: Arc<dyn Store> = Arc::new(MemoryStore::new());
        block_on(conformance::run(Arc::new(inner)));
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use boostgpt_sso::store::{MasterKey, SqliteStore};

    use super::*;

    fn master_key() -> MasterKey {
        MasterKey::from_bytes([7; 32])
    }

    async fn open(path: &str) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(path, master_key()).await.unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn in_memory_conforms_and_again_beside_itself() {
        conforms(open(":memory:").await).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn in_a_file_conforms_and_again_beside_itself() {
        let folder = tempfile::tempdir().unwrap();
        conforms(open(folder.path().join("sso.db").to_str().unwrap()).await).await;
    }

    #[test]
    fn in_a_file_conforms_under_any_executor_and_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sso.db");
        for _ in 0..2 {
            block_on(async { conformance::run(open(path.to_str().unwrap()).await).await });
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_on_one_file_conform_beside_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sso.db");
        let stores = [open(path.to_str().unwrap()).await, open(path.to_str().unwrap()).await];
        for run in stores.map(|store| tokio::spawn(conformance::run(store))) {
            run.await.unwrap();
        }
    }
}

#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod postgres {
    use boostgpt_sso::store::{PostgresOptions, PostgresStore};
    use deadpool_postgres::{Manager, Pool, Runtime};
    use servers::PgBouncer;

    use super::*;
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
        database::block_on(async {
            conforms(open(&proxy.url_of(&name), PostgresOptions::new()).await).await
        });
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
            block_on(conformance::run(store));
        }
    }

    #[test]
    fn two_on_one_database_conform_beside_each_other() {
        let database = Database::on_server();
        database::block_on(async {
            let stores = [database.connect().await.unwrap(), database.connect().await.unwrap()];
            for run in stores.map(|store| tokio::spawn(conformance::run(store))) {
                run.await.unwrap();
            }
        });
    }
}
