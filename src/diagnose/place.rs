//! What comes in the token's place: nothing of a token is in it.

use super::{
    address, decoding, encoded, failure,
    known::Known,
    mistake::Mistake,
    names,
    object::Object,
    other_token, printed, search, template, vocabulary, wrapping,
    written::{self, Written},
};
use crate::{identity::Email, json};

/// Says what is in the token's place, and what was seen of it. `None` if there may be a token in the text.
pub(super) fn what_replaces_the_token(text: &str, known: &Known<'_>) -> Option<(Mistake, String)> {
    if template::is_comment(text) {
        return Some((Mistake::TemplatePlaceholder, format!("the comment `{text}`")));
    }
    if let Some(page) = failure::page_or_message(text) {
        return Some(page);
    }
    if text.contains("eyJ") {
        let found = other_token::find_other_token(text).or_else(|| other_token::find_cookie(text));
        return found.map(|what| (Mistake::OtherToken, what));
    }
    let quoted = || format!("the text `{text}`");
    let unquoted = text.trim_matches(|c: char| c.is_whitespace() || "\"'`“”‘’".contains(c));
    let is_only_a_name =
        matches!(unquoted.to_ascii_lowercase().as_str(), "bearer" | "bearer:" | "authorization:" | "jwt:");
    if unquoted.is_empty() || is_only_a_name {
        return Some((Mistake::Empty, quoted()));
    }
    // `Bearer null`
    let after_scheme = unquoted.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if after_scheme.is_some_and(|(_, value)| printed::is_missing_text(value)) && unquoted != text {
        return Some((Mistake::Undefined, quoted()));
    }
    // `token=undefined`
    let after_name =
        unquoted.split_once(['=', ':']).filter(|(name, _)| name.len() <= 30 && name.bytes().all(is_of_name));
    if after_name.is_some_and(|(_, value)| value.trim().is_empty() || printed::is_missing_text(value)) {
        return Some((Mistake::Undefined, quoted()));
    }
    if printed::is_missing_text(text)
        || unquoted.split(['.', ',', ';', '|', ' ']).all(printed::is_missing_text)
        || matches!(unquoted.to_ascii_lowercase().as_str(), "true" | "false")
    {
        return Some((Mistake::Undefined, quoted()));
    }
    if let Some(what) = printed::printed_object(text) {
        return Some((Mistake::Undefined, format!("{what}: `{text}`")));
    }
    let decoded = encoded::html(text);
    let is_template = |text: &str| {
        template::is_template(text) || (template::is_expression(text) && Email::new(text).is_err())
    };
    if is_template(text) || decoded.is_some_and(|text| is_template(&text)) {
        return Some((Mistake::TemplatePlaceholder, format!("the template `{text}`")));
    }
    if let Some(what) = other_token::find_cookie(unquoted) {
        return Some((Mistake::OtherToken, what));
    }
    if let Some(what) = hash(unquoted).or_else(|| hash_beside(unquoted)) {
        return Some(what);
    }
    if failure::is_error(text) {
        return Some((Mistake::ErrorAnswer, quoted()));
    }
    if template::is_placeholder(text) {
        return Some((Mistake::Placeholder, quoted()));
    }
    let is_printed =
        ["{", "[", "(", "map[", "Array", "array", "&{", "#"].iter().any(|start| text.starts_with(start));
    if is_printed && !address::embedded(text).is_empty() {
        return Some((Mistake::ClaimsUnsigned, format!("claims as a program prints them: {text}")));
    }
    if let Some(found) = fields(unquoted) {
        return Some(found);
    }
    let bytes =
        text.strip_prefix(['b', 'B']).filter(|rest| rest.len() <= 30 && rest.starts_with(['\'', '"']));
    if bytes.is_some_and(|inside| inside.len() <= 2 || printed::is_missing_text(inside)) {
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
    other_token::find_other_token(unquoted)
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
    // As .NET's `BitConverter` prints bytes.
    let pairs: Vec<&str> = bare.split(['-', ':', ' ']).collect();
    let is_pairs = pairs.len() > 1 && pairs.iter().all(|pair| pair.len() == 2);
    let joined = pairs.concat();
    let bare = if is_pairs { joined.as_str() } else { bare };
    let (_, what) = HASHES.iter().find(|(length, _)| *length == bare.len())?;
    bare.bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| (Mistake::IdentityHash, format!("{} hexadecimal digits, as many as {what} has", bare.len())))
}

