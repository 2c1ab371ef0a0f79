//! What the checks have in common: an operator's acts, an agent with visits to it, and times. No clock, no
//! executor.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use time::{Date, OffsetDateTime};

use super::super::{
    contract::{BoxFuture, Store, SubscriberStore},
    error::{ProvisionError, StoreError},
    model::{Lookup, Project, Provisioned, Subscriber},
    visit::{BotSecret, ProvisionRequest, VerifiedVisitor},
};
use crate::{
    id::{BotId, ProjectId, SubscriberId},
    identity::{Email, Identity},
    jwt::{header, hs256::MacKey},
    secret::SsoSecret,
    signer::Signer,
    verifier::DEFAULT_SKEW,
};

/// What the checks of a [`SubscriberStore`] need besides its two methods: an operator's acts, in the
/// service's own way.
///
/// Every [`Store`] is a fixture already. A service with tables of its own implements it for its tests. Each
/// method does what the method of `Store` with this name does.
pub trait Fixture: SubscriberStore {
    /// Creates a project.
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Sets a project's free tier.
    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Creates a bot without a secret.
    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Gives a bot a new secret.
    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>>;

    /// Takes a bot's secret away.
    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Finds a subscriber.
    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>>;

    /// Lists the ids of all subscribers of a project, up to a thousand, in any order.
    fn subscriber_ids(&self, project: ProjectId) -> BoxFuture<'_, Result<Vec<SubscriberId>, StoreError>>;

    /// Erases a subscriber.
    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;
}

impl<T: Store + ?Sized> Fixture for T {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        Store::create_project(self, project)
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Store::set_free_tier(self, project, credits)
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Store::create_bot(self, project, bot)
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        Store::regenerate_secret(self, bot)
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Store::remove_secret(self, bot)
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        Store::subscriber(self, project, by)
    }

    fn subscriber_ids(&self, project: ProjectId) -> BoxFuture<'_, Result<Vec<SubscriberId>, StoreError>> {
        Box::pin(async move {
            let all = self.subscribers(project, None, 1000).await?;
            Ok(all.into_iter().map(|subscriber| subscriber.id).collect())
        })
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        Store::forget(self, project, subscriber, now)
    }
}

/// 2026-11-22T12:00:00Z: when nothing else is said, tokens are issued and visits made at this moment.
pub(super) const NOW: i64 = 1_795_348_800;
pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// A token that was issued before an erasure may carry an `iat` up to this many seconds after it.
pub(super) const SKEW: i64 = DEFAULT_SKEW;
/// The first moment at which a token is newer than an erasure at [`NOW`].
pub(super) const NEWER: i64 = NOW + SKEW + 1;
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

pub(super) async fn new_project<S: Fixture + ?Sized>(store: &S, free_tier: Option<u32>) -> ProjectId {
    let id = ProjectId::generate().unwrap();
    Fixture::create_project(store, Project { id, free_tier }).await.expect("create_project works");
    id
}

pub(super) async fn new_bot<S: Fixture + ?Sized>(store: &S, project: ProjectId) -> BotId {
    let bot = BotId::generate().unwrap();
    create_bot_with(store, project, bot).await;
    bot
}

async fn create_bot_with<S: Fixture + ?Sized>(store: &S, project: ProjectId, bot: BotId) {
    Fixture::create_bot(store, project, bot).await.expect("create_bot works in an existing project");
}

/// An agent with a secret: what visitors come to.
pub(super) struct Agent<'s, S: ?Sized> {
    pub(super) store: &'s S,
    pub(super) project: ProjectId,
    pub(super) bot: BotId,
    pub(super) current: BotSecret,
}

impl<'s, S: Fixture + ?Sized> Agent<'s, S> {
    /// An agent in a project of its own, which has no free tier.
    pub(super) async fn new(store: &'s S) -> Self {
        Self::with_free_tier(store, None).await
    }

    pub(super) async fn with_free_tier(store: &'s S, free_tier: Option<u32>) -> Self {
        Self::of(store, new_project(store, free_tier).await).await
    }

    /// An agent of this project.
    pub(super) async fn of(store: &'s S, project: ProjectId) -> Self {
        Self::of_bot(store, project, BotId::generate().unwrap()).await
    }

    /// An agent of this project with this id, which no bot has yet.
    pub(super) async fn of_bot(store: &'s S, project: ProjectId, bot: BotId) -> Self {
        create_bot_with(store, project, bot).await;
        let regenerated = Fixture::regenerate_secret(store, bot).await;
        regenerated.expect("regenerate_secret works for an existing bot");
        let current = current_bot_secret(store, bot).await;
        let current = current.expect("current_secret finds the secret that was just generated");
        assert_eq!(
            (current.bot, current.project),
            (bot, project),
            "a BotSecret names its bot and the bot's project: read them with the secret"
        );
        Self { store, project, bot, current }
    }

