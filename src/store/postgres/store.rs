//! The store itself: opening it.

use std::{fmt, sync::Arc};

use deadpool_postgres::Pool;

use super::{
    calls::{CallKind, Connections},
    connection::Connection,
    error::AttemptError,
    options::PostgresOptions,
    runtime::StoreRuntime,
    schema,
};
use crate::store::{
    contract::BoxFuture,
    error::StoreError,
    model::Migration,
    name_hash::NameKey,
    sealing::{MasterKey, SealingError},
};

/// A [`Store`](crate::store::Store) in a PostgreSQL database of encoding UTF-8, version 12 or later. Clones
/// share their connections.
///
/// Any number of processes on any number of machines may use one database. It is opened within a Tokio
/// runtime with I/O and time enabled, on which its connections live; from then on its futures work under
/// every executor. Opened in a runtime of the current thread, which may not run for a while, it starts a
/// thread of its own.
///
/// A call is answered within the acquire and the statement time-out of its [`PostgresOptions`]. (Opening a
/// store that has to be migrated, and [`reseal`](crate::store::Store::reseal), have the migration time-out.)
/// While the database is slow, restarting, failing over or gone, the answer is an error that
/// [may be repeated](StoreError::is_retryable); when it is back, the next call finds it. Before that,
/// conflicts with concurrent calls (`40001`, `40P01`), lost connections, standbys and servers that are
/// starting, stopping or short of connections are tried again until shortly before that time is over.
///
/// ```no_run
/// use boostgpt_sso::{Authenticator, store::{MasterKey, PostgresOptions, PostgresStore}};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let url = std::env::var("DATABASE_URL")?;
/// let options = PostgresOptions::new().with_prepared_statements(); // there is no proxy in between
/// let store = PostgresStore::connect(&url, options, MasterKey::from_env()?).await?;
/// let authenticator = Authenticator::new(store);
/// # let _ = authenticator;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore(pub(super) Arc<PostgresInner>);

pub(super) struct PostgresInner {
    pub(super) connections: Arc<Connections>,
    pub(super) master_key: MasterKey,
    /// None without a master key.
    name_key: Option<NameKey>,
}

impl PostgresStore {
    /// Connects to `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, and brings the schema up to date. Several
    /// hosts, after each other and separated by commas, are a primary and its standbys: connections follow
    /// the primary.
    ///
    /// Parameters of the URL, besides those that tokio-postgres knows: `schema`, as in
    /// [`PostgresOptions::with_schema`]; `prepared_statements` (`true` or `false`), as in
    /// [`PostgresOptions::with_prepared_statements`]; `sslrootcert`, a PEM file of certificate authorities,
    /// or `system` for the platform's; and `sslmode`:
    ///
    /// | `sslmode` | TLS |
    /// |---|---|
    /// | `disable`, or a Unix socket | never |
    /// | `prefer` (unless said otherwise), `allow` | if the server offers it |
    /// | `require`, `verify-ca`, `verify-full` | always |
    ///
    /// Whenever TLS is spoken, the server's certificate and name are verified: stricter than libpq below
    /// `verify-full`. Over a network, say `verify-full`.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] if the URL, the options or the file cannot be used, or there is no Tokio
    /// runtime; [`StoreError::Sealing`] with the wrong master key; [`StoreError::NewerSchema`], or without
    /// migrating [`StoreError::OutdatedSchema`]; [`StoreError::ReadOnly`] if the role may not do what it
    /// must; [`StoreError::Unavailable`] or [`StoreError::Failed`] as the server is.
    pub async fn connect(
        url: &str,
        options: PostgresOptions,
        master_key: MasterKey,
    ) -> Result<Self, StoreError> {
        let runtime = StoreRuntime::find()?;
        let (options, hosts) = options.read_url(url)?;
        options.check()?;
        let pool = options.pool(hosts)?;
        Self::open(Connections::new(pool, options, runtime), master_key).await
    }

    /// Uses a pool that the service has already, and brings the schema up to date. Of the options, size,
    /// connect time-out and certificate authorities are then the pool's own.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn with_pool(
        pool: Pool,
        options: PostgresOptions,
        master_key: MasterKey,
    ) -> Result<Self, StoreError> {
        let runtime = StoreRuntime::find()?;
        let options = options.with_pool_size(pool.status().max_size);
        options.check()?;
        Self::open(Connections::new(pool, options, runtime), master_key).await
    }

    async fn open(connections: Connections, master_key: MasterKey) -> Result<Self, StoreError> {
        schema::check_schema_name(&connections.options.schema)?;
        let connections = Arc::new(connections);
        let name_key = schema::open(&connections, &master_key).await?;
        Ok(Self(Arc::new(PostgresInner { connections, master_key, name_key })))
    }

    /// Returns the migrations of a schema, in order: what opening the store applies, for a DBA to read, or to
    /// run if the service may not create tables itself.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] if the schema's name is none.
    pub fn migrations(schema: &str) -> Result<Vec<Migration>, StoreError> {
        schema::check_schema_name(schema)?;
        Ok(schema::migrations(schema))
    }
}

impl PostgresInner {
    /// The key of the hashes of names, which only a master key opens.
    pub(super) fn name_key(&self) -> Result<&NameKey, StoreError> {
        Ok(self.name_key.as_ref().ok_or(SealingError::NoMasterKey)?)
    }

    /// Makes attempts at a call, each with a connection of its own.
    pub(super) fn run<T, E, F>(
        self: &Arc<Self>,
        kind: CallKind,
        attempt: impl Fn(Arc<Self>, Connection) -> F + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, AttemptError<E>>> + Send + 'static,
    {
        let this = Arc::clone(self);
        self.connections.run(kind, move |connection| attempt(Arc::clone(&this), connection))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.0.connections.options;
        f.debug_struct("PostgresStore")
            .field("schema", &options.schema)
            .field("master_key", &self.0.master_key)
            .finish_non_exhaustive()
    }
}
