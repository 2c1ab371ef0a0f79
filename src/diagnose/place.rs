//! What comes in the token's place: nothing of a token is in it.

use super::{
    address, decoding, failure,
    known::Known,
    mistake::Mistake,
    names,
    object::Object,
    other_token, printed, search, template, vocabulary, wrapping,
    written::{self, Written},
};
use crate::{identity::Email, json};

/// Says what is in the token's place, and what was seen of it. `None` if there may be a token in the text.
pub(super) fn look(text: &str, known: &Known<'_>) -> Option<(Mistake, String)> {
    if text.contains("eyJ") {
        return other_token::look(text).map(|what| (Mistake::OtherToken, what));
    }
    let quoted = || format!("the text `{text}`");
    let unquoted = text.trim_matches(|c: char| c.is_whitespace() || "\"'`“”‘’".contains(c));
    let is_only_a_name =
        matches!(unquoted.to_ascii_lowercase().as_str(), "bearer" | "bearer:" | "authorization:" | "jwt:");
    if unquoted.is_empty() || is_only_a_name {
        return Some((Mistake::Empty, quoted()));
    }
    // `token=undefined`
    let after_name =
        unquoted.split_once(['=', ':']).filter(|(name, _)| name.len() <= 30 && name.bytes().all(is_of_name));
    if after_name.is_some_and(|(_, value)| value.trim().is_empty() || printed::is_missing(value)) {
        return Some((Mistake::Undefined, quoted()));
    }
    if printed::is_missing(text)
        || unquoted.split(['.', ',', ';', '|', ' ']).all(printed::is_missing)
        || matches!(unquoted.to_ascii_lowercase().as_str(), "true" | "false")
    {
        return Some((Mistake::Undefined, quoted()));
    }
    if let Some(what) = printed::object(text) {
        return Some((Mistake::Undefined, format!("{what}: `{text}`")));
    }
    if let Some(what) = failure::page(text) {
        return Some(what);
    }
    if template::is_template(text) || (template::is_expression(text) && Email::new(text).is_err()) {
        return Some((Mistake::TemplatePlaceholder, format!("the template `{text}`")));
    }
    if let Some(what) = hash(unquoted) {
        return Some(what);
    }
    if failure::is_error(text) {
        return Some((Mistake::ErrorAnswer, quoted()));
    }
    if template::is_placeholder(text) {
        return Some((Mistake::Placeholder, quoted()));
    }
    let is_printed = ["{", "[", "(", "map[", "Array", "&{", "#"].iter().any(|start| text.starts_with(start));
    if is_printed && !address::embedded(text).is_empty() {
        return Some((Mistake::ClaimsUnsigned, format!("claims as a program prints them: {text}")));
    }
    if let Some(found) = fields(unquoted) {
        return Some(found);
    }
    let bytes =
        text.strip_prefix(['b', 'B']).filter(|rest| rest.len() <= 30 && rest.starts_with(['\'', '"']));
    if bytes.is_some_and(|inside| inside.len() <= 2 || printed::is_missing(inside)) {
        return Some((Mistake::Undefined, quoted()));
    }
    if let Some(seen) = wrapping::shortened(text).filter(|_| text.starts_with(['<', '['])) {
        return Some((Mistake::Elided, seen));
    }
    // What is in angle brackets and no tag is what a language prints of an object.
    if text.starts_with('<') && text.ends_with('>') && !text.contains("</") && !text.ends_with("/>") {
        return Some((Mistake::Undefined, format!("a printed object: {text}")));
    }
    // Of Python's `b'…'`, what is inside.
    let inside = text.strip_prefix(['b', 'B']).filter(|rest| rest.starts_with(['\'', '"']));
    let unquoted = inside.map_or(unquoted, |inside| inside.trim_matches(['\'', '"']));
    other_token::look(unquoted)
        .map(|what| (Mistake::OtherToken, what))
        .or_else(|| plain_value(unquoted, known).map(|what| (Mistake::OtherValue, what)))
}

