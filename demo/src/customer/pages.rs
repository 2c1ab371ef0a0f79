//! The pages of the site, with the widget embedded in both ways of the documentation.

use std::sync::Arc;

use axum::extract::State;
use boostgpt_sso::web::Snippet;

use super::{Customer, login::Current, login::Login, users::User};
use crate::page::Page;

/// Besides the site's own: frames of BoostGPT. Its script is let in by the nonce on its tag.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'nonce-{{nonce}}'; style-src 'nonce-{{nonce}}'; \
    img-src 'self'; connect-src 'self'; frame-src {{boostgpt}}; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

pub(super) async fn home(State(site): State<Arc<Customer>>, Current(login): Current) -> Page {
    let template = match login {
        None => include_str!("../assets/login.html"),
        Some(_) => include_str!("../assets/home.html"),
    };
    page(&site, template, login.as_ref()).html("users", User::choices())
}

/// The token in the tag: the page is made for this visitor. Without a token they are anonymous.
pub(super) async fn script_tag(State(site): State<Arc<Customer>>, Current(login): Current) -> Page {
    let page = page(&site, include_str!("../assets/script_tag.html"), login.as_ref());
    let token = login.as_ref().and_then(|login| site.backend.sign(login));
    let snippet = snippet(&site, &page);
    let tag = match (&token, &login) {
        (Some(token), Some(login)) => login.sabotage.spoil(token, &snippet.with_token(token).to_string()),
        _ => snippet.without_token().to_string(),
    };
    page.html("widget", tag)
}

/// The token fetched by a script: the page is the same for everybody.
pub(super) async fn fetching(State(site): State<Arc<Customer>>, Current(login): Current) -> Page {
    let page = page(&site, include_str!("../assets/fetching.html"), login.as_ref());
    let tags = snippet(&site, &page).fetching().to_string();
    page.html("widget", tags)
}

fn page(site: &Customer, template: &'static str, login: Option<&Login>) -> Page {
    Page::new(template, POLICY)
        .text("boostgpt", &site.origins.boostgpt)
        .text("bot", site.origins.bot)
        .text("token", login.map_or("nobody's", |login| login.sabotage.name()))
        .text("user", login.map_or("Nobody", |login| login.user.name))
}

fn snippet(site: &Customer, page: &Page) -> Snippet {
    let script = format!("{}/widget.js", site.origins.boostgpt);
    let snippet = Snippet::new(site.origins.bot).with_script(&script);
    snippet.and_then(|snippet| snippet.with_nonce(page.nonce())).expect("a plain address and nonce")
}
