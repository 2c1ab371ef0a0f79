//! Requests that present a token, well or badly, and what an extractor makes of them: the same for each
//! framework.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use boostgpt_sso::{
    MAX_TOKEN_BYTES,
    web::{PresentedToken, PresentedTokenOrQuery},
};
use futures_util::stream::{self, Stream, StreamExt as _};
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(PresentedToken: AsRef<[u8]>, Send, Sync, Clone, Default);
assert_impl_all!(PresentedTokenOrQuery: AsRef<[u8]>, Send, Sync, Clone, Default);
assert_not_impl_any!(PresentedToken: std::fmt::Display, serde::Serialize);
assert_not_impl_any!(PresentedTokenOrQuery: std::fmt::Display, serde::Serialize);

pub const JSON: &str = "application/json";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// One request, and the tokens that it presents: without its query string, and with it.
#[derive(Clone, Default)]
pub struct Sent {
    pub what: &'static str,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub query: &'static str,
    pub body: Vec<u8>,
    pub token: String,
    pub or_query: String,
}

fn sent(what: &'static str, token: impl Into<String>) -> Sent {
    let token = token.into();
    Sent { what, or_query: token.clone(), token, ..Sent::default() }
}

impl Sent {
    fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self.header("content-type", content_type) }
    }

    fn query(self, query: &'static str, token: &str) -> Self {
        Self { query, or_query: token.to_owned(), ..self }
    }
}

/// A token of the longest kind, and what is kept of a longer one.
fn longest() -> String {
    "x".repeat(MAX_TOKEN_BYTES)
}

fn cut() -> String {
    longest() + "x"
}

