//! `boostgpt-sso`, the command: secrets, tokens and stores, from a terminal or a script. It uses the library as everybody
//! does.
//!
//! Keys come from the environment or from files, never from arguments, which everybody on the machine can read. What a
//! command answers goes to standard output, everything else to standard error. The exit status is 0 for yes, 1 for no, 2
//! for trouble.

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
mod bot;
mod doctor;
mod failure;
mod keys;
mod manual;
mod presented;
mod project;
mod record;
mod secret;
mod stats;
mod store;
mod subscriber;
mod terminal;
mod text;
mod token;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{answer::Answer, failure::Failure, terminal::Terminal};

/// Widget tokens, their secrets, and the stores of a BoostGPT service
///
/// Keys are read from the environment or from files, never from arguments, which everybody on the machine can read.
#[derive(Debug, Parser)]
#[command(name = "boostgpt-sso", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit status: 0 done, or accepted; 1 refused, declined, or not found; 2 wrong usage, or something failed.
NO_COLOR switches colours off.";

#[derive(Debug, Subcommand)]
enum Command {
    /// SSO secrets
    #[command(subcommand)]
    Secret(secret::Command),
    /// Sign, verify and examine widget tokens
    #[command(subcommand)]
    Token(token::Command),
    /// The store itself: its schema and its sealing
    #[command(subcommand)]
    Store(store::Command),
    /// Projects
    #[command(subcommand)]
    Project(project::Command),
    /// Bots and their secrets
    #[command(subcommand)]
    Bot(bot::Command),
    /// A project's subscribers
    #[command(subcommand)]
    Subscriber(subscriber::Command),
    /// Daily, weekly and monthly active subscribers of a project
    Stats(stats::Stats),
    /// Print completions for a shell
    Completions(manual::Completions),
    /// Print the manual page, or write those of all commands
    Man(manual::Man),
}

fn main() -> ExitCode {
    let mut terminal = Terminal::new();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, &terminal),
    };
    let answer = run(cli.command, &mut terminal);
    match answer.and_then(|answer| terminal.flush().map(|()| answer)) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::FAILURE,
        // Nobody reads on, so nobody is told: the status of a program that the signal SIGPIPE ends.
        Err(Failure::Closed) => ExitCode::from(141),
        Err(failure) => {
            // What was answered so far comes first.
            drop(terminal.flush());
            terminal.error(&failure);
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, terminal: &mut Terminal) -> Result<Answer, Failure> {
    match command {
        Command::Secret(command) => command.run(terminal),
        Command::Token(command) => command.run(terminal),
        Command::Store(command) => command.run(terminal),
        Command::Project(command) => command.run(terminal),
        Command::Bot(command) => command.run(terminal),
        Command::Subscriber(command) => command.run(terminal),
        Command::Stats(stats) => stats.run(terminal),
        Command::Completions(completions) => completions.run(Cli::command(), terminal),
        Command::Man(man) => man.run(Cli::command(), terminal),
    }
}

/// Help, the version, or arguments that are none of ours. clap repeats those, which must not happen to a secret.
fn misunderstood(error: &clap::Error, terminal: &Terminal) -> ExitCode {
    let is_secret = |argument: std::ffi::OsString| text::may_hold_secret(&argument.to_string_lossy());
    if error.exit_code() != 0 && std::env::args_os().skip(1).any(is_secret) {
        terminal.error(&Failure::SecretAmongArguments);
    } else {
        drop(error.print());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
