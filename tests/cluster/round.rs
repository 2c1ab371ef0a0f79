//! One round: a database of its own, clients at work, faults one after the other, and the reckoning at the
//! end.

use std::{fs, path::Path, thread, time::Duration};

use fire::{
    crowd::{Crowd, Door},
    drill::Drill,
    history::History,
    journal::now,
    reckoning::Books,
    recorder::bound,
    rng::Rng,
    table::Row,
};
use tokio::runtime::Runtime;

use crate::{
    args::Args,
    cluster::Cluster,
    config,
    faults::{FAULTS, Fault},
    figures::{Figures, Stall},
    world::Way,
};

/// How long the cluster may take to be whole again after the last fault has ended.
const PATIENCE: Duration = Duration::from_secs(300);

/// What happens at once.
struct Blow {
    name: String,
    /// Each fault with how long it waits for its turn, and how long it lasts, in milliseconds.
    faults: Vec<(Fault, u64, u64)>,
}

/// When a blow fell, when all was well again, and how many promotions there were between.
struct Fallen {
    name: String,
    from: u64,
    until: u64,
    promotions: u64,
    /// Why it had no effect, if it must have one.
    complaint: Option<String>,
}

pub struct Round<'a> {
    pub args: &'a Args,
    pub number: u64,
    pub cluster: &'a Cluster,
    pub runtime: &'a Runtime,
}

