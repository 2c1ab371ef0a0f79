//! A text in the place of an e-mail address (rule C9): which mistake it is. What is wrong is shown by what
//! makes it right.

use super::{
    encoded,
    mistake::Mistake,
    printed,
    segments::{self, counted},
    template, wrapping,
};
use crate::{
    hidden::is_hidden,
    identity::{Email, IdentityError, MAX_EMAIL_BYTES, MAX_LOCAL_BYTES},
};

/// More addresses than that are not looked for.
const MAX_ADDRESSES: usize = 20;
/// A longer text is too long, whatever address is in it.
const MAX_DECORATED_BYTES: usize = 1000;

/// Says which mistake a text is that is no address, and what shows it.
pub(super) fn mistake(text: &str) -> (Mistake, String) {
    if text.chars().all(wrapping::is_blank) {
        return (Mistake::EmailEmpty, String::new());
    }
    if printed::bare(text).is_empty() {
        return (Mistake::EmailEmpty, String::new());
    }
    if printed::is_missing_text(text) || printed::printed_object(text).is_some_and(|_| !text.contains('@')) {
        return (Mistake::EmailEmpty, "programs print that for a missing value".to_owned());
    }
    if template::is_template(text) && embedded(text).is_empty() {
        return (Mistake::EmailShape, "a template that was not rendered".to_owned());
    }
    let is_address = |text: &str| Email::new(text).is_ok();
    let of_character = |place: usize| {
        let c = text.chars().nth(place)?;
        Some(format!("at position {place} is U+{:04X}", u32::from(c)))
    };
    let first =
        |wanted: fn(char) -> bool| text.chars().position(wanted).and_then(of_character).unwrap_or_default();
    let addresses = embedded(text);
    let is_certain = addresses.iter().any(|address| has_usual_domain(address));
    let without_space: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if is_address(text.trim()) {
        return (Mistake::EmailWhiteSpace, first(char::is_whitespace));
    }
    let has_space = without_space.len() < text.len();
    if has_space && is_address(&without_space) && !(is_certain && is_one_of_several_words(text)) {
        return (Mistake::EmailWhiteSpace, first(char::is_whitespace));
    }
    let visible: String = text.chars().filter(|c| !wrapping::is_blank(*c)).collect();
    if !has_space && is_address(&visible) {
        return (Mistake::EmailInvisible, first(is_hidden));
    }
    if let Some((how, decoded)) = decoded_address(text) {
        return (Mistake::EmailEncoded, format!("decoded from {how} it is `{decoded}`"));
    }
    if let Err(IdentityError::EmailLength { bytes }) = Email::new(text)
        && !(bytes <= MAX_DECORATED_BYTES
            && addresses.iter().any(|address| bytes > address.len() && has_usual_domain(address)))
    {
        return (Mistake::EmailLength, format!("it has {}", counted(bytes, "byte")));
    }
    let is_one = text.matches('@').count() == 1;
    let local = text.split('@').next().unwrap_or_default();
    if is_one
        && local.len() > MAX_LOCAL_BYTES
        && is_address(&format!("a{}", text.strip_prefix(local).unwrap_or_default()))
    {
        return (Mistake::EmailLength, format!("it has {} before the @", counted(local.len(), "byte")));
    }
    match &addresses[..] {
        [] => {}
        [address] => return (Mistake::EmailDecorated, format!("the address in it is `{address}`")),
        [address, ..] => {
            return (
                Mistake::EmailDecorated,
                format!("there are {} addresses in it, `{address}` first", addresses.len()),
            );
        }
    }
    (Mistake::EmailShape, shape(text))
}

/// What an address of the usual form has: a dot in its domain, and two letters after the last.
fn has_usual_domain(address: &str) -> bool {
    address.rsplit_once('.').is_some_and(|(before, last)| before.contains('@') && last.chars().count() >= 2)
}

/// Whether one word of a text is an address by itself, and the others are a name. In
/// `ada lovelace@example.com` the space may be a part of the address as well.
fn is_one_of_several_words(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', '\u{a0}', '\n']).filter(|word| !word.is_empty()).collect();
    let is_address = |word: &&str| Email::new(word).is_ok() && has_usual_domain(word);
    let others = || words.iter().filter(|word| !is_address(word));
    let is_name = || {
        words.len() > 2
            || others().any(|word| word.contains(char::is_uppercase) || !word.contains(char::is_alphanumeric))
            || words.first().is_some_and(is_address)
    };
    words.iter().any(is_address) && is_name()
}

