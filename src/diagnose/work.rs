//! Hashing on a budget: every guess of one question is hashed here, and what it costs is counted.

use std::cell::Cell;

use hmac::digest::{Digest, block_api::BlockSizeUser};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// Bytes that are wiped: a secret, or what was made of one.
pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// One question costs at most this many compressions, whatever was presented and however many secrets are
/// known.
pub(super) const MAX_COMPRESSIONS: usize = 20_000;

/// What a question costs besides its guesses: the verifier's own look at a token of 8192 bytes, which takes
/// 134 compressions, and two for each secret that a finding names.
const RESERVED: usize = 200;

/// The hash functions that keys and signatures are made with, rightly or by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) const ALL: [Self; 5] = [Self::Sha256, Self::Sha512, Self::Sha384, Self::Sha1, Self::Md5];

    /// The hash function whose digests have this many bytes.
    pub(super) fn with_length(bytes: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.length() == bytes)
    }

    /// Bytes of a digest.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Hexadecimal digits of a digest.
    pub(super) const fn digits(self) -> usize {
        self.length().saturating_mul(2)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Bytes of a block.
    pub(super) const fn block(self) -> usize {
        match self {
            Self::Md5 | Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }

    /// How many blocks are compressed for a message of so many bytes, with the bit behind it and its length
    /// in the last eighth of a block [FIPS 180-4 section 5.1, RFC 1321 section 3].
    pub(super) const fn compressions(self, bytes: usize) -> usize {
        bytes.saturating_add(1).saturating_add(self.block() / 8).div_ceil(self.block())
    }
}

/// What is left of a question's compressions.
pub(super) struct Work {
    left: Cell<usize>,
}

impl Work {
    pub(super) const fn new() -> Self {
        Self { left: Cell::new(MAX_COMPRESSIONS.saturating_sub(RESERVED)) }
    }

    /// Whether a guess was not made for lack of compressions.
    pub(super) fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }

    #[cfg(test)]
    pub(super) const fn spent(&self) -> usize {
        MAX_COMPRESSIONS - RESERVED - self.left.get()
    }

    /// The digest of these parts, one behind the other; `None` when there is no work left for it, and from
    /// then on.
    pub(super) fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Option<Bytes> {
        fn digest<D: Digest + BlockSizeUser>(parts: &[&[u8]]) -> Bytes {
            let mut state = D::new();
            for part in parts {
                state.update(part);
            }
            Zeroizing::new(state.finalize().to_vec())
        }
        let bytes = parts.iter().map(|part| part.len()).fold(0_usize, usize::saturating_add);
        let Some(left) = self.left.get().checked_sub(hash.compressions(bytes)) else {
            self.left.set(0);
            return None;
        };
        self.left.set(left);
        Some(match hash {
            Hash::Md5 => digest::<Md5>(parts),
            Hash::Sha1 => digest::<Sha1>(parts),
            Hash::Sha256 => digest::<Sha256>(parts),
            Hash::Sha384 => digest::<Sha384>(parts),
            Hash::Sha512 => digest::<Sha512>(parts),
        })
    }

    /// The HMAC [RFC 2104] of a message under any key.
    pub(super) fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Option<Bytes> {
        let hashed = if key.len() > hash.block() { Some(self.digest(hash, &[key])?) } else { None };
        let key = hashed.as_ref().map_or(key, |digest| digest.as_slice());
        let padded = |pad: u8| -> Bytes {
            let zeros = std::iter::repeat_n(&0, hash.block().saturating_sub(key.len()));
            Zeroizing::new(key.iter().chain(zeros).map(|byte| byte ^ pad).collect())
        };
        let inner = self.digest(hash, &[&padded(0x36), message])?;
        self.digest(hash, &[&padded(0x5c), &inner])
    }
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    let differ = one.iter().zip(other).fold(0, |differ, (a, b)| std::hint::black_box(differ | (a ^ b)));
    one.len() == other.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use hmac::{KeyInit, Mac, SimpleHmac};
    use proptest::prelude::*;
    use sha2::block_api::compress256;

    use super::*;

    /// SHA-256 that counts its compressions.
    fn counted(message: &[u8]) -> ([u8; 32], usize) {
        let mut state = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ];
        let mut padded = [message, &[0x80]].concat();
        while padded.len() % 64 != 56 {
            padded.push(0);
        }
        padded.extend((message.len() as u64 * 8).to_be_bytes());
        let blocks = padded.as_chunks().0;
        for block in blocks {
            compress256(&mut state, std::slice::from_ref(block));
        }
        let mut digest = [0; 32];
        digest.as_chunks_mut().0.iter_mut().zip(state).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
        (digest, blocks.len())
    }

    fn theirs<D: Digest + BlockSizeUser>(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mac = <SimpleHmac<D> as KeyInit>::new_from_slice(key).unwrap();
        mac.chain_update(message).finalize().into_bytes().to_vec()
    }

    proptest! {
        #[test]
        fn it_counts_every_compression(message in proptest::collection::vec(any::<u8>(), 0..300)) {
            let work = Work::new();
            let before = work.left.get();
            let parts = message.split_at(message.len() / 3);
            let digest = work.digest(Hash::Sha256, &[parts.0, parts.1]);
            let (expected, compressions) = counted(&message);
            prop_assert_eq!(digest.unwrap().to_vec(), expected);
            prop_assert_eq!(before - work.left.get(), compressions);
        }

        #[test]
        fn it_is_hmac(
            key in proptest::collection::vec(any::<u8>(), 0..300),
            message in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let work = Work::new();
            for hash in Hash::ALL {
                let expected = match hash {
                    Hash::Md5 => theirs::<Md5>(&key, &message),
                    Hash::Sha1 => theirs::<Sha1>(&key, &message),
                    Hash::Sha256 => theirs::<Sha256>(&key, &message),
                    Hash::Sha384 => theirs::<Sha384>(&key, &message),
                    Hash::Sha512 => theirs::<Sha512>(&key, &message),
                };
                prop_assert_eq!(work.hmac(hash, &key, &message).unwrap().to_vec(), expected.clone());
                prop_assert_eq!(expected.len(), hash.length());
                prop_assert_eq!(Hash::with_length(expected.len()), Some(hash));
            }
        }
    }

    #[test]
    fn it_ends_for_good() {
        let work = Work::new();
        assert!(work.digest(Hash::Sha256, &[&vec![0; 64 * MAX_COMPRESSIONS]]).is_none());
        assert!(work.is_used_up() && work.digest(Hash::Md5, &[]).is_none());
    }
}
