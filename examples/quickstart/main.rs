//! The whole of it: a secret, a token, what becomes of good and bad ones, and with feature `sqlite` the visits of a
//! subscriber on an embedded database.
//!
//! `cargo run --example quickstart --features sqlite`, or `cargo run --example quickstart -- TOKEN SECRET` for a token of
//! your own.

use std::{env, error::Error};

use boostgpt_sso::Verifier;

#[cfg(feature = "sqlite")]
mod subscribers;
mod tokens;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => {}
        [token, secret] => {
            tokens::report("your token", &Verifier::new(&secret.parse()?), token);
            return Ok(());
        }
        _ => return Err("usage: quickstart [TOKEN SECRET]".into()),
    }
    tokens::show()?;
    #[cfg(feature = "sqlite")]
    subscribers::show()?;
    Ok(())
}
