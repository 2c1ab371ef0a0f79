//! What must hold of the rows alone: nothing twice, nothing by halves.

use std::collections::{HashMap, HashSet};

use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;

use crate::{
    history::History,
    people::{self, CREDITS, PROJECTS, is_erasable, may_have_account},
    snapshot::{Names, Snapshot, Subscriber},
};

/// A way in which a promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    Duplicate,
    Loss,
    /// A token of an older secret was accepted.
    Stale,
    /// An erased person came back.
    Revived,
    /// A good token was refused, or a person got another's id.
    Wronged,
    Half,
}

/// All that was found, in words.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<(Breach, String)>);

impl Findings {
    pub fn add(&mut self, breach: Breach, what: String) {
        self.0.push((breach, what));
    }

    pub fn count(&self, breach: Breach) -> u64 {
        self.0.iter().filter(|(found, _)| *found == breach).count() as u64
    }

    /// Reports a breach for each key that is there more than once.
    fn twice<K: std::hash::Hash + Eq + std::fmt::Debug>(
        &mut self,
        what: &str,
        keys: impl Iterator<Item = K>,
    ) {
        let mut seen = HashSet::new();
        for key in keys {
            if let Some(key) = seen.replace(key) {
                self.add(Breach::Duplicate, format!("{what} twice: {key:?}"));
            }
        }
    }
}

/// Holds the rows against each other, and against who was erased.
pub fn rows(snapshot: &Snapshot, history: &History, findings: &mut Findings) {
    duplicates(snapshot, history, findings);
    if let Some(damage) = &snapshot.damage {
        findings.add(Breach::Half, format!("damaged: {damage}"));
    }
    let mut half = |what: String| findings.add(Breach::Half, what);

    let accounts: HashMap<_, _> = snapshot.accounts.iter().map(|account| (&account.id, account)).collect();
    let by_id: HashMap<_, _> =
        snapshot.subscribers.iter().map(|known| ((known.project, &known.id), known)).collect();
    let granted: HashMap<_, _> =
        snapshot.grants.iter().map(|grant| ((grant.project, &grant.account), grant.credits)).collect();
    let mut first_days = HashMap::new();
    let mut days = HashSet::new();
    for visit in &snapshot.visits {
        if visit.is_first {
            first_days.entry((visit.project, &visit.subscriber)).or_insert_with(Vec::new).push(visit.day);
        }
        days.insert((visit.project, &visit.subscriber, visit.day));
    }
    let mut members: HashMap<_, i64> = HashMap::new();
    for known in &snapshot.subscribers {
        let (label, key) = (known.label(), (known.project, &known.id));
        *members.entry(&known.account).or_default() += 1;
        match accounts.get(&known.account) {
            None => half(format!("{label} without an account")),
            Some(account) => match &account.email_key {
                Some(address) if may_have_account(&label, address) => {}
                None if is_erasable(&label) => {}
                other => half(format!("{label} with the account of {other:?}")),
            },
        }
        if first_days.get(&key) != Some(&vec![known.first_day]) {
            half(format!("{label} without the visit of the first day"));
        }
        if known.last_day < known.first_day || !days.contains(&(known.project, &known.id, known.last_day)) {
            half(format!("{label} without the visit of the last day"));
        }
        let credits = granted.get(&(known.project, &known.account)).copied();
        let owed = Some(i64::from(CREDITS[known.project]));
        if credits != owed && !(credits.is_none() && history.may_be_forgotten(known.project, &label)) {
            half(format!("{label} with a grant of {credits:?}"));
        }
    }
    for account in &snapshot.accounts {
        let members = members.get(&account.id).copied().unwrap_or(0);
        if members == 0 || account.subscribers.is_some_and(|says| says != members) {
            let (address, says) = (&account.email_key, account.subscribers);
            half(format!("{address:?} with {members} subscribers, of {says:?}"));
        }
    }
    // An erasure counts the visits under a new id, one for each subscriber.
    let mut unlinked: [HashSet<_>; PROJECTS] = Default::default();
    for visit in &snapshot.visits {
        if history.is_gone(&visit.subscriber) {
            half(format!("a visit still names an erased subscriber: {visit:?}"));
        } else if !by_id.contains_key(&(visit.project, &visit.subscriber)) {
            unlinked[visit.project].insert(&visit.subscriber);
        }
    }
    for (project, ids) in unlinked.iter().enumerate() {
        let erasures = history.erasures_begun(project);
        if ids.len() > erasures {
            half(format!(
                "visits of {} unknown subscribers in project {project}, {erasures} erasures",
                ids.len()
            ));
        }
    }
    let holders: HashSet<_> =
        snapshot.subscribers.iter().map(|known| (known.project, &known.account)).collect();
    for grant in &snapshot.grants {
        if !history.may_have_lost_account(&grant.account)
            && !holders.contains(&(grant.project, &grant.account))
        {
            half(format!("a grant of no one: {grant:?}"));
        }
    }
    for (project, subscriber) in &snapshot.past {
        if !by_id.contains_key(&(*project, subscriber)) {
            half(format!("a past address of no one: {subscriber}"));
        }
    }
    if let Some(hashes) = &snapshot.names {
        names(snapshot, hashes, findings);
    }
}

