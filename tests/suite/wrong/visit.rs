//! A visit: what it reads, what it decides, and what it writes.

use boostgpt_sso::{
    AccountId, SubscriberId,
    store::{
        LinkConflict, NameKey, ProvisionError, ProvisionRequest, Provisioned, Subscriber,
        linking::{self, Decision},
    },
};

use super::{contents::Contents, faults::Fault::*};

/// What a visit reads.
pub struct Facts {
    pub is_current: bool,
    pub forgotten_at: Option<i64>,
    pub by_external_id: Option<Subscriber>,
    pub by_email: Option<Subscriber>,
    pub account: Option<AccountId>,
    pub free_tier: Option<u32>,
}

/// What a visit leaves for a later step, where its store is wrong.
pub type Later = Option<Box<dyn FnOnce(&mut Contents) + Send>>;

impl Contents {
    pub fn facts(&self, names: &NameKey, request: &ProvisionRequest) -> Facts {
        let (visitor, identity) = (request.visitor(), request.identity());
        let project = visitor.project();
        let email = identity.email();
        let account_key = match self.fault {
            Some(AccountsAreOfAProject) => format!("{project} {}", self.email_key(email.as_str())),
            _ => self.email_key(email.as_str()),
        };
        Facts {
            is_current: self.is_current(request),
            forgotten_at: self.forgotten_at(names, project, identity),
            by_external_id: identity.external_id().and_then(|id| self.by_external_id(project, id)),
            by_email: self.by_email(project, email.as_str()),
            account: self.accounts.get(&account_key).copied(),
            free_tier: self.projects.get(&project).copied().flatten(),
        }
    }

    fn is_current(&self, request: &ProvisionRequest) -> bool {
        let (bot, version) = (request.visitor().bot(), request.visitor().secret_version());
        let project = request.visitor().project();
        let knows = || {
            let identity = request.identity();
            self.by_email(project, identity.email().as_str()).is_some()
                || identity.external_id().is_some_and(|id| self.by_external_id(project, id).is_some())
        };
        let Some(row) = self.bots.get(&bot) else { return self.is(UnknownBotsProvision) };
        let is_secret = row.version == version && row.sealed.is_some();
        row.project == project && is_secret
            || match self.fault {
                Some(VersionsAreNotCompared) => row.project == project && row.sealed.is_some(),
                Some(VersionsOfKnownVisitorsAreNotCompared) => row.project == project && knows(),
                Some(VersionsAreNotComparedOnANewDay) => {
                    let known = self.by_email(project, request.identity().email().as_str());
                    known.is_some_and(|known| known.last_day < request.today())
                }
                Some(ARemovedSecretProvisions) => row.removed.contains(&version),
                Some(VersionsOfAnyBotProvision) => {
                    self.bots.values().any(|row| row.project == project && row.version == version)
                }
                Some(ABotProvisionsInAnyProject) => is_secret,
                _ => false,
            }
    }

