//! PostgreSQL.

use crate::{
    guard::Guard,
    run::{PATIENCE, command, free_port, run, wait_until},
};
use std::{
    env,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

/// Only processes are killed here, never the machine, so nothing needs to reach the disk.
const SETTINGS: [(&str, &str); 6] = [
    ("listen_addresses", "127.0.0.1"),
    ("fsync", "off"),
    ("max_connections", "200"),
    ("shared_buffers", "64MB"),
    ("log_min_messages", "warning"),
    ("log_destination", "stderr"),
];

/// A running PostgreSQL server with the superuser `sso`, whom it trusts, and the database `sso`.
#[derive(Debug)]
pub struct Postgres {
    pub(crate) guard: Guard,
    port: u16,
}

impl Postgres {
    /// Starts a new server. The settings are lines of `postgresql.conf`, and win over ours (`fsync=off`,
    /// `max_connections=200`, `shared_buffers=64MB`).
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let new = Self::prepare();
        new.configure_defaults();
        new.configure(settings);
        let running = new.start_first();
        running.create_database("sso");
        running
    }

    /// A new cluster that has not been started.
    pub(crate) fn prepare() -> Self {
        let new = Self::empty();
        let mut how =
            vec!["--auth=trust", "--username=sso", "--no-sync", "-E", "UTF8", "--locale=C", "-D", "data"];
        if has_checksums_by_default() {
            how.push("--no-data-checksums");
        }
        new.guard.run(&program("initdb"), &how);
        new
    }

    /// A folder without a cluster.
    pub(crate) fn empty() -> Self {
        Self { guard: Guard::new("QUIT"), port: 0 }
    }

    pub(crate) fn configure_defaults(&self) {
        self.configure(&SETTINGS);
    }

    /// Appends to the settings: the last one of a name counts.
    pub(crate) fn configure(&self, settings: &[(&str, &str)]) {
        let mut lines = String::new();
        for (name, value) in settings {
            writeln!(lines, "{name} = '{}'", value.replace('\'', "''")).expect("a string");
        }
        let file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        file.and_then(|mut file| file.write_all(lines.as_bytes())).expect("settings");
    }

    /// Gives the server a port and starts it there. Another may be quicker to take that port.
    pub(crate) fn start_first(mut self) -> Self {
        for _ in 0..5 {
            self.port = free_port();
            self.configure(&[
                ("port", &self.port.to_string()),
                ("unix_socket_directories", self.guard.folder_text()),
            ]);
            self.launch();
            if self.is_ready_in_time() {
                return self;
            }
        }
        panic!("PostgreSQL does not start:\n{}", self.log_tail());
    }

    fn launch(&self) {
        self.guard.start(&program("postgres"), &["-D", self.data().to_str().expect("text")]);
    }

    /// False where the server has ended by itself.
    fn is_ready_in_time(&self) -> bool {
        let started = Instant::now();
        loop {
            let mut ready = command(&program("pg_isready"));
            ready.args(["-q", "-t", "2", "-U", "sso", "-d", "postgres"]);
            ready.args(["-h", self.guard.folder_text(), "-p", &self.port.to_string()]);
            if run(&mut ready, "").is_ok() {
                return true;
            }
            if !self.guard.is_alive() {
                return false;
            }
            assert!(started.elapsed() < PATIENCE, "PostgreSQL is not ready:\n{}", self.log_tail());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the server accepts connections.
    pub fn wait_ready(&self) {
        assert!(self.is_ready_in_time(), "PostgreSQL is down:\n{}", self.log_tail());
    }

    /// What the server says it is, as `15.18`.
    pub fn version(&self) -> String {
        let version = self.psql("postgres", "show server_version");
        version.split(' ').next().unwrap_or_default().to_owned()
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of the database `sso`, over the Unix socket.
    pub fn url(&self) -> String {
        self.url_of("sso")
    }

    /// The URL of a database, over the Unix socket.
    pub fn url_of(&self, database: &str) -> String {
        let mut host = String::new();
        for byte in self.guard.folder_text().bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => host.push(byte.into()),
                _ => write!(host, "%{byte:02X}").expect("a string"),
            }
        }
        format!("postgres://sso@{host}:{}/{database}", self.port)
    }

    /// The URL of the database `sso`, over TCP.
    pub fn tcp_url(&self) -> String {
        self.tcp_url_of("sso")
    }

    /// The URL of a database, over TCP.
    pub fn tcp_url_of(&self, database: &str) -> String {
        format!("postgres://sso@127.0.0.1:{}/{database}", self.port)
    }

    /// The folder of the Unix socket, which is also that of the log.
    pub fn socket_folder(&self) -> &Path {
        self.guard.folder()
    }

    /// Creates a database, whose name needs no quotes.
    pub fn create_database(&self, name: &str) {
        self.psql("postgres", &format!("create database {name}"));
    }

    /// What `psql` prints for these statements, unaligned and without headers.
    #[track_caller]
    pub fn psql(&self, database: &str, sql: &str) -> String {
        match self.try_psql(database, sql) {
            Ok(output) => output,
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    /// The same, or what `psql` complained of. Each statement is a transaction of its own; the first error is
    /// the end.
    pub fn try_psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = command(&program("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "sso", "-d", database]);
        psql.args(["-h", self.guard.folder_text(), "-p", &self.port.to_string()]);
        run(psql.env("PGCONNECT_TIMEOUT", "10"), sql)
    }

    /// Stops the server without any shutdown: its back ends vanish, and its next start is a recovery.
    pub fn stop_hard(&self) {
        self.guard.stop();
    }

    /// Starts the stopped server again, in the same folder and on the same port, and waits until it is ready.
    pub fn start_again(&self) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if !self.guard.is_alive() {
                self.launch();
            }
            if self.is_ready_in_time() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL does not start again:\n{}", self.log_tail());
    }

    /// SIGKILL for the back end of one client, whereupon the server throws out all the others and recovers by
    /// itself: [`Self::wait_ready`] waits for that. False where there was none.
    pub fn kill_a_backend(&self, choice: u64) -> bool {
        let clients = "select pid from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid() order by pid";
        let Ok(clients) = self.try_psql("postgres", clients) else { return false };
        let clients: Vec<&str> = clients.lines().collect();
        if clients.is_empty() {
            return false;
        }
        let index = choice % u64::try_from(clients.len()).expect("few");
        let deaths = || self.guard.log().matches("was terminated by signal 9").count();
        let before = deaths();
        let killed = self.guard.kill(clients[usize::try_from(index).expect("few")]);
        // Until the server has seen it, it would still look ready.
        if killed {
            wait_until(Duration::from_secs(5), || deaths() > before);
        }
        killed
    }

    /// Throws out all clients in an orderly way.
    pub fn terminate_backends(&self) {
        let all = "select count(pg_terminate_backend(pid)) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()";
        self.psql("postgres", all);
    }

    /// Stops all processes of the server in their tracks: nothing answers, and nothing closes.
    pub fn freeze(&self) {
        self.guard.freeze();
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.guard.thaw();
    }

    /// The server's log.
    pub fn log(&self) -> String {
        self.guard.log()
    }

    /// The end of the server's log.
    pub fn log_tail(&self) -> String {
        self.guard.log_tail()
    }

    /// What one of PostgreSQL's programs prints, connected as the superuser by the socket.
    pub fn client(&self, name: &str, arguments: &[&str]) -> String {
        let mut client = command(&program(name));
        client
            .args(["-h", self.guard.folder_text(), "-p", &self.port.to_string(), "-U", "sso"])
            .args(arguments);
        run(&mut client, "").unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The tables of the schema `sso` in a database, as `pg_dump` writes them.
    pub fn dump(&self, database: &str) -> String {
        self.client("pg_dump", &["--clean", "--if-exists", "--schema=sso", "--dbname", database])
    }

    /// Puts such a dump in the place of what is there, in one transaction, while clients may be connected.
    pub fn restore(&self, database: &str, dump: &str) -> Result<(), String> {
        self.try_psql(database, &format!("BEGIN;\n{dump}\nCOMMIT;")).map(drop)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.guard.folder().join("data")
    }
}

/// The folder of the server's programs, if it is not Debian's newest: another version, with its own `initdb`.
const FOLDER: &str = "POSTGRES_PROGRAMS";

/// One of PostgreSQL's programs: of the folder that the environment names, if it has that program; else the
/// newest of Debian's, or what the path has.
pub(crate) fn program(name: &str) -> String {
    let text = |path: PathBuf| path.to_str().expect("text").to_owned();
    if let Some(folder) = env::var_os(FOLDER) {
        let folder = PathBuf::from(folder);
        assert!(folder.join("initdb").exists(), "{FOLDER} names {}, which has no initdb", folder.display());
        let own = folder.join(name);
        if own.exists() {
            return text(own);
        }
    }
    text(installed().join(name))
}

fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut versions: Vec<u32> =
            installed.filter_map(|found| found.file_name().to_str()?.parse().ok()).collect();
        versions.sort_unstable_by(|a, b| b.cmp(a));
        let debian =
            versions.iter().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
        let path = env::var_os("PATH").unwrap_or_default();
        let found = debian.chain(env::split_paths(&path)).find(|folder| folder.join("initdb").exists());
        found.expect("this test needs PostgreSQL: install Debian's `postgresql`")
    })
}

/// Since PostgreSQL 18; before, there is no option to switch them off.
fn has_checksums_by_default() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        run(command(&program("initdb")).arg("--help"), "")
            .is_ok_and(|help| help.contains("--no-data-checksums"))
    })
}
