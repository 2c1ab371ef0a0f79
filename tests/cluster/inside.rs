//! Starts this program again inside namespaces of its own: processes, network and mounts.
//!
//! The first process inside is a shell, which reaps what servers leave behind. When it ends, the kernel kills
//! every other process inside and drops addresses and mounts. It ends when the program inside does, and that
//! ends when its standard input does: at the latest with the process that holds the other end.

use std::{
    fs,
    hash::{DefaultHasher, Hasher as _},
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Command, ExitCode, Stdio, exit},
    thread,
    time::{Duration, Instant},
};

const MARK: &str = "BOOSTGPT_SSO_CLUSTER_INSIDE";
/// Where everything inside is written. The folder exists on every Linux; inside, memory is mounted there.
pub const FOLDER: &str = "/mnt";

/// What the program inside says first, before the name of its network namespace.
pub const NETWORK: &str = "cluster: network ";

/// `/run` holds the names of network namespaces; a mount of its own keeps ours from the machine's.
const SHELL: &str = r#"
set -e
mount -t tmpfs -o mode=755,size=6g tmpfs /mnt
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns
ip link set lo up
set +e
"$@"
exit $?
"#;

pub fn is_inside() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Inside: what this program was built from, as [`enter`] found it.
pub fn build() -> String {
    std::env::var(MARK).expect("inside")
}

/// The commit; with a hash of this program if the files are not those of a commit.
fn described(program: &Path) -> String {
    let mut git = Command::new("git");
    git.args(["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--abbrev=12", "--dirty"]);
    let said = git.output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match said {
        Ok(commit) if !commit.is_empty() && !commit.ends_with("-dirty") => commit,
        said => {
            let mut hasher = DefaultHasher::new();
            hasher.write(&fs::read(program).expect("this program"));
            format!("{}-{:016x}", said.unwrap_or_default(), hasher.finish())
        }
    }
}

/// Runs this program inside, with the same arguments, as root.
pub fn enter() -> ExitCode {
    let program = std::env::current_exe().expect("the path of this program");
    let mut command = as_root("unshare");
    command.args(["--fork", "--kill-child", "--pid", "--mount", "--mount-proc", "--net", "env"]);
    command.args([format!("{MARK}={}", described(&program)), format!("TMPDIR={FOLDER}")]);
    command.args(["sh", "-c", SHELL, "sh"]).arg(program).args(std::env::args_os().skip(1));
    let mut child = match command.stdin(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("cluster: namespaces cannot be made ({error}): run this as root, or install sudo");
            return ExitCode::from(2);
        }
    };
    // Closed when we end, which ends everything inside.
    let input = child.stdin.take();
    let status = child.wait();
    drop(input);
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// A command that runs as root.
fn as_root(program: &str) -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0);
    let mut command = Command::new(if is_root { program } else { "sudo" });
    if !is_root {
        command.args(["-n", program]);
    }
    command
}

/// The network namespace of this process.
pub fn network() -> String {
    fs::read_link("/proc/self/ns/net").expect("a namespace").display().to_string()
}

/// Starts a cluster, kills the program that started it, and waits until no process of the cluster is left.
pub fn leave_nothing() -> Result<(), String> {
    let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
    let mut child = command.args(["--rounds", "1"]).stdout(Stdio::piped()).spawn().expect("this program");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let network = lines.find_map(|line| Some(line.strip_prefix(NETWORK)?.to_owned()));
    let killed = child.kill().and_then(|()| child.wait());
    let network = network.filter(|_| killed.is_ok()).ok_or("the cluster does not start")?;
    let left = || {
        let found = as_root("find")
            .args(["/proc", "-maxdepth", "3", "-path", "*/ns/net", "-lname", &network.replace('[', "\\[")])
            .stderr(Stdio::null())
            .output();
        String::from_utf8_lossy(&found.expect("find").stdout).lines().count()
    };
    let started = Instant::now();
    while left() > 0 {
        if started.elapsed() > Duration::from_secs(20) {
            return Err(format!("{} processes of a cluster outlive the program that started it", left()));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Inside: ends this process as soon as its standard input ends.
pub fn end_with_our_parent() {
    thread::spawn(|| {
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        exit(3);
    });
}
