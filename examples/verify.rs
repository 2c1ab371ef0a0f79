//! A BoostGPT service: identifies the visitor, or lets them stay anonymous.
//!
//! `BOOSTGPT_SSO_SECRET=… cargo run --example verify -- TOKEN`, or the token on standard input

use std::{
    env,
    error::Error,
    io::{self, Write},
};

use boostgpt_sso::{SsoSecret, Verifier};

fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::new(&SsoSecret::from_env()?); // once per agent
    let presented = match env::args().nth(1) {
        Some(token) => token,
        None => io::stdin().lines().next().ok_or("no token on standard input")??,
    };

    match verifier.verify(&presented) {
        Ok(visitor) => {
            writeln!(io::stdout(), "identified: {}", visitor.email().as_str())?;
            writeln!(io::stdout(), "  name         {}", visitor.name().unwrap_or("(none)"))?;
            writeln!(io::stdout(), "  external id  {}", visitor.external_id().unwrap_or("(none)"))?;
            writeln!(io::stdout(), "  until        {}", visitor.expires_at())?;
        }
        // The visitor sees none of this: they carry on as anonymous.
        Err(reason) => writeln!(io::stdout(), "anonymous: {} ({reason})", reason.code())?,
    }
    Ok(())
}
