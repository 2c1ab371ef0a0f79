//! The databases under test: an SQLite file, and databases of one PostgreSQL server that is started with the
//! first of them.

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use boostgpt_sso::store::{MasterKey, Store, StoreError, connect};
use servers::Postgres;

pub const MASTER_KEY: [u8; 32] = [7; 32];

pub fn master_key() -> MasterKey {
    MasterKey::from_bytes(MASTER_KEY)
}

/// One for all tests: what lives on it outlives a single future.
pub fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    });
    &RUNTIME
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

/// The PostgreSQL server of this process.
pub fn server() -> &'static Postgres {
    static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start(&[]));
    &SERVER
}

/// The isolation levels that a database may have as its default.
pub const ISOLATION: [&str; 3] = ["read committed", "repeatable read", "serializable"];

/// A copy of a database.
pub enum Backup {
    File(PathBuf, #[allow(dead_code, reason = "held for its drop")] tempfile::TempDir),
    Dump(String),
}

/// A database of its own.
pub enum Database {
    /// A file, and the folder that goes away with the test.
    File(PathBuf, #[allow(dead_code, reason = "held for its drop")] Option<tempfile::TempDir>),
    /// The name of a database on [`server`].
    Server(String),
}

impl Database {
    pub fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::File(folder.path().join("sso.db"), Some(folder))
    }

    /// Returns a file that its caller takes care of.
    pub fn at(path: &Path) -> Self {
        Self::File(path.to_owned(), None)
    }

    pub fn on_server() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test{}", COUNT.fetch_add(1, Ordering::SeqCst));
        server().create_database(&name);
        Self::Server(name)
    }

    /// One whose transactions are of this isolation level unless they say otherwise.
    pub fn with_isolation(level: &str) -> Self {
        let database = Self::on_server();
        if let Self::Server(name) = &database {
            let default = format!("ALTER DATABASE {name} SET default_transaction_isolation = '{level}'");
            server().psql("postgres", &default);
        }
        database
    }

    /// One of each kind.
    pub fn each() -> [Self; 2] {
        [Self::file(), Self::on_server()]
    }

    pub fn path(&self) -> PathBuf {
        match self {
            Self::File(path, _) => path.clone(),
            Self::Server(name) => panic!("{name} is no file"),
        }
    }

    /// Where the file is.
    pub fn folder(&self) -> PathBuf {
        self.path().parent().unwrap().to_owned()
    }

    pub fn address(&self) -> String {
        match self {
            Self::File(..) => format!("sqlite:{}", self.path().display()),
            Self::Server(name) => server().url_of(name),
        }
    }

    pub async fn connect(&self) -> Result<Arc<dyn Store>, StoreError> {
        connect(&self.address(), master_key()).await
    }

    /// What a statement answers, past the store. It names the tables as SQLite has them, `sso_bots`; a `+`
    /// before a column keeps SQLite from answering out of an index, and PostgreSQL never does.
    pub fn text(&self, sql: &str) -> String {
        match self {
            Self::File(..) => {
                let connection = rusqlite::Connection::open(self.path()).unwrap();
                let value = connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0));
                match value.unwrap_or_else(|error| panic!("{error}: {sql}")) {
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    other => panic!("{other:?}: {sql}"),
                }
            }
            Self::Server(name) => {
                let sql = sql.replace("sso_", "sso.").replace('+', "");
                let no_index = ["indexscan", "indexonlyscan", "bitmapscan"];
                let no_index = no_index.map(|scan| format!("SET enable_{scan} = off;")).concat();
                server().psql(name, &format!("{no_index}{sql}"))
            }
        }
    }

    /// Runs a statement that answers nothing, past the store.
    pub fn execute(&self, sql: &str) {
        match self {
            Self::File(path, _) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Self::Server(name) => drop(server().psql(name, &sql.replace("sso_", "sso."))),
        }
    }

    /// A copy of what is there.
    pub fn backup(&self) -> Backup {
        match self {
            Self::File(path, _) => {
                let folder = tempfile::tempdir().unwrap();
                let copy = folder.path().join("backup.db");
                let file = rusqlite::Connection::open(path).unwrap();
                file.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
                Backup::File(copy, folder)
            }
            Self::Server(name) => Backup::Dump(server().dump(name)),
        }
    }

    /// Puts a copy in the place of what is there, while processes have it open.
    pub fn restore(&self, backup: &Backup) {
        match (self, backup) {
            (Self::File(path, _), Backup::File(copy, _)) => {
                let from = rusqlite::Connection::open(copy).unwrap();
                let mut to = rusqlite::Connection::open(path).unwrap();
                to.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                let restoring = rusqlite::backup::Backup::new(&from, &mut to).unwrap();
                let pause = Duration::from_millis(1);
                restoring.run_to_completion(i32::MAX, pause, None).unwrap();
            }
            (Self::Server(name), Backup::Dump(dump)) => server().restore(name, dump).unwrap(),
            _ => panic!("the backup is another kind's"),
        }
    }

    /// Bytes, as they are written in a statement.
    pub fn bytes(&self, bytes: &[u8]) -> String {
        match self {
            Self::File(..) => format!("x'{}'", hex::encode(bytes)),
            Self::Server(_) => format!("'\\x{}'", hex::encode(bytes)),
        }
    }

    /// An id, the same way.
    pub fn id(&self, bytes: &[u8; 16]) -> String {
        match self {
            Self::File(..) => self.bytes(bytes),
            Self::Server(_) => format!("'{}'", hex::encode(bytes)),
        }
    }

    /// The bytes of a column in one row.
    pub fn blob(&self, column: &str, of: &str) -> Vec<u8> {
        let hex = match self {
            Self::File(..) => format!("hex({column})"),
            Self::Server(_) => format!("encode({column}, 'hex')"),
        };
        hex::decode(self.text(&format!("SELECT {hex} FROM {of}"))).unwrap()
    }

    /// Waits until no client is connected, and so nothing is still being done for one that is gone.
    pub fn settle(&self) {
        let Self::Server(name) = self else { return };
        let others = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        );
        for _ in 0..500 {
            if self.number(&others) == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("a client stays connected to {name}");
    }

    /// Waits until so many statements of stores wait for another's lock. It asks over a connection of its own
    /// each time: within a transaction the server goes on showing the statements that it showed first.
    pub async fn until_waiting(&self, count: u64) {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'boostgpt-sso' AND wait_event_type = 'Lock'";
        let began = Instant::now();
        while tokio::task::block_in_place(|| self.number(waiting)) != count {
            assert!(began.elapsed() < Duration::from_secs(20), "there are not {count} statements that wait");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn number(&self, sql: &str) -> u64 {
        self.text(sql).parse().unwrap_or_else(|error| panic!("{error}: {sql}"))
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(..) => "SQLite",
            Self::Server(_) => "PostgreSQL",
        })
    }
}
