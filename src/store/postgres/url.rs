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
const TWICE: &str = "the URL has hosts before the path and a list of them in its parameters: leave one out";
const SYSTEM: &str = "sslrootcert=system has TLS verified, and sslmode allows none: say sslmode=verify-full";
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
        let (mut theirs, mut lists, mut is_system) = (Vec::new(), Vec::new(), false);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name, value) {
                ("schema", value) => self.schema = unescape(value)?,
                ("prepared_statements", "true") => self.prepares = true,
                ("prepared_statements", "false") => self.prepares = false,
                ("sslrootcert", "system") => (self.ca, is_system) = (None, true),
                ("sslrootcert", value) => self.ca = Some(unescape(value)?.into()),
                // Whenever TLS is spoken, certificate and name are verified.
                ("sslmode", "verify-ca" | "verify-full") => theirs.push("sslmode=require"),
                ("sslmode", "allow") => theirs.push("sslmode=prefer"),
                ("host" | "hostaddr" | "port", value) if value.contains(',') => lists.push((name, value)),
                _ if is_known(parameter) => theirs.push(parameter),
                _ => return Err(unusable(name)),
            }
        }
        if is_system {
            // As in libpq: who names the platform's authorities wants them asked.
            let mut modes = theirs.iter().filter(|parameter| parameter.starts_with("sslmode="));
            if modes.any(|mode| *mode != "sslmode=require") {
                return Err(malformed(SYSTEM));
            }
            theirs.push("sslmode=require");
        }
        let (login, hosts) = authority.split_once('@').unwrap_or(("", authority));
        let at = if authority.contains('@') { "@" } else { "" };
        let each: Vec<(&str, Vec<String>)> = if lists.is_empty() {
            hosts.split(',').map(|host| (host, Vec::new())).collect()
        } else if hosts.is_empty() {
            one_by_one(&lists)?.into_iter().map(|own| ("", own)).collect()
        } else {
            return Err(malformed(TWICE));
        };
        let configs = each.iter().map(|(host, own)| {
            let all: Vec<&str> = theirs.iter().copied().chain(own.iter().map(String::as_str)).collect();
            format!("{before}://{login}{at}{host}/{path}?{}", all.join("&")).parse()
        });
        let configs: Vec<Config> = configs.collect::<Result<_, _>>().map_err(|_| malformed(FORM))?;
        if configs.iter().any(|config| config.get_hosts().is_empty() && config.get_hostaddrs().is_empty()) {
            return Err(malformed("the URL names no host"));
        }
        Ok((self, configs))
    }
}

/// The parameters of each host, where the URL has lists of them.
fn one_by_one(lists: &[(&str, &str)]) -> Result<Vec<Vec<String>>, StoreError> {
    let count = lists.iter().map(|(_, values)| values.split(',').count()).max().unwrap_or(0);
    if lists.iter().any(|(_, values)| values.split(',').count() != count) {
        return Err(malformed("the URL's lists of hosts and ports do not have the same length"));
    }
    let own = |index| {
        let value = |(name, values): &(&str, &str)| {
            format!("{name}={}", values.split(',').nth(index).unwrap_or_default())
        };
        lists.iter().map(value).collect()
    };
    Ok((0..count).map(own).collect())
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
        || !name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
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