    fn decide(&self, request: &ProvisionRequest, facts: &Facts) -> Decision {
        let (by_id, by_email) = (facts.by_external_id.clone(), facts.by_email.clone());
        let identity = request.identity();
        let both = by_id.as_ref().zip(by_email.as_ref()).is_some_and(|(one, other)| one.id != other.id);
        let is_recycled = by_id.is_none()
            && identity.external_id().is_some()
            && by_email.as_ref().is_some_and(|holder| holder.external_id.is_some());
        let mut decision = match self.fault {
            Some(ARecycledAddressInherits | ExternalIdsAreWrittenAgain) if is_recycled => {
                linking::decide(request, by_email.clone(), by_email)
            }
            Some(TheAddressWins) if both => linking::decide(request, by_email.clone(), by_email),
            _ => linking::decide(request, by_id, by_email),
        };
        let Some(known) = &decision.subscriber else {
            decision.sets_email |= self.is(ARecycledAddressIsTaken);
            return decision;
        };
        let is_older = self.issued_at(request) < known.applied_at && !self.is(OlderTokensApply)
            || self.is(TokensOfTheSameSecondAreOlder) && self.issued_at(request) == known.applied_at;
        let differs = |new: &str, old: &Option<String>| !is_older && old.as_deref() != Some(new);
        let email = identity.email().as_str().to_owned();
        decision.sets_email = differs(&email, &known.email)
            && (decision.conflict.is_none() || self.is(AConflictTakesTheAddress))
            && !(self.is(AddressesNeverChange) && known.email.is_some())
            && !(self.is(SpellingsNeverChange)
                && known.email.as_deref().is_some_and(|held| self.email_key(held) == self.email_key(&email)));
        decision.sets_name = identity.name().is_some_and(|name| differs(name, &known.name))
            && !(self.is(AConflictDropsTheName) && decision.conflict.is_some())
            || self.is(AMissingNameErases) && identity.name().is_none() && known.name.is_some();
        let is_written = known.external_id.is_some() && !self.is(ExternalIdsAreWrittenAgain);
        decision.sets_external_id = identity
            .external_id()
            .is_some_and(|id| !is_older && !is_written && known.external_id.as_deref() != Some(id))
            && !self.is(ExternalIdsAreNotTaken)
            || self.is(AMissingExternalIdErases)
                && identity.external_id().is_none()
                && known.external_id.is_some();
        decision.records_visit = known.last_day < self.day(request)
            || self.is(LateVisitsAreRecorded) && known.last_day != self.day(request);
        decision
    }

    pub fn provision(
        &mut self,
        names: &NameKey,
        request: &ProvisionRequest,
        facts: &Facts,
    ) -> (Result<Provisioned, ProvisionError>, Later) {
        let is_forgotten = facts.forgotten_at.is_some_and(|at| self.is_forgotten(request, at))
            && !(self.is(ANewSubscriberSheltersOlderTokens) && facts.by_email.is_some());
        if self.is(ErasuresAreLookedAtFirst) && is_forgotten {
            return (Err(ProvisionError::Forgotten), None);
        }
        if !facts.is_current {
            if self.is(RefusedVisitsAreCounted)
                && let Some(known) = &facts.by_email
            {
                self.visits.entry((known.project, self.day(request), known.id)).or_insert(false);
            }
            return (Err(ProvisionError::SecretChanged), None);
        }
        if is_forgotten {
            return (Err(ProvisionError::Forgotten), None);
        }
        let decision = self.decide(request, facts);
        match &decision.subscriber {
            Some(_) if !request.may_create() && self.is(ForbiddingRefusesTheKnown) => {
                (Err(ProvisionError::WouldCreate), None)
            }
            Some(known) => (Ok(self.change(names, request, facts, &decision, known.clone())), None),
            None if request.may_create() || self.is(ForbiddingCreates) => {
                self.create(request, facts, &decision)
            }
            None => {
                let key = self.email_key(request.identity().email().as_str());
                if self.is(ForbiddingLeavesAnAccount) {
                    self.accounts.entry(key).or_insert(AccountId::generate().unwrap());
                }
                if self.is(ForbiddingCountsTheVisit) {
                    let (project, id) = (request.visitor().project(), SubscriberId::generate().unwrap());
                    self.visits.insert((project, self.day(request), id), true);
                }
                (Err(ProvisionError::WouldCreate), None)
            }
        }
    }

    fn is_forgotten(&self, request: &ProvisionRequest, at: i64) -> bool {
        let dated = request.visitor().identity().issued_at().is_some();
        match self.fault {
            Some(ATokenWithoutIssueRevives) => dated && linking::is_forgotten(request, at),
            Some(AnErasureHasNoMinute) => request.issued_at() <= at,
            Some(AnErasureIsForAnHour) => request.issued_at() <= at + 3600,
            Some(AnErasureIsForEver) => true,
            Some(AnErasureEndsWithItsMinute) => request.now().unix_timestamp() <= at + 60,
            Some(AnErasureRefusesNobody) => false,
            _ => self.issued_at(request) <= at + 60,
        }
    }

