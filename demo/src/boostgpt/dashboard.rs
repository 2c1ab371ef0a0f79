//! The owner's view of the agent. A real one requires the owner's login.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use boostgpt_sso::{
    store::{Store as _, StoreError, SubscriberStore as _},
    time::{Duration, OffsetDateTime},
};

use super::{BoostGpt, PROJECT, answer::Answer, chart, check, free_tier, table};
use crate::page::Page;

const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'nonce-{{nonce}}'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<Arc<BoostGpt>> {
    Router::new()
        .route("/", get(show))
        .route("/secret", post(secret))
        .route("/free-tier", post(free_tier::save))
        .route("/check", check::route())
}

async fn show(State(app): State<Arc<BoostGpt>>) -> Answer<Page> {
    page(&app, "", "").await
}

/// Generate and Regenerate: the answer is the only page that ever shows the secret.
async fn secret(State(app): State<Arc<BoostGpt>>) -> Answer<Page> {
    let secret = app.store.regenerate_secret(app.origins.bot).await?;
    page(&app, secret.expose_secret(), "").await
}

pub(super) async fn page(app: &BoostGpt, new_secret: &str, diagnosis: &str) -> Answer<Page> {
    let today = OffsetDateTime::now_utc().date();
    let secret = app
        .store
        .current_secret(app.origins.bot)
        .await?
        .into_secret()
        .map(|current| current.secret.fingerprint());
    let project = app.store.project(PROJECT).await?.ok_or(StoreError::UnknownProject)?;
    let days = app.store.activity(PROJECT, today - Duration::days(13), today).await?;
    Ok(Page::new(include_str!("../assets/dashboard.html"), POLICY)
        .text("bot", app.origins.bot)
        .text("site", &app.origins.site)
        .text("has_secret", secret.is_some())
        .text("fingerprint", secret.unwrap_or_default())
        .text("new_secret", new_secret)
        .text("credits", project.free_tier.unwrap_or(0))
        .html("diagnosis", diagnosis)
        .html("reasons", app.reasons.rows())
        .html("chart", chart::draw(&days, today))
        .html("subscribers", table::rows(&app.store.subscribers(PROJECT, None, 50).await?)))
}
