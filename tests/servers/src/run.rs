//! Commands with a bound in time, waiting, and free ports.

use std::{
    collections::hash_map::RandomState,
    env,
    hash::{BuildHasher as _, Hasher as _},
    io::{ErrorKind, Read, Write as _},
    net::TcpListener,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What takes longer than this hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A command without what the caller's environment says about PostgreSQL, and with messages in English.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C");
    command
}

/// Runs a command to its end. Its trimmed output, or what it complained of.
pub(crate) fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let started = Instant::now();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => panic!("this test needs `{}`", command.get_program().display()),
        _ => panic!("{}: {error}", command.get_program().display()),
    });
    let (mut stdin, input) = (child.stdin.take().expect("piped"), input.to_owned());
    thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = read_all(child.stdout.take().expect("piped"));
    let errors = read_all(child.stderr.take().expect("piped"));
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break status;
        }
        if started.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{} hangs", command.get_program().display()));
        }
        thread::sleep(Duration::from_millis(2));
    };
    let [output, errors] = [output, errors].map(|reader| reader.join().expect("a reader"));
    if status.success() {
        Ok(output)
    } else {
        Err(format!("{}: {status}: {errors}", command.get_program().display()))
    }
}

fn read_all(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).trim().to_owned()
    })
}

/// Asks again and again until the answer is yes. False where it never was.
pub(crate) fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if started.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// A free loopback port below those that the system gives to outgoing connections: while its server is down
/// for a moment, no client can get it as its own port.
pub(crate) fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let random =
        || 10_000 + u16::try_from(RandomState::new().build_hasher().finish() % 20_000).expect("it is small");
    std::iter::repeat_with(random).take(1000).find(is_free).expect("a free port")
}
