//! Where the site's back end gets the secret. A real one reads it from `BOOSTGPT_SSO_SECRET` at its start
//! (`Signer::from_env`); here a page takes it, so that nothing need be restarted.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use boostgpt_sso::SsoSecret;
use serde::Deserialize;

use super::{
    current::Current,
    pages::{POLICY, account},
    state::{Customer, FormNotice},
};
use crate::page::Page;

pub(super) async fn page(
    State(site): State<Arc<Customer>>,
    Current(login): Current,
    headers: HeaderMap,
) -> impl IntoResponse {
    let (told, cookie) = site.told.take(&headers, site.clock.now());
    let state = match site.fingerprint() {
        Some(fingerprint) => format!(
            "<p>A secret is set. Fingerprint <code>{fingerprint}</code>. \
             It must be the one on the agent’s dashboard.</p>"
        ),
        None => "<p>No secret yet: the chat knows no visitor.</p>".to_owned(),
    };
    let page = Page::new(include_str!("../assets/backend.html"), POLICY)
        .text("boostgpt", &site.origins.boostgpt)
        .html("account", account(login.as_ref()))
        .html("state", state)
        .text("saved", told.saved)
        .text("problem", told.problem);
    (cookie.map(|cookie| [(header::SET_COOKIE, cookie)]), page)
}

#[derive(Deserialize)]
pub(super) struct Secret {
    secret: String,
}

pub(super) async fn save(State(site): State<Arc<Customer>>, Form(sent): Form<Secret>) -> Response {
    let told = match sent.secret.trim().parse::<SsoSecret>() {
        Ok(secret) => {
            site.use_secret(&secret);
            FormNotice { saved: "Saved.", ..FormNotice::default() }
        }
        // The text repeats nothing of what was entered.
        Err(problem) => FormNotice { problem: problem.to_string(), ..FormNotice::default() },
    };
    site.told.redirect("/backend", told, site.clock.now())
}
