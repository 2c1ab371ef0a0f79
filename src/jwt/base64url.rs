//! Base64url without padding [RFC 7515 section 2, RFC 4648 section 5], in its one strict spelling: no
//! padding, no other alphabet, no white space, no stray trailing bits. So one byte string has exactly one
//! encoding, and a token cannot be changed without changing what it says.

use base64::{Engine as _, engine::general_purpose::NO_PAD};

/// The segment is not strict base64url.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invalid;

/// Encodes and decodes many bytes at once where the processor can.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static ENGINE: std::sync::LazyLock<base64::engine::Simd> =
    std::sync::LazyLock::new(|| base64::engine::Simd::url_safe(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static ENGINE: base64::engine::GeneralPurpose =
    base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD);

/// From how many bytes on the engine encodes many at once.
pub(crate) const MIN_PARALLEL_LEN: usize = 128;

/// How many characters `bytes` bytes encode to.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// Writes `bytes`, encoded, to the beginning of `out`, which must have room for [`encoded_len`] characters.
#[expect(clippy::expect_used, reason = "its one caller makes the room")]
pub(crate) fn encode(bytes: &[u8], out: &mut [u8]) {
    ENGINE.encode_slice(bytes, out).expect("room for the encoded bytes");
}

/// The bytes that `segment` encodes, written to the beginning of `out` if they fit.
pub(crate) fn decode<'a>(segment: &[u8], out: &'a mut [u8]) -> Result<&'a [u8], Invalid> {
    let length = ENGINE.decode_slice(segment, out).map_err(|_| Invalid)?;
    out.get(..length).ok_or(Invalid)
}

/// The `N` bytes that `segment` encodes; `None` where it is well formed but encodes more or fewer.
pub(crate) fn decode_array<const N: usize>(segment: &[u8]) -> Result<Option<[u8; N]>, Invalid> {
    if segment.len() != encoded_len(N) {
        return decode_owned(segment).map(|_| None);
    }
    let mut bytes = [0; N];
    decode(segment, &mut bytes)?;
    Ok(Some(bytes))
}

/// The bytes that `segment` encodes, in a place of their own.
pub(crate) fn decode_owned(segment: &[u8]) -> Result<Vec<u8>, Invalid> {
    ENGINE.decode(segment).map_err(|_| Invalid)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The engine that works on many bytes at once says what the one says that does not.
        #[test]
        fn is_base64url(
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            place in any::<prop::sample::Index>(),
            character: u8,
        ) {
            let expected = URL_SAFE_NO_PAD.encode(&bytes);
            let mut text = vec![b'.'; encoded_len(bytes.len())];
            encode(&bytes, &mut text);
            prop_assert_eq!(&text, expected.as_bytes());
            prop_assert_eq!(decode_owned(&text), Ok(bytes));
            // One character is another, or there is one less.
            if !text.is_empty() {
                let place = place.index(text.len());
                text[place] = character;
                prop_assert_eq!(decode_owned(&text), URL_SAFE_NO_PAD.decode(&text).map_err(|_| Invalid));
                text.remove(place);
                prop_assert_eq!(decode_owned(&text), URL_SAFE_NO_PAD.decode(&text).map_err(|_| Invalid));
            }
        }
    }
}
