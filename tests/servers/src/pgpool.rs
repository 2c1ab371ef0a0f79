//! pgpool-II in front of PostgreSQL.

use crate::{
    Postgres,
    guard::Guard,
    run::{PATIENCE, free_port, wait_until},
};
use std::{fmt::Write as _, fs, net::TcpStream, path::Path};

const PROGRAM: &str = "/usr/sbin/pgpool";

/// A running pgpool-II in streaming replication mode, in front of a primary and its standbys.
#[derive(Debug)]
pub struct Pgpool {
    guard: Guard,
    port: u16,
}

impl Pgpool {
    /// Starts one in front of these servers, the primary first. It never declares one of them dead. With
    /// settings of `pgpool.conf`, which win over ours: reads are not balanced unless `load_balance_mode` is
    /// `on`.
    pub fn start(servers: &[&Postgres], settings: &[(&str, &str)]) -> Self {
        assert!(Path::new(PROGRAM).exists(), "this test needs pgpool-II (Debian: pgpool2)");
        let mut new = Self { guard: Guard::new("INT"), port: 0 };
        for _ in 0..5 {
            new.port = free_port();
            new.launch(servers, settings);
            let is_open = || TcpStream::connect(("127.0.0.1", new.port)).is_ok();
            let known = wait_until(PATIENCE, || is_open() || !new.guard.is_alive());
            if known && new.guard.is_alive() && new.guard.log().contains("successfully started") {
                return new;
            }
            new.guard.stop();
        }
        panic!("pgpool-II does not start:\n{}", new.log_tail());
    }

    fn launch(&self, servers: &[&Postgres], settings: &[(&str, &str)]) {
        let mut text = String::new();
        for (index, server) in servers.iter().enumerate() {
            let role = if index == 0 { "ALWAYS_PRIMARY|" } else { "" };
            let (host, port) = (server.socket_folder().display(), server.port());
            let flags = format!("{role}DISALLOW_TO_FAILOVER");
            let lines = [
                format!("backend_hostname{index} = '{host}'"),
                format!("backend_port{index} = {port}"),
                format!("backend_flag{index} = '{flags}'"),
                format!("backend_application_name{index} = 'server{index}'"),
            ];
            writeln!(text, "{}", lines.join("\n")).expect("a string");
        }
        let (port, folder) = (self.port.to_string(), self.guard.folder_text());
        let process = format!("{folder}/pgpool.pid");
        let ours = [
            ("backend_clustering_mode", "streaming_replication"),
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("socket_dir", folder),
            ("pcp_listen_addresses", ""),
            ("pcp_socket_dir", folder),
            ("wd_ipc_socket_dir", folder),
            ("pid_file_name", &process),
            ("logdir", folder),
            ("num_init_children", "64"),
            ("max_pool", "1"),
            ("load_balance_mode", "off"),
            ("sr_check_user", "sso"),
            ("sr_check_database", "postgres"),
            ("failover_on_backend_error", "off"),
        ];
        for (name, value) in ours.iter().chain(settings) {
            writeln!(text, "{name} = '{value}'").expect("a string");
        }
        let file = format!("{folder}/pgpool.conf");
        fs::write(&file, text).expect("settings");
        self.guard.start(PROGRAM, &["-n", "-D", "-f", &file]);
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://sso@127.0.0.1:{}/{database}", self.port)
    }

    /// The end of its log.
    pub fn log_tail(&self) -> String {
        self.guard.log_tail()
    }
}
