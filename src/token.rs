//! What a customer's back end signs and a BoostGPT service verifies, and the clock that both go by.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, Serializer};
use time::{Duration, OffsetDateTime};

use crate::{
    error::{ConfigError, VerifyError},
    id::BotId,
    identity::{Email, Identity},
    jwt::{
        self,
        claims::{Accepted, Expected, LONGEST_LIFETIME, moment},
        hs256::Key,
        numeric_date::LATEST,
    },
    secret::{SecretError, SsoSecret},
};

/// Clocks of issuer and verifier may differ by this much unless set otherwise.
const DEFAULT_SKEW: i64 = 60;
const LARGEST_SKEW: i64 = 300;

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
    key: Arc<Key>,
    lifetime: i64,
    bot: Option<BotId>,
}

impl Signer {
    /// A signer with this secret, whose tokens live for one hour.
    #[must_use]
    pub fn new(secret: &SsoSecret) -> Self {
        Self { key: Arc::new(Key::new(secret)), lifetime: LONGEST_LIFETIME, bot: None }
    }

    /// A signer with the secret in the environment variable `BOOSTGPT_SSO_SECRET`.
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

    /// The same signer with another lifetime: 1 s to 3600 s, in whole seconds (a fraction is dropped).
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
        if lifetime < Duration::SECOND || lifetime > Duration::seconds(LONGEST_LIFETIME) {
            return Err(ConfigError::LifetimeOutOfRange { given: lifetime });
        }
        Ok(Self { lifetime: lifetime.whole_seconds(), ..self })
    }

    /// The same signer for one bot: its tokens carry the bot's id as `aud` and are refused elsewhere (rule C8).
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

    /// Signs a token for this visitor, from now until the lifetime is over. It cannot fail: every identity fits.
    ///
    /// On a machine whose clock is before 1970 the token starts at 1970, so every verifier refuses it as expired.
    #[must_use]
    pub fn sign(&self, identity: &Identity) -> WidgetToken {
        self.sign_from(identity, system_clock().unwrap_or(0))
    }

    /// Signs as if the clock said `now`: for tests, and for machines with a better clock than the system's.
    ///
    /// Fractions of a second are dropped. A `now` before 1970 counts as 1970; one after 9999-12-31T23:59:59Z less the
    /// lifetime counts as that moment.
    #[must_use]
    pub fn sign_at(&self, identity: &Identity, now: OffsetDateTime) -> WidgetToken {
        self.sign_from(identity, now.unix_timestamp())
    }

    fn sign_from(&self, identity: &Identity, now: i64) -> WidgetToken {
        let iat = now.clamp(0, LATEST.saturating_sub(self.lifetime));
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

/// A signed widget token, for the page of the visitor it names and nobody else.
///
/// It stands for the visitor until it expires, as often as it is used: send it to their own page only, over HTTPS,
/// never in a URL, never into a log or a shared cache. `Debug` is redacted; `Display` and `Serialize` give the text,
/// since the page needs it.
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
    /// The token's text: ASCII, base64url and two dots, at most [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When it stops being accepted, to the second.
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

/// Verifies widget tokens with an agent's SSO secret: one call, every rule.
///
/// No setting weakens it: the algorithm, the hour and the required claims are not configurable. Cheap to clone,
/// and it keeps the HMAC state, not the secret.
///
/// ```
/// use boostgpt_sso::{Identity, Signer, SsoSecret, Verifier};
/// # let secret = SsoSecret::generate()?;
/// # let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);
/// # let presented = token.as_str();
///
/// let verifier = Verifier::new(&secret);
/// match verifier.verify(presented) {
///     Ok(visitor) => println!("identified until {}", visitor.expires_at()),
///     Err(reason) => println!("anonymous: {}", reason.code()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Verifier {
    key: Arc<Key>,
    skew: i64,
    bot: Option<BotId>,
}

impl Verifier {
    /// A verifier with this secret, 60 s of clock skew and bound to no bot: a token with an `aud` is refused.
    #[must_use]
    pub fn new(secret: &SsoSecret) -> Self {
        Self { key: Arc::new(Key::new(secret)), skew: DEFAULT_SKEW, bot: None }
    }

    /// The same verifier bound to one bot: a token's `aud`, where there is one, must name it (rule C8).
    #[must_use]
    pub fn for_bot(self, bot: BotId) -> Self {
        Self { bot: Some(bot), ..self }
    }

