//! The contract of a store: [`SubscriberStore`], which a page load needs, and [`Store`], which a dashboard
//! needs as well.

use std::{future::Future, pin::Pin, sync::Arc};

use time::{Date, OffsetDateTime};

use super::{
    error::{ProvisionError, StoreError},
    model::{Bot, DayActivity, Lookup, Project, Provisioned, Subscriber},
    visit::{BotState, ProvisionRequest},
};
use crate::{
    id::{BotId, ProjectId, SubscriberId},
    identity::Email,
    secret::SsoSecret,
};

/// What a store's methods return: any future that can be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Finds a bot's secret and provisions its visitors: all that a page load needs.
///
/// [`Authenticator`](crate::Authenticator) calls nothing else, so a service with tables of its own implements
/// these two methods, as the example `custom_store` does.
///
/// ```
/// use boostgpt_sso::{BotId, store::{BotState, ProvisionRequest, SubscriberStore}, time::OffsetDateTime};
///
/// # use std::error::Error;
/// async fn visit(store: &dyn SubscriberStore, bot: BotId, token: &str) -> Result<(), Box<dyn Error>> {
///     if let BotState::Current(secret) = store.current_secret(bot).await? {
///         let visitor = secret.verifier().verify(token)?;
///         let request = ProvisionRequest::new(visitor, OffsetDateTime::now_utc());
///         println!("history of {}", store.provision(request).await?.subscriber);
///     }
///     Ok(())
/// }
/// ```
///
/// # Contract
///
/// - A bot always belongs to the same project. It has at most one secret, and every regeneration or removal
///   gives it a new [`SecretVersion`](crate::SecretVersion), which was never used before. The secret and its
///   version change in one atomic step.
/// - After a secret was regenerated or removed, [`current_secret`](Self::current_secret) finds the new state
///   in every process, and [`provision`](Self::provision) refuses every older version. One exception: a write
///   that the database is executing at that moment may still complete, as if it had happened before the
///   change.
/// - [`provision`](Self::provision) is one atomic step. It compares the secret's version, refuses a forgotten
///   visitor ([`linking::is_forgotten`](super::linking::is_forgotten), with names hashed by
///   [`NameKey`](super::NameKey)), decides by [`linking`](super::linking), and applies the decision. Any
///   number of concurrent calls, repetitions and dropped futures leave one account, one subscriber and one
///   grant.
/// - An account is unique by [e-mail key](crate::Email::key). A subscriber is unique by project and external
///   id, and by project and e-mail key. A grant is unique by project and account. Unique keys in the database
///   guarantee this. A check before an insert does not.
/// - An account is created with its first subscriber, and has the address of that visit. A subscriber who
///   takes another address keeps their account. That address is not added to the account: the next person who
///   has it, in another project, gets an account of their own.
/// - Creating a subscriber grants the project's current free tier, if it has one. A visitor who was ever
///   forgotten in the project, by e-mail key or external id, gets none: they already had theirs.
/// - A second visit on the same day with unchanged data writes nothing.
/// - Every successful visit reports a [conflict](super::LinkConflict) while it lasts, also with an older
///   token or with a request that forbids creation.
/// - A day is the UTC day of the request's time, which may have any offset.
/// - Texts are kept byte for byte. External ids are compared byte for byte, addresses by their key.
/// - When a call has returned, every later call in every process sees its effect. So a store must not cache
///   anything that another process may change.
/// - If a call's outcome is unknown, repeat it. A future may be dropped at any time: its change then happens
///   completely, perhaps later, or not at all, and never undoes a later call.
pub trait SubscriberStore: Send + Sync {
    /// Finds the bot's current secret, with its version and the bot's project.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] if the secret cannot be opened. That is a failure of the store, not a bad
    /// signature. Any other [`StoreError`] if the database fails.
    fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>>;

    /// Finds or creates the visitor's account and subscriber, grants the project's free tier if it has one,
    /// and records the first visit of a day, in one atomic step and only under the current version of the
    /// secret.
    ///
    /// # Errors
    /// [`ProvisionError::SecretChanged`], also for a bot that is unknown, has no secret or belongs to another
    /// project; [`ProvisionError::Forgotten`]; [`ProvisionError::WouldCreate`], if the request forbids
    /// creation; or a [`StoreError`].
    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>>;
}

/// What a dashboard needs as well: projects, bots, secrets, lists, search, activity, erasure.
///
/// ```
/// use boostgpt_sso::{BotId, ProjectId, store::{MemoryStore, Project, Store}};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = MemoryStore::new();
/// let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
/// store.create_project(Project::new(project).with_free_tier(100)).await?;
/// store.create_bot(project, bot).await?;
/// let shown_once = store.regenerate_secret(bot).await?;
/// # let _ = shown_once;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Contract
///
/// That of [`SubscriberStore`], and:
///
/// - Secrets are sealed if they outlive the process.
/// - Lists are newest first: in the descending order of ids, which begin with the time of their creation. A
///   page begins after the given id, which need not exist; the next page begins after the last id of this
///   one.
/// - After [`forget`](Self::forget), no data of the store, joined with any other, tells who the subscriber
///   was. Keyed hashes of their names remain ([`NameKey`](super::NameKey)), so that an older token is
///   recognised.
pub trait Store: SubscriberStore {
    /// Creates the project. If it exists, nothing changes, not even its free tier.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Finds a project.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>>;

    /// Lists up to `limit` projects, newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn projects(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Project>, StoreError>>;

