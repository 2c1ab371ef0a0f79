//! Processes of our own: this program again, in a role that an environment variable gives it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{self, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

const ROLE: &str = "BOOSTGPT_SSO_FIRE_CLIENT";

/// A running child, killed at the latest when this is dropped.
pub struct Process {
    process: process::Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(ROLE, arguments.join("\n")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (to_us, lines) = channel();
        thread::spawn(move || {
            output.lines().map_while(Result::ok).for_each(|line| drop(to_us.send(line)));
        });
        Self { input: process.stdin.take(), process, lines }
    }

    /// The child's next line, if it says one in time.
    pub fn line(&self, patience: Duration) -> Result<String, RecvTimeoutError> {
        self.lines.recv_timeout(patience)
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }

    /// Tells the child to come to its end.
    pub fn stop(&mut self) {
        drop(self.input.take());
    }

    /// How it ended; `None` where it did not in time.
    pub fn end(mut self, patience: Duration) -> Option<ExitStatus> {
        self.stop();
        let started = Instant::now();
        while started.elapsed() < patience {
            if let Some(status) = self.process.try_wait().unwrap() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The child's side: what it was started with. `None` in a process that is no child.
pub fn arguments<const N: usize>() -> Option<[String; N]> {
    let role = std::env::var(ROLE).ok()?;
    let arguments: Vec<String> = role.split('\n').map(str::to_owned).collect();
    Some(arguments.try_into().expect("another role's arguments"))
}

/// The child's side: a line for its parent.
pub fn tell(line: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(format!("{line}\n").as_bytes()).and_then(|()| output.flush());
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
