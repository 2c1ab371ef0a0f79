//! A customer's back end on axum: login, logout, the token endpoint, and a page with the widget.
//!
//! ```sh
//! BOOSTGPT_SSO_SECRET=… cargo run -p boostgpt-sso-demo --example axum_customer
//! ```
//!
//! `PORT` is its port. `WIDGET_SCRIPT` is another widget than BoostGPT's own, such as that of
//! `widget-demo --embedder http://127.0.0.1:3000`.

pub(crate) mod login;
mod shop;
mod start;

use std::{convert::Infallible, env, error::Error, process::ExitCode, sync::Arc, time::SystemTime};

use axum::{
    Form, Json, Router,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::map_response,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use boostgpt_sso::{
    BotId, Signer,
    web::{Snippet, TokenResponse},
};
use login::{Sessions, is_own_form};
use serde::Deserialize;
use serde_json::json;
use shop::User;

struct Site {
    signer: Signer,
    sessions: Sessions<User>,
}

/// The user of a request, if one is logged in.
struct Current(Option<User>);

impl FromRequestParts<Arc<Site>> for Current {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(Self(site.sessions.user(header(&parts.headers, header::COOKIE), SystemTime::now())))
    }
}

/// Signs for the user who is logged in, and for no one else. Every answer is 200, and no cache stores it.
async fn widget_token(State(site): State<Arc<Site>>, Current(user): Current) -> TokenResponse {
    let Some(user) = user else { return TokenResponse::anonymous() };
    match user.identity() {
        Ok(identity) => site.signer.sign(&identity).into(),
        Err(error) => {
            // For you, not for the visitor.
            start::warn(format!("user {} stays anonymous: {error}", user.id));
            TokenResponse::anonymous()
        }
    }
}

/// Answers who is logged in, for the page's own script.
async fn user(Current(user): Current) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "name": user.map(|user| user.name) })))
}

#[derive(Deserialize)]
struct LogIn {
    user: String,
}

async fn log_in(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Form(form): Form<LogIn>,
) -> Result<Response, StatusCode> {
    refuse_other_sites(&headers)?;
    let user = User::with_id(&form.user).ok_or(StatusCode::FORBIDDEN)?; // you check a password
    let cookies = header(&headers, header::COOKIE);
    Ok(back_home(site.sessions.log_in(cookies, user.id, user, SystemTime::now())))
}

async fn log_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, StatusCode> {
    refuse_other_sites(&headers)?;
    Ok(back_home(site.sessions.log_out(header(&headers, header::COOKIE))))
}

fn refuse_other_sites(headers: &HeaderMap) -> Result<(), StatusCode> {
    let is_own = is_own_form(header(headers, header::ORIGIN), header(headers, header::HOST));
    if is_own { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
}

fn back_home(cookie: String) -> Response {
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// No answer is taken for another type than its own.
async fn nosniff(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// Makes the site, with the widget's script at this address.
pub(crate) fn site(bot: BotId, script: &str, signer: Signer) -> Result<Router, Box<dyn Error>> {
    let snippet = Snippet::new(bot).with_script(script)?;
    let page = (
        [
            (header::CONTENT_SECURITY_POLICY, shop::policy(&snippet, script)?),
            (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        ],
        Html(shop::page(&snippet, bot)),
    );
    let shop_script = ([(header::CONTENT_TYPE, "text/javascript")], shop::SCRIPT);
    let site = Site { signer, sessions: Sessions::new("axum_session") };
    Ok(Router::new()
        .route("/", get(async || page))
        .route("/shop.js", get(async || shop_script))
        .route("/user", get(user))
        .route("/widget-token", get(widget_token))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .with_state(Arc::new(site))
        .layer(map_response(nosniff)))
}

#[tokio::main]
async fn main() -> ExitCode {
    start::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?; // from the agent's Deploy page
    let script = env::var("WIDGET_SCRIPT").unwrap_or("https://embed.boostgpt.co/widget.js".to_owned());
    let site = site(bot, &script, Signer::from_env()?)?;
    let listener = tokio::net::TcpListener::from_std(start::listen(3000)?)?;
    start::say(format!("open http://{}", listener.local_addr()?));
    Ok(axum::serve(listener, site).await?)
}
