//! Tokens, cookies and keys of other kinds, known by how they begin or by their parts.

use super::{
    encoded,
    segments::{self, counted},
    vocabulary,
};
use crate::json;

/// Says which other kind of token, cookie or key a text is.
pub(super) fn find_other_token(text: &str) -> Option<String> {
    const STARTS: &[(&str, usize, &str)] = &[
        ("gAAAAA", 60, "a Fernet token"),
        ("v1.local.", 20, "a PASETO"),
        ("v2.local.", 20, "a PASETO"),
        ("v3.local.", 20, "a PASETO"),
        ("v4.local.", 20, "a PASETO"),
        ("v1.public.", 20, "a PASETO"),
        ("v2.public.", 20, "a PASETO"),
        ("v3.public.", 20, "a PASETO"),
        ("v4.public.", 20, "a PASETO"),
        ("k4.local.", 20, "a PASERK, a key for PASETO"),
        ("Fe26.2*", 40, "a value that iron (hapi, iron-session) sealed"),
        ("SFMyNTY.", 20, "a token of Phoenix (Elixir)"),
        ("CfDJ8", 20, "a value that ASP.NET Core's data protection encrypted"),
        ("eyJpdiI6", 40, "a value that Laravel encrypted"),
        ("eyJfcmFpbHMi", 20, "a message that Rails signed or encrypted"),
        ("s:", 20, "a session cookie of Express"),
        ("s%3A", 20, "a session cookie of Express"),
        ("ya29.", 20, "an access token of Google"),
        ("ghp_", 20, "an access token of GitHub"),
        ("gho_", 20, "an access token of GitHub"),
        ("ghs_", 20, "an access token of GitHub"),
        ("ghu_", 20, "an access token of GitHub"),
        ("github_pat_", 20, "an access token of GitHub"),
        ("glpat-", 15, "an access token of GitLab"),
        ("xoxb-", 15, "an access token of Slack"),
        ("xoxp-", 15, "an access token of Slack"),
        ("sk_live_", 15, "an API key of Stripe"),
        ("sk_test_", 15, "an API key of Stripe"),
        ("pk_live_", 15, "an API key of Stripe"),
        ("pk_test_", 15, "an API key of Stripe"),
        ("sk-", 20, "an API key"),
        ("AKIA", 16, "an access key of AWS"),
        ("AIza", 30, "an API key of Google"),
        ("SG.", 30, "an API key of SendGrid"),
        ("EAA", 40, "an access token of Facebook"),
        ("MDAx", 40, "a macaroon"),
        ("PHNhbWx", 40, "a SAML message in base64"),
        ("PD94bW", 40, "XML in base64, perhaps a SAML message"),
        ("-----BEGIN ", 20, "a key or certificate in PEM form"),
        ("ssh-", 20, "an SSH key"),
        ("$2a$", 50, "a password hash (bcrypt)"),
        ("$2b$", 50, "a password hash (bcrypt)"),
        ("$2y$", 50, "a password hash (bcrypt)"),
        ("$argon2", 30, "a password hash (Argon2)"),
        ("pbkdf2_", 40, "a password hash (Django)"),
    ];
    let decoded = encoded::percent(text).unwrap_or_else(|| text.to_owned());
    let text = decoded.trim();
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    let named = STARTS.iter().find(|(start, length, _)| text.starts_with(start) && text.len() >= *length);
    let is_one_word = !text.contains(char::is_whitespace)
        || ["-----BEGIN", "ssh-"].iter().any(|start| text.starts_with(start));
    let is_serialized = text.contains('"');
    // `SFMyNTY` is `HS256`, which may be in the place of a header as well.
    let is_claims = text.starts_with("SFMyNTY.eyJ");
    // Express signs whatever it is given: a token as well.
    let is_claims = is_claims || text.starts_with("s:eyJ");
    if let Some((start, _, what)) = named.filter(|_| is_one_word && !is_serialized && !is_claims) {
        // A secret or an opaque value is not repeated.
        return Some(format!("it begins with `{start}`, as {what} does"));
    }
    let parts: Vec<&str> = text.split("--").collect();
    let is_long = |part: &&str| part.len() >= 12 && part.bytes().all(|byte| is_base64(byte) || byte == b'=');
    if matches!(parts.len(), 2 | 3) && parts.iter().all(is_long) && !text.contains('.') {
        return Some(format!(
            "{} of base64 with `--` between them, as a cookie of Rails has",
            counted(parts.len(), "part")
        ));
    }
    if let Some(what) = serialized(text) {
        return Some(what);
    }
    signed_session(text)
}

