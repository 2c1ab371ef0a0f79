//! The one secret of all targets, and tokens that are signed with it past the crate.

use std::sync::LazyLock;

use boostgpt_sso::{SsoSecret, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::oracle::base64url::encode;

/// A secret like one of the dashboard's.
pub const SECRET: &str = "8f2a61c09d3be47f5a0c1d7e9b8346f2e1d0c7b6a5948372615f4e3d2c1b0a98";

/// The header of the documentation.
pub const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

static KEY: LazyLock<Hmac<Sha256>> =
    LazyLock::new(|| Hmac::new_from_slice(SECRET.as_bytes()).expect("any length"));

pub fn secret() -> SsoSecret {
    SECRET.parse().expect("a secret")
}

/// A verifier that knows the secret.
pub fn verifier() -> Verifier {
    static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| Verifier::new(&secret()));
    VERIFIER.clone()
}

/// The signature of what is before a token's last dot.
pub fn mac(signed: &[u8]) -> [u8; 32] {
    KEY.clone().chain_update(signed).finalize().into_bytes().into()
}

/// Adds the signature to what was signed.
pub fn sign(mut signed: Vec<u8>) -> Vec<u8> {
    let mac = mac(&signed);
    signed.push(b'.');
    signed.extend_from_slice(encode(&mac).as_bytes());
    signed
}

/// The token of this header and this payload.
pub fn token(header: &[u8], payload: &[u8]) -> Vec<u8> {
    sign(format!("{}.{}", encode(header), encode(payload)).into_bytes())
}
