//! The site's own log-in: sessions in memory, found by the cookie of the browser. Yours has a password, and
//! perhaps a database; the rules are the same.
//!
//! - A log-in makes a new id and ends the session that the browser had.
//! - A log-out ends the session and deletes the cookie. Nothing writes a session back that has ended: a
//!   request that is under way can change a session that exists, and no other.
//! - A session ends after [`LIFETIME`], whatever the page does by itself meanwhile, and there are at most
//!   [`MAX_SESSIONS`].
//! - A form of another site can neither log a visitor in (they would write to someone else's account) nor
//!   out: [`is_own_form`], and `SameSite=Lax` on the cookie.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use rand::{TryRng, rngs::SysRng};

/// After this time a user has to log in again.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The number of sessions that are kept. One more ends the oldest.
pub(crate) const MAX_SESSIONS: usize = 10_000;

/// Everyone who is logged in.
pub(crate) struct Sessions<U> {
    cookie: &'static str,
    all: Mutex<HashMap<String, Session<U>>>,
}

struct Session<U> {
    user: U,
    since: SystemTime,
}

impl<U: Clone> Sessions<U> {
    /// Makes sessions that are found by the cookie of this name.
    pub(crate) fn new(cookie: &'static str) -> Self {
        Self { cookie, all: Mutex::default() }
    }

    /// Logs a user in. The value is for `Set-Cookie`.
    pub(crate) fn log_in(&self, cookies: &str, user: U, now: SystemTime) -> String {
        let mut bytes = [0; 16];
        SysRng.try_fill_bytes(&mut bytes).expect("the operating system's generator");
        let id = hex::encode(bytes);
        let mut all = self.all();
        all.remove(self.id(cookies));
        all.retain(|_, session| session.is_alive(now));
        if all.len() >= MAX_SESSIONS {
            let oldest = all.iter().min_by_key(|(_, session)| session.since).map(|(id, _)| id.clone());
            all.remove(&oldest.unwrap_or_default());
        }
        all.insert(id.clone(), Session { user, since: now });
        self.set_cookie(&id, LIFETIME)
    }

    /// Logs the user out, if one is logged in. The value is for `Set-Cookie`: it deletes the cookie.
    pub(crate) fn log_out(&self, cookies: &str) -> String {
        self.all().remove(self.id(cookies));
        self.set_cookie("", Duration::ZERO)
    }

    /// Returns the user who is logged in, by the value of the request's `Cookie`.
    pub(crate) fn user(&self, cookies: &str, now: SystemTime) -> Option<U> {
        let all = self.all();
        all.get(self.id(cookies)).filter(|session| session.is_alive(now)).map(|session| session.user.clone())
    }

    /// Changes what is kept of the user, if they are still logged in.
    #[allow(dead_code, reason = "the examples keep nothing that changes")]
    pub(crate) fn change(&self, cookies: &str, now: SystemTime, change: impl FnOnce(&mut U)) {
        let mut all = self.all();
        let session = all.get_mut(self.id(cookies)).filter(|session| session.is_alive(now));
        if let Some(session) = session {
            change(&mut session.user);
        }
    }

    /// On a site with TLS the name begins with `__Host-`, and `Secure` is among the attributes.
    fn set_cookie(&self, id: &str, age: Duration) -> String {
        let (name, age) = (self.cookie, age.as_secs());
        format!("{name}={id}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax")
    }

    fn id<'a>(&self, cookies: &'a str) -> &'a str {
        let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.cookie).map_or("", |(_, id)| id)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Session<U>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<U> Session<U> {
    fn is_alive(&self, now: SystemTime) -> bool {
        now.duration_since(self.since).is_ok_and(|age| age < LIFETIME)
    }
}

/// Returns whether a form was sent by a page of this site: by `Origin`, which browsers send with every form,
/// and `Host`. Behind a proxy, compare with the site's address in your configuration instead of with `Host`.
pub(crate) fn is_own_form(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, origin)| origin == host)
}