impl Round<'_> {
    pub fn run(&self) -> Figures {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("round_{}", self.number);
        self.cluster.wait_whole(PATIENCE).unwrap_or_else(|missing| self.give_up(&missing));
        self.cluster.execute(&format!("CREATE DATABASE {database}")).expect("a database");
        let [bouncer, balancer] = config::urls(&database);
        // Servers, clients and their checks share this machine's processors: twice what the store promises.
        let bound = bound(&balancer) * 2;
        let doors = match self.args.hosts {
            true => vec![Door::new(&config::hosts_url(&database))],
            false => vec![Door { prepares: false, ..Door::new(&bouncer) }, Door::new(&balancer)],
        };
        let drill = Drill {
            runtime: self.runtime,
            folder: folder.path(),
            doors,
            clients: self.args.clients,
            own: &balancer,
            books: &Books::Server(balancer.clone()),
            rng: &|what| self.rng(what),
            bound,
        };
        let mut fallen = Vec::new();
        let (history, mut row) =
            drill.run(Row::of(&database), |crowd, _, _, rng| fallen = self.break_it(crowd, rng));
        row.complaints.extend(fallen.iter().filter_map(|it| it.complaint.clone()));
        let stalls = stalls(&history, &fallen);
        if !row.complaints.is_empty() {
            self.keep_evidence(folder.path(), &fallen);
        }
        let _ = self.cluster.execute(&format!("DROP DATABASE {database} WITH (FORCE)"));
        Figures::of(self.number, &row, &history, stalls)
    }

    fn rng(&self, what: u64) -> Rng {
        Rng::new(&[self.args.seed, self.number, what])
    }

    /// What this round breaks: each round begins where the last one ended in the list, and ends with several
    /// at once. Asynchronous replication is made to lose something first.
    fn plan(&self, rng: &mut Rng) -> Vec<Blow> {
        let mut blows = Vec::new();
        if self.args.asynchronous {
            // What was acknowledged meanwhile is on the leader alone, and goes down with it.
            let faults = vec![(Fault::CutStandbys(Way::Both), 0, 14_000), (Fault::KillNode, 2500, 14_000)];
            let name = "cut from standbys, then killed";
            blows.extend((0..2).map(|_| Blow { name: name.to_owned(), faults: faults.clone() }));
        }
        if self.args.etcd3 {
            // PostgreSQL wakes up when another leads, and Patroni's loop, which waited for it, goes on where
            // it was.
            let blow = || Blow {
                name: Fault::FreezePostgres.name(),
                faults: vec![(Fault::FreezePostgres, 0, 13_000)],
            };
            return (0..self.args.faults).map(|_| blow()).collect();
        }
        let is_wanted =
            |fault: &Fault| self.args.only.as_ref().is_none_or(|only| fault.name().contains(only.as_str()));
        let mut faults: Vec<Fault> = FAULTS.into_iter().filter(is_wanted).collect();
        assert!(!faults.is_empty(), "no fault of that name");
        if self.args.short {
            faults = vec![Fault::KillNode, Fault::CutEtcd(Way::Both), Fault::SwitchOver];
        }
        let offset = (self.number * self.args.faults) as usize % faults.len();
        faults.rotate_left(offset);
        let count = if self.args.short { faults.len() } else { self.args.faults as usize };
        for number in 0..count {
            let is_last = number + 1 == count && !self.args.short && self.args.only.is_none() && number > 0;
            if is_last {
                let mut some: Vec<(Fault, u64, u64)> = Vec::new();
                for _ in 0..rng.between(2, 3) {
                    let fault = rng.pick(&FAULTS);
                    let (wait, hold) = (rng.roll(4000), fault.hold(rng));
                    if some.iter().all(|(other, ..)| *other != fault) {
                        some.push((fault, wait, hold));
                    }
                }
                blows.push(Blow { name: "several at once".to_owned(), faults: some });
            } else {
                let fault = faults[number % faults.len()];
                let hold = if self.args.short { 9000 } else { fault.hold(rng) };
                blows.push(Blow { name: fault.name(), faults: vec![(fault, 0, hold)] });
            }
        }
        blows
    }

    fn break_it(&self, crowd: &mut Crowd, rng: &mut Rng) -> Vec<Fallen> {
        let mut fallen = Vec::new();
        thread::sleep(Duration::from_millis(1500));
        for blow in self.plan(rng) {
            crowd.progress += 12;
            let (leader, before) = match self.cluster.wait_whole(PATIENCE) {
                Ok(found) => found,
                Err(missing) => self.give_up(&missing),
            };
            let from = now();
            let idle = self.strike(&blow, leader);
            self.cluster.restore();
            let (_, after) = match self.cluster.wait_whole(PATIENCE) {
                Ok(found) => found,
                Err(missing) => self.give_up(&format!("after {}: {missing}", blow.name)),
            };
            let (until, promotions) = (now(), after.saturating_sub(before));
            let faults: Vec<String> = blow.faults.iter().map(|(fault, ..)| fault.name()).collect();
            println!(
                "cluster: round {}: {}: node {leader}, {promotions} promotions, whole after {:.1} s",
                self.number,
                faults.join(" + "),
                (until - from) as f64 / 1e6
            );
            let (mut name, mut complaint) = (blow.name, None);
            // Several at once get in each other's way.
            if let ([(fault, why)], 1) = (&idle[..], faults.len()) {
                match fault {
                    Fault::SwitchOver => name += ", refused",
                    _ => complaint = Some(format!("{name} had no effect: {why}")),
                }
            }
            fallen.push(Fallen { name, from, until, promotions, complaint });
            if rng.one_in(2) {
                crowd.kill_one();
            }
            // Most visits are made while all is well.
            let calm = if self.args.short { (300, 800) } else { (2000, 6000) };
            thread::sleep(Duration::from_millis(rng.between(calm.0, calm.1)));
        }
        fallen
    }

    /// Lets the faults happen. Returns those that had no effect, and why.
    fn strike(&self, blow: &Blow, leader: usize) -> Vec<(Fault, String)> {
        let number = self.number;
        let happen = |(fault, wait, hold): (Fault, u64, u64)| {
            thread::sleep(Duration::from_millis(wait));
            let idle = fault.happen(self.cluster, leader, Duration::from_millis(hold)).err()?;
            println!("cluster: round {number}: {} had no effect: {idle}", fault.name());
            Some((fault, idle))
        };
        let happen = &happen;
        thread::scope(|scope| {
            let running: Vec<_> =
                blow.faults.iter().map(|fault| scope.spawn(move || happen(*fault))).collect();
            running.into_iter().filter_map(|fault| fault.join().expect("a fault")).collect()
        })
    }

    /// The cluster does not come back: nothing can be said about the store.
    fn give_up(&self, missing: &str) -> ! {
        eprintln!("{}", self.cluster.logs());
        panic!("cluster: round {} with seed {}: {missing}", self.number, self.args.seed);
    }

    /// Saves journals and logs outside, before the memory that they are in goes away.
    fn keep_evidence(&self, journals: &Path, fallen: &[Fallen]) {
        let program = std::env::current_exe().expect("the path of this program");
        let target = program.ancestors().nth(3).unwrap_or(Path::new("."));
        let folder = target.join(format!("cluster-{}-{}", self.args.seed, self.number));
        let save = || -> std::io::Result<()> {
            fs::create_dir_all(&folder)?;
            let logs = fs::read_dir(crate::inside::FOLDER)?.flatten();
            let logs = logs.filter(|entry| entry.path().extension().is_some_and(|it| it == "log"));
            for entry in fs::read_dir(journals)?.flatten().chain(logs) {
                fs::copy(entry.path(), folder.join(entry.file_name()))?;
            }
            let faults: String =
                fallen.iter().map(|it| format!("{} {} {}\n", it.from, it.until, it.name)).collect();
            fs::write(folder.join("faults"), faults)
        };
        match save() {
            Ok(()) => println!("cluster: journals and logs are in {}", folder.display()),
            Err(error) => println!("cluster: journals and logs are lost: {error}"),
        }
    }
}

/// The longest time without a visit that was answered, for each blow.
fn stalls(history: &History, fallen: &[Fallen]) -> Vec<Stall> {
    let answered = history.entries.iter().filter(|entry| entry.is_identified());
    let mut ends: Vec<u64> = answered.map(|entry| entry.end).collect();
    ends.sort_unstable();
    let longest = |from: u64, until: u64| {
        let gaps = ends.windows(2).filter(|pair| pair[1] > from && pair[0] < until);
        gaps.map(|pair| pair[1] - pair[0]).max().unwrap_or(until - from)
    };
    let stall = |it: &Fallen| Stall {
        fault: it.name.clone(),
        promotions: it.promotions,
        micros: longest(it.from, it.until),
        whole: it.until - it.from,
    };
    fallen.iter().map(stall).collect()
}
