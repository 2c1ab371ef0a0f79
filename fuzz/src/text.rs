//! How the bytes of an input become a text: most of them as they are, some as the words that JSON, tokens
//! and addresses are made of. So a change of one byte can be a change of one word.

use std::sync::LazyLock;

use crate::{BOT, NOW, keys::SECRET, spellings::spellings};

/// A byte from 0x80 on is the word at its place here. What does not fit is the end of the text.
const WORDS: &[&str] = &[
    "\"exp\":",
    "\"iat\":",
    "\"nbf\":",
    "\"aud\":",
    "\"email\":",
    "\"name\":",
    "\"external_id\":",
    "{",
    "}",
    ",",
    "[",
    "]",
    "\"",
    ":",
    "null",
    "true",
    "false",
    "\"ada@example.com\"",
    "ada@example.com",
    "\"Ada Lovelace\"",
    "\"42\"",
    "\\ud83d",
    "\\ude00",
    "\\u0065",
    "\\u0000",
    "\\\"",
    "\\n",
    "é",
    "漢",
    "😀",
    "\u{200b}",
    "\u{feff}",
    "\"undefined\"",
    "\"null\"",
    "\"NaN\"",
    "\"None\"",
    "\"nil\"",
    "\"<nil>\"",
    "\"(null)\"",
    "\"[object Object]\"",
    "undefined",
    "253402300799",
    "9223372036854775807",
    "18446744073709551615",
    "-9223372036854775808",
    "1e3",
    "-0",
    ".5",
    "E+",
    "e-",
    "0.000",
    "\"alg\":\"HS256\"",
    "\"typ\":\"JWT\"",
    "\"alg\":",
    "\"typ\":",
    "\"crit\":",
    "\"b64\":",
    "\"cty\":",
    "\"enc\":",
    "\"zip\":",
    "\"kid\":",
    "\"jwk\":",
    "\"x5c\":",
    "\"jku\":",
    "\"x5u\":",
    "\"none\"",
    "\"HS256\"",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    ".",
    "=",
    "Bearer ",
    "userToken",
    "\"userToken\":",
    "userToken=",
    "%3D",
    "&",
    "%22",
    "+",
    "application/json",
    "application/x-www-form-urlencoded",
    "; charset=utf-8",
    "https://",
    "http://",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "example.com",
    "/widget.js",
    "//",
    "?",
    "#",
    "@",
    "postgres://",
    "postgresql://",
    "user:password",
    "host=",
    "sslmode=",
    "verify-full",
    "require",
    "disable",
    "schema=",
    "prepared_statements=true",
    "sslrootcert=",
    "target_session_attrs=",
    "read-only",
    "%40",
    "%2F",
    ":5432",
    "connect_timeout=",
    "</script>",
    "<!--",
    "<script>",
    "-->",
    "&quot;",
];

/// The secret as people paste it.
pub static SPELLINGS: LazyLock<Vec<String>> = LazyLock::new(|| spellings(SECRET));

/// Words that need more bytes.
const DATE: u8 = 0xff;
const HALF: u8 = 0xfe;
const REPEAT: u8 = 0xfd;
const BYTE: u8 = 0xfc;
const NAME: u8 = 0xfb;

/// Writes a date: one that a rule may ask for, relative to the time of all tokens, and up to two minutes more
/// or less.
fn date(place: u8, more: u8) -> i64 {
    const PLACES: [i64; 16] = [
        0,
        60,
        300,
        1800,
        3600,
        3660,
        3900,
        7200,
        86_400,
        -60,
        -300,
        -1800,
        -3600,
        -NOW,
        (1 << 31) - NOW,
        253_402_300_799 - NOW,
    ];
    NOW + PLACES[usize::from(place % 16)] + i64::from(i8::from_be_bytes([more]))
}

/// The most bytes that a text can have: a few more than a token, and than a body.
const MAX: usize = 20_000;

/// Writes the text of these bytes.
pub fn expand(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() * 4);
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        let mut next = || bytes.next().unwrap_or(0);
        let start = text.len();
        match byte {
            0..0x80 => text.push(byte),
            DATE => text.extend_from_slice(date(next(), next()).to_string().as_bytes()),
            HALF => text.extend_from_slice(format!("{}.5", date(next(), next())).as_bytes()),
            // The last byte so many times more.
            REPEAT => {
                let times = usize::from(u16::from_be_bytes([next(), next()]));
                let last = text.last().copied().unwrap_or(b'a');
                text.resize((text.len() + times).min(MAX), last);
            }
            // A byte from 0x80 on as it is.
            BYTE => text.push(next()),
            NAME => text.extend_from_slice(match next() {
                spelling @ 0x80.. => SPELLINGS[usize::from(spelling - 0x80) % SPELLINGS.len()].as_bytes(),
                name => match name % 4 {
                    0 => BOT.as_bytes(),
                    1 => b"0192F0C1-2D3E-7F40-8A5B-6C7D8E9FA0B1",
                    2 => SECRET.as_bytes(),
                    _ => &SECRET.as_bytes()[..63],
                },
            }),
            _ => match WORDS.get(usize::from(byte - 0x80)) {
                Some(word) => text.extend_from_slice(word.as_bytes()),
                None => break,
            },
        }
        if text.len() > MAX {
            text.truncate(start);
            break;
        }
    }
    text
}
