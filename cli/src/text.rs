//! Texts that others wrote, made fit to be shown: nothing in a name or an address may move the cursor, change colours or
//! turn the reading direction. And tables.

use std::fmt::Write as _;

/// The text with everything that is no visible character, or turns the reading direction, spelled out as `\u{…}`.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The same for JSON, which stays JSON: such a character can stand within a string only.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A string takes everything.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Control characters, and what Unicode calls format characters: zero-width, bidirectional, tags; line separators too.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text on the command line looks like a key, a token, or an address with a password.
pub(crate) fn may_hold_secret(text: &str) -> bool {
    let has_key = text.split(|c: char| !c.is_ascii_hexdigit()).any(|digits| digits.len() >= 64);
    has_key || text.contains("eyJ") || text.contains("://")
}

/// A column's texts are at its right edge if they are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of equally many columns, as lines: two spaces between the columns, nothing at the end.
pub(crate) fn table<const COLUMNS: usize>(
    rows: &[[String; COLUMNS]],
    align: [Align; COLUMNS],
) -> Vec<String> {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).zip(align).map(|((cell, width), align)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
