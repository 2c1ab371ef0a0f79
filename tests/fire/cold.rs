//! Many visitors at once at an authenticator that has no key yet, while the network swallows everything: they
//! wait for one and the same secret, and none may wait for the others' failures one after the other.

use std::{path::Path, sync::Arc, time::Instant};

use servers::Proxy;
use tokio::{runtime::Runtime, task::JoinSet};

use fire::{
    crowd::Source,
    journal::{Journal, now},
    people::START,
    recorder::{Recorder, Visit, bound, sign},
    table::Row,
};

const VISITORS: u64 = 6;

/// Lets them come through the frozen proxy. `recorder` reaches the store past it.
pub fn visit(
    recorder: &Recorder,
    proxy: &Proxy,
    database: &str,
    folder: &Path,
    runtime: &Runtime,
    row: &mut Row,
) -> Source {
    let journal = folder.join("cold");
    let new = Arc::new(Journal::create(&journal));
    let address = proxy.url_of(database);
    let cold = Arc::new(runtime.block_on(Recorder::open(&address, new, false)).expect("the store"));
    let secret = loop {
        if let Some(secret) = runtime.block_on(recorder.secret(0)) {
            break secret;
        }
    };
    proxy.freeze();
    let started = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..VISITORS {
        let (cold, version) = (Arc::clone(&cold), secret.version);
        let visit =
            Visit { project: 0, label: format!("scold{number}"), variant: 1, issued: START, now: START + 30 };
        let token = sign(&visit, &secret);
        running.spawn_on(
            async move {
                cold.present(&visit, version, &token).await;
            },
            runtime.handle(),
        );
    }
    runtime.block_on(async { while running.join_next().await.is_some() {} });
    proxy.thaw();
    // The secret and the provisioning: two calls of the store at most.
    let (took, most) = (started.elapsed(), bound(&address) * 2);
    println!(
        "fire: {VISITORS} visitors without a key while the network was silent: all answered after {took:?}"
    );
    if took > most {
        row.complaints
            .push(format!("visitors without a key waited {took:?} for each other, more than {most:?}"));
    }
    Source { journal, ended: now() }
}
