//! What every process writes down: each call before it is made and when it is answered, one line each, in one
//! `write`. What has been written survives the process.

use boostgpt_sso::SecretVersion;
use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Microseconds by the machine's clock, which all processes share.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
}

/// A file that is only appended to.
pub struct Journal {
    file: Mutex<File>,
    next: AtomicU64,
}

impl Journal {
    pub fn create(path: &Path) -> Self {
        let file = OpenOptions::new().create_new(true).append(true).open(path).unwrap();
        Self { file: Mutex::new(file), next: AtomicU64::new(0) }
    }

    fn write(&self, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).unwrap();
    }

    /// A call that is about to be made; its number.
    pub fn intend(&self, what: &str) -> u64 {
        let number = self.next.fetch_add(1, SeqCst);
        self.write(&format!("i {number} {} {what}\n", now()));
        number
    }

    /// What became of it, when.
    pub fn conclude(&self, number: u64, when: u64, outcome: &str) {
        self.write(&format!("c {number} {when} {outcome}\n"));
    }

    /// A call of the store itself was answered after so many microseconds.
    pub fn stall(&self, length: u64) {
        self.write(&format!("s {length}\n"));
    }
}

/// What was to be done.
#[derive(Debug, Clone)]
pub enum Call {
    Visit { project: usize, label: String, version: SecretVersion, issued: i64, now: i64 },
    Forget { project: usize, label: String, subscriber: String, at: i64 },
    Regenerate { project: usize },
    Open,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    Identified {
        subscriber: String,
        account: String,
        creations: [bool; 2],
        granted: Option<u32>,
    },
    Forgot,
    /// The version, and whether the store then had the secret that it had answered.
    Regenerated(SecretVersion, bool),
    Opened,
    Refused(String),
    /// For good: the error's code and what it says.
    Failed(String),
    Unknown,
    /// Its process ended before it was answered.
    Unanswered,
}

/// A call with its outcome.
#[derive(Debug, Clone)]
pub struct Entry {
    pub call: Call,
    pub outcome: Outcome,
    pub start: u64,
    /// The end of its process where it was not answered.
    pub end: u64,
}

impl Entry {
    /// Whether this is a visit that was told who it is.
    pub fn is_identified(&self) -> bool {
        matches!(self.outcome, Outcome::Identified { .. })
    }
}

/// What a journal says, and the longest call of the store in it. `ended`: when its process came to its end.
pub fn read(path: &Path, ended: u64) -> (Vec<Entry>, u64) {
    let text = fs::read_to_string(path).unwrap_or_default();
    let (mut entries, mut places, mut longest) = (Vec::<Entry>::new(), Vec::new(), 0);
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "i" => {
                let number: usize = words[1].parse().unwrap();
                // Two threads may write in another order than they numbered.
                places.resize(places.len().max(number + 1), usize::MAX);
                places[number] = entries.len();
                let (outcome, start) = (Outcome::Unanswered, words[2].parse().unwrap());
                entries.push(Entry { call: call(&words[3..]), outcome, start, end: ended });
            }
            "c" => {
                let entry = &mut entries[places[words[1].parse::<usize>().unwrap()]];
                entry.end = words[2].parse().unwrap();
                entry.outcome = outcome(&words[3..]);
            }
            "s" => longest = longest.max(words[1].parse().unwrap()),
            _ => panic!("not a line of a journal: {line}"),
        }
    }
    (entries, longest)
}

fn call(words: &[&str]) -> Call {
    let number = |index: usize| words[index].parse::<i64>().unwrap();
    let project = || words[1].parse().unwrap();
    let label = || words[2].to_owned();
    match words[0] {
        "visit" => {
            let version = words[3].parse().unwrap();
            Call::Visit { project: project(), label: label(), version, issued: number(4), now: number(5) }
        }
        "forget" => {
            let subscriber = words[3].to_owned();
            Call::Forget { project: project(), label: label(), subscriber, at: number(4) }
        }
        "regenerate" => Call::Regenerate { project: project() },
        "open" => Call::Open,
        other => panic!("no call: {other}"),
    }
}

fn outcome(words: &[&str]) -> Outcome {
    let text = |index: usize| words[index].to_owned();
    match words[0] {
        "identified" => Outcome::Identified {
            subscriber: text(1),
            account: text(2),
            creations: [words[3] == "true", words[4] == "true"],
            granted: words[5].parse().ok(),
        },
        "forgot" => Outcome::Forgot,
        "regenerated" => Outcome::Regenerated(words[1].parse().unwrap(), words[2] == "true"),
        "opened" => Outcome::Opened,
        "refused" => Outcome::Refused(text(1)),
        "failed" => Outcome::Failed(words[1..].join(" ")),
        "unknown" => Outcome::Unknown,
        other => panic!("no outcome: {other}"),
    }
}
