//! What stands around a token that was presented: peeled off layer by layer, each layer a finding.

use super::{
    finding::Findings,
    mistake::Mistake,
    object::Object,
    segments::{self, Segments, counted},
};
use crate::{json, jwt::MAX_TOKEN_BYTES};

/// More layers than any mistake has.
const MOST_LAYERS: usize = 8;

/// A pasted text longer than this is not unwrapped, so that nobody's paste costs much.
const MOST_BYTES: usize = 8 * MAX_TOKEN_BYTES;

/// What one look at a text says.
enum Look {
    /// Something is around the token: what, what was seen of it, and what is inside.
    Layer(Mistake, String, String),
    /// There is no token in it.
    Nothing(Mistake, String),
    /// Nothing but the alphabets of base64, and dots.
    Bare,
}

/// The segments of the token in what was presented, or `None` where there is none to go on with.
pub(super) fn unwrap(presented: &[u8], findings: &mut Findings<'_>) -> Option<Segments> {
    if presented.len() > MAX_TOKEN_BYTES {
        findings.refused(Mistake::TooLong, counted(presented.len(), "byte"));
    }
    if presented.len() > MOST_BYTES {
        return None;
    }
    let mut text = match std::str::from_utf8(presented) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            findings.refused(Mistake::NotText, format!("byte {} is not UTF-8", error.valid_up_to()));
            return None;
        }
    };
    for _ in 0..MOST_LAYERS {
        match look(&text) {
            Look::Layer(mistake, seen, inside) => {
                findings.refused(mistake, seen);
                text = inside;
            }
            Look::Nothing(mistake, seen) => {
                findings.refused(mistake, seen);
                return None;
            }
            Look::Bare => return segments::take_apart(&text, findings),
        }
    }
    None
}

fn look(text: &str) -> Look {
    let around = |c: char| c.is_whitespace() || is_invisible(c);
    let inside = text.trim_matches(around);
    if inside.is_empty() {
        return Look::Nothing(Mistake::Empty, format!("the text `{text}`"));
    }
    if let Some((before, after)) = text.split_once(inside).filter(|_| inside != text) {
        return Look::Layer(Mistake::WhiteSpaceAround, beside(before, after), inside.to_owned());
    }
    no_token(text)
        .or_else(|| prefix(text))
        .or_else(|| quotes(text))
        .or_else(|| json_around(text))
        .or_else(|| percent(text))
        .or_else(|| white_space_inside(text))
        .or_else(|| other_characters(text))
        .or_else(|| encoded_twice(text))
        .unwrap_or(Look::Bare)
}

/// What stands beside a token.
fn beside(before: &str, after: &str) -> String {
    match (before, after) {
        (before, "") => format!("before it stands `{before}`"),
        ("", after) => format!("after it stands `{after}`"),
        (before, after) => format!("around it stand `{before}` and `{after}`"),
    }
}

/// Zero-width characters and controls, which come along with copy and paste.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

const fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(part)
}

/// Words, placeholders and secrets where a token should be.
fn no_token(text: &str) -> Option<Look> {
    const WORDS: &[&str] = &[
        "undefined",
        "null",
        "nil",
        "none",
        "nan",
        "true",
        "false",
        "[object object]",
        "[object promise]",
        "promise { <pending> }",
    ];
    const TEMPLATES: &[(&str, &str)] = &[
        ("{{", "}}"),
        ("{%", "%}"),
        ("{!!", "!!}"),
        ("<%", "%>"),
        ("<?", "?>"),
        ("${", "}"),
        ("#{", "}"),
        ("@{", "}"),
        ("$(", ")"),
    ];
    if text.len() > 200 || text.contains("eyJ") {
        return None;
    }
    if WORDS.contains(&text.to_ascii_lowercase().as_str()) || text.starts_with("<coroutine object") {
        return Some(Look::Nothing(Mistake::Undefined, format!("the text `{text}`")));
    }
    if TEMPLATES.iter().any(|(open, close)| text.contains(open) && text.contains(close)) {
        return Some(Look::Nothing(Mistake::TemplatePlaceholder, format!("the template `{text}`")));
    }
    let bare = text.trim_matches(['<', '>', '[', ']', '$', '%', '"', '\'']);
    if bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(Look::Nothing(
            Mistake::SecretPasted,
            "64 hexadecimal digits, as an SSO secret has".to_owned(),
        ));
    }
    let is_word = bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' '));
    if is_word && (contains_ignoring_case(bare, "token") || contains_ignoring_case(bare, "jwt")) {
        return Some(Look::Nothing(Mistake::Placeholder, format!("the text `{text}`")));
    }
    None
}

/// `Bearer `, with or without the header's name.
fn prefix(text: &str) -> Option<Look> {
    let mut rest = text;
    for prefix in ["authorization:", "bearer", "jwt", "token"] {
        if let Some((start, after)) = rest.split_at_checked(prefix.len())
            && start.eq_ignore_ascii_case(prefix)
            && (prefix.ends_with(':') || after.starts_with([' ', ':', '+', '%']))
        {
            rest = after.trim_start_matches([' ', ':', '+']);
            rest = rest.strip_prefix("%20").unwrap_or(rest);
        }
    }
    let seen = || beside(text.strip_suffix(rest).unwrap_or_default(), "");
    (rest.len() < text.len()).then(|| Look::Layer(Mistake::BearerPrefix, seen(), rest.to_owned()))
}

