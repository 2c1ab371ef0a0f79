//! What is around a token, or was done to the whole of it: a prefix, quotation marks, an encoding, white
//! space.

use super::{
    decoding, encoded,
    mistake::Mistake,
    segments::{self, counted},
};
use crate::hidden::is_hidden;

/// One layer that comes off: which mistake it is, what was seen, and what is inside.
pub(super) struct Layer(pub(super) Mistake, pub(super) String, pub(super) String);

/// Returns whether a character is white space or hidden.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_hidden(c)
}

/// The characters of a token.
pub(super) const fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The characters of a token in any base64.
pub(super) const fn is_base64_or_dot(c: char) -> bool {
    is_token_character(c) || matches!(c, '+' | '/' | '=')
}

/// Says what is beside a token.
pub(super) fn describe_surroundings(before: &str, after: &str) -> String {
    let named = |text: &str| match text.chars().count() {
        _ if text == "\u{feff}" => "a byte order mark".to_owned(),
        count if count > 8 && text.chars().all(is_blank) => counted(count, "blank character"),
        _ => format!("`{text}`"),
    };
    match (before, after) {
        (before, "") => format!("before it is {}", named(before)),
        ("", after) => format!("after it is {}", named(after)),
        (before, after) => format!("around it are {} and {}", named(before), named(after)),
    }
}

/// Removes white space at both ends, also where it is written as `\n`.
pub(super) fn trimmed(text: &str) -> &str {
    const WRITTEN: &[&str] = &["&nbsp;", "\\r\\n", "\\n", "\\r", "\\t", "%0A", "%0a", "%0D", "%0d"];
    let mut inside = text.trim_matches(is_blank);
    while let Some(rest) = WRITTEN.iter().find_map(|end| inside.strip_suffix(end)) {
        inside = rest.trim_matches(is_blank);
    }
    inside
}

/// White space, a line end or a hidden character around the token.
pub(super) fn blanks(text: &str) -> Option<Layer> {
    let inside = trimmed(text);
    // White space around a text that has white space inside belongs to that.
    let is_mark = inside.ends_with([';', ',', ')', '}', ']', '>', '|', '&']);
    if inside == text || inside.is_empty() || is_mark || inside.contains(is_blank) {
        return None;
    }
    // So does what is around `TOKEN=…` and a line end.
    if !inside.starts_with("eyJ")
        && prefix(inside).is_none()
        && quotes(inside).is_none()
        && surroundings(inside).is_some()
    {
        return None;
    }
    let (before, after) = text.split_once(inside)?;
    Some(Layer(Mistake::WhiteSpaceAround, describe_surroundings(before, after), inside.to_owned()))
}

/// `Bearer `, with or without the header's name.
pub(super) fn prefix(text: &str) -> Option<Layer> {
    const SCHEMES: &[&str] = &["authorization", "bearer", "jwt", "token", "basic"];
    let mut rest = text;
    for scheme in SCHEMES.iter().chain(SCHEMES) {
        let Some((start, after)) = rest.split_at_checked(scheme.len()) else { continue };
        let separators: &[char] = if matches!(*scheme, "authorization" | "bearer") {
            &[':', '+', '=', ' ', '_', '-', ',']
        } else {
            &[]
        };
        let inside = after.trim_start_matches(|c: char| is_blank(c) || separators.contains(&c));
        let inside = inside.strip_prefix("%20").unwrap_or(inside);
        let is_header = matches!(*scheme, "authorization" | "bearer");
        let is_token = inside.trim_start_matches(['"', '\'']).starts_with("eyJ");
        let is_separate = is_token && (is_header || inside.len() < after.len());
        let is_separate = is_separate || (is_header && inside.len() < after.len());
        if start.eq_ignore_ascii_case(scheme) && is_separate {
            rest = inside;
        }
    }
    let seen = || describe_surroundings(text.strip_suffix(rest).unwrap_or_default(), "");
    (rest.len() < text.len()).then(|| Layer(Mistake::BearerPrefix, seen(), rest.to_owned()))
}

