//! The three segments of a token, once everything around them is gone: rule S2, and what breaks it.

pub(super) use super::decoding::{decode_loosely, decode_strictly};
use super::{
    attempt::Attempt, finding::Findings, known::Known, mac_reading, mistake::Mistake, object::Object,
    work::Work,
};
use crate::jwt::MAX_TOKEN_BYTES;

/// The characters of an HS256 signature: 32 bytes in base64url.
const SIGNATURE: usize = 43;

/// More texts that may be a token are not looked at.
const MAX_STARTS: usize = 20;

/// The three segments, as far as they can be told.
#[derive(Debug)]
pub(super) struct Segments {
    pub(super) header: String,
    pub(super) payload: String,
    pub(super) signature: String,
    /// Spellings of the first two under which the token may have been signed.
    pub(super) signed: Vec<String>,
}

/// The JSON object that a segment holds.
pub(super) fn decode_object(segment: &str) -> Option<Object> {
    Object::read(&String::from_utf8(decode_loosely(segment)?).ok()?)
}

/// Whether one of the first words that begin as tokens do has three segments, of which the first is a header.
pub(super) fn holds_token(text: &str) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-_.+/=".contains(c);
    text.match_indices("eyJ").take(MAX_STARTS).any(|(start, _)| {
        let rest = text.get(start..).unwrap_or_default();
        let word = rest.split(|c| !is_of_token(c)).next().unwrap_or_default();
        let header = word.split('.').next().and_then(decode_object);
        word.split('.').count() == 3 && header.is_some_and(|header| header.get("alg").is_some())
    })
}

/// Takes a text of the alphabets of base64 and dots apart; `None` if there is nothing to go on with. `raw` is
/// the text before white space was taken out of it.
pub(super) fn take_apart(
    text: &str,
    raw: &str,
    known: &Known<'_>,
    work: &Work,
    findings: &mut Findings<'_>,
) -> Option<Segments> {
    let segments: Vec<&str> = text.split('.').collect();
    let is_header = |segment: &str| decode_object(segment).is_some_and(|header| header.get("alg").is_some());
    match segments[..] {
        ["", "", ""] => {
            findings.refused(Mistake::SegmentCount, "three segments, all of them empty");
            None
        }
        [header, "", signature] if !header.is_empty() => {
            let seen = format!(
                "the second segment is empty; the third has {}",
                counted(signature.len(), "character")
            );
            findings.refused(Mistake::PayloadEmpty, seen);
            None
        }
        [header, payload, signature, ""] if is_header(header) && signature.len() == SIGNATURE => {
            findings.refused(Mistake::SurroundingText, "after it is `.`");
            let text = text.trim_end_matches('.');
            Some(three(text, text, [header, payload, signature], known, work, findings))
        }
        ["", payload, _] => {
            let seen =
                format!("the first segment is empty; the second has {}", counted(payload.len(), "character"));
            findings.refused(Mistake::HeaderNotJson, seen);
            None
        }
        [header, payload, signature] => {
            Some(three(text, raw, [header, payload, signature], known, work, findings))
        }
        [header, payload] if is_header(header) && decode_object(payload).is_some() => {
            findings
                .refused(Mistake::SignatureMissing, "two segments, the header and the claims, and no more");
            Some(three(&format!("{text}."), &format!("{raw}."), [header, payload, ""], known, work, findings))
        }
        [header, bytes] if is_header(header) && is_signature(bytes) => {
            let seen = "two segments, a header and 32 bytes as of a signature; the payload is missing";
            findings.refused(Mistake::SegmentCount, seen);
            None
        }
        [header, _] if is_header(header) => {
            findings.refused(Mistake::Truncated, cut_at(text, "the token ends within its second segment"));
            None
        }
        [claims, _] if decode_object(claims).is_some() => {
            findings.refused(
                Mistake::SegmentCount,
                "two segments, the claims and a signature; the header is missing",
            );
            None
        }
        [header] if is_header(header) => {
            findings.refused(Mistake::Truncated, cut_at(text, "the token ends with its first segment"));
            None
        }
        [claims] if decode_object(claims).is_some() => {
            let seen = "the claims alone in base64, without a header and a signature";
            findings.refused(Mistake::ClaimsUnsigned, seen);
            None
        }
        [one] if one.starts_with("eyJ") => {
            // A second segment begins as the first does.
            if one.get(3..).is_some_and(|rest| rest.contains("eyJ")) {
                findings
                    .refused(Mistake::SegmentCount, "one segment; the dots between the three are missing");
            } else {
                findings.refused(Mistake::Truncated, cut_at(text, "the token ends within its first segment"));
            }
            None
        }
        [header, _, _, _, _] if is_encrypted(header) => {
            let named = |name| decode_object(header).and_then(|header| header.text(name)).unwrap_or_default();
            let seen = format!("five segments; alg is `{}` and enc is `{}`", named("alg"), named("enc"));
            findings.refused(Mistake::Encrypted, seen);
            None
        }
        [one] if one.len() != SIGNATURE && one.len() <= MAX_TOKEN_BYTES => {
            let is_compressed = decode_loosely(one).is_some_and(|bytes| bytes.starts_with(&[0x1f, 0x8b]));
            // No digit and none of a to f is before the quote, and nothing after it: with one of them, 31
            // digits of a secret would look like 32.
            let seen = if is_compressed {
                "decoded as base64 it begins as compressed data does".to_owned()
            } else {
                format!("only this: `{one}`")
            };
            findings.refused(Mistake::OtherValue, seen);
            None
        }
        _ => {
            let empty = segments.iter().filter(|segment| segment.is_empty()).count();
            let seen = match empty {
                0 if segments.len() == 1 => {
                    "one segment, as long as a signature: there is no dot in it".to_owned()
                }
                0 => counted(segments.len(), "segment"),
                empty => format!("{}, {empty} of them empty", counted(segments.len(), "segment")),
            };
            findings.refused(Mistake::SegmentCount, seen);
            None
        }
    }
}

