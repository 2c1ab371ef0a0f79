//! Our own recorder: it regenerates secrets all the time, unless it is being restarted.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use tokio::{runtime::Runtime, task::JoinHandle};

use fire::{
    journal::Journal,
    recorder::{Recorder, regenerate},
    rng::Rng,
};

pub struct Office<'a> {
    pub recorder: Arc<Recorder>,
    pub journal: Arc<Journal>,
    /// Where the journal is.
    pub path: PathBuf,
    address: String,
    runtime: &'a Runtime,
    rng: Rng,
    at_work: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl<'a> Office<'a> {
    /// Opens the store, makes the projects, and begins.
    pub fn open(address: &str, folder: &Path, runtime: &'a Runtime, rng: Rng) -> Self {
        let path = folder.join("ours");
        let journal = Arc::new(Journal::create(&path));
        let recorder = runtime.block_on(Recorder::open(address, Arc::clone(&journal), false));
        let (recorder, address) = (Arc::new(recorder.expect("the store")), address.to_owned());
        runtime.block_on(recorder.create_project_and_bot());
        let mut office = Self { recorder, journal, path, address, runtime, rng, at_work: None };
        office.go_on();
        office
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Regenerates secrets from now on.
    pub fn go_on(&mut self) {
        let stop = Arc::new(AtomicBool::new(false));
        let rng = Rng::new(&[self.rng.draw()]);
        let task = self.runtime.spawn(regenerate(Arc::clone(&self.recorder), Arc::clone(&stop), rng));
        self.at_work = Some((stop, task));
    }

    /// Regenerates none from now on.
    pub fn pause(&mut self) {
        if let Some((stop, task)) = self.at_work.take() {
            stop.store(true, SeqCst);
            self.runtime.block_on(task).unwrap();
        }
    }

    /// Restarts with other master keys.
    pub fn restart(&mut self, keys: &'static str) {
        self.pause();
        let journal = Arc::clone(&self.journal);
        let recorder = self.runtime.block_on(Recorder::open_with(&self.address, journal, false, keys));
        self.recorder = Arc::new(recorder.expect("the store"));
        self.go_on();
    }
}
