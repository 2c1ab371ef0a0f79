//! The authenticator's events: what an operator needs, and nothing of the visitor's.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer,
    store::{MemoryStore, Project, Store},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::{probe::Probe, support::*};

/// Writes every event down as text.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<String>>);

/// One event, whole before it is written down: other tests' threads have theirs at the same time.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Record {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("\n{}", event.metadata().level()));
        event.record(&mut line);
        self.0.lock().unwrap().push_str(&line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn say_what_happened_and_nothing_about_whom() {
    let record = Record::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let user = Identity::new("wolfgang@example.com")
        .unwrap()
        .with_name("Lovelace")
        .unwrap()
        .with_external_id("kunde-4711")
        .unwrap();
    // None of them can be a part of a random id.
    let mut hidden = ["wolfgang", "mozart", "example.com", "Lovelace", "kunde"].map(str::to_owned).to_vec();
    // For the whole process: one for this thread alone would miss events that other tests' threads have
    // switched off.
    tracing::subscriber::set_global_default(record.clone()).unwrap();
    let mut bot_id = String::new();
    runtime.block_on(async {
        let memory = MemoryStore::new();
        let store = Probe::of(&memory);
        let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
        memory.create_project(Project::new(project).with_free_tier(25)).await.unwrap();
        memory.create_bot(project, bot).await.unwrap();
        let secret = memory.regenerate_secret(bot).await.unwrap();
        let token = Signer::new(&secret).sign_at(&user, now());
        let authenticator = Authenticator::new(store.clone());
        authenticator.authenticate_at(bot, &token, now()).await.unwrap();
        authenticator.authenticate_at(bot, &token, at(NOW + 3600)).await.unwrap();
        // Two people share an id, so its address changes back and forth.
        for local in ["mozart", "wolfgang"] {
            let shared = Identity::new(&format!("{local}@example.com")).unwrap();
            let shared = shared.with_external_id("kunde-4711").unwrap();
            let token = Signer::new(&secret).sign_at(&shared, now());
            authenticator.authenticate_at(bot, &token, now()).await.unwrap();
        }
        store.fail(true);
        authenticator.authenticate_at(bot, &token, now()).await.unwrap_err();
        hidden.extend([secret.expose_secret().to_owned(), token.to_string()]);
        bot_id = bot.to_string();
    });
    let shown = record.0.lock().unwrap().clone();
    let ours = shown.lines().filter(|line| line.contains(&bot_id)).collect::<Vec<_>>().join("\n");
    for expected in [
        "DEBUG message=visitor identified bot=",
        "granted=25",
        "INFO message=visitor anonymous",
        "code=\"expired\"",
        "ERROR message=store failed",
        "code=\"unavailable\"",
    ] {
        assert!(ours.contains(expected), "{expected} not in {ours}");
    }
    let warnings = ours.lines().filter(|line| line.starts_with("WARN "));
    let warnings: Vec<_> = warnings.filter(|line| line.contains("changed back to an earlier one")).collect();
    assert!(warnings.len() == 1 && warnings[0].contains(" subscriber="), "{ours}");
    for hidden in hidden {
        assert!(!shown.contains(&hidden), "{hidden} in {shown}");
    }
}
