//! The pages of the site, with the widget embedded in both ways of the documentation.

use std::sync::Arc;

use axum::extract::State;
use boostgpt_sso::web::Snippet;

use super::{Customer, login::Current, users::User};
use crate::page::Page;

/// Besides the site's own: frames of BoostGPT. Its script is let in by the nonce on its tag.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; frame-src {{boostgpt}}; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The same for a page that is cached, and has no nonce: scripts are let in by their address or hash.
const CACHED_POLICY: &str = "default-src 'none'; script-src 'self' {{boostgpt}}/widget.js {{hashes}}; \
    style-src 'self'; img-src 'self'; connect-src 'self'; frame-src {{boostgpt}}; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn home(State(site): State<Arc<Customer>>, Current(login): Current) -> Page {
    let Some(login) = login else {
        return page(&site, include_str!("../assets/login.html"), POLICY).html("users", User::choices());
    };
    page(&site, include_str!("../assets/home.html"), POLICY)
        .text("user", login.user.name)
        .html("tokens", login.sabotage.choices())
}

/// The token in the tag: the page is made for this visitor. Without a token they are anonymous.
pub(super) async fn script_tag(State(site): State<Arc<Customer>>, Current(login): Current) -> Page {
    let page = page(&site, include_str!("../assets/script_tag.html"), POLICY);
    let snippet = snippet(&site).with_nonce(page.nonce()).expect("a nonce of base64");
    let token = login.as_ref().and_then(|login| site.backend.sign(login, site.clock.now()));
    let tag = match (&token, &login) {
        (Some(token), Some(login)) => login.sabotage.spoil(token, &snippet.tag(token).to_string()),
        _ => snippet.anonymous_tag().to_string(),
    };
    page.html("widget", tag).text("user", login.map_or("Not logged in", |login| login.user.name))
}

/// The token fetched by a script: the page is the same for every visitor, and is cached.
pub(super) async fn fetching(State(site): State<Arc<Customer>>) -> Page {
    let text = "<p class=lead>This page is the same for every visitor, and caches may keep it. Its script \
        fetches your token from <code>/widget-token</code> when the page loads, and when the browser shows \
        it again after “Back”.</p>
        <p>Open the chat, tell it to “remember that …”, reload, and ask “what do you remember?”: here, in \
        another browser, or as another user. “Log out” ends your identity in the chat without loading a \
        page.</p>";
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
