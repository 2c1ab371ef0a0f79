//! The command `boostgpt-sso`, run as people and scripts run it: arguments, environment, standard input, exit
//! status.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::pedantic,
    reason = "tests have no public interface"
)]

#[path = "../../../tests/databases/database.rs"]
#[allow(dead_code, reason = "another test uses more of it")]
mod database;
#[path = "../../../tests/suite/support.rs"]
#[allow(dead_code, reason = "another test uses more of it")]
mod support;

mod arguments;
mod doctor;
mod errors;
mod examples;
mod inputs;
mod manual;
mod opening;
mod outputs;
mod readme;
mod requests;
mod stores;
mod subscribers;
mod terminal;
mod tokens;

use std::{
    io::{Read, Write},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value;

use crate::support::*;

/// That of [`crate::database::MASTER_KEY`].
pub fn master_key() -> String {
    hex::encode(crate::database::MASTER_KEY)
}

/// A call of the command, with the test's secret in its environment and nothing else that could matter.
pub struct Call {
    command: Command,
    input: Vec<u8>,
    /// What the input waits for.
    prompt: Option<&'static str>,
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

pub fn call(arguments: &[&str]) -> Call {
    program(env!("CARGO_BIN_EXE_boostgpt-sso"), arguments)
}

/// The same for another program, which runs the command in turn.
pub fn program(program: &str, arguments: &[&str]) -> Call {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("BOOSTGPT_SSO_SECRET", SECRET).env("TERM", "xterm");
    command.env("PATH", std::env::var_os("PATH").unwrap());
    Call { command, input: Vec::new(), prompt: None }
}

impl Call {
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// At this store, with the tests' master key.
    pub fn at(self, store: &str) -> Self {
        self.env("BOOSTGPT_SSO_STORE", store).env("BOOSTGPT_SSO_MASTER_KEY", &master_key())
    }

    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub fn input(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_owned();
        self
    }

    /// Types this when the prompt is seen, and stays.
    pub fn typed(mut self, prompt: &'static str, input: &str) -> Self {
        self.prompt = Some(prompt);
        self.input(input)
    }

    #[track_caller]
    pub fn run(mut self) -> Done {
        let streams = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().unwrap_or_else(|error| {
            panic!("{error}: install what scripts/test installs, to run {:?}", self.command)
        });
        let (mut stdin, mut out) = (child.stdin.take().unwrap(), Vec::new());
        let stays = if let Some(prompt) = self.prompt {
            let mut stdout = child.stdout.take().unwrap();
            let mut byte = [0];
            while !String::from_utf8_lossy(&out).contains(prompt) && stdout.read(&mut byte).unwrap() == 1 {
                out.push(byte[0]);
            }
            stdin.write_all(&self.input).unwrap();
            stdout.read_to_end(&mut out).unwrap();
            Some(stdin)
        } else {
            // A program that does not read its input may end before all of it is written.
            thread::spawn(move || drop(stdin.write_all(&self.input)));
            None
        };
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        drop(stays);
        out.extend(stdout);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let done = Done { status: status.code().unwrap(), out: text(out), err: text(stderr) };
        let shown = format!("{}{}", done.out, done.err);
        assert!(!shown.contains("panicked"), "{shown}");
        done
    }

    /// Succeeds, and what it answered, without the end of its last line.
    #[track_caller]
    pub fn answer(self) -> String {
        let done = self.run();
        assert_eq!(done.status, 0, "{done:?}");
        done.out.strip_suffix('\n').unwrap_or(&done.out).to_owned()
    }

    /// Succeeds with one JSON value.
    #[track_caller]
    pub fn json(self) -> Value {
        json(&self.answer())
    }

    /// Fails with this status, nothing on standard output, and one line on standard error that says this.
    #[track_caller]
    pub fn fails(self, status: i32, says: &str) {
        let done = self.run();
        assert_eq!((done.status, &*done.out), (status, ""), "{done:?}");
        assert!(done.err.contains(says), "{says} is not in {done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
    }
}

/// A key file that only its owner can read.
pub fn write_key(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

#[track_caller]
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
