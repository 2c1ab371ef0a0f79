//! What the pages of the site share.

use std::sync::{PoisonError, RwLock};

use boostgpt_sso::{Signer, SsoSecret, WidgetToken};

use super::{
    keys::Keys,
    login::{Login, Logins},
};
use crate::{clock::Clock, flash::Flashes, origins::Origins};

/// What a page says once, after its form was sent.
#[derive(Default)]
pub(super) struct FormNotice {
    pub(super) saved: &'static str,
    /// What is wrong with a secret that was entered.
    pub(super) problem: String,
}

pub(crate) struct Customer {
    pub(super) origins: Origins,
    keys: RwLock<Option<Keys>>,
    pub(super) logins: Logins,
    pub(super) told: Flashes<FormNotice>,
    pub(super) clock: Clock,
}

impl Customer {
    pub(super) fn new(origins: Origins, clock: Clock) -> Self {
        Self {
            origins,
            keys: RwLock::default(),
            logins: Logins::new("login"),
            told: Flashes::default(),
            clock,
        }
    }

    /// The token for the user of this login; `None` as long as there is no secret.
    pub(super) fn sign(&self, login: &Login) -> Option<WidgetToken> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let user = login.user.identity().ok()?;
        // Without sabotage: keys.signer.sign(&user)
        keys.as_ref().map(|keys| login.sabotage().sign(keys, &user, self.clock.now()))
    }

    pub(super) fn use_secret(&self, secret: &SsoSecret) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let (signer, fingerprint) = (Signer::new(secret).for_bot(self.origins.bot), secret.fingerprint());
        let old = match keys.take() {
            Some(same) if same.fingerprint == fingerprint => same.old,
            before => before.map(|before| before.signer),
        };
        *keys = Some(Keys { signer, fingerprint, old });
    }

    /// Tells which secret there is, and nothing of it.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.as_ref().map(|keys| keys.fingerprint.clone())
    }
}
