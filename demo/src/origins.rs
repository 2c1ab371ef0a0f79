//! Two sites for the browser, so that its rules between origins are at work: no shared cookies, no shared
//! pages.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
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
    /// The site whose pages may have the agent page in a frame: the customer's.
    pub(crate) embedder: String,
    /// The agent that the site embeds.
    pub(crate) bot: BotId,
}

/// Listens at this port and the next one; at any two that are free, if it is 0.
pub(crate) async fn listen(
    port: u16,
    embedder: Option<String>,
) -> Result<(TcpListener, TcpListener, Origins), String> {
    let site = bind(port).await?;
    let next = if port == 0 { 0 } else { port.checked_add(1).ok_or("there is no port after 65535")? };
    let boostgpt = bind(next).await?;
    let local_port = |listener: &TcpListener| {
        listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
    };
    let address = format!("http://127.0.0.1:{}", local_port(&site)?);
    let origins = Origins {
        embedder: embedder.unwrap_or_else(|| address.clone()),
        site: address,
        boostgpt: format!("http://localhost:{}", local_port(&boostgpt)?),
        bot: BOT.parse().expect("a UUID"),
    };
    Ok((site, boostgpt, origins))
}

async fn bind(port: u16) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener
        .map_err(|error| format!("cannot listen on port {port} ({error}): choose another one with --port"))
}

/// Lets a request pass that is for this origin, and whose form or script is of this origin: another site can
/// neither regenerate the secret for a visitor of the dashboard nor log a visitor in or out. No answer is
/// taken for another type than its own.
pub(crate) async fn guard(State(own): State<String>, request: Request, next: Next) -> Response {
    let mut response = if is_own(&own, &request) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, format!("open {own}")).into_response()
    };
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn is_own(own: &str, request: &Request) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    header(header::HOST) == own.strip_prefix("http://") && (reads || header(header::ORIGIN) == Some(own))
}
