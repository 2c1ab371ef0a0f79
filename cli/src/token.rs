//! `token …`

use std::io::{self, IsTerminal, Read};

use boostgpt_sso::{
    BotId, Identity, Signer, VerifiedIdentity, Verifier, VerifyError,
    time::{Duration, OffsetDateTime},
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    Answer,
    doctor::Examine,
    failure::Failure,
    keys::SecretArgs,
    terminal::{BAD, GOOD, Terminal, note},
    text::escaped,
};

/// More than this is no token, however it was pasted: it is cut here and refused as too long.
const LARGEST_INPUT: u64 = 64 * 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign a token for a visitor
    Sign(Sign),
    /// Verify a token, by every rule, and print who it names
    Verify(Verify),
    /// Say why a token is refused: what is wrong with it, and what to do
    Doctor(Examine),
}

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The visitor's e-mail address
    #[arg(long)]
    email: String,
    /// The visitor's name
    #[arg(long)]
    name: Option<String>,
    /// The customer's own id of the visitor
    #[arg(long)]
    external_id: Option<String>,
    /// How many seconds the token lives: at most an hour
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    lifetime: u32,
    /// The bot that the token is for, if for one only
    #[arg(long)]
    bot: Option<BotId>,
    #[command(flatten)]
    secret: SecretArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Presented {
    /// The token; without it, or as -, standard input
    token: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    presented: Presented,
    /// The bot on whose page the token is presented
    #[arg(long)]
    bot: Option<BotId>,
    #[command(flatten)]
    secret: SecretArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The verdict, for a program. Times are seconds since 1970.
#[derive(Serialize)]
#[serde(untagged)]
enum Verdict<'a> {
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

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        match self {
            Self::Sign(sign) => sign.run(terminal),
            Self::Verify(verify) => verify.run(terminal),
            Self::Doctor(examine) => examine.run(terminal),
        }
    }
}

impl Sign {
    fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let mut identity = Identity::new(&self.email)?;
        if let Some(name) = &self.name {
            identity = identity.with_name(name)?;
        }
        if let Some(external_id) = &self.external_id {
            identity = identity.with_external_id(external_id)?;
        }
        let lifetime = Duration::seconds(self.lifetime.into());
        let mut signer = Signer::new(&self.secret.secret()?).with_lifetime(lifetime)?;
        if let Some(bot) = self.bot {
            signer = signer.for_bot(bot);
        }
        terminal.line(signer.sign(&identity))?;
        Ok(Answer::Yes)
    }
}

impl Verify {
    fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let mut verifier = Verifier::new(&self.secret.secret()?);
        if let Some(bot) = self.bot {
            verifier = verifier.for_bot(bot);
        }
        let verdict = verifier.verify(self.presented.read()?);
        match &verdict {
            _ if self.json => terminal.json(&Verdict::of(&verdict))?,
            Ok(visitor) => show(visitor, terminal)?,
            Err(reason) => {
                let refused = terminal.paint(BAD, "refused");
                terminal.line(format_args!("{refused} ({}): {reason}", reason.code()))?;
            }
        }
        Ok(if verdict.is_ok() { Answer::Yes } else { Answer::No })
    }
}

fn show(visitor: &VerifiedIdentity, terminal: &mut Terminal) -> Result<(), Failure> {
    let left =
        visitor.expires_at().unix_timestamp().saturating_sub(OffsetDateTime::now_utc().unix_timestamp());
    let accepted = terminal.paint(GOOD, "accepted");
    terminal.line(format_args!("{accepted}, for another {left} s"))?;
    terminal.line(format_args!("e-mail       {}", escaped(visitor.email().as_str())))?;
    for (label, text) in [("name        ", visitor.name()), ("external id ", visitor.external_id())] {
        if let Some(text) = text {
            terminal.line(format_args!("{label} {}", escaped(text)))?;
        }
    }
    Ok(())
}

impl<'a> Verdict<'a> {
    fn of(verdict: &'a Result<VerifiedIdentity, VerifyError>) -> Self {
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
