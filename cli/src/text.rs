//! Texts that others wrote, made fit to be shown: nothing in a name or an address may move the cursor, change
//! colours or turn the reading direction. And what looks like a secret.

use std::fmt::Write as _;

use boostgpt_sso::is_hidden;

/// Whether this character is shown as an escape: every hidden one but the space.
pub(crate) fn is_escaped(c: char) -> bool {
    c != ' ' && is_hidden(c)
}

/// The text with every hidden character but the space spelled out as `\u{…}`.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The same for JSON, which stays JSON: such a character can only be within a string.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if is_escaped(c) {
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

/// How many hexadecimal digits in a row may be part of a key. An id has at most twelve.
const MIN_KEY_DIGITS: usize = 24;
/// How many characters of base64 in a row may be a key: 32 bytes without padding.
const MIN_BASE64: usize = 43;

/// Whether a text on the command line looks like a key or a part of one, a token, or an address with a
/// password.
pub(crate) fn may_hold_secret(text: &str) -> bool {
    let longest_run = |belongs: fn(char) -> bool| {
        text.split(|c: char| !belongs(c)).map(|run| run.chars().count()).max().unwrap_or(0)
    };
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '_' | '-');
    // Digits may be full-width or the like: every script's count.
    longest_run(|c| c.is_ascii_hexdigit() || (!c.is_ascii() && c.is_alphanumeric())) >= MIN_KEY_DIGITS
        || longest_run(is_base64) >= MIN_BASE64
        || text.contains("eyJ")
        || text.contains("://")
        || text.split_once(':').is_some_and(|(_, after)| after.contains('@'))
}
