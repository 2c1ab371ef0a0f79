//! `store …`, and how every other command opens one.

use std::sync::Arc;

use boostgpt_sso::store::{
    MasterKey, PostgresStore, SqliteStore, Store, StoreError, connect, connect_existing,
};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    keys::{MasterKeyArgs, warn_that_unused},
    terminal::{Terminal, note, progress},
};

/// Where the store is. No key opens it, so nothing that is sealed in it can be read.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The store's address: sqlite:FILE, or postgres://USER@HOST/DATABASE. One that holds a password belongs
    /// in the environment
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "BOOSTGPT_SSO_STORE",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    store: String,
}

/// Where the store is, and the key that opens what is sealed in it.
#[derive(Debug, Args)]
pub(crate) struct KeyedStoreArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    master_key: MasterKeyArgs,
}

/// Where the store is, and perhaps a key: with one, PostgreSQL finds a name by its hash, and reads no other
/// row.
#[derive(Debug, Args)]
pub(crate) struct LookupStoreArgs {
    #[command(flatten)]
    keyed: KeyedStoreArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Create the store if it does not exist, and bring its schema up to date
    Migrate(KeyedStoreArgs),
    /// Print the SQL of the schema, for a DBA to read or to run
    Migrations {
        /// Whose SQL
        engine: Engine,
        /// The schema of the tables (PostgreSQL)
        #[arg(long, default_value = "sso")]
        schema: String,
    },
    /// Seal everything anew under the first master key
    ///
    /// It is one step of replacing a master key. No process may meet a secret that is sealed under a key that
    /// it does not have, so the order is: first give every process both keys, the old one in front
    /// ("old,new"), and restart them; then the new one in front ("new,old"), and restart them; then run this
    /// command with "new,old"; then give every process the new key alone.
    Reseal(KeyedStoreArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Engine {
    /// SQLite, to be read: "store migrate" runs it
    Sqlite,
    /// PostgreSQL, which may be run by hand in a new database
    Postgres,
}

/// What `migrate` answers a program.
#[derive(Serialize)]
struct Migrated {
    is_up_to_date: bool,
}

/// What `reseal` answers a program.
#[derive(Serialize)]
struct Resealed {
    sealed_anew: u64,
}

/// What `migrations` answers a program: SQL, to be run in this order.
#[derive(Serialize)]
struct Steps<'a> {
    before: Option<&'a str>,
    migrations: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    version: u32,
    sql: &'a str,
}

impl StoreArgs {
    /// Opens the store as it is: nothing is created or migrated.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, CliError> {
        self.open_with(MasterKey::none()).await
    }

    async fn open_with(&self, master_key: MasterKey) -> Result<Arc<dyn Store>, CliError> {
        Ok(connect_existing(&self.store, master_key).await?)
    }
}

impl KeyedStoreArgs {
    /// Opens the store as it is, with the key.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, CliError> {
        self.store.open_with(self.master_key.master_key()?).await
    }

    /// Opens the store, creates it if it does not exist, and brings its schema up to date.
    async fn migrate(&self) -> Result<(), CliError> {
        connect(&self.store.store, self.master_key.master_key()?).await?;
        Ok(())
    }
}

impl LookupStoreArgs {
    /// Opens the store as it is, with the key if there is one. The key of another store in the environment is
    /// none.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, CliError> {
        let KeyedStoreArgs { store, master_key: args } = &self.keyed;
        let Some(master_key) = args.any_master_key()? else { return store.open().await };
        match store.open_with(master_key).await {
            Err(error @ CliError::Store(StoreError::Sealing(_))) if !args.is_file() => {
                warn_that_unused(&error);
                store.open().await
            }
            opened => opened,
        }
    }
}

impl StoreCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Migrate(store) => block_on(async {
                store.migrate().await?;
                terminal.answer(&Migrated { is_up_to_date: true }, |_| Ok(()))?;
                note("the schema is up to date");
                Ok(Answer::Yes)
            }),
            Self::Migrations { engine, schema } => migrations(engine, &schema, terminal),
            Self::Reseal(args) => block_on(async {
                let store = args.open().await?;
                let sealing = progress("sealing anew");
                let sealed = store.reseal().await;
                drop(sealing);
                let resealed = Resealed { sealed_anew: sealed? };
                terminal.answer(&resealed, |out| {
                    out.line(format_args!("{} sealed anew", resealed.sealed_anew))
                })?;
                note("once every process has the new key in front, the old one can be taken away");
                Ok(Answer::Yes)
            }),
        }
    }
}

fn migrations(engine: Engine, schema: &str, terminal: &mut Terminal) -> Result<Answer, CliError> {
    let (before, migrations) = match engine {
        Engine::Sqlite => (None, SqliteStore::migrations().to_vec()),
        Engine::Postgres => {
            let migrations = PostgresStore::migrations(schema)?;
            (Some(format!("CREATE SCHEMA IF NOT EXISTS {schema};")), migrations)
        }
    };
    let steps = migrations.iter().map(|step| Step { version: step.version, sql: step.sql.trim_end() });
    let steps = Steps { before: before.as_deref(), migrations: steps.collect() };
    terminal.answer(&steps, |out| {
        before.iter().try_for_each(|sql| out.line(sql))?;
        steps.migrations.iter().try_for_each(|step| out.line(step.sql))
    })?;
    Ok(Answer::Yes)
}

/// Runs what waits for a store.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(CliError::Start)?.block_on(work)
}
