//! Where the page's script fetches the token. It signs for the user who is logged in, and for no one else.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use boostgpt_sso::web::TokenResponse;

use super::{current::Current, sabotage::Sabotage, state::Customer};
use crate::start;

pub(super) async fn widget_token(State(site): State<Arc<Customer>>, Current(login): Current) -> Response {
    let Some(login) = login else { return TokenResponse::anonymous().into_response() };
    let Some(token) = site.sign(&login) else {
        // For the operator. The visitor's browser would print an error status in red on every page.
        start::warn(format!(
            "{} stays anonymous: there is no secret, enter one at /backend",
            login.user.email
        ));
        return TokenResponse::anonymous().into_response();
    };
    if login.sabotage() == Sabotage::Tampered {
        let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")];
        let body = login.sabotage().spoil(&token, &format!(r#"{{"token":"{token}"}}"#));
        return (headers, body).into_response();
    }
    TokenResponse::from(token).into_response()
}
