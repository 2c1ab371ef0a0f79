//! The payload in the one shape that is signed here, which is also what `jwt.sign` of the documentation
//! makes: written, and read again without a JSON parser.
//!
//! A token from elsewhere may look different. Then [`read`] says nothing and the parser has the word; that
//! the two never disagree is a property test of `claims`.

use memchr::memchr;

use super::numeric_date::whole;
use crate::{id::BotId, identity::Identity};

/// What the members say: the texts as they are there, an absent one being empty, and seconds since 1970.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Documented<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) external_id: &'a str,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) aud: Option<&'a str>,
}

/// Returns the largest number of bytes that [`write`] can append.
pub(crate) fn max_len(identity: &Identity) -> usize {
    /// The members' names, quotation marks, two dates and an `aud`.
    const FRAME: usize = 128;
    /// As many as a byte can become: `\u001f`.
    const ESCAPE: usize = 6;
    let text = identity.text();
    FRAME.saturating_add(text.len().saturating_mul(if is_plain(text) { 1 } else { ESCAPE }))
}

/// Appends the payload: byte for byte what `JSON.stringify` makes of it.
pub(crate) fn write(identity: &Identity, iat: i64, exp: i64, aud: Option<BotId>, json: &mut Vec<u8>) {
    let write_text = if is_plain(identity.text()) { write_plain } else { write_json::<str> };
    json.extend_from_slice(br#"{"email":"#);
    write_text(identity.email().as_str(), json);
    if let Some(name) = identity.name() {
        json.extend_from_slice(br#","name":"#);
        write_text(name, json);
    }
    if let Some(external_id) = identity.external_id() {
        json.extend_from_slice(br#","external_id":"#);
        write_text(external_id, json);
    }
    json.extend_from_slice(br#","iat":"#);
    write_json(&iat, json);
    json.extend_from_slice(br#","exp":"#);
    write_json(&exp, json);
    if let Some(bot) = aud {
        json.extend_from_slice(br#","aud":"#);
        write_json(&bot, json);
    }
    json.push(b'}');
}

/// Whether nothing in the text needs an escape [RFC 8259 section 7].
fn is_plain(text: &str) -> bool {
    !has_any(text, |byte| byte < b' ' || byte == b'"' || byte == b'\\')
}

/// Without an early exit, so that the compiler looks at many bytes at once.
fn has_any(text: &str, wanted: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| found | wanted(byte))
}

fn write_plain(text: &str, json: &mut Vec<u8>) {
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
}

#[expect(clippy::expect_used, reason = "strings and integers serialise, and a Vec takes every byte")]
fn write_json<T: serde::Serialize + ?Sized>(value: &T, json: &mut Vec<u8>) {
    serde_json::to_writer(json, value).expect("strings and integers serialise");
}

/// The members of a payload of exactly that shape: no white space, no escape.
pub(crate) fn read(payload: &str) -> Option<Documented<'_>> {
    // Characters that need an escape, looked for once in all texts.
    if has_any(payload, |byte| byte < b' ' || byte == b'\\') {
        return None;
    }
    let (email, rest) = text(payload.strip_prefix(r#"{"email":""#)?)?;
    let (name, rest) = optional_text(rest, r#","name":""#)?;
    let (external_id, rest) = optional_text(rest, r#","external_id":""#)?;
    let (iat, rest) = seconds(rest.strip_prefix(r#","iat":"#)?)?;
    let (exp, rest) = seconds(rest.strip_prefix(r#","exp":"#)?)?;
    let (aud, rest) = match rest.strip_prefix(r#","aud":""#) {
        Some(rest) => text(rest).map(|(aud, rest)| (Some(aud), rest))?,
        None => (None, rest),
    };
    (rest == "}").then_some(Documented { email, name, external_id, iat, exp, aud })
}

/// What is before the next quotation mark, and what follows it.
fn text(rest: &str) -> Option<(&str, &str)> {
    let (text, rest) = rest.split_at_checked(memchr(b'"', rest.as_bytes())?)?;
    Some((text, rest.strip_prefix('"')?))
}

/// The text of a member that may be here, and what follows it.
fn optional_text<'a>(rest: &'a str, member: &str) -> Option<(&'a str, &'a str)> {
    rest.strip_prefix(member).map_or(Some(("", rest)), text)
}

/// The number of ten digits that is here, as all from 2001 to 2286 do, and what follows it.
fn seconds(rest: &str) -> Option<(i64, &str)> {
    let (digits, rest) = rest.split_at_checked(10)?;
    Some((whole(digits).filter(|_| !digits.starts_with('0'))?, rest))
}
