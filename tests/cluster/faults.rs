//! The faults: each has a beginning and an end, so that several can be in force at once.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use fire::rng::Rng;

use crate::{
    cluster::Cluster,
    config,
    node::{Signal, send, shift_clock},
    world::{self, ENTRY, KEEPERS, NODES, Way},
};

/// How often a fault in force is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL for everything on the leader, which comes back later.
    KillNode,
    /// SIGKILL for PostgreSQL's first process alone, or for Patroni alone.
    KillPostgres,
    KillPatroni,
    /// SIGSTOP, and SIGCONT later.
    FreezeNode,
    FreezePostgres,
    FreezePatroni,
    /// The leader's packets to etcd (there), from it (back), or both are dropped; and so on.
    CutEtcd(Way),
    CutStandbys(Way),
    CutClients(Way),
    Isolate(Way),
    SwitchOver,
    /// Two of three etcd are killed, or frozen.
    KillEtcd,
    FreezeEtcd,
    FullDisk,
    /// The leader's clock, or every node's, steps by so many seconds, and back.
    Clock(i64),
    Clocks(i64),
}

pub const FAULTS: [Fault; 23] = [
    Fault::KillNode,
    Fault::FreezeNode,
    Fault::CutEtcd(Way::Both),
    Fault::SwitchOver,
    Fault::Isolate(Way::Both),
    Fault::KillPostgres,
    Fault::CutStandbys(Way::Both),
    Fault::FullDisk,
    Fault::KillEtcd,
    Fault::CutClients(Way::Both),
    Fault::Clock(60),
    Fault::KillPatroni,
    Fault::FreezePostgres,
    Fault::FreezePatroni,
    Fault::CutEtcd(Way::There),
    Fault::CutEtcd(Way::Back),
    Fault::CutStandbys(Way::There),
    Fault::CutStandbys(Way::Back),
    Fault::CutClients(Way::There),
    Fault::CutClients(Way::Back),
    Fault::FreezeEtcd,
    Fault::Clock(-60),
    Fault::Clocks(60),
];

impl Fault {
    /// The name in tables and for `--only`.
    pub fn name(self) -> String {
        let way = |way| match way {
            Way::Both => "",
            Way::There => ", there",
            Way::Back => ", back",
        };
        match self {
            Self::KillNode => "kill node".to_owned(),
            Self::KillPostgres => "kill PostgreSQL".to_owned(),
            Self::KillPatroni => "kill Patroni".to_owned(),
            Self::FreezeNode => "freeze node".to_owned(),
            Self::FreezePostgres => "freeze PostgreSQL".to_owned(),
            Self::FreezePatroni => "freeze Patroni".to_owned(),
            Self::CutEtcd(cut) => format!("cut from etcd{}", way(cut)),
            Self::CutStandbys(cut) => format!("cut from standbys{}", way(cut)),
            Self::CutClients(cut) => format!("cut from clients{}", way(cut)),
            Self::Isolate(cut) => format!("cut from all{}", way(cut)),
            Self::SwitchOver => "switch-over".to_owned(),
            Self::KillEtcd => "kill two etcd".to_owned(),
            Self::FreezeEtcd => "freeze two etcd".to_owned(),
            Self::FullDisk => "full disk".to_owned(),
            Self::Clock(step) => format!("clock {step:+} s"),
            Self::Clocks(step) => format!("all clocks {step:+} s"),
        }
    }

    /// Milliseconds between the beginning and the end: some shorter than the leader's lease, most longer. A
    /// process looks at its shifted clock anew after a second.
    pub fn hold(self, rng: &mut Rng) -> u64 {
        match self {
            Self::SwitchOver => 0,
            Self::KillPostgres => rng.between(500, 1500),
            _ if rng.one_in(4) => rng.between(if self.is_of_clock() { 2500 } else { 500 }, 6000),
            _ => rng.between(9000, 14_000),
        }
    }

    /// Begins, lasts so long, and ends. An error says why it had no effect.
    pub fn happen(self, cluster: &Cluster, leader: usize, hold: Duration) -> Result<(), String> {
        let begun = Instant::now();
        let begins = self.begin(cluster, leader);
        let mut is_seen = self.is_in_force(cluster, leader);
        while let Some(left) = hold.checked_sub(begun.elapsed()) {
            thread::sleep(left.min(BETWEEN_LOOKS));
            if self == Self::FullDisk {
                // PostgreSQL has removed files of its own meanwhile.
                fill(&filler(leader));
            }
            if is_seen.is_err() {
                is_seen = self.is_in_force(cluster, leader);
            }
        }
        self.end(cluster, leader);
        begins.and(is_seen)
    }

    fn is_of_clock(self) -> bool {
        matches!(self, Self::Clock(_) | Self::Clocks(_))
    }

