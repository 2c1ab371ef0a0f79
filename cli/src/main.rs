//! `boostgpt-sso`, the command: secrets, tokens and stores, from a terminal or a script. It uses what is
//! public in the library.
//!
//! Keys come from the environment or from files, never from arguments, which every user of the machine can
//! read. What a command answers goes to standard output, everything else to standard error: errors, notes and
//! questions. With `--json` an answer is JSON, and an error is one line of JSON.

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
#![allow(clippy::doc_markdown, reason = "many of these comments are the help, which shows them as they are")]

mod answer;
mod arguments;
mod bot;
mod commands;
mod doctor;
mod error;
mod examples;
mod help;
mod input;
mod keys;
mod manual;
mod output;
mod page;
mod presented;
mod project;
mod record;
mod scope;
mod secret;
mod stats;
mod store;
mod subscriber;
mod table;
mod terminal;
mod text;
mod token;

use std::process::ExitCode;

use crate::{
    answer::Answer,
    error::CliError,
    terminal::{Terminal, report},
};

fn main() -> ExitCode {
    let cli = match arguments::read() {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    let is_json = cli.json;
    let mut terminal = Terminal::new(is_json);
    let answer = cli.command.run(&mut terminal);
    match answer.and_then(|answer| terminal.flush().map(|()| answer)) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::FAILURE,
        Err(error) => {
            // What was answered so far comes first. Without a reader there is nothing to say.
            drop(terminal.flush());
            if !matches!(error, CliError::Closed) {
                report(&error, is_json);
            }
            error.status().into()
        }
    }
}