    /// A domain of its own: accounts are unique in the whole store, and the store may be in use.
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

    /// The person, with a token of this agent that was issued at this moment.
    pub(super) fn vouch(&self, person: &Identity, issued_at: i64) -> VerifiedVisitor {
        vouch(&self.current, person, issued_at)
    }

    /// The person, with a token that does not say when it was issued.
    pub(super) fn vouch_undated(&self, person: &Identity, expires_at: i64) -> VerifiedVisitor {
        let text = |member: &str, value: Option<&str>| {
            value.map_or_else(String::new, |value| format!("\"{member}\":{},", Value::from(value)))
        };
        let names = [
            text("email", Some(person.email().as_str())),
            text("name", person.name()),
            text("external_id", person.external_id()),
        ];
        let payload = format!("{{{}\"exp\":{expires_at}}}", names.concat());
        let signed = format!("{}.{}", header::ENCODED, URL_SAFE_NO_PAD.encode(payload));
        let mac = MacKey::new(&self.current.secret).mac(signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac));
        self.current.verifier().verify_at(token, at(expires_at - 1)).unwrap()
    }

    pub(super) async fn provision(
        &self,
        visitor: &VerifiedVisitor,
        now: OffsetDateTime,
    ) -> Result<Provisioned, ProvisionError> {
        self.store.provision(ProvisionRequest::new(visitor.clone(), now)).await
    }

    /// A visit with a token issued at one moment, made at another.
    pub(super) async fn try_visit(
        &self,
        person: &Identity,
        issued_at: i64,
        now: OffsetDateTime,
    ) -> Result<Provisioned, ProvisionError> {
        self.provision(&self.vouch(person, issued_at), now).await
    }

    pub(super) async fn visit_later(&self, person: &Identity, issued_at: i64, now: i64) -> Provisioned {
        let visit = self.try_visit(person, issued_at, at(now)).await;
        visit.expect("provision accepts a visitor under the current secret")
    }

    /// A visit with a token that was issued then.
    pub(super) async fn visit_at(&self, person: &Identity, now: i64) -> Provisioned {
        self.visit_later(person, now, now).await
    }

    pub(super) async fn visit(&self, person: &Identity) -> Provisioned {
        self.visit_at(person, NOW).await
    }

    pub(super) async fn find(&self, by: Lookup<'_>) -> Option<Subscriber> {
        Fixture::subscriber(self.store, self.project, by).await.expect("subscriber works")
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

    /// The ids of all subscribers, in order.
    pub(super) async fn all(&self) -> Vec<SubscriberId> {
        let mut all = self.store.subscriber_ids(self.project).await.expect("subscriber_ids works");
        all.sort();
        all
    }

    pub(super) async fn forget(&self, id: SubscriberId, now: i64) -> bool {
        Fixture::forget(self.store, self.project, id, at(now)).await.expect("forget works")
    }
}

impl<S: Store + ?Sized> Agent<'_, S> {
    pub(super) async fn page(&self, after: Option<SubscriberId>, limit: u32) -> Vec<SubscriberId> {
        let page = self.store.subscribers(self.project, after, limit).await.expect("subscribers works");
        page.into_iter().map(|subscriber| subscriber.id).collect()
    }

    /// The days of visits from the first to the last moment's: day, active, new.
    pub(super) async fn activity(&self, first: Date, last: Date) -> Vec<(Date, u64, u64)> {
        let days = self.store.activity(self.project, first, last).await.expect("activity works");
        days.into_iter().filter(|of| of.active > 0).map(|of| (of.day, of.active, of.new)).collect()
    }

    pub(super) async fn active(&self, first: Date, last: Date) -> u64 {
        self.store.active_subscribers(self.project, first, last).await.expect("active_subscribers works")
    }
}

/// The bot's current secret, if it has one.
pub(super) async fn current_bot_secret<S: SubscriberStore + ?Sized>(
    store: &S,
    bot: BotId,
) -> Option<BotSecret> {
    store.current_secret(bot).await.expect("current_secret works").into_secret()
}

/// The person, with a token that this secret has signed and verified.
pub(super) fn vouch(secret: &BotSecret, person: &Identity, issued_at: i64) -> VerifiedVisitor {
    let token = Signer::new(&secret.secret).sign_at(person, at(issued_at));
    secret.verifier().verify_at(&token, at(issued_at)).unwrap()
}
