//! What a third segment may hold: a MAC as base64url, or one that was printed, encoded once more or read as
//! text.
//!
//! A MAC is compared as a whole or not at all: to say of a part of one that it fits would help to forge the
//! rest.

use std::fmt::Write as _;

use super::{
    decoding,
    mistake::Mistake,
    spelling,
    work::{Bytes, Hash, same},
};

/// One way to read the segment, and what that says of the token.
pub(super) struct MacReading {
    pub(super) hash: Hash,
    /// The mistake of spelling it so, and what was seen.
    pub(super) spelling: Option<(Mistake, &'static str)>,
    mac: MacForm,
}

enum MacForm {
    Bytes(Vec<u8>),
    /// What printing the MAC in this way gives, where bytes of it are lost.
    Printed(fn(&[u8]) -> String, String),
}

impl MacReading {
    fn of_bytes(bytes: Vec<u8>, spelling: Option<(Mistake, &'static str)>) -> Option<Self> {
        Some(Self { hash: Hash::with_length(bytes.len())?, spelling, mac: MacForm::Bytes(bytes) })
    }

    /// Whether this is the MAC that was read.
    pub(super) fn is(&self, mac: &Bytes) -> bool {
        match &self.mac {
            MacForm::Bytes(bytes) => same(bytes, mac),
            MacForm::Printed(print, text) => same(print(mac).as_bytes(), text.as_bytes()),
        }
    }
}

/// All ways in which a segment can be read. Most have one.
pub(super) fn all(segment: &str) -> Vec<MacReading> {
    let decoded = decoding::decode_loosely(segment).unwrap_or_default();
    let text = String::from_utf8(decoded.clone()).ok();
    let printed = [Some(segment), text.as_deref()].into_iter().flatten().flat_map(hexadecimal_macs);
    let reencoded = text.iter().flat_map(|text| reencoded(text));
    // Digits decode to bytes as well, which mean nothing.
    let plain = if is_printed(segment) { None } else { MacReading::of_bytes(decoded, None) };
    let decimal = [Some(segment), text.as_deref()].into_iter().flatten().filter_map(|text| {
        let words = "it is a decimal number";
        MacReading::of_bytes(of_decimal(text)?, Some((Mistake::SignatureReencoded, words)))
    });
    plain.into_iter().chain(printed).chain(decimal).chain(reencoded).collect()
}

/// Whether the segment is a number that was printed, of which the digits are no base64url.
pub(super) fn is_printed(segment: &str) -> bool {
    is_hexadecimal(segment) || is_decimal(segment.trim_start_matches('-'))
}

/// Whether the segment is hexadecimal digits, alone or with separators between the bytes, of a number of
/// either sign. So many of them are no base64url.
pub(super) fn is_hexadecimal(segment: &str) -> bool {
    let digits = digits_of(segment.strip_prefix('-').unwrap_or(segment));
    digits
        .filter(|digits| !is_decimal(digits))
        .is_some_and(|digits| (Hash::Md5.digits()..=Hash::Sha512.digits()).contains(&digits.len()))
}

/// Whether a segment that is shorter than the MAC of HS256 may be the whole MAC of a shorter hash.
pub(super) fn may_be_short(segment: &str) -> bool {
    let bytes = decoding::decode_strictly(segment).map_or(0, |bytes| bytes.len());
    is_hexadecimal(segment) || [Hash::Md5, Hash::Sha1].iter().any(|hash| hash.length() == bytes)
}

/// The digits of a printed MAC, without what is between the bytes.
fn digits_of(text: &str) -> Option<String> {
    let text = without_label(text);
    let text = text.strip_prefix("0x").unwrap_or(text).trim();
    let is_separator = |c: char| matches!(c, '-' | ':' | ' ');
    let digits: String = if text.contains(is_separator) {
        let pairs: Vec<&str> = text.split(is_separator).collect();
        if pairs.iter().any(|pair| pair.len() != 2) {
            return None;
        }
        pairs.concat()
    } else {
        text.to_owned()
    };
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)
}

/// Without what `openssl dgst` writes before the digits, `SHA2-256(stdin)= `, and `sha256sum` after them.
pub(super) fn without_label(text: &str) -> &str {
    let text = text.trim_end_matches(['-', '*', ' ', '\n']);
    let text = ["sha256=", "v1=", "v0="].iter().find_map(|label| text.strip_prefix(label)).unwrap_or(text);
    text.rsplit_once("= ").filter(|(label, _)| label.len() <= 40).map_or(text, |(_, digits)| digits)
}

/// Hexadecimal digits of a MAC, as they are and with the zeros that some ways of printing leave out.
fn hexadecimal_macs(text: &str) -> Vec<MacReading> {
    let spelled = |words| Some((Mistake::SignatureHex, words));
    if let Some(bytes) = text.strip_prefix('-').and_then(padded) {
        return MacReading::of_bytes(
            negated(&bytes),
            spelled("it is hexadecimal digits of a negative number"),
        )
        .into_iter()
        .collect();
    }
    let Some(digits) = digits_of(text) else { return Vec::new() };
    let whole = hex::decode(&digits).ok();
    let whole =
        whole.and_then(|bytes| MacReading::of_bytes(bytes, spelled("it is hexadecimal digits of the bytes")));
    let without_first = padded(&digits).filter(|_| digits.len() < Hash::Sha256.digits()).and_then(|bytes| {
        MacReading::of_bytes(bytes, spelled("it is hexadecimal digits without the zeros at the beginning"))
    });
    let without_any = without_first.is_some().then(|| MacReading {
        hash: Hash::Sha256,
        spelling: spelled("it is hexadecimal digits without the leading zero of each byte"),
        mac: MacForm::Printed(without_zeros, digits.to_ascii_lowercase()),
    });
    [whole, without_first, without_any].into_iter().flatten().collect()
}

/// The bytes of a number of up to 64 digits; of fewer than 40 they would be no digest.
fn padded(digits: &str) -> Option<Vec<u8>> {
    (40..=64).contains(&digits.len()).then(|| hex::decode(format!("{digits:0>64}")).ok())?
}

/// The two's complement.
fn negated(bytes: &[u8]) -> Vec<u8> {
    let mut carries = true;
    let mut negated: Vec<u8> = bytes
        .iter()
        .rev()
        .map(|byte| {
            let (sum, overflows) = (!byte).overflowing_add(u8::from(carries));
            carries = overflows;
            sum
        })
        .collect();
    negated.reverse();
    negated
}

fn without_zeros(mac: &[u8]) -> String {
    let mut text = String::new();
    for byte in mac {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:x}");
    }
    text
}

