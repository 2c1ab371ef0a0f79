//! The owner's view of the agent. A real one requires the owner's login.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use boostgpt_sso::{store::StoreError, time::Duration};
use serde::Deserialize;

use super::{
    answer::Answer,
    chart, check,
    notice::Notice,
    state::{BoostGpt, PROJECT},
    subscribers::{self, Wanted},
};
use crate::page::Page;

const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'self'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const NOT_REGENERATED: &str = "Another page has changed the secret. It was not regenerated.";

/// The days of the chart.
const DAYS: i64 = 14;

pub(super) fn routes() -> Router<Arc<BoostGpt>> {
    Router::new()
        .route("/", get(show))
        .route("/secret", post(secret))
        .route("/free-tier", post(free_tier))
        .route("/check", check::route())
}

async fn show(
    State(app): State<Arc<BoostGpt>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Answer<Response> {
    let (notice, cookie) = app.notices.take(&headers, app.clock.now());
    let page = page(&app, &wanted, notice).await?;
    Ok((cookie.map(|cookie| [(header::SET_COOKIE, cookie)]), page).into_response())
}

#[derive(Deserialize)]
struct Replaced {
    /// The fingerprint of the secret that the page showed, or nothing.
    replaces: String,
}

/// Generate and Regenerate. The page after it is the only one that ever shows the secret. A page that is
/// still open from before another secret was made replaces nothing: its owner was not asked about that one.
async fn secret(State(app): State<Arc<BoostGpt>>, Form(form): Form<Replaced>) -> Answer<Response> {
    let notice = if form.replaces == fingerprint(&app).await? {
        let new_secret = Some(app.store.regenerate_secret(app.origins.bot).await?);
        Notice { new_secret, ..Notice::default() }
    } else {
        Notice { not_regenerated: true, ..Notice::default() }
    };
    Ok(app.notices.redirect("/", notice, app.clock.now()))
}

/// The fingerprint of the agent's secret; empty if there is none.
async fn fingerprint(app: &BoostGpt) -> Answer<String> {
    let current = app.store.current_secret(app.origins.bot).await?.into_secret();
    Ok(current.map(|current| current.secret.fingerprint()).unwrap_or_default())
}

#[derive(Deserialize)]
struct FreeTier {
    credits: u32,
}

async fn free_tier(State(app): State<Arc<BoostGpt>>, Form(form): Form<FreeTier>) -> Answer<Response> {
    app.store.set_free_tier(PROJECT, Some(form.credits)).await?;
    Ok(app.notices.redirect("/#free-tier", Notice { saved: true, ..Notice::default() }, app.clock.now()))
}

async fn page(app: &BoostGpt, wanted: &Wanted, notice: Notice) -> Answer<Page> {
    let now = app.clock.now();
    let (first, today) = ((now - Duration::days(DAYS - 1)).date(), now.date());
    let fingerprint = fingerprint(app).await?;
    let project = app.store.project(PROJECT).await?.ok_or(StoreError::UnknownProject)?;
    let days = app.store.activity(PROJECT, first, today).await?;
    let list = subscribers::list(&*app.store, wanted).await?;
    Ok(Page::new(include_str!("../assets/dashboard.html"), POLICY)
        .text("bot", app.origins.bot)
        .text("site", &app.origins.embedder)
        .text("demo_site", &app.origins.site)
        .text("has_secret", !fingerprint.is_empty())
        .text("fingerprint", fingerprint)
        .text("not_regenerated", if notice.not_regenerated { NOT_REGENERATED } else { "" })
        .text("no_new_secret", if notice.new_secret.is_some() { "" } else { "hidden" })
        .text("new_secret", notice.new_secret.as_ref().map_or("", |secret| secret.expose_secret()))
        .text("credits", project.free_tier.unwrap_or(0))
        .text("saved", if notice.saved { "Saved." } else { "" })
        .html("diagnosis", notice.diagnosis)
        .text("tokens", app.reasons.tokens())
        .html("reasons", app.reasons.rows())
        .text("first_day", first)
        .text("last_day", today)
        .text("has_visits", days.iter().any(|day| day.active > 0))
        .html("chart", chart::draw(&days, first, today))
        .html("days", chart::table(&days, first, today))
        .text("shown", list.shown)
        .text("search", wanted.q())
        .html("found", list.found)
        .html("subscribers", list.rows)
        .html("pages", list.pages))
}
