//! The HS256 core: bytes in, checked claims out. It reads no clock and does no I/O. This file puts the parts
//! together; the parts do not know each other (only `header` and `claims` read with `base64url` and
//! `payload`).
//!
//! | part | what it holds | rules |
//! |---|---|---|
//! | here | the order of the checks, sizes, segments | S1, S2 |
//! | `base64url` | the one strict spelling | S2 |
//! | `header` | the constant header; what another may say | H1 to H5 |
//! | `hs256` | the MAC | M1 |
//! | `payload` | the payload that is signed, and a short way to read it | P1, C12 |
//! | `claims` | what a payload must hold to | P1, C1 to C12 |
//! | `numeric_date` | seconds, exactly | C3 |

mod base64url;
pub(crate) mod claims;
#[cfg(test)]
mod corpora;
pub(crate) mod header;
pub(crate) mod hs256;
pub(crate) mod numeric_date;
mod payload;

use memchr::memchr_iter;

use self::{
    base64url::Invalid,
    claims::{Accepted, Expected},
    hs256::{MAC_BYTES, MacKey},
};
use crate::{error::VerifyError, id::BotId, identity::Identity};

/// The longest token that is looked at, in bytes (rule S1). The longest that can be signed is shorter.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// Where the payload of a signed token starts: behind the header and its dot.
const PAYLOAD: usize = header::ENCODED.len() + 1;

/// The encoded signature of every accepted token, and the dot before it.
const DOT_AND_SIGNATURE: usize = 1 + base64url::encoded_len(MAC_BYTES);

/// The token of `identity`, with these times in seconds since 1970.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a few kilobytes at most, for all of which there is room; base64url is ASCII"
)]
pub(crate) fn sign(key: &MacKey, identity: &Identity, iat: i64, exp: i64, aud: Option<BotId>) -> String {
    // One allocation: room for the token, and the payload behind it until it is encoded.
    let payload_len = payload::max_len(identity).max(base64url::MIN_PARALLEL_LEN);
    let room = PAYLOAD + base64url::encoded_len(payload_len) + DOT_AND_SIGNATURE;
    let mut bytes = Vec::with_capacity(room + payload_len);
    bytes.extend_from_slice(header::ENCODED.as_bytes());
    bytes.resize(room, b'.');
    payload::write(identity, iat, exp, aud, &mut bytes);
    let signed = PAYLOAD + base64url::encoded_len(bytes.len() - room);

    // Zeros behind the payload change none of its own characters, and what they become is overwritten.
    bytes.resize(bytes.len().max(room + base64url::MIN_PARALLEL_LEN), 0);
    let (token, payload) = bytes.split_at_mut(room);
    base64url::encode(payload, &mut token[PAYLOAD..]);
    let mac = key.mac(&token[..signed]);
    token[signed] = b'.';
    base64url::encode(&mac, &mut token[signed + 1..]);
    bytes.truncate(signed + DOT_AND_SIGNATURE);
    String::from_utf8(bytes).expect("base64url is ASCII")
}

/// Every rule, in the order in which they are written. `expected` is asked for before the signature is
/// computed.
pub(crate) fn verify(
    key: &MacKey,
    token: &[u8],
    expected: impl FnOnce() -> Result<Expected, VerifyError>,
) -> Result<Accepted, VerifyError> {
    let mut room = Room::default();
    let jws = Jws::read(token, &mut room)?;
    let expected = expected()?;
    claims::check_claims(jws.payload_if_signed(key)?, expected)
}

/// Rules S1 to H5, and the length of the signature: what no key could save.
#[cfg(feature = "store")]
pub(crate) fn check_form(token: &[u8]) -> Result<(), VerifyError> {
    let mut room = Room::default();
    Jws::read(token, &mut room)?.mac.map(drop).ok_or(VerifyError::BadSignature)
}

/// Where a payload is decoded to: the stack, as far as that goes.
struct Room {
    stack: [u8; 256],
    heap: Vec<u8>,
}

impl Default for Room {
    fn default() -> Self {
        Self { stack: [0; 256], heap: Vec::new() }
    }
}

impl Room {
    fn decode(&mut self, payload: &[u8]) -> Result<&[u8], Invalid> {
        if payload.len() <= base64url::encoded_len(self.stack.len()) {
            base64url::decode(payload, &mut self.stack)
        } else {
            self.heap = base64url::decode_owned(payload)?;
            Ok(&self.heap)
        }
    }
}

/// A JWS [RFC 7515 section 5.2] of the right form, its signature not yet checked.
struct Jws<'a> {
    /// The text before the last dot, as it came.
    signed: &'a [u8],
    payload: &'a [u8],
    /// `None` where the signature encodes more or fewer bytes than a MAC has.
    mac: Option<[u8; MAC_BYTES]>,
}

impl<'a> Jws<'a> {
    /// Rules S1 to H5.
    fn read(token: &'a [u8], room: &'a mut Room) -> Result<Self, VerifyError> {
        // S1
        if token.len() > MAX_TOKEN_BYTES {
            return Err(VerifyError::TooLong);
        }
        // S2: three segments, the first two not empty, all of them strict base64url.
        let [signed, header, payload, signature] = segments(token).ok_or(VerifyError::Malformed)?;
        let payload = room.decode(payload).map_err(|Invalid| VerifyError::Malformed)?;
        let mac = base64url::decode_array(signature).map_err(|Invalid| VerifyError::Malformed)?;
        // H1 to H5
        header::check_header(header)?;
        Ok(Self { signed, payload, mac })
    }

    /// M1. Nothing else gives the payload away.
    fn payload_if_signed(&self, key: &MacKey) -> Result<&'a [u8], VerifyError> {
        match self.mac {
            Some(mac) if key.verifies(self.signed, mac) => Ok(self.payload),
            _ => Err(VerifyError::BadSignature),
        }
    }
}

/// What is signed, and the three segments: the first two not empty.
fn segments(token: &[u8]) -> Option<[&[u8]; 4]> {
    // Nearly always the dots are where they are in a signed token. A third one is no base64url.
    if let Some((signed, [b'.', signature @ ..])) = token.split_last_chunk::<DOT_AND_SIGNATURE>()
        && let Some((header, [b'.', payload @ ..])) = signed.split_at_checked(header::ENCODED.len())
        && header == header::ENCODED.as_bytes()
        && !payload.is_empty()
    {
        return Some([signed, header, payload, signature]);
    }
    let mut dots = memchr_iter(b'.', token);
    let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else { return None };
    let (signed, signature) = token.split_at_checked(second)?;
    let (header, payload) = signed.split_at_checked(first)?;
    match (header, payload, signature) {
        ([_, ..], [b'.', payload @ ..], [b'.', signature @ ..]) if !payload.is_empty() => {
            Some([signed, header, payload, signature])
        }
        _ => None,
    }
}