    fn create(
        &mut self,
        request: &ProvisionRequest,
        facts: &Facts,
        decision: &Decision,
    ) -> (Result<Provisioned, ProvisionError>, Later) {
        let (project, identity) = (request.visitor().project(), request.identity());
        let new_account = AccountId::generate().unwrap();
        let account = facts.account.unwrap_or(new_account);
        let mut key = self.email_key(identity.email().as_str());
        if self.is(AccountsAreOfAProject) {
            key = format!("{project} {key}");
        }
        self.accounts.insert(key, account);
        let id = self.new_id(request);
        let mut new = Subscriber::new(project, id, account, self.issued_at(request), self.day(request));
        new.email = decision.sets_email.then(|| self.kept_address(identity.email().as_str()));
        new.name = identity.name().map(|name| self.kept_name(name));
        new.external_id = identity.external_id().map(str::to_owned);
        if self.is(ARecycledAddressIsTaken)
            && let Some(holder) = &facts.by_email
        {
            self.subscribers.get_mut(&(project, holder.id)).unwrap().email = None;
        }
        let had = facts.forgotten_at.is_some() && !self.is(TheForgottenAreGrantedAgain);
        let granted = facts
            .free_tier
            .filter(|credits| (*credits > 0 || self.is(GrantsOfZeroAreMade)) && !had)
            .filter(|_| !self.grants.contains_key(&(project, account)) || self.is(GrantsAreTheSubscribers))
            .filter(|_| !self.is(NothingIsGranted))
            .filter(|_| account == new_account || !self.is(GrantsComeWithTheAccount))
            .map(|credits| if self.is(GrantsAreOfAHundred) { 100 } else { credits });
        let day = self.day(request);
        let provisioned = with(Provisioned::found(account, id), |of| {
            of.created_account = account == new_account;
            of.created_subscriber = true;
            of.granted = granted;
            of.conflict = decision.conflict;
        });
        let (grant, visit) = ((project, account), (project, day, id));
        let mut later: Later = None;
        match self.fault {
            Some(TheGrantIsASecondStep) => {
                later = Some(Box::new(move |contents| contents.grants.extend(granted.map(|of| (grant, of)))));
                self.visits.insert(visit, true);
            }
            Some(TheVisitIsASecondStep) => {
                later = Some(Box::new(move |contents| contents.visits.extend([(visit, true)])));
                self.grants.extend(granted.map(|of| (grant, of)));
            }
            Some(TheExternalIdIsASecondStep) => {
                let external_id = new.external_id.take();
                later = Some(Box::new(move |contents| {
                    contents.subscribers.get_mut(&(project, id)).unwrap().external_id = external_id;
                }));
                self.grants.extend(granted.map(|of| (grant, of)));
                self.visits.insert(visit, true);
            }
            _ => {
                self.grants.extend(granted.map(|of| (grant, of)));
                self.visits.insert(visit, !self.is(NobodyIsNew));
            }
        }
        self.subscribers.insert((project, id), new);
        (Ok(provisioned), later)
    }

    fn new_id(&self, request: &ProvisionRequest) -> SubscriberId {
        let mut bytes = *SubscriberId::generate().unwrap().as_bytes();
        if self.is(IdsAreRandom) {
            bytes.reverse();
        }
        if self.is(IdsAreThoseOfNames) {
            bytes = [0; 16];
            bytes[..8].copy_from_slice(&request.visitor().project().as_bytes()[8..]);
            let email = self.email_key(request.identity().email().as_str());
            for (number, byte) in
                email.bytes().chain(request.identity().external_id().unwrap_or("").bytes()).enumerate()
            {
                bytes[8 + number % 8] = bytes[8 + number % 8].wrapping_mul(31).wrapping_add(byte);
            }
        }
        SubscriberId::from_bytes(bytes)
    }

    fn kept_address(&self, address: &str) -> String {
        if self.is(AddressesAreKeptInLowerCase) { address.to_ascii_lowercase() } else { address.to_owned() }
    }

    fn kept_name(&self, name: &str) -> String {
        match self.fault {
            Some(NamesAreTrimmed) => name.trim().to_owned(),
            Some(NamesAreCut) => name.chars().take(100).collect(),
            _ => name.to_owned(),
        }
    }

