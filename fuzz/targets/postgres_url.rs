//! Addresses of a PostgreSQL database: what is accepted leads where the URL standard says, with the TLS that
//! was asked for, and what is refused is not quoted.
//! Planted: `verify-full` is expected not to require TLS.
#![no_main]

/// What src/store/postgres/url.rs needs around it; the rest of the store is not compiled here.
mod store {
    pub(crate) mod error {
        use std::{error::Error, sync::Arc};

        #[derive(Debug)]
        pub(crate) enum StoreError {
            Configuration(Cause),
        }

        #[derive(Debug)]
        pub(crate) struct Cause(pub(crate) Arc<dyn Error>);

        impl Cause {
            pub(crate) fn new(error: impl Error + 'static) -> Self {
                Self(Arc::new(error))
            }
        }
    }
}

mod error {
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    pub(super) struct Failure(String);

    impl Failure {
        pub(super) fn new(text: impl Into<String>) -> Self {
            Self(text.into())
        }
    }
}

mod options {
    use std::path::PathBuf;

    use crate::{
        error::Failure,
        store::error::{Cause, StoreError},
    };

    #[derive(Debug, Default)]
    pub(super) struct PostgresOptions {
        pub(super) schema: String,
        pub(super) prepares: bool,
        pub(super) ca: Option<PathBuf>,
    }

    pub(super) fn malformed(why: &'static str) -> StoreError {
        StoreError::Configuration(Cause::new(Failure::new(why)))
    }
}

#[path = "../../src/store/postgres/url.rs"]
mod url_of_store;

use std::net::Ipv6Addr;

use fuzz::{planted, text::expand};
use libfuzzer_sys::fuzz_target;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use url::Url;

use self::{options::PostgresOptions, store::error::StoreError};

/// `%41` for `A`, by the URL standard: what is no escape means itself.
fn decode(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |place: usize| behind.get(place).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap());
                rest = &behind[2..];
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    bytes
}

/// Checks the address of one host against what the URL standard reads. A URL of that standard may have a
/// fragment, and loses its line ends, tabs, and the white space around it.
fn check_place(text: &str, config: &Config) {
    let is_changed = |c: char| c == '#' || c.is_ascii_control();
    if text.contains(is_changed) || text.trim() != text {
        return;
    }
    let Ok(url) = Url::parse(text) else { return };
    // What parameters say replaces or adds to what is before them.
    let says = |name: &str| url.query_pairs().any(|(known, _)| known == name);
    if ["host", "hostaddr", "port", "user", "password", "dbname"].iter().any(|name| says(name)) {
        return;
    }
    let (Some(host), [found]) = (url.host_str(), config.get_hosts()) else { return };
    let found = match found {
        Host::Tcp(name) => name.as_bytes(),
        Host::Unix(path) => path.as_os_str().as_encoded_bytes(),
    };
    // The standard writes an IPv6 address in its shortest form, in lower case. Brackets are no part of it.
    let name = |bytes: &[u8]| -> Vec<u8> {
        let name: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b'[' | b']')).collect();
        let address = str::from_utf8(&name).ok().and_then(|name| name.parse::<Ipv6Addr>().ok());
        address.map_or(name, |address| address.to_string().into_bytes())
    };
    assert_eq!(name(found), name(&decode(host)), "{text}");
    let port = config.get_ports().first().copied().unwrap_or(5432);
    assert_eq!(port, url.port().unwrap_or(5432), "{text}");
    let user = Some(decode(url.username())).filter(|user| !user.is_empty());
    assert_eq!(config.get_user().unwrap_or_default().as_bytes(), user.unwrap_or_default(), "{text}");
    let password = url.password().map(decode).unwrap_or_default();
    assert_eq!(config.get_password().unwrap_or_default(), password, "{text}");
    // A browser also resolves `.` and `..`.
    if !text.contains("/.") && !text.to_ascii_lowercase().contains("/%2e") {
        let database = decode(url.path().strip_prefix('/').unwrap_or_default());
        assert_eq!(config.get_dbname().unwrap_or_default().as_bytes(), database, "{text}");
    }
}

