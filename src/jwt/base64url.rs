//! Base64url without padding [RFC 7515 section 2, RFC 4648 section 5], in its one strict spelling: no padding, no
//! other alphabet, no white space, no stray trailing bits. So one byte string has exactly one encoding, and a
//! token cannot be changed without changing what it says.

use base64::{DecodeSliceError, Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The segment is not strict base64url.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invalid;

/// Appends `bytes`, encoded, to `out`.
pub(crate) fn encode_onto(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// How many characters `bytes` bytes encode to.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// The bytes that `segment` encodes.
pub(crate) fn decode(segment: &[u8]) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| Invalid)
}

/// The `N` bytes that `segment` encodes; `None` where it is well formed but encodes more or fewer.
pub(crate) fn decode_array<const N: usize>(segment: &[u8]) -> Result<Option<[u8; N]>, Invalid> {
    let mut bytes = [0; N];
    match URL_SAFE_NO_PAD.decode_slice(segment, &mut bytes) {
        Ok(length) => Ok((length == N).then_some(bytes)),
        Err(DecodeSliceError::OutputSliceTooSmall) => decode(segment).map(|_| None),
        Err(DecodeSliceError::DecodeError(_)) => Err(Invalid),
    }
}