fn lossy(mac: &[u8]) -> String {
    String::from_utf8_lossy(mac).into_owned()
}

/// What a segment decodes to that is text again: base64, a list of numbers, or bytes that were read as text.
fn reencoded(text: &str) -> Vec<MacReading> {
    let spelled = |words| Some((Mistake::SignatureReencoded, words));
    let again = decoding::decode_loosely(text.trim().trim_matches('"'))
        .and_then(|bytes| MacReading::of_bytes(bytes, spelled("it is base64 that was encoded once more")));
    let latin = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>();
    let latin = latin.filter(|_| !text.is_ascii()).and_then(|bytes| {
        let words = "its bytes were read as Latin-1 and encoded as UTF-8";
        MacReading::of_bytes(bytes, spelled(words))
    });
    let lossy = text.contains(char::REPLACEMENT_CHARACTER).then(|| MacReading {
        hash: Hash::Sha256,
        spelling: spelled("its bytes were read as UTF-8, with a replacement character for each that is none"),
        mac: MacForm::Printed(lossy, text.to_owned()),
    });
    let words = "it is a list of the numbers of its bytes";
    let list = listed_mac(text).and_then(|bytes| MacReading::of_bytes(bytes, spelled(words)));
    [again, latin, lossy, list].into_iter().flatten().collect()
}

/// The bytes of a MAC as programs print a list of them: `1,2,3`, `[1, -2, 3]`, `{"0":1,"1":2}`,
/// `{"type":"Buffer","data":[1,2]}`, `<Buffer 01 02>`, `b'\\x01\\x02'`.
pub(super) fn listed_mac(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let inside = text.strip_prefix("<Buffer ").and_then(|rest| rest.strip_suffix('>'));
    let hexadecimal = inside.map(|pairs| hex::decode(pairs.replace(' ', "")).ok());
    let python = ["b'", "b\""].iter().find_map(|open| text.strip_prefix(open));
    let bytes = if let Some(bytes) = hexadecimal {
        bytes?
    } else if let Some(inside) = python {
        spelling::unescaped(inside.trim_end_matches(['\'', '"']).as_bytes())
    } else {
        let list = text.strip_prefix("{\"type\":\"Buffer\",\"data\":").unwrap_or(text);
        let numbers = list.trim_matches(['[', ']', '{', '}', ' ']).split(',').map(|number| {
            let number = number.split_once(':').map_or(number, |(_, number)| number);
            decoding::byte_of_number(number.trim())
        });
        numbers.collect::<Option<Vec<u8>>>()?
    };
    Hash::with_length(bytes.len()).map(|_| bytes)
}

/// The bytes of a MAC that is written as a decimal number.
fn of_decimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !is_decimal(digits) {
        return None;
    }
    let mut number = vec![0_u8; Hash::Sha256.length()];
    for digit in digits.bytes() {
        let mut carry = u16::from(digit.checked_sub(b'0')?);
        for byte in number.iter_mut().rev() {
            let product = u16::from(*byte).saturating_mul(10).saturating_add(carry);
            *byte = u8::try_from(product & 0xff).ok()?;
            carry = product >> 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(if digits.len() < text.len() { negated(&number) } else { number })
}

/// Whether digits are those of a decimal number as long as a MAC is. So many hexadecimal digits are not all
/// below ten.
fn is_decimal(digits: &str) -> bool {
    (66..=78).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Java's `BigInteger.toString(16)` of the MAC as a signed number.
    #[test]
    fn a_negative_number_is_its_complement() {
        assert_eq!(negated(&[0, 0, 1]), [0xff, 0xff, 0xff]);
        assert_eq!(negated(&[0x51, 0xbb, 0xd0]), [0xae, 0x44, 0x30]);
        assert_eq!(negated(&[0, 0]), [0, 0]);
    }
}
