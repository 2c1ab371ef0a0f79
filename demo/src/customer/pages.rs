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
        .text("token", login.sabotage.name())
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
    cached(&site, include_str!("../assets/fetching.html"), &snippet(&site))
}

/// The same with a script that fetches a fresh token before the old one expires.
pub(super) async fn refreshing(State(site): State<Arc<Customer>>) -> Page {
    cached(&site, include_str!("../assets/refreshing.html"), &snippet(&site).with_refresh())
}

fn cached(site: &Customer, template: &'static str, snippet: &Snippet) -> Page {
    let page = page(site, template, CACHED_POLICY);
    page.html("hashes", snippet.script_hashes()).html("widget", snippet.fetch_script()).cached()
}

fn page(site: &Customer, template: &'static str, policy: &'static str) -> Page {
    Page::new(template, policy).text("boostgpt", &site.origins.boostgpt).text("bot", site.origins.bot)
}

fn snippet(site: &Customer) -> Snippet {
    let script = format!("{}/widget.js", site.origins.boostgpt);
    Snippet::new(site.origins.bot).with_script(&script).expect("a plain address")
}
