//! What the program is asked to do.

/// For those who pass no arguments: a run for every `cargo test`.
const SEED: u64 = 20_261_122;
const USAGE: &str = "fire [--seed N] [--rounds N | --seconds N] [--clients N] [--every-byte] [--only PHASE]";
/// libtest's own flags, of which none means anything here; and those that take a value.
const FLAGS: [&str; 8] = [
    "--nocapture",
    "--no-capture",
    "--show-output",
    "--quiet",
    "-q",
    "--include-ignored",
    "--report-time",
    "--exclude-should-panic",
];
const VALUES: [&str; 6] = ["--test-threads", "--color", "--format", "--logfile", "-Z", "--shuffle-seed"];

#[derive(Debug)]
pub struct Args {
    pub seed: u64,
    pub rounds: u64,
    /// Another round begins for as long as this is not over.
    pub seconds: u64,
    pub clients: usize,
    /// The sweep of the first round cuts at every byte.
    pub every_byte: bool,
    /// A phase, where not all are wanted.
    pub only: Option<String>,
    /// Nobody asked for a longer run.
    pub is_short: bool,
}

/// Reads what to do: nothing if the tests of another package are meant or a list of them is wanted.
pub fn read(given: impl Iterator<Item = String>) -> Result<Option<Args>, String> {
    let mut args =
        Args { seed: SEED, rounds: 1, seconds: 0, clients: 3, every_byte: false, only: None, is_short: true };
    let (mut filters, mut skips, mut is_list, mut is_exact, mut only_ignored) =
        (Vec::new(), Vec::new(), false, false, false);
    let mut given = given.peekable();
    while let Some(argument) = given.next() {
        let (name, joined) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with('-') => (name.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        let mut text = || joined.clone().or_else(|| given.next()).ok_or(format!("{name} what? {USAGE}"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no number: {USAGE}"));
        match name.as_str() {
            "--seed" => args.seed = number(text()?)?,
            "--rounds" => (args.rounds, args.is_short) = (number(text()?)?.max(1), false),
            "--seconds" => (args.seconds, args.is_short) = (number(text()?)?, false),
            "--clients" => args.clients = number(text()?)?.clamp(1, 64) as usize,
            "--every-byte" => args.every_byte = true,
            "--only" => args.only = Some(text()?),
            "--list" => is_list = true,
            "--exact" => is_exact = true,
            "--ignored" => only_ignored = true,
            "--skip" => skips.push(text()?),
            name if VALUES.contains(&name) => drop(text()?),
            name if FLAGS.contains(&name) => {}
            name if name.starts_with('-') => return Err(format!("{name} is unknown: {USAGE}")),
            _ => filters.push(name),
        }
    }
    let is_us = |filter: &String| if is_exact { filter == "fire" } else { "fire".contains(filter.as_str()) };
    let is_meant =
        (filters.is_empty() || filters.iter().any(is_us)) && !skips.iter().any(is_us) && !only_ignored;
    if is_list {
        if is_meant {
            println!("fire: test");
        }
        return Ok(None);
    }
    Ok(Some(args).filter(|_| is_meant))
}