/// A hash with the id or the address that it is of before it: `48213|6a65…`.
fn hash_beside(text: &str) -> Option<(Mistake, String)> {
    let (of, digits) = ["--", ":", "|", ".", ","].iter().find_map(|between| text.rsplit_once(between))?;
    let is_id = |c: char| c.is_alphanumeric() || "@._+-".contains(c);
    let is_an_id = of.contains(|c: char| c == '@' || c.is_ascii_digit());
    let is_short = is_an_id && (1..=100).contains(&of.len()) && !of.contains("sha") && of.chars().all(is_id);
    let (mistake, seen) = hash(digits).filter(|_| is_short && digits.len() >= 32)?;
    // Cookies and tokens of other kinds end with a hash, too.
    if other_token::find_other_token(text).is_some() {
        return None;
    }
    Some((mistake, format!("an id or an address, and {seen}")))
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
    } else if text.ends_with(".apps.googleusercontent.com") {
        Some(format!("the client id `{text}`"))
    } else if Email::new(text).is_ok() {
        Some(format!("the e-mail address `{text}`"))
    } else if is_number {
        Some(format!("the number `{text}`"))
    } else if is_dense && text.contains(['-', ':', '/']) && written::read_date(text) == Written::Date {
        Some(format!("the date `{text}`"))
    } else if is_url {
        Some(format!("a URL without a token in it: `{text}`"))
    } else if wrapping::is_word_with_ellipsis(text) {
        Some(format!("the text `{text}`"))
    } else if is_pair(text) {
        // What is after the colon may be a password.
        Some("two words with a colon between them, as a user name and a password have".to_owned())
    } else if text.contains(char::is_whitespace) && text.chars().any(char::is_alphabetic) {
        let words = text.split_whitespace().count();
        let longest = text.split_whitespace().map(str::len).max().unwrap_or(0);
        (words >= 2 && longest <= 30).then(|| format!("the text `{text}`"))
    } else {
        None
    }
}

/// `ada:secret123`
fn is_pair(text: &str) -> bool {
    let is_word = |word: &str| (2..=64).contains(&word.len()) && word.chars().all(|c| !c.is_whitespace());
    text.split_once(':').is_some_and(|(name, rest)| {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
        is_word(name) && is_word(rest) && name.chars().all(is_name) && name.contains(char::is_alphabetic)
    })
}

/// Says what a JSON object without a token in it is.
pub(super) fn json_without_token(object: &Object) -> (Mistake, String) {
    const CLAIMS: &[&str] = &["email", "exp", "iat", "external_id"];
    const ERRORS: &str = "error errors errormessage errorcode exception stack trace fault err \
    errordescription errmsg failed failure";
    const SOFT_ERRORS: &str = "detail details reason statustext";
    const MESSAGES: &str = "message msg title status result code type";
    let has = |names: &[&str]| names.iter().any(|name| object.get(name).is_some());
    let is_called = |name: &str, words: &str| vocabulary::has(words, &names::normalized_name(name));
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
    let is_bad = |raw: &str| raw.len() == 3 && raw.starts_with(['3', '4', '5']);
    // As WordPress has it: `{"code":…,"data":{"status":404}}`.
    let is_nested = |value: &search::ClaimValue| value.path == "data.status" && is_bad(&value.raw);
    let is_bad_status = status.is_some_and(|(_, raw)| is_bad(raw)) || values.iter().any(is_nested);
    let is_unsuccessful = object.members().any(|(name, raw)| {
        let is_verdict = names::normalized_name(name).contains("success")
            || is_called(
                name,
                "ok authenticated isauthenticated loggedin isloggedin valid isvalid authorized",
            );
        is_verdict && raw == "false"
    });
    let redirects = "redirect redirecturl redirectto redirecturi location loginurl";
    let is_redirect = object.members().count() == 1
        && object.members().all(|(name, raw)| is_called(name, redirects) && raw.contains('/'));
    let is_nothing = |raw: &str| matches!(raw, "null" | "false" | "0" | "\"\"" | "[]" | "{}");
    let named = |words: &'static str| {
        object.members().find(move |(name, raw)| is_called(name, words) && !is_nothing(raw))
    };
    let mut alerts = object.members().filter(|(_, raw)| is_alert(raw));
    let alert = alerts.find(|(name, _)| is_called(name, MESSAGES) || is_called(name, SOFT_ERRORS));
    let error = |(name, raw): (&str, &str)| {
        (Mistake::ErrorAnswer, format!("a JSON object without a token, in which `{name}` is {raw}"))
    };
    if let Some(found) = named(ERRORS).or(alert) {
        return error(found);
    }
    if is_bad_status || is_unsuccessful || is_redirect {
        return (Mistake::ErrorAnswer, format!("a JSON object without a token: {}", object.render()));
    }
    let is_empty_token = |value: &&search::ClaimValue| {
        let plain = names::normalized_name(&value.name);
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
    if let Some(found) = named(SOFT_ERRORS) {
        return error(found);
    }
    (Mistake::OtherValue, format!("a JSON object without a token in it: {}", object.render()))
}
