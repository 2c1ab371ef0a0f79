//! What a text may spell: bytes and texts that are written in it by other characters.

use zeroize::Zeroizing;

use super::{decoding, work::Bytes};

/// Digits and letters of other widths and styles: the first and the last of a row, what the first one is, and
/// after how many the row begins again.
const STYLED: &[(u32, u32, u32, u32)] = &[
    (0xff01, 0xff5e, 0x21, 94),   // full-width
    (0x1d7ce, 0x1d7ff, 0x30, 10), // mathematical digits, in five styles
    (0x1d400, 0x1d6a3, 0x41, 52), // mathematical letters, in thirteen styles
    (0x2080, 0x2089, 0x30, 10),   // subscripts
    (0x24d0, 0x24e9, 0x61, 26),   // in circles
    (0x0660, 0x0669, 0x30, 10),   // Arabic
    (0x06f0, 0x06f9, 0x30, 10),   // Persian
    (0x0966, 0x096f, 0x30, 10),   // Devanagari
];

/// Escapes of a character: what comes before its number, the number's base, its most digits, and what comes
/// after it. Where nothing comes after it, it has all of its digits.
const ESCAPES: &[(&str, u32, usize, &str)] = &[
    ("\\u{", 16, 6, "}"),
    ("\\u", 16, 4, ""),
    ("\\x", 16, 2, ""),
    ("\\", 8, 3, ""),
    ("%u", 16, 4, ""),
    ("%", 16, 2, ""),
    ("&#x", 16, 6, ";"),
    ("&#", 10, 7, ";"),
    ("U+", 16, 4, ""),
    ("=", 16, 2, ""),
];

/// What a text may spell, in one step, if that has at least so many bytes.
pub(super) fn inside(text: &[u8], at_least: usize) -> Vec<Bytes> {
    let plain = plain(text);
    let digits = digits(&plain);
    let mut inside = vec![unescaped(&plain), numbers(&plain)];
    for start in 0..2 {
        let pairs = digits.get(start..).unwrap_or_default();
        inside.extend(hex::decode(pairs.get(..pairs.len() & !1).unwrap_or_default()));
    }
    inside.extend(base64(&plain, at_least));
    inside.extend([digits, plain]);
    inside.retain(|inside| inside.len() >= at_least && inside != text);
    inside.into_iter().map(Zeroizing::new).collect()
}

/// The characters of a text as bytes: those of Latin-1, and digits and letters in other styles. All others
/// are left out, the invisible ones above all.
fn plain(text: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(text) else { return text.to_vec() };
    let byte = |c: char| {
        let number = u32::from(c);
        let styled = STYLED.iter().find(|(first, last, ..)| (*first..=*last).contains(&number));
        let number = match styled {
            Some((first, _, means, row)) => {
                let place = number.checked_sub(*first)?.checked_rem(*row)?;
                // Small letters follow capitals in a row of both, with six others between them in ASCII.
                means.checked_add(place)?.checked_add(if *row == 52 && place >= 26 { 6 } else { 0 })?
            }
            None => number,
        };
        u8::try_from(number).ok()
    };
    text.chars().filter_map(byte).collect()
}

/// The hexadecimal digits alone, without the `0x` before some.
fn digits(text: &[u8]) -> Vec<u8> {
    let mut digits = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = if let (b'0', [b'x' | b'X', after @ ..]) = (first, after) {
            after
        } else {
            digits.extend(first.is_ascii_hexdigit().then_some(*first));
            after
        };
    }
    digits
}

/// The numbers that are bytes, signed or not.
fn numbers(text: &[u8]) -> Vec<u8> {
    let number = |digits: &[u8]| {
        let number: i16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        u8::try_from(number.rem_euclid(256)).ok().filter(|_| (-128..256).contains(&number))
    };
    text.split(|byte| !byte.is_ascii_digit() && *byte != b'-').filter_map(number).collect()
}

/// With every escape in the place of which a character is meant.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut unescaped = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some((character, after)) = ESCAPES.iter().find_map(|escape| escaped(rest, escape)) {
            unescaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
        } else if let [b'\\', b'n' | b'r' | b't', after @ ..] = rest {
            unescaped.push(b' ');
            rest = after;
        } else {
            unescaped.push(*first);
            rest = after;
        }
    }
    unescaped
}

/// The character that is escaped so at the beginning of a text, and the rest of the text.
fn escaped<'t>(
    text: &'t [u8],
    (before, base, most, after): &(&str, u32, usize, &str),
) -> Option<(char, &'t [u8])> {
    let text = text.strip_prefix(before.as_bytes())?;
    let is_digit = |byte: &u8| char::from(*byte).is_digit(*base);
    let count = text.iter().take(*most).take_while(|byte| is_digit(byte)).count();
    if count == 0 || (after.is_empty() && count < *most) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(count)?;
    let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, *base).ok()?;
    Some((char::from_u32(number)?, rest.strip_prefix(after.as_bytes())?))
}

/// What base64 in a text decodes to, over line ends and with something of the same alphabet before it.
fn base64(text: &[u8], at_least: usize) -> Vec<Vec<u8>> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let joined: Vec<u8> =
        text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0).collect();
    let runs = joined.split(|byte| !is_base64(byte)).filter(|run| run.len() > at_least);
    let starts = runs.flat_map(|run| (0..4).filter_map(|start| std::str::from_utf8(run.get(start..)?).ok()));
    starts.filter_map(decoding::decode_loosely).collect()
}
