//! One call from a presented token to a session: the bot's key from the cache, the verdict, the provisioning, under the
//! version fence.

mod cache;

use std::{fmt, sync::Arc};

use time::OffsetDateTime;

use self::cache::{Because, Key, Keys, NoKey};
use crate::{
    error::VerifyError,
    id::{AccountId, BotId, ProjectId, SubscriberId},
    store::{LinkConflict, ProvisionError, ProvisionRequest, Store, StoreError},
    verifier::VerifiedIdentity,
};

/// How often a visit is tried again whose secret changed under way.
const MOST_CHANGES: usize = 3;

/// Identifies visitors: verifies the presented token with the bot's current secret, and finds or creates the account and
/// the subscriber.
///
/// Made once per process and shared. It keeps verifiers (the HMAC state, not the secret) per bot; a regenerated secret is
/// nevertheless effective at once, in every process, since the store provisions only under the current version.
///
/// ```
/// use boostgpt_sso::{Authenticator, Visitor};
/// # use boostgpt_sso::{BotId, Identity, ProjectId, Signer, store::{MemoryStore, Project, SecretStore, SubscriberStore}};
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let store = MemoryStore::new();
/// # let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
/// # store.create_project(Project { id: project, free_tier: Some(100) }).await?;
/// # store.create_bot(project, bot).await?;
/// # let token = Signer::new(&store.regenerate_secret(bot).await?).sign(&Identity::new("ada@example.com")?);
/// # let presented_token = token.as_str();
///
/// let authenticator = Authenticator::new(store);
/// match authenticator.authenticate(bot, presented_token).await? {
///     Visitor::Identified(session) => println!("history hangs on {}", session.subscriber_id),
///     Visitor::Anonymous(reason) => println!("carry on; for the operator: {}", reason.code()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Authenticator {
    store: Arc<dyn Store>,
    keys: Keys,
}

/// A visitor to an agent page: known, or not. Neither is an error.
#[derive(Debug, Clone)]
pub enum Visitor {
    /// The token holds: this is who it is.
    Identified(Session),
    /// It does not, or there is nothing to hold it against: carry on without history, memory and subscriber.
    Anonymous(AnonymousReason),
}

/// An identified visitor.
///
/// It reaches its project's subscriber and nothing else: see the trust boundary in [`store`](crate::store).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Session {
    /// The bot on whose page the visitor is.
    pub bot_id: BotId,
    /// Its project.
    pub project_id: ProjectId,
    /// The person within the project: history and memory hang here.
    pub subscriber_id: SubscriberId,
    /// The person across BoostGPT. Not an authorisation for anything.
    pub account_id: AccountId,
    /// Who the token says it is.
    pub identity: VerifiedIdentity,
    /// When the token expires: the session should not outlive it.
    pub expires_at: OffsetDateTime,
    /// Whether this visit created the account.
    pub created_account: bool,
    /// Whether this visit created the subscriber.
    pub created_subscriber: bool,
    /// The free-tier credits that this visit granted.
    pub granted: Option<u32>,
    /// Whether somebody else in the project holds the token's e-mail address.
    pub conflict: Option<LinkConflict>,
}

/// Why a visitor is anonymous. For the operator; to the visitor all of them are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnonymousReason {
    /// The token was refused.
    #[error(transparent)]
    Refused(VerifyError),
    /// There is no such bot, or it has no secret.
    #[error("the bot has no SSO secret: generate one on its Deploy page")]
    NoSecret,
    /// The bot's secret kept changing while the token was looked at.
    #[error("the bot's SSO secret changed several times during the visit")]
    SecretChanged,
    /// The token was issued before the subscriber it names was forgotten.
    #[error("the token was issued before its subscriber was forgotten: the next page load signs a newer one")]
    Forgotten,
}

impl AnonymousReason {
    /// A stable name for logs, metrics and alerts: [`VerifyError::code`] or one of its own.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(error) => error.code(),
            Self::NoSecret => "no_secret",
            Self::SecretChanged => "secret_changed",
            Self::Forgotten => "forgotten",
        }
    }
}

