//! The end of a phase: everybody comes once more, everybody erased tries to; then rows and journals are read
//! and held against each other.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use boostgpt_sso::store::{MasterKey, Store as _, connect};
use tokio::{runtime::Runtime, task::JoinSet, time::sleep};

use crate::{
    check::{self, Breach, Findings},
    crowd::Source,
    history::History,
    journal::now,
    people::{PROJECTS, START, STEP, project},
    planted_faults, raw,
    recorder::{MASTER_KEY, Recorder, Visit},
    snapshot::{self, Snapshot},
    table::Row,
};

/// A server that is still busy after this long hangs.
const SETTLING: Duration = Duration::from_secs(60);

/// Where the rows are.
pub enum Books {
    File(PathBuf),
    /// The URL of a PostgreSQL database, past every proxy that may break it.
    Server(String),
}

impl Books {
    pub fn snapshot(&self, runtime: &Runtime) -> Snapshot {
        match self {
            Self::File(path) => snapshot::of_file(path),
            Self::Server(url) => snapshot::of_server(runtime, url),
        }
    }

    fn address(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Server(url) => url.clone(),
        }
    }

    /// Waits until the server has done what killed clients had asked of it.
    async fn settle(&self) {
        let Self::Server(url) = self else { return };
        let (started, mut seen) = (Instant::now(), String::new());
        while started.elapsed() < SETTLING {
            match busy(url).await {
                Ok(0) => return,
                Ok(clients) => seen = format!("{clients} clients are still at it"),
                Err(error) => seen = error.to_string(),
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not settle: {seen}");
    }
}

/// How many clients' statements the server is working on.
async fn busy(url: &str) -> Result<i64, tokio_postgres::Error> {
    let client = raw::connect(url).await?;
    let busy = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'";
    Ok(client.query_typed_one(busy, &[]).await?.get(0))
}

/// Fills the row in. `own`: the journal of the recorder.
pub fn reckon(
    row: &mut Row,
    mut sources: Vec<Source>,
    own: &Path,
    recorder: &Arc<Recorder>,
    runtime: &Runtime,
    books: &Books,
    bound: Duration,
) {
    runtime.block_on(books.settle());
    sources.push(Source { journal: own.to_owned(), ended: now() });
    let mut findings = Findings::default();
    runtime.block_on(all_again(recorder, &History::read(&sources), &mut findings));

    sources.last_mut().expect("ours").ended = now();
    let (history, snapshot) = (History::read(&sources), books.snapshot(runtime));
    row.count(&history);
    check::rows(&snapshot, &history, &mut findings);
    let tried = history.check(&snapshot, &mut findings);
    runtime.block_on(through_a_store(&books.address(), &snapshot, &mut findings));
    row.judge(&findings, tried, bound);
    if findings.0.is_empty() {
        row.complaints.extend(planted_faults::unnoticed(&snapshot, &history));
    }
}

/// Everybody comes once more, which ends whatever was left open; and everybody erased, with an old token.
async fn all_again(recorder: &Arc<Recorder>, history: &History, findings: &mut Findings) {
    let mut visits = Vec::new();
    let later = history.latest_visit().unwrap_or(START) + STEP;
    for (project, label) in history.people() {
        visits.push((Visit { project, label, variant: 5, issued: later, now: later + 30 }, true));
    }
    for ((project, label), when) in history.erased() {
        let label = label.to_owned();
        visits.push((Visit { project, label, variant: 1, issued: when, now: when + 30 }, false));
    }
    let mut running = JoinSet::new();
    for (visit, must) in visits {
        if running.len() >= 8 {
            note(running.join_next().await, findings);
        }
        let recorder = Arc::clone(recorder);
        running.spawn(async move {
            let tries = if must { 100 } else { 5 };
            let session = recorder.insist(&visit, tries).await;
            (must && session.is_none()).then(|| format!("cannot come any more: {visit:?}"))
        });
    }
    while !running.is_empty() {
        note(running.join_next().await, findings);
    }
}

fn note(done: Option<Result<Option<String>, tokio::task::JoinError>>, findings: &mut Findings) {
    if let Some(Some(what)) = done.map(Result::unwrap) {
        findings.add(Breach::Wronged, what);
    }
}

/// What a store that is opened now says, against the rows.
async fn through_a_store(address: &str, snapshot: &Snapshot, findings: &mut Findings) {
    let store = connect(address, MasterKey::from_bytes(MASTER_KEY)).await.expect("the store");
    let mut listed = Vec::new();
    for index in 0..PROJECTS {
        let mut after = None;
        loop {
            let page = store.subscribers(project(index), after, 500).await.expect("a page");
            after = page.last().map(|last| last.id);
            listed.extend(
                page.iter().map(|it| (it.id.to_string(), it.account.to_string(), it.external_id.clone())),
            );
            if page.is_empty() {
                break;
            }
        }
    }
    let rows = snapshot.subscribers.iter();
    let mut rows: Vec<_> =
        rows.map(|row| (row.id.clone(), row.account.clone(), row.external_id.clone())).collect();
    listed.sort();
    rows.sort();
    if listed != rows {
        findings.add(Breach::Half, format!("the store lists {} of {} subscribers", listed.len(), rows.len()));
    }
}
