//! A token as the numbers of its bytes.

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