/// Whether a segment is the bytes of an HS256 signature, and not the beginning of a payload.
fn is_signature(segment: &str) -> bool {
    let is_mac = |bytes: Vec<u8>| bytes.len() == 32 && !bytes.starts_with(b"{");
    segment.len() == SIGNATURE && decode_strictly(segment).is_some_and(is_mac)
}

/// Whether a header belongs to a JWE, which has an algorithm for its content.
fn is_encrypted(header: &str) -> bool {
    decode_object(header).is_some_and(|header| header.get("enc").is_some())
}

/// Repairs the spelling of three segments.
fn three(
    text: &str,
    raw: &str,
    presented: [&str; 3],
    known: &Known<'_>,
    work: &Work,
    findings: &mut Findings<'_>,
) -> Segments {
    let signed_part = |text: &str| text.rsplit_once('.').map_or(text, |(signed, _)| signed).to_owned();
    let mut signed = vec![signed_part(text)];
    let other = text.matches(['+', '/']).count();
    if other > 0 && !findings.found(Mistake::StandardBase64) {
        findings.refused(Mistake::StandardBase64, format!("+ or / is in it {}", counted(other, "time")));
    }
    let padding = text.matches('=').count();
    if padding > 0 {
        findings.refused(Mistake::Padding, format!("= is in it {}", counted(padding, "time")));
    }
    let repaired = presented.map(|segment| segment.replace('=', "").replace('+', "-").replace('/', "_"));
    let [header, payload, signature] = in_order(repaired, findings);
    for usual in [format!("{header}.{payload}"), signed_part(raw), signed_part(raw).trim_end().to_owned()] {
        if !signed.contains(&usual) {
            signed.push(usual);
        }
    }
    let mut segments = Segments { header, payload, signature, signed };
    if is_one_case(text) {
        let seen = format!("there is no letter of the other case among {}", counted(text.len(), "character"));
        findings.refused(Mistake::CaseChanged, seen);
    } else if let Some(missing) = missing_start(&segments.header) {
        let seen = format!(
            "its first {} missing",
            if missing == 1 { "character is".to_owned() } else { format!("{missing} characters are") }
        );
        findings.refused(Mistake::Truncated, seen);
    } else if !has_more(&mut segments, known, work, findings) && !check_end(text, &segments, findings) {
        for (name, segment) in
            [("first", &segments.header), ("second", &segments.payload), ("third", &segments.signature)]
        {
            // A printed MAC is named by what it is.
            if decode_strictly(segment).is_none() && !(name == "third" && mac_reading::is_printed(segment)) {
                let seen = format!(
                    "the {name} segment, of {} characters, is nothing that an encoder writes",
                    segment.len()
                );
                findings.refused(Mistake::NotBase64Url, seen);
            }
        }
    }
    segments
}

/// Whether a token has no letter of one of the two cases, which base64 of this length never is.
fn is_one_case(text: &str) -> bool {
    let letters = || text.bytes().filter(u8::is_ascii_alphabetic);
    letters().count() >= 60
        && (letters().all(|letter| letter.is_ascii_lowercase())
            || letters().all(|letter| letter.is_ascii_uppercase()))
}