fn duplicates(snapshot: &Snapshot, history: &History, findings: &mut Findings) {
    let known = || snapshot.subscribers.iter();
    let is_astray = |known: &&Subscriber| history.is_astray(known.project, &known.label());
    let lower = |text: &String| text.to_ascii_lowercase();
    findings.twice("an account", snapshot.accounts.iter().filter_map(|account| account.email_key.as_ref()));
    findings.twice("an account's id", snapshot.accounts.iter().map(|account| &account.id));
    findings.twice("a subscriber's id", known().map(|known| &known.id));
    let emails = known().filter_map(|known| Some((known.project, known.email.as_ref().map(lower)?)));
    findings.twice("a held address", emails);
    let ids = known().filter_map(|known| Some((known.project, known.external_id.as_ref()?)));
    findings.twice("an external id", ids);
    let people = known().filter(|known| !is_astray(known));
    findings.twice("a person", people.map(|known| (known.project, known.label())));
    findings.twice("a grant", snapshot.grants.iter().map(|grant| (grant.project, &grant.account)));
    let visits = snapshot.visits.iter().map(|visit| (visit.project, visit.day, &visit.subscriber));
    findings.twice("a visit", visits);
    let names = snapshot.names.iter().flat_map(|names| &names.held);
    findings.twice("a name", names.map(|name| (name.project, &name.hash)));
}

/// Every name is held by a subscriber who has it, and every subscriber holds theirs.
fn names(snapshot: &Snapshot, hashes: &Names, findings: &mut Findings) {
    let keyed = |parts: [&[u8]; 2]| {
        let mac = Hmac::<Sha256>::new_from_slice(&hashes.key).unwrap();
        let mac = parts.into_iter().fold(mac, Mac::chain_update);
        mac.finalize().into_bytes()[..16].to_vec()
    };
    let hash = |kind: u8, name: &str| keyed([&[kind], name.as_bytes()]);
    // A name's differs from project to project.
    let held = |project, kind, name: &str| keyed([people::project(project).as_bytes(), &hash(kind, name)]);
    let mut owned = HashMap::new();
    for known in &snapshot.subscribers {
        let email = known.email.as_ref().map(|email| held(known.project, 0, &email.to_ascii_lowercase()));
        let external_id = known.external_id.as_ref().map(|id| held(known.project, 1, id));
        for name in [email, external_id].into_iter().flatten() {
            owned.insert((known.project, name), (&known.id, known.label()));
        }
    }
    for name in &hashes.held {
        match owned.remove(&(name.project, name.hash.clone())) {
            Some((id, _)) if *id == name.subscriber => {}
            other => findings.add(Breach::Half, format!("a name of {} and of {other:?}", name.subscriber)),
        }
    }
    for (_, label) in owned.into_values() {
        findings.add(Breach::Half, format!("{label} does not hold their own name"));
    }
    let mut by_account = HashMap::new();
    for account in &snapshot.accounts {
        let stored = account.hash.clone().unwrap_or_default();
        // An account's is a hash of what schema 1 had.
        let of_account = |address: &String| keyed([&[2], &hash(0, address)]);
        let own = account.email_key.as_ref().map_or_else(|| stored.clone(), of_account);
        if stored != own {
            findings.add(Breach::Half, format!("{:?} under another key", account.email_key));
        }
        by_account.insert(&account.id, own);
    }
    let keys: HashMap<_, _> = hashes.keys.iter().map(|(id, hash)| (id, hash)).collect();
    for known in &snapshot.subscribers {
        if by_account.get(&known.account) != keys.get(&known.id).copied() {
            findings.add(Breach::Half, format!("{} with another account's key", known.label()));
        }
    }
}
