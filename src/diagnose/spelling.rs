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
    (0x0430, 0x0430, 0x61, 1),    // Cyrillic а, е and с
    (0x0435, 0x0435, 0x65, 1),
    (0x0441, 0x0441, 0x63, 1),
    (0x09e6, 0x09ef, 0x30, 10),   // Bengali
    (0x0e50, 0x0e59, 0x30, 10),   // Thai
    (0x2070, 0x2079, 0x30, 10),   // superscripts, but for those of Latin-1
    (0x2460, 0x2468, 0x31, 9),    // in circles
    (0x24ea, 0x24ea, 0x30, 1),    // the zero of those
    (0x2776, 0x277e, 0x31, 9),    // in black circles
    (0x1fbf0, 0x1fbf9, 0x30, 10), // as on a display of segments
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
pub(super) fn spelled_bytes(text: &[u8], at_least: usize) -> Vec<Bytes> {
    let plain = to_bytes(text);
    let digits = digits(&plain);
    let mut inside =
        vec![unescaped(&plain), numbers(&plain), numbers_of_32_bits(&plain), without_offsets(&plain)];
    inside.extend([digits_in_groups(&plain, 8, 3), digits_in_groups(&plain, 2, 8)]);
    for start in 0..2 {
        let pairs = digits.get(start..).unwrap_or_default();
        inside.extend(hex::decode(pairs.get(..pairs.len() & !1).unwrap_or_default()));
    }
    inside.extend(base64(&plain, at_least));
    inside.extend(base32(&plain, at_least));
    inside.extend([digits, plain]);
    inside.retain(|inside| inside.len() >= at_least && inside != text);
    inside.into_iter().map(Zeroizing::new).collect()
}

/// The characters of a text as bytes. Characters that are no byte are left out, such as the invisible
/// ones.
fn to_bytes(text: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(text) else { return text.to_vec() };
    let is_superscript = text.contains(|c: char| matches!(c, '\u{2070}'..='\u{2079}'));
    let byte = |c: char| match c {
        '¹' if is_superscript => Some(b'1'),
        '²' if is_superscript => Some(b'2'),
        '³' if is_superscript => Some(b'3'),
        _ => byte(c),
    };
    text.chars().filter_map(byte).collect()
}

/// A character of Latin-1 or Windows-1252, or a digit or letter in another style.
fn byte(c: char) -> Option<u8> {
    let number = u32::from(c);
    let styled = STYLED.iter().find(|(first, last, ..)| (*first..=*last).contains(&number));
    let Some((first, _, means, row)) = styled else { return decoding::byte_of(c) };
    let place = number.checked_sub(*first)?.checked_rem(*row)?;
    // Small letters follow capitals in a row of both, with six others between them in ASCII.
    let number = means.checked_add(place)?.checked_add(if *row == 52 && place >= 26 { 6 } else { 0 })?;
    u8::try_from(number).ok()
}

/// A hexadecimal digit in small letters, also one that was typed as the letter that looks like it.
pub(super) const fn folded(byte: u8) -> u8 {
    match byte {
        b'o' | b'O' => b'0',
        b'l' | b'I' => b'1',
        _ => byte.to_ascii_lowercase(),
    }
}

/// The hexadecimal digits alone, without the `0x` before some. After it a digit alone is a byte.
fn digits(text: &[u8]) -> Vec<u8> {
    let mut digits = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = if let (b'0', [b'x' | b'X', after @ ..]) = (first, after) {
            if after.iter().take_while(|digit| digit.is_ascii_hexdigit()).count() == 1 {
                digits.push(b'0');
            }
            after
        } else {
            digits.extend(Some(folded(*first)).filter(u8::is_ascii_hexdigit));
            after
        };
    }
    digits
}

/// The numbers that are bytes, signed or not.
fn numbers(text: &[u8]) -> Vec<u8> {
    let number = |digits: &[u8]| decoding::byte_of_number(std::str::from_utf8(digits).ok()?);
    text.split(|byte| !byte.is_ascii_digit() && *byte != b'-').filter_map(number).collect()
}

/// The bytes of numbers of 32 bits, signed or not, as `CryptoJS` keeps bytes.
fn numbers_of_32_bits(text: &[u8]) -> Vec<u8> {
    let word = |digits: &[u8]| {
        let number: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let number = i32::try_from(number).map(i32::cast_unsigned).or_else(|_| u32::try_from(number));
        number.ok().map(u32::to_be_bytes)
    };
    let numbers = text.split(|byte| !byte.is_ascii_digit() && *byte != b'-').filter_map(word);
    numbers.flatten().collect()
}

