//! The token that a request presents, whatever the framework: where it may be, and how much of it is kept.

use std::fmt;

use crate::{
    json::{Member, members, string},
    jwt::MAX_TOKEN_BYTES,
};

/// The field of a JSON body, a form or a query string: the name that the widget uses.
const FIELD: &str = "userToken";

/// The longest body that is read. A token of the longest kind fits in twice.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;

/// The token of a request to a BoostGPT service: an extractor for axum (feature `axum`) and actix-web
/// (feature `actix`).
///
/// It never fails a request, because a bad token is never an error. It passes on what the request presents,
/// and `Authenticator::authenticate` judges it. It looks, in this order, at
///
/// 1. `Authorization: Bearer TOKEN`. If a request sends that scheme, it looks at nothing else, even if no
///    token follows (RFC 6750 section 2.1). The scheme may be in any case, and any number of spaces or tabs
///    may follow it.
/// 2. the member `userToken` of a JSON body (`application/json`), which is one object. A byte order mark
///    before it is ignored.
/// 3. the field `userToken` of a form (`application/x-www-form-urlencoded`).
///
/// A request without a token gives an empty one, and so does one that presents it twice in the same place. Of
/// a token longer than [`MAX_TOKEN_BYTES`] no more is kept than makes it too long, and a body longer than 16
/// KiB counts as such a token: the verdict is `too_long`. The extractor consumes the body. A handler that
/// needs the body reads the token from it itself.
///
/// # Slow bodies
///
/// The extractor bounds the size of a body, not the time that it takes: a client that sends one byte and then
/// waits keeps its connection open for as long as it likes, and neither framework ends that by itself. So put
/// a time limit around the handlers. On axum that is a middleware with `tokio::time::timeout(limit,
/// next.run(request))`, as in the example `demo/examples/axum_service.rs`.
#[cfg_attr(
    feature = "actix",
    doc = r#"
On actix-web:

```
use std::time::Duration;

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorRequestTimeout,
    middleware::{Next, from_fn},
    rt::time::timeout,
};

/// Answers 408 to a request that takes longer than ten seconds.
async fn in_time(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let answer = timeout(Duration::from_secs(10), next.call(request)).await;
    answer.unwrap_or_else(|_| Err(ErrorRequestTimeout("the request took too long")))
}

let service = App::new().wrap(from_fn(in_time)); // and your routes
```
"#
)]
///
/// `Debug` is redacted. The text is the visitor's, so there is no `Display`.
#[derive(Clone, Default)]
pub struct PresentedToken(Option<String>);

/// A [`PresentedToken`] that may also be the query parameter `userToken`, if no other place presents one.
///
/// Not the default, since URLs leak: into the logs of servers and proxies, the browser's history, the
/// `Referer` of every link and resource of the page, and whatever is copied and shared; and the token vouches
/// for the visitor until it expires. Use it only if a page cannot send anything else, answer with
/// `Referrer-Policy: no-referrer`, and keep query strings out of the logs.
///
/// A request that presents two tokens in one of the other places presents none: the query parameter does not
/// decide between them.
#[derive(Clone, Default)]
pub struct PresentedTokenOrQuery(PresentedToken);

impl PresentedToken {
    /// Returns the text that was presented, or an empty one. Not trusted, not verified.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        // Behind the first character that makes it too long, so that the verdict says so.
        let end = text.char_indices().map(|(start, c)| start.saturating_add(c.len_utf8()));
        if let Some(end) = end.into_iter().find(|end| *end > MAX_TOKEN_BYTES) {
            text.truncate(end);
        }
        Self(Some(text))
    }

    /// Several tokens: none of them can be meant, and no other place is looked at.
    fn ambiguous() -> Self {
        Self::new("")
    }

    /// The verdict on a body that is too long to be read.
    fn too_long() -> Self {
        Self(Some(".".repeat(MAX_TOKEN_BYTES.saturating_add(1))))
    }

    /// Reads the values of `Authorization`; `None` if no value has the scheme of a bearer.
    pub(crate) fn from_authorization<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        const SCHEME: usize = "bearer".len();
        let mut tokens = values.filter_map(|value| {
            let (scheme, rest) = value.trim_ascii().split_at_checked(SCHEME)?;
            let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
            (ends && scheme.eq_ignore_ascii_case(b"bearer")).then_some(rest.trim_ascii())
        });
        let token = tokens.next()?;
        Some(match tokens.next() {
            None => Self::new(String::from_utf8_lossy(token)),
            Some(_) => Self::ambiguous(),
        })
    }

    /// Reads a body of this content type; `None` if it was too long.
    pub(crate) fn from_body(kind: BodyKind, body: Option<&[u8]>) -> Self {
        match (kind, body) {
            (_, None) => Self::too_long(),
            (BodyKind::Json, Some(body)) => Self::from_json(body).unwrap_or_default(),
            (BodyKind::Form, Some(body)) => Self::from_form(body),
        }
    }

    fn from_json(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        match members(text.strip_prefix('\u{feff}').unwrap_or(text), &[FIELD]) {
            Ok([Member::Once(raw)]) => string(raw).map(Self::new),
            Ok([Member::Repeated]) => Some(Self::ambiguous()),
            _ => None,
        }
    }

    /// Reads a form, or a query string.
    fn from_form(form: &[u8]) -> Self {
        let mut tokens = form_urlencoded::parse(form).filter(|(name, _)| name == FIELD);
        match (tokens.next(), tokens.next()) {
            (Some((_, token)), None) => Self::new(token),
            (Some(_), Some(_)) => Self::ambiguous(),
            (None, _) => Self::default(),
        }
    }
}

impl PresentedTokenOrQuery {
    /// Returns what [`PresentedToken::as_str`] returns.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn new(token: PresentedToken, query: Option<&str>) -> Self {
        let query = query.filter(|_| token.0.is_none());
        Self(query.map_or(token, |query| PresentedToken::from_form(query.as_bytes())))
    }
}

/// A content type that may have a token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BodyKind {
    Json,
    Form,
}

impl BodyKind {
    /// By the value of `Content-Type`, whatever its parameters say.
    pub(crate) fn of(content_type: &[u8]) -> Option<Self> {
        let end = content_type.iter().position(|byte| *byte == b';').unwrap_or(content_type.len());
        let essence = content_type.get(..end)?.trim_ascii();
        if essence.eq_ignore_ascii_case(b"application/json") {
            Some(Self::Json)
        } else if essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            Some(Self::Form)
        } else {
            None
        }
    }
}

impl AsRef<[u8]> for PresentedToken {
    fn as_ref(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl AsRef<[u8]> for PresentedTokenOrQuery {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref()
    }
}

impl fmt::Debug for PresentedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedToken(..)")
    }
}

impl fmt::Debug for PresentedTokenOrQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedTokenOrQuery(..)")
    }
}
