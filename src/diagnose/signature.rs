//! The signature: rule M1, and which key or which text it fits instead.

use super::{
    attempt::Attempt,
    change::Change,
    decoding,
    finding::Findings,
    guess::{Effort, Guesser},
    header::Signed,
    known::{Known, KnownSecret},
    mac_reading::{self, MacReading},
    mistake::Mistake,
    other_text, public_key,
    segments::Segments,
    trace::Trace,
    work::{Hash, Work},
};

/// The encoded signature of every token that is accepted.
const SIGNATURE_CHARACTERS: usize = 43;

/// With so many foreign secrets all usual changes are tried before the unusual ones of the bot's own.
const MAX_FOREIGN: usize = 6;

/// With so many of them the commonest changes are tried in all variants before what is rarest.
const MAX_FOREIGN_COMMON: usize = 2;

/// What explains a signature: how it is spelled, and what is wrong with its key or its text, the last thing
/// done first.
struct Explanation<'a> {
    reading: &'a MacReading,
    wrong: Vec<(Mistake, String)>,
}

/// Whether the signature is that of HS256 under a known secret.
pub(super) fn is_right(segments: &Segments, known: &Known<'_>, work: &Work) -> bool {
    let readings = mac_reading::all(&segments.signature);
    let attempt = Attempt::new(&segments.signed, &readings, work);
    known.secrets().any(|known| {
        let reading = attempt.key(known.secret.expose_secret().as_bytes());
        reading.is_some_and(|reading| reading.hash == Hash::Sha256)
    })
}

/// Examines the signature whatever the header says of it.
pub(super) fn examine_signature(
    segments: &Segments,
    signed: Signed,
    known: &Known<'_>,
    work: &Work,
    findings: &mut Findings<'_>,
) {
    let signature = segments.signature.as_str();
    if signature.is_empty() {
        if signed == Signed::Hmac && !findings.found(Mistake::SignatureMissing) {
            findings.refused(Mistake::SignatureMissing, "the third segment is empty");
        }
        return;
    }
    if let Trace::Whole(number) = findings.masks().known().look(signature.as_bytes()) {
        let whose = known.secrets().nth(number).map_or_else(String::new, |secret| secret.words());
        return findings.refused(Mistake::SecretExposed, format!("the third segment has {whose} in it"));
    }
    // What was cut off or damaged fits no key.
    if [Mistake::Truncated, Mistake::NotBase64Url, Mistake::CaseChanged]
        .iter()
        .any(|one| findings.found(*one))
    {
        return;
    }
    let readings = mac_reading::all(signature);
    let attempt = Attempt::new(&segments.signed, &readings, work);
    if let Some(Explanation { reading, wrong }) = explain(&attempt, segments, known, work) {
        spelled(reading, findings);
        // The digest of something else has its own name.
        if !wrong.iter().any(|(mistake, _)| *mistake == Mistake::SignaturePlainHash) {
            report_other_hash(reading.hash, findings);
        }
        for (mistake, seen) in wrong {
            findings.refused(mistake, seen);
        }
        return;
    }
    if signed == Signed::Otherwise {
        return;
    }
    if mac_reading::is_hexadecimal(signature) {
        if !findings.found(Mistake::SignatureHex) {
            findings.refused(Mistake::SignatureHex, "it is hexadecimal digits");
        }
    } else if signature.len() < SIGNATURE_CHARACTERS {
        let seen = format!(
            "the signature's length is {} instead of {SIGNATURE_CHARACTERS} characters, perhaps cut off",
            signature.len()
        );
        findings.refused(Mistake::Truncated, seen);
        return;
    }
    if let Some(secret) = known.current {
        let fingerprint = secret.fingerprint();
        let all = if work.is_used_up() { "; not every guess at a mistake was made" } else { "" };
        let length = decoding::decode_strictly(signature).map_or(32, |bytes| bytes.len());
        let length = match length {
            32 => String::new(),
            _ => format!("the signature has {length} bytes, and an HMAC-SHA256 has 32; "),
        };
        let seen = format!("{length}the signature does not fit the secret (fingerprint {fingerprint}){all}");
        findings.refused(Mistake::UnknownSecret, seen);
    }
}

/// A signature that is not in base64url, whatever its key.
fn spelled(reading: &MacReading, findings: &mut Findings<'_>) {
    if let Some((mistake, seen)) = reading.spelling.filter(|(mistake, _)| !findings.found(*mistake)) {
        findings.refused(mistake, seen);
    }
}

