//! What stores are given and give back. Values only.

use std::{borrow::Cow, fmt};

use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::{
    id::{AccountId, BotId, ProjectId, SubscriberId},
    identity::{Email, Identity},
    secret::SsoSecret,
    verifier::VerifiedIdentity,
};

/// A project: the owner of agents and of subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Project {
    /// Its id, made by whoever creates it ([`ProjectId::generate`]).
    pub id: ProjectId,
    /// How many credits a new subscriber's account is granted, once; `None` or 0 where the project has no free tier.
    pub free_tier: Option<u32>,
}

/// The version of a bot's secret: one higher with every regeneration and removal, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretVersion(pub u32);

impl SecretVersion {
    /// The version of the next regeneration or removal.
    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A bot's current secret, as [`SecretStore::current_secret`](crate::store::SecretStore::current_secret) finds it.
#[derive(Debug, Clone)]
pub struct BotSecret {
    /// The secret.
    pub secret: SsoSecret,
    /// Its version, which [`ProvisionRequest`] takes back to the store.
    pub version: SecretVersion,
}

/// A verified visitor, to be provisioned. Only what a [`Verifier`](crate::Verifier) answered can be in it.
#[derive(Debug, Clone, Copy)]
pub struct ProvisionRequest<'a> {
    bot: BotId,
    version: SecretVersion,
    visitor: &'a VerifiedIdentity,
    now: OffsetDateTime,
}

impl<'a> ProvisionRequest<'a> {
    /// The request for a visitor whose token was verified with the secret of this version, now.
    #[must_use]
    pub const fn new(
        bot: BotId,
        version: SecretVersion,
        visitor: &'a VerifiedIdentity,
        now: OffsetDateTime,
    ) -> Self {
        Self { bot, version, visitor, now }
    }

    /// The bot on whose page the visitor is.
    #[must_use]
    pub const fn bot(&self) -> BotId {
        self.bot
    }

    /// The version of the secret that verified the token.
    #[must_use]
    pub const fn secret_version(&self) -> SecretVersion {
        self.version
    }

    /// The verified token.
    #[must_use]
    pub const fn visitor(&self) -> &'a VerifiedIdentity {
        self.visitor
    }

    /// Who the visitor is.
    #[must_use]
    pub const fn identity(&self) -> &'a Identity {
        self.visitor.identity()
    }

    /// When the token was issued, in whole seconds since 1970. Where it does not say, the earliest that it can have
    /// been: an hour before it expires.
    #[must_use]
    pub fn issued_at(&self) -> i64 {
        let earliest = || self.visitor.expires_at().saturating_sub(Duration::HOUR);
        self.visitor.issued_at().unwrap_or_else(earliest).unix_timestamp()
    }

    /// The time of the visit.
    #[must_use]
    pub const fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The day of the visit, in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.checked_to_offset(UtcOffset::UTC).unwrap_or(self.now).date()
    }
}

/// What [`provision`](crate::store::SubscriberStore::provision) found, and what *this* call created.
///
/// Of any number of concurrent or repeated calls for one visitor, one reports each creation; where its answer was
/// lost, none of the later ones does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provisioned {
    /// The bot's project.
    pub project: ProjectId,
    /// The person across BoostGPT. It opens nothing by itself: see the trust boundary in [`store`](crate::store).
    pub account: AccountId,
    /// The person within the project: history and memory hang here.
    pub subscriber: SubscriberId,
    /// Whether this call created the account, verified by this project and by nobody else.
    pub created_account: bool,
    /// Whether this call created the subscriber.
    pub created_subscriber: bool,
    /// The free-tier credits that this call granted.
    pub granted: Option<u32>,
    /// Whether the token's e-mail address is somebody else's in this project.
    pub conflict: Option<LinkConflict>,
}

impl Provisioned {
    /// What a store reports of an existing subscriber: nothing created, nothing granted.
    #[must_use]
    pub const fn found(project: ProjectId, account: AccountId, subscriber: SubscriberId) -> Self {
        let (created_account, created_subscriber) = (false, false);
        Self {
            project,
            account,
            subscriber,
            created_account,
            created_subscriber,
            granted: None,
            conflict: None,
        }
    }
}

/// The token's e-mail address is held by another subscriber of the project than the one its external id names. Nobody
/// is merged and nobody locked out; somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkConflict {
    /// Who holds the address.
    pub email_holder: SubscriberId,
}

/// A subscriber as the store knows them. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Their id.
    pub id: SubscriberId,
    /// Their account.
    pub account: AccountId,
    /// Their e-mail address as it was last given; `None` where somebody else of the project holds it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// The customer's own id of them. Written once.
    pub external_id: Option<String>,
    /// When the newest token was issued that changed something here or was the first of a day, in seconds since 1970.
    pub applied_at: i64,
    /// The day of their first visit, in UTC.
    pub first_day: Date,
    /// The last day of which a visit was recorded, in UTC.
    pub last_day: Date,
    /// The free-tier credits that were granted to their account in this project.
    pub granted: Option<u32>,
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
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

/// By what a subscriber is looked up within their project.
#[derive(Debug, Clone, Copy)]
pub enum Lookup<'a> {
    /// By their id.
    Id(SubscriberId),
    /// By the customer's own id of them, exactly.
    ExternalId(&'a str),
    /// By the e-mail address that they hold, by its [key](Email::key).
    Email(Email<'a>),
}

/// A project's subscribers on one day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayActivity {
    /// The day.
    pub day: Date,
    /// How many subscribers visited.
    pub active: u64,
    /// How many of them for the first time.
    pub new: u64,
}

/// One step of a store's schema: applied once, in order, and never changed afterwards.
#[derive(Debug, Clone)]
pub struct Migration {
    /// Its number, from 1.
    pub version: u32,
    /// Its statements, to be read by a DBA or run by hand.
    pub sql: Cow<'static, str>,
}
