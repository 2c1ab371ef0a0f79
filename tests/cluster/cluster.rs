//! The cluster: its servers, who leads, and whether all is well.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Deserialize;
use tokio::{runtime::Runtime, time::timeout};
use tokio_postgres::NoTls;

use crate::{
    args::Args,
    config,
    node::{Server, Signal, shift_clock},
    world::{self, Cuts, ENTRY, KEEPERS, NODES},
};

/// How long one question to a server may take.
const QUESTION: Duration = Duration::from_secs(2);
/// A node's disk: what a full disk fills.
const DISK: &str = "640m";

pub struct Cluster {
    pub cuts: Cuts,
    pub nodes: Vec<Server>,
    pub keepers: Vec<Server>,
    entry: Vec<Server>,
    runtime: Runtime,
    asynchronous: bool,
}

/// What Patroni says of its own node.
#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default)]
    timeline: u64,
    role: String,
    state: String,
}

impl Cluster {
    /// Makes the network and starts everything.
    pub fn start(args: &Args) -> Self {
        world::build();
        let programs = newest_programs();
        let nodes = NODES.map(|node| {
            let disk = config::data(node);
            fs::create_dir(&disk).expect("a folder");
            mount(&disk);
            shift_clock(node, 0);
            let file = config::patroni(node, &programs, args);
            Server::new(node, &format!("patroni{node}"), true, &["patroni", text(&file)])
        });
        let keepers = KEEPERS.map(|keeper| {
            let folder = format!("{}/etcd{keeper}", crate::inside::FOLDER);
            fs::create_dir(&folder).expect("a folder");
            own(&folder, "700");
            let command = config::etcd(keeper);
            let command: Vec<&str> = command.iter().map(String::as_str).collect();
            Server::new(keeper, &format!("etcd{keeper}"), false, &command)
        });
        let (balancer, bouncer) = (config::haproxy(), config::pgbouncer());
        let entry = vec![
            Server::new(ENTRY, "haproxy", false, &["haproxy", "-db", "-f", text(&balancer)]),
            Server::new(ENTRY, "pgbouncer", false, &["pgbouncer", text(&bouncer)]),
        ];
        let (nodes, keepers) = (Vec::from(nodes), Vec::from(keepers));
        keepers.iter().chain(&nodes).chain(&entry).for_each(Server::start);
        Self {
            cuts: Cuts::default(),
            nodes,
            keepers,
            entry,
            runtime: fire::process::runtime(),
            asynchronous: args.asynchronous,
        }
    }

    pub fn node(&self, node: usize) -> &Server {
        &self.nodes[NODES.iter().position(|it| *it == node).expect("a node")]
    }

    pub fn keeper(&self, keeper: usize) -> &Server {
        &self.keepers[KEEPERS.iter().position(|it| *it == keeper).expect("an etcd")]
    }

    /// The node that leads, and its timeline: each promotion adds one.
    pub fn leader(&self) -> Option<(usize, u64)> {
        let leads = |node: &usize| {
            let (code, body) = ask(*node, "GET", "/primary", "")?;
            let status: Status = serde_json::from_str(&body).ok()?;
            let leads = code == 200 && status.state == "running" && is_primary(&status.role);
            leads.then_some((*node, status.timeline))
        };
        NODES.iter().filter_map(leads).max_by_key(|(_, timeline)| *timeline)
    }

    /// Hands the lead over to another node. What Patroni says if it refuses.
    pub fn switch_over(&self, leader: usize) -> Result<(), String> {
        let order = format!("{{\"leader\": \"node{leader}\"}}");
        match ask(leader, "POST", "/switchover", &order) {
            Some((200, _)) => Ok(()),
            Some((code, why)) => Err(format!("Patroni refused it: {code} {}", why.trim())),
            None => Err("Patroni did not answer".to_owned()),
        }
    }

    /// How many seconds the clock of a node's PostgreSQL is ahead of ours.
    pub fn clock(&self, node: usize) -> Result<f64, String> {
        let theirs = "SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)";
        let rows = self.query(&config::direct_url(node, "postgres"), theirs)?;
        let ours = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
        Ok(rows[0].get::<_, f64>(0) - ours.as_secs_f64())
    }

