//! `secret …`, and how a bot's new secret is shown.

use std::io;

use boostgpt_sso::{BotId, SsoSecret};
use clap::Subcommand;
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    output::check_output,
    terminal::{Terminal, note},
};

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Print a new random secret, which is also good as a store's master key
    Generate,
}

/// A new secret, for a program.
#[derive(Serialize)]
struct NewSecret<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bot: Option<BotId>,
    secret: &'a str,
    fingerprint: String,
}

impl SecretCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Generate => {
                let secret = SsoSecret::generate()?;
                let (secret, fingerprint) = (secret.expose_secret(), secret.fingerprint());
                terminal.answer(&NewSecret { bot: None, secret, fingerprint }, |out| out.line(secret))?;
                Ok(Answer::Yes)
            }
        }
    }
}

/// Makes sure that a bot's new secret can be shown, before anything is changed.
pub(crate) fn before_regenerating(unchanged: &'static str) -> Result<(), CliError> {
    check_output().map_err(|source| CliError::OutputUnusable { unchanged, source })
}

/// Shows a bot's new secret, this once: a line of JSON, or these lines and then the secret.
pub(crate) fn show_once(
    terminal: &mut Terminal,
    bot: BotId,
    lines_before: &[String],
    secret: &SsoSecret,
) -> Result<(), CliError> {
    let (text, fingerprint) = (secret.expose_secret(), secret.fingerprint());
    let value = NewSecret { bot: Some(bot), secret: text, fingerprint: fingerprint.clone() };
    let shown = terminal.answer(&value, |out| {
        lines_before.iter().try_for_each(|line| out.line(line))?;
        out.line(text)
    });
    shown.and_then(|()| terminal.flush()).map_err(|error| match error {
        CliError::Output(source) => CliError::SecretLost { bot, source },
        CliError::Closed => CliError::SecretLost { bot, source: io::ErrorKind::BrokenPipe.into() },
        error => error,
    })?;
    note("the secret is shown this once: the customer's back end reads it from BOOSTGPT_SSO_SECRET");
    note(format_args!("its fingerprint, which is no secret: {fingerprint}"));
    Ok(())
}
