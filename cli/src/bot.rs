//! `bot …`

use boostgpt_sso::{BotId, ProjectId, store::StoreError};
use clap::{Args, Subcommand};

use crate::{
    answer::Answer,
    failure::Failure,
    secret::show_once,
    store::{StoreArgs, block_on},
    terminal::Terminal,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a bot with a secret, and print both: the id on the first line, the secret on the second
    Create(Create),
    /// Give a bot a new secret, and print it: every token of the old one is refused from then on
    RegenerateSecret(RegenerateSecret),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
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

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => block_on(create.run(terminal)),
            Self::RegenerateSecret(regenerate) => block_on(regenerate.run(terminal)),
        }
    }
}

impl Create {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let store = self.store.open().await?;
        let bot = self.id.map_or_else(BotId::generate, Ok).map_err(Failure::Start)?;
        store.create_bot(self.project, bot).await.map_err(|error| match error {
            StoreError::UnknownProject => Failure::NoProject,
            error => error.into(),
        })?;
        // Repeating this command must not end what the bot's tokens stand on.
        if store.current_secret(bot).await?.into_secret().is_some() {
            return Err(Failure::HasSecret);
        }
        let secret = store.regenerate_secret(bot).await?;
        terminal.line(bot)?;
        show_once(terminal, &secret)?;
        Ok(Answer::Yes)
    }
}

impl RegenerateSecret {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let store = self.store.open().await?;
        let question = "Every token that was signed with the old secret is refused from now on.";
        if !self.yes && !terminal.confirm(question)? {
            return Ok(Answer::No);
        }
        let secret = store.regenerate_secret(self.bot).await?;
        show_once(terminal, &secret)?;
        Ok(Answer::Yes)
    }
}
