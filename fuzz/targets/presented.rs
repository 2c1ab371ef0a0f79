//! The token that a request presents, through axum's extractor, is the one that its documentation says.
//! Planted: of two tokens in `Authorization` the oracle takes the first.
#![no_main]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum_core::{body::Body, extract::FromRequest};
use boostgpt_sso::web::{PresentedToken, PresentedTokenOrQuery};
use fuzz::{
    oracle::json::{Value, object},
    planted,
    text::expand,
};
use http::{HeaderValue, Request, header};
use libfuzzer_sys::fuzz_target;

/// What a place presents.
#[derive(Clone, PartialEq)]
enum Place {
    Nothing,
    /// More than one token, or a body that is too long.
    Unusable(&'static str),
    Token(String),
}

fn bearer(values: &[HeaderValue]) -> Place {
    let bearers = values.iter().filter_map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let value = value.trim_matches([' ', '\t']).to_owned();
        let end = value.find([' ', '\t']).unwrap_or(value.len());
        let (scheme, token) = value.split_at(end);
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches([' ', '\t']).to_owned())
    });
    match &bearers.collect::<Vec<_>>()[..] {
        [] => Place::Nothing,
        [token] => Place::Token(token.clone()),
        [token, _] if planted() => Place::Token(token.clone()),
        _ => Place::Unusable(""),
    }
}

fn json(body: &[u8]) -> Place {
    let Ok(text) = std::str::from_utf8(body) else { return Place::Nothing };
    let Some(members) = object(text.strip_prefix('\u{feff}').unwrap_or(text)) else { return Place::Nothing };
    if members.iter().any(|(name, _)| name.is_none()) {
        return Place::Nothing;
    }
    let tokens: Vec<_> =
        members.into_iter().filter(|(name, _)| name.as_deref() == Some("userToken")).collect();
    match &tokens[..] {
        [(_, Value::String(Some(token)))] => Place::Token(token.clone()),
        [] | [_] => Place::Nothing,
        _ => Place::Unusable(""),
    }
}

/// `application/x-www-form-urlencoded`, as the URL standard reads it (section 5.1).
fn form(form: &[u8]) -> Place {
    let decode = |text: &[u8]| {
        let mut bytes = Vec::new();
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            let digit = |place: usize| text.get(place).and_then(|byte| char::from(*byte).to_digit(16));
            match (byte, digit(at + 1), digit(at + 2)) {
                (b'%', Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).unwrap());
                    at += 3;
                    continue;
                }
                (b'+', ..) => bytes.push(b' '),
                _ => bytes.push(byte),
            }
            at += 1;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let fields = form.split(|byte| *byte == b'&').filter(|field| !field.is_empty());
    let tokens = fields.filter_map(|field| {
        let end = field.iter().position(|byte| *byte == b'=').unwrap_or(field.len());
        let value = field.get(end + 1..).unwrap_or_default();
        (decode(&field[..end]) == "userToken").then(|| decode(value))
    });
    match &tokens.collect::<Vec<_>>()[..] {
        [] => Place::Nothing,
        [token] => Place::Token(token.clone()),
        _ => Place::Unusable(""),
    }
}

/// What has to come out: the token, or as much of it as makes it too long.
fn text(place: &Place) -> String {
    match place {
        Place::Nothing => String::new(),
        Place::Unusable(text) => (*text).to_owned(),
        Place::Token(token) => {
            let end = token.char_indices().map(|(start, c)| start + c.len_utf8()).find(|end| *end > 8192);
            token[..end.unwrap_or(token.len())].to_owned()
        }
    }
}

fn extract<T: FromRequest<()>>(request: Request<Body>) -> T {
    let future = pin!(T::from_request(request, &()));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(token)) => token,
        Poll::Ready(Err(_)) => panic!("never fails a request"),
        Poll::Pending => panic!("all of the body is there"),
    }
}

fuzz_target!(|data: &[u8]| {
    // Two values of Authorization, the type of the body, the query and the body, a zero between each two.
    let mut parts = data.splitn(5, |byte| *byte == 0).map(expand);
    let mut part = || parts.next().unwrap_or_default();
    let values = [part(), part()];
    let (content_type, query, body) = (part(), part(), part());

    let values = values.iter().filter(|value| !value.is_empty());
    let values: Vec<_> = values.filter_map(|value| HeaderValue::from_bytes(value).ok()).collect();
    let content_type = HeaderValue::from_bytes(&content_type).ok().filter(|value| !value.is_empty());
    let uri =
        String::from_utf8(query).ok().and_then(|query| format!("/chat?{query}").parse::<http::Uri>().ok());
    let request = || {
        let mut request = Request::new(Body::from(body.clone()));
        if let Some(uri) = &uri {
            *request.uri_mut() = uri.clone();
        }
        for value in &values {
            request.headers_mut().append(header::AUTHORIZATION, value.clone());
        }
        if let Some(value) = &content_type {
            request.headers_mut().insert(header::CONTENT_TYPE, value.clone());
        }
        request
    };

    let mut place = bearer(&values);
    if place == Place::Nothing
        && let Some(value) = &content_type
    {
        let kind = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        let kind = kind.trim_ascii().to_ascii_lowercase();
        let is_known = kind == b"application/json" || kind == b"application/x-www-form-urlencoded";
        place = match kind.as_slice() {
            _ if is_known && body.len() > 16 * 1024 => Place::Unusable("too long"),
            b"application/json" => json(&body),
            b"application/x-www-form-urlencoded" => form(&body),
            _ => Place::Nothing,
        };
    }
    let check = |said: &str, place: &Place| match place {
        Place::Unusable("too long") => assert_eq!(said, ".".repeat(8193)),
        _ => assert_eq!(said, text(place)),
    };
    check(extract::<PresentedToken>(request()).as_str(), &place);
    if place == Place::Nothing {
        let query = uri.as_ref().and_then(|uri| uri.query());
        place = query.map_or(Place::Nothing, |query| form(query.as_bytes()));
    }
    check(extract::<PresentedTokenOrQuery>(request()).as_str(), &place);
});
