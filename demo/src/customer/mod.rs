//! A customer's site: it knows its visitors, and tells BoostGPT by a token. In their own browser it shows them nothing
//! but that token.

mod backend;
mod forms;
mod login;
mod pages;
mod sabotage;
mod token;
mod users;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use crate::{
    html::file,
    origins::{Origins, own_only},
};

pub(crate) struct Customer {
    origins: Origins,
    backend: backend::Backend,
    logins: login::Logins,
}

pub(crate) fn site(origins: Origins) -> Router {
    let own = origins.site.clone();
    let (backend, logins) = (backend::Backend::default(), login::Logins::default());
    Router::new()
        .route("/", get(pages::home))
        .route("/login", post(forms::log_in))
        .route("/logout", post(forms::log_out))
        .route("/script-tag", get(pages::script_tag))
        .route("/fetching", get(pages::fetching))
        .route("/widget-token", get(token::widget_token))
        .route("/sabotage", post(forms::spoil))
        .route("/backend", get(backend::page).post(backend::save))
        .with_state(Arc::new(Customer { origins, backend, logins }))
        .route("/style.css", get(file("text/css", include_str!("../assets/style.css"))))
        .route("/icon.svg", get(file("image/svg+xml", include_str!("../assets/icon.svg"))))
        .layer(middleware::from_fn_with_state(own, own_only))
}
