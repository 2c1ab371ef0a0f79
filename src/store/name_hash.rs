//! Names of people (e-mail keys and external ids) as keyed hashes: enough to know one again, too little to
//! find out who it was, even with the whole database.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::{TryRng, rngs::SysRng};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::sealing::{MasterKey, Sealed, SealingError};
use crate::{
    id::ProjectId,
    identity::{Email, email_key},
};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::{identity::Identity, store::model::Subscriber};

/// A keyed hash of a name: 128 bits of HMAC-SHA256.
pub type NameHash = [u8; 16];

/// The key of the hashes of names, for a store that keeps forgotten names.
///
/// It is random, made with the store, and kept in it, sealed under the master key. The hashes of one name
/// differ in every project, and an account's differ from all of those, so joining tables or projects tells
/// nothing about the forgotten.
///
/// ```
/// use boostgpt_sso::{Email, ProjectId, store::{MasterKey, NameKey}};
///
/// let master_key = MasterKey::from_bytes([7; 32]); // really: `MasterKey::from_env()?`
/// let sealed = NameKey::generate(&master_key)?; // once per store, kept beside its tables
/// let names = NameKey::open(&sealed, &master_key)?;
///
/// let (project, other) = (ProjectId::from_bytes([1; 16]), ProjectId::from_bytes([2; 16]));
/// let hash = names.email(project, Email::new("ada@example.com")?);
/// assert_eq!(hash, names.email(project, Email::new("Ada@Example.com")?)); // by its key
/// assert_ne!(hash, names.email(other, Email::new("ada@example.com")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct NameKey(Hmac<Sha256>);

/// What the sealed key is for.
const CONTEXT: &[u8] = b"hash key of forgotten names";

/// What kind of text is hashed.
const EMAIL: u8 = 0;
const EXTERNAL_ID: u8 = 1;
const ACCOUNT: u8 = 2;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
/// The hashes of an identity's names in one project.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub(super) email: NameHash,
    pub(super) external_id: Option<NameHash>,
}

impl NameKey {
    /// Makes a new random key, sealed.
    ///
    /// # Errors
    /// [`SealingError::Generator`].
    pub fn generate(master_key: &MasterKey) -> Result<Sealed, SealingError> {
        let mut key = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(key.as_mut_slice()).map_err(|_| SealingError::Generator)?;
        master_key.seal(CONTEXT, key.as_slice())
    }

    /// Opens a sealed key. That it opens shows that the master key is the right one.
    ///
    /// # Errors
    /// As [`MasterKey::open`].
    pub fn open(sealed: &Sealed, master_key: &MasterKey) -> Result<Self, SealingError> {
        let key = master_key.open(CONTEXT, sealed)?;
        Hmac::new_from_slice(&key).map(Self).map_err(|_| SealingError::Damaged)
    }

    /// Seals the same key under the first master key.
    ///
    /// # Errors
    /// As [`MasterKey::open`] and [`MasterKey::seal`].
    pub fn reseal(sealed: &Sealed, master_key: &MasterKey) -> Result<Sealed, SealingError> {
        master_key.seal(CONTEXT, &master_key.open(CONTEXT, sealed)?)
    }

    /// Hashes an e-mail address, by its [key](Email::key), in a project.
    #[must_use]
    pub fn email(&self, project: ProjectId, email: Email<'_>) -> NameHash {
        self.stored_email(project, &email.key())
    }

    /// Hashes an external id in a project.
    #[must_use]
    pub fn external_id(&self, project: ProjectId, external_id: &str) -> NameHash {
        self.in_project(project, self.plain(EXTERNAL_ID, external_id))
    }

    /// Hashes the e-mail key of an account, which belongs to no project.
    #[must_use]
    pub fn account(&self, email: Email<'_>) -> NameHash {
        self.of_account(self.plain(EMAIL, &email.key()))
    }

    /// Hashes a hash of schema 1, in which an account had the same as its address.
    pub(super) fn of_account(&self, plain: NameHash) -> NameHash {
        self.hash(&[&[ACCOUNT], &plain])
    }

    /// Hashes a stored address, whatever today's rules for addresses say of it.
    pub(super) fn stored_email(&self, project: ProjectId, address: &str) -> NameHash {
        self.in_project(project, self.plain(EMAIL, &email_key(address)))
    }

    /// Hashes a hash of schema 1, which had the kind of a name in it, but no project.
    pub(super) fn in_project(&self, project: ProjectId, plain: NameHash) -> NameHash {
        self.hash(&[project.as_bytes(), &plain])
    }

    fn plain(&self, kind: u8, name: &str) -> NameHash {
        self.hash(&[&[kind], name.as_bytes()])
    }

    fn hash(&self, parts: &[&[u8]]) -> NameHash {
        let hash = parts.iter().fold(self.0.clone(), Mac::chain_update).finalize().into_bytes();
        hash.first_chunk().copied().unwrap_or_default() // 32 bytes have a first 16
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn of(&self, project: ProjectId, identity: &Identity) -> Names {
        Names {
            email: self.email(project, identity.email()),
            external_id: identity.external_id().map(|id| self.external_id(project, id)),
        }
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    /// Hashes the names that a subscriber has: the e-mail address and the external id.
    pub(super) fn held_by(&self, subscriber: &Subscriber) -> [Option<NameHash>; 2] {
        let project = subscriber.project;
        let email = subscriber.email.as_deref().map(|email| self.stored_email(project, email));
        [email, subscriber.external_id.as_deref().map(|id| self.external_id(project, id))]
    }
}

impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameKey(..)")
    }
}
