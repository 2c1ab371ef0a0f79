//! The HS256 core: bytes in, checked claims out. It reads no clock and does no I/O. This file puts the parts
//! together; the parts do not know each other (only `header` and `claims` read with `base64url` and `json`).
//!
//! | part | what it holds | rules |
//! |---|---|---|
//! | here | the order of the checks, sizes, segments | S1, S2 |
//! | `base64url` | the one strict spelling | S2 |
//! | `header` | the constant header; what another may say | H1 to H5 |
//! | `hs256` | the MAC | M1 |
//! | `json` | an object's recognised members, as raw text | H1, P1, C12 |
//! | `claims` | payload out, payload in | P1, C1 to C12 |
//! | `numeric_date` | seconds, exactly | C3 |

mod base64url;
pub(crate) mod claims;
#[cfg(test)]
mod corpora;
mod header;
pub(crate) mod hs256;
pub(crate) mod json;
pub(crate) mod numeric_date;

use self::{
    claims::{Accepted, Expected},
    hs256::{Key, MAC_BYTES},
};
use crate::{error::VerifyError, id::BotId, identity::Identity};

/// The longest token that is looked at, in bytes (rule S1). The longest that can be signed is shorter.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// The token of `identity`, with these times in seconds since 1970.
pub(crate) fn sign(key: &Key, identity: &Identity, iat: i64, exp: i64, aud: Option<BotId>) -> String {
    let payload = claims::write(identity, iat, exp, aud);
    let payload_len = base64url::encoded_len(payload.len());
    let length = [header::ENCODED.len(), 1, payload_len, 1, base64url::encoded_len(MAC_BYTES)].iter().sum();
    let mut token = String::with_capacity(length);
    token.push_str(header::ENCODED);
    token.push('.');
    base64url::encode_onto(&payload, &mut token);
    let mac = key.mac(token.as_bytes());
    token.push('.');
    base64url::encode_onto(&mac, &mut token);
    token
}

/// Every rule, in the order in which they are written.
pub(crate) fn verify(key: &Key, token: &[u8], expected: Expected) -> Result<Accepted, VerifyError> {
    let payload = open(key, token)?;
    claims::check(&payload, expected)
}

/// The payload of a token whose signature holds: rules S1 to M1, the JWS layer [RFC 7515 section 5.2].
fn open(key: &Key, token: &[u8]) -> Result<Vec<u8>, VerifyError> {
    // S1
    if token.len() > MAX_TOKEN_BYTES {
        return Err(VerifyError::TooLong);
    }
    // S2: three segments, the first two not empty, all of them strict base64url.
    let mut segments = token.split(|byte| *byte == b'.');
    let (Some(header), Some(payload), Some(signature), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return Err(VerifyError::Malformed);
    };
    if header.is_empty() || payload.is_empty() {
        return Err(VerifyError::Malformed);
    }
    let payload = base64url::decode(payload).map_err(|_| VerifyError::Malformed)?;
    let mac = base64url::decode_array(signature).map_err(|_| VerifyError::Malformed)?;
    // H1 to H5
    header::check(header)?;
    // M1: what is signed is the text before the last dot, as it came.
    let signed = token.get(..token.len().saturating_sub(signature.len()).saturating_sub(1));
    match (signed, mac) {
        (Some(signed), Some(mac)) if key.verifies(signed, &mac) => Ok(payload),
        _ => Err(VerifyError::BadSignature),
    }
}
