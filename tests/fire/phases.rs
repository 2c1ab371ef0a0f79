//! The phases: clients at work, faults among them, and the reckoning at the end.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use servers::{Postgres, Proxy};
use tokio::runtime::Runtime;

use crate::{
    args::Args,
    cold,
    faults::{Fault, Scene},
};
use fire::{
    crowd::{Crowd, Door},
    desk::{Desk, bound, regenerate},
    dice::Dice,
    journal::Journal,
    reckoning::{Books, reckon},
    table::Row,
};

/// What a phase breaks, over and over.
pub struct Phase {
    pub name: &'static str,
    pub on: On,
    faults: &'static [Fault],
    /// How many of them in a short run, which leaves out what has none; a long one has three times as many.
    count: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum On {
    File,
    Server,
    /// A primary and its synchronous standby, which is promoted.
    Pair,
    /// See the sweep.
    Sweep,
}

use Fault::{
    CutAll, CutAtByte, Delay, Freeze, Kill, KillAtByte, KillBackend, Refuse, Restart, Swallow, Terminate,
};

pub const PHASES: [Phase; 8] = [
    Phase { name: "sqlite-kills", on: On::File, faults: &[Kill], count: 10 },
    Phase { name: "postgres-kills", on: On::Server, faults: &[Kill, KillAtByte, KillAtByte], count: 14 },
    Phase { name: "postgres-crashes", on: On::Server, faults: &[Restart, KillBackend, Terminate], count: 8 },
    Phase {
        name: "postgres-network",
        on: On::Server,
        faults: &[CutAtByte, CutAtByte, CutAtByte, CutAll, Delay, Refuse],
        count: 10,
    },
    Phase { name: "postgres-silence", on: On::Server, faults: &[Swallow, Freeze], count: 4 },
    Phase {
        name: "postgres-everything",
        on: On::Server,
        faults: &[
            Kill,
            KillAtByte,
            Restart,
            KillBackend,
            Terminate,
            CutAtByte,
            CutAll,
            Delay,
            Refuse,
            Swallow,
            Freeze,
        ],
        count: 0,
    },
    Phase { name: "postgres-promotion", on: On::Pair, faults: &[Kill], count: 4 },
    Phase { name: "postgres-sweep", on: On::Sweep, faults: &[], count: 0 },
];

impl Phase {
    /// Whether it is part of such a run.
    pub fn is_in(&self, args: &Args) -> bool {
        let is_wanted = args.only.as_ref().is_none_or(|only| self.name.contains(only.as_str()));
        is_wanted && (self.count > 0 || self.on == On::Sweep || !args.is_short)
    }

    fn dice(&self, args: &Args, round: u64, what: u64) -> Dice {
        let index = PHASES.iter().position(|phase| phase.name == self.name).unwrap_or_default();
        Dice::new(&[args.seed, round, index as u64, what])
    }

    /// Runs a phase on a file.
    pub fn on_file(&self, args: &Args, round: u64, runtime: &Runtime) -> Row {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sso.db");
        let address = format!("sqlite:{}", file.display());
        let books = Books::File(file);
        self.run(args, round, runtime, [&address, &address], folder.path(), &books, |phase, scene, dice| {
            phase.break_it(args, scene, dice);
        })
    }

    /// Runs a phase on a server, in a database of its own.
    pub fn on_server(&self, args: &Args, round: u64, runtime: &Runtime, server: &Postgres) -> Row {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("{}_{round}", self.name.replace('-', "_"));
        server.create_database(&database);
        let proxy = Proxy::start(server.port());
        let books = Books::Server(server.url_of(&database));
        let addresses = [proxy.url_of(&database), server.tcp_url_of(&database)];
        let addresses = addresses.each_ref().map(String::as_str);
        self.run(args, round, runtime, addresses, folder.path(), &books, |phase, scene, dice| {
            (scene.server, scene.proxy) = (Some(server), Some(&proxy));
            phase.break_it(args, scene, dice);
            if phase.faults.contains(&Swallow) && !args.is_short {
                let (row, desk) = (&mut scene.row, &scene.desk);
                scene.crowd.sources.push(cold::visit(desk, &proxy, &database, folder.path(), runtime, row));
            }
            scene.row.cuts += proxy.cuts();
        })
    }