    fn begin(self, cluster: &Cluster, leader: usize) -> Result<(), String> {
        match self {
            Self::KillNode => cluster.node(leader).signal_all(Signal::Kill),
            Self::KillPostgres => send_to_some(Signal::Kill, &first_postgres(leader))?,
            Self::KillPatroni => cluster.node(leader).signal(Signal::Kill),
            Self::FreezeNode => cluster.node(leader).signal_all(Signal::Stop),
            Self::FreezePostgres => {
                send_to_some(Signal::Stop, &world::processes_named(leader, "postgres"))?;
            }
            Self::FreezePatroni => cluster.node(leader).signal(Signal::Stop),
            Self::SwitchOver => cluster.switch_over(leader)?,
            Self::KillEtcd => KEEPERS[..2].iter().for_each(|it| cluster.keeper(*it).signal_all(Signal::Kill)),
            Self::FreezeEtcd => {
                KEEPERS[1..].iter().for_each(|it| cluster.keeper(*it).signal_all(Signal::Stop));
            }
            Self::FullDisk => fill(&filler(leader)),
            Self::Clock(step) => shift_clock(leader, step),
            Self::Clocks(step) => NODES.iter().for_each(|node| shift_clock(*node, step)),
            Self::CutEtcd(_) | Self::CutStandbys(_) | Self::CutClients(_) | Self::Isolate(_) => {
                self.links(leader).for_each(|(other, way)| cluster.cuts.cut(leader, other, way));
            }
        }
        Ok(())
    }

    /// Looks at what could fail without a word: a clock that nothing shifts, and a disk that has room again.
    fn is_in_force(self, cluster: &Cluster, leader: usize) -> Result<(), String> {
        match self {
            Self::Clock(step) => has_shifted(cluster, leader, step),
            Self::Clocks(step) => NODES.iter().try_for_each(|node| has_shifted(cluster, *node, step)),
            Self::FullDisk => is_full(leader),
            _ => Ok(()),
        }
    }

    fn end(self, cluster: &Cluster, leader: usize) {
        match self {
            Self::KillNode | Self::KillPatroni => cluster.node(leader).start(),
            Self::FreezeNode | Self::FreezePostgres | Self::FreezePatroni => {
                cluster.node(leader).signal_all(Signal::Continue);
            }
            Self::SwitchOver | Self::KillPostgres => {}
            Self::KillEtcd => KEEPERS[..2].iter().for_each(|it| cluster.keeper(*it).start()),
            Self::FreezeEtcd => {
                KEEPERS[1..].iter().for_each(|it| cluster.keeper(*it).signal_all(Signal::Continue));
            }
            Self::FullDisk => fs::remove_file(filler(leader)).expect("the filler"),
            Self::Clock(_) => shift_clock(leader, 0),
            Self::Clocks(_) => NODES.iter().for_each(|node| shift_clock(*node, 0)),
            Self::CutEtcd(_) | Self::CutStandbys(_) | Self::CutClients(_) | Self::Isolate(_) => {
                self.links(leader).for_each(|(other, way)| cluster.cuts.heal(leader, other, way));
            }
        }
    }

    /// The machines that the leader is cut from.
    fn links(self, leader: usize) -> impl Iterator<Item = (usize, Way)> {
        let others = NODES.into_iter().filter(move |node| *node != leader);
        let (machines, way): (Vec<usize>, Way) = match self {
            Self::CutEtcd(way) => (KEEPERS.to_vec(), way),
            Self::CutStandbys(way) => (others.collect(), way),
            Self::CutClients(way) => (vec![ENTRY], way),
            Self::Isolate(way) => (others.chain(KEEPERS).chain([ENTRY]).collect(), way),
            _ => (Vec::new(), Way::Both),
        };
        machines.into_iter().map(move |machine| (machine, way))
    }
}

/// PostgreSQL's first process, if it runs.
fn first_postgres(node: usize) -> Vec<String> {
    let file = format!("{}/data/postmaster.pid", config::data(node));
    fs::read_to_string(file)
        .ok()
        .and_then(|text| text.lines().next().map(str::to_owned))
        .into_iter()
        .collect()
}

/// Sends a signal to these processes, and there are some.
fn send_to_some(signal: Signal, processes: &[String]) -> Result<(), String> {
    send(signal, processes);
    if processes.is_empty() { Err("no PostgreSQL runs there".to_owned()) } else { Ok(()) }
}

/// Compares a node's clock with ours.
fn has_shifted(cluster: &Cluster, node: usize, step: i64) -> Result<(), String> {
    let ahead =
        cluster.clock(node).map_err(|error| format!("the clock of node {node} is not seen: {error}"))?;
    if (ahead - step as f64).abs() < 10.0 {
        return Ok(());
    }
    Err(format!("the clock of node {node} is {ahead:+.1} s ahead, not {step:+} s"))
}

/// Asks for the blocks that are left on a node's disk.
fn is_full(node: usize) -> Result<(), String> {
    let left = Command::new("stat").args(["--file-system", "--format=%a", &config::data(node)]).output();
    let left = String::from_utf8(left.expect("stat").stdout).expect("a number");
    if left.trim() == "0" { Ok(()) } else { Err(format!("the disk has {} blocks left", left.trim())) }
}

fn filler(node: usize) -> String {
    format!("{}/filler", config::data(node))
}

/// Writes until the disk is full.
fn fill(path: &str) {
    let mut file = File::options().create(true).append(true).open(path).expect("the filler");
    for size in [1 << 20, 1 << 12] {
        let chunk = vec![0; size];
        loop {
            match file.write_all(&chunk) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("{path}: {error}"),
            }
        }
    }
}
