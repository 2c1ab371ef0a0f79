//! What ends a server together with the process that started it.
//!
//! Between us and the server is a shell. It makes the folder, starts and stops the server when we say so
//! on its standard input, and at the end of that input stops the server and removes the folder. The input
//! ends when we close it, and when we are no more: no other process holds the pipe.

use crate::run::{PATIENCE, command, run, wait_until};
use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
};

/// Arguments: where to make the folder, the signal that ends the server at once, and the folder's owner or
/// nothing.
const SHELL: &str = r#"
trap '' PIPE
ulimit -c 0
folder=$(mktemp -d "$1/sso-XXXXXX") && chmod 755 "$folder" || exit
[ -z "$3" ] || chown "$3" "$folder"
ending=$2
server=
frozen=

run() {
    "$@" </dev/null >>"$folder/server.log" 2>&1
}
start() {
    "$@" </dev/null >>"$folder/server.log" 2>&1 &
    server=$!
}
alive() {
    [ "$server" ] && ps -o stat= -p "$server" | grep -q '^[^Z]'
}
# To the server, then to its children. Some may be gone by now, which does no harm.
signal() {
    [ "$server" ] || return
    kill "-$1" "$server" $(ps -A -o pid= -o ppid= |
        while read -r pid parent; do [ "$parent" != "$server" ] || echo "$pid"; done)
}
freeze() {
    frozen=yes
    signal STOP
    # Those that a server had just forked.
    signal STOP
}
thaw() {
    frozen=
    signal CONT
}
stop() {
    if [ "$frozen" ]; then
        # What is frozen must not do anything more when it is woken for its end.
        signal "$ending"
        thaw
    elif [ "$server" ]; then
        kill "-$ending" "$server"
    fi
    tries=0
    while alive && [ $tries -lt 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    ! alive || signal KILL
    wait
    server=
}

cd "$folder"
export HOME="$folder"
echo "$folder"
while read -r order; do
    eval "$order"
    echo $?
done
stop
cd /
tries=0
until rm -rf "$folder" || [ $tries -gt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
"#;

/// A folder and at most one server, which end with this value or with this process.
#[derive(Debug)]
pub(crate) struct Guard {
    shell: Mutex<Shell>,
    folder: PathBuf,
}

#[derive(Debug)]
struct Shell {
    process: Child,
    input: Option<ChildStdin>,
    replies: Receiver<String>,
}

impl Shell {
    fn reply(&self) -> String {
        self.replies.recv_timeout(PATIENCE).expect("the shell that guards a server hangs, or is gone")
    }
}

impl Guard {
    /// A new folder, as yet without a server. `ending` is the signal that ends it at once.
    pub(crate) fn new(ending: &str) -> Self {
        let owner = if is_root() { "postgres" } else { "" };
        let mut shell = command("sh");
        shell.args(["-c", SHELL, "sh"]).arg(base()).args([ending, owner]);
        // A group of its own: what ends our group, like an interrupt from the terminal, must not end what
        // cleans up.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = shell.spawn().expect("sh");
        let (input, output) = (process.stdin.take(), process.stdout.take().expect("piped"));
        let (to_us, replies) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.for_each(|line| drop(to_us.send(line)));
        });
        let shell = Shell { process, input, replies };
        let folder = PathBuf::from(shell.reply());
        Self { shell: Mutex::new(shell), folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder's path as text.
    pub(crate) fn folder_text(&self) -> &str {
        self.folder.to_str().expect("the path of a temporary folder is text")
    }

    /// Starts the server, as the user who may. It need not come far: see [`Self::is_alive`].
    pub(crate) fn start(&self, program: &str, arguments: &[&str]) {
        self.order_command("start", program, arguments);
    }

    /// Runs a command in the folder to its end, as the server's user. What it says goes to the server's log.
    /// Where we end before it does, the folder stays until then: whatever it has begun, it can clean up.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) {
        assert!(self.order_command("run", program, arguments), "{program} fails:\n{}", self.log_tail());
    }

    fn order_command(&self, order: &str, program: &str, arguments: &[&str]) -> bool {
        let as_other: &[&str] = &["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
        let user = if is_root() { as_other } else { &[] };
        let words = [&[order], user, &[program], arguments].concat();
        let words: Vec<String> =
            words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        self.order(&words.join(" "))
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.order("alive")
    }

    /// Ends the server at once, and waits for it.
    pub(crate) fn stop(&self) {
        self.order("stop");
    }

    /// Stops the server and its children in their tracks.
    pub(crate) fn freeze(&self) {
        self.order("freeze");
    }

    pub(crate) fn thaw(&self) {
        self.order("thaw");
    }

    /// False where there is no such process.
    pub(crate) fn kill(&self, process: &str) -> bool {
        self.order(&format!("kill -KILL {process}"))
    }

    /// The end of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.join("server.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn order(&self, line: &str) -> bool {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        let input = shell.input.as_mut().expect("open until the end");
        input.write_all(format!("{line}\n").as_bytes()).expect("the shell that guards a server is gone");
        shell.reply() == "0"
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let shell = self.shell.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(shell.input.take());
        wait_until(PATIENCE, || !matches!(shell.process.try_wait(), Ok(None)));
    }
}

fn is_root() -> bool {
    static USER: OnceLock<String> = OnceLock::new();
    USER.get_or_init(|| run(command("id").arg("-u"), "").expect("a user")) == "0"
}

/// The system's folder for temporary files, unless another user could not get there or a socket's path would
/// be too long there.
fn base() -> PathBuf {
    let temporary = env::temp_dir();
    let open =
        |folder: &Path| fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 != 0);
    let reachable = !is_root() || temporary.ancestors().all(open);
    if temporary.is_absolute() && reachable && temporary.as_os_str().len() < 60 {
        temporary
    } else {
        PathBuf::from("/tmp")
    }
}
