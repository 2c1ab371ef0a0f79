//! How an input becomes what is presented, when, and to whom: four bytes, then texts.

use boostgpt_sso::time::{Duration, OffsetDateTime};

use crate::{
    BOT, NOW,
    keys::{HEADER, sign, token},
    oracle::{Expected, base64url::encode},
    text::expand,
};

/// What is presented.
#[derive(Debug)]
pub struct Request {
    pub token: Vec<u8>,
    /// The payload, if it was signed as it is.
    pub payload: Option<Vec<u8>>,
    pub expected: Expected,
}

/// Reads an input; none of too few bytes.
pub fn read(data: &[u8]) -> Option<Request> {
    let [how, skew, near, clock, rest @ ..] = data else { return None };
    let skew = [60, 0, 1, 300][usize::from(skew % 4)];
    let bot = (how & 0x80 != 0).then_some(BOT);
    let now = match near {
        // The ends of what a clock may say, and of what a date can be.
        0xff => {
            let ends =
                [0, 1, 3600, 253_402_300_799 - 3600, 253_402_300_799, 253_402_300_800, -1, -62_135_596_800];
            OffsetDateTime::from_unix_timestamp(ends[usize::from(clock % 8)])
        }
        _ => OffsetDateTime::from_unix_timestamp(NOW + i64::from(i16::from_be_bytes([near & 0x1f, *clock]))),
    };
    let half = Duration::milliseconds(if how & 0x40 == 0 { 0 } else { 500 });
    let now = now.ok()?.checked_add(half)?;

    let mut payload = None;
    let token = match how % 8 {
        // Anything.
        0 => expand(rest),
        // Anything, and a signature that fits.
        1 => sign(expand(rest)),
        // A header and a payload, and a signature that fits.
        2 => {
            let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            let (header, rest) = rest.split_at(end);
            token(&expand(header), &expand(rest.get(1..).unwrap_or_default()))
        }
        // A payload that was changed after it was signed, or its signature.
        3 => {
            let (place, rest) = rest.split_first()?;
            let mut token = token(HEADER.as_bytes(), &expand(rest));
            let place = token.len().checked_sub(1 + usize::from(*place))?;
            token[place] = if token[place] == b'A' { b'B' } else { b'A' };
            token
        }
        // The claims of a token that is accepted, and more of them.
        4 => {
            let more = expand(rest);
            let start = format!(r#"{{"email":"a@b","exp":{},"#, NOW + 1800);
            let whole = [start.as_bytes(), &more, b"}"].concat();
            let token = token(HEADER.as_bytes(), &whole);
            payload = Some(whole);
            token
        }
        // A payload, and a signature that fits.
        _ => {
            let whole = expand(rest);
            let token = sign(format!("{}.{}", encode(HEADER.as_bytes()), encode(&whole)).into_bytes());
            payload = Some(whole);
            token
        }
    };
    Some(Request { token, payload, expected: Expected { now, skew, bot } })
}
