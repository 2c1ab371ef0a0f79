//! One PostgreSQL, as the store meets it: conformance, random histories, and a short fire with the reckoning
//! of `tests/fire`.
//!
//! Without an address it starts a server itself, of the version whose `bin` folder the environment variable
//! `POSTGRES_PROGRAMS` names, and comes to it directly, through PgBouncer and through pgpool-II. Without that
//! variable either, it does so with the oldest and the newest version in `node_modules`.
#![allow(missing_docs, unreachable_pub, clippy::pedantic)]

mod engine;
mod local;

use std::process::ExitCode;

const USAGE: &str = "engines [URL] [--seed N] [--seconds N]
  URL: postgres://USER:PASSWORD@HOST/DATABASE, an empty database; what is made there is dropped";

#[derive(Debug)]
pub struct Args {
    pub url: Option<String>,
    pub seed: u64,
    /// How long the clients of each fire are at work.
    pub seconds: u64,
}

fn main() -> ExitCode {
    fire::client::run_if_asked();
    let args = match read(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let complaints = match &args.url {
        Some(url) => engine::run(&args, url),
        None if std::env::var_os(local::PROGRAMS).is_some() => local::run(&args),
        None => local::run_oldest_and_newest(),
    };
    if complaints.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("\nengines: FAILED with seed {}", args.seed);
    complaints.iter().for_each(|complaint| eprintln!("  {complaint}"));
    ExitCode::FAILURE
}

/// The options. `None` if the caller only lists tests, or wants tests of another name.
fn read(mut given: impl Iterator<Item = String>) -> Result<Option<Args>, String> {
    let mut args = Args { url: None, seed: 20_261_126, seconds: 4 };
    while let Some(argument) = given.next() {
        let mut number = || {
            let text = given.next().ok_or(format!("{argument} needs a value"))?;
            text.parse::<u64>().map_err(|_| format!("{text} is no number"))
        };
        match argument.as_str() {
            "--seed" => args.seed = number()?,
            "--seconds" => args.seconds = number()?.max(2),
            // What `cargo test` passes on to every test.
            "--list" => {
                println!("engines: test");
                return Ok(None);
            }
            "--nocapture" | "--no-capture" | "--quiet" | "-q" => {}
            url if url.starts_with("postgres") => args.url = Some(url.to_owned()),
            filter if "engines".contains(filter) => {}
            unknown if unknown.starts_with('-') => return Err(format!("{unknown} is unknown")),
            _ => return Ok(None),
        }
    }
    Ok(Some(args))
}
