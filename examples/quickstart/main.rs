//! The whole of it: a secret, a token, what becomes of good and bad ones, and with feature `sqlite` the
//! visits of a subscriber on an embedded database; with feature `postgres` and an address, on PostgreSQL.
//!
//! `cargo run --example quickstart --features sqlite`, or with `--features postgres -- \
//! postgres://USER@HOST/DATABASE?schema=quickstart` (a schema of its own, since its key is everybody's). For
//! a token of your own there is the example `verify`.

use std::{env, error::Error};

#[cfg(feature = "store")]
mod subscribers;
mod tokens;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.len() > 1 {
        return Err("usage: quickstart [STORE]".into());
    }
    tokens::show()?;
    #[cfg(feature = "store")]
    subscribers::show(arguments.first().map(String::as_str))?;
    Ok(())
}