impl Authenticator {
    /// An authenticator on this store: one of the crate's, your own, or an `Arc<dyn Store>`.
    #[must_use]
    pub fn new(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), keys: Keys::default() }
    }

    /// Identifies the visitor by the system's clock. Every token is accepted any number of times until it expires.
    ///
    /// Dropping the future is safe at any moment, and so is calling again.
    ///
    /// # Errors
    /// [`StoreError`]: the store failed. The visitor is then neither identified nor anonymous.
    pub async fn authenticate(
        &self,
        bot: BotId,
        token: impl AsRef<[u8]> + Send,
    ) -> Result<Visitor, StoreError> {
        self.authenticate_at(bot, token, OffsetDateTime::now_utc()).await
    }

    /// Identifies the visitor as if the clock said `now`.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate).
    pub async fn authenticate_at(
        &self,
        bot: BotId,
        token: impl AsRef<[u8]> + Send,
        now: OffsetDateTime,
    ) -> Result<Visitor, StoreError> {
        let outcome = self.identify(bot, token.as_ref(), now).await;
        report(bot, &outcome);
        match outcome {
            Ok(session) => Ok(Visitor::Identified(session)),
            Err(Failure::Anonymous(reason)) => Ok(Visitor::Anonymous(reason)),
            Err(Failure::Store(error)) => Err(error),
        }
    }

    async fn identify(&self, bot: BotId, token: &[u8], now: OffsetDateTime) -> Result<Session, Failure> {
        let verify = |key: &Key| (key.version, key.verifier.verify_at(token, now));
        let (mut version, mut verdict) = self.keys.with_current(&*self.store, bot, verify).await?;
        for _ in 0..MOST_CHANGES {
            let visitor = match verdict {
                Ok(visitor) => visitor,
                // The secret may be a newer one than the one kept here.
                Err(VerifyError::BadSignature) => {
                    let newer = self.keys.newer(&*self.store, bot, version, Because::BadSignature).await?;
                    if newer.version == version {
                        return Err(VerifyError::BadSignature.into());
                    }
                    (version, verdict) = verify(&newer);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let request = ProvisionRequest::new(bot, version, &visitor, now);
            match self.store.provision(&request).await {
                Ok(provisioned) => {
                    return Ok(Session {
                        bot_id: bot,
                        project_id: provisioned.project,
                        subscriber_id: provisioned.subscriber,
                        account_id: provisioned.account,
                        expires_at: visitor.expires_at(),
                        identity: visitor,
                        created_account: provisioned.created_account,
                        created_subscriber: provisioned.created_subscriber,
                        granted: provisioned.granted,
                        conflict: provisioned.conflict,
                    });
                }
                Err(ProvisionError::SecretChanged) => {
                    let newer = self.keys.newer(&*self.store, bot, version, Because::Fenced).await?;
                    (version, verdict) = verify(&newer);
                }
                Err(ProvisionError::Forgotten) => return Err(AnonymousReason::Forgotten.into()),
                Err(ProvisionError::Store(error)) => return Err(error.into()),
            }
        }
        Err(AnonymousReason::SecretChanged.into())
    }
}

enum Failure {
    Anonymous(AnonymousReason),
    Store(StoreError),
}

impl From<NoKey> for Failure {
    fn from(error: NoKey) -> Self {
        match error {
            NoKey::NoSecret => Self::Anonymous(AnonymousReason::NoSecret),
            NoKey::Store(error) => Self::Store(error),
        }
    }
}

impl From<AnonymousReason> for Failure {
    fn from(reason: AnonymousReason) -> Self {
        Self::Anonymous(reason)
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        Self::Anonymous(AnonymousReason::Refused(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Tells the operator: ids of ours and codes, nothing of the visitor's.
#[cfg(feature = "tracing")]
fn report(bot: BotId, outcome: &Result<Session, Failure>) {
    match outcome {
        Ok(session) => tracing::debug!(
            %bot,
            subscriber = %session.subscriber_id,
            created_account = session.created_account,
            created_subscriber = session.created_subscriber,
            granted = session.granted,
            conflict = session.conflict.is_some(),
            "visitor identified"
        ),
        Err(Failure::Anonymous(reason)) => tracing::info!(%bot, code = reason.code(), "visitor anonymous"),
        Err(Failure::Store(error)) => tracing::error!(%bot, code = error.code(), "store failed"),
    }
}

#[cfg(not(feature = "tracing"))]
fn report(_: BotId, _: &Result<Session, Failure>) {}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("keys", &self.keys).finish_non_exhaustive()
    }
}
