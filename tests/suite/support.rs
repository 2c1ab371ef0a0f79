//! Tokens of every shape, made without the crate under test: its own HMAC call and its own base64url.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use boostgpt_sso::{
    BotId, Identity, Signer, SsoSecret, VerifiedIdentity, Verifier, VerifyError,
    time::{Duration, OffsetDateTime},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Made for these tests with `openssl rand -hex 32`; it opens nothing.
pub const SECRET: &str = "9f2c41d07be85a36c1d94e7f20b863a5d7e91c5408fb32a6e4d07c1b95f8326a";
pub const BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";
pub const OTHER_BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b2";

/// 2026-11-22T12:00:00Z
pub const NOW: i64 = 1_795_348_800;
pub const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

pub fn secret() -> SsoSecret {
    SECRET.parse().unwrap()
}

pub fn signer() -> Signer {
    static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new(&secret()));
    SIGNER.clone()
}

pub fn verifier() -> Verifier {
    static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| Verifier::new(&secret()));
    VERIFIER.clone()
}

pub fn bot() -> BotId {
    BOT.parse().unwrap()
}

pub fn now() -> OffsetDateTime {
    let now = at(NOW);
    assert_eq!(now.to_string(), "2026-11-22 12:00:00.0 +00:00:00");
    now
}

pub fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

pub fn seconds(seconds: i64) -> Duration {
    Duration::seconds(seconds)
}

pub fn ada() -> Identity {
    Identity::new("ada@example.com").unwrap()
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(segment: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(segment).unwrap()
}

pub fn hmac(key: &[u8], message: &str) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().into()
}

/// `signed`, which is two segments as a rule, with its signature under the test secret.
pub fn seal(signed: &str) -> String {
    format!("{signed}.{}", base64url(hmac(SECRET.as_bytes(), signed)))
}

/// A correctly signed token with this header and payload, whatever they are.
pub fn token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    seal(&format!("{}.{}", base64url(header), base64url(payload)))
}

/// The payload of a good token, from which the given members differ: a JSON `null` takes a member out. The
/// dates come last, as libraries write them.
pub fn claims(changes: &str) -> String {
    let mut claims: serde_json::Map<String, Value> = serde_json::from_str(&format!(
        r#"{{"email":"ada@example.com","name":"Ada","external_id":"42","iat":{NOW},"exp":{}}}"#,
        NOW + 3600
    ))
    .unwrap();
    let changes: serde_json::Map<String, Value> = serde_json::from_str(changes).unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => drop(claims.remove(&name)),
            value => drop(claims.insert(name, value)),
        }
    }
    let mut members: Vec<_> = claims.into_iter().collect();
    members.sort_by_key(|(name, _)| {
        ["iat", "nbf", "exp"].iter().position(|date| date == name).map(|place| place + 1)
    });
    let members: Vec<_> =
        members.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
    format!("{{{}}}", members.join(","))
}

pub type Verdict = Result<VerifiedIdentity, VerifyError>;

/// The verdict on a presented token, now.
pub fn present(token: impl AsRef<[u8]>) -> Verdict {
    verifier().verify_at(token, now())
}

/// The verdict on a correctly signed token with this header and a good payload.
pub fn header_verdict(header: impl AsRef<[u8]>) -> Verdict {
    present(token(header, claims("{}")))
}

/// The verdict on a correctly signed token with exactly this payload.
pub fn payload_verdict(payload: impl AsRef<[u8]>) -> Verdict {
    present(token(HEADER, payload))
}

/// The verdict on a correctly signed token whose claims differ from good ones by `changes`.
pub fn claims_verdict(changes: &str) -> Verdict {
    payload_verdict(claims(changes))
}

/// Like [`claims_verdict`], for values that a JSON library would not keep as they are: `members` is put into
/// the text.
pub fn raw_verdict(without: &str, members: &str) -> Verdict {
    let rest = claims(&format!(r#"{{"{without}":null}}"#));
    payload_verdict(rest.replacen('{', &format!("{{{members},"), 1))
}

#[track_caller]
pub fn refused(verdict: Verdict, expected: VerifyError) {
    assert_eq!(verdict, Err(expected));
}

#[track_caller]
pub fn accepted(verdict: Verdict) -> VerifiedIdentity {
    verdict.unwrap_or_else(|error| panic!("refused: {error}"))
}
