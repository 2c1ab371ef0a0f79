//! What tries to break the stores: a crowd of processes, kills, dropped futures, bad disks, bad files, bad
//! keys and hostile values. Each file has one way to break them; `check` looks for the damage. What concerns
//! files is SQLite's alone; what breaks PostgreSQL alone is in `postgres/`.

mod check;
pub mod child;
mod crowd;
mod damage;
mod disk;
mod drops;
mod files;
mod hostile;
mod keys;
mod kills;
mod restore;
mod returning;

use std::{future::Future, io::Write as _, path::Path, sync::Arc, time::Duration};

use boostgpt_sso::{
    Authenticator, Identity, ProjectId, Session, Signer, Visitor,
    store::{BotSecret, MasterKey, Project, ProvisionRequest, Provisioned, SqliteStore, Store, StoreError},
};

pub use crate::database::{Database, MASTER_KEY, block_on, master_key, runtime};
use crate::support::{bot, now};

pub const CREDITS: u32 = 100;

/// One project, everywhere.
pub fn project() -> ProjectId {
    ProjectId::from_bytes([0x50; 16])
}

async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, master_key()).await
}

/// Repeats what may be repeated, and says how often.
pub async fn again<T, F: Future<Output = Result<T, StoreError>>>(mut call: impl FnMut() -> F) -> (T, u64) {
    for retried in 0..100 {
        match call().await {
            Ok(value) => return (value, retried),
            Err(error) => assert!(error.is_retryable(), "{error}: {error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("unavailable a hundred times");
}

/// An open store with the project, its bot and a first secret.
async fn store_with_bot(path: &Path) -> SqliteStore {
    let store = open(path).await.unwrap();
    create_project_and_bot(&store).await.unwrap();
    store
}

/// The same on a database of any kind.
pub async fn furnished_on(database: &Database) -> Arc<dyn Store> {
    let store = database.connect().await.unwrap();
    create_project_and_bot(&store).await.unwrap();
    store
}

/// Drops the store and waits until it has let go of its database.
fn close_on(store: Arc<dyn Store>, database: &Database) {
    match database {
        Database::File(..) => close(store, &database.path()),
        Database::Server(_) => drop(store),
    }
}

pub async fn create_project_and_bot(store: &impl Store) -> Result<(), StoreError> {
    store.create_project(Project::new(project()).with_free_tier(CREDITS)).await?;
    store.create_bot(project(), bot()).await?;
    store.regenerate_secret(bot()).await.map(drop)
}

/// Drops the store and waits until its threads have closed the file and the log is merged into it.
fn close(store: impl Store, path: &Path) {
    drop(store);
    let log = path.with_extension("db-wal");
    for _ in 0..500 {
        std::thread::sleep(Duration::from_millis(5));
        if !log.exists() {
            return;
        }
        // Where two connections close at the same time, neither is the last one that merges: this one then
        // is.
        let last = rusqlite::Connection::open(path).unwrap();
        last.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).unwrap();
    }
    panic!("a process keeps the file open");
}

pub async fn current_secret(store: &impl Store) -> BotSecret {
    again(|| store.current_secret(bot())).await.0.into_secret().expect("a secret")
}

/// Returns a person with an external id and an address of their own.
pub fn person(label: &str) -> Identity {
    let identity = Identity::new(&format!("{label}@example.com")).unwrap();
    identity.with_name("Somebody").unwrap().with_external_id(label).unwrap()
}

/// One provisioning, as a service does it that verifies by itself.
pub async fn provision(store: &impl Store, identity: &Identity) -> Result<Provisioned, StoreError> {
    use boostgpt_sso::store::ProvisionError;
    let current = current_secret(store).await;
    let token = Signer::new(&current.secret).sign_at(identity, now());
    let visitor = current.verifier().verify_at(token.as_str(), now()).unwrap();
    store.provision(ProvisionRequest::new(visitor, now())).await.map_err(|error| match error {
        ProvisionError::Store(error) => error,
        error => panic!("{error}"),
    })
}

/// A whole visit under the current secret.
pub async fn visit(
    store: &(impl Store + Clone + 'static),
    identity: &Identity,
) -> Result<Session, StoreError> {
    let secret = store.current_secret(bot()).await?.into_secret().expect("a secret").secret;
    let token = Signer::new(&secret).sign_at(identity, now());
    match Authenticator::new(store.clone()).authenticate_at(bot(), token.as_str(), now()).await? {
        Visitor::Identified(session) => Ok(session),
        Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
    }
}

/// Shows the counts of a test even where it passes: the harness keeps back only what the print macros write.
pub fn report(counts: &str) {
    let _ = std::io::stderr().write_all(format!("breaking: {counts}\n").as_bytes());
}

/// Numbers that differ from task to task and are the same in every run.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}
