//! PgBouncer in front of PostgreSQL.

use crate::{
    Postgres,
    guard::Guard,
    run::{PATIENCE, free_port, wait_until},
};
use std::{fmt::Write as _, fs, net::TcpStream, path::Path};

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A running PgBouncer with transaction pooling: a transaction gets whichever of four server connections is
/// free.
#[derive(Debug)]
pub struct PgBouncer {
    guard: Guard,
    port: u16,
}

impl PgBouncer {
    /// Starts one in front of that server.
    pub fn start(upstream: &Postgres) -> Self {
        Self::start_with(upstream, &[])
    }

    /// The same with settings of the section `[pgbouncer]`, which win over ours.
    pub fn start_with(upstream: &Postgres, settings: &[(&str, &str)]) -> Self {
        assert!(Path::new(PROGRAM).exists(), "this test needs pgbouncer (Debian: pgbouncer)");
        let mut new = Self { guard: Guard::new("KILL"), port: 0 };
        for _ in 0..5 {
            new.port = free_port();
            new.launch(upstream, settings);
            let is_open = || TcpStream::connect(("127.0.0.1", new.port)).is_ok();
            let known = wait_until(PATIENCE, || is_open() || !new.guard.is_alive());
            // Where it has ended, another may be what answers on that port.
            if known && new.guard.is_alive() && new.guard.log().contains("process up") {
                return new;
            }
            new.guard.stop();
        }
        panic!("PgBouncer does not start:\n{}", new.log_tail());
    }

    fn launch(&self, upstream: &Postgres, settings: &[(&str, &str)]) {
        let mut text = format!(
            "[databases]\n* = host={} port={} user=sso\n[pgbouncer]\n",
            upstream.socket_folder().display(),
            upstream.port(),
        );
        let port = self.port.to_string();
        let ours = [
            ("listen_addr", "127.0.0.1"),
            ("listen_port", &port),
            ("unix_socket_dir", ""),
            ("auth_type", "any"),
            ("pool_mode", "transaction"),
            ("default_pool_size", "4"),
            ("max_client_conn", "500"),
            // It would refuse clients for 15 seconds after its server came back.
            ("server_login_retry", "1"),
        ];
        for (name, value) in ours.iter().chain(settings) {
            writeln!(text, "{name} = {value}").expect("a string");
        }
        fs::write(self.guard.folder().join("pgbouncer.ini"), text).expect("settings");
        self.guard.start(PROGRAM, &[&format!("{}/pgbouncer.ini", self.guard.folder_text())]);
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of the database `sso`.
    pub fn url(&self) -> String {
        self.url_of("sso")
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