/// Claims as the fields of a form: `email=ada%40example.com&exp=1795003600`.
fn fields(text: &str) -> Option<(Mistake, String)> {
    let names = text.split('&').map(|field| field.split_once('=').map(|(name, _)| name));
    let names = names.collect::<Option<Vec<_>>>().filter(|names| names.len() > 1)?;
    let has_claim = names.iter().any(|name| matches!(*name, "email" | "exp" | "external_id"));
    Some(if has_claim {
        (Mistake::ClaimsUnsigned, format!("claims as the fields of a form: {text}"))
    } else {
        (Mistake::OtherValue, format!("the fields of a form, without a token: {text}"))
    })
}

/// The characters of a name before an equals sign; base64 with a padding behind it has digits as well.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-')
}

/// Digits of a hash, or of a secret that is not known.
fn hash(text: &str) -> Option<(Mistake, String)> {
    const HASHES: &[(usize, &str)] = &[
        (32, "MD5 or a UUID without hyphens"),
        (40, "SHA-1"),
        (56, "SHA-224"),
        (64, "SHA-256 or an SSO secret"),
        (96, "SHA-384"),
        (128, "SHA-512"),
    ];
    // Base64 of as many bytes as a hash has, with its padding.
    let bytes =
        text.ends_with('=').then(|| decoding::decode_loosely(text)).flatten().map_or(0, |bytes| bytes.len());
    if let Some((length, what)) = HASHES.iter().find(|(length, _)| *length == bytes.saturating_mul(2)) {
        let seen = format!("base64 of {} bytes, as many as {what} has", length.checked_div(2).unwrap_or(0));
        return Some((Mistake::IdentityHash, seen));
    }
    let digits = ["sha256=", "sha1=", "sha512=", "sha256:", "md5:", "0x"];
    let digits = digits.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let bare = digits.trim_matches(['<', '>', '[', ']', '$', '%']);
    let (_, what) = HASHES.iter().find(|(length, _)| *length == bare.len())?;
    bare.bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| (Mistake::IdentityHash, format!("{} hexadecimal digits, as many as {what} has", bare.len())))
}

/// An address, an id, a number: what a token is about, or something else that is short.
fn plain_value(text: &str, known: &Known<'_>) -> Option<String> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits > 0 && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-., ".contains(&byte));
    let groups: Vec<usize> = text.trim_matches(['{', '}']).split('-').map(str::len).collect();
    let is_hex = || text.bytes().all(|byte| byte.is_ascii_hexdigit() || b"-{}".contains(&byte));
    let is_uuid = groups == [8, 4, 4, 4, 12] && is_hex();
    let mut bots = known.bots().map(|bot| bot.to_string());
    let lower = text.to_ascii_lowercase();
    let is_url = [
        "http://",
        "https://",
        "ftp://",
        "/",
        "www.",
        "data:",
        "blob:",
        "file:",
        "urn:",
        "wss://",
        "javascript:",
    ]
    .iter()
    .any(|start| lower.starts_with(start));
    // Base64 has hyphens and some digits, too.
    let is_dense = text.len() <= 60 && (text.contains(' ') || digits.saturating_mul(2) >= text.len());
    if is_uuid && bots.any(|bot| bot == lower) {
        Some(format!("the bot's id `{text}`"))
    } else if is_uuid {
        Some(format!("the UUID `{text}`"))
    } else if Email::new(text).is_ok() {
        Some(format!("the e-mail address `{text}`"))
    } else if is_number {
        Some(format!("the number `{text}`"))
    } else if is_dense && text.contains(['-', ':', '/']) && written::text(text) == Written::Date {
        Some(format!("the date `{text}`"))
    } else if is_url {
        Some(format!("a URL without a token in it: `{text}`"))
    } else if text.contains(char::is_whitespace) && text.chars().any(char::is_alphabetic) {
        let words = text.split_whitespace().count();
        let longest = text.split_whitespace().map(str::len).max().unwrap_or(0);
        (words >= 2 && longest <= 30).then(|| format!("the text `{text}`"))
    } else {
        None
    }
}

