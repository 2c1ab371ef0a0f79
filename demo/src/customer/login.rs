//! The site's own login, which is no business of BoostGPT's: here a choice of invented users without a
//! password. Its sessions are those of the examples.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use super::{Customer, sabotage::Sabotage, sessions, users::User};

pub(super) type Logins = sessions::Sessions<Login>;

#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: &'static User,
    pub(super) sabotage: Sabotage,
}

/// The login of a request; `None` if no user is logged in.
pub(super) struct Current(pub(super) Option<Login>);

impl FromRequestParts<Arc<Customer>> for Current {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Customer>) -> Result<Self, Infallible> {
        Ok(Self(site.logins.user(cookies(&parts.headers), site.clock.now().into())))
    }
}

pub(super) fn cookies(headers: &HeaderMap) -> &str {
    headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
