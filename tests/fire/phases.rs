//! The phases: clients at work, faults among them, and the reckoning at the end.

use std::{path::Path, thread, time::Duration};

use servers::{Postgres, Proxy};
use tokio::runtime::Runtime;

use crate::{
    args::Args,
    cold,
    faults::{Fault, Scene},
    office::Office,
    operations::{Vault, mislead, restore, rotate},
};
use fire::{
    crowd::{Crowd, Door},
    reckoning::{Books, reckon},
    recorder::bound,
    rng::Rng,
    table::Row,
};

/// What takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(70);

/// What a phase breaks, over and over.
pub struct Phase {
    pub name: &'static str,
    pub on: On,
    faults: &'static [Fault],
    /// How many of them in a short run, which leaves out what has none; a long one has three times as many.
    count: u64,
    does: Does,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum On {
    File,
    Server,
    /// A primary and its synchronous standby, which is promoted.
    Pair,
    /// A primary and a standby, behind one address.
    Standby,
    /// See the sweep.
    Sweep,
}

/// What is done besides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Nothing,
    /// Each client looks at dashboards.
    Reports,
    Rotates,
    Restores,
}

use Fault::{
    CutAll, CutAtByte, Delay, Freeze, Kill, KillAtByte, KillBackend, Refuse, Restart, Swallow, Terminate,
};

use Does::{Nothing, Reports, Restores, Rotates};

pub const PHASES: [Phase; 15] = [
    Phase { name: "sqlite-kills", on: On::File, faults: &[Kill], count: 10, does: Nothing },
    Phase {
        name: "postgres-kills",
        on: On::Server,
        faults: &[Kill, KillAtByte, KillAtByte],
        count: 14,
        does: Nothing,
    },
    Phase {
        name: "postgres-crashes",
        on: On::Server,
        faults: &[Restart, KillBackend, Terminate],
        count: 8,
        does: Nothing,
    },
    Phase {
        name: "postgres-network",
        on: On::Server,
        faults: &[CutAtByte, CutAtByte, CutAtByte, CutAll, Delay, Refuse],
        count: 10,
        does: Nothing,
    },
    Phase { name: "postgres-silence", on: On::Server, faults: &[Swallow, Freeze], count: 4, does: Nothing },
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
        does: Nothing,
    },
    Phase { name: "sqlite-dashboards", on: On::File, faults: &[Kill], count: 8, does: Reports },
    Phase {
        name: "postgres-dashboards",
        on: On::Server,
        faults: &[Kill, Terminate, CutAll, Restart],
        count: 0,
        does: Reports,
    },
    Phase { name: "sqlite-rotation", on: On::File, faults: &[], count: 1, does: Rotates },
    Phase { name: "postgres-rotation", on: On::Server, faults: &[], count: 0, does: Rotates },
    Phase { name: "sqlite-restore", on: On::File, faults: &[Kill], count: 1, does: Restores },
    Phase { name: "postgres-restore", on: On::Server, faults: &[Kill], count: 1, does: Restores },
    Phase { name: "postgres-standby", on: On::Standby, faults: &[Kill], count: 2, does: Nothing },
    Phase { name: "postgres-promotion", on: On::Pair, faults: &[Kill], count: 4, does: Nothing },
    Phase { name: "postgres-sweep", on: On::Sweep, faults: &[], count: 0, does: Nothing },
];

impl Phase {
    /// Whether it is part of such a run.
    pub fn is_in(&self, args: &Args) -> bool {
        let is_wanted = args.only.as_ref().is_none_or(|only| self.name.contains(only.as_str()));
        is_wanted && (self.count > 0 || self.on == On::Sweep || !args.is_short)
    }

    fn rng(&self, args: &Args, round: u64, what: u64) -> Rng {
        let index = PHASES.iter().position(|phase| phase.name == self.name).unwrap_or_default();
        Rng::new(&[args.seed, round, index as u64, what])
    }

