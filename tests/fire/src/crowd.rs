//! The client processes of a phase, and who of them is killed.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    thread,
    time::Duration,
};

use crate::{journal::now, process::Process, recorder::KEYS, rng::Rng};

/// A journal, and when its process came to its end.
pub struct Source {
    pub journal: PathBuf,
    pub ended: u64,
}

/// A way to the store.
#[derive(Debug, Clone)]
pub struct Door {
    pub address: String,
    /// Whether a client may prepare statements there: not where a proxy shares connections by the
    /// transaction.
    pub prepares: bool,
    /// The master keys of who comes this way, as [`master_key`](crate::recorder::master_key) reads them.
    pub keys: &'static str,
    /// Whether a client looks at dashboards besides.
    pub reports: bool,
}

impl Door {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), prepares: true, keys: KEYS, reports: false }
    }
}

pub struct Crowd {
    /// Each client comes by one of them.
    doors: Vec<Door>,
    folder: PathBuf,
    rng: Rng,
    clients: Vec<(Process, PathBuf)>,
    started: u64,
    /// How far the plan is: those who are started later go on from there.
    pub progress: u64,
    pub kills: u64,
    /// Those that have ended.
    pub sources: Vec<Source>,
    /// What must not be: clients that hang or fall.
    pub complaints: Vec<String>,
}

impl Crowd {
    pub fn start(doors: Vec<Door>, folder: &Path, clients: usize, rng: Rng) -> Self {
        let folder = folder.to_owned();
        let mut crowd = Self {
            doors,
            folder,
            rng,
            clients: Vec::new(),
            started: 0,
            progress: 0,
            kills: 0,
            sources: Vec::new(),
            complaints: Vec::new(),
        };
        for _ in 0..clients {
            let client = crowd.spawn();
            crowd.clients.push(client);
        }
        for (client, _) in &crowd.clients {
            if client.line(Duration::from_secs(60)).is_err() {
                crowd.complaints.push("a client does not open the store".to_owned());
            }
        }
        crowd
    }

    fn spawn(&mut self) -> (Process, PathBuf) {
        self.started += 1;
        let (name, seed) = (format!("c{}", self.started), self.rng.draw());
        let journal = self.folder.join(&name);
        let progress = self.progress.to_string();
        let door = &self.doors[self.started as usize % self.doors.len()];
        let prepares = (door.prepares && seed % 2 == 1).to_string();
        let process = Process::start(&[
            &door.address,
            &prepares,
            &name,
            &seed.to_string(),
            &progress,
            journal.to_str().unwrap(),
            door.keys,
            &door.reports.to_string(),
        ]);
        (process, journal)
    }

    /// SIGKILL for one of them, and another one in its place.
    pub fn kill_one(&mut self) {
        let index = self.rng.roll(self.clients.len() as u64) as usize;
        let new = self.spawn();
        let (process, journal) = std::mem::replace(&mut self.clients[index], new);
        let ended = now();
        process.kill();
        self.kills += 1;
        self.sources.push(Source { journal, ended });
    }

    /// Restarts all of them, one after the other, with other master keys: each ends when another is open.
    pub fn restart_each(&mut self, keys: &'static str, patience: Duration) {
        self.doors.iter_mut().for_each(|door| door.keys = keys);
        for index in 0..self.clients.len() {
            let new = self.spawn();
            if new.0.line(Duration::from_secs(60)).is_err() {
                self.complaints.push(format!("a client with the keys {keys} does not open the store"));
            }
            let (process, journal) = std::mem::replace(&mut self.clients[index], new);
            self.ended(process.end(patience), journal);
        }
    }

    fn ended(&mut self, status: Option<ExitStatus>, journal: PathBuf) {
        match status {
            Some(status) if status.success() => {}
            Some(status) => self.complaints.push(format!("a client fell: {status}")),
            None => self.complaints.push("a client does not come to its end".to_owned()),
        }
        self.sources.push(Source { journal, ended: now() });
    }

    /// Lets all come to their end.
    pub fn stop(&mut self, patience: Duration) {
        let mut clients = std::mem::take(&mut self.clients);
        clients.iter_mut().for_each(|(process, _)| process.stop());
        let ends: Vec<_> = clients
            .into_iter()
            .map(|(process, journal)| (thread::spawn(move || process.end(patience)), journal))
            .collect();
        for (end, journal) in ends {
            self.ended(end.join().unwrap(), journal);
        }
    }
}
