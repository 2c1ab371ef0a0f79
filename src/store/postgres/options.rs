//! Where the database is, and how long it is waited for.

use std::{path::PathBuf, sync::Arc, time::Duration};

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{dial::Dial, error::Failure};
use crate::store::error::{Cause, StoreError};

/// The idle time before a keep-alive that tokio-postgres has if the address gives none.
const UNSET_IDLE: Duration = Duration::from_secs(2 * 60 * 60);

/// How a [`PostgresStore`](crate::store::PostgresStore) uses its database. The defaults suit a service beside
/// its database.
///
/// ```
/// use std::time::Duration;
///
/// use boostgpt_sso::store::PostgresOptions;
///
/// let options = PostgresOptions::new()
///     .with_schema("boostgpt")
///     .with_pool_size(32)
///     .with_acquire_timeout(Duration::from_secs(1));
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PostgresOptions {
    pub(super) schema: String,
    pool_size: usize,
    connect_timeout: Duration,
    pub(super) acquire_timeout: Duration,
    pub(super) statement_timeout: Duration,
    pub(super) migration_timeout: Duration,
    pub(super) reports_at_once: usize,
    pub(super) migrates: bool,
    pub(super) prepares: bool,
    pub(super) ca: Option<PathBuf>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl PostgresOptions {
    /// Makes the default options: schema `sso`; 16 connections, of which reports take one; 3 s to open one,
    /// 3 s to wait for one, 5 s for a statement, 10 minutes for migrations; the platform's certificate
    /// authorities; statements that are not prepared.
    pub fn new() -> Self {
        Self {
            schema: "sso".to_owned(),
            pool_size: 16,
            connect_timeout: Duration::from_secs(3),
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
            migration_timeout: Duration::from_secs(600),
            reports_at_once: 1,
            migrates: true,
            prepares: false,
            ca: None,
        }
    }

    /// Sets the schema of the tables: lower-case letters, digits and `_`, at most 63, no digit first. It is
    /// created if it does not exist. Several stores may share a database by schemas of their own.
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Sets how many connections are opened at most.
    pub const fn with_pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections;
        self
    }

    /// Sets how long opening a connection may take, TLS and login included. Several hosts share it.
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long a call waits for a connection, opening one included.
    pub const fn with_acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// Sets how long a statement may take. A call is answered within the acquire time-out and this one,
    /// whatever it repeats. The server is told the same limit (`statement_timeout`), if it is not behind a
    /// proxy that forbids that; the connection of a statement that is late has as long again before it is
    /// closed.
    pub const fn with_statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// Sets how long migrating may take, and each of its statements: opening a store after an update may have
    /// to copy tables.
    pub const fn with_migration_timeout(mut self, timeout: Duration) -> Self {
        self.migration_timeout = timeout;
        self
    }

    /// Sets how many reports run at once, each on one of the connections; the others wait. Reports are
    /// counts, lists, and the search in all projects. It must be fewer than there are connections, so that
    /// visits always find one. (If there is only one connection, it serves both.)
    pub const fn with_reports_at_once(mut self, reports: usize) -> Self {
        self.reports_at_once = reports;
        self
    }

    /// Opens a store only if its schema is of the version that this crate needs. Otherwise the error is
    /// [`StoreError::OutdatedSchema`] and nothing was changed: for commands that only read.
    pub const fn without_migrating(mut self) -> Self {
        self.migrates = false;
        self
    }

    /// Prepares each statement once per connection, which spares the server most of its work (see
    /// `docs/scale.md`): **wherever the store talks to PostgreSQL itself**. Not through a proxy that shares
    /// server connections between clients (PgBouncer in transaction mode before 1.21, and from then on only
    /// with `max_prepared_statements`): a statement there may be another client's. The parameter
    /// `prepared_statements=true` of the URL does the same.
    pub const fn with_prepared_statements(mut self) -> Self {
        self.prepares = true;
        self
    }

    /// Sets the certificate authorities that may vouch for the server, as a PEM file, instead of the
    /// platform's. The parameter `sslrootcert` of the URL does the same.
    pub fn with_ca(mut self, pem_file: impl Into<PathBuf>) -> Self {
        self.ca = Some(pem_file.into());
        self
    }

    /// That there is a connection to wait for, and time to wait.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let timeouts =
            [self.connect_timeout, self.acquire_timeout, self.statement_timeout, self.migration_timeout];
        if self.reports_at_once == 0 {
            return Err(malformed("at least one report must be allowed at once"));
        }
        if self.pool_size > 1 && self.reports_at_once >= self.pool_size {
            return Err(malformed("the reports at once must be fewer than the connections of the pool"));
        }
        if self.pool_size == 0 || timeouts.iter().any(|timeout| timeout.as_millis() == 0) {
            return Err(malformed("the pool's size and the time-outs must be above zero"));
        }
        Ok(())
    }

    /// How long after its beginning a call makes attempts. The last one has some of the time for itself.
    pub(super) fn last_start(&self) -> Duration {
        let whole = self.acquire_timeout.saturating_add(self.statement_timeout);
        whole.saturating_sub(Duration::from_secs(1).min(whole.checked_div(4).unwrap_or_default()))
    }

    /// A pool of connections to there.
    pub(super) fn pool(&self, mut configs: Vec<Config>) -> Result<Pool, StoreError> {
        let count = u32::try_from(configs.len()).unwrap_or(u32::MAX).max(1);
        for config in &mut configs {
            self.complete(config, count);
        }
        let config = configs.first().cloned().unwrap_or_default();
        let tls = self.tls(config.get_ssl_mode())?;
        let dial = Dial::new(configs, tls, self.statement_timeout);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config, dial, recycling);
        let timeouts = Timeouts {
            wait: Some(self.acquire_timeout),
            create: Some(self.connect_timeout),
            recycle: Some(self.connect_timeout),
        };
        let pool = Pool::builder(manager).max_size(self.pool_size).timeouts(timeouts);
        pool.runtime(Runtime::Tokio1).build().map_err(|_| malformed("the pool cannot be built"))
    }

    /// Adds what the URL does not say.
    fn complete(&self, config: &mut Config, hosts: u32) {
        let is_local = |host: &Host| !matches!(host, Host::Tcp(_));
        if config.get_hosts().iter().all(is_local) && config.get_hostaddrs().is_empty() {
            config.ssl_mode(SslMode::Disable); // there is no network to protect it from
        }
        if config.get_application_name().is_none() {
            config.application_name("boostgpt-sso");
        }
        // One that is silent must not take the time of the next, whatever the address says.
        let share = self.connect_timeout.min(self.acquire_timeout).checked_div(hosts);
        let share = share.unwrap_or(self.connect_timeout);
        config.connect_timeout(config.get_connect_timeout().map_or(share, |theirs| share.min(*theirs)));
        // A peer that is gone without a word is noticed by the kernel.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(self.statement_timeout);
        }
        if config.get_keepalives_idle() == UNSET_IDLE {
            config.keepalives_idle(Duration::from_secs(30));
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(Duration::from_secs(5));
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(3);
        }
    }

    fn tls(&self, mode: SslMode) -> Result<MakeRustlsConnect, StoreError> {
        let mut roots = RootCertStore::empty();
        let unreadable = || malformed("the file of certificate authorities is not readable as PEM");
        match &self.ca {
            Some(file) => {
                for certificate in CertificateDer::pem_file_iter(file).map_err(|_| unreadable())? {
                    let certificate = certificate.map_err(|_| unreadable())?;
                    roots.add(certificate).map_err(|_| unreadable())?;
                }
                if roots.is_empty() {
                    return Err(unreadable());
                }
            }
            None if mode != SslMode::Disable => {
                // Where there are none, no server is trusted, and the error then says so.
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            None => {}
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(|_| malformed("TLS cannot be set up"))?;
        Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
    }
}

/// The options or the URL cannot be used.
pub(super) fn malformed(why: &'static str) -> StoreError {
    StoreError::Configuration(Cause::new(Failure::new(why)))
}
