//! What programs do: decode, encode, hash, and read bytes as text.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};

use super::variant::{ChangeKind, Changes, Width, groups};
use crate::diagnose::{
    decoding,
    mistake::Mistake,
    work::{Hash, Work},
};

/// The bytes that a text encodes.
pub(super) fn decoded(bytes: &[u8], changes: &mut Changes) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let whole = text.get(..text.len() & !1).filter(|pairs| !pairs.is_empty());
    if let Some(bytes) = whole.and_then(|pairs| hex::decode(pairs).ok()) {
        let words = "decoded from its hexadecimal digits to bytes";
        changes.add(Mistake::SecretHexDecoded, words, bytes);
    }
    if let Some(bytes) = decoding::decode_loosely(text).filter(|bytes| !bytes.is_empty()) {
        changes.add(Mistake::SecretBase64Decoded, "decoded as base64", bytes);
    }
}

/// The bytes as other text.
pub(super) fn encoded(bytes: &[u8], before: Option<ChangeKind>, width: Width, changes: &mut Changes) {
    let mut add = |words: &'static str, text: String| {
        changes.add(Mistake::SecretReencoded, words, text);
    };
    let base64 = STANDARD.encode(bytes);
    add("encoded as base64", base64.clone());
    add("encoded as hexadecimal digits", hex::encode(bytes));
    add("encoded as hexadecimal digits in capitals", hex::encode_upper(bytes));
    add("encoded as base64 without padding", STANDARD_NO_PAD.encode(bytes));
    add("encoded as base64url with padding", URL_SAFE.encode(bytes));
    add("encoded as base64url", URL_SAFE_NO_PAD.encode(bytes));
    add("encoded as base64 with a line end after it", format!("{base64}\n"));
    if base64.len() > 76 {
        add("encoded as base64 in several lines", format!("{}\n", groups(&base64, 76, "\n")));
    }
    if width != Width::All {
        return;
    }
    add("encoded as base64 with a line end after it", format!("{base64}\r\n"));
    for (length, end) in [(76, "\n"), (64, "\n"), (76, "\r\n"), (64, "\r\n"), (60, "\n")] {
        let wrapped = groups(&base64, length, end);
        add("encoded as base64 in several lines", format!("{wrapped}{end}"));
        add("encoded as base64 in several lines", wrapped);
    }
    if before.is_some_and(|before| before != ChangeKind::Decoded) {
        return;
    }
    add("encoded as base32", encode_base32(bytes, true));
    add("encoded as base32 without padding", encode_base32(bytes, false));
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let signed: Vec<String> = bytes.iter().map(|byte| byte.cast_signed().to_string()).collect();
    let numbered = numbers.iter().enumerate().map(|(at, number)| format!("\"{at}\":{number}"));
    let [commas, spaces] = [",", ", "].map(|separator| numbers.join(separator));
    for list in [
        format!("{{\"type\":\"Buffer\",\"data\":[{commas}]}}"),
        format!("{{{}}}", numbered.collect::<Vec<_>>().join(",")),
        format!("[{}]", numbers.join(" ")),
        format!("[{}]", signed.join(", ")),
        format!("[{commas}]"),
        format!("[{spaces}]"),
        commas.clone(),
        spaces.clone(),
    ] {
        add("encoded as a list of the numbers of its bytes", list);
    }
    let [small, capitals] = [hex::encode(bytes), hex::encode_upper(bytes)];
    for list in [
        format!("<Buffer {}>", groups(&small, 2, " ")),
        format!("0x{}", groups(&small, 2, ", 0x")),
        format!("\\x{}", groups(&small, 2, "\\x")),
    ] {
        add("encoded as a list of hexadecimal numbers", list);
    }
    for (separator, words) in [
        ("-", "encoded as hexadecimal digits with hyphens between them"),
        (":", "encoded as hexadecimal digits with colons between them"),
        (" ", "encoded as hexadecimal digits with spaces between them"),
    ] {
        add(words, groups(&capitals, 2, separator));
        add(words, groups(&small, 2, separator));
    }
    if before.is_some() {
        let backwards: Vec<u8> = bytes.iter().rev().copied().collect();
        add("encoded as hexadecimal digits, with its bytes backwards", hex::encode(&backwards));
        changes.add(Mistake::SecretHexDecoded, "with its bytes backwards", backwards);
        changes.add(Mistake::SecretReencoded, "as Python prints bytes", printed_by_python(bytes));
    }
    // Laravel marks a key so.
    changes.add(
        Mistake::SecretWithName,
        "encoded as base64, with `base64:` before it",
        format!("base64:{base64}"),
    );
}

