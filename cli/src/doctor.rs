//! `token doctor`

use std::path::PathBuf;

use boostgpt_sso::{
    BotId,
    diagnose::{Doctor, Report, Verdict},
};
use clap::Args;

use crate::{
    answer::Answer,
    error::CliError,
    keys::{SecretArgs, secret_in},
    presented::Presented,
    terminal::{BAD, GOOD, HEADING, Terminal, paint},
};

#[derive(Debug, Args)]
pub(crate) struct Examine {
    #[command(flatten)]
    presented: Presented,
    /// The bot on whose page the token is presented
    #[arg(long)]
    bot: Option<BotId>,
    #[command(flatten)]
    secret: SecretArgs,
    /// A file with a secret that was the bot's before; may be repeated
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    previous_secret_file: Vec<PathBuf>,
    /// Another bot and a file with its secret; may be repeated
    #[arg(long, value_name = "BOT=FILE", value_parser = other_bot)]
    other_bot: Vec<(BotId, PathBuf)>,
}

fn other_bot(text: &str) -> Result<(BotId, PathBuf), String> {
    let (bot, file) = text.split_once('=').ok_or("give the bot's id, an equals sign, and the file")?;
    let bot = bot.parse().map_err(|error: boostgpt_sso::IdError| error.to_string())?;
    Ok((bot, file.into()))
}

impl Examine {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let report = self.doctor()?.examine(self.presented.read()?);
        terminal.answer(&report, |out| print(&report, out))?;
        match report.verdict() {
            Verdict::Accepted => Ok(Answer::Yes),
            Verdict::Unknown if report.cause().is_none() => Err(CliError::NoVerdict),
            Verdict::Unknown | Verdict::Refused(_) => Ok(Answer::No),
        }
    }

    fn doctor(&self) -> Result<Doctor, CliError> {
        let mut doctor = Doctor::new();
        if let Some(secret) = self.secret.any_secret()? {
            doctor = doctor.with_secret(secret);
        }
        for path in &self.previous_secret_file {
            doctor = doctor.with_previous_secret(secret_in(path, "--previous-secret-file")?);
        }
        for (bot, path) in &self.other_bot {
            doctor = doctor.with_other_bot(*bot, secret_in(path, "--other-bot")?);
        }
        Ok(match self.bot {
            Some(bot) => doctor.for_bot(bot),
            None => doctor,
        })
    }
}

/// The verdict and its cause, which is the first line; then each finding under its number.
fn print(report: &Report, terminal: &mut Terminal) -> Result<(), CliError> {
    let text = report.to_string();
    let mut lines = text.lines();
    let style = match report.verdict() {
        Verdict::Accepted => GOOD,
        Verdict::Unknown if report.cause().is_none() => HEADING,
        Verdict::Unknown | Verdict::Refused(_) => BAD,
    };
    terminal.line(paint(style, lines.next().unwrap_or_default()))?;
    for line in lines {
        if line.starts_with(|first: char| first.is_ascii_digit()) {
            terminal.line(paint(HEADING, line))?;
        } else {
            terminal.line(line)?;
        }
    }
    Ok(())
}
