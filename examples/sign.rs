//! A customer's back end: signs a widget token for the visitor who is logged in.
//!
//! `BOOSTGPT_SSO_SECRET=… cargo run --example sign -- ada@example.com "Ada Lovelace" 42`

use std::{
    env,
    error::Error,
    io::{self, Write},
};

use boostgpt_sso::{Identity, Signer};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let email = arguments.next().unwrap_or_else(|| "ada@example.com".to_owned());
    let name = arguments.next().unwrap_or_default(); // an empty name is no name
    let external_id = arguments.next().unwrap_or_default();

    let signer = Signer::from_env()?; // once, at start-up
    let user = Identity::new(&email)?.with_name(&name)?.with_external_id(&external_id)?;
    let token = signer.sign(&user); // for every page load

    writeln!(io::stdout(), "{token}")?;
    writeln!(io::stderr(), "accepted until {}", token.expires_at())?;
    Ok(())
}
