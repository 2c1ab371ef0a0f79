//! The signature: rule M1, and which key or which text it fits instead.

use super::{
    finding::Findings,
    header::Signed,
    keys::{self, Key},
    mistake::Mistake,
    segments::{self, Segments},
};
use crate::{id::BotId, secret::SsoSecret};

/// The secrets to try.
pub(super) struct Known<'a> {
    pub(super) current: Option<&'a SsoSecret>,
    pub(super) previous: &'a [SsoSecret],
    pub(super) others: &'a [(BotId, SsoSecret)],
    pub(super) bot: Option<BotId>,
}

impl Known<'_> {
    /// The secrets that are not this bot's current one, and what each of them is.
    fn foreign(&self) -> impl Iterator<Item = (Mistake, String, &SsoSecret)> {
        let previous = self.previous.iter().map(|secret| {
            (
                Mistake::PreviousSecret,
                format!("the previous secret (fingerprint {})", secret.fingerprint()),
                secret,
            )
        });
        let others = self.others.iter().map(|(bot, secret)| {
            let whose = format!("the secret of bot {bot} (fingerprint {})", secret.fingerprint());
            (Mistake::OtherBotsSecret, whose, secret)
        });
        previous.chain(others)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &SsoSecret> {
        self.current.into_iter().chain(self.foreign().map(|(_, _, secret)| secret))
    }
}

pub(super) fn examine(segments: &Segments, signed: Signed, known: &Known<'_>, findings: &mut Findings<'_>) {
    if segments.signature.is_empty() && signed == Signed::Hmac {
        findings.refused(Mistake::SignatureMissing, "the third segment is empty");
        return;
    }
    // What was cut off or damaged fits no key.
    if signed == Signed::Otherwise
        || findings.found(Mistake::Truncated)
        || findings.found(Mistake::NotBase64Url)
    {
        return;
    }
    let mac = segments::decode_loosely(&segments.signature).unwrap_or_default();
    let fits = |key: &[u8]| segments.signed.iter().any(|text| keys::fits(key, text.as_bytes(), &mac));
    if known.current.is_some_and(|secret| fits(secret.expose_secret().as_bytes())) {
        // With a longer MAC under `HS256` the verifier says that the signature is bad.
        if mac.len() > 32 && !findings.found(Mistake::AlgLongerHmac) {
            let seen = format!("the signature has {} bytes, and alg says otherwise", mac.len());
            findings.refused(Mistake::AlgLongerHmac, seen);
        }
        return;
    }
    if with_a_known_secret(known, &fits, findings)
        || in_hexadecimal(segments, &mac, known, findings)
        || of_another_text(segments, &mac, known, findings)
    {
        return;
    }
    if let Some(secret) = known.current {
        let bytes =
            if mac.len() == 32 { String::new() } else { format!("; it has {} bytes, not 32", mac.len()) };
        let seen =
            format!("the signature does not fit the secret (fingerprint {}){bytes}", secret.fingerprint());
        findings.refused(Mistake::UnknownSecret, seen);
    }
}

/// Keys that are made of the secrets given, other secrets, and keys that everybody knows.
fn with_a_known_secret(
    known: &Known<'_>,
    fits: &impl Fn(&[u8]) -> bool,
    findings: &mut Findings<'_>,
) -> bool {
    let find = |keys: Vec<Key>| keys.into_iter().find(|key| fits(&key.bytes));
    let own = known.current.and_then(|secret| {
        find(keys::misused(secret, &format!("the secret (fingerprint {})", secret.fingerprint())))
    });
    if let Some(key) = own {
        findings.refused(key.mistake, format!("the signature fits {}", key.words));
        return true;
    }
    for (mistake, whose, secret) in known.foreign() {
        if fits(secret.expose_secret().as_bytes()) {
            findings.refused(mistake, format!("the signature fits {whose}"));
            return true;
        }
    }
    for (mistake, whose, secret) in known.foreign() {
        if let Some(key) = find(keys::misused(secret, &whose)) {
            findings.refused(key.mistake, format!("the signature fits {}", key.words));
            findings.refused(mistake, format!("the signature fits what was made of {whose}"));
            return true;
        }
    }
    let bots =
        known.bot.into_iter().chain(known.others.iter().map(|(bot, _)| *bot)).map(|bot| bot.to_string());
    let bots: Vec<_> = bots.collect();
    let found = find(keys::known_to_all(bots.iter().map(String::as_str)));
    if let Some(key) = &found {
        findings.refused(key.mistake, format!("the signature fits {}", key.words));
    }
    found.is_some()
}

/// The digits of the HMAC in the place of its bytes, as they are or encoded once more.
fn in_hexadecimal(segments: &Segments, mac: &[u8], known: &Known<'_>, findings: &mut Findings<'_>) -> bool {
    for digits in [segments.signature.as_bytes(), mac] {
        let Ok(bytes) = hex::decode(digits) else { continue };
        let fits = |secret: &SsoSecret| {
            let key = secret.expose_secret().as_bytes();
            segments.signed.iter().any(|text| keys::fits(key, text.as_bytes(), &bytes))
        };
        if bytes.len() == 32 && known.all().any(fits) {
            findings.refused(Mistake::SignatureHex, format!("it is {} hexadecimal digits", digits.len()));
            return true;
        }
    }
    false
}

/// The right key over the wrong text.
fn of_another_text(segments: &Segments, mac: &[u8], known: &Known<'_>, findings: &mut Findings<'_>) -> bool {
    let Some(secret) = known.current else { return false };
    let plain = |segment: &str| segments::decode_loosely(segment).unwrap_or_default();
    let (header, payload) = (plain(&segments.header), plain(&segments.payload));
    let encoded = (segments.header.as_str(), segments.payload.as_str());
    for (what, text) in [
        ("the payload alone", encoded.1.as_bytes().to_vec()),
        ("the JSON of the payload alone", payload.clone()),
        ("the JSON of header and payload with a dot between them", [&header, &b"."[..], &payload].concat()),
        ("the JSON of header and payload", [header, payload].concat()),
        ("header and payload without the dot", format!("{}{}", encoded.0, encoded.1).into_bytes()),
        ("header and payload with a dot after them", format!("{}.{}.", encoded.0, encoded.1).into_bytes()),
    ] {
        if keys::fits(secret.expose_secret().as_bytes(), &text, mac) {
            findings.refused(Mistake::SignatureOfOtherText, format!("it is the signature of {what}"));
            return true;
        }
    }
    false
}

/// A secret that stands in what was presented, whoever can read it.
pub(super) fn exposed(presented: &[u8], segments: &Segments, known: &Known<'_>, findings: &mut Findings<'_>) {
    let decoded =
        [&segments.header, &segments.payload].map(|part| segments::decode_loosely(part).unwrap_or_default());
    let holds = |text: &[u8], secret: &SsoSecret| {
        let secret = secret.expose_secret();
        text.windows(secret.len()).any(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
    };
    for (place, text) in
        ["what was presented", "the header", "the payload"].iter().zip([presented, &decoded[0], &decoded[1]])
    {
        if let Some(secret) = known.all().find(|secret| holds(text, secret)) {
            let seen = format!("in {place} stands the secret with the fingerprint {}", secret.fingerprint());
            findings.advise(Mistake::SecretExposed, seen);
        }
    }
}
