//! What the site's forms do. Those of other sites do not get here: `origins::guard`.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

use super::{
    Customer,
    login::{Login, cookies},
    sabotage::Sabotage,
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
        let login = Login { user, sabotage: Sabotage::None };
        [(header::SET_COOKIE, site.logins.log_in(cookies(&headers), login, site.clock.now().into()))]
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
    headers: HeaderMap,
    Form(form): Form<Spoiling>,
) -> Redirect {
    let change = |login: &mut Login| login.sabotage = form.sabotage;
    site.logins.change(cookies(&headers), site.clock.now().into(), change);
    Redirect::to("/")
}
