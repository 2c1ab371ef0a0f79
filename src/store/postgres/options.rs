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
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{dial::Dial, error::Failure};
use crate::store::error::{Cause, StoreError};

/// How a [`PostgresStore`](crate::store::PostgresStore) uses its database. The defaults suit a service beside its
/// database.
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
    pub(super) prepares: bool,
    pub(super) migrates: bool,
    ca: Option<PathBuf>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl PostgresOptions {
    /// Schema `sso`; 16 connections; 3 s to open one, 3 s to wait for one, 5 s for a statement; the platform's
    /// certificate authorities; statements that are not prepared.
    pub fn new() -> Self {
        Self {
            schema: "sso".to_owned(),
            pool_size: 16,
            connect_timeout: Duration::from_secs(3),
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
            prepares: false,
            migrates: true,
            ca: None,
        }
    }

    /// The schema of the tables: lower-case letters, digits and `_`, at most 63, no digit first. It is created where it
    /// does not exist. Several stores may share a database by schemas of their own.
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// How many connections are opened at most.
    pub const fn with_pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections;
        self
    }

    /// How long opening a connection may take, TLS and login included. Several hosts share it.
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a call waits for a connection, opening one included.
    pub const fn with_acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// How long a statement may take. A call is answered within the acquire time-out and this one, whatever it repeats.
    /// The server is told the same limit (`statement_timeout`), where it is not behind a proxy that forbids that; the
    /// connection of a statement that is late has as long again before it is closed.
    pub const fn with_statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// Prepares each statement once per connection, which spares the server most of its work (see `docs/scale.md`):
    /// **wherever the store talks to PostgreSQL itself**. Not through a proxy that shares server connections between
    /// clients (PgBouncer in transaction mode before 1.21, and from then on only with `max_prepared_statements`): a
    /// statement there may be another client's. The parameter `prepared_statements=true` of the URL does the same.
    pub const fn with_prepared_statements(mut self) -> Self {
        self.prepares = true;
        self
    }

    /// Opens the store as it is. Its schema must be up to date: [`StoreError::OlderSchema`] says which version is
    /// needed. This is for processes that only look things up, and for roles that may not create tables.
    pub const fn without_migration(mut self) -> Self {
        self.migrates = false;
        self
    }

    /// The certificate authorities that may vouch for the server, as a PEM file, instead of the platform's. The
    /// parameter `sslrootcert` of the URL does the same.
    pub fn with_ca(mut self, pem_file: impl Into<PathBuf>) -> Self {
        self.ca = Some(pem_file.into());
        self
    }

    /// That there is a connection to wait for, and time to wait.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let timeouts = [self.connect_timeout, self.acquire_timeout, self.statement_timeout];
        if self.pool_size == 0 || timeouts.iter().any(|timeout| timeout.as_millis() == 0) {
            return Err(malformed("the pool's size and the time-outs must be above zero"));
        }
        Ok(())
    }

    /// Takes the parameters of a URL that are ours, and leaves those that tokio-postgres knows. One configuration for
    /// each host.
    pub(super) fn read_url(mut self, url: &str) -> Result<(Self, Vec<Config>), StoreError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut theirs = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name, value) {
                ("schema", value) => self.schema = unescape(value)?,
                ("prepared_statements", "true") => self.prepares = true,
                ("prepared_statements", "false") => self.prepares = false,
                ("sslrootcert", value) => self.ca = Some(unescape(value)?.into()),
                // Whenever TLS is spoken, certificate and name are verified.
                ("sslmode", "verify-ca" | "verify-full") => theirs.push("sslmode=require"),
                ("sslmode", "allow") => theirs.push("sslmode=prefer"),
                _ => theirs.push(parameter),
            }
        }
        let theirs = theirs.join("&");
        let (before, after) = address.split_once("://").unwrap_or((address, ""));
        let (login, rest) = after.rsplit_once('@').map_or(("", after), |(login, rest)| (login, rest));
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let at = if login.is_empty() { "" } else { "@" };
        let configs =
            hosts.split(',').map(|host| format!("{before}://{login}{at}{host}/{path}?{theirs}").parse());
        // What tokio-postgres says of a bad URL quotes it, and there may be a password in it.
        let unknown = |_| {
            malformed(
                "the URL is not postgres://USER:PASSWORD@HOST:PORT/DATABASE with parameters that are known",
            )
        };
        let configs: Vec<Config> = configs.collect::<Result<_, _>>().map_err(unknown)?;
        if configs.iter().any(|config| config.get_hosts().is_empty() && config.get_hostaddrs().is_empty()) {
            return Err(malformed("the URL names no host"));
        }
        Ok((self, configs))
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
        if hosts > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite); // whichever is the primary now
        }
        if config.get_application_name().is_none() {
            config.application_name("boostgpt-sso");
        }
        if config.get_connect_timeout().is_none() {
            // One that is silent must not take the time of the next.
            config.connect_timeout(self.connect_timeout.checked_div(hosts).unwrap_or(self.connect_timeout));
        }
        // A peer that is gone without a word is noticed by the kernel.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(self.statement_timeout);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_idle(Duration::from_secs(30));
            config.keepalives_interval(Duration::from_secs(5));
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

/// `%41` for `A`.
fn unescape(value: &str) -> Result<String, StoreError> {
    let malformed = || malformed("a parameter of the URL is not percent-encoded UTF-8");
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(malformed)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| malformed())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}
