//! A server on one of the machines, as the user `postgres`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use crate::{config, inside::FOLDER, world};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Kill,
    Stop,
    Continue,
}

/// What is started on a machine, again and again.
pub struct Server {
    machine: usize,
    command: Vec<String>,
    log: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Server {
    /// Not yet started. `has_clock`: its clock can be shifted by [`shift_clock`].
    pub fn new(machine: usize, name: &str, has_clock: bool, command: &[&str]) -> Self {
        let network = format!("--net=/run/netns/{}", world::namespace(machine));
        let user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--no-new-privs"];
        let clock = format!("FAKETIME_TIMESTAMP_FILE={}", clock(machine).display());
        let mut words = vec!["nsenter", &network];
        words.extend(user);
        words.extend(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/mnt"]);
        let python = format!("PYTHONPATH={}", config::python().display());
        let preload = format!("LD_PRELOAD={}", fake_time().display());
        if has_clock {
            words.extend(["FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"]);
            words.extend(["FAKETIME_DISABLE_SHM=1", &clock, &preload, &python]);
        }
        words.extend(command);
        let command = words.into_iter().map(str::to_owned).collect();
        let log = Path::new(FOLDER).join(format!("{name}.log"));
        Self { machine, command, log, child: Mutex::new(None) }
    }

    /// Starts it, if it is not running.
    pub fn start(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None))) {
            return;
        }
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).current_dir(FOLDER).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        *child = Some(command.spawn().expect("nsenter"));
    }

    /// Sends a signal to every process of its machine.
    pub fn signal_all(&self, signal: Signal) {
        send(signal, &world::processes(self.machine));
        if signal == Signal::Kill {
            let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
            child.take().map(|mut child| child.wait());
        }
    }

    /// Sends a signal to the server alone, not to what it has started.
    pub fn signal(&self, signal: Signal) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = child.as_mut() {
            send(signal, &[running.id().to_string()]);
            if signal == Signal::Kill {
                let _ = running.wait();
                *child = None;
            }
        }
    }

    pub fn log_tail(&self, lines: usize) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let all: Vec<&str> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

/// Sends a signal. Some of the processes may be gone by now, which does no harm.
pub fn send(signal: Signal, processes: &[String]) {
    let name = match signal {
        Signal::Kill => "-KILL",
        Signal::Stop => "-STOP",
        Signal::Continue => "-CONT",
    };
    if !processes.is_empty() {
        let mut kill = Command::new("kill");
        let _ = kill.arg(name).args(processes).stderr(Stdio::null()).status();
    }
}

/// Debian's library that shifts the clock of a process by what a file says. Its folder is named after the
/// processor.
fn fake_time() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("a folder").flatten();
    let mut files = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    files.find(|file| file.exists()).expect("this needs Debian's `libfaketime`")
}

fn clock(machine: usize) -> PathBuf {
    Path::new(FOLDER).join(format!("clock{machine}"))
}

/// Shifts the clock of a machine's servers, for good or until the next shift.
pub fn shift_clock(machine: usize, seconds: i64) {
    // In one step: a reader never finds half of it.
    let new = Path::new(FOLDER).join(format!("clock{machine}.new"));
    fs::write(&new, format!("{seconds:+}\n"))
        .and_then(|()| fs::rename(&new, clock(machine)))
        .expect("a clock");
}