pub fn requests() -> Vec<Sent> {
    let too_long = ".".repeat(MAX_TOKEN_BYTES + 1);
    let json = |token: &str| format!(r#"{{"userToken":"{token}"}}"#);
    vec![
        // Nothing.
        sent("nothing", ""),
        sent("a body without a type", "").header("x-nothing", "a.b.c"),
        sent("an empty JSON body", "").body(JSON, ""),
        sent("an empty form", "").body(FORM, ""),
        // Authorization.
        sent("bearer", "a.b.c").bearer("a.b.c"),
        sent("any case, any spaces", "a.b.c").header("authorization", "bEaReR   a.b.c"),
        sent("a bearer without a token", "").header("authorization", "Bearer "),
        sent("a bearer without a token or a space", "").header("authorization", "Bearer"),
        sent("tabs after the scheme", "a.b.c").header("authorization", "Bearer\t \ta.b.c"),
        sent("spaces around it", "a.b.c").header("authorization", "  Bearer a.b.c  "),
        sent("a space within the token", "a.b c").bearer("a.b c"),
        sent("a bearer without a space", "").header("authorization", "Bearera.b.c"),
        sent("a short value", "").header("authorization", "Bear"),
        sent("another scheme", "").header("authorization", "Basic YTpi"),
        sent("not ASCII", "\u{fffd}b\u{fffd}").header("authorization", b"Bearer \xfcb\xfc".to_vec()),
        sent("two bearers", "").bearer("a.b.c").bearer("d.e.f"),
        sent("the same bearer twice", "").bearer("a.b.c").bearer("a.b.c"),
        sent("another scheme beside it", "a.b.c").header("authorization", "Basic YTpi").bearer("a.b.c"),
        sent("the longest", longest()).bearer(&longest()),
        sent("one byte more", cut()).bearer(&cut()),
        sent("much more", cut()).bearer(&"x".repeat(20_000)),
        // JSON.
        sent("JSON", "a.b.c").body(JSON, json("a.b.c")),
        sent("JSON with a charset", "a.b.c").body("Application/JSON ; charset=utf-8", json("a.b.c")),
        sent("JSON with more in it", "a.b.c")
            .body(JSON, r#" {"botId":[{}],"userToken":"a\u002eb.c","message":null} "#),
        sent("JSON after a byte order mark", "a.b.c").body(JSON, "\u{feff}".to_owned() + &json("a.b.c")),
        sent("JSON after two byte order marks", "")
            .body(JSON, "\u{feff}\u{feff}".to_owned() + &json("a.b.c")),
        sent("broken JSON", "").body(JSON, r#"{"userToken":"a.b.c""#),
        sent("more behind the JSON", "").body(JSON, r#"{"userToken":"a.b.c"}{}"#),
        sent("JSON that is no object", "").body(JSON, r#"["a.b.c"]"#),
        sent("JSON that is a string", "").body(JSON, r#""a.b.c""#),
        sent("JSON without the member", "").body(JSON, r#"{"usertoken":"a.b.c","token":"a.b.c"}"#),
        sent("JSON with null", "").body(JSON, r#"{"userToken":null}"#),
        sent("JSON with a number", "").body(JSON, r#"{"userToken":1}"#),
        sent("JSON with an object", "").body(JSON, r#"{"userToken":{"userToken":"a.b.c"}}"#),
        sent("JSON with half a character", "").body(JSON, r#"{"userToken":"\ud800"}"#),
        sent("JSON that says it twice", "").body(JSON, r#"{"userToken":"a.b.c","userToken":"a.b.c"}"#),
        sent("JSON that is not UTF-8", "").body(JSON, b"{\"x\":\"\xff\",\"userToken\":\"a.b.c\"}".to_vec()),
        sent("deep JSON", "").body(JSON, format!("{{\"userToken\":{}", "[".repeat(16_000))),
        sent("JSON with the longest", longest()).body(JSON, json(&longest())),
        sent("JSON with one byte more", cut()).body(JSON, json(&cut())),
        sent("JSON with more, not ASCII", "ä".repeat(MAX_TOKEN_BYTES / 2 + 1))
            .body(JSON, json(&"ä".repeat(MAX_TOKEN_BYTES - 100))),
        sent("JSON of 16 KiB", "a.b.c").body(JSON, format!("{:16384}", json("a.b.c"))),
        sent("JSON of more than 16 KiB", too_long.clone()).body(JSON, format!("{:16385}", json("a.b.c"))),
        sent("JSON of a megabyte", too_long.clone()).body(JSON, json("a.b.c") + &" ".repeat(1 << 20)),
        // Forms.
        sent("a form", "a.b.c").body(FORM, "botId=1&userToken=a%2Eb.c&x"),
        sent("a form with a charset", "a.b c")
            .body("application/X-WWW-Form-Urlencoded;charset=UTF-8", "userToken=a.b+c"),
        sent("a form without the field", "").body(FORM, "token=a.b.c"),
        sent("a form that says it twice", "").body(FORM, "userToken=a.b.c&userToken=d.e.f"),
        sent("a form of bytes", "\u{fffd}").body(FORM, "userToken=%ff"),
        sent("a form with one byte more", cut()).body(FORM, format!("userToken={}", cut())),
        sent("a form of more than 16 KiB", too_long.clone())
            .body(FORM, format!("userToken=a.b.c&x={:17000}", "")),
        // Other types.
        sent("JSON that says it is text", "").body("text/plain", json("a.b.c")),
        sent("a form that says it is JSON", "").body(JSON, "userToken=a.b.c"),
        sent("JSON that says it is a form", "").body(FORM, json("a.b.c")),
        sent("a type that is not ASCII", "").body("äpplication/json", json("a.b.c")),
        sent("a megabyte of something", "").body("text/plain", vec![b'x'; 1 << 20]),
        // Two places.
        sent("bearer before JSON", "a.b.c").bearer("a.b.c").body(JSON, json("d.e.f")),
        sent("bearer before a broken body", "a.b.c").bearer("a.b.c").body(JSON, "{"),
        sent("two bearers and JSON", "").bearer("a.b.c").bearer("d.e.f").body(JSON, json("a.b.c")),
        sent("another scheme and JSON", "d.e.f")
            .header("authorization", "Basic YTpi")
            .body(JSON, json("d.e.f")),
        sent("an empty bearer and JSON", "").header("authorization", "Bearer ").body(JSON, json("d.e.f")),
        sent("a bare bearer and a form", "").header("authorization", "bearer").body(FORM, "userToken=a.b.c"),
        sent("an empty bearer beside a full one", "").header("authorization", "Bearer").bearer("a.b.c"),
        // The query string.
        sent("a query", "").query("userToken=a%2Eb.c&x=1", "a.b.c"),
        sent("a query that says it twice", "").query("userToken=a.b.c&userToken=a.b.c", ""),
        sent("another query", "").query("token=a.b.c", ""),
        sent("bearer before a query", "a.b.c").bearer("a.b.c").query("userToken=d.e.f", "a.b.c"),
        sent("JSON before a query", "a.b.c").body(JSON, json("a.b.c")).query("userToken=d.e.f", "a.b.c"),
        sent("broken JSON and a query", "").body(JSON, "{").query("userToken=d.e.f", "d.e.f"),
        sent("JSON without the member and a query", "").body(JSON, "{}").query("userToken=d.e.f", "d.e.f"),
        sent("JSON that says it twice and a query", "")
            .body(JSON, r#"{"userToken":"a.b.c","userToken":"a.b.c"}"#)
            .query("userToken=d.e.f", ""),
        sent("a form that says it twice and a query", "")
            .body(FORM, "userToken=a.b.c&userToken=a.b.c")
            .query("userToken=d.e.f", ""),
        sent("two bearers and a query", "").bearer("a.b.c").bearer("a.b.c").query("userToken=d.e.f", ""),
        sent("an empty bearer and a query", "")
            .header("authorization", "Bearer")
            .query("userToken=d.e.f", ""),
        sent("too long a body and a query", too_long.clone())
            .body(JSON, format!("{:16385}", json("a.b.c")))
            .query("userToken=d.e.f", &too_long),
    ]
}

/// How many pieces of 1 KiB a body has, of which 16 may be read, and one more to see that there is more.
pub const PIECES: usize = 1000;

/// A body of more than 16 KiB, in pieces that are counted when they are read.
pub fn counted_pieces(read: &Arc<AtomicUsize>) -> impl Stream<Item = [u8; 1024]> + Send + 'static {
    let read = Arc::clone(read);
    let piece = move || {
        read.fetch_add(1, Ordering::SeqCst);
        [b' '; 1024]
    };
    stream::repeat_with(piece).take(PIECES)
}

#[test]
fn debug_shows_no_token() {
    let shown = format!("{:?} {:?}", PresentedToken::default(), PresentedTokenOrQuery::default());
    assert_eq!(shown, "PresentedToken(..) PresentedTokenOrQuery(..)");
}
