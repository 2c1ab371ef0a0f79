//! What operators do while clients are at work: a rotation of the master key by rolling restarts, a restore
//! of a backup, and an address that leads to a standby for a while.

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use servers::{Postgres, Proxy};

use fire::{
    journal::{Undone, now},
    people::PROJECTS,
    rng::Rng,
};

use crate::faults::Scene;

/// The documented order to another key and back, each step with whether everything is sealed anew after it.
const ROTATION: [(&str, bool); 6] =
    [("78", false), ("87", true), ("8", false), ("87", false), ("78", true), ("7", false)];

/// Restarts every process with each step's keys, one after the other.
pub fn rotate(scene: &mut Scene<'_>, rng: &mut Rng, patience: Duration) {
    for (keys, reseals) in ROTATION {
        let ours_first = rng.one_in(2);
        if ours_first {
            scene.office.restart(keys);
        }
        scene.crowd.progress += 12;
        scene.crowd.restart_each(keys, patience);
        if !ours_first {
            scene.office.restart(keys);
        }
        if reseals {
            match scene.office.block_on(scene.office.recorder.reseal()) {
                Ok(0) => scene.row.complaints.push("there was nothing to seal anew".to_owned()),
                Ok(_) => {}
                Err(error) => scene.row.complaints.push(format!("sealing anew: {error:?}")),
            }
        }
        thread::sleep(Duration::from_millis(rng.between(200, 800)));
        scene.row.operations += 1;
    }
}

/// What is backed up and restored.
pub enum Vault<'a> {
    File(PathBuf),
    Server(&'a Postgres, String),
}

enum Backup {
    File(PathBuf),
    Dump(String),
}

impl Vault<'_> {
    fn back_up(&self, number: u64) -> Backup {
        match self {
            Self::File(path) => {
                let copy = path.with_extension(format!("backup{number}"));
                let file = rusqlite::Connection::open(path).unwrap();
                file.busy_timeout(Duration::from_secs(30)).unwrap();
                file.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
                Backup::File(copy)
            }
            Self::Server(server, database) => Backup::Dump(server.dump(database)),
        }
    }

    fn restore(&self, backup: &Backup) -> Result<(), String> {
        match (self, backup) {
            (Self::File(path), Backup::File(copy)) => {
                let from = rusqlite::Connection::open(copy).unwrap();
                let mut to = rusqlite::Connection::open(path).unwrap();
                to.busy_timeout(Duration::from_secs(30)).unwrap();
                let restoring = rusqlite::backup::Backup::new(&from, &mut to).unwrap();
                let restored = restoring.run_to_completion(i32::MAX, Duration::from_millis(1), None);
                restored.map_err(|error| error.to_string())
            }
            (Self::Server(server, database), Backup::Dump(dump)) => server.restore(database, dump),
            _ => Err("the backup is another kind's".to_owned()),
        }
    }
}

/// Restores backups under load, and regenerates all secrets after each, as documented.
pub fn restore(scene: &mut Scene<'_>, rng: &mut Rng, vault: &Vault<'_>, times: u64) {
    for number in 0..times {
        thread::sleep(Duration::from_millis(rng.between(1000, 2500)));
        let from = now();
        let backup = vault.back_up(number);
        thread::sleep(Duration::from_millis(rng.between(800, 2000)));
        scene.crowd.kill_one();
        scene.office.pause();
        let started = Instant::now();
        // Clients' statements and the restore may lock tables in another order.
        while let Err(error) = vault.restore(&backup) {
            if started.elapsed() > Duration::from_secs(60) {
                scene.row.complaints.push(format!("the backup cannot be restored: {error}"));
                break;
            }
        }
        let restored = now();
        for index in 0..PROJECTS {
            let recorder = &scene.office.recorder;
            while scene.office.block_on(recorder.regenerate(index)).is_none() {
                assert!(started.elapsed() < Duration::from_secs(120), "no secret can be regenerated");
            }
        }
        scene.office.journal.restored(&Undone { from, restored, until: now() });
        scene.office.go_on();
        scene.crowd.progress += 12;
        scene.row.operations += 1;
    }
    thread::sleep(Duration::from_millis(2500));
}

/// The address leads to a standby now and then, which mostly lags.
pub fn mislead(scene: &mut Scene<'_>, rng: &mut Rng, servers: [&Postgres; 2], proxy: &Proxy, times: u64) {
    let [primary, standby] = servers;
    for number in 0..times {
        thread::sleep(Duration::from_millis(rng.between(500, 1200)));
        standby.replay(number % 3 == 2);
        proxy.lead_to(standby.port());
        // At first the old connections stay where they are, and the pool has both kinds.
        if number % 3 > 0 {
            proxy.cut_all();
        }
        let until = Instant::now() + Duration::from_millis([800, 5500, 2000][number as usize % 3]);
        while Instant::now() < until {
            scene.crowd.kill_one();
            thread::sleep(Duration::from_millis(rng.between(300, 600)));
        }
        proxy.lead_to(primary.port());
        proxy.cut_all();
        standby.replay(true);
        scene.crowd.progress += 12;
        scene.row.operations += 1;
    }
    thread::sleep(Duration::from_millis(1500));
}
