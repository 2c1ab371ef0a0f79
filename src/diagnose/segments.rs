//! The three segments of a token, once everything around them is gone: rule S2, and what breaks it.

pub(super) use super::decoding::{decode, decode_loosely};
use super::{finding::Findings, mac_reading, mistake::Mistake, object::Object};
use crate::jwt::MAX_TOKEN_BYTES;

/// The characters of an HS256 signature: 32 bytes in base64url.
const SIGNATURE: usize = 43;

/// What stands in the place of the three segments.
#[derive(Debug)]
pub(super) struct Segments {
    pub(super) header: String,
    pub(super) payload: String,
    pub(super) signature: String,
    /// Spellings of the first two under which the token may have been signed.
    pub(super) signed: Vec<String>,
}

/// The JSON object that a segment holds.
pub(super) fn object(segment: &str) -> Option<Object> {
    Object::read(&String::from_utf8(decode_loosely(segment)?).ok()?)
}

/// Takes a text of the alphabets of base64 and dots apart; `None` where there is nothing to go on with.
pub(super) fn take_apart(text: &str, findings: &mut Findings<'_>) -> Option<Segments> {
    let segments: Vec<&str> = text.split('.').collect();
    match segments[..] {
        [header, payload, signature] if !header.is_empty() && !payload.is_empty() => {
            Some(three(text, [header, payload, signature], findings))
        }
        [header, payload] if object(header).is_some() && object(payload).is_some() => {
            findings
                .refused(Mistake::SignatureMissing, "two segments, the header and the claims, and no more");
            Some(three(&format!("{text}."), [header, payload, ""], findings))
        }
        [header, _] if object(header).is_some() => {
            findings.refused(Mistake::Truncated, cut_at(text, "the token ends within its second segment"));
            None
        }
        [header] if object(header).is_some() => {
            findings.refused(Mistake::Truncated, cut_at(text, "the token ends within its first segment"));
            None
        }
        [header, _, _, _, _] => {
            let named = |name| object(header).and_then(|header| header.text(name)).unwrap_or_default();
            let seen = format!("five segments; alg is `{}` and enc is `{}`", named("alg"), named("enc"));
            findings.refused(Mistake::Encrypted, seen);
            None
        }
        _ => {
            let empty = segments.iter().filter(|segment| segment.is_empty()).count();
            let seen = format!("{}, {empty} of them empty", counted(segments.len(), "segment"));
            findings.refused(Mistake::SegmentCount, seen);
            None
        }
    }
}

/// Mends what is wrong with the spelling of three segments.
fn three(text: &str, presented: [&str; 3], findings: &mut Findings<'_>) -> Segments {
    let mut signed = vec![text.rsplit_once('.').map_or(text, |(signed, _)| signed).to_owned()];
    let other = text.matches(['+', '/']).count();
    if other > 0 {
        findings.refused(Mistake::StandardBase64, format!("+ or / stands in it {}", counted(other, "time")));
    }
    let padding = text.matches('=').count();
    if padding > 0 {
        findings.refused(Mistake::Padding, format!("= stands in it {}", counted(padding, "time")));
    }
    let mended = presented.map(|segment| segment.replace('=', "").replace('+', "-").replace('/', "_"));
    let [header, payload, signature] = in_order(mended, findings);
    let usual = format!("{header}.{payload}");
    if !signed.contains(&usual) {
        signed.push(usual);
    }
    let segments = Segments { header, payload, signature, signed };
    if !check_end(text, &segments, findings) {
        for (name, segment) in
            [("first", &segments.header), ("second", &segments.payload), ("third", &segments.signature)]
        {
            // A printed MAC is named by what it is.
            if decode(segment).is_none() && !(name == "third" && mac_reading::is_hexadecimal(segment)) {
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

/// Header, payload, signature: told apart by what they hold, where another order is certain.
fn in_order(segments: [String; 3], findings: &mut Findings<'_>) -> [String; 3] {
    #[derive(Clone, Copy)]
    enum Holds {
        Header,
        Payload,
        Bytes,
    }
    let holds = |segment: &String| match object(segment) {
        Some(object) if object.get("alg").is_some() => Holds::Header,
        Some(_) => Holds::Payload,
        None => Holds::Bytes,
    };
    let found = segments.each_ref().map(holds);
    let [a, b, c] = segments;
    let (places, ordered) = match found {
        [Holds::Payload, Holds::Header, Holds::Bytes] => ("payload, header, signature", [b, a, c]),
        [Holds::Bytes, Holds::Header, Holds::Payload] => ("signature, header, payload", [b, c, a]),
        [Holds::Header, Holds::Bytes, Holds::Payload] => ("header, signature, payload", [a, c, b]),
        [Holds::Bytes, Holds::Payload, Holds::Header] => ("signature, payload, header", [c, b, a]),
        [Holds::Payload, Holds::Bytes, Holds::Header] => ("payload, signature, header", [c, a, b]),
        _ => return [a, b, c],
    };
    findings.refused(Mistake::SegmentsSwapped, format!("the segments are {places}"));
    ordered
}

/// Whether the end of the signature is missing; then that is said.
fn check_end(text: &str, segments: &Segments, findings: &mut Findings<'_>) -> bool {
    let alg = object(&segments.header).and_then(|header| header.text("alg"));
    let found = segments.signature.len();
    if alg.as_deref() != Some("HS256")
        || found == 0
        || found >= SIGNATURE
        || mac_reading::may_be_short(&segments.signature)
    {
        return false;
    }
    let seen = format!("the signature has {found} characters instead of {SIGNATURE}");
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