/// What is said of a text that is no address in any way.
fn shape(text: &str) -> String {
    let ats = text.matches('@').count();
    if let Some(other) = text.chars().find(|c| matches!(c, '＠' | '﹫')).filter(|_| ats == 0) {
        return format!("it has {other} (U+{:04X}) instead of @", u32::from(other));
    }
    match ats {
        0 => "there is no @ in it".to_owned(),
        1 if text.starts_with('@') => "nothing is before the @".to_owned(),
        1 if text.ends_with('@') => "nothing is after the @".to_owned(),
        1 if text.contains("..") || text.contains("@.") => "a part of the domain is empty".to_owned(),
        1 => match Email::new(text) {
            Err(IdentityError::EmailCharacter { position }) => {
                let c = text.chars().nth(position).unwrap_or_default();
                format!(
                    "at position {position} is `{c}` (U+{:04X}), which no address has there",
                    u32::from(c)
                )
            }
            _ => "a part of it is empty or too long".to_owned(),
        },
        _ => format!("there are {ats} @ in it"),
    }
}

/// The address that comes out when a text is decoded.
fn decoded_address(text: &str) -> Option<(&'static str, String)> {
    let is_address = |text: &String| Email::new(text).is_ok();
    let html = || Some(("HTML", encoded::html(text).filter(is_address)?));
    let url = || Some(("a URL", encoded::percent(text).filter(is_address)?));
    let escapes = || Some(("`\\u` escapes", encoded::unicode_escapes(text).filter(is_address)?));
    let is_usual = |text: &String| is_address(text) && has_usual_domain(text);
    let base64 = || Some(("base64", text_in_base64(text).filter(is_usual)?));
    html().or_else(url).or_else(escapes).or_else(base64)
}

/// What base64 decodes to. (An address has characters that base64 has not.)
fn text_in_base64(text: &str) -> Option<String> {
    let bytes = (!text.contains(['@', '.'])).then(|| segments::decode_loosely(text))??;
    String::from_utf8(bytes).ok()
}

/// Returns the addresses that come out when a text is decoded.
pub(super) fn encoded_addresses(text: &str) -> Vec<String> {
    let decodings = |text: &str| {
        [encoded::html(text), encoded::percent(text), encoded::unicode_escapes(text)].into_iter().flatten()
    };
    let once: Vec<String> = decodings(text).collect();
    let twice: Vec<String> = once.iter().flat_map(|text| decodings(text)).collect();
    let found = once.iter().chain(&twice).flat_map(|text| embedded(text));
    let in_base64 =
        text_in_base64(text).filter(|inside| text.len() >= 8 && !inside.contains(char::is_control));
    let in_base64 = in_base64.map_or_else(Vec::new, |text| embedded(&text));
    found.chain(in_base64.into_iter().filter(|address| has_usual_domain(address))).collect()
}

/// Returns the addresses in a text, without what decorates them: quotation marks, brackets, names.
pub(super) fn embedded(text: &str) -> Vec<String> {
    let is_local = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'')
            || (!c.is_ascii() && c.is_alphanumeric())
    };
    let is_domain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-') || (!c.is_ascii() && c.is_alphanumeric())
    };
    let mut addresses: Vec<String> = Vec::new();
    for (place, _) in text.match_indices('@').take(MAX_ADDRESSES) {
        let Some((before, after)) = text.split_at_checked(place) else { continue };
        let after = after.strip_prefix('@').unwrap_or(after);
        let local: Vec<char> =
            before.chars().rev().take(MAX_LOCAL_BYTES).take_while(|c| is_local(*c)).collect();
        let local: String = local.into_iter().rev().collect();
        let domain: String = after.chars().take(MAX_EMAIL_BYTES).take_while(|c| is_domain(*c)).collect();
        let next = after.strip_prefix(domain.as_str()).and_then(|rest| rest.chars().next());
        let [local, domain] = [local.trim_matches(['\'', '-']), domain.trim_end_matches(['.', '-'])];
        let address = format!("{local}@{domain}");
        // More of a text that is no domain may follow.
        let ends_there = next.is_none_or(|next| wrapping::is_blank(next) || ">\"'`)]}\\<”»".contains(next));
        let is_apart = before.strip_suffix(local).is_none_or(|before| !before.ends_with('@'));
        let is_address = Email::new(&address).is_ok() && (ends_there || has_usual_domain(&address));
        if next != Some('@') && is_apart && is_address && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}
