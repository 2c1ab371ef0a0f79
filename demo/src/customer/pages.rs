//! The pages of the site, with the widget embedded in both ways of the documentation.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use boostgpt_sso::web::Snippet;

use super::{current::Current, login::Login, state::Customer, users::User};
use crate::{html::escape, page::Page};

/// Besides the site's own: frames of BoostGPT. Its script is let in by the nonce on its tag.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; frame-src {{boostgpt}}; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The same for a page that is cached, and has no nonce: scripts are let in by their address or hash.
const CACHED_POLICY: &str = "default-src 'none'; script-src 'self' {{boostgpt}}/widget.js {{hashes}}; \
    style-src 'self'; img-src 'self'; connect-src 'self'; frame-src {{boostgpt}}; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const NO_SECRET: &str = "<p class=note>This site has no secret yet. The chat will not know you. \
    <a href='/backend'>Enter it.</a></p>";

pub(super) async fn home(
    State(site): State<Arc<Customer>>,
    Current(login): Current,
    headers: HeaderMap,
) -> impl IntoResponse {
    let Some(login) = login else {
        let page = page(&site, include_str!("../assets/login.html"), POLICY).html("users", User::choices());
        return (None, page);
    };
    let (told, cookie) = site.told.take(&headers, site.clock.now());
    let page = page(&site, include_str!("../assets/home.html"), POLICY)
        .html("account", account(Some(&login)))
        .html("no_secret", if site.fingerprint().is_some() { "" } else { NO_SECRET })
        .text("saved", told.saved)
        .html("tokens", login.sabotage().choices());
    (cookie.map(|cookie| [(header::SET_COOKIE, cookie)]), page)
}

/// The token in the tag: the page is made for this visitor. Without a token they are anonymous.
pub(super) async fn script_tag(State(site): State<Arc<Customer>>, Current(login): Current) -> Page {
    let page = page(&site, include_str!("../assets/script_tag.html"), POLICY);
    let snippet = snippet(&site).with_nonce(page.nonce()).expect("a nonce of base64");
    let token = login.as_ref().and_then(|login| site.sign(login));
    let tag = match (&token, &login) {
        (Some(token), Some(login)) => login.sabotage().spoil(token, &snippet.tag(token).to_string()),
        _ => snippet.anonymous_tag().to_string(),
    };
    page.html("widget", tag).html("account", account(login.as_ref()))
}

/// Who is logged in, with a logout; or a way to the login.
pub(super) fn account(login: Option<&Login>) -> String {
    let Some(login) = login else {
        return "<p class=account><span id=user>Not logged in</span> <a href='/'>Log in</a></p>".to_owned();
    };
    let name = escape(login.user.name);
    format!(
        "<form method=post action='/logout'><bdi id=user>{name}</bdi> \
         <button class=quiet>Log out</button></form>"
    )
}

/// The token fetched by a script: the page is the same for every visitor, and is cached.
pub(super) async fn fetching(State(site): State<Arc<Customer>>) -> Page {
    let text = "<p class=lead>This page is the same for every visitor, and caches may keep it. Its script \
        fetches your token from <code>/widget-token</code> when the page loads, and when the browser shows \
        it again after “Back”.</p>
        <p>Open the chat, and tell it to “remember that …”. Reload and ask “what do you remember?”. It \
        knows, also in another browser. Another user gets their own answer.</p>
        <p>“Log out” makes the chat forget who you are. The page is not reloaded.</p>";
    cached(&site, "The token fetched by a script", text, &snippet(&site))
}

/// The same with a script that fetches a fresh token before the old one expires.
pub(super) async fn refreshing(State(site): State<Arc<Customer>>) -> Page {
    let text = "<p class=lead>This page may stay open all day. Its script fetches a fresh token before the \
        old one expires, and after the machine slept, the network was gone or the page was hidden.</p>
        <p>BoostGPT’s public documentation does not say whether its widget accepts a second \
        <code>init</code>. The widget of this demo does.</p>";
    cached(&site, "The token kept fresh", text, &snippet(&site).with_refresh())
}

fn cached(site: &Customer, title: &str, text: &str, snippet: &Snippet) -> Page {
    page(site, include_str!("../assets/fetching.html"), CACHED_POLICY)
        .text("title", title)
        .html("text", text)
        .html("hashes", snippet.script_hashes())
        .html("widget", snippet.fetch_script())
        .cached()
}

fn page(site: &Customer, template: &'static str, policy: &'static str) -> Page {
    Page::new(template, policy).text("boostgpt", &site.origins.boostgpt).text("bot", site.origins.bot)
}

fn snippet(site: &Customer) -> Snippet {
    let script = format!("{}/widget.js", site.origins.boostgpt);
    Snippet::new(site.origins.bot).with_script(&script).expect("a plain address")
}
