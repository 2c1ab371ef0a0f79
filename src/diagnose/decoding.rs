//! Base64, strictly and loosely.

use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD, URL_SAFE_NO_PAD},
};

/// Strict base64url.
pub(super) fn decode(segment: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(segment).ok()
}

/// Any base64 as far as it goes: both alphabets, with padding or without, whatever its last bits are.
pub(super) fn decode_loosely(segment: &str) -> Option<Vec<u8>> {
    const LOOSE: GeneralPurpose =
        GeneralPurpose::new(&alphabet::URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));
    let mut segment = segment.trim_end_matches('=').replace('+', "-").replace('/', "_");
    if segment.len() % 4 == 1 {
        segment.pop();
    }
    LOOSE.decode(segment).ok()
}