    /// Waits until a leader has both standbys, and the clients reach it. What is missing after that long.
    pub fn wait_whole(&self, patience: Duration) -> Result<(usize, u64), String> {
        let started = Instant::now();
        loop {
            let missing = match self.leader() {
                None => "there is no leader".to_owned(),
                Some((leader, timeline)) => match self.missing(leader) {
                    None => return Ok((leader, timeline)),
                    Some(missing) => missing,
                },
            };
            if started.elapsed() > patience {
                return Err(missing);
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn missing(&self, leader: usize) -> Option<String> {
        let standbys = "SELECT count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))
            FROM pg_stat_replication WHERE state = 'streaming' AND application_name LIKE 'node%'";
        let read = |row: &tokio_postgres::Row| (row.get::<_, i64>(0), row.get::<_, i64>(1));
        let (streaming, synchronous) = match self.query(&config::direct_url(leader, "postgres"), standbys) {
            Ok(rows) => read(&rows[0]),
            Err(error) => return Some(format!("node {leader}, the leader, does not answer: {error}")),
        };
        if streaming < 2 || (synchronous < 1 && !self.asynchronous) {
            return Some(format!(
                "node {leader} has {streaming} standbys, {synchronous} of them synchronous"
            ));
        }
        // Patroni promotes only the standby that it has noted as synchronous, which is later than PostgreSQL
        // calls it so.
        let noted = ask(leader, "GET", "/cluster", "").is_some_and(|(_, body)| body.contains("sync_standby"));
        if !noted && !self.asynchronous {
            return Some(format!("node {leader} has not noted its synchronous standby"));
        }
        let through = config::urls("postgres").map(|url| self.query(&url, "SELECT pg_is_in_recovery()"));
        through.into_iter().find_map(Result::err).map(|error| format!("the entry does not answer: {error}"))
    }

    fn query(&self, url: &str, sql: &str) -> Result<Vec<tokio_postgres::Row>, String> {
        let answer = async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            let connection = tokio::spawn(connection);
            let rows = client.query(sql, &[]).await;
            connection.abort();
            rows
        };
        let answer = self.runtime.block_on(async { timeout(QUESTION, answer).await });
        answer.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())
    }

    /// Runs one statement on the leader.
    pub fn execute(&self, sql: &str) -> Result<(), String> {
        let (leader, _) = self.leader().ok_or("there is no leader")?;
        self.query(&config::direct_url(leader, "postgres"), sql).map(drop)
    }

    /// Undoes what faults may have left: everything runs, and every clock is right. What a fault has cut, it
    /// heals itself.
    pub fn restore(&self) {
        for server in self.keepers.iter().chain(&self.nodes).chain(&self.entry) {
            server.signal_all(Signal::Continue);
            server.start();
        }
        NODES.iter().for_each(|node| shift_clock(*node, 0));
    }

    /// The ends of all logs.
    pub fn logs(&self) -> String {
        let servers = self.nodes.iter().chain(&self.keepers).chain(&self.entry);
        servers.map(|server| format!("{}\n\n", server.log_tail(60))).collect()
    }
}

fn is_primary(role: &str) -> bool {
    matches!(role, "master" | "primary")
}

/// What Patroni answers: the code and the body.
fn ask(node: usize, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let address: SocketAddr = format!("{}:8008", world::address(node)).parse().expect("an address");
    let mut stream = TcpStream::connect_timeout(&address, QUESTION).ok()?;
    stream.set_read_timeout(Some(if method == "POST" { QUESTION * 10 } else { QUESTION })).ok()?;
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {length}");
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let code = answer.split(' ').nth(1)?.parse().ok()?;
    Some((code, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

fn mount(folder: &str) {
    let options = format!("mode=700,size={DISK}");
    let status = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs", folder]).status();
    assert!(status.is_ok_and(|status| status.success()), "a disk cannot be mounted");
    own(folder, "700");
}

/// Gives a folder to the servers' user.
fn own(folder: &str, mode: &str) {
    for (program, what) in [("chown", "postgres:postgres"), ("chmod", mode)] {
        let status = Command::new(program).args([what, folder]).status();
        assert!(status.is_ok_and(|status| status.success()), "{program} {what} {folder}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// The folder of Debian's newest PostgreSQL.
fn newest_programs() -> String {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed.filter_map(|found| found.file_name().to_str()?.parse::<u32>().ok()).max();
    let newest = newest.expect("this needs Debian's `postgresql`");
    format!("/usr/lib/postgresql/{newest}/bin")
}
