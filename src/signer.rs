//! What a customer's back end signs: [`Signer`] and [`WidgetToken`].

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};
use time::{Duration, OffsetDateTime};

use crate::{
    clock,
    error::ConfigError,
    id::BotId,
    identity::Identity,
    jwt::{
        self,
        claims::{MAX_LIFETIME, moment},
        hs256::MacKey,
        numeric_date::MAX_NUMERIC_DATE,
    },
    secret::{SecretError, SsoSecret},
};

/// Signs widget tokens with an agent's SSO secret.
///
/// Made once, used for every page load. Cheap to clone, and it keeps the HMAC state, not the secret.
///
/// ```
/// use boostgpt_sso::{Identity, Signer, SsoSecret};
/// # let secret = SsoSecret::generate()?;
///
/// let signer = Signer::new(&secret);
/// let token = signer.sign(&Identity::new("ada@example.com")?); // one hour
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Signer {
    key: Arc<MacKey>,
    lifetime: i64,
    bot: Option<BotId>,
}

impl Signer {
    /// Creates a signer with this secret, whose tokens live for one hour.
    #[must_use]
    pub fn new(secret: &SsoSecret) -> Self {
        Self { key: Arc::new(MacKey::new(secret)), lifetime: MAX_LIFETIME, bot: None }
    }

    /// Creates a signer with the secret in the environment variable `BOOSTGPT_SSO_SECRET`.
    ///
    /// # Errors
    /// As [`SsoSecret::from_env`].
    ///
    /// ```no_run
    /// let signer = boostgpt_sso::Signer::from_env()?;
    /// # Ok::<(), boostgpt_sso::SecretError>(())
    /// ```
    pub fn from_env() -> Result<Self, SecretError> {
        SsoSecret::from_env().map(|secret| Self::new(&secret))
    }

    /// Returns the same signer with another lifetime: 1 s to 3600 s, in whole seconds (a fraction is
    /// dropped).
    ///
    /// # Errors
    /// [`ConfigError::LifetimeOutOfRange`] (rule C7).
    ///
    /// ```
    /// use boostgpt_sso::time::Duration;
    /// # use boostgpt_sso::{Signer, SsoSecret};
    /// # let secret = SsoSecret::generate()?;
    ///
    /// let signer = Signer::new(&secret).with_lifetime(Duration::minutes(5))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        if lifetime < Duration::SECOND || lifetime > Duration::seconds(MAX_LIFETIME) {
            return Err(ConfigError::LifetimeOutOfRange { given: lifetime });
        }
        Ok(Self { lifetime: lifetime.whole_seconds(), ..self })
    }

    /// Returns the same signer for one bot: its tokens carry the bot's id as `aud` and are refused elsewhere
    /// (rule C8).
    ///
    /// ```
    /// # use boostgpt_sso::{Signer, SsoSecret};
    /// # let secret = SsoSecret::generate()?;
    /// let signer = Signer::new(&secret).for_bot("0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn for_bot(self, bot: BotId) -> Self {
        Self { bot: Some(bot), ..self }
    }

    /// Signs a token for this visitor, from now until the lifetime is over. It cannot fail: every identity
    /// fits.
    ///
    /// On a machine whose clock is before 1970 the token starts at 1970, so every verifier refuses it as
    /// expired.
    #[must_use]
    pub fn sign(&self, identity: &Identity) -> WidgetToken {
        self.sign_from(identity, clock::now().unwrap_or(0))
    }

    /// Signs as if the clock said `now`: for tests, and for machines with a better clock than the system's.
    ///
    /// Fractions of a second are dropped. A `now` before 1970 counts as 1970; one after 9999-12-31T23:59:59Z
    /// less the lifetime counts as that moment.
    #[must_use]
    pub fn sign_at(&self, identity: &Identity, now: OffsetDateTime) -> WidgetToken {
        self.sign_from(identity, now.unix_timestamp())
    }

    fn sign_from(&self, identity: &Identity, now: i64) -> WidgetToken {
        let iat = now.clamp(0, MAX_NUMERIC_DATE.saturating_sub(self.lifetime));
        let exp = iat.saturating_add(self.lifetime);
        WidgetToken { text: jwt::sign(&self.key, identity, iat, exp, self.bot), expires_at: exp }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("lifetime", &Duration::seconds(self.lifetime))
            .field("bot", &self.bot)
            .finish_non_exhaustive()
    }
}

/// A signed widget token, for the page of the visitor it names and no other.
///
/// It is accepted as the visitor until it expires, as often as it is used: send it to their own page only,
/// over HTTPS, never in a URL, never into a log or a shared cache. `Debug` is redacted; `Display` and
/// `Serialize` give the text, since the page needs it.
///
/// ```
/// # use boostgpt_sso::{Identity, Signer, SsoSecret};
/// # let signer = Signer::new(&SsoSecret::generate()?);
/// let token = signer.sign(&Identity::new("ada@example.com")?);
/// let tag = format!(r#"<script src="…/widget.js" data-bot-id="…" data-user-token="{token}"></script>"#);
/// assert!(tag.contains(token.as_str()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WidgetToken {
    text: String,
    /// Whole seconds since 1970.
    expires_at: i64,
}

impl WidgetToken {
    /// Returns the token's text: ASCII, base64url and two dots, at most
    /// [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns when it stops being accepted, to the second.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        moment(self.expires_at)
    }
}

impl From<WidgetToken> for String {
    fn from(token: WidgetToken) -> Self {
        token.text
    }
}

impl AsRef<[u8]> for WidgetToken {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl fmt::Display for WidgetToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for WidgetToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl fmt::Debug for WidgetToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WidgetToken").field("expires_at", &self.expires_at()).finish_non_exhaustive()
    }
}
