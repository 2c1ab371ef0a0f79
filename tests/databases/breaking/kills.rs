//! The client killed at every step of provisioning, and the same visit made again.
//!
//! Two ways. A limit on the size of files, set when the store is open, kills the child at a chosen byte of
//! what it writes, with half of that write in the file: stepped through the whole log and the whole database,
//! it meets every write of a commit and of a checkpoint.
//! And SIGKILL after delays that are spread over the time that a group of visits takes.

use std::{
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use boostgpt_sso::store::connect;

use super::{
    check::{Rows, sound},
    child::{Child, arguments, hear, tell},
    *,
};

/// How many visits are under way when the child is killed: one transaction.
const GROUP: u64 = 4;
const DELAYS: u32 = 80;
/// How far apart the bytes are at which the child dies: no divisor of a page, so that every part of one is
/// met.
const STEP: u64 = 509;
/// The signal that a process gets when it writes beyond the limit.
const SIGXFSZ: i32 = 25;

/// Visits, acknowledges each one that was answered, and closes the store.
#[test]
fn child() {
    let Some([address, first, count]) = arguments() else { return };
    runtime().block_on(async {
        let store = connect(&address, master_key()).await.unwrap();
        // The first statements of every connection, and all code, are in memory.
        current_secret(&store).await;
        tell("ready");
        assert_eq!(hear(), "go");
        let first: u64 = first.parse().unwrap();
        let visits: Vec<_> = (first..first + count.parse::<u64>().unwrap())
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    let person = person(&format!("p{number}"));
                    let (provisioned, _) = again(|| provision(&store, &person)).await;
                    tell(format!("{number} {}", provisioned.subscriber));
                })
            })
            .collect();
        for visit in visits {
            visit.await.unwrap();
        }
        if let Some(path) = address.strip_prefix("sqlite:") {
            close(store, Path::new(path));
        }
    });
}

fn visits_of(database: &Database, first: u64, count: u64) -> Child {
    let (address, first, count) = (database.address(), first.to_string(), count.to_string());
    let arguments = [&address[..], &first, &count];
    Child::start("breaking::kills::child", &arguments)
}

/// What the child acknowledged must be there, everything else wholly or not at all; then all of it is done
/// again.
#[track_caller]
fn survives(database: &Database, acknowledged: &[String], before: u64, count: u64) -> Outcome {
    database.settle();
    let store = block_on(database.connect()).unwrap();
    let rows = sound(database);
    let found = rows.subscribers;
    assert_eq!(rows, Rows::of(found), "half a visit");
    let mut created = 0;
    for number in before..before + count {
        let again = block_on(provision(&store, &person(&format!("p{number}")))).unwrap();
        assert_eq!(again.created_subscriber, again.granted == Some(CREDITS));
        let known = acknowledged.iter().find_map(|line| line.strip_prefix(&format!("{number} ")));
        if let Some(known) = known {
            assert!(!again.created_subscriber, "p{number} was acknowledged and lost");
            assert_eq!(again.subscriber.to_string(), known);
        }
        created += u64::from(again.created_subscriber);
    }
    assert_eq!(sound(database), Rows::of(before + count));
    assert_eq!(found + created, before + count);
    close_on(store, database);
    Outcome { committed: found > before, acknowledged: !acknowledged.is_empty() }
}

struct Outcome {
    committed: bool,
    acknowledged: bool,
}

#[derive(Default)]
struct Tally {
    killed: u64,
    before_commit: u64,
    after_commit: u64,
    after_answer: u64,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome) {
        self.killed += 1;
        *match (outcome.committed, outcome.acknowledged) {
            (false, _) => &mut self.before_commit,
            (true, false) => &mut self.after_commit,
            (true, true) => &mut self.after_answer,
        } += 1;
    }

    fn report(&self, how: &str) {
        let Self { killed, before_commit, after_commit, after_answer } = self;
        report(&format!(
            "{how}: kills {killed} (before the commit {before_commit}, after it {after_commit}, after the \
             answer {after_answer}), acknowledged and lost 0, duplicates 0"
        ));
    }
}

/// A file with a project, a bot and a secret, copied for each death.
fn template(place: &Database) -> Vec<u8> {
    let path = place.path();
    close(block_on(store_with_bot(&path)), &path);
    std::fs::read(&path).unwrap()
}

/// Lets the kernel kill the child, without a core file, when it writes beyond that many bytes into any file.
fn limit(child: &Child, bytes: u64) {
    let (pid, size) = (child.id().to_string(), format!("--fsize={bytes}:{bytes}"));
    let status = Command::new("prlimit").args(["--pid", &pid, &size, "--core=0:0"]).status();
    let status = status.expect("this test needs `prlimit` (Debian: util-linux)");
    assert!(status.success(), "prlimit: {status}");
}

#[test]
fn killed_at_every_byte_that_a_visit_writes() {
    let place = Database::file();
    let template = template(&place);
    let mut tally = Tally::default();
    let mut bytes = 0;
    loop {
        let folder = tempfile::tempdir_in(place.folder()).unwrap();
        let path = folder.path().join("sso.db");
        std::fs::write(&path, &template).unwrap();
        let database = Database::at(&path);
        let mut child = visits_of(&database, 0, 1);
        child.expect("ready");
        limit(&child, bytes);
        child.say("go");
        let (status, acknowledged) = child.end();
        if status.success() {
            break; // the limit is beyond everything that is written
        }
        assert_eq!(status.signal(), Some(SIGXFSZ), "{bytes} bytes: {status}");
        tally.add(&survives(&database, &acknowledged, 0, 1));
        bytes += STEP;
        assert!(bytes < 400_000);
    }
    assert!(tally.killed > 20 && tally.before_commit > 5 && tally.after_answer > 5);
    tally.report(&format!("killed while writing, {STEP} bytes further each time"));
}

#[test]
fn killed_at_any_moment() {
    Database::each().iter().for_each(kill_at_any_moment);
}

fn kill_at_any_moment(database: &Database) {
    close_on(block_on(furnished_on(database)), database);

    // How long it takes when nothing happens.
    let mut child = visits_of(database, 0, GROUP);
    child.expect("ready");
    let started = Instant::now();
    child.say("go");
    (0..GROUP).for_each(|_| drop(child.line().expect("an acknowledgement")));
    let whole = started.elapsed();
    child.success();
    let mut people = GROUP;

    let mut tally = Tally::default();
    for step in 0..DELAYS {
        let mut child = visits_of(database, people, GROUP);
        child.expect("ready");
        child.say("go");
        // A little beyond the end, into the merging of the log.
        std::thread::sleep(whole * step * 3 / (DELAYS * 2));
        let acknowledged = child.kill();
        tally.add(&survives(database, &acknowledged, people, GROUP));
        people += GROUP;
    }
    assert_eq!(sound(database), Rows::of(people));
    assert!(tally.before_commit > 0 && tally.after_answer > 0, "the delays missed a side");
    tally.report(&format!("{database}: killed by SIGKILL"));
}

/// The one step that can be held exactly: the child waits for the right to write, and dies there.
#[test]
fn killed_while_waiting_for_another_writer() {
    let place = Database::file();
    let path = place.path();
    close(block_on(store_with_bot(&path)), &path);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut child = visits_of(&place, 0, GROUP);
    child.expect("ready");
    child.say("go");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(child.kill(), [""; 0]);
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    let outcome = survives(&place, &[], 0, GROUP);
    assert!(!outcome.committed);
}
