//! The servers do what the tests that use them rely on.

use servers::{PgBouncer, Pgpool, Postgres};
use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const ROLE: &str = "SERVERS_TEST_CHILD";

/// They can be kept in a `static`.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<(Postgres, PgBouncer, Pgpool, servers::Proxy)>();
};

/// What psql says over that URL.
fn psql(url: &str, sql: &str) -> Result<String, String> {
    let output = Command::new("psql").args(["-X", "-q", "-A", "-t", url, "-c", sql]).output().unwrap();
    let [said, complained] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    if output.status.success() { Ok(said.trim().to_owned()) } else { Err(complained) }
}

#[track_caller]
fn eventually(mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "it never was");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A session that holds on for a minute.
fn client(server: &Postgres) -> std::process::Child {
    let before = clients(server);
    let mut psql = Command::new("psql");
    psql.args([&server.url(), "-X", "-c", "select pg_sleep(60)"]).stdout(Stdio::null()).stderr(Stdio::null());
    let child = psql.spawn().unwrap();
    eventually(|| clients(server) > before);
    child
}

fn clients(server: &Postgres) -> u32 {
    let count = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'";
    server.psql("postgres", count).parse().unwrap()
}

#[test]
fn a_server_stops_and_starts_again() {
    let started = Instant::now();
    let server = Postgres::start(&[("max_connections", "20"), ("cluster_name", "it's")]);
    println!("start: {:?}", started.elapsed());
    assert_eq!(server.psql("sso", "show max_connections; show cluster_name"), "20\nit's");
    server.psql("sso", "create table kept (n int); insert into kept values (1)");
    let started = Instant::now();
    server.stop_hard();
    println!("stop: {:?}", started.elapsed());
    assert!(server.try_psql("sso", "select 1").is_err());
    let started = Instant::now();
    server.start_again();
    println!("again: {:?}", started.elapsed());
    assert_eq!(server.psql("sso", "select n from kept"), "1");
    assert!(server.log_tail().contains("was not properly shut down"), "{}", server.log_tail());
    for url in [server.url(), server.tcp_url()] {
        assert_eq!(psql(&url, "select current_user || current_database()").unwrap(), "ssosso", "{url}");
    }
    server.create_database("other");
    assert_eq!(psql(&server.url_of("other"), "select current_database()").unwrap(), "other");
    assert!(server.try_psql("sso", "select 1/0").unwrap_err().contains("division by zero"));
    let folder = server.socket_folder().to_owned();
    let started = Instant::now();
    drop(server);
    println!("drop: {:?}", started.elapsed());
    assert!(!folder.exists());
}

#[test]
fn back_ends_end_and_freeze() {
    let server = Postgres::start(&[]);
    assert!(!server.kill_a_backend(7));
    let mut first = client(&server);
    assert!(server.kill_a_backend(7));
    server.wait_ready();
    assert_eq!(clients(&server), 0);
    assert!(!first.wait().unwrap().success());

    let mut second = client(&server);
    server.terminate_backends();
    assert!(!second.wait().unwrap().success());

    let mut third = client(&server);
    server.freeze();
    thread::sleep(Duration::from_millis(100));
    assert!(third.try_wait().unwrap().is_none());
    let refused = psql(&format!("{}?connect_timeout=2", server.tcp_url()), "select 1").unwrap_err();
    assert!(refused.contains("timeout"), "{refused}");
    server.thaw();
    assert_eq!(server.psql("sso", "select 1"), "1");
    server.freeze();
    let started = Instant::now();
    drop(server);
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(!third.wait().unwrap().success());
}

#[test]
fn a_standby_takes_over() {
    let primary = Postgres::start(&[]);
    let started = Instant::now();
    let standby = Postgres::standby_of(&primary);
    println!("standby: {:?}", started.elapsed());
    primary.make_synchronous();
    primary.psql(
        "sso",
        "set synchronous_commit = remote_apply; create table kept (n int); insert into kept values (1)",
    );
    assert_eq!(standby.psql("sso", "select n from kept"), "1");
    assert!(standby.try_psql("sso", "insert into kept values (2)").is_err());
    primary.stop_hard();
    let started = Instant::now();
    standby.promote();
    println!("promote: {:?}", started.elapsed());
    standby.psql("sso", "insert into kept values (2)");
}

/// Such a copy contains the setting, but does not wait for a standby of its own.
#[test]
fn a_standby_of_a_synchronous_primary_takes_over() {
    let primary = Postgres::start(&[]);
    let first = Postgres::standby_of(&primary);
    primary.make_synchronous();
    drop(first);
    let second = Postgres::standby_of(&primary);
    primary.psql("sso", "create table kept (n int)");
    drop(primary);
    second.promote();
    second.psql("sso", "insert into kept values (1)");
}

