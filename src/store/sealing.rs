//! Secrets at rest: sealed, not hashed, since verifying needs them. XChaCha20-Poly1305 under a master key
//! that the service holds outside of the database, bound to what the value is for. A stolen database forges
//! nothing.

use std::{
    env, fmt,
    str::FromStr,
    sync::{Arc, LazyLock},
};

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    coded::coded_error,
    id::{BotId, SecretVersion},
    secret::SsoSecret,
};

/// The environment variable that [`MasterKey::from_env`] reads.
pub const MASTER_KEY_VARIABLE: &str = "BOOSTGPT_SSO_MASTER_KEY";

const NONCE_BYTES: usize = 24;

/// The key, or the keys, under which a store seals its secrets: 32 random bytes each.
///
/// The first one seals; all of them open. `Debug` shows the keys' ids only.
///
/// # Rotation
///
/// A process that does not have a key cannot open what another one seals with it. So every process gets the
/// new key before any process seals with it. In this order no visit fails at any moment:
///
/// 1. `old,new` in every process, one after the other: all of them can open both.
/// 2. `new,old` in every process, one after the other: from now on they seal with the new one.
/// 3. [Reseal](crate::store::Store::reseal) once. It may be interrupted and repeated.
/// 4. `new` in every process.
///
/// Keep the old key as long as there are backups of that time: restoring one needs it.
///
/// ```
/// use boostgpt_sso::store::MasterKey;
///
/// // Really: 32 random bytes from where the service keeps its secrets.
/// let key = MasterKey::from_bytes([7; 32]);
/// let rotated = MasterKey::from_bytes([8; 32]).with_previous([7; 32]);
/// assert_ne!(key.id(), rotated.id());
/// ```
#[derive(Clone)]
pub struct MasterKey(Arc<[(KeyId, XChaCha20Poly1305)]>);

/// Tells master keys apart: a part of their digest, no secret. It is stored beside everything they seal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

/// A sealed value: the nonce, the ciphertext and its tag, and which key opens it.
// Exhaustive: a store keeps both fields, and would lose a third one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key that it was sealed with.
    pub key: KeyId,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl MasterKey {
    /// Takes a single key: 32 random bytes. A key of zeros is refused when it is to seal or to open, with
    /// [`SealingError::WeakMasterKey`].
    #[must_use]
    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(Arc::new([entry(key)]))
    }

    /// Makes a new random key, which ends with this value: for tests and demonstrations.
    ///
    /// # Errors
    /// [`SealingError::Generator`].
    pub fn generate() -> Result<Self, SealingError> {
        let mut key = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(key.as_mut_slice()).map_err(|_| SealingError::Generator)?;
        Ok(Self::from_bytes(*key))
    }

    /// Holds no key: for a program that only looks things up, and should not be able to open any secret.
    ///
    /// A store that is opened with it, as it is ([`connect_existing`](super::connect_existing)), lists, finds
    /// and counts, creates projects, and removes secrets. What needs a secret or the hash of a name is
    /// refused with [`SealingError::NoMasterKey`]: to read, regenerate or reseal a secret, to provision and
    /// to forget.
    ///
    /// ```
    /// use boostgpt_sso::store::{MasterKey, SealingError};
    ///
    /// assert!(matches!(MasterKey::none().seal(b"context", b"value"), Err(SealingError::NoMasterKey)));
    /// ```
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new([]))
    }

    /// Returns whether there is no key, as in [`none`](Self::none).
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a key that only opens: what was sealed before a rotation.
    #[must_use]
    pub fn with_previous(self, key: [u8; 32]) -> Self {
        Self(self.0.iter().cloned().chain([entry(key)]).collect())
    }

    /// Reads the keys in the environment variable `BOOSTGPT_SSO_MASTER_KEY`: 64 hexadecimal digits each,
    /// separated by commas, the one that seals first. `openssl rand -hex 32` makes one.
    ///
    /// # Errors
    /// [`SealingError::NoMasterKey`] if it is not set, [`SealingError::MalformedMasterKey`] or
    /// [`SealingError::WeakMasterKey`] if it is anything else.
    pub fn from_env() -> Result<Self, SealingError> {
        let text = Zeroizing::new(env::var(MASTER_KEY_VARIABLE).map_err(|error| match error {
            env::VarError::NotPresent => SealingError::NoMasterKey,
            env::VarError::NotUnicode(_) => SealingError::MalformedMasterKey,
        })?);
        text.parse()
    }

    /// Returns the id of the key that seals.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.0.first().map_or(KeyId([0; 8]), |(id, _)| *id)
    }

    /// The key that seals, if no key is all zeros.
    fn first(&self) -> Result<&(KeyId, XChaCha20Poly1305), SealingError> {
        static ZEROS: LazyLock<KeyId> = LazyLock::new(|| entry([0; 32]).0);
        if self.0.iter().any(|(id, _)| *id == *ZEROS) {
            return Err(SealingError::WeakMasterKey);
        }
        self.0.first().ok_or(SealingError::NoMasterKey)
    }

    /// Seals a bot's secret, so that it opens for this bot and this version only.
    ///
    /// # Errors
    /// [`SealingError::Generator`] if there is no randomness for the nonce.
    pub fn seal_secret(
        &self,
        bot: BotId,
        version: SecretVersion,
        secret: &SsoSecret,
    ) -> Result<Sealed, SealingError> {
        self.seal(&secret_context(bot, version), secret.expose_secret().as_bytes())
    }

    /// Opens a bot's secret.
    ///
    /// # Errors
    /// [`SealingError::UnknownKey`] if the key is not among these, [`SealingError::Damaged`] if the value was
    /// changed or moved here from another bot or version.
    pub fn open_secret(
        &self,
        bot: BotId,
        version: SecretVersion,
        sealed: &Sealed,
    ) -> Result<SsoSecret, SealingError> {
        let bytes = self.open(&secret_context(bot, version), sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| SealingError::Damaged)?;
        text.parse().map_err(|_| SealingError::Damaged)
    }

    /// Seals any value for one purpose: it opens with the same `context` only.
    ///
    /// # Errors
    /// [`SealingError::Generator`], [`SealingError::NoMasterKey`], [`SealingError::WeakMasterKey`].
    pub fn seal(&self, context: &[u8], value: &[u8]) -> Result<Sealed, SealingError> {
        let (key, cipher) = self.first()?;
        let mut nonce = [0; NONCE_BYTES];
        SysRng.try_fill_bytes(&mut nonce).map_err(|_| SealingError::Generator)?;
        let payload = Payload { msg: value, aad: context };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealingError::Damaged)?;
        Ok(Sealed { key: *key, bytes: [&nonce[..], &sealed].concat() })
    }

    /// Opens a value that was sealed for this `context`.
    ///
    /// # Errors
    /// [`SealingError::UnknownKey`], [`SealingError::Damaged`], [`SealingError::NoMasterKey`],
    /// [`SealingError::WeakMasterKey`].
    pub fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        self.first()?;
        let (_, cipher) = self
            .0
            .iter()
            .find(|(id, _)| *id == sealed.key)
            .ok_or(SealingError::UnknownKey { sealed_with: sealed.key, first_held: self.id() })?;
        let (nonce, bytes) = sealed.bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealingError::Damaged)?;
        let payload = Payload { msg: bytes, aad: context };
        cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealingError::Damaged)
    }
}

