//! A token that is presented to a command, and the verdict on it as JSON.

use std::io::{self, IsTerminal, Read};

use boostgpt_sso::{VerifiedIdentity, VerifyError, time::OffsetDateTime};
use clap::Args;
use serde::Serialize;

use crate::{failure::Failure, terminal::note};

/// More than this is no token, however it was pasted: it is cut here and refused as too long.
const LARGEST_INPUT: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Presented {
    /// The token; without it, or as -, standard input
    token: Option<String>,
}

/// The verdict, for a program. Times are seconds since 1970.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Verdict<'a> {
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
    /// The token as it was given: white space and whatever else was pasted with it is seen. Only the line end in which
    /// a pipe or a pasted line ends is no part of it.
    pub(crate) fn read(self) -> Result<Vec<u8>, Failure> {
        if let Some(token) = self.token.filter(|token| token != "-") {
            return Ok(token.into_bytes());
        }
        let stdin = io::stdin();
        if stdin.is_terminal() {
            note("paste the token, then press Enter and Ctrl-D");
        }
        let mut input = Vec::new();
        stdin.lock().take(LARGEST_INPUT).read_to_end(&mut input).map_err(Failure::Input)?;
        if input.last() == Some(&b'\n') {
            input.pop();
            if input.last() == Some(&b'\r') {
                input.pop();
            }
        }
        if input.is_empty() { Err(Failure::NoToken) } else { Ok(input) }
    }
}

impl<'a> Verdict<'a> {
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
