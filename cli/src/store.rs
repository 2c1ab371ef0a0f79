//! `store …`, and how every other command opens one.

use std::{path::Path, sync::Arc};

use boostgpt_sso::store::{MasterKey, Migration, PostgresStore, SqliteStore, Store, connect};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    answer::Answer,
    failure::Failure,
    keys::MasterKeyArgs,
    terminal::{Terminal, note},
};

#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The store's address: sqlite:FILE, or postgres://USER@HOST/DATABASE. One that holds a password belongs in the
    /// environment
    #[arg(long, value_name = "ADDRESS", env = "BOOSTGPT_SSO_STORE", hide_env_values = true)]
    store: String,
    #[command(flatten)]
    master_key: MasterKeyArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the store where it does not exist, and bring its schema up to date
    Migrate(StoreArgs),
    /// Print the SQL of the schema, for a DBA to read or to run
    Migrations {
        /// Whose SQL
        engine: Engine,
        /// The schema in which the tables stand (PostgreSQL)
        #[arg(long, default_value = "sso")]
        schema: String,
    },
    /// Seal everything under the first master key, after a new one was put in front
    Reseal(StoreArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Engine {
    /// SQLite, to be read: "store migrate" runs it
    Sqlite,
    /// PostgreSQL, which may be run by hand in a new database
    Postgres,
}

impl StoreArgs {
    /// Opens the store. A file that is not there is a mistyped address, not a new store.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        let file = self.store.strip_prefix("sqlite:").filter(|path| *path != ":memory:");
        if file.is_some_and(|path| !Path::new(path).exists()) {
            return Err(Failure::NoFile);
        }
        self.open_or_create(self.master_key.master_key()?).await
    }

    async fn open_or_create(&self, master_key: MasterKey) -> Result<Arc<dyn Store>, Failure> {
        Ok(connect(&self.store, master_key).await?)
    }
}

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        match self {
            Self::Migrate(store) => block_on(async {
                store.open_or_create(store.master_key.master_key()?).await?;
                note("the schema is up to date");
                Ok(Answer::Yes)
            }),
            Self::Migrations { engine, schema } => migrations(engine, &schema, terminal),
            Self::Reseal(args) => block_on(async {
                let store = args.open().await?;
                let count = terminal.progress("sealing anew").during(store.reseal()).await?;
                terminal.line(format_args!("{count} sealed anew"))?;
                Ok(Answer::Yes)
            }),
        }
    }
}

fn migrations(engine: Engine, schema: &str, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let of_postgres;
    let migrations: &[Migration] = match engine {
        Engine::Sqlite => SqliteStore::migrations(),
        Engine::Postgres => {
            of_postgres = PostgresStore::migrations(schema)?;
            terminal.line(format_args!("CREATE SCHEMA IF NOT EXISTS {schema};"))?;
            &of_postgres
        }
    };
    for migration in migrations {
        terminal.line(migration.sql.trim_end())?;
    }
    Ok(Answer::Yes)
}

/// Runs what waits for a store.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::Start)?.block_on(work)
}
