//! The command line.

use std::{env, error::Error};

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) store: Option<String>,
    pub(crate) past: bool,
}

impl Options {
    pub(crate) fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let mut options = Self { port: 8080, store: None, past: false };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--port" => options.port = value()?.parse()?,
                "--store" => options.store = Some(value()?),
                "--past" => options.past = true,
                _ => return Err("usage: widget_demo [--port PORT] [--store ADDRESS] [--past]".into()),
            }
        }
        Ok(options)
    }
}
