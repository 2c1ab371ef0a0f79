//! A first visit cut after every byte, in both directions: whatever was lost, the visit is made again and
//! ends with one account, one subscriber, one grant.

use std::{sync::Arc, time::Duration};

use boostgpt_sso::{Session, store::BotSecret};
use servers::{
    Direction::{self, ToClient, ToServer},
    Postgres, Proxy,
};
use tokio::runtime::Runtime;

use crate::args::Args;
use fire::{
    journal::Journal,
    people::START,
    reckoning::{Books, reckon},
    recorder::{Answer, Recorder, Visit, bound, sign},
    rng::Rng,
    table::Row,
};

/// How many cuts each way has in a short run.
const FEW: u64 = 32;

/// How the visit finds its connection.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Open.
    Open,
    /// Open, with statements that are prepared first.
    Prepared,
    /// Not yet open: the cuts meet the login too.
    Cold,
}

/// Sweeps in a database of its own.
pub fn run(args: &Args, round: u64, runtime: &Runtime, server: &Postgres) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sweep_{round}");
    server.create_database(&database);
    let proxy = Proxy::start(server.port());
    let mut row = Row::of("postgres-sweep");
    let mut rng = Rng::new(&[args.seed, round, 1000]);
    let mut sources = Vec::new();
    let (own, books) = (folder.path().join("ours"), Books::Server(server.url_of(&database)));
    let journal = Arc::new(Journal::create(&own));
    let url = server.url_of(&database);
    let recorder =
        Arc::new(runtime.block_on(Recorder::open(&url, Arc::clone(&journal), false)).expect("the store"));
    runtime.block_on(recorder.create_project_and_bot());
    let mut expected = 0;
    for way in [Way::Open, Way::Prepared, Way::Cold] {
        let path = folder.path().join(format!("{way:?}"));
        let new = Arc::new(Journal::create(&path));
        let prepares = matches!(way, Way::Prepared);
        let address = proxy.url_of(&database);
        let swept = runtime.block_on(Recorder::open(&address, new, prepares)).expect("the store");
        let secret = runtime.block_on(recorder.secret(0)).expect("a secret");
        let sweep = Sweep { proxy: &proxy, recorder: &swept, secret, runtime, way };
        let lengths = sweep.lengths();
        for (direction, length) in [(ToServer, lengths[0]), (ToClient, lengths[1])] {
            let all = args.every_byte && round == 0;
            let step = if all { 1 } else { (length / FEW).max(1) };
            let mut position = if all { 0 } else { rng.roll(step) };
            let (mut done, mut met) = (0, 0);
            while position < length {
                met += u64::from(sweep.cut(direction, position, &mut row));
                (position, done) = (position + step, done + 1);
            }
            println!("fire: sweep {way:?} {direction:?}: {length} bytes, {done} cuts, {met} in the visit");
            row.require("cuts that met their visit", met, done * 9 / 10);
            expected += met;
        }
        sources.push(fire::crowd::Source { journal: path, ended: fire::journal::now() });
    }
    row.cuts = expected;
    reckon(&mut row, sources, &own, &recorder, runtime, &books, bound("postgres"));
    // Nothing is erased here.
    row.complaints.retain(|complaint| !complaint.contains("an erased person"));
    row
}

struct Sweep<'a> {
    proxy: &'a Proxy,
    recorder: &'a Recorder,
    secret: BotSecret,
    runtime: &'a Runtime,
    way: Way,
}

impl Sweep<'_> {
    /// Returns a visit of another person for each position, all of the same length.
    fn visit(&self, direction: Option<Direction>, position: u64) -> Visit {
        let to = match direction {
            None => "n",
            Some(ToServer) => "s",
            Some(ToClient) => "c",
        };
        let label = format!("s{}{to}{position:06}", format!("{:?}", self.way).to_lowercase());
        Visit { project: 0, label, variant: 1, issued: START, now: START + 30 }
    }

    /// One connection that is open, or none.
    fn prepare(&self) {
        if !matches!(self.way, Way::Open) {
            self.proxy.cut_all();
            // Until the client knows.
            std::thread::sleep(Duration::from_millis(3));
        }
        if !matches!(self.way, Way::Cold) {
            while self.runtime.block_on(self.recorder.secret(0)).is_none() {}
        }
    }

    /// The visit, made again with the same token while its outcome is unknown.
    fn present(&self, visit: &Visit, tries: u32) -> Option<Session> {
        let (version, token) = (self.secret.version, sign(visit, &self.secret));
        for _ in 0..tries {
            match self.runtime.block_on(self.recorder.present(visit, version, &token)) {
                Answer::Identified(session) => return Some(*session),
                Answer::Unknown => {}
                _ => return None,
            }
        }
        None
    }

    /// How many bytes a first visit takes, each way. The key is in the cache by then.
    fn lengths(&self) -> [u64; 2] {
        let mut lengths = [0; 2];
        for position in 0..3 {
            self.prepare();
            let before = [ToServer, ToClient].map(|way| self.proxy.forwarded(way));
            let visit = self.visit(None, position);
            self.present(&visit, 1).expect("a visit");
            let after = [ToServer, ToClient].map(|way| self.proxy.forwarded(way));
            lengths = [after[0] - before[0], after[1] - before[1]];
        }
        lengths
    }

    /// Cuts a visit after that many bytes, makes it again until it is answered, and once more. Whether the
    /// cut met it.
    fn cut(&self, direction: Direction, position: u64, row: &mut Row) -> bool {
        let visit = self.visit(Some(direction), position);
        self.prepare();
        self.proxy.cut_after(direction, position);
        let first = self.present(&visit, 20);
        let met = self.proxy.has_cut();
        let again = self.present(&visit, 20);
        match (first, again) {
            (Some(first), Some(again)) => {
                let is_same = first.provisioned.subscriber == again.provisioned.subscriber
                    && first.provisioned.account == again.provisioned.account;
                let is_new = again.provisioned.created_account
                    || again.provisioned.created_subscriber
                    || again.provisioned.granted.is_some();
                if !is_same || is_new {
                    row.complaints.push(format!("{visit:?}: {first:?}, then {again:?}"));
                }
            }
            _ => row.complaints.push(format!("{visit:?}: never answered")),
        }
        met
    }
}
