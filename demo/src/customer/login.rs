//! The site's own login, which is no business of BoostGPT's: here a choice of invented users without a password.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{Customer, sabotage::Sabotage, users::User};

/// Who is logged in, by the id in their cookie.
#[derive(Default)]
pub(super) struct Logins(Mutex<HashMap<String, Login>>);

#[derive(Clone)]
pub(super) struct Login {
    /// The id in the cookie.
    pub(super) id: String,
    pub(super) user: &'static User,
    pub(super) sabotage: Sabotage,
}

impl Logins {
    pub(super) fn all(&self) -> MutexGuard<'_, HashMap<String, Login>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The login of a request; `None` if nobody is logged in.
pub(super) struct Current(pub(super) Option<Login>);

impl FromRequestParts<Arc<Customer>> for Current {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Customer>) -> Result<Self, Infallible> {
        let cookies = parts.headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok());
        let id = cookies.unwrap_or_default().split("; ").find_map(|cookie| cookie.strip_prefix("login="));
        Ok(Self(id.and_then(|id| site.logins.all().get(id).cloned())))
    }
}
