//! A customer's back end on axum: a page with the widget, and the token endpoint behind the login.
//!
//! `BOOSTGPT_SSO_SECRET=… cargo run --example axum_customer --features axum`

use std::error::Error;

use axum::{
    Router,
    extract::{FromRequestParts, State},
    http::{StatusCode, header::COOKIE, request::Parts},
    response::Html,
    routing::get,
};
use boostgpt_sso::{
    BotId, Identity, Signer,
    web::{Snippet, TokenResponse},
};

/// Stands for your login: whose session it is, or 401.
struct LoggedIn {
    email: &'static str,
    id: &'static str,
}

impl<S: Sync> FromRequestParts<S> for LoggedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let session = parts.headers.get(COOKIE).filter(|cookie| *cookie == "session=ada");
        session.map(|_| Self { email: "ada@example.com", id: "42" }).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// No login, no token; and an address that cannot be signed gives none either: the visitor is anonymous.
async fn widget_token(user: LoggedIn, State(signer): State<Signer>) -> Result<TokenResponse, StatusCode> {
    let identity = Identity::new(user.email).and_then(|identity| identity.with_external_id(user.id));
    Ok(signer.sign(&identity.map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?).into())
}

/// The site; its page is the same for everybody.
pub fn site(bot: BotId, signer: Signer) -> Router {
    let page = format!("<!DOCTYPE html><title>Shop</title><h1>Shop</h1>{}", Snippet::new(bot).fetching());
    Router::new()
        .route("/", get(async || Html(page)))
        .route("/widget-token", get(widget_token))
        .with_state(signer)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?; // from the agent's Deploy page
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("curl --cookie session=ada http://{}/widget-token", listener.local_addr()?);
    Ok(axum::serve(listener, site(bot, Signer::from_env()?)).await?)
}