    /// Runs a phase on a primary and its synchronous standby. The primary is stopped for good under load, the
    /// standby promoted; until then nothing but clients is killed: a commit without an acknowledgement may be
    /// visible before the standby has it, where the primary restarts.
    pub fn on_pair(&self, args: &Args, round: u64, runtime: &Runtime) -> Row {
        let folder = tempfile::tempdir().unwrap();
        let primary = Postgres::start(&[]);
        let standby = Postgres::standby_of(&primary);
        primary.make_synchronous();
        let address = format!("postgres://sso@127.0.0.1:{},127.0.0.1:{}/sso", primary.port(), standby.port());
        let books = Books::Server(standby.url());
        self.run(args, round, runtime, [&address, &address], folder.path(), &books, |phase, scene, dice| {
            phase.break_it(args, scene, dice);
            primary.stop_hard();
            thread::sleep(Duration::from_millis(dice.roll(1500)));
            standby.promote();
            scene.row.promotions += 1;
            thread::sleep(Duration::from_secs(1));
            scene.server = Some(&standby);
            phase.break_it(args, scene, dice);
            scene.apply(Restart, dice);
            thread::sleep(Duration::from_secs(1));
        })
    }

    /// Breaks what this phase breaks, one fault of each kind at least.
    fn break_it(&self, args: &Args, scene: &mut Scene<'_>, dice: &mut Dice) {
        let count = if args.is_short { self.count } else { self.count.max(8) * 3 };
        thread::sleep(Duration::from_millis(500));
        for number in 0..count {
            scene.crowd.progress += 12;
            let fault = match self.faults.get(number as usize) {
                Some(next) => *next,
                None => dice.pick(self.faults),
            };
            scene.apply(fault, dice);
            thread::sleep(Duration::from_millis(dice.between(20, 500)));
        }
        thread::sleep(Duration::from_millis(500));
    }

    /// Runs clients on the first address and our own desk on the second, breaks things, and reckons.
    #[expect(clippy::too_many_arguments, reason = "called thrice, above")]
    fn run<'s>(
        &self,
        args: &Args,
        round: u64,
        runtime: &Runtime,
        addresses: [&str; 2],
        folder: &Path,
        books: &Books,
        breaks: impl FnOnce(&Self, &mut Scene<'s>, &mut Dice),
    ) -> Row {
        let own = folder.join("ours");
        let journal = Arc::new(Journal::create(&own));
        let desk = Arc::new(runtime.block_on(Desk::open(addresses[1], journal, false)).expect("the store"));
        runtime.block_on(desk.furnish());
        let crowd =
            Crowd::start(vec![Door::new(addresses[0])], folder, args.clients, self.dice(args, round, 1));
        let stop = Arc::new(AtomicBool::new(false));
        let regenerator =
            runtime.spawn(regenerate(Arc::clone(&desk), Arc::clone(&stop), self.dice(args, round, 2)));
        let mut scene =
            Scene { crowd, desk: Arc::clone(&desk), server: None, proxy: None, row: Row::of(self.name) };
        breaks(self, &mut scene, &mut self.dice(args, round, 3));
        let Scene { mut crowd, mut row, .. } = scene;
        crowd.stop(bound(addresses[0]) * 6);
        stop.store(true, SeqCst);
        runtime.block_on(regenerator).unwrap();
        row.kills = crowd.kills;
        row.complaints.append(&mut crowd.complaints);
        reckon(&mut row, crowd.sources, &own, &desk, runtime, books, bound(addresses[0]));
        row.require("calls", row.calls, 200);
        row.require("calls that were answered well", row.ok, 100);
        row.require("regenerations", row.regenerations, 2);
        row.require("erasures", row.erasures, 2);
        row.require("tokens of an older secret", row.tried.stale, 3);
        row.require("tokens of somebody erased", row.tried.revivals, 3);
        self.require(&mut row);
        row
    }

    /// That what this phase breaks was broken.
    fn require(&self, row: &mut Row) {
        let has = |faults: &[Fault]| faults.iter().any(|fault| self.faults.contains(fault));
        row.require("kills", row.kills, u64::from(has(&[Kill, KillAtByte])));
        row.require("restarts", row.restarts, u64::from(has(&[Restart, KillBackend])));
        row.require("cuts", row.cuts, u64::from(has(&[CutAtByte, CutAll, Terminate])));
        row.require("silences", row.silences, u64::from(has(&[Swallow, Freeze])));
        row.require("promotions", row.promotions, u64::from(self.on == On::Pair));
    }
}