/// How many characters are missing at the start of a usual header.
fn missing_start(header: &str) -> Option<usize> {
    const USUAL: &[&str] = &[
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", // {"alg":"HS256","typ":"JWT"}
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9", // {"typ":"JWT","alg":"HS256"}
        "eyJhbGciOiJIUzI1NiJ9",                 // {"alg":"HS256"}
    ];
    let missing = |usual: &&str| usual.strip_suffix(header).map(str::len);
    let found = USUAL.iter().filter_map(missing).find(|missing| *missing > 0);
    found.filter(|_| header.len() >= 4)
}

/// Header, payload, signature: told apart by what they hold, where another order is certain.
fn in_order(segments: [String; 3], findings: &mut Findings<'_>) -> [String; 3] {
    #[derive(Clone, Copy)]
    enum SegmentKind {
        Header,
        Payload,
        Bytes,
    }
    let holds = |segment: &String| match decode_object(segment) {
        Some(object) if object.get("alg").is_some() => SegmentKind::Header,
        Some(_) => SegmentKind::Payload,
        None => SegmentKind::Bytes,
    };
    let found = segments.each_ref().map(holds);
    let [a, b, c] = segments;
    let (places, ordered) = match found {
        [SegmentKind::Payload, SegmentKind::Header, SegmentKind::Bytes] => {
            ("payload, header, signature", [b, a, c])
        }
        [SegmentKind::Bytes, SegmentKind::Header, SegmentKind::Payload] => {
            ("signature, header, payload", [b, c, a])
        }
        [SegmentKind::Header, SegmentKind::Bytes, SegmentKind::Payload] => {
            ("header, signature, payload", [a, c, b])
        }
        [SegmentKind::Bytes, SegmentKind::Payload, SegmentKind::Header] => {
            ("signature, payload, header", [c, b, a])
        }
        [SegmentKind::Payload, SegmentKind::Bytes, SegmentKind::Header] => {
            ("payload, signature, header", [c, a, b])
        }
        _ => return [a, b, c],
    };
    findings.refused(Mistake::SegmentsSwapped, format!("the segments are {places}"));
    ordered
}

/// Whether something comes after a signature that fits; then that is said and taken away.
fn has_more(segments: &mut Segments, known: &Known<'_>, work: &Work, findings: &mut Findings<'_>) -> bool {
    let Some((signature, more)) = segments.signature.split_at_checked(SIGNATURE) else { return false };
    if more.is_empty() || mac_reading::is_hexadecimal(&segments.signature) {
        return false;
    }
    let readings = mac_reading::all(signature);
    let attempt = Attempt::new(&segments.signed, &readings, work);
    if !known.secrets().any(|known| attempt.key(known.secret.expose_secret().as_bytes()).is_some()) {
        return false;
    }
    let count = counted(more.len(), "more character");
    findings
        .refused(Mistake::SurroundingText, format!("after the end of the signature is {count}: `{more}`"));
    segments.signature = signature.to_owned();
    true
}

/// Whether the end of the signature is missing; then that is said.
fn check_end(text: &str, segments: &Segments, findings: &mut Findings<'_>) -> bool {
    let alg = decode_object(&segments.header).and_then(|header| header.text("alg")).unwrap_or_default();
    let alg: String = alg.chars().filter(char::is_ascii_alphanumeric).collect();
    let whole = match alg.to_ascii_uppercase().as_str() {
        "HS256" | "HMACSHA256" | "SHA256" => SIGNATURE,
        "HS384" => 64,
        "HS512" => 86,
        _ => return false,
    };
    let found = segments.signature.len();
    if found == 0 || found >= whole || found == SIGNATURE || mac_reading::may_be_short(&segments.signature) {
        return false;
    }
    let seen =
        format!("the signature has {} instead of {whole}, perhaps cut off", counted(found, "character"));
    findings.refused(Mistake::Truncated, cut_at(text, &seen));
    true
}

/// Where a token was cut, and what is known to cut there.
fn cut_at(text: &str, what: &str) -> String {
    let length = text.len();
    let limit = match length {
        255 | 256 => ", the length of varchar(255) and of many text fields",
        500 | 511 | 512 | 1000 | 1023 | 1024 | 2000 | 2047 | 2048 | 4000 => {
            ", a usual limit of columns and fields"
        }
        3900..=4096 => ", about what a browser keeps in a cookie",
        8190..=MAX_TOKEN_BYTES => ", a usual limit of headers",
        _ => "",
    };
    format!("{what}; all of it has {length} characters{limit}")
}

pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
