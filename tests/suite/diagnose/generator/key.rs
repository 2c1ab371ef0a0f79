//! What is done to the text of a secret before it becomes the key: one thing, or two.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Made, Rng, long_signed, signed};
use crate::support::*;

/// One thing that is done. They are in the order in which they happen to a secret: it is copied, stored and
/// used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unexpanded,
    Mistyped,
    Cut,
    Case,
    Doubled,
    Spread,
    Named,
    Quoted,
    Mark,
    Space,
    LineEnd,
    Decoded,
    Utf16,
    Hashed,
    Encoded,
    Reread,
}

use Kind::*;

const KINDS: &[Kind] = &[
    Unexpanded, Mistyped, Cut, Case, Doubled, Spread, Named, Quoted, Mark, Space, LineEnd, Decoded, Utf16,
    Hashed, Encoded, Reread,
];

impl Kind {
    fn code(self, roll: u64) -> &'static str {
        match self {
            Unexpanded => "secret_placeholder",
            Mistyped => "secret_mistyped",
            Cut => "secret_cut",
            Case => "secret_case",
            Doubled => "secret_doubled",
            Mark | Space | Spread => "secret_white_space",
            Named => "secret_with_name",
            Quoted => "secret_quoted",
            LineEnd => "secret_line_end",
            Decoded if roll.is_multiple_of(2) => "secret_hex_decoded",
            Decoded => "secret_base64_decoded",
            Utf16 => "secret_utf16",
            Hashed => "secret_hashed",
            Encoded => "secret_reencoded",
            Reread => "secret_reread",
        }
    }

    /// Whether this happens to a secret to which `first` has happened: what is stored comes after what is
    /// copied, and what programs do comes after both. Of what is stored, and of what programs do, one comes
    /// before or after the other; and what a program has printed is stored and copied again.
    fn follows(self, first: Self) -> bool {
        let is_printed = matches!(first, Encoded | Hashed);
        if first == Unexpanded {
            return matches!(self, Quoted | Mark | Space | LineEnd | Utf16 | Hashed | Encoded);
        }
        if first == Mistyped {
            // Each takes more than a hundred guesses.
            return matches!(self, LineEnd | Quoted | Decoded);
        }
        match self {
            Mistyped | Unexpanded | Cut if is_printed => self == Cut && first == Hashed,
            Doubled if first == Encoded || first == Utf16 => true,
            Mistyped | Unexpanded | Cut => false,
            Utf16 => first != Utf16,
            Case => first == Hashed,
            Doubled => first < Doubled || first == LineEnd,
            Spread => first < Spread,
            Named | Quoted | Mark | Space | LineEnd => self != first && (first <= LineEnd || is_printed),
            Decoded => first < Spread || first == Hashed,
            Hashed | Encoded | Reread => true,
        }
    }

    /// What becomes of these bytes; `roll` decides between the variants.
    fn done(self, to: &[u8], roll: u64) -> Option<Vec<u8>> {
        let text = || std::str::from_utf8(to).ok();
        let pick = |texts: &[&str]| texts[roll as usize % texts.len()].to_owned();
        let around = |before: &str, after: &str| Some(format!("{before}{}{after}", text()?).into_bytes());
        let is_even = roll.is_multiple_of(2);
        let rest = (roll / 2) as usize;
        let done: Vec<u8> = match self {
            Unexpanded => {
                pick(&["$BOOSTGPT_SSO_SECRET", "${BOOSTGPT_SSO_SECRET}", "$SSO_SECRET", "${SSO_SECRET}"])
                    .into()
            }
            Mistyped if is_even => {
                let at = rest % to.len();
                [&to[..at], &to[at + 1..]].concat()
            }
            Mistyped => {
                let mut text = to.to_vec();
                let at = rest % (to.len() - 1);
                text.swap(at, at + 1);
                text
            }
            Cut => {
                // Of a digest, as many digits as a key of another algorithm has.
                let lengths: &[usize] =
                    if to.len() == 64 { &[32, 32, 32, 60, 61, 62, 63] } else { &[32, 64] };
                let length = lengths[rest % lengths.len()].min(to.len());
                if is_even { to.get(..length)? } else { to.get(to.len() - length..)? }.into()
            }
            Case if text()?.bytes().any(|c| c.is_ascii_lowercase()) => text()?.to_uppercase().into(),
            Case => text()?.to_lowercase().into(),
            Doubled => around("", text()?)?,
            Spread => {
                let (length, between) = [(4, " "), (8, " "), (32, "\n")][roll as usize % 3];
                let groups =
                    text()?.as_bytes().chunks(length).map(|group| std::str::from_utf8(group).unwrap());
                groups.collect::<Vec<_>>().join(between).into()
            }
            Named => {
                let before =
                    ["", "export "][rest % 2].to_owned() + &pick(&["BOOSTGPT_SSO_SECRET=", "SSO_SECRET="]);
                let quote = if rest.is_multiple_of(3) && rest.is_multiple_of(2) { "\"" } else { "" };
                around(&format!("{before}{quote}"), quote)?
            }
            Quoted => around(&pick(&["\"", "'"]), &pick(&["\"", "'"]))?,
            Mark => around("\u{feff}", "")?,
            Space if is_even => around(" ", "")?,
            Space => around("", " ")?,
            LineEnd => around("", &pick(&["\n", "\r\n"]))?,
            Decoded if is_even => {
                // As Node does, which stops where there are no two digits.
                let text = text().filter(|text| text.bytes().all(|c| c.is_ascii_hexdigit()))?;
                hex::decode(&text[..text.len() & !1]).ok()?
            }
            Decoded => {
                let engine = base64::engine::GeneralPurpose::new(
                    &base64::alphabet::STANDARD,
                    base64::engine::general_purpose::NO_PAD.with_decode_allow_trailing_bits(true),
                );
                engine.decode(text()?).ok()?
            }
            Utf16 => {
                let text = format!("{}{}", if rest.is_multiple_of(2) { "" } else { "\u{feff}" }, text()?);
                let bytes = |unit: u16| if is_even { unit.to_le_bytes() } else { unit.to_be_bytes() };
                text.encode_utf16().flat_map(bytes).collect()
            }
            Hashed => {
                let digest = match rest % 4 {
                    0 => Sha256::digest(to).to_vec(),
                    1 => Sha512::digest(to).to_vec(),
                    2 => Sha1::digest(to).to_vec(),
                    _ => Md5::digest(to).to_vec(),
                };
                if is_even { hex::encode(digest).into() } else { digest }
            }
            Encoded => match roll % 7 {
                0 => hex::encode(to),
                1 => hex::encode_upper(to),
                2 => STANDARD.encode(to),
                3 => STANDARD_NO_PAD.encode(to),
                4 => URL_SAFE.encode(to),
                5 => URL_SAFE_NO_PAD.encode(to),
                _ => {
                    // As the command `base64` writes it.
                    let lines = STANDARD.encode(to);
                    let lines = lines.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap());
                    lines.map(|line| format!("{line}\n")).collect()
                }
            }
            .into(),
            Reread if is_even => to.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
            Reread => String::from_utf8_lossy(to).into_owned().into(),
        };
        (done != to).then_some(done)
    }
}

