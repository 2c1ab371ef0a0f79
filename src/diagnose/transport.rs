//! What is around a token that was presented: taken off layer by layer, each layer a finding.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    bytes, decoding, failure,
    finding::Findings,
    joined,
    known::Known,
    mac_reading,
    mistake::Mistake,
    object::Object,
    place, printed,
    segments::{self, Segments, counted},
    token_in_json::{self, InJson},
    work::Work,
    wrapping::{self, Layer},
};
use crate::jwt::MAX_TOKEN_BYTES;

/// More layers than any mistake has.
const MAX_LAYERS: usize = 8;

/// A pasted text longer than this is not unwrapped, so that no paste costs much.
const MAX_BYTES: usize = 8 * MAX_TOKEN_BYTES;

/// What one look at a text says.
enum Layering {
    /// Something is around the token.
    Around(Layer),
    /// There is no token in it.
    Nothing(Mistake, String),
    /// Nothing but the alphabets of base64, and dots.
    Bare,
}

/// Returns the segments of the token in what was presented, or `None` if there is none to go on with.
pub(super) fn unwrap(
    presented: &[u8],
    known: &Known<'_>,
    work: &Work,
    findings: &mut Findings<'_>,
) -> Option<Segments> {
    let is_too_long = presented.len() > MAX_TOKEN_BYTES;
    let (layers, end) = peel(presented, known);
    // What is in the token's place is the whole cause, but for a prefix that would be there next time as
    // well.
    let nothing = if let End::Nothing(mistake, seen) = &end { Some((*mistake, seen)) } else { None };
    if let Some((mistake, seen)) = nothing {
        findings.refused(mistake, seen);
    }
    for Layer(mistake, seen, _) in &layers {
        if nothing.is_none() || *mistake == Mistake::BearerPrefix {
            findings.refused(*mistake, seen);
        }
    }
    let segments = match end {
        End::Token(text, raw) => {
            let long = text.len() > MAX_TOKEN_BYTES;
            let segments = segments::take_apart(&text, &raw, known, work, findings);
            if long || (is_too_long && !findings.explain("too_long")) {
                findings.refused(Mistake::TooLong, length(presented));
            }
            return segments;
        }
        End::Nothing(..) | End::Unread => None,
    };
    if is_too_long && !findings.explain("too_long") {
        findings.refused(Mistake::TooLong, length(presented));
    }
    segments
}

/// UTF-16 of which each byte was read as a character, known by its byte order mark.
fn read_as_latin(text: &str) -> Option<(&'static str, String)> {
    let bytes = text.starts_with(['ÿ', 'þ']).then(|| text.chars().map(|c| u8::try_from(u32::from(c)).ok()));
    decoding::wide(&bytes?.collect::<Option<Vec<u8>>>()?)
}

/// What is there when all layers are off.
enum End {
    /// The text of a token, and the same text before white space was taken out of it.
    Token(String, String),
    Nothing(Mistake, String),
    /// It is not looked into.
    Unread,
}

/// The caller may have cut a longer input.
fn length(presented: &[u8]) -> String {
    let more = if presented.len() > MAX_BYTES { "more than " } else { "" };
    format!("{more}{}", counted(presented.len().min(MAX_BYTES), "byte"))
}

fn peel(presented: &[u8], known: &Known<'_>) -> (Vec<Layer>, End) {
    let mut layers: Vec<Layer> = Vec::new();
    if presented.len() > MAX_BYTES {
        let start = presented.get(..MAX_TOKEN_BYTES).unwrap_or_default();
        let page = failure::page_or_message(&String::from_utf8_lossy(start));
        return (layers, page.map_or(End::Unread, |(mistake, seen)| End::Nothing(mistake, seen)));
    }
    let mut text = if let Some((encoding, text)) = decoding::wide(presented) {
        let seen = format!("every character takes more than one byte: {encoding}");
        layers.push(Layer(Mistake::Utf16, seen, String::new()));
        // The end of a file in that encoding is no mistake of its own.
        text.trim_end_matches(['\r', '\n', '\0']).to_owned()
    } else {
        match std::str::from_utf8(presented) {
            Ok(text) => match read_as_latin(text) {
                Some((encoding, text)) => {
                    let seen = format!("its bytes were read as Latin-1 and are {encoding}");
                    layers.push(Layer(Mistake::Utf16, seen, String::new()));
                    text.trim_end_matches(['\r', '\n', '\0']).to_owned()
                }
                None => text.to_owned(),
            },
            Err(error) => {
                let compressed = presented.starts_with(&[0x1f, 0x8b]) || presented.starts_with(&[0x78, 0x9c]);
                let seen = match error.valid_up_to() {
                    _ if compressed => "it begins as compressed data does (gzip, zlib)".to_owned(),
                    position => format!("byte {position} is not UTF-8"),
                };
                return (layers, End::Nothing(Mistake::NotText, seen));
            }
        }
    };
    let mut raw = text.clone();
    for _ in 0..MAX_LAYERS {
        match outermost_layer(&text, known) {
            Layering::Around(layer) => {
                if layer.0 != Mistake::WhiteSpaceInside {
                    raw.clone_from(&layer.2);
                }
                text.clone_from(&layer.2);
                if layers.last().is_none_or(|last| last.0 != layer.0) {
                    layers.push(layer);
                }
            }
            Layering::Nothing(mistake, seen) => return (layers, End::Nothing(mistake, seen)),
            Layering::Bare => return (layers, End::Token(text, raw)),
        }
    }
    (layers, End::Unread)
}

