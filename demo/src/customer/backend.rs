//! The site's back end: the only place with the secret. A real one reads it from `BOOSTGPT_SSO_SECRET` at its
//! start (`Signer::from_env`); here a page takes it, so that nothing need be restarted.

use std::sync::{Arc, PoisonError, RwLock};

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use boostgpt_sso::{Signer, SsoSecret, WidgetToken, time::OffsetDateTime};
use serde::Deserialize;

use super::{Customer, login::Login, pages::POLICY};
use crate::page::Page;

#[derive(Default)]
pub(super) struct Backend(RwLock<Option<Keys>>);

pub(super) struct Keys {
    pub(super) signer: Signer,
    /// Of the secret before, for showing what becomes of its tokens.
    pub(super) old: Option<Signer>,
}

impl Backend {
    /// The token for the user of this login; `None` as long as there is no secret.
    pub(super) fn sign(&self, login: &Login, now: OffsetDateTime) -> Option<WidgetToken> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let user = login.user.identity().ok()?;
        // Without sabotage: keys.signer.sign(&user)
        keys.as_ref().map(|keys| login.sabotage.sign(keys, &user, now))
    }
}

pub(super) async fn page(State(site): State<Arc<Customer>>) -> Page {
    form(&site, "")
}

#[derive(Deserialize)]
pub(super) struct Secret {
    secret: String,
}

pub(super) async fn save(State(site): State<Arc<Customer>>, Form(sent): Form<Secret>) -> Response {
    match sent.secret.trim().parse::<SsoSecret>() {
        Ok(secret) => {
            let mut keys = site.backend.0.write().unwrap_or_else(PoisonError::into_inner);
            let old = keys.take().map(|keys| keys.signer);
            *keys = Some(Keys { signer: Signer::new(&secret).for_bot(site.origins.bot), old });
            Redirect::to("/").into_response()
        }
        Err(problem) => form(&site, &problem.to_string()).into_response(),
    }
}

fn form(site: &Customer, problem: &str) -> Page {
    let page = Page::new(include_str!("../assets/backend.html"), POLICY);
    page.text("boostgpt", &site.origins.boostgpt).text("problem", problem)
}