/// A token that is signed with the secret after one change or two.
pub(super) fn made(rng: &mut Rng, secret: &str) -> Made {
    loop {
        let (first, roll) = (KINDS[rng.below(KINDS.len() as u64) as usize], rng.below(1 << 32));
        let (second, other_roll) = (KINDS[rng.below(KINDS.len() as u64) as usize], rng.below(1 << 32));
        let Some(once) = first.done(secret.as_bytes(), roll) else { continue };
        let mut codes = vec![first.code(roll)];
        let (key, what) = if rng.below(2) == 0 {
            (once, format!("{first:?}"))
        } else {
            let Some(twice) = second.done(&once, other_roll).filter(|_| second.follows(first)) else {
                continue;
            };
            codes.insert(0, second.code(other_roll));
            let swapped = second.done(secret.as_bytes(), other_roll).and_then(|once| first.done(&once, roll));
            // Where the order makes no difference, either may be named, and the cause alone if there was no
            // secret. HMAC hashes a key of more than 64 bytes itself. Digits in capitals, and base64 with a
            // line end, are printed so.
            let is_ambiguous = first == Unexpanded
                || swapped.as_ref() == Some(&twice)
                || (second == Hashed && once.len() > 64 && twice == Sha256::digest(&once).as_slice())
                || ((second, first) == (Case, Hashed))
                || (first, second) == (Hashed, Encoded)
                || (first, second) == (Hashed, Decoded)
                || (first, second) == (Encoded, LineEnd);
            codes.truncate(if is_ambiguous { 2 } else { 1 });
            (twice, format!("{first:?}, {second:?}"))
        };
        // What comes to the same as one other change, or as none, is no mistake of this kind.
        let is_known =
            |kind: &Kind| (0..14).any(|roll| kind.done(secret.as_bytes(), roll).as_ref() == Some(&key));
        // Of a digest, as many digits as a key of another algorithm has.
        let is_odd_cut = what == "Hashed, Cut" && ![32, 64].contains(&key.len());
        if is_odd_cut
            || key == secret.as_bytes()
            || (codes.len() == 1 && what.contains(',') && [Case, LineEnd].iter().any(is_known))
        {
            continue;
        }
        if first == Mistyped {
            codes.push("secret_cut"); // the first or the last one is missing
        }
        // Over a long text only the usual things are guessed.
        let is_usual = !what.contains(',') && !matches!(first, Mistyped | Named | Unexpanded);
        let signed = if is_usual && rng.below(3) == 0 { long_signed(rng) } else { signed(rng) };
        let what =
            format!("{what} over {} bytes of {secret} {:?}", signed.len(), String::from_utf8_lossy(&key));
        return Made {
            presented: format!("{signed}.{}", base64url(hmac(&key, &signed))).into(),
            codes,
            what,
        };
    }
}
