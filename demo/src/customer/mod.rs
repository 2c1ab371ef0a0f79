//! A customer's site: it knows its visitors, and tells BoostGPT by a token. In their own browser it shows
//! them nothing but that token.

mod backend;
mod current;
mod forms;
mod keys;
mod login;
mod pages;
mod sabotage;
mod state;
mod token;
mod users;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use self::state::Customer;
use crate::{
    clock::Clock,
    html::file,
    origins::{Origins, guard},
};

pub(crate) fn site(origins: Origins, clock: Clock) -> Router {
    let own = origins.site.clone();
    let site = Customer::new(origins, clock);
    Router::new()
        .route("/", get(pages::home))
        .route("/login", post(forms::log_in))
        .route("/logout", post(forms::log_out))
        .route("/user", get(current::user))
        .route("/script-tag", get(pages::script_tag))
        .route("/fetching", get(pages::fetching))
        .route("/refreshing", get(pages::refreshing))
        .route("/widget-token", get(token::widget_token))
        .route("/sabotage", post(forms::spoil))
        .route("/backend", get(backend::page).post(backend::save))
        .with_state(Arc::new(site))
        .route("/style.css", get(file("text/css", include_str!("../assets/style.css"))))
        .route("/site.js", get(file("text/javascript", include_str!("../assets/site.js"))))
        .route("/icon.svg", get(file("image/svg+xml", include_str!("../assets/icon.svg"))))
        .layer(middleware::from_fn_with_state(own, guard))
}
