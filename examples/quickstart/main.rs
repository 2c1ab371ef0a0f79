//! The whole of it: a secret, a token, what becomes of good and bad ones, and with feature `sqlite` the
//! visits of a subscriber on an embedded database; with feature `postgres` and an address, on PostgreSQL.
//!
//! `cargo run --example quickstart --features sqlite`, or with `--features postgres -- \
//! postgres://USER@HOST/DATABASE?schema=quickstart` (a schema of its own, since its key is everybody's), or
//! `cargo run --example quickstart -- TOKEN SECRET` for a token of your own.

use std::{env, error::Error};

use boostgpt_sso::Verifier;

#[cfg(feature = "store")]
mod subscribers;
mod tokens;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] | [_] => {}
        [token, secret] => {
            tokens::report("your token", &Verifier::new(&secret.parse()?), token);
            return Ok(());
        }
        _ => return Err("usage: quickstart [STORE | TOKEN SECRET]".into()),
    }
    tokens::show()?;
    #[cfg(feature = "store")]
    subscribers::show(arguments.first().map(String::as_str))?;
    Ok(())
}
