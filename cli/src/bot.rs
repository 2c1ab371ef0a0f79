//! `bot …`

use boostgpt_sso::{BotId, ProjectId, store::StoreError};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    secret::{before_regenerating, show_once},
    store::{StoreArgs, block_on},
    terminal::Terminal,
};

#[derive(Debug, Subcommand)]
pub(crate) enum BotCommand {
    /// Create a bot with a secret, and print both: the id on the first line, the secret on the second
    Create(CreateBot),
    /// Give a bot a new secret, and print it: every token of the old one is refused from then on
    RegenerateSecret(RegenerateSecret),
    /// Take a bot's secret away: every visitor is anonymous until it has a new one
    RemoveSecret(RemoveSecret),
}

#[derive(Debug, Args)]
pub(crate) struct CreateBot {
    /// The project that owns it
    #[arg(long)]
    project: ProjectId,
    /// Its id, the widget's botId; without it, a new one
    #[arg(long)]
    id: Option<BotId>,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RegenerateSecret {
    /// The bot's id
    bot: BotId,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveSecret {
    /// The bot's id
    bot: BotId,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// A bot whose secret was removed, for a program.
#[derive(Serialize)]
struct Removed {
    bot: BotId,
    has_secret: bool,
}

impl BotCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Create(create) => block_on(create.run(terminal)),
            Self::RegenerateSecret(regenerate) => block_on(regenerate.run(terminal)),
            Self::RemoveSecret(remove) => block_on(remove.run(terminal)),
        }
    }
}

impl CreateBot {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        before_regenerating("nothing was created")?;
        let bot = self.id.map_or_else(BotId::generate, Ok).map_err(CliError::Start)?;
        store.create_bot(self.project, bot).await.map_err(|error| match error {
            StoreError::UnknownProject => CliError::NoProject,
            error => error.into(),
        })?;
        // Repeating this command must not end the tokens of a bot that is in use.
        if store.current_secret(bot).await?.is_some() {
            return Err(CliError::HasSecret);
        }
        let secret = store.regenerate_secret(bot).await?;
        show_once(terminal, bot, &[bot.to_string()], &secret)?;
        Ok(Answer::Yes)
    }
}

impl RegenerateSecret {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let question =
            format!("Bot {} gets a new secret, and every token of the old one is refused.", self.bot);
        if !self.yes && !terminal.confirm(&question)? {
            return Ok(Answer::No);
        }
        before_regenerating("the bot keeps its secret")?;
        let secret = store.regenerate_secret(self.bot).await?;
        show_once(terminal, self.bot, &[], &secret)?;
        Ok(Answer::Yes)
    }
}

impl RemoveSecret {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let question = format!("Bot {} loses its secret, and all its visitors are anonymous.", self.bot);
        if !self.yes && !terminal.confirm(&question)? {
            return Ok(Answer::No);
        }
        store.remove_secret(self.bot).await?;
        let removed = Removed { bot: self.bot, has_secret: false };
        terminal.answer(&removed, |out| out.line(format_args!("secret removed: {}", removed.bot)))?;
        Ok(Answer::Yes)
    }
}
