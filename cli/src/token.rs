//! `token …`

use boostgpt_sso::{
    BotId, Identity, Signer, VerifiedIdentity, Verifier,
    time::{Duration, OffsetDateTime},
};
use clap::{Args, Subcommand};

use crate::{
    answer::Answer,
    doctor::Examine,
    failure::Failure,
    keys::SecretArgs,
    presented::{Presented, Verdict},
    terminal::{BAD, GOOD, Terminal},
    text::escaped,
};

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
