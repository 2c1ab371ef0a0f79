//! What stores are given and give back. Values only.

use std::{borrow::Cow, fmt};

use time::Date;

use crate::{
    id::{AccountId, BotId, ProjectId, SecretVersion, SubscriberId},
    identity::Email,
};

/// A project: the owner of agents and of subscribers.
///
/// ```
/// use boostgpt_sso::{ProjectId, store::Project};
///
/// let project = Project::new(ProjectId::generate()?).with_free_tier(100);
/// # let _ = project;
/// # Ok::<(), boostgpt_sso::GeneratorError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// How many credits a new subscriber's account is granted, once. `None` or 0: the project has no free
    /// tier.
    pub free_tier: Option<u32>,
}

impl Project {
    /// Describes a project without a free tier.
    #[must_use]
    pub const fn new(id: ProjectId) -> Self {
        Self { id, free_tier: None }
    }

    /// Sets how many credits a new subscriber's account is granted, or with `None` that it is granted none.
    #[must_use]
    pub fn with_free_tier(self, credits: impl Into<Option<u32>>) -> Self {
        Self { free_tier: credits.into(), ..self }
    }
}

/// A bot as a list shows it, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bot {
    /// Its id.
    pub id: BotId,
    /// The project that owns it.
    pub project: ProjectId,
    /// The version of its current secret; `None` if it has none.
    pub secret_version: Option<SecretVersion>,
}

impl Bot {
    /// Describes a bot.
    #[must_use]
    pub const fn new(id: BotId, project: ProjectId, secret_version: Option<SecretVersion>) -> Self {
        Self { id, project, secret_version }
    }
}

/// What [`provision`](super::SubscriberStore::provision) found, and what *this* call created.
///
/// Of any number of concurrent or repeated calls for one visitor, exactly one reports each creation. If its
/// answer was lost, none of the later ones reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provisioned {
    /// The person across BoostGPT. It opens nothing by itself: see the trust boundary in
    /// [`store`](crate::store).
    pub account: AccountId,
    /// The person within the project. History and memory belong to this id.
    pub subscriber: SubscriberId,
    /// Whether this call created the account, verified by this project and no other.
    pub created_account: bool,
    /// Whether this call created the subscriber.
    pub created_subscriber: bool,
    /// The free-tier credits that this call granted.
    pub granted: Option<u32>,
    /// Set if another subscriber of the project has the token's e-mail address.
    pub conflict: Option<LinkConflict>,
    /// Whether this call gave the subscriber an e-mail address that they had before and gave up for another
    /// one. If that happens again and again, several people share one external id, and with it one history.
    /// A store that does not look for past addresses on a visit says `false`.
    pub took_address_back: bool,
}

impl Provisioned {
    /// Reports an existing subscriber: nothing created, nothing granted.
    #[must_use]
    pub const fn found(account: AccountId, subscriber: SubscriberId) -> Self {
        Self {
            account,
            subscriber,
            created_account: false,
            created_subscriber: false,
            granted: None,
            conflict: None,
            took_address_back: false,
        }
    }
}

/// The token's e-mail address belongs to another subscriber of the project than the one its external id
/// names.
///
/// No subscribers are merged and no visitor is locked out. An operator should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkConflict {
    /// The subscriber who has the address.
    pub email_holder: SubscriberId,
}

impl LinkConflict {
    /// Reports a conflict with the subscriber who has the address.
    #[must_use]
    pub const fn new(email_holder: SubscriberId) -> Self {
        Self { email_holder }
    }
}

/// A subscriber as the store knows them. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscriber {
    /// The project whose subscriber this is.
    pub project: ProjectId,
    /// Their id within the project.
    pub id: SubscriberId,
    /// Their account.
    pub account: AccountId,
    /// Their e-mail address as it was last given; `None` if another subscriber of the project has it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// The customer's own id of them. Written once.
    pub external_id: Option<String>,
    /// When the newest token was issued that changed something here or was the first of a day, in seconds
    /// since 1970.
    pub applied_at: i64,
    /// The day of their first visit, in UTC.
    pub first_day: Date,
    /// The last day on which a visit was recorded, in UTC.
    pub last_day: Date,
    /// The free-tier credits that were granted to their account in this project.
    pub granted: Option<u32>,
    /// How many e-mail addresses they had and gave up for another one. One that they took back counts, too:
    /// if it is 2 or more, the address may be changing back and forth, because several people share the
    /// external id. [`Provisioned::took_address_back`] tells of it when it happens.
    pub past_addresses: u64,
}

impl Subscriber {
    /// Describes a subscriber whose only visit was on `day`, without e-mail address, name, external id and
    /// grant.
    #[must_use]
    pub const fn new(
        project: ProjectId,
        id: SubscriberId,
        account: AccountId,
        applied_at: i64,
        day: Date,
    ) -> Self {
        Self {
            project,
            id,
            account,
            email: None,
            name: None,
            external_id: None,
            applied_at,
            first_day: day,
            last_day: day,
            granted: None,
            past_addresses: 0,
        }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("project", &self.project)
            .field("id", &self.id)
            .field("account", &self.account)
            .field("email", &self.email.as_ref().map(|_| ".."))
            .field("name", &self.name.as_ref().map(|_| ".."))
            .field("external_id", &self.external_id.as_ref().map(|_| ".."))
            .field("first_day", &self.first_day)
            .field("last_day", &self.last_day)
            .finish_non_exhaustive()
    }
}

/// By what a subscriber is looked up within their project. `Debug` shows no personal data.
// Exhaustive: a store has to answer each of them, and its compiler says so.
#[derive(Clone, Copy)]
pub enum Lookup<'a> {
    /// By their id.
    Id(SubscriberId),
    /// By the customer's own id of them, exactly.
    ExternalId(&'a str),
    /// By the e-mail address that they have, by its [key](Email::key).
    Email(Email<'a>),
}

impl fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.debug_tuple("Id").field(id).finish(),
            Self::ExternalId(_) => f.write_str("ExternalId(..)"),
            Self::Email(_) => f.write_str("Email(..)"),
        }
    }
}

/// How many of a project's subscribers were active on one day (UTC) and before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DayActivity {
    /// The day.
    pub day: Date,
    /// How many subscribers visited on this day. A visit that arrives after the same subscriber's
    /// visit of a later day is not counted: a subscriber who comes again costs no write.
    pub active: u64,
    /// How many of them for the first time.
    pub new: u64,
    /// How many different subscribers visited on this day or the 6 days before it.
    pub weekly: u64,
    /// How many different subscribers visited on this day or the 29 days before it.
    pub monthly: u64,
}

impl DayActivity {
    /// Describes a day without visits.
    #[must_use]
    pub const fn new(day: Date) -> Self {
        Self { day, active: 0, new: 0, weekly: 0, monthly: 0 }
    }
}

/// One step of a store's schema: applied once, in order, and never changed afterwards.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Migration {
    /// Its number, from 1.
    pub version: u32,
    /// Its statements, to be read by a DBA or run by hand.
    pub sql: Cow<'static, str>,
}