    fn change(
        &mut self,
        names: &NameKey,
        request: &ProvisionRequest,
        facts: &Facts,
        decision: &Decision,
        known: Subscriber,
    ) -> Provisioned {
        let (project, identity, today) = (known.project, request.identity(), self.day(request));
        let mut answer =
            with(Provisioned::found(known.account, known.id), |of| of.conflict = decision.conflict);
        if self.is(AConflictIsReportedOnce) && !decision.writes() {
            answer.conflict = None;
        }
        if self.is(AConflictNamesTheVisitor) {
            answer.conflict = answer.conflict.map(|_| LinkConflict::new(known.id));
        }
        answer.created_subscriber = self.is(CreationIsReportedAgain);
        if self.is(ReturningIsGranted) || self.is(TheGrantIsReportedAgain) {
            let grant = (project, known.account);
            let credits = facts.free_tier.filter(|credits| *credits > 0);
            let is_granted = self.grants.contains_key(&grant);
            if self.is(ReturningIsGranted) && !is_granted {
                self.grants.extend(credits.map(|credits| (grant, credits)));
                answer.granted = credits;
            } else if self.is(TheGrantIsReportedAgain) {
                answer.granted = self.grants.get(&grant).copied();
            }
        }
        let writes = decision.writes() || self.is(ReturningIsWritten);
        if !writes || self.is(ForbiddingWritesNothing) && !request.may_create() {
            return answer;
        }
        let mut changed = known.clone();
        if decision.sets_email {
            let past = known.email.as_deref().filter(|past| {
                self.email_key(past) != self.email_key(identity.email().as_str())
                    || self.is(SpellingsArePastAddresses)
            });
            let past = past.map(|past| match self.fault {
                Some(SpellingsArePastAddresses) => names.external_id(project, past),
                _ => self.email_hash(names, project, past),
            });
            let hash = self.email_hash(names, project, identity.email().as_str());
            if !self.is(PastAddressesAreLost) {
                let says = !self.is(TakingAnAddressBackIsNotReported);
                let kept = self.past.entry((project, known.id)).or_default();
                answer.took_address_back = says && past.is_some() && kept.contains(&hash);
                if self.fault == Some(OnePastAddressIsKept) && past.is_some() {
                    kept.clear();
                }
                kept.extend(past);
            }
            if let Some(holder) = decision.conflict.filter(|_| self.is(AConflictTakesTheAddress)) {
                self.subscribers.get_mut(&(project, holder.email_holder)).unwrap().email = None;
            }
            changed.email = Some(self.kept_address(identity.email().as_str()));
            if self.is(TheAccountIsThatOfTheAddress)
                && let Some(account) = facts.account
            {
                changed.account = account;
                answer.account = account;
            }
        }
        if decision.sets_name {
            changed.name = identity.name().map(|name| self.kept_name(name));
        }
        if decision.sets_external_id {
            changed.external_id = identity.external_id().map(str::to_owned);
        }
        let issued_at = self.issued_at(request);
        changed.applied_at =
            if self.is(AppliedAtGoesBack) { issued_at } else { changed.applied_at.max(issued_at) };
        if self.is(AppliedAtStays) {
            changed.applied_at = known.applied_at;
        }
        changed.last_day = if self.is(TheLastDayGoesBack) { today } else { changed.last_day.max(today) };
        if self.is(TheFirstDayMoves) {
            changed.first_day = changed.last_day;
        }
        if decision.records_visit && !self.is(ReturningIsNotCounted) {
            let away = (today - known.last_day).whole_days();
            let is_new = self.is(WhoWasAwayAMonthIsNew) && away > 30
                || self.is(EverybodyIsNew)
                || self.is(WhoTakesAnAddressIsNew) && decision.sets_email;
            let visitor = match decision.conflict {
                Some(conflict) if self.is(AVisitIsTheHolders) => conflict.email_holder,
                _ => known.id,
            };
            self.visits.entry((project, today, visitor)).or_insert(is_new);
        }
        self.subscribers.insert((project, known.id), changed);
        answer
    }
}

fn with(mut value: Provisioned, change: impl FnOnce(&mut Provisioned)) -> Provisioned {
    change(&mut value);
    value
}
