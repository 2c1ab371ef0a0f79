//! `token …`

use boostgpt_sso::{
    BotId, Identity, Signer, VerifiedIdentity, Verifier,
    time::{Duration, OffsetDateTime},
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    answer::Answer,
    doctor::Examine,
    error::CliError,
    input::other_encoding,
    keys::SecretArgs,
    presented::{Presented, VerifyAnswer},
    terminal::{BAD, GOOD, Terminal, note, paint},
    text::escaped,
};

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
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
    #[arg(long, allow_hyphen_values = true)]
    email: String,
    /// The visitor's name
    #[arg(long, allow_hyphen_values = true)]
    name: Option<String>,
    /// The customer's own id of the visitor
    #[arg(long, allow_hyphen_values = true)]
    external_id: Option<String>,
    /// How many seconds the token lives: at most an hour
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, allow_negative_numbers = true)]
    lifetime: u32,
    /// The bot that the token is for, if for one only
    #[arg(long)]
    bot: Option<BotId>,
    #[command(flatten)]
    secret: SecretArgs,
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
}

/// A signed token, for a program.
#[derive(Serialize)]
struct Signed<'a> {
    token: &'a str,
}

impl TokenCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Sign(sign) => sign.run(terminal),
            Self::Verify(verify) => verify.run(terminal),
            Self::Doctor(examine) => examine.run(terminal),
        }
    }
}

impl Sign {
    fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
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
        let token = signer.sign(&identity);
        terminal.answer(&Signed { token: token.as_str() }, |out| out.line(&token))?;
        Ok(Answer::Yes)
    }
}

impl Verify {
    fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let mut verifier = Verifier::new(&self.secret.secret()?);
        if let Some(bot) = self.bot {
            verifier = verifier.for_bot(bot);
        }
        let token = self.presented.read()?;
        let verdict = verifier.verify(&token);
        terminal.answer(&VerifyAnswer::of(&verdict), |out| match &verdict {
            Ok(visitor) => show(visitor, out),
            Err(reason) => out.line(format_args!("{} ({}): {reason}", paint(BAD, "refused"), reason.code())),
        })?;
        if let Some(encoding) = other_encoding(&token) {
            note(format_args!("the input {encoding}: a token is plain ASCII text"));
        }
        Ok(if verdict.is_ok() { Answer::Yes } else { Answer::No })
    }
}

fn show(visitor: &VerifiedIdentity, terminal: &mut Terminal) -> Result<(), CliError> {
    let left =
        visitor.expires_at().unix_timestamp().saturating_sub(OffsetDateTime::now_utc().unix_timestamp());
    terminal.line(format_args!("{}, for another {left} s", paint(GOOD, "accepted")))?;
    terminal.line(format_args!("e-mail       {}", escaped(visitor.email().as_str())))?;
    for (label, text) in [("name        ", visitor.name()), ("external id ", visitor.external_id())] {
        if let Some(text) = text {
            terminal.line(format_args!("{label} {}", escaped(text)))?;
        }
    }
    Ok(())
}
