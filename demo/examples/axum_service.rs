//! A BoostGPT service on axum: takes the token from where the widget sends it, and says who the visitor is.
//!
//! `cargo run --example axum_service --features axum,store`

use std::{error::Error, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, Visitor,
    store::{MemoryStore, Project, Store, StoreError},
    web::PresentedToken,
};

/// 200 for everybody, identified or anonymous; 503 while the store is out of reach.
async fn visit(
    Path(bot): Path<String>,
    State(authenticator): State<Arc<Authenticator>>,
    token: PresentedToken,
) -> Result<Result<Visitor, StoreError>, StatusCode> {
    let bot: BotId = bot.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(authenticator.authenticate(bot, &token).await)
}

/// The service: `POST /agents/BOT/visit`.
pub fn service(authenticator: Authenticator) -> Router {
    Router::new().route("/agents/{bot}/visit", post(visit)).with_state(Arc::new(authenticator))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = MemoryStore::new(); // a service's is a SqliteStore or a PostgresStore
    let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
    store.create_project(Project::new(project).with_free_tier(100)).await?;
    store.create_bot(project, bot).await?;
    let signer = Signer::new(&store.regenerate_secret(bot).await?);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3001").await?;
    let url = format!("http://{}/agents/{bot}/visit", listener.local_addr()?);
    println!("curl -X POST {url}");
    println!("curl --json '{{\"userToken\":\"{}\"}}' {url}", signer.sign(&Identity::new("ada@example.com")?));
    Ok(axum::serve(listener, service(Authenticator::new(store))).await?)
}
