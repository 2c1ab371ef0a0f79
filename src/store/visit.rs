//! The way of a visit through a store: the bot's state, its verifier, the verified visitor, the request to
//! provision them.
//!
//! Each value is made from the one before, so a proof for one bot cannot provision at another.

use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::{
    error::VerifyError,
    id::{BotId, ProjectId, SecretVersion},
    identity::Identity,
    secret::SsoSecret,
    verifier::{VerifiedIdentity, Verifier},
};

/// What a store knows of a bot, as [`current_secret`](super::SubscriberStore::current_secret) finds it.
#[derive(Debug, Clone)]
pub enum BotState {
    /// There is no such bot.
    Unknown,
    /// The bot has no secret: every visitor is anonymous.
    WithoutSecret,
    /// The bot's current secret.
    Current(BotSecret),
}

impl BotState {
    /// Returns the bot's current secret, if it has one.
    #[must_use]
    pub fn into_secret(self) -> Option<BotSecret> {
        match self {
            Self::Current(secret) => Some(secret),
            Self::Unknown | Self::WithoutSecret => None,
        }
    }
}

/// A bot's current secret, its version, and the project that owns the bot.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BotSecret {
    /// The bot.
    pub bot: BotId,
    /// The project that owns it. It never changes.
    pub project: ProjectId,
    /// The version of the secret.
    pub version: SecretVersion,
    /// The secret.
    pub secret: SsoSecret,
}

impl BotSecret {
    /// Puts together what a store has read in one look at the bot.
    #[must_use]
    pub const fn new(bot: BotId, project: ProjectId, version: SecretVersion, secret: SsoSecret) -> Self {
        Self { bot, project, version, secret }
    }

    /// Returns the verifier of this bot's tokens. It keeps the HMAC state, not the secret.
    #[must_use]
    pub fn verifier(&self) -> BotVerifier {
        let verifier = Verifier::new(&self.secret).for_bot(self.bot);
        BotVerifier { verifier, bot: self.bot, project: self.project, version: self.version }
    }
}

/// Verifies the tokens of one bot with one version of its secret.
///
/// ```
/// use boostgpt_sso::{Identity, Signer, store::{BotSecret, ProvisionRequest}, time::OffsetDateTime};
/// # use boostgpt_sso::{BotId, ProjectId, SecretVersion, SsoSecret};
/// # let (bot, project, version) = (BotId::generate()?, ProjectId::generate()?, SecretVersion::generate()?);
/// # let secret = SsoSecret::generate()?;
/// # let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);
///
/// let current = BotSecret::new(bot, project, version, secret); // from `current_secret`
/// let visitor = current.verifier().verify(&token)?;
/// assert_eq!((visitor.bot(), visitor.project()), (bot, project));
/// let request = ProvisionRequest::new(visitor, OffsetDateTime::now_utc());
/// # let _ = request;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BotVerifier {
    verifier: Verifier,
    bot: BotId,
    project: ProjectId,
    version: SecretVersion,
}

impl BotVerifier {
    /// Verifies a token by the system's clock.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<VerifiedVisitor, VerifyError> {
        self.verifier.verify(token).map(|identity| self.vouch(identity))
    }

    /// Verifies a token as if the clock said `now`.
    ///
    /// # Errors
    /// As [`Verifier::verify_at`].
    pub fn verify_at(
        &self,
        token: impl AsRef<[u8]>,
        now: OffsetDateTime,
    ) -> Result<VerifiedVisitor, VerifyError> {
        self.verifier.verify_at(token, now).map(|identity| self.vouch(identity))
    }

    /// Returns the version of the secret.
    #[must_use]
    pub const fn secret_version(&self) -> SecretVersion {
        self.version
    }

    const fn vouch(&self, identity: VerifiedIdentity) -> VerifiedVisitor {
        VerifiedVisitor { identity, bot: self.bot, project: self.project, version: self.version }
    }
}

/// A visitor whose token one bot's current secret has verified. Only a [`BotVerifier`] makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedVisitor {
    identity: VerifiedIdentity,
    bot: BotId,
    project: ProjectId,
    version: SecretVersion,
}

impl VerifiedVisitor {
    /// Returns who the token says the visitor is, and when it was issued and expires.
    #[must_use]
    pub const fn identity(&self) -> &VerifiedIdentity {
        &self.identity
    }

    /// Returns the bot whose page the visitor is on.
    #[must_use]
    pub const fn bot(&self) -> BotId {
        self.bot
    }

    /// Returns the project that owns the bot.
    #[must_use]
    pub const fn project(&self) -> ProjectId {
        self.project
    }

    /// Returns the version of the secret that verified the token.
    #[must_use]
    pub const fn secret_version(&self) -> SecretVersion {
        self.version
    }
}

/// A request to provision a verified visitor. It can be made from a [`VerifiedVisitor`] alone.
#[derive(Debug, Clone)]
pub struct ProvisionRequest {
    visitor: VerifiedVisitor,
    now: OffsetDateTime,
    may_create: bool,
}

impl ProvisionRequest {
    /// Asks for this visitor's subscriber, who is created if there is none; `now` is the time of the visit.
    #[must_use]
    pub const fn new(visitor: VerifiedVisitor, now: OffsetDateTime) -> Self {
        Self { visitor, now, may_create: true }
    }

    /// Forbids creation: a visitor without a subscriber is
    /// [`ProvisionError::WouldCreate`](super::ProvisionError::WouldCreate), and nothing is written for them.
    #[must_use]
    pub fn without_creating(self) -> Self {
        Self { may_create: false, ..self }
    }

    /// Returns the verified visitor.
    #[must_use]
    pub const fn visitor(&self) -> &VerifiedVisitor {
        &self.visitor
    }

    /// Returns who the visitor is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        self.visitor.identity.identity()
    }

    /// Returns when the token was issued, in whole seconds since 1970. If the token does not say, this is the
    /// earliest time it can have been: an hour before it expires.
    #[must_use]
    pub fn issued_at(&self) -> i64 {
        let earliest = || self.visitor.identity.expires_at().saturating_sub(Duration::HOUR);
        self.visitor.identity.issued_at().unwrap_or_else(earliest).unix_timestamp()
    }

    /// Returns the time of the visit.
    #[must_use]
    pub const fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Returns the day of the visit, in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.checked_to_offset(UtcOffset::UTC).unwrap_or(self.now).date()
    }

    /// Returns whether the visitor's subscriber may be created.
    #[must_use]
    pub const fn may_create(&self) -> bool {
        self.may_create
    }

    /// Returns the request's visitor, for the session that the answer begins.
    #[must_use]
    pub fn into_visitor(self) -> VerifiedVisitor {
        self.visitor
    }
}
