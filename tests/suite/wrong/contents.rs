//! What the store of these tests keeps, and how it reads that.

use std::collections::{BTreeMap, BTreeSet};

use boostgpt_sso::{
    AccountId, BotId, Email, Identity, ProjectId, SecretVersion, SubscriberId,
    store::{Bot, NameHash, NameKey, Project, ProvisionRequest, Sealed, Subscriber},
    time::{Date, Duration, OffsetDateTime, UtcOffset},
};

use super::faults::Fault::{self, *};

#[derive(Clone, Default)]
pub struct Contents {
    pub fault: Option<Fault>,
    pub projects: BTreeMap<ProjectId, Option<u32>>,
    pub bots: BTreeMap<BotId, Row>,
    /// The key of the hashes of names, made at the first use.
    pub name_key: Option<Sealed>,
    /// By e-mail key.
    pub accounts: BTreeMap<String, AccountId>,
    pub subscribers: BTreeMap<(ProjectId, SubscriberId), Subscriber>,
    pub past: BTreeMap<(ProjectId, SubscriberId), BTreeSet<NameHash>>,
    pub grants: BTreeMap<(ProjectId, AccountId), u32>,
    /// Whether it was the first visit.
    pub visits: BTreeMap<(ProjectId, Date, SubscriberId), bool>,
    pub forgotten: BTreeMap<(ProjectId, NameHash), i64>,
    /// The past addresses of the erased, if the store is wrong.
    pub past_by_external_id: BTreeMap<(ProjectId, String), BTreeSet<NameHash>>,
    /// Who took an external id after they were created.
    pub took_external_id: BTreeSet<(ProjectId, SubscriberId)>,
    /// How many visits of a day were counted a second time.
    pub counted_twice: BTreeMap<(ProjectId, Date), u64>,
}

#[derive(Clone)]
pub struct Row {
    pub project: ProjectId,
    pub version: SecretVersion,
    pub sealed: Option<Sealed>,
    /// The versions before this one.
    pub older: Vec<SecretVersion>,
}

impl Contents {
    pub fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The names that a store compares addresses by.
    pub fn email_key(&self, email: &str) -> String {
        match self.fault {
            Some(AddressesAreComparedWithCase) => email.to_owned(),
            Some(AddressesAreFoldedAsUnicode) => email.to_lowercase(),
            Some(AddressesLoseTheirTag) => {
                let (local, domain) = email.split_once('@').unwrap();
                let local = local.split('+').next().unwrap();
                format!("{local}@{domain}").to_ascii_lowercase()
            }
            Some(AddressesLoseTheirDots) => {
                let (local, domain) = email.split_once('@').unwrap();
                format!("{}@{domain}", local.replace('.', "")).to_ascii_lowercase()
            }
            Some(DomainsAreFoldedAsUnicode) => {
                let (local, domain) = email.split_once('@').unwrap();
                format!("{}@{}", local.to_ascii_lowercase(), domain.to_lowercase())
            }
            Some(DomainsLoseTheirEszett) => {
                let (local, domain) = email.split_once('@').unwrap();
                format!("{local}@{}", domain.replace('ß', "ss")).to_ascii_lowercase()
            }
            _ => Email::new(email).unwrap().key().into_owned(),
        }
    }

    pub fn external_id(&self, id: &str) -> String {
        match self.fault {
            Some(ExternalIdsAreFolded) => id.to_lowercase(),
            Some(ExternalIdsAreCut) => id.chars().take(100).collect(),
            Some(ExternalIdsAreTrimmed) => id.trim().to_owned(),
            Some(ExternalIdsAreNumbers) => {
                id.parse::<f64>().map_or_else(|_| id.to_owned(), |id| id.to_string())
            }
            _ => id.to_owned(),
        }
    }

    pub fn email_hash(&self, names: &NameKey, project: ProjectId, email: &str) -> NameHash {
        let project = if self.is(ForgetsInEveryProject) { ProjectId::from_bytes([0; 16]) } else { project };
        if self.is(ForgottenNamesHaveNoKind) {
            return names.external_id(project, &Email::new(email).unwrap().key());
        }
        let folded = email.to_lowercase();
        let is_folded = self.is(ForgottenAddressesAreFoldedAsUnicode) && Email::new(&folded).is_ok();
        names.email(project, Email::new(if is_folded { &folded } else { email }).unwrap())
    }

    pub fn external_id_hash(&self, names: &NameKey, project: ProjectId, id: &str) -> NameHash {
        let project = if self.is(ForgetsInEveryProject) { ProjectId::from_bytes([0; 16]) } else { project };
        if self.is(ForgottenIdsAreFolded) {
            return names.external_id(project, &id.to_lowercase());
        }
        names.external_id(project, id)
    }

    pub fn of(&self, project: ProjectId) -> impl DoubleEndedIterator<Item = &Subscriber> {
        let [first, last] = [[0; 16], [0xff; 16]].map(|id| (project, SubscriberId::from_bytes(id)));
        self.subscribers.range(first..=last).map(|(_, subscriber)| subscriber)
    }

    pub fn by_email(&self, project: ProjectId, email: &str) -> Option<Subscriber> {
        let key = self.email_key(email);
        let holds = |one: &&Subscriber| one.email.as_deref().is_some_and(|held| self.email_key(held) == key);
        self.of(project).find(holds).cloned()
    }

