//! What `--help` shows below the arguments: examples, the environment, the exit statuses.

use std::iter;

use clap::{Command, builder::Styles};

use crate::examples::examples_of;

pub(crate) const NAME: &str = "boostgpt-sso";

/// The exit statuses and what each means.
pub(crate) const STATUSES: [(&str, &str); 4] = [
    ("0", "done, accepted, or found"),
    ("1", "refused, declined, or not found"),
    ("2", "wrong arguments, or something failed"),
    ("141", "the reader of standard output stopped reading"),
];

/// A variable, the option whose commands read it, and what it is.
pub(crate) const VARIABLES: [(&str, Option<&str>, &str); 4] = [
    ("BOOSTGPT_SSO_SECRET", Some("secret_file"), "The agent's SSO secret, if no --secret-file is given"),
    ("BOOSTGPT_SSO_STORE", Some("store"), "The store's address, if no --store is given"),
    (
        "BOOSTGPT_SSO_MASTER_KEY",
        Some("master_key_file"),
        "The store's master key, if no --master-key-file is given; several are separated by commas",
    ),
    ("NO_COLOR", None, "If it is set and not empty, nothing is coloured"),
];

/// What goes where.
pub(crate) const STREAMS: [(&str, &str); 2] = [
    ("standard output", "The answer, and nothing else"),
    ("standard error", "Errors, warnings, questions, and at the end of a page how to see more"),
];

/// Adds to the definition of the commands the help that is not in the comments on their arguments.
pub(crate) fn with_help(command: Command) -> Command {
    let section = |name: &str, rows: &[(&str, &str)]| {
        let width = rows.iter().map(|(term, _)| term.len()).max().unwrap_or(0);
        let lines = rows.iter().map(|(term, text)| format!("  {term:<width$}  {text}"));
        iter::once(heading(name)).chain(lines).collect::<Vec<_>>().join("\n")
    };
    let variables = VARIABLES.map(|(name, _, text)| (name, text));
    let sections = [
        help_of(&[]),
        section("Environment", &variables),
        section("Streams", &STREAMS),
        section("Exit status", &STATUSES),
    ];
    let command = command.bin_name(NAME).after_help(sections.join("\n\n"));
    command.mut_subcommands(|command| with_examples(command, &[]))
}

fn with_examples(command: Command, above: &[&str]) -> Command {
    let name = command.get_name().to_owned();
    let words = [above, &[&name]].concat();
    let command = command.mut_subcommands(|command| with_examples(command, &words));
    command.after_help(help_of(&words))
}

fn heading(text: &str) -> String {
    let styles = Styles::default();
    let style = styles.get_header();
    format!("{style}{text}:{style:#}")
}

/// The examples, as the last part of the help.
fn help_of(words: &[&str]) -> String {
    let shown = examples_of(words).flat_map(|(what, lines)| {
        iter::once(format!("  {what}:")).chain(lines.lines().map(|line| format!("    {line}")))
    });
    iter::once(heading("Examples")).chain(shown).collect::<Vec<_>>().join("\n")
}