/// Python's `b'…'` and `bytearray(b'…')`.
pub(super) fn python_bytes(text: &str) -> Option<Layer> {
    let inside = text.strip_prefix("bytearray(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let inside = inside.strip_prefix(['b', 'B'])?;
    let quotes = ["'", "\"", "&#39;", "&#x27;", "&quot;", "&#34;", "\\'", "\\\"", "%27", "%22"];
    let (quote, inside) = quotes.iter().find_map(|quote| Some((quote, inside.strip_prefix(quote)?)))?;
    let inside = inside.strip_suffix(quote)?;
    let seen = format!("around it are `b{quote}` and `{quote}`, as Python prints bytes");
    inside.starts_with("eyJ").then(|| Layer(Mistake::BytesPrinted, seen, inside.to_owned()))
}

/// Python's `b'…'` around one of the three segments.
pub(super) fn bytes_segment(text: &str) -> Option<Layer> {
    let bare = |segment: &str| {
        let pairs = [("b'", '\''), ("b\"", '"')];
        let inside =
            pairs.iter().find_map(|(open, close)| segment.strip_prefix(open)?.strip_suffix(*close))?;
        inside.chars().all(is_base64_or_dot).then(|| inside.to_owned())
    };
    let segments: Vec<&str> = text.split('.').collect();
    let place = segments.iter().position(|segment| bare(segment).is_some_and(|inside| inside.len() >= 20))?;
    let bare: Vec<String> =
        segments.iter().map(|segment| bare(segment).unwrap_or_else(|| (*segment).to_owned())).collect();
    let name = ["first", "second", "third"].get(place)?;
    let seen = format!("around the {name} segment are `b` and quotation marks, as Python prints bytes");
    let token = bare.join(".");
    is_token(&token).then_some(Layer(Mistake::BytesPrinted, seen, token))
}

/// Bytes or quotation marks around each of the three segments.
pub(super) fn quoted_segments(text: &str) -> Option<Layer> {
    const AROUND: &[(&str, &str, Mistake)] = &[
        ("b'", "'", Mistake::BytesPrinted),
        ("b\"", "\"", Mistake::BytesPrinted),
        ("'", "'", Mistake::Quoted),
        ("\"", "\"", Mistake::Quoted),
    ];
    AROUND.iter().find_map(|(open, close, mistake)| {
        let inside = text.strip_prefix(open)?.strip_suffix(close)?;
        let between = format!("{close}.{open}");
        let token = inside.replace(&between, ".");
        let seen = format!("around each segment are `{open}` and `{close}`");
        (inside.contains(&between) && is_token(&token)).then_some(Layer(*mistake, seen, token))
    })
}

/// Quotation marks of all kinds, also such as are written as an HTML entity.
pub(super) fn quotes(text: &str) -> Option<Layer> {
    const QUOTES: &[&str] = &[
        "\\\"", "\\'", "&quot;", "&apos;", "&#34;", "&#39;", "&#x22;", "&#x27;", "&#039;", "\"", "'", "`",
        "“", "”", "‘", "’", "„", "«", "»", "‹", "›", "´",
    ];
    let mut inside = text;
    let mut found = Vec::new();
    while let Some(quote) = QUOTES
        .iter()
        .find(|quote| inside.starts_with(**quote) || inside.ends_with(**quote))
        .filter(|_| python_bytes(inside).is_none())
    {
        let rest = inside.strip_prefix(quote).unwrap_or(inside);
        inside = rest.strip_suffix(quote).unwrap_or(rest);
        if !found.contains(quote) {
            found.push(*quote);
        }
    }
    let marks = if found.len() == 1 { "mark" } else { "marks" };
    let seen = || format!("the quotation {marks} {}", found.join(" and "));
    // A quotation mark at the end of a longer text belongs to that.
    let is_all =
        inside.starts_with("eyJ") || !inside.contains(|c: char| is_blank(c) || matches!(c, '"' | '\''));
    let is_all = is_all
        || python_bytes(inside).is_some()
        || inside.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("bearer"));
    (!found.is_empty() && is_all).then(|| Layer(Mistake::Quoted, seen(), inside.to_owned()))
}

/// `%2E` and its like, once or twice; and HTML entities.
pub(super) fn escapes(text: &str) -> Option<Layer> {
    let counted = counted(text.matches('%').count(), "percent escape");
    let layer = |seen: String, inside| Layer(Mistake::UrlEncoded, seen, inside);
    if let Some(inside) = encoded::percent(text) {
        return Some(match encoded::percent(&inside) {
            Some(twice) => layer(format!("{counted}, encoded twice"), twice),
            None => layer(counted, inside),
        });
    }
    let has_token = |inside: &String| inside.contains("eyJ") && inside.starts_with(['e', '{', '[', '"']);
    if let Some(inside) = encoded::html(text).filter(has_token) {
        return Some(layer("HTML entities in it".to_owned(), inside));
    }
    let inside = encoded::unicode_escapes(text).filter(|inside| inside.contains("eyJ"))?;
    Some(Layer(Mistake::EncodedTwice, "its characters are written as `\\u` escapes".to_owned(), inside))
}

