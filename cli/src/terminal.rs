//! The three streams: answers, notes and questions, and what only people at a terminal get: colours and
//! progress.

use std::{
    env,
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Stdout, Write},
    time::Duration,
};

use anstream::AutoStream;
use clap::builder::styling::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use serde::Serialize;

use crate::{
    error::CliError,
    text::{escaped, escaped_json},
};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const BAR: Style = AnsiColor::Cyan.on_default();

/// How often progress moves.
const TICK: Duration = Duration::from_millis(200);

pub(crate) struct Terminal {
    /// It takes colours away if the terminal has none, or NO_COLOR is set.
    out: BufWriter<AutoStream<Stdout>>,
    /// A person reads the answers as they come.
    pub(crate) is_watched: bool,
    /// Answers are JSON, for a program.
    pub(crate) is_json: bool,
}

impl Terminal {
    pub(crate) fn new(is_json: bool) -> Self {
        let out = io::stdout();
        let is_watched = out.is_terminal();
        Self { out: BufWriter::new(AutoStream::auto(out)), is_watched, is_json }
    }

    /// Prints an answer: the value as a line of JSON if the user wants JSON, otherwise the lines.
    pub(crate) fn answer(
        &mut self,
        value: &impl Serialize,
        lines: impl FnOnce(&mut Self) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        if !self.is_json {
            return lines(self);
        }
        let json = serde_json::to_string(value).map_err(|error| CliError::output(error.into()))?;
        self.line(escaped_json(&json))
    }

    /// Prints a line of the answer.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<(), CliError> {
        writeln!(self.out, "{line}").map_err(CliError::output)
    }

    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(CliError::output)
    }
}

/// Says what will be done and asks whether to do it. If there is no person to ask, that is an error.
pub(crate) fn confirm(consequence: &str) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() || is_dumb() {
        return Err(CliError::NotConfirmed);
    }
    note(consequence);
    // Escape, Ctrl-C and Ctrl-D are a no.
    let is_yes = inquire::Confirm::new("Go on?").with_default(false).prompt().unwrap_or(false);
    if !is_yes {
        note("nothing was changed");
    }
    Ok(is_yes)
}

/// Shows that work goes on, and how far, on a line of standard error that is gone in the end.
pub(crate) fn progress(what: &'static str) -> ProgressBar {
    let progress = ProgressBar::new_spinner().with_message(what).with_finish(ProgressFinish::AndClear);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {elapsed}") {
        progress.set_style(style);
    }
    progress.tick();
    progress.enable_steady_tick(TICK);
    progress
}

/// The text in this style. Where it is printed, the style is taken away if the terminal has none.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a line beside the answer, on standard error. If nothing can be written there, it is lost.
pub(crate) fn note(note: impl Display) {
    // In one piece, so that nothing comes in between.
    let line = format!("{note}\n");
    let _ = anstream::stderr().write_all(line.as_bytes());
}

/// What a program is told of an error.
#[derive(Serialize)]
struct ErrorLine<'a> {
    error: ErrorRecord<'a>,
}

#[derive(Serialize)]
struct ErrorRecord<'a> {
    code: &'a str,
    message: &'a str,
    status: u8,
}

/// Says why the command failed, with the causes: one line, of JSON if the user wants JSON.
pub(crate) fn report(error: &CliError, is_json: bool) {
    let message = error.message();
    let failed =
        ErrorLine { error: ErrorRecord { code: error.code(), message: &message, status: error.status() } };
    match serde_json::to_string(&failed) {
        Ok(json) if is_json => note(escaped_json(&json)),
        _ => note(format_args!("{}: {}", paint(BAD, "error"), escaped(&message))),
    }
}

/// A terminal that can do nothing but print.
fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}