/// The bytes that are written in this base, in so many digits each.
fn digits_in_groups(text: &[u8], base: u32, length: usize) -> Vec<u8> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(base);
    let runs = text.split(|byte| !byte.is_ascii_alphanumeric());
    let runs = runs.filter(|run| run.len().checked_rem(length) == Some(0) && run.iter().all(is_digit));
    let byte = |group: &[u8]| u8::from_str_radix(std::str::from_utf8(group).ok()?, base).ok();
    runs.flat_map(|run| run.chunks(length)).filter_map(byte).collect()
}

/// Lines of bytes without the places before them and the column of text after them, as `xxd` and `hexdump`
/// write those.
fn without_offsets(text: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(text) else { return Vec::new() };
    let mut bytes = String::new();
    for line in text.lines() {
        let line = line.trim();
        let line = line.split_once('|').map_or(line, |(line, _)| line).trim_end();
        let line =
            line.rsplit_once("  ").filter(|(_, last)| !last.contains(' ')).map_or(line, |(line, _)| line);
        for (place, word) in line.split_whitespace().enumerate() {
            let word = word.rsplit(':').next().unwrap_or(word);
            // `hexdump` writes no colon.
            if place > 0 || word.len() < 7 || !line.contains(' ') {
                bytes.push_str(word);
            }
        }
    }
    bytes.into_bytes()
}

/// Escapes of one letter, of JSON and of C, and what is meant.
const LETTERS: &[(u8, u8)] = &[
    (b'n', b'\n'),
    (b'r', b'\r'),
    (b't', b'\t'),
    (b'b', 8),
    (b'f', 12),
    (b'v', 11),
    (b'a', 7),
    (b'e', 27),
    (b'0', 0),
    (b'"', b'"'),
    (b'\'', b'\''),
    (b'/', b'/'),
    (b'\\', b'\\'),
];

/// With what is meant in the place of every escape.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut unescaped = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some((character, after)) = ESCAPES.iter().find_map(|escape| escaped(rest, escape)) {
            match byte(character) {
                Some(byte) => unescaped.push(byte),
                None => unescaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            rest = after;
        } else if let Some((meant, after)) = escaped_letter(rest) {
            unescaped.push(meant);
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
    (before, base, max_digits, after): &(&str, u32, usize, &str),
) -> Option<(char, &'t [u8])> {
    let text = text.strip_prefix(before.as_bytes())?;
    let is_digit = |byte: &u8| char::from(*byte).is_digit(*base);
    let count = text.iter().take(*max_digits).take_while(|byte| is_digit(byte)).count();
    if count == 0 || (after.is_empty() && count < *max_digits) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(count)?;
    let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, *base).ok()?;
    Some((char::from_u32(number)?, rest.strip_prefix(after.as_bytes())?))
}

/// What an escape of one letter at the beginning of a text means, and the rest of the text.
fn escaped_letter(text: &[u8]) -> Option<(u8, &[u8])> {
    let [b'\\', letter, rest @ ..] = text else { return None };
    let (_, meant) = LETTERS.iter().find(|(known, _)| known == letter)?;
    Some((*meant, rest))
}

/// What base32 in a text decodes to, in any case of letters.
fn base32(text: &[u8], at_least: usize) -> Vec<Vec<u8>> {
    let is_base32 = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7');
    let joined: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let runs = joined
        .split(|byte| !is_base32(byte))
        .filter(|run| run.len().saturating_mul(5).div_euclid(8) >= at_least);
    let starts = runs.flat_map(|run| (0..8).filter_map(|start| std::str::from_utf8(run.get(start..)?).ok()));
    starts.filter_map(|digits| decoding::decode_base32(&digits.to_ascii_uppercase())).collect()
}

/// What base64 in a text decodes to, over line ends and with something of the same alphabet before it.
pub(super) fn base64(text: &[u8], at_least: usize) -> Vec<Vec<u8>> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let joined: Vec<u8> =
        text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0).collect();
    let runs = joined.split(|byte| !is_base64(byte)).filter(|run| run.len() > at_least);
    let starts = runs.flat_map(|run| (0..4).filter_map(|start| std::str::from_utf8(run.get(start..)?).ok()));
    starts.filter_map(decoding::decode_loosely).collect()
}
