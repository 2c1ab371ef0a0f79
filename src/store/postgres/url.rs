//! Reading the URL of a database. What cannot be used is named, and never quoted: there may be a password in
//! it.

use tokio_postgres::{Config, config::TargetSessionAttrs};

use super::{
    error::Failure,
    options::{PostgresOptions, malformed},
};
use crate::store::error::{Cause, StoreError};

const FORM: &str =
    "the URL is not postgres://USER:PASSWORD@HOST:PORT/DATABASE with parameters that are known";
const ENCODE: &str = "the URL has an @ in another place than before the host: percent-encode the user, the \
                      password and the values of parameters (@ is %40, ? is %3F, / is %2F)";

impl PostgresOptions {
    /// Takes the parameters of a URL that are ours, and leaves those that tokio-postgres knows. One
    /// configuration for each host.
    pub(super) fn read_url(mut self, url: &str) -> Result<(Self, Vec<Config>), StoreError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (before, after) = address.split_once("://").unwrap_or((address, ""));
        // Anything else would be read as `host=… user=…`, with all that follows in the first value.
        if !matches!(before, "postgres" | "postgresql") || !address.contains("://") {
            return Err(malformed(FORM));
        }
        let (authority, path) = after.split_once('/').unwrap_or((after, ""));
        // A password with one of these characters would have its end taken for the host, and looked up.
        if authority.matches('@').count() > 1 || path.contains('@') || query.contains('@') {
            return Err(malformed(ENCODE));
        }
        let mut theirs = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name, value) {
                ("schema", value) => self.schema = unescape(value)?,
                ("prepared_statements", "true") => self.prepares = true,
                ("prepared_statements", "false") => self.prepares = false,
                ("sslrootcert", "system") => self.ca = None,
                ("sslrootcert", value) => self.ca = Some(unescape(value)?.into()),
                // Whenever TLS is spoken, certificate and name are verified.
                ("sslmode", "verify-ca" | "verify-full") => theirs.push("sslmode=require"),
                ("sslmode", "allow") => theirs.push("sslmode=prefer"),
                _ if is_known(parameter) => theirs.push(parameter),
                _ => return Err(unusable(name)),
            }
        }
        let theirs = theirs.join("&");
        let (login, hosts) = authority.split_once('@').unwrap_or(("", authority));
        let at = if authority.contains('@') { "@" } else { "" };
        let configs =
            hosts.split(',').map(|host| format!("{before}://{login}{at}{host}/{path}?{theirs}").parse());
        let configs: Vec<Config> = configs.collect::<Result<_, _>>().map_err(|_| malformed(FORM))?;
        if configs.iter().any(|config| config.get_hosts().is_empty() && config.get_hostaddrs().is_empty()) {
            return Err(malformed("the URL names no host"));
        }
        Ok((self, configs))
    }
}

/// Whether tokio-postgres takes this parameter, for connections that can be written on.
fn is_known(parameter: &str) -> bool {
    let config = format!("postgres://localhost/?{parameter}").parse::<Config>();
    config.is_ok_and(|config| config.get_target_session_attrs() != TargetSessionAttrs::ReadOnly)
}

/// Names a parameter, if it looks like the name of one.
fn unusable(name: &str) -> StoreError {
    if name.is_empty()
        || name.len() > 40
        || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    {
        return malformed(FORM);
    }
    let text = format!("the URL's parameter `{name}` is unknown, or has a value that cannot be used");
    StoreError::Configuration(Cause::new(Failure::new(text)))
}

/// `%41` for `A`.
fn unescape(value: &str) -> Result<String, StoreError> {
    let malformed = || malformed("a parameter of the URL is not percent-encoded UTF-8");
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(malformed)?;
        // `from_str_radix` would take a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| malformed())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}
