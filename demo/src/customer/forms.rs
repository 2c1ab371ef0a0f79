//! What the site's forms do.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::header,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

use super::{
    Customer,
    login::{Current, Login},
    sabotage::Sabotage,
    users::User,
};
use crate::random;

#[derive(Deserialize)]
pub(super) struct Choice {
    user: String,
}

pub(super) async fn log_in(State(site): State<Arc<Customer>>, Form(form): Form<Choice>) -> impl IntoResponse {
    let id = random::text();
    if let Some(user) = User::with_id(&form.user) {
        let login = Login { id: id.clone(), user, sabotage: Sabotage::None };
        site.logins.all().insert(id.clone(), login);
    }
    // On a site with TLS also `Secure`, and a name with the prefix `__Host-`.
    ([(header::SET_COOKIE, format!("login={id}; Path=/; HttpOnly; SameSite=Lax"))], Redirect::to("/"))
}

pub(super) async fn log_out(State(site): State<Arc<Customer>>, Current(login): Current) -> Redirect {
    login.and_then(|login| site.logins.all().remove(&login.id));
    Redirect::to("/")
}

#[derive(Deserialize)]
pub(super) struct Spoiling {
    sabotage: Sabotage,
}

pub(super) async fn spoil(
    State(site): State<Arc<Customer>>,
    Current(login): Current,
    Form(form): Form<Spoiling>,
) -> Redirect {
    if let Some(login) = login {
        let sabotage = form.sabotage;
        site.logins.all().insert(login.id.clone(), Login { sabotage, ..login });
    }
    Redirect::to("/")
}
