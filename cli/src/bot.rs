//! `bot …`

use boostgpt_sso::{
    BotId, ProjectId,
    store::{Bot, Store, StoreError},
};
use clap::{Args, Subcommand};

use crate::{
    answer::Answer,
    error::CliError,
    page::PageArgs,
    record::BotRecord,
    scope::Scope,
    secret::{before_regenerating, show_once},
    store::{KeyedStoreArgs, StoreArgs, block_on},
    table::{print_record, print_records},
    terminal::{Terminal, confirm},
};

#[derive(Debug, Subcommand)]
pub(crate) enum BotCommand {
    /// Create a bot with a secret, and print both: the id on the first line, the secret on the second
    Create(CreateBot),
    /// List a project's bots, newest first
    List(ListBots),
    /// Show a bot: its project, and whether it has a secret
    Show(ShowBot),
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
    store: KeyedStoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListBots {
    #[command(flatten)]
    scope: Scope,
    /// Begin after this bot
    #[arg(long, value_name = "ID")]
    after: Option<BotId>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowBot {
    /// The bot's id
    bot: BotId,
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
    store: KeyedStoreArgs,
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

impl BotCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Create(create) => block_on(create.run(terminal)),
            Self::List(list) => block_on(list.run(terminal)),
            Self::Show(show) => block_on(show.run(terminal)),
            Self::RegenerateSecret(regenerate) => block_on(regenerate.run(terminal)),
            Self::RemoveSecret(remove) => block_on(remove.run(terminal)),
        }
    }
}

impl CreateBot {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        before_regenerating("nothing was created")?;
        let bot = self.id.map_or_else(BotId::generate, Ok).map_err(StoreError::from)?;
        store.create_bot(self.project, bot).await.map_err(|error| match error {
            StoreError::UnknownProject => CliError::NoProject,
            error => error.into(),
        })?;
        // Repeating this command must not end the tokens of a bot that is in use.
        if find(bot, &store).await?.secret_version.is_some() {
            return Err(CliError::HasSecret);
        }
        let secret = store.regenerate_secret(bot).await?;
        show_once(terminal, bot, &[bot.to_string()], &secret)?;
        Ok(Answer::Yes)
    }
}

impl ListBots {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let project = self.scope.project(&store).await?;
        let read = |after, count| store.bots(project, after, count);
        let print = |out: &mut Terminal, bots: &[Bot], is_first| {
            let records: Vec<_> = bots.iter().map(BotRecord::of).collect();
            print_records(out, &records, is_first)
        };
        self.page.show(terminal, self.after, |bot: &Bot| bot.id, read, print).await?;
        Ok(Answer::Yes)
    }
}

impl ShowBot {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        print_record(terminal, &BotRecord::of(&find(self.bot, &store).await?))?;
        Ok(Answer::Yes)
    }
}

impl RegenerateSecret {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let bot = find(self.bot, &store).await?;
        let consequence = format!(
            "Bot {} of project {} gets a new secret, and every token of the old one is refused.",
            bot.id, bot.project
        );
        if !self.yes && !confirm(&consequence)? {
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
        let bot = find(self.bot, &store).await?;
        let consequence = format!(
            "Bot {} of project {} loses its secret, and all its visitors are anonymous.",
            bot.id, bot.project
        );
        if !self.yes && !confirm(&consequence)? {
            return Ok(Answer::No);
        }
        store.remove_secret(self.bot).await?;
        let removed = find(self.bot, &store).await?;
        terminal.answer(&BotRecord::of(&removed), |out| {
            out.line(format_args!("secret removed: {}", removed.id))
        })?;
        Ok(Answer::Yes)
    }
}

async fn find(bot: BotId, store: &dyn Store) -> Result<Bot, CliError> {
    Ok(store.bot(bot).await?.ok_or(StoreError::UnknownBot)?)
}
