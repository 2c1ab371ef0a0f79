//! BoostGPT: what the owner of an agent sees, and what the visitors of its page talk to.

mod agent;
mod answer;
mod chart;
mod chat;
mod check;
mod dashboard;
mod free_tier;
pub(crate) mod past;
mod reasons;
mod table;

use std::sync::Arc;

use axum::{Router, middleware, routing::get};
use boostgpt_sso::{
    Authenticator, BotId, ProjectId,
    store::{Project, Store, StoreError},
};

use crate::{
    html::file,
    origins::{Origins, own_only},
};

pub(crate) struct BoostGpt {
    store: Arc<dyn Store>,
    authenticator: Authenticator,
    chats: chat::Chats,
    reasons: reasons::Reasons,
    origins: Origins,
}

/// An invented project, the same at every start.
const PROJECT: ProjectId = ProjectId::from_bytes([1; 16]);

/// What the owner did before: a project with a free tier, an agent in it. No secret yet.
pub(crate) async fn create(store: &dyn Store, bot: BotId) -> Result<(), StoreError> {
    store.create_project(Project::new(PROJECT).with_free_tier(100)).await?;
    store.create_bot(PROJECT, bot).await
}

pub(crate) fn service(store: Arc<dyn Store>, origins: Origins) -> Router {
    let authenticator = Authenticator::new(Arc::clone(&store));
    let own = origins.boostgpt.clone();
    let (chats, reasons) = (chat::Chats::default(), reasons::Reasons::default());
    let state = BoostGpt { store, authenticator, chats, reasons, origins };
    Router::new()
        .merge(dashboard::routes())
        .merge(agent::routes())
        .with_state(Arc::new(state))
        .route("/dashboard.js", get(file("text/javascript", include_str!("../assets/dashboard.js"))))
        .route("/agent.js", get(file("text/javascript", include_str!("../assets/agent.js"))))
        .route("/widget.js", get(file("text/javascript", include_str!("../assets/widget.js"))))
        .route("/style.css", get(file("text/css", include_str!("../assets/style.css"))))
        .route("/icon.svg", get(file("image/svg+xml", include_str!("../assets/icon.svg"))))
        .layer(middleware::from_fn_with_state(own, own_only))
}
