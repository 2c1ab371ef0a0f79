//! Who is logged in.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    extract::FromRequestParts,
    http::{header, request::Parts},
    response::IntoResponse,
};
use serde_json::json;

use super::{
    login::{Login, cookies},
    state::Customer,
};

/// The login of a request; `None` if no user is logged in.
pub(super) struct Current(pub(super) Option<Login>);

impl FromRequestParts<Arc<Customer>> for Current {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Customer>) -> Result<Self, Infallible> {
        Ok(Self(site.logins.user(cookies(&parts.headers), site.clock.now().into())))
    }
}

/// Who is logged in, for the script of a page that is the same for every visitor.
pub(super) async fn user(Current(login): Current) -> impl IntoResponse {
    let name = login.map(|login| login.user.name);
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "name": name })))
}
