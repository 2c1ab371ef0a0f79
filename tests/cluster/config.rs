//! What each server is configured with, as an operator would: short time-outs apart, so that many failovers
//! fit into an hour.

use std::{fmt::Write as _, fs, path::PathBuf};

use crate::{
    args::Args,
    inside::FOLDER,
    world::{ENTRY, KEEPERS, NODES, address},
};

/// The leader's lease, in seconds. Another node is promoted this long after the leader's last sign of life.
const LEASE: u32 = 8;
const BOUNCER_PORT: u16 = 6432;
const BALANCER_PORT: u16 = 5000;

/// The URL of a database through PgBouncer and HAProxy, and through HAProxy alone.
pub fn urls(database: &str) -> [String; 2] {
    [BOUNCER_PORT, BALANCER_PORT].map(|port| format!("postgres://sso@{}:{port}/{database}", address(ENTRY)))
}

/// The URL of a database on whichever node leads, past HAProxy.
pub fn hosts_url(database: &str) -> String {
    format!("postgres://sso@{}/{database}", NODES.map(address).join(","))
}

/// The URL of a database on one node.
pub fn direct_url(node: usize, database: &str) -> String {
    format!("postgres://sso@{}/{database}?connect_timeout=2", address(node))
}

pub fn data(node: usize) -> String {
    format!("{FOLDER}/disk{node}")
}

/// The command of one etcd. `is_new`: the cluster begins with it.
pub fn etcd(keeper: usize) -> Vec<String> {
    let peers: Vec<String> =
        KEEPERS.iter().map(|peer| format!("etcd{peer}=http://{}:2380", address(*peer))).collect();
    let own = address(keeper);
    let text = format!(
        "etcd --name etcd{keeper} --data-dir {FOLDER}/etcd{keeper} --listen-peer-urls http://{own}:2380 \
         --listen-client-urls http://{own}:2379 --advertise-client-urls http://{own}:2379 \
         --initial-advertise-peer-urls http://{own}:2380 --initial-cluster {} --initial-cluster-state new \
         --enable-v2 --heartbeat-interval 100 --election-timeout 1000 --logger zap --log-level error",
        peers.join(",")
    );
    text.split_whitespace().map(str::to_owned).collect()
}

/// Writes Patroni's file; its path.
///
/// The driver is that of etcd's second API, which compares before it writes. The one for the third, in
/// Patroni 3.0 of Debian 12, does not: a leader that was frozen for longer than its lease overwrites its
/// successor when it wakes up.
pub fn patroni(node: usize, programs: &str, args: &Args) -> PathBuf {
    let (own, disk) = (address(node), data(node));
    let keepers: Vec<String> = KEEPERS.iter().map(|keeper| format!("{}:2379", address(*keeper))).collect();
    let synchronous = !args.asynchronous;
    let driver = if args.etcd3 { "etcd3" } else { "etcd" };
    let text = format!(
        "
scope: sso
name: node{node}
restapi: {{listen: '{own}:8008', connect_address: '{own}:8008'}}
{driver}: {{hosts: '{keepers}'}}
bootstrap:
  dcs:
    ttl: {LEASE}
    loop_wait: 1
    retry_timeout: 3
    # A crashed leader is not waited for.
    primary_start_timeout: 0
    maximum_lag_on_failover: 67108864
    synchronous_mode: {synchronous}
    synchronous_mode_strict: {synchronous}
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 100
        max_wal_size: 96MB
        min_wal_size: 32MB
        wal_keep_size: 32MB
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
        wal_retrieve_retry_interval: 1s
        tcp_user_timeout: 10s
        shared_buffers: 32MB
        log_min_messages: warning
        synchronous_commit: 'on'
        # A client that is gone keeps no back end busy.
        client_connection_check_interval: 5s
  initdb: [{{encoding: UTF8}}, {{locale: C}}, data-checksums, {{wal-segsize: '4'}}]
postgresql:
  listen: '{own}:5432'
  connect_address: '{own}:5432'
  data_dir: {disk}/data
  bin_dir: {programs}
  pgpass: {disk}/pgpass
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
  parameters: {{unix_socket_directories: {disk}}}
  authentication:
    superuser: {{username: sso}}
    replication: {{username: sso}}
    rewind: {{username: sso}}
  pg_hba:
    - local all all trust
    - host all all 10.77.0.0/16 trust
    - host replication all 10.77.0.0/16 trust
log: {{level: INFO}}
",
        keepers = keepers.join(",")
    );
    write(&format!("patroni{node}.yml"), &text)
}

/// Writes HAProxy's file; its path. A server that fails its checks loses its sessions before its lease is
/// over.
pub fn haproxy() -> PathBuf {
    let mut text = format!(
        "
global
    maxconn 1000
defaults
    mode tcp
    timeout connect 1s
    timeout check 1s
    timeout client 30m
    timeout server 30m
listen leader
    bind {}:{BALANCER_PORT}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
",
        address(ENTRY)
    );
    for node in NODES {
        writeln!(text, "    server node{node} {}:5432 check port 8008", address(node)).expect("a string");
    }
    write("haproxy.cfg", &text)
}

/// Writes PgBouncer's file; its path.
pub fn pgbouncer() -> PathBuf {
    let own = address(ENTRY);
    let text = format!(
        "
[databases]
* = host={own} port={BALANCER_PORT} user=sso
[pgbouncer]
listen_addr = {own}
listen_port = {BOUNCER_PORT}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 12
max_client_conn = 500
server_login_retry = 1
server_connect_timeout = 3
"
    );
    write("pgbouncer.ini", &text)
}

/// Writes what Python reads first, for Patroni beside libfaketime, whose `clock_nanosleep` refuses the clock
/// that `time.sleep` asks for; the folder.
pub fn python() -> PathBuf {
    let folder = PathBuf::from(FOLDER).join("python");
    fs::create_dir_all(&folder).expect("a folder");
    write(
        "python/sitecustomize.py",
        "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n",
    );
    folder
}

fn write(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(FOLDER).join(name);
    fs::write(&path, text).expect("a file of settings");
    path
}
