//! Every store in the crate under the conformance suite, and the suite itself: any executor, any contents.
//!
//! A new store gets a module here, with each of the ways it can be opened.

use std::sync::Arc;

use boostgpt_sso::store::{MemoryStore, Store, conformance};

use crate::conforming::{block_on, conforms};

mod memory {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms_and_again_beside_itself() {
        conforms(Arc::new(MemoryStore::new())).await;
    }

    #[test]
    fn conforms_under_any_executor() {
        block_on(conformance::store(Arc::new(MemoryStore::new())));
    }

    #[test]
    fn conforms_on_threads() {
        conformance::threads(&MemoryStore::new(), &|visit| block_on(visit));
    }

    #[test]
    fn conforms_inside_of_another_arc() {
        let inner: Arc<dyn Store> = Arc::new(MemoryStore::new());
        block_on(conformance::store(Arc::new(inner)));
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
        let folder = temp_dir::TempDir::new().unwrap();
        conforms(open(folder.path().join("sso.db").to_str().unwrap()).await).await;
    }

    #[test]
    fn in_a_file_conforms_under_any_executor_and_after_reopening() {
        let folder = temp_dir::TempDir::new().unwrap();
        let path = folder.path().join("sso.db");
        for _ in 0..2 {
            block_on(async { conformance::store(open(path.to_str().unwrap()).await).await });
        }
    }

    #[test]
    fn in_a_file_conforms_on_threads() {
        let folder = temp_dir::TempDir::new().unwrap();
        let store = block_on(open(folder.path().join("sso.db").to_str().unwrap()));
        conformance::threads(&store, &|visit| block_on(visit));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_on_one_file_conform_beside_each_other() {
        let folder = temp_dir::TempDir::new().unwrap();
        let path = folder.path().join("sso.db");
        let stores = [open(path.to_str().unwrap()).await, open(path.to_str().unwrap()).await];
        for run in stores.map(|store| tokio::spawn(conformance::store(store))) {
            run.await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn in_a_file_is_sealed_and_again() {
        let folder = temp_dir::TempDir::new().unwrap();
        let path = folder.path().join("sso.db");
        for _ in 0..2 {
            conformance::sealed_store(&|key| {
                let path = path.clone();
                Box::pin(async move { Ok(Arc::new(SqliteStore::open(path, key).await?) as Arc<dyn Store>) })
            })
            .await;
        }
    }
}