/// Base32 [RFC 4648 section 6].
fn encode_base32(bytes: &[u8], is_padded: bool) -> String {
    let mut text = String::new();
    for five in bytes.chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let count = five.len().saturating_mul(8);
        let bits = bits << 40_usize.saturating_sub(count);
        let digits = count.div_ceil(5);
        for place in 0..8_usize {
            let digit = bits >> 35_usize.saturating_sub(place.saturating_mul(5)) & 31;
            let letter = DIGITS_OF_BASE32.get(usize::try_from(digit).unwrap_or_default());
            if place < digits {
                text.extend(letter.copied().map(char::from));
            } else if is_padded {
                text.push('=');
            }
        }
    }
    text
}

const DIGITS_OF_BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `b'?\\x9a'`, as Python prints bytes.
fn printed_by_python(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let escaped = bytes.iter().map(|byte| match byte {
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\'' if quote == '\'' => "\\'".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    });
    format!("b{quote}{}{quote}", escaped.collect::<String>())
}

/// Their digest, as text or as it is.
pub(super) fn hashed(bytes: &[u8], width: Width, work: &Work, changes: &mut Changes) {
    for hash in [Hash::Sha256, Hash::Md5, Hash::Sha1, Hash::Sha512, Hash::Sha384] {
        if (hash == Hash::Sha384 && width != Width::All) || (hash != Hash::Sha256 && width == Width::One) {
            continue;
        }
        let Some(digest) = work.digest(hash, &[bytes]) else { return };
        let mut add = |form: &str, bytes: Vec<u8>| {
            changes.add(Mistake::SecretHashed, format!("hashed with {}, as {form}", hash.name()), bytes);
        };
        add("hexadecimal digits", hex::encode(&digest).into_bytes());
        add("bytes", digest.to_vec());
        if width == Width::All && hash == Hash::Sha256 {
            add("hexadecimal digits with `  -` after them", format!("{}  -", hex::encode(&digest)).into());
        }
        if width == Width::All {
            add("hexadecimal digits in capitals", hex::encode_upper(&digest).into_bytes());
            add("base64", STANDARD.encode(&digest).into_bytes());
            add("base64url", URL_SAFE_NO_PAD.encode(&digest).into_bytes());
        }
    }
}

/// Bytes that are no text, read as text all the same and encoded as UTF-8.
pub(super) fn reread(bytes: &[u8], before: Option<ChangeKind>, changes: &mut Changes) {
    if bytes.is_ascii() {
        return;
    }
    let latin: String = bytes.iter().copied().map(char::from).collect();
    changes.add(Mistake::SecretReread, "read as Latin-1 and encoded as UTF-8", latin);
    let windows: String = bytes.iter().copied().map(decoding::windows_1252).collect();
    changes.add(Mistake::SecretReread, "read as Windows-1252 and encoded as UTF-8", windows);
    if std::str::from_utf8(bytes).is_ok() {
        return;
    }
    let lossy = String::from_utf8_lossy(bytes);
    let kept = lossy.chars().filter(|c| *c != char::REPLACEMENT_CHARACTER).count();
    // A digit that is lost is no longer guessed with. Ten bytes of 32, or fifteen of 48, and the places of
    // the others are still more than 2^90 possible keys. What is lost of a digest were no digits of the
    // secret.
    let enough = bytes.len().saturating_mul(5).div_euclid(16).max(10);
    if kept >= enough || before == Some(ChangeKind::Hashed) {
        let words = "read as UTF-8, with a replacement character for every byte that is none";
        changes.add(Mistake::SecretReread, words, lossy.into_owned());
    }
}

/// The text in UTF-16, in both orders, with a byte order mark and without; and in UTF-32.
pub(super) fn utf16(text: &str, width: Width, changes: &mut Changes) {
    if width == Width::All {
        let little: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        changes.add(Mistake::SecretUtf16, "as UTF-32 in little-endian order", little);
    }
    for (mark, words) in [("", ""), ("\u{feff}", ", with a byte order mark")] {
        let units = || mark.encode_utf16().chain(text.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        changes.add(Mistake::SecretUtf16, format!("as UTF-16 in little-endian order{words}"), little);
        changes.add(Mistake::SecretUtf16, format!("as UTF-16 in big-endian order{words}"), big);
    }
}
