//! One call from a presented token to a session: the bot's key from the cache, the verdict, the provisioning,
//! under the current version of the secret.

mod cache;
mod decisions;
// `tests/model` compiles this file too, without these and without features.
#[cfg(all(test, feature = "store"))]
mod tests;

use std::{fmt, num::NonZeroU32, sync::Arc};

use time::OffsetDateTime;

use self::{
    cache::{Cache, StoreAnswer},
    decisions::{Need, Next, TokenVerdict, Visit},
};
use crate::{
    clock,
    coded::coded_error,
    error::VerifyError,
    id::BotId,
    jwt,
    store::{
        BotVerifier, ProvisionError, ProvisionRequest, Provisioned, StoreError, SubscriberStore,
        VerifiedVisitor,
    },
};

/// Identifies visitors: verifies the presented token with the bot's current secret, and finds or creates the
/// account and the subscriber.
///
/// It is made once per process and shared. It keeps verifiers (the HMAC state, not the secret) per bot. A
/// regenerated secret is effective at once nevertheless, in every process, since the store provisions only
/// under the current version.
///
/// A visit costs the store little when there is nothing to identify. No token, or a malformed one, costs
/// nothing and is answered while the store is down. A bot that is unknown or has no secret costs at most one
/// read a second, and is found within a second of getting a secret. Bad signatures cost at most ten reads a
/// second per bot, shared by all visits that wait for them.
///
/// ```
/// use boostgpt_sso::{Authenticator, Visitor};
/// # use boostgpt_sso::{BotId, Identity, ProjectId, Signer, store::{MemoryStore, Project, Store}};
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let store = MemoryStore::new();
/// # let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
/// # store.create_project(Project::new(project).with_free_tier(100)).await?;
/// # store.create_bot(project, bot).await?;
/// # let token = Signer::new(&store.regenerate_secret(bot).await?).sign(&Identity::new("ada@example.com")?);
/// # let presented_token = token.as_str();
///
/// let authenticator = Authenticator::new(store);
/// match authenticator.authenticate(bot, presented_token).await? {
///     Visitor::Identified(session) => println!("history of {}", session.provisioned.subscriber),
///     Visitor::Anonymous(reason) => println!("carry on; for the operator: {}", reason.code()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Authenticator {
    cache: Arc<Cache>,
    store: Arc<dyn SubscriberStore>,
    max_new_subscribers: Option<NonZeroU32>,
}

/// A visitor to an agent page: known, or not. Neither is an error.
#[derive(Debug, Clone)]
pub enum Visitor {
    /// The token is valid: this is who it is.
    Identified(Session),
    /// It is not, or there is no secret to check it with: carry on without history, memory and subscriber.
    Anonymous(AnonymousReason),
}

/// An identified visitor.
///
/// It reaches its project's subscriber and nothing else: see the trust boundary in [`store`](crate::store).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Session {
    /// Who the token says it is, on which bot's page, in which project.
    pub visitor: VerifiedVisitor,
    /// The subscriber and the account, and what this visit created.
    pub provisioned: Provisioned,
}

impl Session {
    /// Returns whether the token has not expired at `now`.
    ///
    /// A session must not outlive its token, which lives for an hour at most. A service checks this before
    /// each message of a conversation. When it is `false`, the page has to present a fresh token; until it
    /// does, the visitor is anonymous.
    ///
    /// ```
    /// # use boostgpt_sso::{Session, time::OffsetDateTime};
    /// fn may_go_on(session: &Session) -> bool {
    ///     session.is_current(OffsetDateTime::now_utc())
    /// }
    /// ```
    #[must_use]
    pub fn is_current(&self, now: OffsetDateTime) -> bool {
        now < self.visitor.identity().expires_at()
    }
}

