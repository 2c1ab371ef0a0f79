//! One database under load: clients at work, secrets that change, what the caller breaks, and the reckoning.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::runtime::Runtime;

use crate::{
    crowd::{Crowd, Door},
    history::History,
    journal::Journal,
    reckoning::{Books, reckon},
    recorder::{Recorder, regenerate},
    rng::Rng,
    table::Row,
};

/// What a drill needs.
pub struct Drill<'a> {
    pub runtime: &'a Runtime,
    /// An empty folder, for the journals.
    pub folder: &'a Path,
    /// How the clients come in.
    pub doors: Vec<Door>,
    pub clients: usize,
    /// The address for our own calls, past what is broken.
    pub own: &'a str,
    pub books: &'a Books,
    /// A generator for each use.
    pub rng: &'a dyn Fn(u64) -> Rng,
    /// How long a call of the store may take.
    pub bound: Duration,
}

impl Drill<'_> {
    /// Runs it, with what `breaks` does meanwhile. What the clients did, and the row filled in.
    pub fn run(
        &self,
        mut row: Row,
        breaks: impl FnOnce(&mut Crowd, &Arc<Recorder>, &mut Row, &mut Rng),
    ) -> (History, Row) {
        let (runtime, own) = (self.runtime, self.folder.join("ours"));
        let journal = Arc::new(Journal::create(&own));
        let recorder =
            Arc::new(runtime.block_on(Recorder::open(self.own, journal, false)).expect("the store"));
        runtime.block_on(recorder.create_project_and_bot());
        let mut crowd = Crowd::start(self.doors.clone(), self.folder, self.clients, (self.rng)(1));
        let stop = Arc::new(AtomicBool::new(false));
        let regenerator = runtime.spawn(regenerate(Arc::clone(&recorder), Arc::clone(&stop), (self.rng)(2)));
        breaks(&mut crowd, &recorder, &mut row, &mut (self.rng)(3));
        crowd.stop(self.bound * 6);
        stop.store(true, SeqCst);
        runtime.block_on(regenerator).expect("the regenerator");
        row.kills = crowd.kills;
        row.complaints.append(&mut crowd.complaints);
        let history = History::read(&crowd.sources);
        reckon(&mut row, crowd.sources, &own, &recorder, runtime, self.books, self.bound);
        for (what, happened, at_least) in [
            ("calls that were answered well", row.ok, 100),
            ("regenerations", row.regenerations, 2),
            ("erasures", row.erasures, 2),
            ("tokens of an older secret", row.tried.stale, 1),
            ("tokens of erased people", row.tried.revivals, 1),
        ] {
            row.require(what, happened, at_least);
        }
        (history, row)
    }
}