/// Says what a JSON object without a token in it is.
pub(super) fn object(object: &Object) -> (Mistake, String) {
    const CLAIMS: &[&str] = &["email", "exp", "iat", "external_id"];
    const ERRORS: &str = "error errors errormessage errorcode exception stack trace detail details reason \
    fault err errordescription statustext errmsg failed failure";
    const MESSAGES: &str = "message msg title status result code type";
    let has = |names: &[&str]| names.iter().any(|name| object.get(name).is_some());
    let is_called = |name: &str, words: &str| vocabulary::has(words, &names::plain(name));
    if object.members().next().is_none() {
        return (
            Mistake::Undefined,
            "an empty JSON object, as `JSON.stringify` makes of a promise".to_owned(),
        );
    }
    if has(&["iv"]) && has(&["value", "mac", "ciphertext"]) {
        return (
            Mistake::OtherToken,
            "a value that Laravel or another library encrypted, as JSON".to_owned(),
        );
    }
    let has_key = || object.get("keys").is_some_and(|raw| raw.contains("\"kty\""));
    if has(&["kty"]) || has_key() {
        return (Mistake::OtherToken, "a key in JSON form (JWK)".to_owned());
    }
    let (values, _) = search::values(object);
    let is_alert = |raw: &str| json::string(raw).is_some_and(|text| failure::is_error(&text));
    let status = object.members().find(|(name, _)| is_called(name, "status statuscode code httpstatus"));
    let is_bad_status = status.is_some_and(|(_, raw)| raw.len() == 3 && raw.starts_with(['3', '4', '5']));
    let is_unsuccessful = object.members().any(|(name, raw)| {
        let is_verdict = names::plain(name).contains("success")
            || is_called(
                name,
                "ok authenticated isauthenticated loggedin isloggedin valid isvalid authorized",
            );
        is_verdict && raw == "false"
    });
    let redirects = "redirect redirecturl redirectto redirecturi location loginurl";
    let is_redirect = object.members().count() == 1
        && object.members().all(|(name, raw)| is_called(name, redirects) && raw.contains('/'));
    let names_error = object.members().find(|(name, raw)| is_called(name, ERRORS) && *raw != "null");
    let message = object.members().find(|(name, raw)| is_called(name, MESSAGES) && is_alert(raw));
    if let Some((name, raw)) = names_error.or(message) {
        return (Mistake::ErrorAnswer, format!("a JSON object without a token, in which `{name}` is {raw}"));
    }
    if is_bad_status || is_unsuccessful || is_redirect {
        return (Mistake::ErrorAnswer, format!("a JSON object without a token: {}", object.render()));
    }
    let is_empty_token = |value: &&search::ClaimValue| {
        let plain = names::plain(&value.name);
        (plain.ends_with("token") || plain.ends_with("jwt"))
            && matches!(value.raw.as_str(), "null" | "\"\"" | "{}" | "[]" | "false")
    };
    if object.members().all(|(_, raw)| raw == "null") {
        return (Mistake::Undefined, format!("a JSON object without a value: {}", object.render()));
    }
    if let Some(value) = values.iter().find(is_empty_token) {
        return (Mistake::Undefined, format!("a JSON object in which `{}` has no value", value.path));
    }
    let is_address = |value: &search::ClaimValue| value.text().is_some_and(|text| Email::new(&text).is_ok());
    if has(CLAIMS) || values.iter().any(is_address) {
        return (Mistake::ClaimsUnsigned, "a JSON object with claims, and no token in it".to_owned());
    }
    (Mistake::OtherValue, format!("a JSON object without a token in it: {}", object.render()))
}
