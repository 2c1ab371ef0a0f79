//! A token that is presented to a command, and the verdict on it as JSON.

use boostgpt_sso::{VerifiedIdentity, VerifyError, time::OffsetDateTime};
use clap::Args;
use serde::Serialize;

use crate::{
    error::CliError,
    input::{standard_input, without_line_end},
};

#[derive(Debug, Args)]
pub(crate) struct Presented {
    /// The token; without it, or as -, standard input
    #[arg(allow_hyphen_values = true, value_parser = token)]
    token: Option<String>,
}

/// A token may begin with a hyphen if it was copied badly. What looks like an option is a misspelt one.
fn token(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("--").and_then(|option| option.split('=').next()).unwrap_or_default();
    let is_option = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|c| matches!(c, b'a'..=b'z' | b'-'));
    if is_option { Err("this command has no such option".to_owned()) } else { Ok(text.to_owned()) }
}

/// What `verify` answers, for a program. Times are seconds since 1970.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum VerifyAnswer<'a> {
    Accepted {
        verdict: &'static str,
        email: &'a str,
        name: Option<&'a str>,
        external_id: Option<&'a str>,
        issued_at: Option<i64>,
        expires_at: i64,
    },
    Refused {
        verdict: &'static str,
        reason: &'static str,
        message: String,
    },
}

impl Presented {
    /// Reads the token as it was given, with white space and whatever else was pasted with it. Only the end
    /// of the last line is left out.
    pub(crate) fn read(self) -> Result<Vec<u8>, CliError> {
        if let Some(token) = self.token.filter(|token| token != "-") {
            return Ok(token.into_bytes());
        }
        let input = standard_input("the token")?;
        let token = without_line_end(&input);
        if token.is_empty() { Err(CliError::NoToken) } else { Ok(token.to_owned()) }
    }
}

impl<'a> VerifyAnswer<'a> {
    pub(crate) fn of(verdict: &'a Result<VerifiedIdentity, VerifyError>) -> Self {
        match verdict {
            Ok(visitor) => Self::Accepted {
                verdict: "accepted",
                email: visitor.email().as_str(),
                name: visitor.name(),
                external_id: visitor.external_id(),
                issued_at: visitor.issued_at().map(OffsetDateTime::unix_timestamp),
                expires_at: visitor.expires_at().unix_timestamp(),
            },
            Err(reason) => {
                Self::Refused { verdict: "refused", reason: reason.code(), message: reason.to_string() }
            }
        }
    }
}