/// Says which cookie or header a text is, by the name before its value.
pub(super) fn find_cookie(text: &str) -> Option<String> {
    const NAMES: &str = "phpsessid sessionid jsessionid asp.net_sessionid connect.sid laravel_session sid \
        session session_id sessid cfid cftoken ci_session rack.session _session_id xsrf-token csrftoken \
        remember_token .aspxauth .aspnetcore.cookies next-auth.session-token wordpress_logged_in";
    let named = |name: &str| vocabulary::has(NAMES, name) || name.ends_with("_session");
    if let Some((name, value)) = text.split_once('=') {
        let is_cookie = named(&name.to_ascii_lowercase()) && value.len() >= 8;
        if is_cookie && !segments::holds_token(value) {
            return Some(format!("a cookie with the name `{name}`"));
        }
    }
    let (scheme, value) = text.split_once(' ')?;
    let is_basic = scheme.eq_ignore_ascii_case("basic") && value.len() >= 8;
    let is_basic = is_basic && value.bytes().all(|byte| is_base64(byte) || byte == b'=');
    is_basic.then(|| "the header `Basic`, with a user name and a password".to_owned())
}

/// A session that PHP wrote, a cookie of `WordPress`, or an API token of Laravel.
fn serialized(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('|').collect();
    let is_type =
        |part: &&str| ["s:", "i:", "a:", "b:", "O:", "N;"].iter().any(|start| part.starts_with(start));
    if parts.len() > 1 && parts.iter().skip(1).all(is_type) {
        return Some("names and values with `|` between them, as a session of PHP has".to_owned());
    }
    if let [number, token] = parts[..] {
        let is_number = (1..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_hash = matches!(token.len(), 40 | 64) && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_sanctum = is_number
            && !is_hash
            && token.len() >= 40
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let seen = "a number and letters with `|` between them, as an API token of Laravel (Sanctum) has";
        return is_sanctum.then(|| seen.to_owned());
    }
    let [name, time, token, hash] = parts[..] else { return None };
    let is_time = time.len() >= 9 && time.bytes().all(|byte| byte.is_ascii_digit());
    let is_hash = hash.len() >= 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_time && is_hash && !name.is_empty() && token.len() >= 20)
        .then(|| "a name, a time, a token and a hash, as a cookie of WordPress has".to_owned())
}

/// What Flask, itsdangerous and Django sign: the data, a time stamp, a signature.
fn signed_session(text: &str) -> Option<String> {
    let by = |separator: char| {
        let parts: Vec<&str> = text.split(separator).collect();
        let [.., data, time, signature] = parts[..] else { return None };
        let is_time = (5..=8).contains(&time.len()) && time.bytes().all(is_base64);
        let is_signature = (20..=90).contains(&signature.len()) && signature.bytes().all(is_base64);
        let is_packed = parts.first().is_some_and(|first| first.is_empty()) && data.starts_with("eJ");
        let is_json = || {
            let text = segments::decode_loosely(data).and_then(|bytes| String::from_utf8(bytes).ok());
            text.is_some_and(|text| json::string(&text).is_some() || json::array(&text).is_some())
        };
        let is_object = segments::decode_object(data).map(|data| data.get("alg").is_none());
        let is_data = parts.len() == 3 && is_object.unwrap_or_else(is_json);
        (is_time && is_signature && (is_packed || is_data)).then_some(())
    };
    if by('.').is_some() {
        Some("data, a time stamp and a signature, as a session of Flask (itsdangerous) has".to_owned())
    } else if by(':').is_some() {
        Some("data, a time stamp and a signature, as a value that Django signed has".to_owned())
    } else {
        None
    }
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_+/".contains(&byte)
}