impl FromStr for MasterKey {
    type Err = SealingError;

    /// Takes 64 hexadecimal digits, or several of those separated by commas, the key that seals first. White
    /// space around them is no part of them.
    ///
    /// # Errors
    /// [`SealingError::MalformedMasterKey`].
    fn from_str(text: &str) -> Result<Self, SealingError> {
        let mut keys = text.split(',').map(|text| {
            let mut key = [0; 32];
            hex::decode_to_slice(text.trim(), &mut key).map_err(|_| SealingError::MalformedMasterKey)?;
            if key == [0; 32] { Err(SealingError::WeakMasterKey) } else { Ok(key) }
        });
        let first = keys.next().ok_or(SealingError::MalformedMasterKey)??;
        keys.try_fold(Self::from_bytes(first), |all, key| Ok(all.with_previous(key?)))
    }
}

fn entry(key: [u8; 32]) -> (KeyId, XChaCha20Poly1305) {
    let key = Zeroizing::new(key);
    let digest = Sha256::new().chain_update(b"boostgpt-sso master key id").chain_update(*key).finalize();
    let id = digest.first_chunk().copied().unwrap_or_default();
    (KeyId(id), XChaCha20Poly1305::new(&Key::from(*key)))
}

/// The associated data of a bot's secret.
fn secret_context(bot: BotId, version: SecretVersion) -> Vec<u8> {
    // A version of schema 1 was a number. It became the id that ends with its 4 bytes, to which its secret is
    // sealed.
    let version = match version.as_bytes() {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number @ ..] => number,
        id => &id[..],
    };
    [&b"bot secret"[..], bot.as_bytes(), version].concat()
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Why something could not be sealed or opened. Ids of keys only, never a key or a value.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealingError {
    /// The environment variable does not exist.
    #[error("BOOSTGPT_SSO_MASTER_KEY is not set: put a key there (openssl rand -hex 32)")]
    NoMasterKey,
    /// The text is not a list of keys.
    #[error("the master key is not 64 hexadecimal digits, or several of those separated by commas")]
    MalformedMasterKey,
    /// The key is all zeros.
    #[error("the master key is all zeros, which anyone can guess: make a random one (openssl rand -hex 32)")]
    WeakMasterKey,
    /// Sealed with a key that is not held here: a wrong master key, or one taken away too early.
    #[error(
        "sealed with master key {sealed_with}, and this program's first key is {first_held}: give this \
         program the key {sealed_with} too; a new key is given as \"old,new\" to every process first, then \
         as \"new,old\""
    )]
    UnknownKey {
        /// The key that it was sealed with.
        sealed_with: KeyId,
        /// The first of the keys that are held.
        first_held: KeyId,
    },
    /// The value was changed, or is not the one that belongs here.
    #[error("a sealed value is damaged or was moved: restore the store from a backup")]
    Damaged,
    /// The operating system's random number generator failed.
    #[error("the operating system's random number generator failed: try again, or look at the machine")]
    Generator,
}

coded_error! {
    SealingError {
        Self::NoMasterKey => "no_master_key",
        Self::MalformedMasterKey => "malformed_master_key",
        Self::WeakMasterKey => "weak_master_key",
        Self::UnknownKey { .. } => "unknown_key",
        Self::Damaged => "damaged",
        Self::Generator => "generator",
    }
}
