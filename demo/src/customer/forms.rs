//! What the site's forms do. Those of other sites do not get here: `origins::guard`.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    current::Current,
    login::{Login, cookies},
    sabotage::Sabotage,
    state::{Customer, FormNotice},
    users::User,
};

#[derive(Deserialize)]
pub(super) struct Choice {
    user: String,
}

pub(super) async fn log_in(
    State(site): State<Arc<Customer>>,
    headers: HeaderMap,
    Form(form): Form<Choice>,
) -> impl IntoResponse {
    let cookie = User::with_id(&form.user).map(|user| {
        let (cookies, now) = (cookies(&headers), site.clock.now().into());
        [(header::SET_COOKIE, site.logins.log_in(cookies, user.id, Login::new(user), now))]
    });
    (cookie, Redirect::to("/"))
}

pub(super) async fn log_out(State(site): State<Arc<Customer>>, headers: HeaderMap) -> impl IntoResponse {
    ([(header::SET_COOKIE, site.logins.log_out(cookies(&headers)))], Redirect::to("/"))
}

#[derive(Deserialize)]
pub(super) struct Spoiling {
    sabotage: Sabotage,
}

pub(super) async fn spoil(
    State(site): State<Arc<Customer>>,
    Current(login): Current,
    Form(form): Form<Spoiling>,
) -> Response {
    let mut saved = "";
    if let Some(login) = login {
        login.set_sabotage(form.sabotage);
        saved = "Saved. Open a page above.";
    }
    site.told.redirect("/", FormNotice { saved, ..FormNotice::default() }, site.clock.now())
}
