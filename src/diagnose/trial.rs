//! The verifier, asked about one part of a token at a time: a copy in which everything else is as it should be, signed
//! with a key of the doctor's own. So the token rules stand in one place, and the doctor cannot disagree with them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use super::keys;
use crate::{
    error::VerifyError,
    secret::SsoSecret,
    verifier::{VerifiedIdentity, Verifier},
};

/// It signs the doctor's copies and nothing else, and is no secret.
const TRIAL_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The shortest header that is accepted, so that no copy is longer than what was presented.
const GOOD_HEADER: &str = r#"{"alg":"HS256"}"#;

#[expect(clippy::expect_used, reason = "64 hexadecimal digits, 16 of them different, are a secret")]
pub(super) fn key() -> SsoSecret {
    TRIAL_KEY.parse().expect("a secret")
}

pub(super) struct Trial {
    verifier: Verifier,
    now: OffsetDateTime,
}

impl Trial {
    /// Asks this verifier, whose key is the trial's [`key`].
    pub(super) const fn new(verifier: Verifier, now: OffsetDateTime) -> Self {
        Self { verifier, now }
    }

    pub(super) const fn now(&self) -> i64 {
        self.now.unix_timestamp()
    }

    pub(super) fn clock_is_out_of_range(&self) -> bool {
        self.header(GOOD_HEADER.as_bytes()) == Err(VerifyError::ClockOutOfRange)
    }

    /// The verdict on this header over good claims.
    pub(super) fn header(&self, header: &[u8]) -> Result<VerifiedIdentity, VerifyError> {
        let exp = self.now().saturating_add(1800);
        self.verify(header, format!(r#"{{"email":"ada@example.com","exp":{exp}}}"#).as_bytes())
    }

    /// The verdict on this payload under a good header.
    pub(super) fn payload(&self, payload: &[u8]) -> Result<VerifiedIdentity, VerifyError> {
        self.verify(GOOD_HEADER.as_bytes(), payload)
    }

    fn verify(&self, header: &[u8], payload: &[u8]) -> Result<VerifiedIdentity, VerifyError> {
        let signed = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = URL_SAFE_NO_PAD.encode(keys::mac(TRIAL_KEY.as_bytes(), signed.as_bytes()));
        self.verifier.verify_at(format!("{signed}.{signature}"), self.now)
    }
}
