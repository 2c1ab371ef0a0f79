//! Names of people (e-mail keys and external ids) as keyed hashes: enough to know one again, too little to find out who it
//! was, even with the database.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::{TryRng, rngs::SysRng};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    model::Subscriber,
    sealing::{MasterKey, Sealed, SealingError},
};
use crate::identity::{Email, Identity, email_key};

/// A name of which only this is kept.
pub(super) type NameHash = [u8; 32];

/// The key of the hashes: made with the database, sealed in it. That it opens shows that the master key is the right
/// one.
#[derive(Clone)]
pub(super) struct NameKey(Hmac<Sha256>);

/// What the sealed key is for.
const CONTEXT: &[u8] = b"hash key of forgotten names";

/// The hashes of an identity's names.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub(super) email: NameHash,
    pub(super) external_id: Option<NameHash>,
}

impl NameKey {
    /// A new random key, sealed.
    pub(super) fn generate(master_key: &MasterKey) -> Result<Sealed, SealingError> {
        let mut key = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(key.as_mut_slice()).map_err(|_| SealingError::Generator)?;
        master_key.seal(CONTEXT, key.as_slice())
    }

    pub(super) fn open(sealed: &Sealed, master_key: &MasterKey) -> Result<Self, SealingError> {
        let key = master_key.open(CONTEXT, sealed)?;
        Hmac::new_from_slice(&key).map(Self).map_err(|_| SealingError::Damaged)
    }

    /// The same key under the first master key.
    pub(super) fn reseal(sealed: &Sealed, master_key: &MasterKey) -> Result<Sealed, SealingError> {
        master_key.seal(CONTEXT, &master_key.open(CONTEXT, sealed)?)
    }

    fn hash(&self, kind: u8, name: &str) -> NameHash {
        self.0.clone().chain_update([kind]).chain_update(name).finalize().into_bytes().into()
    }

    pub(super) fn email(&self, email: Email<'_>) -> NameHash {
        self.stored_email(email.as_str())
    }

    pub(super) fn external_id(&self, external_id: &str) -> NameHash {
        self.hash(1, external_id)
    }

    /// The hash of a stored address, which fitted the rules of its time.
    pub(super) fn stored_email(&self, address: &str) -> NameHash {
        self.hash(0, &email_key(address))
    }

    pub(super) fn of(&self, identity: &Identity) -> Names {
        Names {
            email: self.email(identity.email()),
            external_id: identity.external_id().map(|id| self.external_id(id)),
        }
    }

    /// The names that a subscriber holds: the e-mail address and the external id.
    pub(super) fn held_by(&self, subscriber: &Subscriber) -> [Option<NameHash>; 2] {
        let email = subscriber.email.as_deref().map(|email| self.stored_email(email));
        [email, subscriber.external_id.as_deref().map(|id| self.external_id(id))]
    }
}

impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameKey(..)")
    }
}
