//! The contract: what a store has to do, as two traits.

use std::{future::Future, pin::Pin, sync::Arc};

use time::{Date, OffsetDateTime};

use super::{
    error::{ProvisionError, StoreError},
    model::{BotSecret, DayActivity, Lookup, Project, ProvisionRequest, Provisioned, Subscriber},
};
use crate::{
    id::{BotId, ProjectId, SubscriberId},
    secret::SsoSecret,
};

/// What a store's methods return: any future that can be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The secrets of bots.
///
/// # Contract
///
/// - A bot belongs to one project, for good.
/// - A bot has at most one secret. Its [`SecretVersion`](super::SecretVersion) grows with every regeneration and removal and is never used
///   again.
/// - When [`regenerate_secret`](Self::regenerate_secret) or [`remove_secret`](Self::remove_secret) has returned,
///   [`current_secret`](Self::current_secret) finds the new state in every process, and
///   [`provision`](SubscriberStore::provision) refuses every older version. There is no overlap.
/// - Secrets are sealed where they outlive the process.
/// - Every call may be repeated when its outcome is unknown, and its future dropped at any moment: what it was about to do
///   happens wholly or not at all, perhaps a little later, and never undoes what a later call did.
pub trait SecretStore: Send + Sync {
    /// Makes the bot known, without a secret. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::UnknownProject`], [`StoreError::BotOfAnotherProject`].
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The bot's secret and its version; `None` where there is no such bot, or it has no secret.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] where it cannot be opened: that is no reason to call a token's signature bad.
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>>;

    /// Gives the bot a new secret, returned this once, to be shown to its owner. All tokens of the old one are dead.
    ///
    /// # Errors
    /// [`StoreError::UnknownBot`].
    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>>;

    /// Takes the bot's secret away: every visitor is anonymous.
    ///
    /// # Errors
    /// [`StoreError::UnknownBot`].
    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Seals everything anew that is not sealed under the first master key, and says how much that was. Versions stay.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] where something cannot be opened; what was already done stays done.
    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// Projects, accounts, subscribers and their visits.
///
/// # Contract
///
/// - An account is unique by [e-mail key](crate::Email::key); a subscriber by project and external id, and by project and
///   e-mail key; a grant by project and account. The unique key *is* the guarantee, not a check before it.
/// - A grant is made with the subscriber, where the project has a free tier then, and to nobody whose e-mail key or
///   external id was ever forgotten in the project: they had theirs.
/// - [`provision`](Self::provision) is one atomic step: it compares the secret's version, refuses who was forgotten,
///   decides by [`linking`](super::linking), and applies that. Any number of concurrent calls, repetitions and dropped futures leave one
///   account, one subscriber, one grant.
/// - A returning visitor of the same day, of whom nothing changed, costs no write.
/// - Days are UTC days of the request's time.
/// - Texts are kept as they are, byte for byte, and compared byte for byte.
/// - Every call may be repeated when its outcome is unknown, and its future dropped at any moment.
pub trait SubscriberStore: Send + Sync {
    /// Creates the project. If it exists, nothing changes, not even its free tier.
    ///
    /// # Errors
    /// Those of the store itself.
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The project, if it exists.
    ///
    /// # Errors
    /// Those of the store itself.
    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>>;

    /// Sets what accounts are granted from now on. It gives nobody anything who is already a subscriber.
    ///
    /// # Errors
    /// [`StoreError::UnknownProject`].
    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Finds or creates the visitor's account and subscriber, grants the free tier where there is one, and records
    /// the first visit of a day. One atomic step, fenced by the secret's version.
    ///
    /// # Errors
    /// [`ProvisionError::SecretChanged`], also for a bot that is unknown or has no secret; [`ProvisionError::Forgotten`]; or
    /// the store's own.
    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>>;

    /// The subscriber, if there is one.
    ///
    /// # Errors
    /// Those of the store itself.
    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>>;

    /// Up to `limit` subscribers in the order of their ids, after the given one. The next page starts after the last.
    ///
    /// # Errors
    /// Those of the store itself.
    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>>;

    /// Erases the subscriber, as of `now`, and says whether there was one. Their personal data is gone, and the account's
    /// too where nobody else is a subscriber of it. A token with any of their names, past addresses included, that was
    /// issued before `now` by a clock that may be a minute fast does not bring them back; a newer one makes a new
    /// subscriber, without a second grant. Past visits stay counted, as nobody's.
    ///
    /// # Errors
    /// Those of the store itself.
    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// The days from `first` to `last`, both included, on which anybody visited, in order.
    ///
    /// # Errors
    /// Those of the store itself.
    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>>;

    /// How many different subscribers visited from `first` to `last`, both included: seven days make a weekly active,
    /// thirty a monthly.
    ///
    /// # Errors
    /// Those of the store itself.
    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// Both halves: what an [`Authenticator`](crate::Authenticator) works with.
pub trait Store: SecretStore + SubscriberStore {}

impl<T: SecretStore + SubscriberStore + ?Sized> Store for T {}

impl<T: SecretStore + ?Sized> SecretStore for Arc<T> {
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).create_bot(project, bot)
    }

    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<Option<BotSecret>, StoreError>> {
        (**self).current_secret(bot)
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        (**self).regenerate_secret(bot)
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).remove_secret(bot)
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        (**self).reseal()
    }
}

impl<T: SubscriberStore + ?Sized> SubscriberStore for Arc<T> {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).create_project(project)
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        (**self).project(project)
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).set_free_tier(project, credits)
    }

    fn provision<'a>(
        &'a self,
        request: &'a ProvisionRequest<'a>,
    ) -> BoxFuture<'a, Result<Provisioned, ProvisionError>> {
        (**self).provision(request)
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        (**self).subscriber(project, by)
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        (**self).subscribers(project, after, limit)
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        (**self).forget(project, subscriber, now)
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        (**self).activity(project, first, last)
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        (**self).active_subscribers(project, first, last)
    }
}
