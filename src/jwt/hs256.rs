//! HMAC-SHA256 [RFC 2104, RFC 7518 section 3.2] with the key's state computed once. There is no other
//! algorithm, and no name for one.
//!
//! It uses SHA-256's compression function itself: for a message of a few blocks the buffers between that
//! and `hmac::Hmac` cost as much as another block and a half. `hmac` is what it is tested against.

use hmac::digest::CtOutput;
use sha2::{Sha256, block_api::compress256};
use zeroize::Zeroize;

use crate::secret::SsoSecret;

/// Length of the MAC in bytes.
pub(crate) const MAC_BYTES: usize = 32;

/// Length in bytes of SHA-256's block, and of the text of a secret.
const BLOCK: usize = 64;

/// SHA-256's state between two blocks [FIPS 180-4 section 6.2].
type State = [u32; 8];

/// The state before the first one [FIPS 180-4 section 5.3.3].
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A secret's HMAC state: the two SHA-256 states after the padded key. The secret itself is not kept, and the
/// state is wiped on drop.
///
/// An empty or short key cannot be expressed: only an [`SsoSecret`] makes one.
pub(crate) struct MacKey {
    inner: State,
    outer: State,
}

impl MacKey {
    pub(crate) fn new(secret: &SsoSecret) -> Self {
        // The 64 ASCII bytes of the text, as typed: what the documented `jwt.sign(…, SSO_SECRET)` uses. They
        // are one block, so that the key is neither hashed nor filled up.
        Self::of_block(secret.as_block())
    }

    /// K XOR ipad and K XOR opad, each compressed [RFC 2104 section 2].
    fn of_block(key: &[u8; BLOCK]) -> Self {
        let after = |pad: u8| {
            let mut block = [key.map(|byte| byte ^ pad)];
            let mut state = INITIAL;
            compress256(&mut state, &block);
            block.zeroize();
            state
        };
        Self { inner: after(0x36), outer: after(0x5c) }
    }

    /// Keys of other lengths, for the published test vectors.
    #[cfg(test)]
    pub(crate) fn of_any_length(key: &[u8]) -> Self {
        use sha2::Digest;

        let mut block = [0; BLOCK];
        if key.len() > BLOCK {
            block[..MAC_BYTES].copy_from_slice(&Sha256::digest(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        Self::of_block(&block)
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; MAC_BYTES] {
        finish(self.outer, &finish(self.inner, message))
    }

    /// Whether `mac` is the message's, compared in constant time (rule M1).
    pub(crate) fn verifies(&self, message: &[u8], mac: [u8; MAC_BYTES]) -> bool {
        CtOutput::<Sha256>::new(self.mac(message).into()) == CtOutput::new(mac.into())
    }
}

impl Drop for MacKey {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// The digest of the one block that led to `state` and of `message` behind it [FIPS 180-4 sections 5.1.1 and
/// 6.2].
#[inline]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "two blocks have room for less than a block and 9 bytes more; no slice has 2^61 bytes"
)]
fn finish(mut state: State, message: &[u8]) -> [u8; MAC_BYTES] {
    let (blocks, rest) = message.as_chunks();
    compress256(&mut state, blocks);

    // A one bit, zeros, and the length of all in bits, to the end of a block.
    let mut last = [[0; BLOCK]; 2];
    let last = &mut last[..(rest.len() + 9).div_ceil(BLOCK)];
    let bytes = last.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let bits = (BLOCK + message.len()) as u64 * 8;
    let length = bytes.len() - size_of_val(&bits);
    bytes[length..].copy_from_slice(&bits.to_be_bytes());
    compress256(&mut state, last);

    let mut digest = [0; MAC_BYTES];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every length of the rest of a block, and of the padding behind it.
        #[test]
        fn is_hmac(key in any::<[u8; BLOCK]>(), message in proptest::collection::vec(any::<u8>(), 0..400)) {
            let key_of_hmac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            for length in 0..=message.len() {
                let message = &message[..length];
                let expected = key_of_hmac.clone().chain_update(message).finalize().into_bytes();
                let expected: [u8; MAC_BYTES] = expected.into();
                let key = MacKey::of_block(&key);
                prop_assert_eq!(key.mac(message), expected);
                prop_assert!(key.verifies(message, expected));
                let mut other = expected;
                other[length % MAC_BYTES] ^= 1 << (length % 8);
                prop_assert!(!key.verifies(message, other));
            }
        }
    }
}
