//! Where the page's script fetches the token. It signs for the user who is logged in, and for no one else.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use boostgpt_sso::web::TokenResponse;

use super::{Customer, login::Current, sabotage::Sabotage};

/// No answer is cached, not even the one that there is no secret yet.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

pub(super) async fn widget_token(State(site): State<Arc<Customer>>, Current(login): Current) -> Response {
    let Some(login) = login else { return TokenResponse::anonymous().into_response() };
    let Some(token) = site.backend.sign(&login, site.clock.now()) else {
        return (StatusCode::SERVICE_UNAVAILABLE, NO_STORE).into_response();
    };
    if login.sabotage == Sabotage::Tampered {
        let json = [(header::CONTENT_TYPE, "application/json")];
        let body = login.sabotage.spoil(&token, &format!(r#"{{"token":"{token}"}}"#));
        return (NO_STORE, json, body).into_response();
    }
    TokenResponse::from(token).into_response()
}
