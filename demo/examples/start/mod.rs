//! How an example starts and ends: its port from the environment, an error that says what to do, and lines
//! that may go unread.

use std::{
    env,
    error::Error,
    fmt::Display,
    io::{self, Write},
    net::TcpListener,
    process::ExitCode,
};

/// Listens on this machine, at the port in the environment variable `PORT` or else at this one. 0 is any free
/// port.
pub(crate) fn listen(default: u16) -> Result<TcpListener, String> {
    let port = match env::var("PORT") {
        Ok(text) => text.parse().map_err(|_| "PORT is not a number from 0 to 65535".to_owned())?,
        Err(_) => default,
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener
        .map_err(|error| format!("cannot listen on port {port} ({error}): choose another one with PORT=…"))
}

/// Prints a line. If no one reads it (a closed pipe), the program goes on, where `println!` panics.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Ends the program. An error is printed as its plain text, with its causes. (A `main` that returns one
/// prints its `Debug` form.)
pub(crate) fn end(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text = text + ": " + &error.to_string();
        cause = error.source();
    }
    warn(text);
    ExitCode::FAILURE
}

/// Prints a line for the operator, in the same way as [`say`].
pub(crate) fn warn(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