    /// Sets what new subscribers' accounts are granted from now on. Existing subscribers get nothing.
    ///
    /// # Errors
    /// [`StoreError::UnknownProject`].
    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Creates the bot, without a secret. Repeating the call changes nothing.
    ///
    /// # Errors
    /// [`StoreError::UnknownProject`], [`StoreError::BotOfAnotherProject`].
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Finds a bot, without opening its secret.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn bot(&self, bot: BotId) -> BoxFuture<'_, Result<Option<Bot>, StoreError>>;

    /// Lists up to `limit` bots of the project, newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn bots(
        &self,
        project: ProjectId,
        after: Option<BotId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Bot>, StoreError>>;

    /// Generates a new secret for the bot and returns it. Show it to the bot's owner once. Tokens of the old
    /// secret are invalid from now on. This works even if the old secret cannot be opened.
    ///
    /// # Errors
    /// [`StoreError::UnknownBot`]; [`StoreError::Sealing`] if the store was opened without a key;
    /// [`StoreError::Generator`].
    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>>;

    /// Takes the bot's secret away: from now on every visitor is anonymous. This works even if the secret
    /// cannot be opened.
    ///
    /// # Errors
    /// [`StoreError::UnknownBot`].
    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Seals again everything that is not sealed under the first master key, and returns how many values that
    /// was. Versions stay the same.
    ///
    /// It works page by page. Each page is a call of its own with the usual time-out, so visits are answered
    /// in between. It may stop anywhere: the next call continues from there.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] if something cannot be opened: everything else is sealed again.
    /// [`StoreError::Unavailable`] if one page exceeds the time-out of a call, or all pages together exceed
    /// 10 minutes (on PostgreSQL: the options' migration time-out): call it again.
    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Finds a subscriber of the project.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>>;

    /// Lists up to `limit` subscribers of the project, newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>>;

    /// Counts the project's subscribers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn subscriber_count(&self, project: ProjectId) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Finds the subscribers of all projects who have this e-mail address, by its [key](Email::key).
    ///
    /// This is for an operator. It looks into every project, and what it finds must not be shown to any
    /// project's owner.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn subscribers_by_email<'a>(
        &'a self,
        email: Email<'a>,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>>;

    /// Finds the subscribers of the project whose e-mail address, external id or id is this text: for a
    /// search field. The text is compared as it is, with its spaces. Each subscriber is found once.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn search<'a>(
        &'a self,
        project: ProjectId,
        text: &'a str,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>> {
        Box::pin(async move {
            let lookups = [
                text.parse().ok().map(Lookup::Id),
                Email::new(text).ok().map(Lookup::Email),
                Some(Lookup::ExternalId(text)),
            ];
            let mut found = Vec::<Subscriber>::new();
            for by in lookups.into_iter().flatten() {
                let subscriber = self.subscriber(project, by).await?;
                found.extend(subscriber.filter(|one| found.iter().all(|other| other.id != one.id)));
            }
            Ok(found)
        })
    }

    /// Erases the subscriber, as of `now`, and returns whether there was one. Of several erasures at once,
    /// at most one returns `true`.
    ///
    /// Their personal data is gone, and that of their account if it has no other subscriber. A token with any
    /// of their names (past addresses included) whose `iat` is at most 60 seconds after `now` does not bring
    /// them back. A later erasure with an earlier `now` does not shorten that time. A newer token makes a new
    /// subscriber, without a second grant. Past visits stay counted.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Counts the active subscribers of each day from `first` to `last`, both included, in one pass. A day
    /// counts a subscriber once. Days on which all counts are 0 are left out.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>>;

    /// Counts the different subscribers who visited from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// Methods that the store behind a pointer answers.
macro_rules! methods {
    ($($method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        $(fn $method<'a>(&'a self, $($argument: $type),*) -> BoxFuture<'a, Result<$answer, StoreError>> {
            (**self).$method($($argument),*)
        })+
    };
}

macro_rules! forward {
    ($($pointer:ident),+) => {
        $(
            impl<T: SubscriberStore + ?Sized> SubscriberStore for $pointer<T> {
                fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
                    (**self).current_secret(bot)
                }

                fn provision(
                    &self,
                    request: ProvisionRequest,
                ) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
                    (**self).provision(request)
                }
            }

            #[allow(clippy::elidable_lifetime_names, reason = "some of the methods need the name")]
            impl<T: Store + ?Sized> Store for $pointer<T> {
                methods! {
                    create_project(project: Project) -> ();
                    project(project: ProjectId) -> Option<Project>;
                    projects(after: Option<ProjectId>, limit: u32) -> Vec<Project>;
                    set_free_tier(project: ProjectId, credits: Option<u32>) -> ();
                    create_bot(project: ProjectId, bot: BotId) -> ();
                    bot(bot: BotId) -> Option<Bot>;
                    bots(project: ProjectId, after: Option<BotId>, limit: u32) -> Vec<Bot>;
                    regenerate_secret(bot: BotId) -> SsoSecret;
                    remove_secret(bot: BotId) -> ();
                    reseal() -> u64;
                    subscriber(project: ProjectId, by: Lookup<'a>) -> Option<Subscriber>;
                    subscribers(
                        project: ProjectId,
                        after: Option<SubscriberId>,
                        limit: u32
                    ) -> Vec<Subscriber>;
                    subscriber_count(project: ProjectId) -> u64;
                    subscribers_by_email(email: Email<'a>) -> Vec<Subscriber>;
                    search(project: ProjectId, text: &'a str) -> Vec<Subscriber>;
                    forget(project: ProjectId, subscriber: SubscriberId, now: OffsetDateTime) -> bool;
                    activity(project: ProjectId, first: Date, last: Date) -> Vec<DayActivity>;
                    active_subscribers(project: ProjectId, first: Date, last: Date) -> u64;
                }
            }
        )+
    };
}

forward!(Arc, Box);
