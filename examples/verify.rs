//! A BoostGPT service: identifies the visitor, or lets them stay anonymous.
//!
//! `BOOSTGPT_SSO_SECRET=… cargo run --example verify`, then paste the token and press Enter. Or pass it on
//! standard input: `cargo run --example sign | cargo run --example verify`.

use std::{
    env,
    error::Error,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use boostgpt_sso::{SsoSecret, Verifier};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    if env::args().len() > 1 {
        // Every user of the machine can read them.
        return Err("verify takes no arguments: give the token on standard input".into());
    }
    let verifier = Verifier::new(&SsoSecret::from_env()?); // once per agent
    if io::stdin().is_terminal() {
        writeln!(io::stderr(), "paste a token, then press Enter:")?;
    }
    let presented = io::stdin().lines().next().ok_or("no token on standard input")??;

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
