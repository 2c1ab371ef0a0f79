//! The core's base64url, which works on many bytes at once, says what one bit after the other says.
//! Planted: the oracle takes bits that are left over.
#![no_main]

#[allow(dead_code, unreachable_pub, reason = "the core uses more of it")]
#[path = "../../src/jwt/base64url.rs"]
mod base64url;

use fuzz::{oracle, planted};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first byte says what the rest is: a text, or bytes whose text has one character changed.
    let Some((how, rest)) = data.split_first() else { return };
    let segment = if how % 2 == 0 {
        rest.to_vec()
    } else {
        let Some(([place, character, length], bytes)) = rest.split_first_chunk() else { return };
        let mut bytes = bytes.to_vec();
        if how % 4 == 1 {
            // Long enough for the code that works on many bytes.
            bytes = bytes.iter().copied().cycle().take(usize::from(*length) * bytes.len().min(4)).collect();
        }
        let text = oracle::base64url::encode(&bytes);
        let mut out = vec![b'.'; base64url::encoded_len(bytes.len())];
        base64url::encode(&bytes, &mut out);
        assert_eq!(out, text.as_bytes(), "{bytes:?}");
        assert_eq!(base64url::decode_owned(&out).as_ref(), Ok(&bytes));
        let place = usize::from(*place) * out.len() / 256;
        if let Some(changed) = out.get_mut(place) {
            *changed = *character;
        }
        out
    };
    let expected = oracle::base64url::decode(&segment, planted());
    let shown = String::from_utf8_lossy(&segment);
    assert_eq!(base64url::decode_owned(&segment).ok(), expected, "{shown}");
    let mut room = [0; 256];
    let in_room = base64url::decode(&segment, &mut room).ok();
    if segment.len() <= base64url::encoded_len(room_bytes()) {
        assert_eq!(in_room, expected.as_deref(), "{shown}");
    } else {
        assert!(in_room.is_none_or(|bytes| Some(bytes) == expected.as_deref()), "{shown}");
    }
    let array = base64url::decode_array::<32>(&segment).ok();
    let fits = expected.map(|bytes| <[u8; 32]>::try_from(bytes).ok());
    assert_eq!(array, fits, "{shown}");
});

/// How many bytes there is room for.
const fn room_bytes() -> usize {
    256
}
