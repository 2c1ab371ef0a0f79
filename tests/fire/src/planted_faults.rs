//! Whether the checks can fail: damage of every kind, done to a copy of what was read, must be noticed.

use boostgpt_sso::SecretVersion;

use crate::{
    check::{self, Breach, Findings},
    history::History,
    journal::{Call, Entry, Outcome},
    snapshot::Snapshot,
};

type PlantedFault = (&'static str, Breach, fn(&mut Snapshot, &mut Vec<Entry>) -> Option<()>);

/// A visit of somebody who is never erased.
fn identified(entries: &[Entry]) -> Option<usize> {
    entries.iter().rposition(|entry| {
        matches!(&entry.call, Call::Visit { label, .. } if !label.starts_with('e'))
            && matches!(entry.outcome, Outcome::Identified { .. })
    })
}

const FAULTS: [PlantedFault; 16] = [
    ("an account twice", Breach::Duplicate, |rows, _| {
        let mut twin = rows.accounts.iter().find(|account| account.email_key.is_some())?.clone();
        twin.id = twin.id.chars().rev().collect();
        rows.accounts.push(twin);
        Some(())
    }),
    ("a subscriber twice", Breach::Duplicate, |rows, _| {
        let mut twin = rows.subscribers.first()?.clone();
        twin.id = twin.id.chars().rev().collect();
        rows.subscribers.push(twin);
        Some(())
    }),
    ("a grant twice", Breach::Duplicate, |rows, _| {
        rows.grants.push(rows.grants.first()?.clone());
        Some(())
    }),
    ("a visit twice", Breach::Duplicate, |rows, _| {
        rows.visits.push(rows.visits.first()?.clone());
        Some(())
    }),
    ("one person is two subscribers", Breach::Duplicate, |_, entries| {
        let mut twin = entries[identified(entries)?].clone();
        if let Outcome::Identified { subscriber, .. } = &mut twin.outcome {
            *subscriber = subscriber.chars().rev().collect();
        }
        entries.push(twin);
        Some(())
    }),
    ("a creation told twice", Breach::Duplicate, |_, entries| {
        let mut twin = entries[identified(entries)?].clone();
        if let Outcome::Identified { creations, .. } = &mut twin.outcome {
            *creations = [true, true];
        }
        entries.extend([twin.clone(), twin]);
        Some(())
    }),
    ("a subscriber lost", Breach::Loss, |rows, entries| {
        let Outcome::Identified { subscriber, .. } = entries[identified(entries)?].outcome.clone() else {
            return None;
        };
        rows.subscribers.retain(|row| row.id != subscriber);
        Some(())
    }),
    ("a visit lost", Breach::Loss, |rows, entries| {
        let Outcome::Identified { subscriber, .. } = entries[identified(entries)?].outcome.clone() else {
            return None;
        };
        rows.visits.retain(|row| row.subscriber != subscriber);
        Some(())
    }),
    ("a regeneration lost", Breach::Loss, |rows, _| {
        rows.versions = [None; 2];
        Some(())
    }),
    ("an old secret accepted", Breach::Stale, |_, entries| {
        let mut late = entries[identified(entries)?].clone();
        if let Call::Visit { version, .. } = &mut late.call {
            *version = SecretVersion::from_bytes([0; 16]);
        }
        entries.push(late);
        Some(())
    }),
    ("somebody erased comes back", Breach::Revived, |_, entries| {
        let forget = entries.iter().rfind(|entry| matches!(entry.outcome, Outcome::Forgot))?.clone();
        let Call::Forget { project, label, subscriber, at } = forget.call else { return None };
        let call = Call::Visit {
            project,
            label,
            version: SecretVersion::from_bytes([0xff; 16]),
            issued: at,
            now: at,
        };
        let (account, creations) = (subscriber.clone(), [false; 2]);
        let outcome = Outcome::Identified { subscriber, account, creations, granted: None };
        entries.push(Entry { call, outcome, start: forget.end + 1, end: forget.end + 2 });
        Some(())
    }),
    ("an account without subscribers", Breach::Half, |rows, _| {
        let mut lonely = rows.accounts.first()?.clone();
        (lonely.id, lonely.email_key) = (lonely.id.chars().rev().collect(), Some("m0@nowhere".to_owned()));
        rows.accounts.push(lonely);
        Some(())
    }),
    ("a subscriber without an account", Breach::Half, |rows, _| {
        let account = rows.subscribers.first()?.account.clone();
        rows.accounts.retain(|row| row.id != account);
        Some(())
    }),
    ("a subscriber without a grant", Breach::Half, |rows, _| {
        let account = &rows.subscribers.iter().find(|row| !row.label().starts_with('e'))?.account;
        rows.grants.retain(|row| row.account != *account);
        Some(())
    }),
    ("a first visit missing", Breach::Half, |rows, _| {
        let subscriber = &rows.subscribers.first()?.id;
        rows.visits.iter_mut().find(|row| row.is_first && row.subscriber == *subscriber)?.is_first = false;
        Some(())
    }),
    ("a name given to another", Breach::Half, |rows, _| {
        let Some(names) = &mut rows.names else {
            rows.damage = Some("a page".to_owned()); // SQLite has no such table
            return Some(());
        };
        names.held.first_mut()?.subscriber = "nobody".to_owned();
        Some(())
    }),
];

/// The damage that was not noticed.
pub fn unnoticed(snapshot: &Snapshot, history: &History) -> Vec<String> {
    let is_missed = |(_, breach, fault): &&PlantedFault| {
        let (mut rows, mut entries) = (snapshot.clone(), history.entries.clone());
        if fault(&mut rows, &mut entries).is_none() {
            return true;
        }
        let (history, mut findings) = (history.with(entries), Findings::default());
        check::rows(&rows, &history, &mut findings);
        history.check(&rows, &mut findings);
        findings.count(*breach) == 0
    };
    let missed = FAULTS.iter().filter(is_missed);
    missed.map(|(name, ..)| format!("the checks do not notice: {name}")).collect()
}
