//! The arguments: understood, or refused without repeating a secret and without letting anything through to
//! the terminal.

use std::{env, ffi::OsString, process::ExitCode};

use clap::{Arg, Command, FromArgMatches, error::ErrorKind};

use crate::{
    commands::{Cli, definition},
    error::CliError,
    terminal::report,
    text::{escaped, may_hold_secret},
};

/// Reads the arguments of this process. If they ask for help or make no sense, prints that and returns the
/// exit status.
pub(crate) fn read() -> Result<Cli, ExitCode> {
    let arguments: Vec<OsString> = env::args_os().collect();
    parse(&arguments).map_err(|error| {
        if error.exit_code() != 0 {
            refuse(&error, &arguments);
        } else if let Err(error) = error.print().map_err(CliError::output) {
            return error.status().into();
        }
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&definition().try_get_matches_from(arguments)?)
}

/// Whether an answer in JSON is wanted, as far as that can be known of arguments that are not understood.
fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

/// Says what is wrong with the arguments, with what clap repeats of them escaped.
fn refuse(error: &clap::Error, arguments: &[OsString]) {
    let is_json = wants_json(arguments);
    let texts: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    if texts.iter().skip(1).any(|text| may_hold_secret(text)) {
        return report(&CliError::SecretAmongArguments, is_json);
    }
    let shown: Vec<OsString> = texts.iter().map(|text| escaped(text).into()).collect();
    let again = match error.kind() {
        // A token may begin with a hyphen, so a misspelt option was taken for one, and the token was one too
        // many.
        ErrorKind::UnknownArgument => with_plain_operands(definition()).try_get_matches_from(&shown).err(),
        _ => parse(&shown).err().filter(|again| again.kind() == error.kind()),
    };
    match again {
        Some(again) if is_json => report(&CliError::Usage { message: in_one_line(&again) }, is_json),
        Some(again) => drop(again.print()),
        None => report(&CliError::UnreadableArguments, is_json),
    }
}

/// What clap says, without the usage and the help.
fn in_one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command or an argument is missing, see --help".to_owned();
    }
    let text = error.render().to_string();
    let said = text.split("\n\nUsage:").next().and_then(|text| text.split("\n\nFor more").next());
    let said = said.unwrap_or_default().trim_start_matches("error: ");
    said.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same command and those below it, whose arguments without a name do not begin with a hyphen.
fn with_plain_operands(command: Command) -> Command {
    let plain = |argument: Arg| {
        let is_operand = argument.is_positional();
        if is_operand { argument.allow_hyphen_values(false) } else { argument }
    };
    command.mut_args(plain).mut_subcommands(with_plain_operands)
}
