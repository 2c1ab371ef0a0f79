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
    identity::{self as email, Email, IdentityError, MAX_LOCAL_BYTES},
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
    let (how, addresses) = match encoded::percent(text).map(|decoded| embedded(&decoded)) {
        Some(addresses) if !addresses.is_empty() => ("decoded from a URL, ", addresses),
        _ => ("", embedded(text)),
    };
    let has_usual = addresses.iter().any(|one| has_usual_domain(&one.address));
    let without_space: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if is_address(text.trim()) {
        return (Mistake::EmailWhiteSpace, first(char::is_whitespace));
    }
    let has_space = without_space.len() < text.len();
    if has_space && is_address(&without_space) && !(has_usual && is_one_of_several_words(text)) {
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
            && addresses.iter().any(|one| bytes > one.address.len() && has_usual_domain(&one.address)))
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
    let seen = match &addresses[..] {
        [] => return (Mistake::EmailShape, shape(text)),
        [one] if one.is_certain => format!("{how}the address in it is `{}`", one.address),
        [_] => "more than an address is in it".to_owned(),
        [first, ..] if first.is_certain => {
            format!("{how}there are {} addresses in it, `{}` first", addresses.len(), first.address)
        }
        [..] => format!("{how}there are {} addresses in it", addresses.len()),
    };
    (Mistake::EmailDecorated, seen)
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
    let percent = encoded::percent(text);
    let url = || Some(("a URL", percent.clone().filter(is_address)?));
    let url_twice = || Some(("a URL, twice,", encoded::percent(percent.as_ref()?).filter(is_address)?));
    let slashes =
        || Some(("escapes with `\\`", text.replace("\\'", "'"))).filter(|(_, text)| is_address(text));
    let escapes = || Some(("`\\u` escapes", encoded::unicode_escapes(text).filter(is_address)?));
    let is_usual = |text: &String| is_address(text) && has_usual_domain(text);
    let base64 = || Some(("base64", text_in_base64(text).filter(is_usual)?));
    html().or_else(url).or_else(url_twice).or_else(slashes).or_else(escapes).or_else(base64)
}

/// What base64 decodes to. (An address has characters that base64 has not.)
fn text_in_base64(text: &str) -> Option<String> {
    let bytes = (!text.contains(['@', '.'])).then(|| segments::decode_loosely(text))??;
    String::from_utf8(bytes).ok()
}

/// Returns the addresses that come out when a text is decoded.
pub(super) fn encoded_addresses(text: &str) -> Vec<Embedded> {
    let decodings = |text: &str| {
        [encoded::html(text), encoded::percent(text), encoded::unicode_escapes(text)].into_iter().flatten()
    };
    let once: Vec<String> = decodings(text).collect();
    let twice: Vec<String> = once.iter().flat_map(|text| decodings(text)).collect();
    let found = once.iter().chain(&twice).flat_map(|text| embedded(text));
    let in_base64 =
        text_in_base64(text).filter(|inside| text.len() >= 8 && !inside.contains(char::is_control));
    let in_base64 = in_base64.map_or_else(Vec::new, |text| embedded(&text));
    found.chain(in_base64.into_iter().filter(|one| has_usual_domain(&one.address))).collect()
}

/// An address in a text.
pub(super) struct Embedded {
    pub(super) address: String,
    /// Whether it is certain where it begins. `=`, `/`, `|` and `&` are characters of addresses, but separate
    /// them from other text as well.
    pub(super) is_certain: bool,
}

/// Returns the addresses in a text, without what decorates them: quotation marks, brackets, names.
pub(super) fn embedded(text: &str) -> Vec<Embedded> {
    const SEPARATORS: [char; 4] = ['=', '/', '|', '&'];
    const OPENING: [char; 5] = ['\'', '`', '{', '*', '~'];
    let mut found: Vec<Embedded> = Vec::new();
    for (place, _) in text.match_indices('@').take(MAX_ADDRESSES) {
        let Some((before, after)) = text.split_at_checked(place) else { continue };
        let after = after.strip_prefix('@').unwrap_or(after);
        let outside = before.trim_end_matches(|c| is_of_address(c, email::is_of_local_part));
        let rest = after.trim_start_matches(|c| is_of_address(c, email::is_of_domain));
        let domain = after.strip_suffix(rest).unwrap_or(after).trim_end_matches(['.', '-', '_']);
        let next = rest.chars().next();
        let close = after.strip_prefix(domain).and_then(|rest| rest.chars().next());
        let run = before.strip_prefix(outside).unwrap_or(before);
        let quoted = unquoted(run, close);
        let local = quoted.unwrap_or(run);
        let is_in_brackets = quoted.is_some() || (outside.ends_with('<') && close == Some('>'));
        // What is before the `@` of a URL may be a password.
        let is_certain = !text.contains("://")
            && (is_in_brackets || !local.contains(SEPARATORS))
            && !local.starts_with(OPENING);
        let last = local.rsplit(SEPARATORS).next().unwrap_or(local).trim_start_matches(OPENING);
        let address = format!("{}@{domain}", if is_certain { local } else { last });
        // More of a text that is no domain may follow.
        let ends_there = next.is_none_or(|next| wrapping::is_blank(next) || ">\"'`)]}\\<”»".contains(next));
        let is_address = Email::new(&address).is_ok() && (ends_there || has_usual_domain(&address));
        let is_apart = next != Some('@') && !outside.ends_with('@');
        if is_apart && is_address && !found.iter().any(|one| one.address == address) {
            found.push(Embedded { address, is_certain });
        }
    }
    found
}

/// Returns whether a character may be one of an address in a text: rule C9, but not quotation marks and
/// other symbols beyond ASCII.
fn is_of_address(c: char, is_allowed: fn(char) -> bool) -> bool {
    let is_symbol = matches!(c, '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}'
        | '\u{fe30}'..='\u{ffef}' | '\u{1f000}'..);
    is_allowed(c) && (c.is_alphanumeric() || !is_symbol)
}

/// Removes quotation marks and the like that are on both sides of an address: its local part may begin with
/// them as well.
fn unquoted(local: &str, close: Option<char>) -> Option<&str> {
    const PAIRS: [(&str, char); 9] = [
        ("b'", '\''),
        ("u'", '\''),
        ("'", '\''),
        ("`", '`'),
        ("{", '}'),
        ("*", '*'),
        ("_", '_'),
        ("~", '~'),
        ("|", '|'),
    ];
    let mut pairs = PAIRS.iter().filter(|(_, end)| close == Some(*end));
    pairs.find_map(|(open, _)| local.strip_prefix(open).map(|inside| inside.trim_start_matches(open)))
}
