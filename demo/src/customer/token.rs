//! Where the page's script fetches the token. The route requires the site's login, and signs for that user alone.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use boostgpt_sso::web::TokenResponse;

use super::{Customer, login::Current, sabotage::Sabotage};

pub(super) async fn widget_token(State(site): State<Arc<Customer>>, Current(login): Current) -> Response {
    let Some(login) = login else { return StatusCode::UNAUTHORIZED.into_response() };
    let Some(token) = site.backend.sign(&login) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response(); // no secret yet
    };
    if login.sabotage == Sabotage::Tampered {
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        return (headers, login.sabotage.spoil(&token, &format!(r#"{{"token":"{token}"}}"#))).into_response();
    }
    TokenResponse::from(token).into_response()
}
