//! The options of a run.

use std::path::PathBuf;

use crate::inside;

pub const USAGE: &str = "cluster [--seed N] [--leaders N] [--visits N] [--rounds N] [--faults N] \
    [--clients N] [--only FAULT] [--keep FILE] [--asynchronous] [--hosts] [--etcd3]";
/// The seed of a run that names none.
const SEED: u64 = 20_261_126;

#[derive(Debug)]
pub struct Args {
    pub seed: u64,
    /// Rounds go on until so many leaders are lost, so many visits made, and so many rounds over, those of
    /// earlier runs included.
    pub leaders: u64,
    pub visits: u64,
    pub rounds: u64,
    /// How many faults a round has.
    pub faults: u64,
    pub clients: usize,
    /// Only faults whose name contains this.
    pub only: Option<String>,
    /// Where the finished rounds are written, so that a later run with the same seed goes on after them.
    pub keep: Option<PathBuf>,
    /// The control: replication is asynchronous, and the reckoning must notice what is lost.
    pub asynchronous: bool,
    /// Clients name the three nodes in their address, and meet neither HAProxy nor PgBouncer.
    pub hosts: bool,
    /// Patroni's driver for etcd's third API, which in Debian 12 can have two leaders at once.
    pub etcd3: bool,
    /// The caller named no number: one round of three faults, for every `cargo test`.
    pub short: bool,
}

/// Reads the options. `None` if the caller only lists tests, or wants tests of another name.
pub fn read(given: impl Iterator<Item = String>) -> Result<Option<Args>, String> {
    let mut args = Args {
        seed: SEED,
        leaders: 0,
        visits: 0,
        rounds: 1,
        faults: 8,
        clients: 4,
        only: None,
        keep: None,
        asynchronous: false,
        hosts: false,
        etcd3: false,
        short: true,
    };
    let mut given = given.peekable();
    let mut filters = Vec::new();
    let mut is_list = false;
    while let Some(name) = given.next() {
        let mut text = || given.next().ok_or(format!("{name} needs a value: {USAGE}"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no number: {USAGE}"));
        match name.as_str() {
            "--seed" => args.seed = number(text()?)?,
            "--leaders" => (args.leaders, args.short) = (number(text()?)?, false),
            "--visits" => (args.visits, args.short) = (number(text()?)?, false),
            "--rounds" => (args.rounds, args.short) = (number(text()?)?, false),
            "--faults" => (args.faults, args.short) = (number(text()?)?.max(1), false),
            "--clients" => args.clients = number(text()?)?.clamp(1, 64) as usize,
            "--only" => (args.only, args.short) = (Some(text()?), false),
            "--keep" => args.keep = Some(text()?.into()),
            "--etcd3" => args.etcd3 = true,
            "--hosts" => args.hosts = true,
            "--asynchronous" => args.asynchronous = true,
            // What `cargo test` passes on to every test.
            "--list" => is_list = true,
            "--nocapture" | "--no-capture" | "--quiet" | "-q" => {}
            name if name.starts_with('-') => return Err(format!("{name} is unknown: {USAGE}")),
            _ => filters.push(name),
        }
    }
    if is_list {
        println!("cluster: test");
    }
    let is_meant = filters.is_empty() || filters.iter().any(|filter| "cluster".contains(filter.as_str()));
    Ok(Some(args).filter(|_| is_meant && !is_list))
}

impl Args {
    /// What rounds have in common that may be added up: they are kept under this name.
    pub fn kind(&self) -> String {
        let only = self.only.as_deref().unwrap_or("all");
        let marks = [(self.asynchronous, "asynchronous"), (self.etcd3, "etcd3"), (self.hosts, "hosts")];
        let marks = marks.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| format!(",{name}"));
        let (build, marks) = (inside::build(), marks.collect::<String>());
        format!("{build},{},{} faults,{} clients,{only}{marks}", self.seed, self.faults, self.clients)
            .replace(' ', "-")
    }
}
