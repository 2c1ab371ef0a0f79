//! The token that a request presents, whatever the framework: where it may stand, and how much of it is kept.

use std::fmt;

use crate::{
    json::{Member, members, string},
    jwt::MAX_TOKEN_BYTES,
};

/// The field of a JSON body, a form or a query string: the name that the widget uses.
const FIELD: &str = "userToken";

/// The longest body that is read. A token of the longest kind fits in twice.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;

/// The token of a request to a BoostGPT service: an extractor for axum (feature `axum`) and actix-web (feature `actix`).
///
/// It never fails a request, since a bad token is no error: it hands to `Authenticator::authenticate` what was sent, and
/// the verdict is made there. It looks, in this order, at
///
/// 1. `Authorization: Bearer TOKEN`; where that is sent, at nothing else;
/// 2. the member `userToken` of a JSON body (`application/json`), which is one object;
/// 3. the field `userToken` of a form (`application/x-www-form-urlencoded`).
///
/// A request without a token gives an empty one, and so does one that gives it twice in the same place: nobody can say
/// which is meant. A token longer than [`MAX_TOKEN_BYTES`] is cut off behind that, and a body longer than 16 KiB counts as
/// such a token: the verdict is `too_long`. The body is consumed: a handler that needs it reads the token from it itself.
///
/// `Debug` is redacted. It is what somebody sent, so it has no `Display`.
#[derive(Clone, Default)]
pub struct PresentedToken(String);

/// A [`PresentedToken`] that may also stand in the query parameter `userToken`, looked at where no other place gives one.
///
/// Not the default, since URLs leak: into the logs of servers and proxies, the browser's history, the `Referer` of every
/// link and resource of the page, and whatever is copied and shared; and the token stands for the visitor until it
/// expires. Use it only where a page cannot send anything else, answer with `Referrer-Policy: no-referrer`, and keep
/// query strings out of the logs.
#[derive(Clone, Default)]
pub struct PresentedTokenOrQuery(PresentedToken);

impl PresentedToken {
    /// The text that was sent; empty where none was. Not trusted, not verified.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        // Behind the first character that makes it too long, so that the verdict says so.
        let end = text.char_indices().map(|(start, c)| start.saturating_add(c.len_utf8()));
        if let Some(end) = end.into_iter().find(|end| *end > MAX_TOKEN_BYTES) {
            text.truncate(end);
        }
        Self(text)
    }

    /// What stands for a body that is too long to be read.
    fn too_long() -> Self {
        Self(".".repeat(MAX_TOKEN_BYTES.saturating_add(1)))
    }

    /// From the values of `Authorization`; `None` where none of them is a bearer's.
    pub(crate) fn from_authorization<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        const SCHEME: usize = "bearer".len();
        let mut tokens = values.filter_map(|value| {
            let (scheme, token) = value.split_at_checked(SCHEME)?;
            let token = token.strip_prefix(b" ")?.trim_ascii();
            (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
        });
        let token = tokens.next()?;
        Some(match tokens.next() {
            None => Self::new(String::from_utf8_lossy(token)),
            Some(_) => Self::default(),
        })
    }

    /// From a body of this content type, read to its end; or from one that was too long for that.
    pub(crate) fn from_body(kind: BodyKind, body: Option<&[u8]>) -> Self {
        match (kind, body) {
            (_, None) => Self::too_long(),
            (BodyKind::Json, Some(body)) => Self::from_json(body).unwrap_or_default(),
            (BodyKind::Form, Some(body)) => Self::from_form(body),
        }
    }

    fn from_json(body: &[u8]) -> Option<Self> {
        match members(std::str::from_utf8(body).ok()?, &[FIELD]) {
            Ok([Member::Once(raw)]) => string(raw).map(Self::new),
            _ => None,
        }
    }

    /// From a form, or a query string.
    fn from_form(form: &[u8]) -> Self {
        let mut tokens = form_urlencoded::parse(form).filter(|(name, _)| name == FIELD);
        match (tokens.next(), tokens.next()) {
            (Some((_, token)), None) => Self::new(token),
            _ => Self::default(),
        }
    }
}

impl PresentedTokenOrQuery {
    /// As [`PresentedToken::as_str`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn new(token: PresentedToken, query: Option<&str>) -> Self {
        let query = query.filter(|_| token.0.is_empty());
        Self(query.map_or(token, |query| PresentedToken::from_form(query.as_bytes())))
    }
}

/// A content type in which a token may stand.
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
        self.0.as_bytes()
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
