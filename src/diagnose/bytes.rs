//! A token as the numbers of its bytes, and text in another encoding than UTF-8.

use super::{mistake::Mistake, wrapping::Layer};

/// The bytes of `eyJ`, with which every token begins.
const START: [u8; 3] = *b"eyJ";

/// The fewest numbers that are taken for a token.
const MIN_BYTES: usize = 20;

/// Reads a list of numbers: `[101, 121, 74, …]`, `{"0":101,"1":121,…}`, `<Buffer 65 79 4a …>`, `65-79-4A-…`.
pub(super) fn listed(text: &str) -> Option<Layer> {
    // Entities of HTML are another encoding.
    if text.contains("&#") {
        return None;
    }
    let start = text.get(..text.len().min(400)).unwrap_or(text);
    let is_decimal = start.contains("101") && start.contains("121");
    let is_hexadecimal = start.contains("65") && start.contains("79") && !is_decimal;
    let numbers = if is_decimal {
        decimal(text)
    } else if is_hexadecimal {
        hexadecimal_bytes(text)
    } else {
        return None;
    };
    let bytes = numbers.filter(|bytes| bytes.len() >= MIN_BYTES && bytes.starts_with(&START))?;
    let inside = String::from_utf8(bytes).ok()?;
    let digits = if is_decimal { "decimal numbers" } else { "hexadecimal numbers" };
    let seen = format!("{} {digits}, from `{}` on", inside.len(), text.chars().take(40).collect::<String>());
    Some(Layer(Mistake::BytesPrinted, seen, inside))
}

/// The decimal numbers in a text, without the places before them in `{"0":101}`.
fn decimal(text: &str) -> Option<Vec<u8>> {
    let numbers: Vec<u8> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty() && digits.len() <= 3)
        .map_while(|digits| digits.parse().ok())
        .collect();
    let is_numbered =
        text.contains("\"0\"") || text.contains("'0'") || text.contains("0:") || text.contains("[0] =>");
    if is_numbered {
        // Places have up to four digits: only what follows a colon or an arrow counts.
        let values = text.split([':', '>']).skip(1).map_while(|part| {
            let part = part.trim_start();
            part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse().ok()
        });
        return Some(values.collect());
    }
    let start = numbers.windows(START.len()).take(8).position(|three| three == START)?;
    numbers.get(start..).map(<[u8]>::to_vec)
}

/// The hexadecimal numbers of two digits in a text.
fn hexadecimal_bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("0x", " ").replace("0X", " ").replace("\\x", " ").replace("\\X", " ");
    let is_separator = |c: char| {
        c.is_whitespace()
            || matches!(c, '-' | ':' | ',' | ';' | '[' | ']' | '{' | '}' | '<' | '>' | '(' | ')' | '"' | '\'')
    };
    let groups = text.split(is_separator).filter(|digits| !digits.is_empty());
    let mut groups = groups.skip_while(|digits| !digits.starts_with("65")).peekable();
    groups.peek()?;
    // Groups of two digits, or of eight as macOS prints data. One group alone is another encoding.
    let groups: Vec<Vec<u8>> = groups.map_while(|digits| hex::decode(digits).ok()).collect();
    (groups.len() > 1).then(|| groups.concat())
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
