//! What a BoostGPT service verifies: [`Verifier`] and [`VerifiedIdentity`].

use std::{fmt, sync::Arc};

use time::{Duration, OffsetDateTime};

use crate::{
    clock,
    error::{ConfigError, VerifyError},
    id::BotId,
    identity::{Email, Identity},
    jwt::{
        self,
        claims::{Accepted, Expected, moment},
        hs256::MacKey,
        numeric_date::MAX_NUMERIC_DATE,
    },
    secret::SsoSecret,
};

/// How many seconds the issuer's clock may be ahead of the verifier's, unless set otherwise.
pub(crate) const DEFAULT_SKEW: i64 = 60;

/// The most seconds that may be set (rules C5 and C6).
pub(crate) const MAX_SKEW: i64 = 300;

/// Verifies widget tokens with an agent's SSO secret: one call, every rule.
///
/// No setting weakens it: the algorithm, the hour and the required claims are not configurable. Cheap to
/// clone, and it keeps the HMAC state, not the secret.
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
    key: Arc<MacKey>,
    skew: i64,
    bot: Option<BotId>,
}

impl Verifier {
    /// Creates a verifier with this secret, 60 s of clock skew and bound to no bot: a token with an `aud` is
    /// refused.
    #[must_use]
    pub fn new(secret: &SsoSecret) -> Self {
        Self { key: Arc::new(MacKey::new(secret)), skew: DEFAULT_SKEW, bot: None }
    }

    /// Returns the same verifier bound to one bot: if a token has an `aud`, it must name the bot (rule C8).
    #[must_use]
    pub fn for_bot(self, bot: BotId) -> Self {
        Self { bot: Some(bot), ..self }
    }

    /// Returns the same verifier with another clock skew: 0 s to 300 s, in whole seconds (a fraction is
    /// dropped).
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
        Ok(Self { skew: checked_skew(skew)?, ..self })
    }

    /// Verifies a presented token by the system's clock. The same token is accepted any number of times until
    /// it expires: one page may load the widget often.
    ///
    /// # Errors
    /// [`VerifyError`], the first rule that is broken. The visitor then simply stays anonymous.
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<VerifiedIdentity, VerifyError> {
        self.verify_seconds(token.as_ref(), clock::now)
    }

    /// Verifies as if the clock said `now`, and reads no clock: the same arguments always give the same
    /// answer.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    ///
    /// ```
    /// use boostgpt_sso::{Identity, Signer, SsoSecret, Verifier, VerifyError};
    /// use boostgpt_sso::time::{Duration, OffsetDateTime};
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

    /// The clock is read after the form of the token was checked and before its MAC, so that garbage costs no
    /// look at it.
    fn verify_seconds(
        &self,
        token: &[u8],
        clock: impl FnOnce() -> Option<i64>,
    ) -> Result<VerifiedIdentity, VerifyError> {
        jwt::verify(&self.key, token, || expected(clock(), self.skew, self.bot)).map(VerifiedIdentity)
    }
}

/// The whole seconds of a clock skew from 0 s to 300 s.
pub(crate) fn checked_skew(skew: Duration) -> Result<i64, ConfigError> {
    if skew.is_negative() || skew > Duration::seconds(MAX_SKEW) {
        return Err(ConfigError::ClockSkewOutOfRange { given: skew });
    }
    Ok(skew.whole_seconds())
}

/// What claims are checked against when the clock says `now`, in seconds since 1970.
pub(crate) fn expected(now: Option<i64>, skew: i64, bot: Option<BotId>) -> Result<Expected, VerifyError> {
    let now = now.filter(|now| (0..=MAX_NUMERIC_DATE).contains(now)).ok_or(VerifyError::ClockOutOfRange)?;
    Ok(Expected { now, skew, bot })
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
/// It says that *the owner of this secret* vouches for the visitor, and no more: anyone with an agent can
/// sign any e-mail address. It opens this agent's own project, nothing else that belongs to that address.
///
/// ```compile_fail
/// let forged: boostgpt_sso::VerifiedIdentity = serde_json::from_str("{}").unwrap(); // no Deserialize
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedIdentity(Accepted);

impl VerifiedIdentity {
    /// Returns who the visitor is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Returns the e-mail address as it was signed.
    #[must_use]
    pub fn email(&self) -> Email<'_> {
        self.0.identity.email()
    }

    /// Returns the display name, if the token has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.identity.name()
    }

    /// Returns the customer's own id of the user, if the token has one; a numeric one as its decimal text.
    /// The text of a missing value, such as `undefined`, counts as none (rule C11).
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.0.identity.external_id()
    }

    /// Returns the token's `iat`, a fraction rounded up; `None` if the token has none.
    #[must_use]
    pub fn issued_at(&self) -> Option<OffsetDateTime> {
        self.0.issued_at.map(moment)
    }

    /// Returns the token's `exp`, a fraction rounded down: from this moment on the token is refused.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        moment(self.0.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::Signer;

    #[test]
    fn a_clock_before_1970_refuses_every_token() {
        let secret = SsoSecret::generate().unwrap();
        let token = Signer::new(&secret).sign(&Identity::new("ada@example.com").unwrap());
        let refused = Verifier::new(&secret).verify_seconds(token.as_ref(), || None);
        assert_eq!(refused, Err(VerifyError::ClockOutOfRange));
    }

    #[test]
    fn what_is_no_token_costs_no_look_at_the_clock() {
        let secret = SsoSecret::generate().unwrap();
        let token = Signer::new(&secret).sign(&Identity::new("ada@example.com").unwrap());
        let (_, rest) = token.as_str().split_once('.').unwrap();
        for text in ["", "..", "garbage", &"x".repeat(9000), &format!("e30.{rest}"), &format!("{token}=")] {
            let refused = Verifier::new(&secret).verify_seconds(text.as_bytes(), || panic!("the clock"));
            assert!(refused.is_err());
        }
    }
}
