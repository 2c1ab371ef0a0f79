//! The whole of it: a secret, a token, what becomes of good and bad ones, and with feature `sqlite` the
//! visits of a subscriber on an embedded database; with feature `postgres` and an address, on PostgreSQL.
//!
//! `cargo run --example quickstart --features sqlite`, or with `--features postgres` and
//! `postgres://USER@HOST/DATABASE?schema=quickstart` in the environment variable `DATABASE_URL` (a schema of
//! its own, since its key is everyone's). Without that feature the variable is ignored. For a token of your
//! own there is the example `verify`.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

#[cfg(feature = "store")]
mod subscribers;
mod tokens;

// The errors of the crate are returned: their `Debug` form is their text, with the cause.
fn main() -> Result<ExitCode, Box<dyn Error>> {
    if env::args().len() > 1 {
        let text = "quickstart takes no arguments: the address of a database is in DATABASE_URL";
        writeln!(io::stderr(), "{text}")?;
        return Ok(ExitCode::FAILURE);
    }
    tokens::show()?;
    #[cfg(feature = "store")]
    subscribers::show()?;
    Ok(ExitCode::SUCCESS)
}