/// The dots between the segments as another character, or as white space.
pub(super) fn other_dots(text: &str) -> Option<Layer> {
    let dot = text.chars().find(|c| !is_token_character(*c) && !matches!(c, '+' | '/' | '='))?;
    let segments: Vec<&str> = text.split(dot).map(str::trim).collect();
    let [header, payload, signature] = segments[..] else { return None };
    let is_header = segments::decode_object(header).is_some_and(|header| header.get("alg").is_some());
    if text.contains('.') || !is_header || segments::decode_object(payload).is_none() || signature.is_empty()
    {
        return None;
    }
    let inside = segments.join(".");
    let what = if is_blank(dot) { "white space".to_owned() } else { format!("`{dot}`") };
    Some(Layer(Mistake::SegmentCount, format!("{what} is in the place of the two dots"), inside))
}

/// Spaces in the place of `+`, as a form or a query reads it: with `+` all three segments decode.
pub(super) fn spaces_for_plus(text: &str) -> Option<Layer> {
    let text = text.trim_matches(['\r', '\n', '\t']);
    let count = text.matches(' ').count();
    let inside = text.replace(' ', "+");
    let is_whole = |text: &str| {
        let signature = text.rsplit('.').next().and_then(segments::decode_loosely);
        let payload = text.split('.').nth(1).and_then(segments::decode_object);
        is_token(text) && payload.is_some() && signature.is_some_and(|bytes| bytes.len() == 32)
    };
    let is_meant = count > 0 && inside.chars().all(is_base64_or_dot) && is_whole(&inside);
    let seen = format!("{} in the place of `+`, as a form or a URL reads it", counted(count, "space"));
    (is_meant && !is_whole(&text.replace(' ', ""))).then_some(Layer(Mistake::StandardBase64, seen, inside))
}

/// White space and hidden characters within the token.
pub(super) fn blanks_inside(text: &str) -> Option<Layer> {
    let lines = text.matches('\n').count();
    let found = text.chars().filter(|c| is_blank(*c)).count();
    let inside: String = text.chars().filter(|c| !is_blank(*c)).collect();
    // A word that is a whole token has nothing inside it.
    let has_token = text
        .split(is_blank)
        .any(|word| word.find("eyJ").and_then(|start| word.get(start..)).is_some_and(is_token));
    if found == 0 || has_token || !inside.chars().all(is_base64_or_dot) {
        return None;
    }
    let lines = match lines {
        0 => String::new(),
        _ if lines == found => ": line breaks".to_owned(),
        _ => format!(", {lines} of them line feeds"),
    };
    let seen = format!("{} inside it{lines}", counted(found, "character"));
    Some(Layer(Mistake::WhiteSpaceInside, seen, inside))
}

/// Tags that break a line, within the token.
pub(super) fn tags_inside(text: &str) -> Option<Layer> {
    const TAGS: [&str; 5] = ["<br>", "<br/>", "<br />", "<wbr>", "<wbr/>"];
    let found = TAGS.iter().filter(|tag| text.contains(**tag));
    let (inside, tags) = found.fold((text.to_owned(), Vec::new()), |(text, mut tags), tag| {
        tags.push(*tag);
        (text.replace(tag, ""), tags)
    });
    let seen = format!("inside it is {}", tags.join(" and "));
    let is_inside = !tags.is_empty() && is_token(&inside) && inside.chars().all(is_base64_or_dot);
    (is_inside && !text.split(['<', '>']).any(is_token)).then_some(Layer(
        Mistake::WhiteSpaceInside,
        seen,
        inside,
    ))
}

/// Whether a text has three segments, and the first is a header.
pub(super) fn is_token(text: &str) -> bool {
    let segments: Vec<&str> = text.split('.').collect();
    let header = segments.first().and_then(|header| segments::decode_object(header));
    segments.len() == 3 && header.is_some_and(|header| header.get("alg").is_some())
}

/// One word with an ellipsis after it, as pages show while they load.
pub(super) fn is_word_with_ellipsis(text: &str) -> bool {
    let word = text.strip_suffix("...").or_else(|| text.strip_suffix('…')).unwrap_or_default();
    (2..=20).contains(&word.chars().count())
        && !word.starts_with("eyJ")
        && word.chars().all(char::is_alphabetic)
}

/// Says how a token was shortened or masked for display.
pub(super) fn shortened(text: &str) -> Option<String> {
    const MARKS: &[(&str, &str)] = &[
        ("…", "an ellipsis"),
        ("...", "an ellipsis"),
        ("***", "stars"),
        ("•••", "dots"),
        ("xxxxxxxx", "a row of x"),
        ("########", "a row of #"),
        ("[redacted", ""),
        ("<redacted", ""),
        ("[filtered", ""),
        ("[truncated", ""),
        ("<truncated", ""),
        ("[hidden", ""),
        ("<hidden", ""),
        ("[masked", ""),
        ("<masked", ""),
        ("more char", "a note that more follows"),
    ];
    // `Loading…` is a word.
    let lower = Some(text.to_ascii_lowercase()).filter(|_| !is_word_with_ellipsis(text))?;
    // Rows of letters are in long texts anyway.
    let is_row = |mark: &str| mark.starts_with(['x', '#']) && text.len() > 1000;
    let (mark, what) = MARKS.iter().find(|(mark, _)| lower.contains(mark) && !is_row(mark))?;
    // A word is quoted as it is written.
    let word = lower.find(mark).and_then(|start| text.get(start..))?;
    let word = word.get(..=mark.len()).filter(|word| word.ends_with([']', '>'])).or(word.get(..mark.len()))?;
    let what = if what.is_empty() { format!("`{word}`") } else { (*what).to_owned() };
    Some(format!("{what} in a text of {}", counted(text.chars().count(), "character")))
}