#[test]
fn tls_is_checked() {
    let (server, certificates) = Postgres::start_with_tls();
    let url = |host: &str, ca: &Path| {
        format!(
            "postgres://sso@{host}:{}/tlsonly?sslmode=verify-full&sslrootcert={}",
            server.port(),
            ca.display()
        )
    };
    for host in ["localhost", "127.0.0.1"] {
        let version = "select version from pg_stat_ssl where pid = pg_backend_pid()";
        assert_eq!(psql(&url(host, &certificates.ca), version).unwrap(), "TLSv1.3");
    }
    let refused = psql(&url("localhost", &certificates.other_ca), "select 1").unwrap_err();
    assert!(refused.contains("certificate verify failed"), "{refused}");
    let plain = format!("{}?sslmode=disable", server.tcp_url_of("tlsonly"));
    let refused = psql(&plain, "select 1").unwrap_err();
    assert!(refused.contains("rejects"), "{refused}");
    assert_eq!(psql(&format!("{}?sslmode=disable", server.tcp_url()), "select 1").unwrap(), "1");
}

#[test]
fn pgbouncer_shares_four_connections() {
    let server = Postgres::start(&[]);
    let started = Instant::now();
    let bouncer = PgBouncer::start_with(&server, &[("query_wait_timeout", "2")]);
    println!("pgbouncer: {:?}", started.elapsed());
    server.create_database("other");
    assert_eq!(psql(&bouncer.url_of("other"), "select current_database()").unwrap(), "other");
    let many: Vec<_> = (0..8)
        .map(|_| {
            let url = bouncer.url();
            thread::spawn(move || psql(&url, "select pg_backend_pid() from pg_sleep(0.2)").unwrap())
        })
        .collect();
    let mut back_ends: Vec<String> = many.into_iter().map(|one| one.join().unwrap()).collect();
    back_ends.sort();
    back_ends.dedup();
    assert!(back_ends.len() <= 4, "{back_ends:?}");
    server.stop_hard();
    assert!(psql(&bouncer.url(), "select 1").is_err());
    server.start_again();
    eventually(|| psql(&bouncer.url(), "select 1").is_ok());
}

#[test]
fn pgpool_sends_reads_to_a_standby_only_if_it_is_told_to_balance() {
    let primary = Postgres::start(&[]);
    let standby = Postgres::standby_of(&primary);
    let servers = [&primary, &standby];
    let ports = |settings: &[(&str, &str)]| {
        let pool = Pgpool::start(&servers, settings);
        let ask = |_| psql(&pool.url_of("sso"), "select current_setting('port')").unwrap();
        let mut ports: Vec<String> = (0..20).map(ask).collect();
        ports.sort();
        ports.dedup();
        ports
    };
    assert_eq!(ports(&[]), [primary.port().to_string()]);
    let to_the_standby = [("load_balance_mode", "on"), ("backend_weight0", "0"), ("backend_weight1", "1")];
    assert_eq!(ports(&to_the_standby), [standby.port().to_string()]);
}

/// The role of the process that is killed.
#[test]
fn child() {
    if env::var_os(ROLE).is_none() {
        return;
    }
    let server = Postgres::start(&[]);
    let (bouncer, pool) = (PgBouncer::start(&server), Pgpool::start(&[&server], &[]));
    let ports = [server.port(), bouncer.port(), pool.port()].map(|port| port.to_string());
    println!("@{} {}", server.socket_folder().display(), ports.join(" "));
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn servers_end_with_their_process() {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "child", "--nocapture"]).env(ROLE, "1").stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find_map(|line| Some(line.split_once('@')?.1.to_owned())).unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let folder = PathBuf::from(words[0]);
    let process = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let process = process.lines().next().unwrap();
    let is_there = || Path::new("/proc").join(process).exists();
    let is_open = |port: &str| std::net::TcpStream::connect(("127.0.0.1", port.parse().unwrap())).is_ok();
    assert!(is_there() && words[1..].iter().all(|port| is_open(port)));
    child.kill().unwrap();
    child.wait().unwrap();
    eventually(|| !is_there() && !folder.exists() && !words[1..].iter().any(|port| is_open(port)));
}

/// However early that is.
#[test]
fn a_start_that_is_killed_leaves_nothing() {
    let leftovers = || {
        let found = fs::read_dir(env::temp_dir().join("servers-test")).unwrap();
        found.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let own = env::temp_dir().join("servers-test");
    fs::create_dir_all(&own).unwrap();
    for wait in [5, 50, 300, 900] {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "child"]).env(ROLE, "1").env("TMPDIR", &own).stdout(Stdio::null());
        let mut child = child.spawn().unwrap();
        thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        eventually(|| leftovers().is_empty());
    }
    fs::remove_dir(own).unwrap();
}
