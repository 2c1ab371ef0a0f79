//! What the examples of a customer's site do for a visitor, whatever the framework: the code that people
//! copy.

use serde_json::Value;

use crate::support::*;

pub const SCRIPT: &str = "https://embed.boostgpt.co/widget.js";

/// A request to the site.
#[derive(Default)]
pub struct Ask {
    pub method: &'static str,
    pub path: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: &'static str,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(one, _)| one == name).map(|(_, value)| value);
        let value = values.next().map_or("", String::as_str);
        assert!(values.next().is_none(), "{name} twice");
        value
    }

    /// The pair that a browser sends back, if there is a cookie left.
    fn cookie(&self) -> String {
        let (pair, attributes) = self.header("set-cookie").split_once("; ").unwrap();
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{attributes}");
        assert!(attributes.starts_with("Path=/; Max-Age="), "{attributes}");
        if attributes.contains("Max-Age=0;") { String::new() } else { pair.to_owned() }
    }
}

fn get(path: &'static str, cookie: &str) -> Ask {
    let headers = if cookie.is_empty() { vec![] } else { vec![("cookie", cookie.to_owned())] };
    Ask { method: "GET", path, headers, body: "" }
}

fn post(path: &'static str, cookie: &str, origin: Option<&str>, body: &'static str) -> Ask {
    let mut ask = Ask { method: "POST", body, ..get(path, cookie) };
    ask.headers.push(("host", "shop.example".to_owned()));
    ask.headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
    ask.headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
    ask
}

const OWN: Option<&str> = Some("http://shop.example");