    pub fn by_external_id(&self, project: ProjectId, id: &str) -> Option<Subscriber> {
        if self.is(NamesShareOneIndex)
            && Email::new(id).is_ok()
            && let Some(holder) = self.by_email(project, id)
        {
            return Some(holder);
        }
        if self.is(IdsAreExternalIds)
            && let Some(found) = id.parse().ok().and_then(|id| self.subscribers.get(&(project, id)))
        {
            return Some(found.clone());
        }
        let id = self.external_id(id);
        let has =
            |one: &&Subscriber| one.external_id.as_deref().is_some_and(|held| self.external_id(held) == id);
        self.of(project).find(has).cloned()
    }

    /// Who has this address among the past ones, too.
    pub fn by_any_email(&self, names: &NameKey, project: ProjectId, email: &str) -> Option<Subscriber> {
        let hash = self.email_hash(names, project, email);
        let past = |one: &&Subscriber| {
            self.past.get(&(project, one.id)).is_some_and(|hashes| hashes.contains(&hash))
        };
        self.by_email(project, email).or_else(|| self.of(project).find(past).cloned())
    }

    /// Who has an address that a database would take for this one.
    pub fn by_similar_email(&self, project: ProjectId, email: &str) -> Option<Subscriber> {
        let wanted = email.to_lowercase();
        let is_similar = |held: &str| match self.fault {
            Some(AddressesAreFoundByPattern) => {
                is_like(email.to_ascii_lowercase().as_bytes(), held.to_ascii_lowercase().as_bytes())
            }
            _ => held.to_lowercase() == wanted,
        };
        self.of(project).find(|one| one.email.as_deref().is_some_and(is_similar)).cloned()
    }

    /// When either name of this identity was forgotten last.
    pub fn forgotten_at(&self, names: &NameKey, project: ProjectId, identity: &Identity) -> Option<i64> {
        let email = Some(self.email_hash(names, project, identity.email().as_str()));
        let external_id = identity.external_id().map(|id| self.external_id_hash(names, project, id));
        let project = if self.is(ForgetsInEveryProject) { ProjectId::from_bytes([0; 16]) } else { project };
        let hashes = match self.fault {
            Some(ForgetsTheAddressOnly) => [email, None],
            Some(ForgetsTheExternalIdOnly) => [external_id, None],
            _ => [email, external_id],
        };
        let times =
            hashes.into_iter().flatten().filter_map(|hash| self.forgotten.get(&(project, hash)).copied());
        if self.is(TheOldestErasureDecides) { times.min() } else { times.max() }
    }

    pub fn shown(&self, subscriber: &Subscriber) -> Subscriber {
        let mut shown = subscriber.clone();
        let grant = self.grants.get(&(subscriber.project, subscriber.account));
        let of_account = || self.grants.iter().find(|((_, account), _)| *account == subscriber.account);
        shown.granted = match self.fault {
            Some(GrantsAreShownOfEveryProject) => of_account().map(|(_, credits)| *credits),
            Some(GrantsOfZeroAreShown) => Some(grant.copied().unwrap_or(0)),
            _ => grant.copied(),
        };
        let past = self.past.get(&(subscriber.project, subscriber.id)).map_or(0, BTreeSet::len);
        shown.past_addresses = if self.is(PastAddressesAreNotCounted) { 0 } else { past as u64 };
        shown
    }

    pub fn shown_bot(&self, id: BotId, row: &Row) -> Bot {
        let hidden = if self.is(ARemovedVersionIsShown) { Some(row.version) } else { None };
        Bot::new(id, row.project, row.sealed.as_ref().map(|_| row.version).or(hidden))
    }

    pub fn project(&self, id: ProjectId) -> Option<Project> {
        self.projects.get(&id).map(|free_tier| Project::new(id).with_free_tier(*free_tier))
    }

    /// The time of issue that a token is compared by.
    pub fn issued_at(&self, request: &ProvisionRequest) -> i64 {
        let identity = request.visitor().identity();
        match self.fault {
            Some(ATokenWithoutIssueIsNew) if identity.issued_at().is_none() => request.now().unix_timestamp(),
            Some(ATokenWithoutIssueIsTheOldest) if identity.issued_at().is_none() => 0,
            Some(TokensAreDatedInMinutes) => request.issued_at() / 60 * 60,
            Some(TokensAreDatedByTheirExpiry) => (identity.expires_at() - Duration::HOUR).unix_timestamp(),
            Some(AppliedAtEndsIn2038) => request.issued_at().min(i32::MAX.into()),
            Some(TokensAreDatedByTheirVisit) => request.now().unix_timestamp(),
            _ => request.issued_at(),
        }
    }

    /// The day that a visit is counted on.
    pub fn day(&self, request: &ProvisionRequest) -> Date {
        match self.fault {
            Some(DaysAreLocal) => request.now().date(),
            Some(DaysAreTheTokens) => {
                OffsetDateTime::from_unix_timestamp(request.issued_at()).unwrap().date()
            }
            Some(DaysBeginAtOne) => (request.now() - Duration::HOUR).date(),
            Some(DaysAreRounded) => {
                (request.now() + Duration::milliseconds(999)).to_offset(UtcOffset::UTC).date()
            }
            _ => request.today(),
        }
    }

    /// The day that a subscriber's row says of a visit.
    pub fn own_day(&self, request: &ProvisionRequest, is_new: bool) -> Date {
        match self.fault {
            Some(ReturningDaysAreLocal) if !is_new => request.now().date(),
            Some(DaysOfSubscribersAreLocal) => request.now().date(),
            _ => self.day(request),
        }
    }
}

/// What SQL calls LIKE.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'%', rest)) => (0..=text.len()).any(|from| is_like(rest, &text[from..])),
        Some((wanted, rest)) => text
            .split_first()
            .is_some_and(|(first, text)| (*wanted == b'_' || wanted == first) && is_like(rest, text)),
    }
}
