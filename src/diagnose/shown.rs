//! What may be shown of what somebody pasted: no secret, nothing that a terminal would act on, and not much of it.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

use crate::secret::SsoSecret;

/// The most characters of one finding's text.
const LONGEST: usize = 240;

/// From this many hexadecimal digits on, a run of them may be a secret or a part of one. A fingerprint has 16.
const HEX_RUN: usize = 24;

/// The texts that must not be shown: other spellings of the secrets' bytes. Hexadecimal digits need no list.
pub(super) struct Masks(Vec<Zeroizing<String>>);

impl Masks {
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a SsoSecret>) -> Self {
        let mut texts = Vec::new();
        for secret in secrets {
            let text = secret.expose_secret();
            let bytes = Zeroizing::new(hex::decode(text).unwrap_or_default());
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                texts.push(Zeroizing::new(STANDARD_NO_PAD.encode(bytes)));
                texts.push(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)));
            }
        }
        Self(texts)
    }

    /// The text as it may be shown: masked, then cut, then escaped.
    pub(super) fn shown(&self, text: &str) -> String {
        let mut masked = Zeroizing::new(mask_hex(text));
        for hidden in &self.0 {
            if masked.contains(hidden.as_str()) {
                *masked = masked.replace(hidden.as_str(), "[secret]");
            }
        }
        let mut shown = String::new();
        for (length, c) in masked.chars().flat_map(escaped).enumerate() {
            if length == LONGEST {
                shown.push('…');
                break;
            }
            shown.push(c);
        }
        shown
    }
}

/// Puts how many there are in the place of long runs of hexadecimal digits. Letters alone are a word.
fn mask_hex(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = Zeroizing::new(String::new());
    for c in text.chars().map(Some).chain([None]) {
        if let Some(digit) = c.filter(char::is_ascii_hexdigit) {
            run.push(digit);
            continue;
        }
        if run.len() >= HEX_RUN && run.contains(|c: char| c.is_ascii_digit()) {
            masked.extend(["[", &run.len().to_string(), " hexadecimal digits]"]);
        } else {
            masked.push_str(&run);
        }
        run.clear();
        masked.extend(c);
    }
    masked
}

/// A character as itself where it is visible, and as an escape where a terminal would act on it or show nothing.
fn escaped(c: char) -> impl Iterator<Item = char> {
    let plain = matches!(c, '"' | '\'' | '\\').then_some(c);
    plain.into_iter().chain(c.escape_debug().filter(move |_| plain.is_none()))
}
