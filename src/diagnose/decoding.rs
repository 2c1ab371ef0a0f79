//! Base64, strictly and loosely, the bytes of Windows-1252, and text in other encodings than UTF-8.

use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD, URL_SAFE_NO_PAD},
};

/// Strict base64url.
pub(super) fn decode_strictly(segment: &str) -> Option<Vec<u8>> {
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

/// Base32 [RFC 4648 section 6], with padding or without, as far as it goes.
pub(super) fn decode_base32(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit.saturating_sub(b'A'),
            b'2'..=b'7' => digit.saturating_sub(b'2').saturating_add(26),
            _ => return None,
        };
        // At most 12 bits are kept.
        bits = ((bits & 0x7f) << 5) | u32::from(value);
        count = count.saturating_add(5);
        if let Some(left) = count.checked_sub(8) {
            count = left;
            bytes.push(u8::try_from((bits >> left) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// The byte that is printed as this number, signed or not.
pub(super) fn byte_of_number(digits: &str) -> Option<u8> {
    let number: i16 = digits.parse().ok()?;
    u8::try_from(number.rem_euclid(256)).ok().filter(|_| (-128..256).contains(&number))
}

/// The byte that is read as this character, in Latin-1 or in Windows-1252.
pub(super) fn byte_of(c: char) -> Option<u8> {
    u8::try_from(u32::from(c)).ok().or_else(|| (0x80..=0x9f).find(|byte| windows_1252(*byte) == c))
}

/// As browsers read a byte of Latin-1 (WHATWG Encoding, index windows-1252).
pub(super) fn windows_1252(byte: u8) -> char {
    const ROW: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let in_row = byte.checked_sub(0x80).and_then(|place| ROW.get(usize::from(place)));
    in_row.copied().unwrap_or(char::from(byte))
}

/// Decodes UTF-16 and UTF-32, with or without a byte order mark. `None` if it is neither.
pub(super) fn wide(bytes: &[u8]) -> Option<(&'static str, String)> {
    let zeros = |width: usize, place: usize| {
        let mut chunks = bytes.chunks_exact(width).take(64).skip(1).peekable();
        chunks.peek().is_some() && chunks.all(|chunk| chunk.get(place) == Some(&0))
    };
    let is_marked = |mark: &[u8]| bytes.starts_with(mark);
    if bytes.len() < 4 {
        return None;
    }
    if zeros(4, 1) && zeros(4, 2) && (zeros(4, 3) || zeros(4, 0)) {
        let is_little = zeros(4, 3);
        let text = bytes.chunks_exact(4).filter_map(|four| {
            let four: [u8; 4] = four.try_into().ok()?;
            char::from_u32(if is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
        });
        let text: String = text.collect();
        return Some(("UTF-32", text.trim_start_matches('\u{feff}').to_owned()));
    }
    let (name, is_little) = if is_marked(&[0xff, 0xfe]) || zeros(2, 1) {
        ("UTF-16 (little-endian)", true)
    } else if is_marked(&[0xfe, 0xff]) || zeros(2, 0) {
        ("UTF-16 (big-endian)", false)
    } else {
        return None;
    };
    // A NUL may be missing at the end.
    let units = bytes.chunks(2).filter_map(|two| {
        let two = [*two.first()?, two.get(1).copied().unwrap_or(0)];
        Some(if is_little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    });
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some((name, text.trim_start_matches('\u{feff}').to_owned()))
}
