//! Processes of our own: the test binary again, in a role that an environment variable gives it. They talk in
//! lines, and none outlives its test.

use std::{
    fmt::Display,
    io::{BufRead, BufReader, Write as _},
    process::{self, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

const ROLE: &str = "BOOSTGPT_SSO_TEST_CHILD";
/// What distinguishes our lines from the harness's.
const MARK: char = '@';
/// A child that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running child, killed at the latest when this is dropped.
pub struct Child {
    process: process::Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Child {
    /// Starts this binary with nothing but the test of that name, which takes up its role by [`arguments`].
    pub fn start(test: &str, arguments: &[&str]) -> Self {
        Self::start_through(&[], test, arguments)
    }

    /// The same through another program, which gets our command as its last arguments.
    pub fn start_through(wrapper: &[&str], test: &str, arguments: &[&str]) -> Self {
        let own = std::env::current_exe().unwrap();
        Self::start_binary(wrapper, own.to_str().unwrap(), test, arguments)
    }

    pub fn start_binary(wrapper: &[&str], binary: &str, test: &str, arguments: &[&str]) -> Self {
        let all = [wrapper, &[binary, "--exact", test, "--nocapture", "--test-threads", "1"]].concat();
        let mut command = Command::new(all[0]);
        command.args(&all[1..]).env(ROLE, arguments.join("\n"));
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", all[0]));
        let output = BufReader::new(process.stdout.take().unwrap());
        let (to_us, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(line) = line.strip_prefix(MARK) {
                    let _ = to_us.send(line.to_owned());
                }
            }
        });
        Self { input: process.stdin.take(), process, lines }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Gives the child a line.
    pub fn say(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush()).unwrap();
    }

    /// The child's next line; `None` where it has come to its end.
    pub fn line(&self) -> Option<String> {
        use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(Disconnected) => None,
            Err(Timeout) => panic!("the child hangs"),
        }
    }

    #[track_caller]
    pub fn expect(&self, expected: &str) {
        assert_eq!(self.line().as_deref(), Some(expected));
    }

    /// SIGKILL, and what the child had said before it.
    pub fn kill(mut self) -> Vec<String> {
        let _ = self.process.kill();
        self.process.wait().unwrap();
        self.lines.iter().collect()
    }

    /// What the child says until its own end, and that end.
    pub fn end(mut self) -> (ExitStatus, Vec<String>) {
        drop(self.input.take());
        let lines = std::iter::from_fn(|| self.line()).collect();
        (self.process.wait().unwrap(), lines)
    }

    /// What the child says until its own end, which must be a good one.
    #[track_caller]
    pub fn success(self) -> Vec<String> {
        let (status, lines) = self.end();
        assert!(status.success(), "{status}: {lines:?}");
        lines
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The child's side: what it was started with. `None` in a process that is no child, whose test then has
/// nothing to do.
pub fn arguments<const N: usize>() -> Option<[String; N]> {
    let role = std::env::var(ROLE).ok()?;
    let arguments: Vec<String> = role.split('\n').map(str::to_owned).collect();
    Some(arguments.try_into().expect("another role's arguments"))
}

/// The child's side: a line for its parent. One write, since several threads may have something to say.
pub fn tell(line: impl Display) {
    let mut output = std::io::stdout().lock();
    output.write_all(format!("\n{MARK}{line}\n").as_bytes()).and_then(|()| output.flush()).unwrap();
}

/// The child's side: its parent's next line.
pub fn hear() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
