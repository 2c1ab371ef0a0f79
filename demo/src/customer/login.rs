//! The site's own login, which is no business of BoostGPT's: here a choice of invented users without a
//! password. Its sessions are those of the examples.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};

use super::{sabotage::Sabotage, users::User};

#[allow(dead_code, reason = "the demo's own guard looks at the origin of every form")]
#[path = "../../examples/login/mod.rs"]
mod sessions;

pub(super) type Logins = sessions::Sessions<Login>;

#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: &'static User,
    /// The copies of a login share it, and it ends with the last one.
    sabotage: Arc<Mutex<Sabotage>>,
}

impl Login {
    pub(super) fn new(user: &'static User) -> Self {
        Self { user, sabotage: Arc::default() }
    }

    pub(super) fn sabotage(&self) -> Sabotage {
        *self.shared()
    }

    pub(super) fn set_sabotage(&self, sabotage: Sabotage) {
        *self.shared() = sabotage;
    }

    fn shared(&self) -> MutexGuard<'_, Sabotage> {
        self.sabotage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn cookies(headers: &HeaderMap) -> &str {
    headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::{Login, Logins, Sabotage, User};

    #[test]
    fn a_change_is_seen_by_the_next_request_and_brings_no_session_back() {
        let (logins, now) = (Logins::new("login"), SystemTime::now());
        let ada = User::with_id("42").expect("a user");
        let cookie = logins.log_in("", ada.id, Login::new(ada), now);
        let cookie = cookie.split(';').next().expect("a pair");
        let under_way = logins.user(cookie, now).expect("logged in");
        under_way.set_sabotage(Sabotage::Expired);
        assert!(logins.user(cookie, now).is_some_and(|login| login.sabotage() == Sabotage::Expired));
        logins.log_out(cookie);
        under_way.set_sabotage(Sabotage::Tampered);
        assert!(logins.user(cookie, now).is_none());
    }
}
