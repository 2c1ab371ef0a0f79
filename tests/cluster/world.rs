//! The network: one namespace for each machine, a router between them (our own namespace), and links that can
//! be cut one way or both ways.
//!
//! | machine | address | on it |
//! |---|---|---|
//! | 1, 2, 3 | 10.77.N.1 | Patroni with PostgreSQL |
//! | 4, 5, 6 | 10.77.N.1 | etcd |
//! | 7 | 10.77.7.1 | HAProxy and PgBouncer |
//!
//! The clients are on the router, which reaches every machine at any time: what is cut is what passes through
//! it.

use std::{
    collections::HashMap,
    fs,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

pub const NODES: [usize; 3] = [1, 2, 3];
pub const KEEPERS: [usize; 3] = [4, 5, 6];
pub const ENTRY: usize = 7;

/// Which packets between two machines are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Both,
    /// What the first sends to the second.
    There,
    Back,
}

impl Way {
    fn pairs(self, from: usize, to: usize) -> Vec<(usize, usize)> {
        match self {
            Self::Both => vec![(from, to), (to, from)],
            Self::There => vec![(from, to)],
            Self::Back => vec![(to, from)],
        }
    }
}

pub fn address(machine: usize) -> String {
    format!("10.77.{machine}.1")
}

pub fn namespace(machine: usize) -> String {
    format!("machine{machine}")
}

/// Makes the machines and their links.
pub fn build() {
    // A packet is judged by where it goes, never by where its answer would: or a cut one way would cut both.
    for (name, value) in [
        ("net.ipv4.ip_forward", 1),
        ("net.ipv4.conf.all.rp_filter", 0),
        ("net.ipv4.conf.default.rp_filter", 0),
        ("net.ipv4.conf.all.send_redirects", 0),
    ] {
        run("sysctl", &format!("-q -w {name}={value}"));
    }
    for machine in NODES.into_iter().chain(KEEPERS).chain([ENTRY]) {
        let name = namespace(machine);
        ip(&format!("netns add {name}"));
        ip(&format!("link add to{machine} type veth peer name eth0 netns {name}"));
        ip(&format!("addr add 10.77.{machine}.254/24 dev to{machine}"));
        ip(&format!("link set to{machine} up"));
        ip(&format!("-n {name} addr add {}/24 dev eth0", address(machine)));
        ip(&format!("-n {name} link set eth0 up"));
        ip(&format!("-n {name} link set lo up"));
        ip(&format!("-n {name} route add default via 10.77.{machine}.254"));
    }
}

/// The cuts in force. Two faults may cut the same link at once: it is open again after the last of them.
#[derive(Default)]
pub struct Cuts(Mutex<HashMap<(usize, usize), u32>>);

impl Cuts {
    /// Drops the packets between two machines, silently.
    pub fn cut(&self, from: usize, to: usize, way: Way) {
        let mut cuts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for pair in way.pairs(from, to) {
            let count = cuts.entry(pair).or_default();
            *count += 1;
            if *count == 1 {
                rule("add", pair);
            }
        }
    }

    /// Undoes the same [`Self::cut`].
    pub fn heal(&self, from: usize, to: usize, way: Way) {
        let mut cuts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for pair in way.pairs(from, to) {
            let count = cuts.get_mut(&pair).expect("a cut");
            *count -= 1;
            if *count == 0 {
                rule("del", pair);
            }
        }
    }
}

fn rule(what: &str, (from, to): (usize, usize)) {
    ip(&format!("rule {what} from {} to {} blackhole pref 100", address(from), address(to)));
}

/// The processes of a machine.
pub fn processes(machine: usize) -> Vec<String> {
    let output = Command::new("ip").args(["netns", "pids", &namespace(machine)]).output().expect("ip");
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

/// Those of them with this name.
pub fn processes_named(machine: usize, name: &str) -> Vec<String> {
    let is_named = |process: &String| {
        fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|comm| comm.trim() == name)
    };
    processes(machine).into_iter().filter(is_named).collect()
}

fn ip(arguments: &str) {
    run("ip", arguments);
}

fn run(program: &str, arguments: &str) {
    let mut command = Command::new(program);
    command.args(arguments.split(' ')).stdin(Stdio::null());
    let status = command.status().unwrap_or_else(|error| panic!("this needs `{program}`: {error}"));
    assert!(status.success(), "{program} {arguments}: {status}");
}
