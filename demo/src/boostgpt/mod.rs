//! BoostGPT: what the owner of an agent sees, and what the visitors of its page talk to.

mod agent;
mod answer;
mod chart;
mod chat;
mod check;
mod conversations;
mod dashboard;
mod limit;
mod notice;
pub(crate) mod past;
mod reasons;
mod state;
mod subscribers;

use std::sync::Arc;

use axum::{Router, middleware, routing::get};
use boostgpt_sso::{
    BotId,
    store::{Project, Store, StoreError},
};

use self::state::{BoostGpt, PROJECT};
use crate::{
    clock::Clock,
    html::file,
    origins::{Origins, guard},
};

/// What the owner did before: a project with a free tier, an agent in it. No secret yet.
pub(crate) async fn create(store: &dyn Store, bot: BotId) -> Result<(), StoreError> {
    store.create_project(Project::new(PROJECT).with_free_tier(100)).await?;
    store.create_bot(PROJECT, bot).await
}

pub(crate) fn service(store: Arc<dyn Store>, origins: Origins, clock: Clock) -> Router {
    let own = origins.boostgpt.clone();
    let state = BoostGpt::new(store, origins, clock);
    Router::new()
        .merge(dashboard::routes())
        .merge(agent::routes())
        .with_state(Arc::new(state))
        .route("/dashboard.js", get(file("text/javascript", include_str!("../assets/dashboard.js"))))
        .route("/agent.js", get(file("text/javascript", include_str!("../assets/agent.js"))))
        .route("/widget.js", get(file("text/javascript", include_str!("../assets/widget.js"))))
        .route("/style.css", get(file("text/css", include_str!("../assets/style.css"))))
        .route("/icon.svg", get(file("image/svg+xml", include_str!("../assets/icon.svg"))))
        .layer(middleware::from_fn_with_state(own, guard))
}
