//! A service with one agent, on a store that can be unplugged; and what it answers, whatever the framework.

use boostgpt_sso::{
    Authenticator, BotId, ProjectId, Signer, Visitor,
    store::{Lookup, MemoryStore, Project, Store},
};
use serde_json::{Value, json};

use crate::{probe::Probe, support::*};

pub struct House {
    pub store: Probe,
    memory: MemoryStore,
    pub project: ProjectId,
    pub bot: BotId,
    pub token: String,
}

pub async fn house() -> House {
    let memory = MemoryStore::new();
    let store = Probe::of(&memory);
    // She has been in another project: she has an account, and is new here nevertheless.
    let (_, bot, token) = agent(&memory).await;
    let elsewhere = Authenticator::new(store.clone()).authenticate(bot, token).await.unwrap();
    assert!(matches!(elsewhere, Visitor::Identified(session) if session.provisioned.created_account));
    let (project, bot, token) = agent(&memory).await;
    House { store, memory, project, bot, token }
}

/// An agent in a project of its own, and her token for it.
async fn agent(store: &MemoryStore) -> (ProjectId, BotId, String) {
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    store.create_project(Project::new(project)).await.unwrap();
    store.create_bot(project, bot).await.unwrap();
    let token = Signer::new(&store.regenerate_secret(bot).await.unwrap()).sign(&ada());
    (project, bot, token.into())
}

impl House {
    /// The answer to a visit with this token, which created the subscriber or not.
    pub async fn identified(&self, new: bool) -> Value {
        let subscriber = self.memory.subscriber(self.project, Lookup::Email(ada().email())).await.unwrap();
        json!({"identified": true, "subscriber_id": subscriber.unwrap().id, "new": new})
    }
}

/// What must stay anonymous, with a status of 200.
pub fn bad_tokens(good: &str) -> Vec<String> {
    let (last, tampered) = (good.len() - 1, if good.ends_with('A') { 'E' } else { 'A' });
    vec![
        String::new(),
        "garbage".to_owned(),
        "undefined".to_owned(),
        "<script>".to_owned(),
        format!("{}{tampered}", &good[..last]),
        format!("{good}."),
        signer().sign(&ada()).into(), // another secret
        "x".repeat(9000),
        "x".repeat(20_000),
    ]
}

pub fn anonymous() -> Value {
    json!({"identified": false})
}

pub fn unavailable() -> Value {
    json!({"error": "unavailable"})
}