    /// The same verifier with another clock skew: 0 s to 300 s, in whole seconds (a fraction is dropped).
    ///
    /// It says how far ahead the issuer's clock may be. It never lengthens a token's life.
    ///
    /// # Errors
    /// [`ConfigError::ClockSkewOutOfRange`].
    ///
    /// ```
    /// use boostgpt_sso::time::Duration;
    /// # use boostgpt_sso::{SsoSecret, Verifier};
    /// # let secret = SsoSecret::generate()?;
    ///
    /// let verifier = Verifier::new(&secret).with_clock_skew(Duration::seconds(5))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_clock_skew(self, skew: Duration) -> Result<Self, ConfigError> {
        if skew.is_negative() || skew > Duration::seconds(LARGEST_SKEW) {
            return Err(ConfigError::ClockSkewOutOfRange { given: skew });
        }
        Ok(Self { skew: skew.whole_seconds(), ..self })
    }

    /// Verifies a presented token by the system's clock. The same token is accepted any number of times until it
    /// expires: one page may load the widget often.
    ///
    /// # Errors
    /// [`VerifyError`], the first rule that is broken. The visitor then simply stays anonymous.
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<VerifiedIdentity, VerifyError> {
        self.verify_seconds(token.as_ref(), system_clock)
    }

    /// Verifies as if the clock said `now`, and reads no clock: the same arguments always give the same answer.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    ///
    /// ```
    /// use boostgpt_sso::{Identity, Signer, SsoSecret, Verifier, VerifyError, time::{Duration, OffsetDateTime}};
    /// # let secret = SsoSecret::generate()?;
    ///
    /// let signed_at = OffsetDateTime::from_unix_timestamp(1_700_000_000)?;
    /// let token = Signer::new(&secret).sign_at(&Identity::new("ada@example.com")?, signed_at);
    ///
    /// let verifier = Verifier::new(&secret);
    /// assert!(verifier.verify_at(&token, signed_at + Duration::seconds(3599)).is_ok());
    /// let late = verifier.verify_at(&token, signed_at + Duration::HOUR);
    /// assert!(matches!(late, Err(VerifyError::Expired { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_at(
        &self,
        token: impl AsRef<[u8]>,
        now: OffsetDateTime,
    ) -> Result<VerifiedIdentity, VerifyError> {
        self.verify_seconds(token.as_ref(), || Some(now.unix_timestamp()))
    }

    /// The clock is read when the signature holds, so that garbage costs no look at it.
    fn verify_seconds(
        &self,
        token: &[u8],
        clock: impl FnOnce() -> Option<i64>,
    ) -> Result<VerifiedIdentity, VerifyError> {
        let expected = || {
            let now = clock().filter(|now| (0..=LATEST).contains(now)).ok_or(VerifyError::ClockOutOfRange)?;
            Ok(Expected { now, skew: self.skew, bot: self.bot })
        };
        jwt::verify(&self.key, token, expected).map(VerifiedIdentity)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("clock_skew", &Duration::seconds(self.skew))
            .field("bot", &self.bot)
            .finish_non_exhaustive()
    }
}

/// An identity that a verified token vouched for. Holding one is the proof: only a [`Verifier`] makes them.
///
/// It says that *the owner of this secret* vouches for the visitor, and no more: anyone with an agent can sign any
/// e-mail address. It opens this agent's own project, nothing else that belongs to that address.
///
/// ```compile_fail
/// let forged: boostgpt_sso::VerifiedIdentity = serde_json::from_str("{}").unwrap(); // no Deserialize
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedIdentity(Accepted);

impl VerifiedIdentity {
    /// Who the visitor is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// The e-mail address as it was signed.
    #[must_use]
    pub fn email(&self) -> Email<'_> {
        self.0.identity.email()
    }

    /// The display name, if the token has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.identity.name()
    }

    /// The customer's own id of the user, if the token has one; a numeric one as its decimal text.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.0.identity.external_id()
    }

    /// The token's `iat`, a fraction rounded up; `None` where the token has none.
    #[must_use]
    pub fn issued_at(&self) -> Option<OffsetDateTime> {
        self.0.issued_at.map(moment)
    }

    /// The token's `exp`, a fraction rounded down: from this moment on the token is refused.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        moment(self.0.expires_at)
    }
}

/// The system's clock, in whole seconds since 1970; `None` where it is earlier.
fn system_clock() -> Option<i64> {
    seconds_since_1970(SystemTime::now())
}

fn seconds_since_1970(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_is_none_and_refuses_every_token() {
        let before = UNIX_EPOCH.checked_sub(std::time::Duration::from_secs(1)).unwrap();
        assert_eq!(seconds_since_1970(before), None);
        assert_eq!(seconds_since_1970(UNIX_EPOCH), Some(0));

        let secret = SsoSecret::generate().unwrap();
        let token = Signer::new(&secret).sign(&Identity::new("ada@example.com").unwrap());
        let refused = Verifier::new(&secret).verify_seconds(token.as_ref(), || None);
        assert_eq!(refused, Err(VerifyError::ClockOutOfRange));
    }
}