    /// Runs a phase on a file.
    pub fn on_file(&self, args: &Args, round: u64, runtime: &Runtime) -> Row {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sso.db");
        let address = format!("sqlite:{}", file.display());
        let (books, vault) = (Books::File(file.clone()), Vault::File(file));
        self.run(args, round, runtime, [&address, &address], folder.path(), &books, |phase, scene, rng| {
            phase.operate(args, scene, rng, &vault);
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
        let vault = Vault::Server(server, database.clone());
        self.run(args, round, runtime, addresses, folder.path(), &books, |phase, scene, rng| {
            (scene.server, scene.proxy) = (Some(server), Some(&proxy));
            phase.operate(args, scene, rng, &vault);
            if phase.faults.contains(&Swallow) && !args.is_short {
                let (row, recorder) = (&mut scene.row, &scene.office.recorder);
                scene.crowd.sources.push(cold::visit(
                    recorder,
                    &proxy,
                    &database,
                    folder.path(),
                    runtime,
                    row,
                ));
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
        self.run(args, round, runtime, [&address, &address], folder.path(), &books, |phase, scene, rng| {
            phase.break_it(args, scene, rng);
            primary.stop_hard();
            thread::sleep(Duration::from_millis(rng.roll(1500)));
            standby.promote();
            scene.row.promotions += 1;
            thread::sleep(Duration::from_secs(1));
            scene.server = Some(&standby);
            phase.break_it(args, scene, rng);
            scene.apply(Restart, rng);
            thread::sleep(Duration::from_secs(1));
        })
    }

    /// Runs a phase on a primary and a standby that lags, behind one address.
    pub fn on_standby(&self, args: &Args, round: u64, runtime: &Runtime) -> Row {
        let folder = tempfile::tempdir().unwrap();
        let primary = Postgres::start(&[]);
        let standby = Postgres::standby_of(&primary);
        let proxy = Proxy::start(primary.port());
        let addresses = [proxy.url_of("sso"), primary.tcp_url()];
        let addresses = addresses.each_ref().map(String::as_str);
        let books = Books::Server(primary.url());
        self.run(args, round, runtime, addresses, folder.path(), &books, |phase, scene, rng| {
            let times = if args.is_short { phase.count } else { phase.count * 3 };
            mislead(scene, rng, [&primary, &standby], &proxy, times);
        })
    }

    /// Does what this phase does.
    fn operate(&self, args: &Args, scene: &mut Scene<'_>, rng: &mut Rng, vault: &Vault<'_>) {
        match self.does {
            Nothing | Reports => self.break_it(args, scene, rng),
            Rotates => rotate(scene, rng, PATIENCE),
            Restores => restore(scene, rng, vault, if args.is_short { 1 } else { 3 }),
        }
    }

    /// Breaks what this phase breaks, one fault of each kind at least.
    fn break_it(&self, args: &Args, scene: &mut Scene<'_>, rng: &mut Rng) {
        let count = if args.is_short { self.count } else { self.count.max(8) * 3 };
        thread::sleep(Duration::from_millis(500));
        for number in 0..count {
            scene.crowd.progress += 12;
            let fault = match self.faults.get(number as usize) {
                Some(next) => *next,
                None => rng.pick(self.faults),
            };
            scene.apply(fault, rng);
            thread::sleep(Duration::from_millis(rng.between(20, 500)));
        }
        thread::sleep(Duration::from_millis(500));
    }

    /// Runs clients on the first address and our own recorder on the second, breaks things, and reckons.
    #[expect(clippy::too_many_arguments, reason = "called thrice, above")]
    fn run<'s>(
        &self,
        args: &Args,
        round: u64,
        runtime: &'s Runtime,
        addresses: [&str; 2],
        folder: &Path,
        books: &Books,
        breaks: impl FnOnce(&Self, &mut Scene<'s>, &mut Rng),
    ) -> Row {
        let office = Office::open(addresses[1], folder, runtime, self.rng(args, round, 2));
        let door = Door { reports: self.does == Reports, ..Door::new(addresses[0]) };
        let crowd = Crowd::start(vec![door], folder, args.clients, self.rng(args, round, 1));
        let mut scene = Scene { crowd, office, server: None, proxy: None, row: Row::of(self.name) };
        breaks(self, &mut scene, &mut self.rng(args, round, 3));
        let Scene { mut crowd, mut office, mut row, .. } = scene;
        crowd.stop(PATIENCE);
        office.pause();
        row.kills = crowd.kills;
        row.complaints.append(&mut crowd.complaints);
        let bound = bound(addresses[0]);
        reckon(&mut row, crowd.sources, &office.path, &office.recorder, runtime, books, bound);
        row.require("calls", row.calls, 200);
        row.require("calls that were answered well", row.ok, 100);
        row.require("regenerations", row.regenerations, 2);
        row.require("erasures", row.erasures, 2);
        // Beside dashboards a short phase may end before clients know two secrets.
        row.require("tokens of an older secret", row.tried.stale, if self.does == Reports { 0 } else { 3 });
        row.require("tokens of erased people", row.tried.revivals, 3);
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
        row.require("reports", row.reports, if self.does == Reports { 50 } else { 0 });
        let operates = matches!(self.does, Rotates | Restores) || self.on == On::Standby;
        row.require("operations", row.operations, u64::from(operates));
    }
}