/// Logs in and out, and looks at what the token endpoint says in between.
pub async fn check(ask: impl AsyncFn(Ask) -> Answer) {
    let ask = async |asked| {
        let answer = ask(asked).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "every answer");
        answer
    };
    let user = async |cookie: &str| {
        let answer = ask(get("/widget-token", cookie)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.header("cache-control"), "no-store");
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let token = body["token"].as_str()?;
        let visitor = verifier().verify(token).unwrap();
        assert_eq!(body["expires_at"], visitor.expires_at().unix_timestamp());
        Some((visitor.email().as_str().to_owned(), visitor.external_id().unwrap().to_owned()))
    };
    let log_in = async |cookie: &str, user| {
        let answer = ask(post("/login", cookie, OWN, user)).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"));
        answer.cookie()
    };
    let ada = Some(("ada@example.com".to_owned(), "42".to_owned()));
    let grace = Some(("grace@example.com".to_owned(), "43".to_owned()));

    // Without a login, or with one that does not exist: no token, and no failure that a browser prints in
    // red.
    for cookie in ["", "axum_session=", "actix_session=0123456789abcdef0123456789abcdef", "; =;x"] {
        assert_eq!(user(cookie).await, None, "{cookie}");
    }
    let first = log_in("", "user=42").await;
    assert_eq!(user(&format!("other=1; {first}; last=2")).await, ada);

    // Of a user whose address is none, the endpoint says what it says of a visitor who is not logged in.
    let kim = log_in("", "user=45").await;
    assert_eq!(user(&kim).await, None);
    assert_eq!(ask(get("/user", &kim)).await.body, r#"{"name":"Kim"}"#);

    // A new login ends the old one of this browser, and no other.
    let elsewhere = log_in("", "user=42").await;
    let second = log_in(&first, "user=43").await;
    assert_ne!(first, second);
    assert_eq!((user(&first).await, user(&second).await, user(&elsewhere).await), (None, grace, ada.clone()));

    // A logout deletes the cookie and ends the session; a second one changes nothing.
    for _ in 0..2 {
        let answer = ask(post("/logout", &second, OWN, "")).await;
        assert_eq!((answer.status, answer.cookie()), (303, String::new()));
        assert_eq!(user(&second).await, None);
    }

    // Another site can neither log a visitor in nor out.
    for origin in [
        None,
        Some("null"),
        Some("http://shop.example.evil.example"),
        Some("https://shop.example"),
        Some("https://evil.example"),
        Some(""),
    ] {
        for (path, body) in [("/login", "user=43"), ("/logout", "")] {
            let answer = ask(post(path, &elsewhere, origin, body)).await;
            assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{path} {origin:?}");
        }
    }
    assert_eq!(ask(post("/login", "", OWN, "user=1")).await.status, 403);
    assert_eq!(user(&elsewhere).await, ada);

    // The page's own script asks who is logged in.
    for (cookie, expected) in [("", r#"{"name":null}"#), (&elsewhere, r#"{"name":"Ada Lovelace"}"#)] {
        let answer = ask(get("/user", cookie)).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        assert_eq!(answer.body, expected);
    }
    let script = ask(get("/shop.js", "")).await;
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript"));
    assert_eq!(ask(get("/nowhere", "")).await.status, 404);

    // The page is the same for every visitor, and may be cached: it does not say who is logged in.
    let (anonymous, page) = (ask(get("/", "")).await, ask(get("/", &elsewhere)).await);
    assert_eq!((page.status, &page.body), (200, &anonymous.body));
    assert_eq!(page.header("cache-control"), "public, max-age=60");
    let snippet = boostgpt_sso::web::Snippet::new(bot());
    assert!(page.body.contains(&snippet.fetch_script().to_string()), "{}", page.body);
    let policy = page.header("content-security-policy");
    let hashes = snippet.script_hashes();
    let scripts = format!("script-src 'self' {SCRIPT} {hashes}; object-src 'none'; base-uri 'none'");
    assert!(policy.starts_with(&scripts), "{policy}");
}

mod sessions {
    use std::{
        sync::{Arc, Mutex},
        time::{Duration, SystemTime},
    };

    use super::super::axum::axum_customer::login::{
        LIFETIME, MAX_SESSIONS, MAX_SESSIONS_OF_A_USER, Sessions,
    };

    fn pair(cookie: &str) -> String {
        cookie.split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_session_ends_after_its_lifetime_and_when_the_clock_is_set_back() {
        let (sessions, now) = (Sessions::new("login"), SystemTime::now());
        let cookie = pair(&sessions.log_in("", "1", 1, now));
        assert_eq!(sessions.user(&cookie, now + LIFETIME - Duration::from_secs(1)), Some(1));
        assert_eq!(sessions.user(&cookie, now + LIFETIME), None);
        assert_eq!(sessions.user(&cookie, now - Duration::from_secs(1)), None);
    }

    #[test]
    fn a_change_under_way_during_a_log_out_does_not_bring_the_session_back() {
        let (sessions, now) = (Sessions::new("login"), SystemTime::now());
        let cookie = pair(&sessions.log_in("", "1", Arc::new(Mutex::new(1)), now));
        let under_way = sessions.user(&cookie, now).unwrap();
        *under_way.lock().unwrap() = 2;
        assert_eq!(*sessions.user(&cookie, now).unwrap().lock().unwrap(), 2);
        let changed = sessions.log_out(&cookie);
        assert!(changed.starts_with("login=; ") && changed.contains("Max-Age=0"), "{changed}");
        *under_way.lock().unwrap() = 3;
        assert!(sessions.user(&cookie, now).is_none());
        assert_eq!(Arc::strong_count(&under_way), 1, "what it changed ends with it");
    }

    #[test]
    fn sessions_are_bounded_and_the_oldest_goes_first() {
        let (sessions, start) = (Sessions::new("login"), SystemTime::now());
        let at = |number: usize| start + Duration::from_millis(number as u64);
        let log_in = |number: usize| pair(&sessions.log_in("", &number.to_string(), number, at(number)));
        let cookies: Vec<_> = (0..=MAX_SESSIONS).map(log_in).collect();
        let now = at(MAX_SESSIONS);
        assert_eq!(sessions.user(&cookies[0], now), None);
        assert!((1..=MAX_SESSIONS).all(|number| sessions.user(&cookies[number], now) == Some(number)));
    }

    /// Also those that no browser has the cookie of, because it logged in twice at the same moment.
    #[test]
    fn the_sessions_of_a_user_are_bounded_and_those_of_others_stay() {
        let (sessions, start) = (Sessions::new("login"), SystemTime::now());
        let at = |number: usize| start + Duration::from_millis(number as u64);
        let other = pair(&sessions.log_in("", "other", 99, start));
        let log_in = |number: usize| pair(&sessions.log_in("", "one", number, at(number)));
        let cookies: Vec<_> = (0..=MAX_SESSIONS_OF_A_USER).map(log_in).collect();
        let now = at(MAX_SESSIONS_OF_A_USER);
        let users: Vec<_> = cookies.iter().map(|cookie| sessions.user(cookie, now)).collect();
        assert_eq!(users[0], None);
        assert!(users[1..].iter().all(Option::is_some), "{users:?}");
        assert_eq!(sessions.user(&other, now), Some(99));
    }
}
