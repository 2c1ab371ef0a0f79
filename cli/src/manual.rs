//! `completions` and `man`: both written from the definition of the arguments, so that they cannot disagree
//! with it.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::roff::{Roff, bold, roman};
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    examples::examples_of,
    help::{NAME, STATUSES, STREAMS, VARIABLES},
    terminal::Terminal,
};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "FOLDER", allow_hyphen_values = true)]
    into: Option<PathBuf>,
}

/// A generated text, for a program.
#[derive(Serialize)]
struct Generated<'a> {
    text: &'a str,
}

/// The names of the pages that were written, for a program.
#[derive(Serialize)]
struct Pages {
    pages: Vec<String>,
}

impl Completions {
    pub(crate) fn run(self, mut definition: Command, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut definition, NAME, &mut script);
        let mut script = String::from_utf8_lossy(&script).into_owned();
        if self.shell == Shell::Bash {
            // clap issue 6421: a hyphen in the program's name is spelled in two ways, and no command is
            // completed.
            script = script.replace("boostgpt__subcmd__sso", "boostgpt__sso");
        }
        print(&script, terminal)
    }
}

impl Man {
    pub(crate) fn run(self, definition: Command, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let mut command = definition.disable_help_subcommand(true);
        command.build();
        let Some(folder) = self.into else {
            return print(&page(&command, &[]).map_err(CliError::Pages)?, terminal);
        };
        let mut written = Pages { pages: Vec::new() };
        write_pages(&command, &[], &folder, &mut written.pages)?;
        terminal.answer(&written, |_| Ok(()))?;
        Ok(Answer::Yes)
    }
}

fn print(text: &str, terminal: &mut Terminal) -> Result<Answer, CliError> {
    terminal.answer(&Generated { text }, |out| out.line(text.trim_end()))?;
    Ok(Answer::Yes)
}

/// Writes the pages of the command with these words, and of those below it.
fn write_pages(
    command: &Command,
    words: &[&str],
    folder: &Path,
    written: &mut Vec<String>,
) -> Result<(), CliError> {
    for below in command.get_subcommands() {
        write_pages(below, &[words, &[below.get_name()]].concat(), folder, written)?;
    }
    let name = format!("{}.1", [&[NAME], words].concat().join("-"));
    let text = page(command, words).map_err(CliError::Pages)?;
    let path = folder.join(&name);
    // Renaming replaces a link that is made meanwhile, and follows none.
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
        return Err(CliError::PageIsLink { page: name });
    }
    replace(folder, &path, &text).map_err(CliError::Pages)?;
    written.push(name);
    Ok(())
}

fn replace(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// The manual page of the command with these words.
fn page(command: &Command, words: &[&str]) -> io::Result<String> {
    let man = clap_mangen::Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut more = Roff::new();
    let reads = |option: Option<&str>| {
        option.is_none_or(|option| words.is_empty() || command.get_arguments().any(|a| a.get_id() == option))
    };
    more.control("SH", ["ENVIRONMENT"]);
    terms(
        &mut more,
        VARIABLES.iter().filter(|(_, option, _)| reads(*option)).map(|(name, _, text)| (*name, *text)),
    );
    more.control("SH", ["STREAMS"]);
    terms(&mut more, STREAMS);
    more.control("SH", ["EXIT STATUS"]);
    terms(&mut more, STATUSES);
    more.control("SH", ["EXAMPLES"]);
    for (what, lines) in examples_of(words) {
        more.control("PP", []);
        more.text([roman(format!("{what}:"))]);
        more.control("PP", []);
        more.control("RS", ["4"]);
        more.control("nf", []);
        for line in lines.lines() {
            more.text([roman(line)]);
        }
        more.control("fi", []);
        more.control("RE", []);
    }
    more.to_writer(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// A list of terms and what each means.
fn terms<'a>(page: &mut Roff, terms: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (term, text) in terms {
        page.control("TP", []);
        page.text([bold(term)]);
        page.text([roman(text)]);
    }
}
