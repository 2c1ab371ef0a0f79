//! The agent page, which the widget opens in a frame, and what it asks for with the visitor's token.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::{get, post},
};
use boostgpt_sso::web::PresentedToken;
use serde::Deserialize;

use super::{BoostGpt, answer::Answer};
use crate::page::Page;

/// Only the customer's site may put the page into a frame.
const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'nonce-{{nonce}}'; \
    img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {{embedder}}";

pub(super) fn routes() -> Router<Arc<BoostGpt>> {
    let messages = post(say).layer(DefaultBodyLimit::max(16 * 1024));
    Router::new().route("/agent/{bot}", get(page).post(visit)).route("/agent/{bot}/messages", messages)
}

async fn page(State(app): State<Arc<BoostGpt>>) -> Page {
    Page::new(include_str!("../assets/agent.html"), POLICY).text("embedder", &app.origins.site)
}

/// The page was opened: who is it, and what was said before? The token is in `Authorization: Bearer`.
async fn visit(
    State(app): State<Arc<BoostGpt>>,
    Path(bot): Path<String>,
    token: PresentedToken,
) -> Answer<Response> {
    app.answer(&bot, token.as_str(), None).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    text: String,
    user_token: String,
}

/// The visitor said something. The token is verified anew, so that a conversation ends with it.
async fn say(
    State(app): State<Arc<BoostGpt>>,
    Path(bot): Path<String>,
    Json(said): Json<Said>,
) -> Answer<Response> {
    app.answer(&bot, &said.user_token, Some(&said.text)).await
}
