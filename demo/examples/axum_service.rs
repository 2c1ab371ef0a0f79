//! A BoostGPT service on axum: takes the token from where the widget sends it, and says who the visitor is.
//!
//! ```sh
//! cargo run -p boostgpt-sso-demo --example axum_service
//! ```
//!
//! It prints the new secret of its agent: give it to your own back end, and its tokens are accepted. `PORT`
//! is its port.

mod start;

use std::{error::Error, process::ExitCode, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, Visitor,
    store::{MemoryStore, Project, Store, StoreError},
    web::PresentedToken,
};

/// A request takes at most this long. Without a limit, a client that never sends the rest of its body keeps
/// its connection for ever.
const MAX_REQUEST_TIME: Duration = Duration::from_secs(10);

/// 200 for every token, with a visitor who is identified or anonymous; 503 while the store cannot be reached.
async fn visit(
    Path(bot): Path<String>,
    State(authenticator): State<Arc<Authenticator>>,
    token: PresentedToken,
) -> Result<Result<Visitor, StoreError>, StatusCode> {
    let bot: BotId = bot.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(authenticator.authenticate(bot, &token).await)
}

async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// The service: `POST /agents/BOT/visit`.
pub(crate) fn service(authenticator: Authenticator, time_limit: Duration) -> Router {
    Router::new()
        .route("/agents/{bot}/visit", post(visit))
        .with_state(Arc::new(authenticator))
        .layer(from_fn_with_state(time_limit, in_time))
}

#[tokio::main]
async fn main() -> ExitCode {
    start::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let store = MemoryStore::new(); // a service's is a SqliteStore or a PostgresStore
    let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
    store.create_project(Project::new(project).with_free_tier(100)).await?;
    store.create_bot(project, bot).await?;
    let secret = store.regenerate_secret(bot).await?;
    let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);

    let listener = tokio::net::TcpListener::from_std(start::listen(3001)?)?;
    let url = format!("http://{}/agents/{bot}/visit", listener.local_addr()?);
    start::say(format!("for your own back end: BOOSTGPT_SSO_SECRET={}", secret.expose_secret()));
    start::say(format!("curl -X POST {url}"));
    start::say(format!("curl --json '{{\"userToken\":\"{token}\"}}' {url}"));
    Ok(axum::serve(listener, service(Authenticator::new(store), MAX_REQUEST_TIME)).await?)
}
