//! What the checks have in common: an agent of their own, visits to it, and times. No clock, no executor.

use time::{Date, OffsetDateTime};

use super::super::{
    contract::Store,
    error::ProvisionError,
    model::{BotSecret, Lookup, Project, ProvisionRequest, Provisioned, SecretVersion, Subscriber},
};
use crate::{
    id::{BotId, ProjectId, SubscriberId},
    identity::{Email, Identity},
    signer::Signer,
    verifier::{VerifiedIdentity, Verifier},
};

/// 2026-11-22T12:00:00Z: when nothing else is said, tokens are issued and visits made at this moment.
pub(super) const NOW: i64 = 1_795_348_800;
pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// What a project with a free tier grants.
pub(super) const CREDITS: u32 = 100;

pub(super) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

pub(super) fn day(seconds: i64) -> Date {
    at(seconds).date()
}

/// An identity of these texts; an empty name or external id is none.
pub(super) fn identity(email: &str, name: &str, external_id: &str) -> Identity {
    let plain = Identity::new(email).unwrap();
    plain.with_name(name).unwrap().with_external_id(external_id).unwrap()
}

pub(super) async fn new_project(store: &dyn Store, free_tier: Option<u32>) -> ProjectId {
    let id = ProjectId::generate().unwrap();
    store.create_project(Project { id, free_tier }).await.expect("create_project works");
    id
}

pub(super) async fn new_bot(store: &dyn Store, project: ProjectId) -> BotId {
    let bot = BotId::generate().unwrap();
    store.create_bot(project, bot).await.expect("create_bot works in an existing project");
    bot
}

/// An agent with a secret: what visitors come to.
pub(super) struct Agent<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) project: ProjectId,
    pub(super) bot: BotId,
    pub(super) current: BotSecret,
}

impl<'s> Agent<'s> {
    /// An agent in a project of its own, which has no free tier.
    pub(super) async fn new(store: &'s dyn Store) -> Self {
        Self::with_free_tier(store, None).await
    }

    pub(super) async fn with_free_tier(store: &'s dyn Store, free_tier: Option<u32>) -> Self {
        Self::of(store, new_project(store, free_tier).await).await
    }

    /// An agent of this project.
    pub(super) async fn of(store: &'s dyn Store, project: ProjectId) -> Self {
        let bot = new_bot(store, project).await;
        store.regenerate_secret(bot).await.expect("regenerate_secret works for an existing bot");
        let current = store.current_secret(bot).await.expect("current_secret works");
        let current = current.expect("current_secret finds the secret that was just generated");
        Self { store, project, bot, current }
    }

    /// A domain that is nobody else's: accounts are unique in the whole store, and the store may be in use.
    pub(super) fn domain(&self) -> String {
        format!("{}.example", self.project)
    }

    /// The address with this local part in the agent's own domain.
    pub(super) fn address(&self, local: &str) -> String {
        format!("{local}@{}", self.domain())
    }

    /// The person with this address in the agent's own domain; an empty name or external id is none.
    pub(super) fn person(&self, local: &str, name: &str, external_id: &str) -> Identity {
        identity(&self.address(local), name, external_id)
    }

    /// The person, vouched for by a token of this agent that was issued at this moment.
    pub(super) fn vouch(&self, person: &Identity, issued_at: i64) -> VerifiedIdentity {
        let token = Signer::new(&self.current.secret).sign_at(person, at(issued_at));
        Verifier::new(&self.current.secret).verify_at(&token, at(issued_at)).unwrap()
    }

    pub(super) async fn provision(
        &self,
        visitor: &VerifiedIdentity,
        version: SecretVersion,
        now: OffsetDateTime,
    ) -> Result<Provisioned, ProvisionError> {
        self.store.provision(&ProvisionRequest::new(self.bot, version, visitor, now)).await
    }

    /// A visit with a token issued at one moment, made at another.
    pub(super) async fn try_visit(
        &self,
        person: &Identity,
        issued_at: i64,
        now: OffsetDateTime,
    ) -> Result<Provisioned, ProvisionError> {
        self.provision(&self.vouch(person, issued_at), self.current.version, now).await
    }

    pub(super) async fn visit_later(&self, person: &Identity, issued_at: i64, now: i64) -> Provisioned {
        let visit = self.try_visit(person, issued_at, at(now)).await;
        let provisioned = visit.expect("provision accepts a visitor under the current secret");
        assert_eq!(
            provisioned.project, self.project,
            "Provisioned::project is the bot's project: look it up"
        );
        provisioned
    }

    /// A visit with a token that was issued then.
    pub(super) async fn visit_at(&self, person: &Identity, now: i64) -> Provisioned {
        self.visit_later(person, now, now).await
    }

    pub(super) async fn visit(&self, person: &Identity) -> Provisioned {
        self.visit_at(person, NOW).await
    }

    pub(super) async fn find(&self, by: Lookup<'_>) -> Option<Subscriber> {
        self.store.subscriber(self.project, by).await.expect("subscriber works")
    }

    /// Who holds the address with this local part.
    pub(super) async fn holder(&self, local: &str) -> Option<SubscriberId> {
        let address = self.address(local);
        let found = self.find(Lookup::Email(Email::new(&address).unwrap())).await;
        found.map(|subscriber| subscriber.id)
    }

    /// Whose external id this is.
    pub(super) async fn named(&self, external_id: &str) -> Option<SubscriberId> {
        self.find(Lookup::ExternalId(external_id)).await.map(|subscriber| subscriber.id)
    }

    /// The subscriber, who must exist.
    pub(super) async fn read(&self, id: SubscriberId) -> Subscriber {
        self.find(Lookup::Id(id)).await.expect("subscriber finds by its id whom provision answered")
    }

    /// The ids of up to a thousand subscribers.
    pub(super) async fn all(&self) -> Vec<SubscriberId> {
        self.page(None, 1000).await
    }

    pub(super) async fn page(&self, after: Option<SubscriberId>, limit: u32) -> Vec<SubscriberId> {
        let page = self.store.subscribers(self.project, after, limit).await.expect("subscribers works");
        page.into_iter().map(|subscriber| subscriber.id).collect()
    }

    pub(super) async fn forget(&self, id: SubscriberId, now: i64) -> bool {
        self.store.forget(self.project, id, at(now)).await.expect("forget works")
    }

    /// The days from the first to the last moment's: day, active, new.
    pub(super) async fn activity(&self, first: Date, last: Date) -> Vec<(Date, u64, u64)> {
        let days = self.store.activity(self.project, first, last).await.expect("activity works");
        days.into_iter().map(|of| (of.day, of.active, of.new)).collect()
    }

    pub(super) async fn active(&self, first: Date, last: Date) -> u64 {
        self.store.active_subscribers(self.project, first, last).await.expect("active_subscribers works")
    }
}
