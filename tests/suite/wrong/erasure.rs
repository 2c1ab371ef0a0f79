//! An erasure: what it reads and what it deletes.

use std::collections::BTreeSet;

use boostgpt_sso::{
    ProjectId, SubscriberId,
    store::{NameKey, Subscriber},
};

use super::{contents::Contents, faults::Fault::*, visit::Later};

/// What an erasure reads.
pub struct Erased {
    pub subscriber: Subscriber,
    /// Other subscribers of the account.
    pub others: Vec<Subscriber>,
}

impl Contents {
    pub fn to_erase(&self, project: ProjectId, id: SubscriberId) -> Option<Erased> {
        let is_it =
            |one: &&Subscriber| one.id == id && (one.project == project || self.is(ForgetsInAnyProject));
        let subscriber = self.subscribers.values().find(is_it)?.clone();
        let others =
            self.subscribers.values().filter(|one| one.account == subscriber.account && one.id != id);
        let others = others.cloned().collect();
        Some(Erased { subscriber, others })
    }

    /// Erases, and returns what is left for a second step, where the store is wrong.
    pub fn forget(&mut self, names: &NameKey, erased: Erased, now: i64) -> Later {
        let Erased { subscriber, others } = erased;
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
        let past = past.into_iter().filter(|_| !self.is(PastAddressesAreNotForgotten));
        let email = subscriber.email.as_deref().map(|email| self.email_hash(names, project, email));
        let external_id =
            subscriber.external_id.as_deref().map(|id| self.external_id_hash(names, project, id));
        let hashes: Vec<_> = past.chain(email).chain(external_id).collect();
        let of = if self.is(ForgetsInEveryProject) { ProjectId::from_bytes([0; 16]) } else { project };
        let moves_back = self.is(TheLineMovesBack);
        let line = move |contents: &mut Self| {
            for hash in hashes {
                let at = contents.forgotten.entry((of, hash)).or_insert(now);
                *at = if moves_back { now } else { now.max(*at) };
            }
        };
        if self.is(TheLineIsASecondStep) {
            self.delete_account(&subscriber, &others);
            self.unlink_visits(&subscriber);
            return Some(Box::new(line));
        }
        line(self);
        self.unlink_visits(&subscriber);
        if self.is(TheAccountIsASecondStep) {
            return Some(Box::new(move |contents| contents.delete_account(&subscriber, &others)));
        }
        self.delete_account(&subscriber, &others);
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
            let visitor = if is_erased { new } else { visitor };
            let is_new = is_new && !(is_erased && self.is(TheForgottenWereNeverNew));
            self.visits.insert((project, day, visitor), is_new);
        }
    }

    fn delete_account(&mut self, erased: &Subscriber, others: &[Subscriber]) {
        let in_project = others.iter().any(|other| other.project == erased.project);
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
        self.accounts.retain(|address, account| *account != erased.account || held.contains(address));
    }
}
