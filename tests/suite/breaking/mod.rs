//! What tries to break the SQLite store: a crowd of processes, kills, dropped futures, bad disks, bad files, bad keys and
//! hostile values. Each file has one way to break it; `check` looks for the damage.

mod check;
mod child;
mod crowd;
mod disk;
mod drops;
mod files;
mod hostile;
mod keys;
mod kills;
mod returning;
mod wounds;

use std::{
    future::Future,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use boostgpt_sso::{
    Authenticator, Identity, ProjectId, Session, Signer, Visitor,
    store::{
        BotSecret, MasterKey, Project, ProvisionRequest, Provisioned, SecretStore, SqliteStore, StoreError,
        SubscriberStore,
    },
};

use crate::support::{bot, now};

const MASTER_KEY: [u8; 32] = [7; 32];
const CREDITS: u32 = 100;

/// One project, everywhere.
fn project() -> ProjectId {
    ProjectId::from_bytes([0x50; 16])
}

/// A file in a folder that goes away with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("sso.db")
    }
}

fn master_key() -> MasterKey {
    MasterKey::from_bytes(MASTER_KEY)
}

async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, master_key()).await
}

/// Repeats what may be repeated, and says how often.
async fn again<T, F: Future<Output = Result<T, StoreError>>>(mut call: impl FnMut() -> F) -> (T, u64) {
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
async fn furnished(path: &Path) -> SqliteStore {
    let store = open(path).await.unwrap();
    furnish(&store).await.unwrap();
    store
}

async fn furnish(store: &(impl SecretStore + SubscriberStore)) -> Result<(), StoreError> {
    store.create_project(Project { id: project(), free_tier: Some(CREDITS) }).await?;
    store.create_bot(project(), bot()).await?;
    store.regenerate_secret(bot()).await.map(drop)
}

/// Drops the store and waits until its threads have closed the file and the log is merged into it.
fn close(store: SqliteStore, path: &Path) {
    drop(store);
    let log = path.with_extension("db-wal");
    for _ in 0..500 {
        std::thread::sleep(Duration::from_millis(5));
        if !log.exists() {
            return;
        }
        // Where two connections close at the same time, neither is the last one that merges: this one then is.
        let last = rusqlite::Connection::open(path).unwrap();
        check::number(&last, "SELECT count(*) FROM sqlite_master");
    }
    panic!("somebody keeps the file open");
}

async fn current_secret(store: &SqliteStore) -> BotSecret {
    store.current_secret(bot()).await.unwrap().expect("a secret")
}

/// Somebody with an external id and an address of their own.
fn person(label: &str) -> Identity {
    let identity = Identity::new(&format!("{label}@example.com")).unwrap();
    identity.with_name("Somebody").unwrap().with_external_id(label).unwrap()
}

/// One provisioning, as a service does it that verifies by itself.
async fn provision(store: &SqliteStore, identity: &Identity) -> Result<Provisioned, StoreError> {
    use boostgpt_sso::{Verifier, store::ProvisionError};
    let current = current_secret(store).await;
    let token = Signer::new(&current.secret).sign_at(identity, now());
    let visitor = Verifier::new(&current.secret).verify_at(token.as_str(), now()).unwrap();
    let request = ProvisionRequest::new(bot(), current.version, &visitor, now());
    store.provision(&request).await.map_err(|error| match error {
        ProvisionError::Store(error) => error,
        error => panic!("{error}"),
    })
}

/// A whole visit under the current secret.
async fn visit(store: &SqliteStore, identity: &Identity) -> Result<Session, StoreError> {
    let secret = store.current_secret(bot()).await?.expect("a secret").secret;
    let token = Signer::new(&secret).sign_at(identity, now());
    match Authenticator::new(store.clone()).authenticate_at(bot(), token.as_str(), now()).await? {
        Visitor::Identified(session) => Ok(session),
        Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Shows the counts of a test even where it passes: the harness keeps back only what the print macros write.
fn report(counts: &str) {
    let _ = std::io::stderr().write_all(format!("breaking: {counts}\n").as_bytes());
}

/// Numbers that differ from task to task and are the same in every run.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}