fn outermost_layer(text: &str, known: &Known<'_>) -> Layering {
    let inside = wrapping::trimmed(text);
    if inside.is_empty() {
        return Layering::Nothing(Mistake::Empty, format!("the text `{text}`"));
    }
    if let Some(layer) = listed_signature(inside) {
        return Layering::Around(layer);
    }
    if has_printed_signature(inside) {
        return labelled_signature(inside).map_or(Layering::Bare, Layering::Around);
    }
    if let Some(seen) = plain_segment(inside) {
        return Layering::Nothing(Mistake::NotBase64Url, seen);
    }
    if let Some(decoded) = token_in_json::claims_in_plain_json(inside) {
        return Layering::Nothing(Mistake::TokenDecoded, decoded);
    }
    match token_in_json::find_token_in_json(inside) {
        // A list of bytes is JSON as well.
        Some(InJson::Nothing(mistake, seen)) => {
            return bytes::listed(inside).map_or(Layering::Nothing(mistake, seen), Layering::Around);
        }
        Some(InJson::Token(layer)) => return Layering::Around(layer),
        None => {}
    }
    let whole = joined::marked_lines(inside)
        .or_else(|| joined::dotted(inside))
        .or_else(|| bytes::listed(inside))
        .or_else(|| token_in_json::printed(inside))
        .or_else(|| joined::twice(inside))
        .or_else(|| wrapping::encoded_twice(inside));
    if let Some(layer) = whole {
        return Layering::Around(layer);
    }
    if let Some(layer) = wrapping::bytes_segment(inside) {
        return Layering::Around(layer);
    }
    if let Some((place, what)) = missing_segment(inside) {
        return Layering::Nothing(Mistake::Undefined, format!("the {place} segment is {what}"));
    }
    // What is in the token's place may have a prefix of its own.
    let prefix =
        wrapping::prefix(inside).filter(|layer| place::what_replaces_the_token(&layer.2, known).is_some());
    if let Some(layer) = prefix {
        return Layering::Around(layer);
    }
    if let Some((mistake, seen)) = place::what_replaces_the_token(inside, known) {
        return Layering::Nothing(mistake, seen);
    }
    let around = |look: fn(&str) -> Option<Layer>| move || look(text);
    let layer = wrapping::spaces_for_plus(text)
        .or_else(around(wrapping::blanks))
        .or_else(around(wrapping::prefix))
        .or_else(around(wrapping::quoted_segments))
        .or_else(around(wrapping::python_bytes))
        .or_else(around(wrapping::quotes))
        .or_else(|| {
            (!text.contains('%') || !joined::has_whole_unescaped(text)).then(|| wrapping::escapes(text))?
        })
        .or_else(around(wrapping::other_dots))
        .or_else(around(wrapping::blanks_inside))
        .or_else(around(wrapping::tags_inside));
    if let Some(layer) = layer {
        return Layering::Around(layer);
    }
    if let Some(seen) = wrapping::shortened(text).filter(|_| !joined::has_whole(text)) {
        return Layering::Nothing(Mistake::Elided, seen);
    }
    wrapping::surroundings(text).map(Layering::Around).or_else(|| damaged(text)).unwrap_or(Layering::Bare)
}

/// A header or a payload that is JSON as it is, before or after segments in base64url.
fn plain_segment(text: &str) -> Option<String> {
    let (name, json) = if text.starts_with('{') {
        let (json, rest) = text.split_once("}.")?;
        let is_payload = rest.split('.').next().and_then(segments::decode_object).is_some();
        ("first", json.strip_prefix('{').filter(|_| is_payload)?)
    } else {
        let (header, rest) = text.split_once(".{")?;
        segments::decode_object(header)?;
        ("second", rest.rsplit_once("}.")?.0)
    };
    Object::read(&format!("{{{json}}}"))?;
    Some(format!("the {name} segment is JSON that was not encoded: {{{json}}}"))
}