/// Why a visitor is anonymous. For the operator: to the visitor every reason is the same.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnonymousReason {
    /// The token was refused.
    #[error(transparent)]
    Refused(VerifyError),
    /// There is no such bot.
    #[error("there is no such bot: copy its id from its Deploy page")]
    UnknownBot,
    /// The bot has no secret.
    #[error("the bot has no SSO secret: generate one on its Deploy page")]
    NoSecret,
    /// The bot's secret kept changing during the visit.
    #[error("the bot's SSO secret changed several times during the visit: load the page again")]
    SecretChanged,
    /// The token was issued before the subscriber it names was forgotten.
    #[error("the token was issued before its subscriber was forgotten: the next page load signs a newer one")]
    Forgotten,
    /// The bot has reached its limit on new subscribers, and the visitor is not a subscriber yet.
    #[error(
        "the bot has reached its limit on new subscribers for this minute: raise the limit if they are \
         expected, else check whether the secret has leaked"
    )]
    TooManyNewSubscribers,
}

coded_error! {
    AnonymousReason {
        Self::Refused(error) => error.code(),
        Self::UnknownBot => "unknown_bot",
        Self::NoSecret => "no_secret",
        Self::SecretChanged => "secret_changed",
        Self::Forgotten => "forgotten",
        Self::TooManyNewSubscribers => "too_many_new_subscribers",
    }
}

impl Authenticator {
    /// Makes an authenticator on this store: one of the crate's, your own, or an `Arc` or `Box` of one.
    #[must_use]
    pub fn new(store: impl SubscriberStore + 'static) -> Self {
        let store: Arc<dyn SubscriberStore> = Arc::new(store);
        Self { cache: Cache::new(Arc::clone(&store)), store, max_new_subscribers: None }
    }

    /// Limits how many new subscribers each bot gets in a minute from this process. There is no limit unless
    /// it is set.
    ///
    /// With a leaked secret anyone can sign tokens for new people, each of whom is granted the free tier. A
    /// visitor above the limit is anonymous, with [`AnonymousReason::TooManyNewSubscribers`]. Visitors who
    /// are subscribers already are not affected. With a limit a first visit costs one more read.
    ///
    /// ```
    /// # use boostgpt_sso::{Authenticator, store::MemoryStore};
    /// use std::num::NonZeroU32;
    ///
    /// let authenticator = Authenticator::new(MemoryStore::new());
    /// let authenticator = authenticator.with_max_new_subscribers_per_minute(NonZeroU32::new(600).unwrap());
    /// # let _ = authenticator;
    /// ```
    #[must_use]
    pub fn with_max_new_subscribers_per_minute(self, limit: NonZeroU32) -> Self {
        Self { max_new_subscribers: Some(limit), ..self }
    }

