//! `boostgpt-sso`, the command: secrets, tokens and stores, from a terminal or a script. It uses what is public in the
//! library.
//!
//! Keys come from the environment or from files, never from arguments, which every user of the machine can read. What a
//! command answers goes to standard output, everything else to standard error.

// As in the library: bad input gets an error, never a panic.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    // They panic when the reader of a pipe is gone.
    clippy::print_stdout,
    clippy::print_stderr
)]
// Many of these comments are the help, which shows them as they are.
#![allow(clippy::doc_markdown)]

mod answer;
mod arguments;
mod bot;
mod doctor;
mod error;
mod examples;
mod input;
mod keys;
mod manual;
mod output;
mod presented;
mod project;
mod record;
mod secret;
mod stats;
mod store;
mod subscriber;
mod table;
mod terminal;
mod text;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    answer::Answer,
    error::CliError,
    terminal::{Terminal, report},
};

/// Widget tokens, their secrets, and the stores of a BoostGPT service
///
/// Keys are read from the environment or from files, never from arguments, which every user of the machine can read.
#[derive(Debug, Parser)]
#[command(name = "boostgpt-sso", version)]
struct Cli {
    /// Answer in JSON, for a program: one object, or one a line
    #[arg(long, global = true, display_order = 900)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// SSO secrets
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Sign, verify and examine widget tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// The store itself: its schema and its sealing
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Projects
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Bots and their secrets
    #[command(subcommand)]
    Bot(bot::BotCommand),
    /// A project's subscribers
    #[command(subcommand)]
    Subscriber(subscriber::SubscriberCommand),
    /// Daily, weekly and monthly active subscribers of a project
    Stats(stats::Stats),
    /// Print completions for a shell
    Completions(manual::Completions),
    /// Print the manual page, or write those of all commands
    Man(manual::Man),
}

fn main() -> ExitCode {
    let cli = match arguments::read() {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    let mut terminal = Terminal::new(cli.json);
    let answer = run(cli.command, &mut terminal);
    match answer.and_then(|answer| terminal.flush().map(|()| answer)) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::FAILURE,
        Err(error) => {
            // What was answered so far comes first. Without a reader there is nothing to say.
            drop(terminal.flush());
            if !matches!(error, CliError::Closed) {
                report(&error);
            }
            error.status()
        }
    }
}

fn run(command: Command, terminal: &mut Terminal) -> Result<Answer, CliError> {
    match command {
        Command::Secret(command) => command.run(terminal),
        Command::Token(command) => command.run(terminal),
        Command::Store(command) => command.run(terminal),
        Command::Project(command) => command.run(terminal),
        Command::Bot(command) => command.run(terminal),
        Command::Subscriber(command) => command.run(terminal),
        Command::Stats(stats) => stats.run(terminal),
        Command::Completions(completions) => completions.run(terminal),
        Command::Man(man) => man.run(terminal),
    }
}
