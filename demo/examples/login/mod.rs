//! The site's own login: sessions in memory, found by the cookie of the browser. Yours has a password, and
//! perhaps a database; the rules are the same.
//!
//! - A login makes a new id and ends the session that the browser had.
//! - A logout ends the session and deletes the cookie. No call writes a session back that has ended: a
//!   request gets a copy of the user, and only [`Sessions::log_in`] stores one. If you keep something that
//!   changes, let the user share it (an `Arc` with a lock in it): then it ends with the session.
//! - A session ends after [`LIFETIME`], whatever the page does by itself meanwhile, and there are at most
//!   [`MAX_SESSIONS`], [`MAX_SESSIONS_OF_A_USER`] for each user. If one browser logs in twice at the same
//!   moment, no cookie belongs to one of the two sessions. The same limits end it.
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

/// The number of sessions that one user may have, on all their devices. One more ends the oldest of them.
pub(crate) const MAX_SESSIONS_OF_A_USER: usize = 10;

/// The scheme of this site's address: `https` on a site with TLS.
const SCHEME: &str = "http";

/// Everyone who is logged in.
pub(crate) struct Sessions<U> {
    cookie: &'static str,
    all: Mutex<HashMap<String, LoginSession<U>>>,
}

struct LoginSession<U> {
    user_id: String,
    user: U,
    since: SystemTime,
}

impl<U: Clone> Sessions<U> {
    /// Makes sessions that are found by the cookie of this name.
    pub(crate) fn new(cookie: &'static str) -> Self {
        Self { cookie, all: Mutex::default() }
    }

    /// Logs the user with this id in. The value is for `Set-Cookie`.
    pub(crate) fn log_in(&self, cookies: &str, user_id: &str, user: U, now: SystemTime) -> String {
        let mut bytes = [0; 16];
        SysRng.try_fill_bytes(&mut bytes).expect("the operating system's generator");
        let id = hex::encode(bytes);
        let mut all = self.all();
        all.remove(self.id(cookies));
        all.retain(|_, session| session.is_alive(now));
        end_the_oldest(&mut all, MAX_SESSIONS_OF_A_USER, |session| session.user_id == user_id);
        end_the_oldest(&mut all, MAX_SESSIONS, |_| true);
        all.insert(id.clone(), LoginSession { user_id: user_id.to_owned(), user, since: now });
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

    /// On a site with TLS the name begins with `__Host-`, and `Secure` is among the attributes.
    fn set_cookie(&self, id: &str, age: Duration) -> String {
        let (name, age) = (self.cookie, age.as_secs());
        format!("{name}={id}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax")
    }

    fn id<'a>(&self, cookies: &'a str) -> &'a str {
        let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.cookie).map_or("", |(_, id)| id)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, LoginSession<U>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room for one session more among at most `max_len` of this kind.
fn end_the_oldest<U>(
    all: &mut HashMap<String, LoginSession<U>>,
    max_len: usize,
    is_one: impl Fn(&LoginSession<U>) -> bool,
) {
    if all.values().filter(|session| is_one(session)).count() >= max_len {
        let those = all.iter().filter(|(_, session)| is_one(session));
        let oldest = those.min_by_key(|(_, session)| session.since).map(|(id, _)| id.clone());
        all.remove(&oldest.unwrap_or_default());
    }
}

impl<U> LoginSession<U> {
    fn is_alive(&self, now: SystemTime) -> bool {
        now.duration_since(self.since).is_ok_and(|age| age < LIFETIME)
    }
}

/// Returns whether a form was sent by a page of this site: by `Origin`, which browsers send with every form,
/// and `Host`. A page of the same host without TLS, which anyone on the way can write, is another site.
/// Behind a proxy, compare with the site's address in your configuration instead of with `Host`.
pub(crate) fn is_own_form(origin: &str, host: &str) -> bool {
    !host.is_empty() && origin.split_once("://") == Some((SCHEME, host))
}
