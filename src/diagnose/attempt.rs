//! Asks of one key or one text at a time whether it explains the signature, within what a question may cost.

use super::{
    mac_reading::MacReading,
    work::{Bytes, Hash, Work},
};

/// The texts that may have been signed, and what the third segment may hold.
pub(super) struct Attempt<'a> {
    texts: &'a [String],
    readings: &'a [MacReading],
    hashes: Vec<Hash>,
    work: &'a Work,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(texts: &'a [String], readings: &'a [MacReading], work: &'a Work) -> Self {
        let read = |hash: &Hash| readings.iter().any(|reading| reading.hash == *hash);
        Self { texts, readings, hashes: Hash::ALL.into_iter().filter(read).collect(), work }
    }

    /// The reading of the signature that is the MAC under this key.
    pub(super) fn key(&self, key: &[u8]) -> Option<&'a MacReading> {
        self.texts.iter().find_map(|text| self.key_over(key, text.as_bytes()))
    }

    /// The same over another text.
    pub(super) fn key_over(&self, key: &[u8], text: &[u8]) -> Option<&'a MacReading> {
        self.hashes.iter().find_map(|hash| self.reading(*hash, &self.work.hmac(*hash, key, text)?))
    }

    /// The reading of the signature that is the digest of these parts.
    pub(super) fn hash_of(&self, parts: &[&[u8]]) -> Option<&'a MacReading> {
        self.hashes.iter().find_map(|hash| self.reading(*hash, &self.work.digest(*hash, parts)?))
    }

    fn reading(&self, hash: Hash, mac: &Bytes) -> Option<&'a MacReading> {
        self.readings.iter().find(|reading| reading.hash == hash && reading.is(mac))
    }
}
