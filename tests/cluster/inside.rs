//! Starts this program again inside namespaces of its own: processes, network and mounts.
//!
//! The first process inside is a shell, which reaps what servers leave behind. When it ends, the kernel kills every other
//! process inside and drops addresses and mounts. It ends when the program inside does, and that ends when its standard
//! input does: at the latest with the process that holds the other end.

use std::{
    io::Read as _,
    process::{Command, ExitCode, Stdio, exit},
    thread,
};

const MARK: &str = "BOOSTGPT_SSO_CLUSTER_INSIDE";
/// Where everything inside is written. The folder exists on every Linux; inside, memory is mounted there.
pub const FOLDER: &str = "/mnt";

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

/// Runs this program inside, with the same arguments, as root.
pub fn enter() -> ExitCode {
    let program = std::env::current_exe().expect("the path of this program");
    let inside = ["unshare", "--fork", "--kill-child", "--pid", "--mount", "--mount-proc", "--net"];
    let is_root = fs_owner_is_root();
    let as_root: &[&str] = if is_root { &[] } else { &["sudo", "-n"] };
    let words = [as_root, &inside, &["env"]].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args([format!("{MARK}=1"), format!("TMPDIR={FOLDER}")]);
    command.args(["sh", "-c", SHELL, "sh"]).arg(program).args(std::env::args_os().skip(1));
    let mut child = match command.stdin(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("cluster: {} cannot be started ({error}): run it as root, or install sudo", words[0]);
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

/// Whether this process may make namespaces: it owns its own entry in `/proc` as root.
fn fs_owner_is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

/// Inside: ends this process as soon as its standard input ends.
pub fn end_with_our_parent() {
    thread::spawn(|| {
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        exit(3);
    });
}