/// A missing value or a printed object in the place of one of the segments, or in base64 in that of the
/// signature.
fn missing_segment(text: &str) -> Option<(&'static str, String)> {
    /// What .NET prints for bytes has a dot of its own.
    const BYTES: &str = "System.Byte[]";
    let one_word = text.replace(BYTES, "null");
    let segments: Vec<&str> = one_word.splitn(3, '.').collect();
    let is_missing = |segment: &str| {
        !segment.contains("eyJ")
            && (printed::is_missing_text(segment) || printed::printed_object(segment).is_some())
    };
    let is_bytes = |segment: &str| segment.starts_with("b'") || segment.starts_with("b\"");
    let is_no_segment = |segment: &str| {
        is_missing(segment) || matches!(segment, "true" | "false") || (is_bytes(segment) && !is_bytes(text))
    };
    let is_good = |segment: &&str| segments::decode_object(segment).is_some();
    if segments.len() != 3 || !segments.iter().any(is_good) {
        return None;
    }
    let mut places = ["first", "second", "third"].into_iter().zip(&segments);
    let named = |what: &str| if one_word == text { what.to_owned() } else { BYTES.to_owned() };
    let found = places.find(|(_, segment)| is_no_segment(segment));
    let encoded = || {
        let signature = segments::decode_loosely(segments.get(2)?)?;
        String::from_utf8(signature)
            .ok()
            .filter(|text| is_missing(text) || matches!(text.as_str(), "true" | "false"))
    };
    found
        .map(|(place, what)| (place, format!("`{}`", named(what))))
        .or_else(|| Some(("third", format!("base64 of `{}`", encoded()?))))
}

/// Whether the third segment is a signature that was printed with something between its bytes.
fn has_printed_signature(text: &str) -> bool {
    let (before, signature) = text.rsplit_once('.').unwrap_or_default();
    let is_padded = signature.ends_with('=');
    signature.contains([':', ' ', '='])
        && !is_padded
        && mac_reading::is_hexadecimal(signature)
        && before.matches('.').count() == 1
        && before.chars().all(wrapping::is_token_character)
}

/// A third segment that is the bytes of a signature as a program prints a list of them.
fn listed_signature(text: &str) -> Option<Layer> {
    let (header, rest) = text.split_once('.')?;
    let (payload, signature) = rest.split_once('.')?;
    let is_payload = segments::decode_object(header).is_some() && segments::decode_object(payload).is_some();
    let mac = is_payload.then(|| mac_reading::listed_mac(signature)).flatten()?;
    let token = format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(mac));
    Some(Layer(Mistake::SignatureReencoded, "it is a list of the numbers of its bytes".to_owned(), token))
}

/// What a program prints before or after the digits of a signature.
fn labelled_signature(text: &str) -> Option<Layer> {
    let (before, signature) = text.rsplit_once('.')?;
    let digits = mac_reading::without_label(signature).trim();
    let seen = if signature.contains('=') && !signature.contains("= ") {
        "it is hexadecimal digits with a label before them, as webhooks have"
    } else if signature.contains('=') {
        "it is hexadecimal digits, as `openssl dgst` prints them without `-binary`"
    } else if signature.ends_with(['-', '*']) {
        "it is hexadecimal digits with `-` or `*` after them, as `sha256sum` prints them"
    } else {
        "it is hexadecimal digits with a blank before them"
    };
    let seen = seen.to_owned();
    (digits.len() < signature.len())
        .then(|| Layer(Mistake::SignatureHex, seen, format!("{before}.{}", digits.replace([':', ' '], ""))))
}

/// A character that is in no alphabet of base64.
fn damaged(text: &str) -> Option<Layering> {
    let is_good = |c: char| wrapping::is_token_character(c) || matches!(c, '+' | '/' | '=');
    let (position, character) = text.chars().enumerate().find(|(_, c)| !is_good(*c))?;
    // A text without the form of a token is something else.
    let has_form = text.matches('.').count() == 2 && text.len() >= 60;
    if !has_form && !text.to_ascii_lowercase().contains("eyj") {
        return Some(Layering::Nothing(Mistake::OtherValue, format!("the text `{text}`")));
    }
    let seen = format!("at position {position} is `{character}` (U+{:04X})", u32::from(character));
    Some(Layering::Nothing(Mistake::NotBase64Url, seen))
}
