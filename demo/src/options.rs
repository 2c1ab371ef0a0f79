//! The command line.

use std::{env, error::Error};

use crate::clock::Clock;

const USAGE: &str = "usage: widget-demo [OPTION]...

  --port PORT        the site's port; the agent's is the next one. Or PORT in the environment. 8080, or 0
                     for any free ones
  --store ADDRESS    postgres://… or sqlite:FILE instead of a file in a temporary folder. Or, if it has a
                     password, BOOSTGPT_SSO_STORE in the environment. Its key is in BOOSTGPT_SSO_MASTER_KEY
  --embedder ORIGIN  a site of yours that embeds the agent, such as http://127.0.0.1:3000, instead of the
                     demo's own
  --past             invents two weeks of visits
  --clock FILE       for tests: moves the clock by the seconds in this file";

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) store: Option<String>,
    pub(crate) embedder: Option<String>,
    pub(crate) past: bool,
    pub(crate) clock: Clock,
}

impl Options {
    pub(crate) fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let port = env::var("PORT").map_or(Ok(8080), |port| number("PORT", &port))?;
        let store = env::var("BOOSTGPT_SSO_STORE").ok();
        let mut options = Self { port, store, embedder: None, past: false, clock: Clock::default() };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--port" => options.port = number("--port", &value()?)?,
                "--store" => options.store = Some(value()?),
                "--embedder" => options.embedder = Some(origin(value()?)?),
                "--past" => options.past = true,
                "--clock" => options.clock = Clock::moved_by(value()?.into())?,
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }
}

fn number(name: &str, text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{name} is not a number from 0 to 65535"))
}

/// It goes into a policy and is compared with what browsers send: scheme, host and port, and nothing more.
fn origin(text: String) -> Result<String, &'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
    if host.is_empty() || !host.chars().all(is_plain) {
        return Err("--embedder is not an origin: give it like http://127.0.0.1:3000, without a path");
    }
    Ok(text)
}
