//! One PostgreSQL, as the store meets it: conformance, random histories, and a short fire with the reckoning
//! of `tests/fire`.
//!
//! Without an address it starts a server itself, of the version whose `bin` folder the environment variable
//! `POSTGRES_PROGRAMS` names, and comes to it directly, through PgBouncer and through pgpool-II. Without that
//! variable either, it does the short form of that (not through pgpool-II, and each part once) with the
//! oldest and the newest version in `node_modules`.
#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "tests have no public interface")]

mod engine;
mod local;

use std::process::ExitCode;

const USAGE: &str = "engines [URL [--pooled] [--existing]] [--seed N] [--seconds N] [--short]
  URL: postgres://USER:PASSWORD@HOST/DATABASE, an empty database; what is made there is dropped
  --pooled: a pooler shares connections by the transaction; nothing is prepared
  --existing: the tables are there and empty, in `sso` and in `sso_conformance`; they are emptied at the end";

/// How a database is come to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Access {
    /// Through a pooler that shares connections by the transaction.
    pub is_pooled: bool,
    /// Its operator has made the tables.
    pub is_existing: bool,
}

#[derive(Debug)]
pub struct Args {
    pub url: Option<String>,
    /// What is said of that address.
    pub access: Access,
    pub seed: u64,
    /// How long the clients of each fire are at work.
    pub seconds: u64,
    /// Only the parts that differ between versions: for every `cargo test`.
    pub is_short: bool,
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
    let access = Access::default();
    let mut args = Args { url: None, access, seed: 20_261_126, seconds: 4, is_short: false };
    while let Some(argument) = given.next() {
        let mut number = || {
            let text = given.next().ok_or(format!("{argument} needs a value"))?;
            text.parse::<u64>().map_err(|_| format!("{text} is no number"))
        };
        match argument.as_str() {
            "--seed" => args.seed = number()?,
            "--seconds" => args.seconds = number()?.max(2),
            "--pooled" => args.access.is_pooled = true,
            "--existing" => args.access.is_existing = true,
            // What `cargo test` passes on to every test.
            "--list" => {
                println!("engines: test");
                return Ok(None);
            }
            "--short" => args.is_short = true,
            "--nocapture" | "--no-capture" | "--quiet" | "-q" => {}
            url if ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) => {
                args.url = Some(url.to_owned());
            }
            filter if "engines".contains(filter) => {}
            unknown if unknown.starts_with('-') => return Err(format!("{unknown} is unknown")),
            _ => return Ok(None),
        }
    }
    if args.url.is_none() && (args.access.is_pooled || args.access.is_existing) {
        return Err("--pooled and --existing are said of a URL".to_owned());
    }
    Ok(Some(args))
}