/// The address with each of its hosts alone, where it has several before the path.
fn of_each_host(text: &str) -> Vec<String> {
    let Some((scheme, after)) = text.split_once("://") else { return Vec::new() };
    let (authority, rest) = after.split_at(after.find(['/', '?']).unwrap_or(after.len()));
    let (login, hosts) = authority.split_at(authority.find('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{login}{host}{rest}")).collect()
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = String::from_utf8(expand(data)) else { return };
    // Each host is read with all that follows the hosts, so that thousands of them take their time. The
    // address is the service's own.
    if text.len() > 2000 {
        return;
    }
    match PostgresOptions::default().read_url(&text) {
        Ok((options, configs)) => {
            let query = text.split_once('?').map_or("", |(_, query)| query);
            let values = |name: &str| -> Vec<Vec<u8>> {
                let parameters = query.split('&').map(|one| one.split_once('=').unwrap_or((one, "")));
                parameters
                    .filter(|(known, _)| decode(known) == name.as_bytes())
                    .map(|(_, value)| decode(value))
                    .collect()
            };
            let modes = values("sslmode");
            let strict: &[&[u8]] = &[b"require", b"verify-ca", b"verify-full"];
            for config in &configs {
                if !modes.is_empty() && modes.iter().all(|mode| strict.contains(&mode.as_slice())) {
                    let is_required = config.get_ssl_mode() == SslMode::Require;
                    let is_wrong = planted() && modes.iter().all(|mode| mode == b"verify-full");
                    assert_ne!(is_required, is_wrong, "{text}");
                }
                let asks_the_platform = values("sslrootcert").iter().any(|value| value == b"system");
                if asks_the_platform && query.contains("sslrootcert=system") {
                    assert_eq!(config.get_ssl_mode(), SslMode::Require, "{text}");
                }
                assert_ne!(config.get_target_session_attrs(), TargetSessionAttrs::ReadOnly, "{text}");
                assert!(!config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty(), "{text}");
            }
            if let Some(last) = values("schema").pop() {
                assert_eq!(options.schema.as_bytes(), last, "{text}");
            }
            let prepares = values("prepared_statements").pop();
            assert_eq!(options.prepares, prepares.is_some_and(|value| value == b"true"), "{text}");
            if options.ca.is_some() {
                assert!(!values("sslrootcert").is_empty(), "{text}");
            }
            let each = of_each_host(&text);
            if each.len() == configs.len() {
                for (text, config) in each.iter().zip(&configs) {
                    check_place(text, config);
                }
            }
        }
        Err(StoreError::Configuration(cause)) => {
            // One of a few sentences, in which a name may stand that looks like a parameter's.
            let said = cause.0.to_string();
            let without_name = match said.split('`').collect::<Vec<_>>()[..] {
                [before, name, after] => {
                    let is_name = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
                    assert!((1..=40).contains(&name.len()) && name.bytes().all(is_name), "{said}");
                    format!("{before}`NAME`{after}")
                }
                _ => said,
            };
            assert!(
                [
                    "the URL is not postgres://USER:PASSWORD@HOST:PORT/DATABASE with parameters that are \
                     known",
                    "the URL has an @ in another place than before the host: percent-encode the user, the \
                     password and the values of parameters (@ is %40, ? is %3F, / is %2F)",
                    "the URL names no host",
                    "the URL has hosts before the path and a list of them in its parameters: leave one out",
                    "the URL's lists of hosts and ports do not have the same length",
                    "sslrootcert=system has TLS verified, and sslmode allows none: say sslmode=verify-full",
                    "the URL's parameter `NAME` is unknown, or has a value that cannot be used",
                    "a parameter of the URL is not percent-encoded UTF-8",
                ]
                .contains(&without_name.as_str()),
                "{without_name}"
            );
        }
    }
});
