//! The keys of the site's back end: the only place with the secret.

use boostgpt_sso::Signer;

pub(super) struct Keys {
    pub(super) signer: Signer,
    /// Of the secret, which it does not give away.
    pub(super) fingerprint: String,
    /// Of the secret before, for showing what becomes of its tokens.
    pub(super) old: Option<Signer>,
}