/// An HMAC with another hash function than SHA-256.
fn report_other_hash(hash: Hash, findings: &mut Findings<'_>) {
    let (bytes, name) = (hash.length(), hash.name());
    match hash {
        Hash::Sha256 => {}
        Hash::Sha384 | Hash::Sha512 => {
            if !findings.found(Mistake::AlgLongerHmac) {
                findings.refused(
                    Mistake::AlgLongerHmac,
                    format!("the signature has {bytes} bytes, as of {name}"),
                );
            }
        }
        Hash::Sha1 | Hash::Md5 => {
            findings.refused(
                Mistake::SignatureShortHash,
                format!("the signature has {bytes} bytes, as of {name}"),
            );
        }
    }
}

/// The key or the text that the signature fits; the likeliest and the cheapest are tried first.
fn explain<'a>(
    attempt: &Attempt<'a>,
    segments: &Segments,
    known: &Known<'_>,
    work: &'a Work,
) -> Option<Explanation<'a>> {
    for secret in known.secrets() {
        if let Some(reading) = attempt.key(secret.secret.expose_secret().as_bytes()) {
            let foreign =
                secret.mistake().map(|mistake| (mistake, format!("the signature fits {}", secret.words())));
            return Some(Explanation { reading, wrong: foreign.into_iter().collect() });
        }
    }
    let public = |key: public_key::PublicKey| {
        let reading = attempt.key(&key.bytes)?;
        Some(Explanation { reading, wrong: vec![(key.mistake, format!("the signature fits {}", key.words))] })
    };
    let misuse = |secret| {
        let found = other_text::find(attempt, segments, secret)?;
        Some(Explanation { reading: found.reading, wrong: vec![(found.mistake, found.words)] })
    };
    let mut guesser = Guesser::new(work);
    let mut guess = |secret: KnownSecret<'_>, effort: Effort| {
        let (changes, reading) = guesser.find(secret.secret, effort, &|key| attempt.key(key))?;
        Some(Explanation { reading, wrong: mistakes_of_changes(&changes, secret) })
    };
    let current = || known.secrets().filter(|secret| secret.mistake().is_none());
    // Of a long token each guess costs much, so the order decides which of them are made.
    current()
        .find_map(|secret| guess(secret, Effort::Usual))
        .or_else(|| public_key::unchanged_keys(known).take(public_key::LIKELIEST).find_map(public))
        .or_else(|| current().find_map(|secret| guess(secret, Effort::LikelyPairs)))
        .or_else(|| public_key::unchanged_keys(known).take(public_key::LIKELY).find_map(public))
        .or_else(|| known.foreign().find_map(|secret| guess(secret, Effort::Frequent)))
        .or_else(|| known.current.and_then(misuse))
        .or_else(|| known.foreign().take(MAX_FOREIGN).find_map(|secret| guess(secret, Effort::Usual)))
        .or_else(|| known.foreign().take(MAX_FOREIGN).find_map(|secret| guess(secret, Effort::LikelyPairs)))
        .or_else(|| current().find_map(|secret| guess(secret, Effort::Singles)))
        .or_else(|| public_key::unchanged_keys(known).skip(public_key::LIKELY).find_map(public))
        .or_else(|| current().find_map(|secret| guess(secret, Effort::Many)))
        .or_else(|| public_key::changed_keys(work).find_map(public))
        .or_else(|| current().find_map(|secret| guess(secret, Effort::Pairs)))
        .or_else(|| current().find_map(|secret| guess(secret, Effort::Rare)))
        .or_else(|| known.foreign().take(MAX_FOREIGN_COMMON).find_map(|secret| guess(secret, Effort::Common)))
        .or_else(|| current().find_map(|secret| guess(secret, Effort::Unusual)))
        .or_else(|| known.foreign().find_map(|secret| guess(secret, Effort::Singles)))
        .or_else(|| known.foreign().find_map(|secret| guess(secret, Effort::Pairs)))
}

/// What was done to the secret, the last change first, and that it is the wrong one.
fn mistakes_of_changes(changes: &[Change], secret: KnownSecret<'_>) -> Vec<(Mistake, String)> {
    let whose = secret.words();
    let words: Vec<_> = changes.iter().map(|change| change.words.as_ref()).collect();
    let mut wrong = Vec::new();
    if let Some((last, before)) = changes.split_last() {
        wrong.push((last.mistake, format!("the signature fits {whose}, {}", words.join(", then "))));
        for change in before.iter().filter(|change| change.mistake != last.mistake) {
            wrong.push((change.mistake, format!("before that: {}", change.words)));
        }
    }
    let foreign =
        secret.mistake().map(|mistake| (mistake, format!("the signature fits what was made of {whose}")));
    wrong.extend(foreign);
    wrong
}
