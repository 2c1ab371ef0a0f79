//! Two sites for the browser, so that its rules between origins are at work: no shared cookies, no shared pages.

use std::io;

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use boostgpt_sso::BotId;
use tokio::net::TcpListener;

/// An invented agent, the same at every start.
const BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";

#[derive(Debug, Clone)]
pub(crate) struct Origins {
    /// The customer's site.
    pub(crate) site: String,
    /// BoostGPT: the dashboard, `widget.js` and the agent page.
    pub(crate) boostgpt: String,
    /// The agent that the site embeds.
    pub(crate) bot: BotId,
}

pub(crate) async fn listen(port: u16) -> io::Result<(TcpListener, TcpListener, Origins)> {
    let site = TcpListener::bind(("127.0.0.1", port)).await?;
    let next = if port == 0 { 0 } else { port.checked_add(1).ok_or(io::ErrorKind::InvalidInput)? };
    let boostgpt = TcpListener::bind(("127.0.0.1", next)).await?;
    let origins = Origins {
        site: format!("http://127.0.0.1:{}", site.local_addr()?.port()),
        boostgpt: format!("http://localhost:{}", boostgpt.local_addr()?.port()),
        bot: BOT.parse().expect("a UUID"),
    };
    Ok((site, boostgpt, origins))
}

/// Lets a request pass that is for this origin, and whose form or script is of this origin: another site can neither
/// regenerate the secret for a visitor of the dashboard nor log somebody in.
pub(crate) async fn own_only(State(own): State<String>, request: Request, next: Next) -> Response {
    if !is_own(&own, &request) {
        return (StatusCode::FORBIDDEN, format!("open {own}")).into_response();
    }
    next.run(request).await
}

fn is_own(own: &str, request: &Request) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    header(header::HOST) == own.strip_prefix("http://") && (reads || header(header::ORIGIN) == Some(own))
}