/// A token in other text: a tag, an address, a line of code.
pub(super) fn surroundings(text: &str) -> Option<Layer> {
    let start = text.find("eyJ")?;
    let (before, rest) = text.split_at_checked(start)?;
    let end = rest.find(|c: char| !is_base64_or_dot(c)).unwrap_or(rest.len());
    let (inside, after) = rest.split_at_checked(end)?;
    // A slash right after a signature belongs to an address.
    let signature = inside.rsplit('.').next().unwrap_or_default();
    let slash = signature.find('/').filter(|place| *place == 43 && is_token(inside));
    let length =
        inside.len().saturating_sub(signature.len()).saturating_add(slash.unwrap_or(signature.len()));
    let (inside, after) =
        rest.split_at_checked(length).filter(|_| slash.is_some()).unwrap_or((inside, after));
    let starts_there = before.ends_with(|c: char| !is_token_character(c));
    let is_whole = {
        let segments: Vec<&str> = inside.split('.').collect();
        segments.len() == 3
            && matches!(segments.last().map(|signature| signature.len()), Some(43 | 44 | 64 | 86))
    };
    // A header with something before its JSON is a header all the same.
    let is_header = || {
        let first = text.split('.').next().and_then(segments::decode_loosely);
        first.is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok())
    };
    let is_apart = starts_there || before.is_empty() || (is_whole && is_token(inside) && !is_header());
    let is_inside = inside.contains('.') && is_apart;
    let ends_there = after.is_empty() || starts_there || is_whole || is_rest(after);
    if !is_inside || !ends_there || (before.is_empty() && after.is_empty()) {
        return None;
    }
    // A full stop ends a sentence, not a token.
    let sentence =
        inside.strip_suffix('.').filter(|inside| inside.matches('.').count() == 2).unwrap_or(inside);
    // An answer of which the end is missing.
    let is_json = before.starts_with(['{', '[']) && before.ends_with(":\"") && after.is_empty();
    let mistake = if is_json { Mistake::JsonWrapper } else { Mistake::SurroundingText };
    Some(Layer(mistake, describe_surroundings(before, after), sentence.to_owned()))
}

/// Whether what follows a token is something else rather than a character of it that was damaged.
fn is_rest(after: &str) -> bool {
    after.starts_with([';', ',', '&', '"', '\'', '<', '>', ')', ']', '}', '?', '#', ' ', '|'])
}

/// The text that bytes are, in UTF-8 or UTF-16.
fn text_of_bytes(bytes: Vec<u8>) -> Option<String> {
    decoding::wide(&bytes).map(|(_, text)| text).or_else(|| String::from_utf8(bytes).ok())
}

/// The token, something with a token in it, or claims, in base64, in hexadecimal digits, or as escapes.
pub(super) fn encoded_twice(text: &str) -> Option<Layer> {
    let layer = |how: &str, inside: String| {
        Layer(Mistake::EncodedTwice, format!("decoded from {how} it is a text with a token in it"), inside)
    };
    let has_token =
        |inside: &String| inside.contains("eyJ") && (inside.contains('.') || inside.starts_with("eyJ"));
    let digits =
        ["\\x", "0x", "0X", "x'"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let digits = digits.trim_end_matches('\'');
    if digits.len() >= 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let inside = hex::decode(digits).ok().and_then(text_of_bytes)?;
        return has_token(&inside).then(|| layer("hexadecimal digits", inside));
    }
    if text.contains('.') {
        return None;
    }
    let text = text.strip_prefix("data:text/plain;base64,").unwrap_or(text);
    let text: String = text.chars().filter(|c| !is_blank(*c)).collect();
    let base32 = || String::from_utf8(decoding::decode_base32(&text)?).ok();
    if let Some(inside) = base32().filter(has_token) {
        return Some(layer("base32", inside));
    }
    let decode = |text: &str| text_of_bytes(segments::decode_loosely(text)?);
    let once = decode(&text)?;
    if has_token(&once) {
        return Some(layer("base64", once));
    }
    let twice = decode(&once).filter(has_token)?;
    Some(layer("base64, twice,", twice))
}