fn quotes(text: &str) -> Option<Look> {
    const QUOTES: &[&str] =
        &["\\\"", "&quot;", "&#34;", "&#39;", "\"", "'", "`", "“", "”", "‘", "’", "«", "»"];
    let strip = |text: &str| {
        QUOTES.iter().find_map(|quote| {
            let rest = text.strip_prefix(quote).or_else(|| text.strip_suffix(quote))?;
            Some((quote, rest.strip_suffix(quote).unwrap_or(rest).to_owned()))
        })
    };
    let (quote, inside) = strip(text)?;
    Some(Look::Layer(Mistake::Quoted, format!("the quotation mark {quote}"), inside))
}

/// JSON with a token somewhere in it, or with claims that nobody signed.
fn json_around(text: &str) -> Option<Look> {
    if text.starts_with('[') {
        let inside = json::array(text)?.into_iter().find_map(json::string)?.into_owned();
        return Some(Look::Layer(Mistake::JsonWrapper, "a JSON array around it".to_owned(), inside));
    }
    let object = text.starts_with('{').then(|| Object::read(text))??;
    if let (Some(header), Some(payload), Some(signature)) =
        (object.text("protected"), object.text("payload"), object.text("signature"))
    {
        let seen = "an object with the members protected, payload and signature".to_owned();
        return Some(Look::Layer(Mistake::JwsJson, seen, format!("{header}.{payload}.{signature}")));
    }
    if let Some((path, inside)) = token_in(&object, 3) {
        return Some(Look::Layer(
            Mistake::JsonWrapper,
            format!("the token is in the member `{path}`"),
            inside,
        ));
    }
    let claims = ["email", "exp", "iat", "external_id"].iter().any(|name| object.get(name).is_some());
    let seen = "a JSON object without a token in it".to_owned();
    Some(Look::Nothing(if claims { Mistake::ClaimsUnsigned } else { Mistake::NotBase64Url }, seen))
}

/// A string in this object that looks like a token, and the names of the members that lead to it.
fn token_in(object: &Object, depth: usize) -> Option<(String, String)> {
    object.members().find_map(|(name, raw)| match json::string(raw) {
        Some(text) if text.contains("eyJ") && text.contains('.') => {
            Some((name.to_owned(), text.into_owned()))
        }
        _ if depth > 0 && raw.starts_with('{') => {
            let (path, inside) = token_in(&Object::read(raw)?, depth.saturating_sub(1))?;
            Some((format!("{name}.{path}"), inside))
        }
        _ => None,
    })
}

/// `%2E` and its like.
fn percent(text: &str) -> Option<Look> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    let mut count = 0_usize;
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        decoded.extend_from_slice(rest.as_bytes());
        count = count.saturating_add(1);
    }
    let inside = String::from_utf8(decoded).ok().filter(|_| count > 0)?;
    Some(Look::Layer(Mistake::UrlEncoded, counted(count, "percent escape"), inside))
}

fn white_space_inside(text: &str) -> Option<Look> {
    let foreign = |c: &char| c.is_whitespace() || is_invisible(*c);
    let lines = text.matches('\n').count();
    let found = text.chars().filter(foreign).count();
    let inside: String = text.chars().filter(|c| !foreign(c)).collect();
    if found == 0 || !inside.chars().all(|c| is_token_character(c) || matches!(c, '+' | '/' | '=')) {
        return None;
    }
    let seen = format!("{} inside it, {lines} of them line breaks", counted(found, "character"));
    Some(Look::Layer(Mistake::WhiteSpaceInside, seen, inside))
}

/// Something that is in no alphabet of base64: a shortened text, a tag, an address, or a damaged token.
fn other_characters(text: &str) -> Option<Look> {
    if text.contains('…') || text.contains("...") {
        let seen = format!("an ellipsis in a text of {}", counted(text.chars().count(), "character"));
        return Some(Look::Nothing(Mistake::Elided, seen));
    }
    let start = text.find("eyJ");
    let (before, rest) = text.split_at_checked(start.unwrap_or(0))?;
    let starts_there = start.is_some() && before.ends_with(|c: char| !is_token_character(c));
    let end = rest.find(|c: char| !is_token_character(c) && !matches!(c, '+' | '/' | '='));
    if let (true, Some((inside, after))) = (
        start.is_some() && (starts_there || before.is_empty()),
        rest.split_at_checked(end.unwrap_or(rest.len())),
    ) && inside.contains('.')
        && (starts_there || is_rest(after))
    {
        return Some(Look::Layer(Mistake::SurroundingText, beside(before, after), inside.to_owned()));
    }
    let foreign = |c: char| !is_token_character(c) && !matches!(c, '+' | '/' | '=');
    let position = text.chars().position(foreign)?;
    let seen = format!("at position {position} stands `{}`", text.chars().nth(position)?);
    Some(Look::Nothing(Mistake::NotBase64Url, seen))
}

/// Whether what follows a token is something else rather than a character of it that was damaged.
fn is_rest(after: &str) -> bool {
    let mut characters = after.chars();
    characters.next().is_some_and(|c| {
        matches!(c, ';' | ',' | '&' | '"' | '\'' | '<' | '>' | ')' | '}' | '?' | '#' | ' ' | '|')
    })
}

/// Base64 of a whole token.
fn encoded_twice(text: &str) -> Option<Look> {
    let bytes = (!text.contains('.')).then(|| segments::decode_loosely(text))??;
    let inside = String::from_utf8(bytes).ok()?;
    let starts = inside.starts_with("eyJ") && inside.contains('.');
    let seen = "decoded as base64 it is a token".to_owned();
    starts.then_some(Look::Layer(Mistake::EncodedTwice, seen, inside))
}
