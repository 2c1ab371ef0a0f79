//! What the next page shows once, after a form was sent.
//!
//! A form is answered with a redirect, so that a reload does not send it again. What the page after it shows
//! is kept here until then, under an id that a cookie of this browser alone has.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use boostgpt_sso::time::{Duration, OffsetDateTime};

use crate::random;

/// One that is not fetched within this time is forgotten.
const LIFETIME: Duration = Duration::minutes(1);

/// The number of them that are kept. One more ends all of them.
const MAX_FLASHES: usize = 100;

const ATTRIBUTES: &str = "Path=/; HttpOnly; SameSite=Strict";

#[derive(Default)]
pub(crate) struct Flashes<F>(Mutex<HashMap<String, (OffsetDateTime, F)>>);

impl<F: Default> Flashes<F> {
    /// Answers a form with a redirect to this address, where this is shown.
    pub(crate) fn redirect(&self, to: &str, flash: F, now: OffsetDateTime) -> Response {
        let id = random::text();
        let mut all = self.all();
        all.retain(|_, (since, _)| now - *since < LIFETIME);
        if all.len() >= MAX_FLASHES {
            all.clear();
        }
        all.insert(id.clone(), (now, flash));
        let cookie = format!("flash={id}; Max-Age={}; {ATTRIBUTES}", LIFETIME.whole_seconds());
        ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
    }

    /// Takes what this browser's page shows. The second value is for `Set-Cookie`, if there is a cookie to be
    /// deleted.
    pub(crate) fn take(&self, headers: &HeaderMap, now: OffsetDateTime) -> (F, Option<String>) {
        let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some(id) = cookies.split("; ").find_map(|pair| pair.strip_prefix("flash=")) else {
            return Default::default();
        };
        let found = self.all().remove(id).filter(|(since, _)| now - *since < LIFETIME);
        (found.map(|(_, flash)| flash).unwrap_or_default(), Some(format!("flash=; Max-Age=0; {ATTRIBUTES}")))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, (OffsetDateTime, F)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
