//! Rule S2's base64url, one bit after the other.

/// Where a character is in the alphabet [RFC 4648 table 2].
fn value(character: u8) -> Option<u32> {
    let value = match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Decodes a segment: no padding, no other character, and zeros in the bits that are left over.
/// `takes_stray_bits` is the planted fault.
pub fn decode(segment: &[u8], takes_stray_bits: bool) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0, 0_u32);
    for &character in segment {
        held = (held << 6) | value(character)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    // Six bits that are left over are a character too many.
    (bits < 6 && (held == 0 || takes_stray_bits)).then_some(bytes)
}

/// Encodes bytes.
pub fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for three in bytes.chunks(3) {
        let held =
            three.iter().fold(0, |held, byte| (held << 8) | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(ALPHABET[(held >> (18 - 6 * place)) & 63]));
        }
    }
    text
}
