//! Every command: the arguments of the process as types, and where each is run.

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    answer::Answer,
    bot::BotCommand,
    error::CliError,
    help::with_help,
    manual::{Completions, Man},
    project::ProjectCommand,
    secret::SecretCommand,
    stats::Stats,
    store::StoreCommand,
    subscriber::SubscriberCommand,
    terminal::Terminal,
    token::TokenCommand,
};

/// Widget tokens, their secrets, and the stores of a BoostGPT service
///
/// Keys are read from the environment or from files, never from arguments, which every user of the machine
/// can read.
#[derive(Debug, Parser)]
#[command(name = "boostgpt-sso", version)]
pub(crate) struct Cli {
    /// Answer in JSON, for a program
    ///
    /// The answer is one object on standard output, or one a line for a list. An error is the last line of
    /// standard error: {"error":{"code":"unknown_bot","message":"there is ...","status":1}},
    /// where the status is the command's exit status. docs/codes.md lists the codes.
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// SSO secrets
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Sign, verify and examine widget tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// The store itself: its schema and its sealing
    #[command(subcommand)]
    Store(StoreCommand),
    /// Projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Bots and their secrets
    #[command(subcommand)]
    Bot(BotCommand),
    /// A project's subscribers
    #[command(subcommand)]
    Subscriber(SubscriberCommand),
    /// Daily, weekly and monthly active subscribers of a project
    Stats(Stats),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page, or write those of all commands
    Man(Man),
}

/// The definition of all commands, with their help.
pub(crate) fn definition() -> clap::Command {
    with_help(Cli::command())
}

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Secret(command) => command.run(terminal),
            Self::Token(command) => command.run(terminal),
            Self::Store(command) => command.run(terminal),
            Self::Project(command) => command.run(terminal),
            Self::Bot(command) => command.run(terminal),
            Self::Subscriber(command) => command.run(terminal),
            Self::Stats(stats) => stats.run(terminal),
            Self::Completions(completions) => completions.run(definition(), terminal),
            Self::Man(man) => man.run(definition(), terminal),
        }
    }
}
