//! The agent page, which the widget opens in a frame, and what it asks for.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use boostgpt_sso::web::PresentedToken;
use tokio::time::timeout;

use super::{answer::Answer, chat::SentMessage, state::BoostGpt};
use crate::page::Page;

/// Only the customer's site may put the page into a frame.
const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {{embedder}}";

/// A request takes at most this long, however slow its body is.
const MAX_REQUEST_TIME: Duration = Duration::from_secs(10);

pub(super) fn routes() -> Router<Arc<BoostGpt>> {
    Router::new()
        .route("/agent/{bot}", get(page).post(visit))
        .route("/agent/{bot}/messages", post(say))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .layer(from_fn(in_time))
}

async fn in_time(request: Request, next: Next) -> Response {
    let answer = timeout(MAX_REQUEST_TIME, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

async fn page(State(app): State<Arc<BoostGpt>>) -> Page {
    Page::new(include_str!("../assets/agent.html"), POLICY).text("embedder", &app.origins.embedder)
}

/// The page has a token: who is it, and what was said before? The token is in `Authorization: Bearer`.
async fn visit(
    State(app): State<Arc<BoostGpt>>,
    Path(bot): Path<String>,
    token: PresentedToken,
) -> Answer<Response> {
    app.open(&bot, token.as_str()).await
}

async fn say(State(app): State<Arc<BoostGpt>>, Json(said): Json<SentMessage>) -> Answer<Response> {
    app.continue_conversation(&said).await
}
