//! A visit: what it reads, what it decides, and what it writes.

use boostgpt_sso::{
    AccountId, SubscriberId,
    store::{
        LinkConflict, NameKey, ProvisionError, ProvisionRequest, Provisioned, Subscriber,
        linking::{self, Decision},
    },
    time::Date,
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
    pub may_create: bool,
    /// How many secrets of the project were changed, and how many names were forgotten in it.
    pub changes: [usize; 2],
    /// An account that was created for this visit already.
    pub new_account: Option<AccountId>,
    /// What the known visitor's row said earlier.
    pub applied_at: Option<i64>,
    pub last_day: Option<Date>,
}

impl Facts {
    /// Who the visitor may be.
    pub fn known(&self) -> Option<&Subscriber> {
        self.by_external_id.as_ref().or(self.by_email.as_ref())
    }
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
            may_create: request.may_create(),
            changes: [
                self.bots.values().filter(|row| row.project == project).map(|row| row.older.len()).sum(),
                self.forgotten.keys().filter(|(of, _)| *of == project).count(),
            ],
            new_account: None,
            applied_at: None,
            last_day: None,
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
                Some(ARemovedSecretProvisions) => row.older.contains(&version),
                Some(VersionsOfAnyBotProvision) => {
                    self.bots.values().any(|row| row.project == project && row.version == version)
                }
                Some(ABotProvisionsInAnyProject) => is_secret,
                Some(VersionsBeforeTheLastProvision) => {
                    let older = row.older.split_last().map_or(&[][..], |(_, older)| older);
                    row.project == project && row.sealed.is_some() && older.contains(&version)
                }
                Some(VersionsAreComparedByTheirTime) => {
                    let is_it = row.version.as_bytes()[..6] == version.as_bytes()[..6];
                    row.project == project && row.sealed.is_some() && is_it
                }
                Some(VersionsAreComparedByTheirEnd) => {
                    let is_it = row.version.as_bytes()[8..] == version.as_bytes()[8..];
                    row.project == project && row.sealed.is_some() && is_it
                }
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
        let applied_at = facts.applied_at.unwrap_or(known.applied_at);
        let is_older = self.issued_at(request) < applied_at && !self.is(OlderTokensApply)
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
        decision.sets_external_id &= facts.forgotten_at.is_none() || !self.is(AForgottenExternalIdIsNotTaken);
        let (last_day, today) = (facts.last_day.unwrap_or(known.last_day), self.own_day(request, false));
        decision.records_visit = last_day < today || self.is(LateVisitsAreRecorded) && last_day != today;
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
            Some(known) => {
                let (answer, later) = self.change(names, request, facts, &decision, known.clone());
                (Ok(answer), later)
            }
            None if facts.may_create || self.is(ForbiddingCreates) => self.create(request, facts, &decision),
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
            Some(AnErasureEndsASecondEarly) => request.issued_at() <= at + 59,
            Some(AnErasureIsASecondLonger) => request.issued_at() <= at + 61,
            Some(AnErasureHasNoMinute) => request.issued_at() <= at,
            Some(AnErasureIsForAnHour) => request.issued_at() <= at + 3600,
            Some(AnErasureIsForEver) => true,
            Some(AnErasureEndsWithItsMinute) => request.now().unix_timestamp() <= at + 60,
            Some(AnErasureRefusesNoToken) => false,
            _ => self.issued_at(request) <= at + 60,
        }
    }

    fn change(
        &mut self,
        names: &NameKey,
        request: &ProvisionRequest,
        facts: &Facts,
        decision: &Decision,
        known: Subscriber,
    ) -> (Provisioned, Later) {
        let (project, identity, today) = (known.project, request.identity(), self.own_day(request, false));
        let mut later: Later = None;
        let mut answer =
            with(Provisioned::found(known.account, known.id), |of| of.conflict = decision.conflict);
        if self.is(AConflictIsReportedOnce) && !decision.writes() {
            answer.conflict = None;
        }
        let is_older = self.issued_at(request) < known.applied_at;
        if self.is(ForbiddingHidesConflicts) && !request.may_create()
            || self.is(AnOlderTokenHasNoConflict) && is_older
        {
            answer.conflict = None;
        }
        if self.is(AConflictNamesTheVisitor) {
            answer.conflict = answer.conflict.map(|_| LinkConflict::new(known.id));
        }
        answer.created_subscriber = self.is(CreationIsReportedAgain);
        let changes = decision.sets_email || decision.sets_name || decision.sets_external_id;
        let is_granted_now = self.is(ReturningIsGranted) || self.is(WhoChangesIsGranted) && changes;
        if is_granted_now || self.is(TheGrantIsReportedAgain) {
            let grant = (project, known.account);
            let credits = facts.free_tier.filter(|credits| *credits > 0);
            let is_granted = self.grants.contains_key(&grant);
            if is_granted_now && !is_granted {
                self.grants.extend(credits.map(|credits| (grant, credits)));
                answer.granted = credits;
            } else if self.is(TheGrantIsReportedAgain) {
                answer.granted = self.grants.get(&grant).copied();
            }
        }
        let is_late = today < known.last_day;
        let writes =
            decision.writes() || self.is(ReturningIsWritten) || self.is(LateVisitsMoveAppliedAt) && is_late;
        if !writes || self.is(ForbiddingWritesNothing) && !request.may_create() {
            return (answer, None);
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
                let anothers = self.past.iter().any(|((of, _), all)| *of == project && all.contains(&hash));
                let anothers = anothers && self.is(AnotherOnesAddressIsTakenBack);
                let is_later = self.is(ThePastAddressIsASecondStep);
                let kept = self.past.entry((project, known.id)).or_default();
                answer.took_address_back = says && past.is_some() && (anothers || kept.contains(&hash));
                if self.fault == Some(OnePastAddressIsKept) && past.is_some() {
                    kept.clear();
                }
                if is_later {
                    later = Some(Box::new(move |contents: &mut Self| {
                        contents.past.entry((project, known.id)).or_default().extend(past);
                    }));
                } else {
                    kept.extend(past);
                }
            }
            if self.is(AFreeAddressJoinsTheAccount) {
                let key = self.email_key(identity.email().as_str());
                self.accounts.entry(key).or_insert(known.account);
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
            let name = identity.name().map(|name| self.kept_name(name));
            if self.is(TheNewNameIsASecondStep) {
                later = Some(Box::new(move |contents: &mut Self| {
                    let row = contents.subscribers.get_mut(&(project, known.id));
                    row.into_iter().for_each(|row| row.name.clone_from(&name));
                }));
            } else {
                changed.name = name;
            }
        }
        if decision.sets_external_id {
            changed.external_id = identity.external_id().map(str::to_owned);
            self.took_external_id.insert((project, known.id));
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
            let counted = match self.fault {
                Some(DaysOfSubscribersAreLocal) => self.day(request),
                _ => today,
            };
            let visit = (project, counted, visitor);
            if self.is(TheVisitOfANewDayIsASecondStep) {
                later = Some(Box::new(move |contents: &mut Self| contents.visits.extend([(visit, is_new)])));
            } else {
                if self.is(TheDayIsDecidedBefore) && self.visits.contains_key(&visit) {
                    *self.counted_twice.entry((project, counted)).or_default() += 1;
                }
                self.visits.entry(visit).or_insert(is_new);
            }
        }
        self.subscribers.insert((project, known.id), changed);
        (answer, later)
    }
}

pub fn with(mut value: Provisioned, change: impl FnOnce(&mut Provisioned)) -> Provisioned {
    change(&mut value);
    value
}
