//! An erasure: what it reads and what it deletes.

use std::collections::BTreeSet;

use boostgpt_sso::{
    ProjectId, SubscriberId,
    store::{NameHash, NameKey, Subscriber},
};

use super::{contents::Contents, faults::Fault::*, visit::Later};

/// What an erasure reads.
pub struct Erased {
    pub subscriber: Subscriber,
    /// Other subscribers of the account.
    pub others: Vec<Subscriber>,
    /// Whether another subscriber of the project has the grant, if that was looked at earlier.
    pub shares_grant: Option<bool>,
}

impl Contents {
    pub fn to_erase(&self, project: ProjectId, id: SubscriberId) -> Option<Erased> {
        let is_it =
            |one: &&Subscriber| one.id == id && (one.project == project || self.is(ForgetsInAnyProject));
        let subscriber = self.subscribers.values().find(is_it)?.clone();
        let others =
            self.subscribers.values().filter(|one| one.account == subscriber.account && one.id != id);
        let others = others.cloned().collect();
        Some(Erased { subscriber, others, shares_grant: None })
    }

    /// Erases, and returns what is left for a second step, where the store is wrong.
    pub fn forget(&mut self, names: &NameKey, erased: Erased, now: i64) -> Later {
        let Erased { subscriber, others, shares_grant } = erased;
        let (project, id) = (subscriber.project, subscriber.id);
        if self.is(ForgettingDoesNothing) {
            return None;
        }
        self.subscribers.remove(&(project, id));
        if self.is(ForgettingTakesTheProject) {
            self.subscribers.retain(|(of, _), _| *of != project);
        }
        if self.is(ForgettingTakesTheAccountsSubscribers) {
            self.subscribers.retain(|_, one| one.account != subscriber.account);
        }
        let past = self.past.remove(&(project, id)).unwrap_or_default();
        if let Some(external_id) = &subscriber.external_id
            && self.is(PastAddressesOutliveAnErasure)
        {
            self.past_by_external_id.insert((project, external_id.clone()), past.clone());
        }
        let past = past.into_iter().filter(|_| !self.is(PastAddressesAreNotForgotten));
        let past: Vec<_> = past.map(|hash| (hash, true)).collect();
        let took = self.took_external_id.contains(&(project, id));
        let is_left = took && self.is(AnExternalIdThatWasTakenIsNotForgotten);
        let email = subscriber.email.as_deref().map(|email| self.email_hash(names, project, email));
        let external_id =
            subscriber.external_id.as_deref().map(|id| self.external_id_hash(names, project, id));
        let external_id = external_id.filter(|_| !is_left);
        let held = email.into_iter().chain(external_id).map(|hash| (hash, false));
        let mut hashes: Vec<_> = past.into_iter().chain(held).collect();
        let of = if self.is(ForgetsInEveryProject) { ProjectId::from_bytes([0; 16]) } else { project };
        let fault = self.fault;
        let draw = move |contents: &mut Self, hashes: Vec<(NameHash, bool)>| {
            for (hash, is_past) in hashes {
                let moves_back = fault == Some(TheLineMovesBack)
                    || fault == Some(TheLineOfPastAddressesMovesBack) && is_past;
                let at = contents.forgotten.entry((of, hash)).or_insert(now);
                *at = if moves_back { now } else { now.max(*at) };
            }
        };
        if self.is(ThePastLineIsASecondStep) {
            let past;
            (past, hashes) = hashes.into_iter().partition(|(_, is_past)| *is_past);
            draw(self, hashes);
            self.unlink_visits(&subscriber);
            self.delete_account(&subscriber, &others, None);
            return Some(Box::new(move |contents| draw(contents, past)));
        }
        let line = move |contents: &mut Self| draw(contents, hashes);
        if self.is(TheLineIsASecondStep) {
            self.delete_account(&subscriber, &others, None);
            self.unlink_visits(&subscriber);
            return Some(Box::new(line));
        }
        line(self);
        self.unlink_visits(&subscriber);
        if self.is(TheAccountIsASecondStep) {
            return Some(Box::new(move |contents| contents.delete_account(&subscriber, &others, None)));
        }
        self.delete_account(&subscriber, &others, shares_grant);
        None
    }

    fn unlink_visits(&mut self, erased: &Subscriber) {
        let new = match self.fault {
            Some(TheForgottenAreCountedAsOne) => SubscriberId::from_bytes([0; 16]),
            _ => SubscriberId::generate().unwrap(),
        };
        let visits = std::mem::take(&mut self.visits);
        for ((project, day, visitor), is_new) in visits {
            let is_erased = (project, visitor) == (erased.project, erased.id);
            if is_erased && self.is(VisitsAreForgotten) {
                continue;
            }
            let is_by_day = self.is(TheForgottenAreCountedByDay);
            let new = if is_by_day { SubscriberId::generate().unwrap() } else { new };
            let visitor = if is_erased { new } else { visitor };
            let is_new = is_new && !(is_erased && self.is(TheForgottenWereNeverNew));
            self.visits.insert((project, day, visitor), is_new);
        }
    }

    fn delete_account(&mut self, erased: &Subscriber, others: &[Subscriber], shares_grant: Option<bool>) {
        let in_project =
            shares_grant.unwrap_or_else(|| others.iter().any(|other| other.project == erased.project));
        let is_kept = in_project && !self.is(TheGrantGoesWithAnyone) || self.is(TheGrantStays);
        if !is_kept {
            self.grants.remove(&(erased.project, erased.account));
        }
        if self.is(GrantsGoInEveryProject) {
            self.grants.retain(|(_, account), _| *account != erased.account);
        }
        let stays = |other: &&Subscriber| match self.fault {
            Some(TheAccountGoesThoughItsProjectHasIt) => other.project != erased.project,
            Some(TheAccountGoesThoughAnotherProjectHasIt) => other.project == erased.project,
            Some(TheAccountGoesWithAnyone) => false,
            _ => true,
        };
        let holds = others.iter().filter(stays);
        let held: BTreeSet<_> =
            holds.filter_map(|one| one.email.as_deref()).map(|one| self.email_key(one)).collect();
        if self.is(TheAccountStays) || self.is(AnAccountKeepsItsAddress) && !others.is_empty() {
            return;
        }
        let keeps = self.is(AnAccountKeepsAnAddressGivenUp) && !others.is_empty();
        let own = erased.email.as_deref().map(|email| self.email_key(email)).filter(|_| keeps);
        self.accounts.retain(|address, account| {
            let is_kept = held.contains(address) || keeps && own.as_ref() != Some(address);
            *account != erased.account || is_kept
        });
    }

    /// Takes an account's address away, if others have the account and none of them the address.
    pub fn take_address(&mut self, erased: &Erased) {
        if !erased.others.is_empty() {
            self.delete_account(&erased.subscriber, &erased.others, Some(true));
        }
    }
}
