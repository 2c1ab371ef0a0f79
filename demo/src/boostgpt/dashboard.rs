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
    BoostGpt, PROJECT,
    answer::Answer,
    chart, check,
    flash::Flash,
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
    let (flash, cookie) = app.flashes.take(&headers, app.clock.now());
    let page = page(&app, &wanted, flash).await?;
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
    let flash = if form.replaces == fingerprint(&app).await? {
        let new_secret = Some(app.store.regenerate_secret(app.origins.bot).await?);
        Flash { new_secret, ..Flash::default() }
    } else {
        Flash { not_regenerated: true, ..Flash::default() }
    };
    Ok(app.flashes.redirect("/", flash, app.clock.now()))
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
    Ok(app.flashes.redirect("/#free-tier", Flash { saved: true, ..Flash::default() }, app.clock.now()))
}

pub(super) async fn page(app: &BoostGpt, wanted: &Wanted, flash: Flash) -> Answer<Page> {
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
        .text("not_regenerated", if flash.not_regenerated { NOT_REGENERATED } else { "" })
        .text("new_secret", flash.new_secret.as_ref().map_or("", |secret| secret.expose_secret()))
        .text("credits", project.free_tier.unwrap_or(0))
        .text("saved", if flash.saved { "Saved." } else { "" })
        .html("diagnosis", flash.diagnosis)
        .html("reasons", app.reasons.rows())
        .text("first_day", first)
        .text("last_day", today)
        .html("chart", chart::draw(&days, first, today))
        .html("days", chart::table(&days, first, today))
        .text("total", list.total)
        .text("search", wanted.q())
        .html("found", list.found)
        .html("subscribers", list.rows)
        .html("pages", list.pages))
}