    /// Identifies the visitor by the system's clock. Every token is accepted any number of times until it
    /// expires.
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
        self.authenticate_at(bot, token, clock::now_utc()).await
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
            Err(Unidentified::Anonymous(reason)) => Ok(Visitor::Anonymous(reason)),
            Err(Unidentified::Store(error)) => Err(error),
        }
    }

    async fn identify(&self, bot: BotId, token: &[u8], now: OffsetDateTime) -> Result<Session, Unidentified> {
        let mut visit = Visit::new(self.cache.now());
        let verify = |verifier: &BotVerifier| verifier.verify_at(token, now);
        let kept = self.cache.with_kept(bot, verify);
        if matches!(kept, None | Some(Err(VerifyError::BadSignature))) {
            jwt::check_form(token)?; // no key could save it, so none is looked up
        }
        let mut verdict = match kept {
            Some(verdict) => verdict,
            None => verify(&self.find(bot, visit.first_need()).await?),
        };
        loop {
            let need = match (visit.judged(token_verdict(&verdict)), verdict) {
                (Next::Provision, Ok(visitor)) => match self.provision(visitor.clone(), now).await {
                    Ok(provisioned) => return Ok(Session { visitor, provisioned }),
                    Err(ProvisionError::SecretChanged) => visit.fenced(self.cache.now()),
                    Err(ProvisionError::Forgotten) => return Err(AnonymousReason::Forgotten.into()),
                    Err(ProvisionError::WouldCreate) => {
                        return Err(AnonymousReason::TooManyNewSubscribers.into());
                    }
                    Err(ProvisionError::Store(error)) => return Err(error.into()),
                },
                (Next::Find(need), _) => need,
                (Next::Refuse, Err(error)) => return Err(error.into()),
                // A token is provisioned if it is good and refused if it is not, so the rest is `GiveUp`.
                _ => return Err(AnonymousReason::SecretChanged.into()),
            };
            verdict = verify(&self.find(bot, need).await?);
        }
    }

    async fn find(&self, bot: BotId, need: Need) -> Result<BotVerifier, Unidentified> {
        match self.cache.find(bot, need).await? {
            StoreAnswer::Current(verifier) => Ok(verifier),
            StoreAnswer::WithoutSecret => Err(AnonymousReason::NoSecret.into()),
            StoreAnswer::Unknown => Err(AnonymousReason::UnknownBot.into()),
        }
    }

    async fn provision(
        &self,
        visitor: VerifiedVisitor,
        now: OffsetDateTime,
    ) -> Result<Provisioned, ProvisionError> {
        let bot = visitor.bot();
        let request = ProvisionRequest::new(visitor, now);
        let Some(limit) = self.max_new_subscribers else { return self.store.provision(request).await };
        match self.store.provision(request.clone().without_creating()).await {
            Err(ProvisionError::WouldCreate) => {}
            outcome => return outcome,
        }
        // A bot that was dropped from the cache is read again, and counted, on its next visit.
        let creations = self.cache.creations(bot).ok_or(ProvisionError::SecretChanged)?;
        if !creations.take(limit.get(), self.cache.now()) {
            return Err(ProvisionError::WouldCreate);
        }
        let outcome = self.store.provision(request).await;
        if outcome.as_ref().is_ok_and(|provisioned| !provisioned.created_subscriber) {
            creations.give_back(self.cache.now()); // another visit of theirs was first
        }
        outcome
    }
}

fn token_verdict(verdict: &Result<VerifiedVisitor, VerifyError>) -> TokenVerdict {
    match verdict {
        Ok(_) => TokenVerdict::Good,
        Err(VerifyError::BadSignature) => TokenVerdict::BadSignature,
        Err(_) => TokenVerdict::Refused,
    }
}

/// Why there is no session.
enum Unidentified {
    Anonymous(AnonymousReason),
    Store(StoreError),
}

impl From<AnonymousReason> for Unidentified {
    fn from(reason: AnonymousReason) -> Self {
        Self::Anonymous(reason)
    }
}

impl From<VerifyError> for Unidentified {
    fn from(error: VerifyError) -> Self {
        Self::Anonymous(AnonymousReason::Refused(error))
    }
}

impl From<StoreError> for Unidentified {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Tells the operator: ids of ours and codes, nothing of the visitor's.
#[cfg(feature = "tracing")]
fn report(bot: BotId, outcome: &Result<Session, Unidentified>) {
    match outcome {
        Ok(session) => {
            let provisioned = &session.provisioned;
            tracing::debug!(
                %bot,
                subscriber = %provisioned.subscriber,
                created_account = provisioned.created_account,
                created_subscriber = provisioned.created_subscriber,
                granted = provisioned.granted,
                conflict = provisioned.conflict.is_some(),
                "visitor identified"
            );
            if provisioned.took_address_back {
                tracing::warn!(
                    %bot,
                    subscriber = %provisioned.subscriber,
                    "the e-mail address changed back to an earlier one: several people may share one \
                     external id"
                );
            }
        }
        Err(Unidentified::Anonymous(reason)) => {
            tracing::info!(%bot, code = reason.code(), "visitor anonymous");
        }
        Err(Unidentified::Store(error)) => tracing::error!(%bot, code = error.code(), "store failed"),
    }
}

#[cfg(not(feature = "tracing"))]
fn report(_: BotId, _: &Result<Session, Unidentified>) {}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("bots", &self.cache).finish_non_exhaustive()
    }
}
