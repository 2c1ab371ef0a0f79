//! The right secret used in the wrong way: over another text, with the text as the key, or in a plain hash.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};

use zeroize::Zeroizing;

use super::{
    attempt::Attempt,
    change::groups,
    mac_reading::MacReading,
    mistake::Mistake,
    segments::{self, Segments},
};
use crate::secret::SsoSecret;

/// A way in which the right secret was used, and the signature that came of it.
pub(super) struct Misuse<'a> {
    pub(super) mistake: Mistake,
    pub(super) words: String,
    pub(super) reading: &'a MacReading,
}

/// The texts that are signed by mistake, and what they are.
fn texts(segments: &Segments) -> Vec<(&'static str, Vec<u8>)> {
    let plain = |segment: &str| segments::decode_loosely(segment).unwrap_or_default();
    let (header, payload) = (segments.header.as_str(), segments.payload.as_str());
    let (header_json, payload_json) = (plain(header), plain(payload));
    let usual = format!("{header}.{payload}");
    let mut texts: Vec<(&'static str, Vec<u8>)> = vec![
        ("the payload alone", payload.into()),
        ("the JSON of the payload alone", payload_json.clone()),
        ("the text with a line feed after it", format!("{usual}\n").into()),
        ("the text with a line end after it", format!("{usual}\r\n").into()),
        ("header and payload without the dot", format!("{header}{payload}").into()),
        ("header and payload with a dot after them", format!("{usual}.").into()),
        ("payload and header, in this order", format!("{payload}.{header}").into()),
        ("the header alone", header.into()),
        ("the text in quotation marks", format!("\"{usual}\"").into()),
        ("the text as UTF-16", usual.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (
            "the JSON of header and payload with a dot between them",
            [&header_json, &b"."[..], &payload_json].concat(),
        ),
        ("the JSON of header and payload", [&header_json[..], &payload_json].concat()),
    ];
    // A header that was replaced after signing.
    for usual in
        ["{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"typ\":\"JWT\",\"alg\":\"HS256\"}", "{\"alg\":\"HS256\"}"]
    {
        texts.push((
            "the payload under another header",
            format!("{}.{payload}", URL_SAFE_NO_PAD.encode(usual)).into(),
        ));
    }
    for (words, engine) in [
        ("the text in standard base64", STANDARD),
        ("the text in standard base64", STANDARD_NO_PAD),
        ("the text with padding", URL_SAFE),
    ] {
        let text = format!("{}.{}", engine.encode(&header_json), engine.encode(&payload_json));
        texts.push((words, text.into()));
    }
    // As encoders wrap their lines. What came is as it was signed but for the line ends, which are gone by
    // now.
    for signed in &segments.signed {
        let Some((header, payload)) = signed.split_once('.') else { continue };
        for (length, end) in [(60, "\n"), (76, "\n"), (64, "\n"), (76, "\r\n"), (64, "\r\n")] {
            let [header, payload] = [header, payload].map(|segment| groups(segment, length, end));
            texts.push(("the text with line ends in it", format!("{header}{end}.{payload}{end}").into()));
            texts.push(("the text with line ends in it", format!("{header}.{payload}").into()));
            texts.push(("the text with line ends in it", format!("{header}.{payload}{end}").into()));
        }
    }
    texts
}

/// What the signature is instead of the HMAC of the right text under the right key.
pub(super) fn find<'a>(attempt: &Attempt<'a>, segments: &Segments, secret: &SsoSecret) -> Option<Misuse<'a>> {
    let secret = secret.expose_secret().as_bytes();
    for (words, text) in &texts(segments) {
        if let Some(reading) = attempt.key_over(secret, text) {
            let words = format!("it is the signature of {words}");
            return Some(Misuse { mistake: Mistake::SignatureOfOtherText, words, reading });
        }
    }
    let signed = segments.signed.first().map_or(&b""[..], |text| text.as_bytes());
    if let Some(digest) = attempt.digest(signed) {
        for text in [digest.to_vec(), hex::encode(&digest).into_bytes()] {
            if let Some(reading) = attempt.key_over(secret, &text) {
                let words = "it is the signature of a hash of the text".to_owned();
                return Some(Misuse { mistake: Mistake::SignatureOfOtherText, words, reading });
            }
        }
    }
    let bytes = Zeroizing::new(hex::decode(secret).unwrap_or_default());
    let payload = segments.payload.as_bytes();
    for text in [signed, payload] {
        for message in [secret, &bytes] {
            if let Some(reading) = attempt.key_over(text, message) {
                let words = "it is the HMAC of the secret, with the text as the key".to_owned();
                return Some(Misuse { mistake: Mistake::KeyAndTextExchanged, words, reading });
            }
        }
    }
    for text in [signed, payload] {
        if let Some(reading) = attempt.hash_of(&[text]) {
            let words = format!("it is the {} of the text alone, without the secret", reading.hash.name());
            return Some(Misuse { mistake: Mistake::SignaturePlainHash, words, reading });
        }
        for separator in [&b""[..], b".", b":", b"\n", b"|", b"&", b" "] {
            for secret in [secret, &bytes] {
                for parts in [[secret, separator, text], [text, separator, secret]] {
                    if let Some(reading) = attempt.hash_of(&parts) {
                        let hash = reading.hash.name();
                        let words =
                            format!("it is the {hash} of the secret and the text, one behind the other");
                        return Some(Misuse { mistake: Mistake::SignaturePlainHash, words, reading });
                    }
                }
            }
        }
    }
    None
}
