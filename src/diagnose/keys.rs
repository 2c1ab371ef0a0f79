//! Keys that no token should be signed with: what becomes of a secret on its way into a program. The verifier has no
//! such keys; these are tried here, after it has refused a token, to name the mistake.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::mistake::Mistake;
use crate::secret::SsoSecret;

pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// Texts that stand in examples, and what a program makes of a variable that is not there.
const PLACEHOLDERS: &[&str] = &[
    "your-64-char-hex-secret",
    "BOOSTGPT_SSO_SECRET",
    "SSO_SECRET",
    "YOUR_SSO_SECRET",
    "process.env.BOOSTGPT_SSO_SECRET",
    "process.env.SSO_SECRET",
    "$BOOSTGPT_SSO_SECRET",
    "${BOOSTGPT_SSO_SECRET}",
    "undefined",
    "null",
    "None",
    "false",
    "secret",
    "secret-key",
    "your-secret",
    "your-secret-key",
    "your_secret_key",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "shhhhh",
    "changeme",
    "password",
    "test",
];

/// Whether `mac` is the HMAC of `message`: over SHA-256, or where it is as long as theirs, SHA-384 or SHA-512.
pub(super) fn fits(key: &[u8], message: &[u8], mac: &[u8]) -> bool {
    fn holds<M: Mac + KeyInit>(key: &[u8], message: &[u8], mac: &[u8]) -> bool {
        <M as KeyInit>::new_from_slice(key)
            .is_ok_and(|state| state.chain_update(message).verify_slice(mac).is_ok())
    }
    match mac.len() {
        32 => holds::<Hmac<Sha256>>(key, message, mac),
        48 => holds::<Hmac<Sha384>>(key, message, mac),
        64 => holds::<Hmac<Sha512>>(key, message, mac),
        _ => false,
    }
}

/// A token's signature under this key: 32 bytes, or none where the key is unusable, which no key is.
pub(super) fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key)
        .map(|state| state.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// What was made of a secret, and how to say so. The words go after "it fits".
pub(super) struct Key {
    pub(super) mistake: Mistake,
    pub(super) words: String,
    pub(super) bytes: Bytes,
}

fn key(mistake: Mistake, words: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Key {
    Key { mistake, words: words.into(), bytes: Zeroizing::new(bytes.into()) }
}

/// What programs make of this secret by mistake. `whose` names it: "the secret".
pub(super) fn misused(secret: &SsoSecret, whose: &str) -> Vec<Key> {
    let text = secret.expose_secret();
    let mut keys = Vec::new();
    let raw = Zeroizing::new(hex::decode(text).unwrap_or_default());
    keys.push(key(
        Mistake::SecretHexDecoded,
        format!("the 32 bytes that {whose} decodes to, not its 64 characters"),
        raw.to_vec(),
    ));
    let decoded = STANDARD.decode(text).unwrap_or_default();
    keys.push(key(
        Mistake::SecretBase64Decoded,
        format!("the 48 bytes that {whose} decodes to as base64"),
        decoded,
    ));

    for (what, bytes) in [("text", text.as_bytes()), ("bytes", raw.as_slice())] {
        for encoded in [STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)]
        {
            keys.push(key(
                Mistake::SecretReencoded,
                format!("the {what} of {whose}, encoded as base64"),
                encoded,
            ));
        }
    }
    for (open, close) in [("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("\\\"", "\\\"")]
    {
        for (open, close) in [(open, close), (open, ""), ("", close)] {
            let words = format!("{whose} as {open}…{close}");
            keys.push(key(Mistake::SecretQuoted, words, format!("{open}{text}{close}")));
        }
    }
    for (before, after, words) in [
        ("", "\n", "a line feed after it"),
        ("", "\r\n", "a carriage return and a line feed after it"),
        ("", "\r", "a carriage return after it"),
        ("\n", "", "a line feed before it"),
        ("", "\n\n", "two line feeds after it"),
        ("", "\\n", "a backslash and an n after it"),
    ] {
        let words = format!("{whose} with {words}");
        keys.push(key(Mistake::SecretLineEnd, words, format!("{before}{text}{after}")));
    }
    for (before, after, words) in [
        ("", " ", "a space after it"),
        (" ", "", "a space before it"),
        (" ", " ", "a space before and after it"),
        ("", "\t", "a tab after it"),
        ("\t", "", "a tab before it"),
        ("", "\0", "a NUL after it"),
        ("\u{feff}", "", "a byte order mark before it"),
        ("\u{200b}", "", "a zero-width space before it"),
        ("", "\u{200b}", "a zero-width space after it"),
        ("", "\u{a0}", "a no-break space after it"),
    ] {
        let words = format!("{whose} with {words}");
        keys.push(key(Mistake::SecretWhiteSpace, words, format!("{before}{text}{after}")));
    }
    for (case, changed) in [("upper", text.to_ascii_uppercase()), ("lower", text.to_ascii_lowercase())] {
        if changed != text {
            keys.push(key(Mistake::SecretCase, format!("{whose} in {case} case"), changed));
        }
    }
    for prefix in
        ["BOOSTGPT_SSO_SECRET=", "export BOOSTGPT_SSO_SECRET=", "SSO_SECRET=", "0x", "hex:", "Bearer "]
    {
        let words = format!("{whose} with `{prefix}` before it");
        keys.push(key(Mistake::SecretWithName, words, format!("{prefix}{text}")));
    }
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    keys.push(key(Mistake::SecretUtf16, format!("{whose} as UTF-16"), utf16));
    for (what, digest) in [("text", Sha256::digest(text)), ("bytes", Sha256::digest(&raw))] {
        let words = format!("the SHA-256 of the {what} of {whose}");
        keys.push(key(Mistake::SecretHashed, words.as_str(), hex::encode(digest)));
        keys.push(key(Mistake::SecretHashed, words, digest.to_vec()));
    }
    keys.push(key(Mistake::SecretFingerprint, format!("the fingerprint of {whose}"), secret.fingerprint()));
    for (left, part) in (8..text.len()).filter_map(|left| Some((left, text.get(..left)?))) {
        keys.push(key(Mistake::SecretCut, format!("the first {left} of the 64 characters of {whose}"), part));
    }
    for (left, part) in
        (8..text.len()).filter_map(|left| Some((left, text.get(text.len().checked_sub(left)?..)?)))
    {
        keys.push(key(Mistake::SecretCut, format!("the last {left} of the 64 characters of {whose}"), part));
    }
    keys
}

/// Keys that need no secret to be known.
pub(super) fn known_to_all<'a>(bots: impl Iterator<Item = &'a str>) -> Vec<Key> {
    let empty = key(Mistake::SecretEmpty, "an empty key", "");
    let placeholders =
        PLACEHOLDERS.iter().map(|text| key(Mistake::SecretPlaceholder, format!("the text `{text}`"), *text));
    let bots = bots.map(|bot| key(Mistake::SecretBotId, format!("the bot's id `{bot}`"), bot));
    [empty].into_iter().chain(placeholders).chain(bots).collect()
}
