//! `secret …`

use boostgpt_sso::SsoSecret;
use clap::Subcommand;

use crate::{
    answer::Answer,
    failure::Failure,
    terminal::{Terminal, note},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a new random secret, which is also good as a store's master key
    Generate,
}

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        match self {
            Self::Generate => {
                terminal.line(SsoSecret::generate()?.expose_secret())?;
                Ok(Answer::Yes)
            }
        }
    }
}

/// Shows a bot's new secret, this once.
pub(crate) fn show_once(terminal: &mut Terminal, secret: &SsoSecret) -> Result<(), Failure> {
    terminal.line(secret.expose_secret())?;
    terminal.flush()?;
    note(
        "the secret is shown this once: put it where the customer's back end reads it, as BOOSTGPT_SSO_SECRET",
    );
    note(format_args!("its fingerprint, which is no secret: {}", secret.fingerprint()));
    Ok(())
}
