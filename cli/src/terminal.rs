//! The three streams: answers, notes and questions, and what only people at a terminal get: colours and progress.

use std::{
    env,
    error::Error,
    fmt::Display,
    io::{self, BufRead, BufWriter, IsTerminal, Stdout, Write},
    time::{Duration, Instant},
};

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use crate::{
    failure::Failure,
    text::{escaped, escaped_json},
};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const BAR: Style = AnsiColor::Cyan.on_default();

/// How often progress is shown anew.
const TICK: Duration = Duration::from_millis(200);

pub(crate) struct Terminal {
    out: BufWriter<Stdout>,
    /// Somebody reads the answers as they come.
    pub(crate) is_watched: bool,
    colours: bool,
    /// Somebody reads the notes as they come.
    notes_are_watched: bool,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let out = io::stdout();
        let is_watched = out.is_terminal();
        Self {
            out: BufWriter::new(out),
            is_watched,
            colours: is_watched && wants_colours(),
            notes_are_watched: io::stderr().is_terminal(),
        }
    }

    /// A line of the answer.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<(), Failure> {
        writeln!(self.out, "{line}").map_err(Failure::output)
    }

    /// A value of the answer, for a program: one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let json = serde_json::to_string(value).map_err(|error| Failure::output(error.into()))?;
        self.line(escaped_json(&json))
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::output)
    }

    /// The text in this style, where the answer goes to a terminal that takes colours.
    pub(crate) fn paint(&self, style: Style, text: impl Display) -> String {
        if self.colours { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// Why the command failed, with its causes: one line.
    pub(crate) fn error(&self, failure: &Failure) {
        let mut line = failure.to_string();
        let mut cause = failure.source();
        while let Some(error) = cause {
            line = format!("{line}: {error}");
            cause = error.source();
        }
        let label = if self.notes_are_watched && wants_colours() {
            format!("{BAD}error{BAD:#}")
        } else {
            "error".to_owned()
        };
        note(format_args!("{label}: {}", escaped(&line)));
    }

    /// Asks for a yes. Where nobody can be asked, that is a failure.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, Failure> {
        if !self.notes_are_watched || !io::stdin().is_terminal() {
            return Err(Failure::NotConfirmed);
        }
        let mut stderr = io::stderr();
        let _ = write!(stderr, "{question} Type yes to go on: ").and_then(|()| stderr.flush());
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map_err(|_| Failure::NotConfirmed)?;
        let is_yes = answer.trim() == "yes";
        if !is_yes {
            note("nothing was changed");
        }
        Ok(is_yes)
    }

    /// Progress, for who watches standard error and does not see the answer grow on the same screen.
    pub(crate) fn progress(&self, what: &'static str) -> Progress {
        Progress { what, is_shown: self.notes_are_watched && !is_dumb(), since: Instant::now() }
    }
}

/// A line beside the answer, on standard error. Where nobody can be told, nobody is.
pub(crate) fn note(note: impl Display) {
    let _ = writeln!(io::stderr(), "{note}");
}

/// The current state of something long, on a line of standard error that is gone in the end.
pub(crate) struct Progress {
    what: &'static str,
    is_shown: bool,
    since: Instant,
}

impl Progress {
    pub(crate) fn show(&self, state: impl Display) {
        if self.is_shown {
            let mut stderr = io::stderr();
            let _ = write!(stderr, "\r\x1b[K{}{state}", self.what).and_then(|()| stderr.flush());
        }
    }

    /// Shows how long the work takes, as long as it does.
    pub(crate) async fn during<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            self.show(format_args!(": {} s", self.since.elapsed().as_secs()));
            if let Ok(done) = tokio::time::timeout(TICK, &mut work).await {
                return done;
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// See no-color.org.
fn wants_colours() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && !is_dumb()
}

/// A terminal that can do nothing but print.
fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}
