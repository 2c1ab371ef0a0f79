//! HMAC-SHA256 [RFC 2104, RFC 7518 section 3.2] with the key's state computed once. There is no other algorithm, and
//! no name for one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::SsoSecret;

/// Length of the MAC in bytes.
pub(crate) const MAC_BYTES: usize = 32;

/// A secret's HMAC state: the two SHA-256 states after the padded key. The secret itself is not kept, and the
/// state is wiped on drop.
///
/// An empty or short key cannot be expressed: only an [`SsoSecret`] makes one.
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    pub(crate) fn new(secret: &SsoSecret) -> Self {
        // The 64 ASCII bytes of the text, as typed: what the documented `jwt.sign(…, SSO_SECRET)` uses.
        Self::from_bytes(secret.expose_secret().as_bytes())
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length [RFC 2104 section 2]")]
    fn from_bytes(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    /// Keys of other lengths, for the published test vectors.
    #[cfg(test)]
    pub(crate) fn of_any_length(key: &[u8]) -> Self {
        Self::from_bytes(key)
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; MAC_BYTES] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// Whether `mac` is the message's, compared in constant time (rule M1).
    pub(crate) fn verifies(&self, message: &[u8], mac: &[u8; MAC_BYTES]) -> bool {
        self.0.clone().chain_update(message).verify_slice(mac).is_ok()
    }
}
