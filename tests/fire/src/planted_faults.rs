//! Whether the checks can fail: damage of every kind, done to a copy of what was read, must be noticed by the
//! check that is meant to.

use boostgpt_sso::SecretVersion;

use crate::{
    check::{self, Breach, Findings},
    history::History,
    journal::{Call, Entry, Outcome},
    people::{is_erasable, mailbox},
    snapshot::{Grant, Snapshot, Subscriber, Visited},
};

/// A name, the breach, what the finding says, and the damage: `None` if there is nothing to damage.
type PlantedFault = (&'static str, Breach, &'static str, fn(&mut Snapshot, &mut Vec<Entry>) -> Option<()>);

const FAULTS: [PlantedFault; 30] = [
    ("an account twice", Breach::Duplicate, "an account twice", |rows, _| {
        let mut twin = rows.accounts.iter().find(|account| account.email_key.is_some())?.clone();
        twin.id = reversed(&twin.id);
        rows.accounts.push(twin);
        Some(())
    }),
    ("a subscriber twice", Breach::Duplicate, "a person twice", |rows, _| {
        let mut twin = lasting(rows)?.clone();
        twin.id = reversed(&twin.id);
        rows.subscribers.push(twin);
        Some(())
    }),
    ("a grant twice", Breach::Duplicate, "a grant twice", |rows, _| {
        rows.grants.push(rows.grants.first()?.clone());
        Some(())
    }),
    ("a visit twice", Breach::Duplicate, "a visit twice", |rows, _| {
        rows.visits.push(rows.visits.first()?.clone());
        Some(())
    }),
    ("one person is two subscribers", Breach::Duplicate, "is two subscribers", |_, entries| {
        let mut twin = entries[identified(entries)?].clone();
        if let Outcome::Identified { subscriber, .. } = &mut twin.outcome {
            *subscriber = reversed(subscriber);
        }
        entries.push(twin);
        Some(())
    }),
    ("one person is two accounts", Breach::Duplicate, "is two accounts", |_, entries| {
        let mut twin = entries[identified(entries)?].clone();
        if let Outcome::Identified { account, .. } = &mut twin.outcome {
            *account = reversed(account);
        }
        entries.push(twin);
        Some(())
    }),
    ("a creation told twice", Breach::Duplicate, "created by", |_, entries| {
        let mut twin = entries[identified(entries)?].clone();
        if let Outcome::Identified { creations, .. } = &mut twin.outcome {
            *creations = [true, true];
        }
        entries.extend([twin.clone(), twin]);
        Some(())
    }),
    ("a subscriber lost", Breach::Loss, "a subscriber:", |rows, entries| {
        let (subscriber, _) = who(&entries[identified(entries)?])?;
        rows.subscribers.retain(|row| row.id != subscriber);
        Some(())
    }),
    ("a visit lost", Breach::Loss, "a visit:", |rows, entries| {
        let (subscriber, _) = who(&entries[identified(entries)?])?;
        rows.visits.retain(|row| row.subscriber != subscriber);
        Some(())
    }),
    ("a grant lost", Breach::Loss, "a grant:", |rows, entries| {
        let is_granted =
            |entry: &&Entry| matches!(entry.outcome, Outcome::Identified { granted: Some(_), .. });
        let mut lasting = entries.iter().filter(|entry| !is_of_erasable(entry));
        let (_, account) = who(lasting.rfind(is_granted)?)?;
        rows.grants.retain(|row| row.account != account);
        Some(())
    }),
    ("a regeneration lost", Breach::Loss, "a secret:", |rows, _| {
        rows.versions = [None; 2];
        Some(())
    }),
    ("an old secret accepted", Breach::Stale, "", |_, entries| {
        let mut late = entries[identified(entries)?].clone();
        if let Call::Visit { version, .. } = &mut late.call {
            *version = SecretVersion::from_bytes([0; 16]);
        }
        entries.push(late);
        Some(())
    }),
    ("an erased person comes back", Breach::Revived, "", |_, entries| {
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
    ("a person gets another's id", Breach::Wronged, "another's id", |_, entries| {
        let mut wronged = entries[identified(entries)?].clone();
        let own = who(&wronged)?.0.to_owned();
        let other = entries.iter().find(|entry| who(entry).is_some_and(|(id, _)| id != own))?;
        wronged.outcome = other.outcome.clone();
        entries.push(wronged);
        Some(())
    }),
    ("a good token is refused as forged", Breach::Wronged, "bad_signature", |_, entries| {
        refuse(entries, "bad_signature")
    }),
    ("a good token is refused for its secret", Breach::Wronged, "secret_changed", |_, entries| {
        refuse(entries, "secret_changed")
    }),
    ("a good token is refused as expired", Breach::Wronged, "expired", |_, entries| {
        refuse(entries, "expired")
    }),
    ("a person is refused as forgotten", Breach::Wronged, "forgotten", |_, entries| {
        refuse(entries, "forgotten")
    }),
    ("a damaged page", Breach::Half, "damaged: a page", |rows, _| {
        rows.damage = Some("a page".to_owned());
        Some(())
    }),
    ("an account without subscribers", Breach::Half, "with 0 subscribers", |rows, _| {
        let mut lonely = rows.accounts.first()?.clone();
        (lonely.id, lonely.email_key) = (reversed(&lonely.id), Some("m0@nowhere".to_owned()));
        rows.accounts.push(lonely);
        Some(())
    }),
    ("an account that miscounts", Breach::Half, "subscribers, of Some(99)", |rows, _| {
        rows.accounts.first_mut()?.subscribers = Some(99);
        Some(())
    }),
    ("a subscriber without an account", Breach::Half, "without an account", |rows, _| {
        let account = rows.subscribers.first()?.account.clone();
        rows.accounts.retain(|row| row.id != account);
        Some(())
    }),
    ("a subscriber in another's account", Breach::Half, "with the account of", |rows, _| {
        let own = mailbox(&lasting(rows)?.label()).to_owned();
        let others = rows.subscribers.iter().find(|row| mailbox(&row.label()) != own)?.account.clone();
        lasting(rows)?.account = others;
        Some(())
    }),
    ("a first visit missing", Breach::Half, "without the visit of the first day", |rows, _| {
        let subscriber = &rows.subscribers.first()?.id;
        rows.visits.iter_mut().find(|row| row.is_first && row.subscriber == *subscriber)?.is_first = false;
        Some(())
    }),
    ("a last visit missing", Breach::Half, "without the visit of the last day", |rows, _| {
        rows.subscribers.first_mut()?.last_day += 1000;
        Some(())
    }),
    ("a subscriber without a grant", Breach::Half, "with a grant of None", |rows, _| {
        let account = lasting(rows)?.account.clone();
        rows.grants.retain(|row| row.account != account);
        Some(())
    }),
    ("a grant of no one", Breach::Half, "a grant of no one", |rows, _| {
        rows.grants.push(Grant { project: 0, account: "no one".to_owned(), credits: 100 });
        Some(())
    }),
    ("a visit of an erased person", Breach::Half, "still names an erased", |rows, entries| {
        let forget = entries.iter().rfind(|entry| matches!(entry.outcome, Outcome::Forgot))?;
        let Call::Forget { project, subscriber, .. } = &forget.call else { return None };
        let mut visit = rows.visits.first()?.clone();
        (visit.project, visit.subscriber) = (*project, subscriber.clone());
        rows.visits.push(visit);
        Some(())
    }),
    ("more unknown visitors than erasures", Breach::Half, "unknown subscribers in", |rows, entries| {
        let erasures = entries.iter().filter(|entry| matches!(entry.call, Call::Forget { .. })).count();
        let visit = rows.visits.first()?.clone();
        let unknown =
            (0..=erasures).map(|number| Visited { subscriber: number.to_string(), ..visit.clone() });
        rows.visits.extend(unknown);
        Some(())
    }),
    ("a past address of no one", Breach::Half, "a past address of no one", |rows, _| {
        rows.past.push((0, "no one".to_owned()));
        Some(())
    }),
];

/// Damage to the hashes of names, which PostgreSQL alone has.
const FAULTS_OF_NAMES: [PlantedFault; 4] = [
    ("a name given to another", Breach::Half, "a name of no one", |rows, _| {
        rows.names.as_mut()?.held.first_mut()?.subscriber = "no one".to_owned();
        Some(())
    }),
    ("a name that is not held", Breach::Half, "does not hold their own name", |rows, _| {
        rows.names.as_mut()?.held.pop().map(drop)
    }),
    ("an account under another key", Breach::Half, "under another key", |rows, _| {
        rows.accounts.iter_mut().find(|account| account.email_key.is_some())?.hash = Some(vec![0; 16]);
        Some(())
    }),
    ("a subscriber with another's key", Breach::Half, "with another account's key", |rows, _| {
        rows.names.as_mut()?.keys.first_mut()?.1 = vec![0; 16];
        Some(())
    }),
];

fn reversed(id: &str) -> String {
    id.chars().rev().collect()
}

/// Returns a subscriber who is never erased.
fn lasting(rows: &mut Snapshot) -> Option<&mut Subscriber> {
    rows.subscribers.iter_mut().find(|row| !is_erasable(&row.label()))
}

fn is_of_erasable(entry: &Entry) -> bool {
    matches!(&entry.call, Call::Visit { label, .. } if is_erasable(label))
}

/// Finds a visit of a person who is never erased.
fn identified(entries: &[Entry]) -> Option<usize> {
    entries.iter().rposition(|entry| entry.is_identified() && !is_of_erasable(entry))
}

/// Returns the subscriber and the account of a visit.
fn who(entry: &Entry) -> Option<(&str, &str)> {
    match &entry.outcome {
        Outcome::Identified { subscriber, account, .. } => Some((subscriber, account)),
        _ => None,
    }
}

/// Adds a visit of a person who is never erased, with a secret that is in force, which is refused.
fn refuse(entries: &mut Vec<Entry>, code: &str) -> Option<()> {
    let mut refused = entries[identified(entries)?].clone();
    let is_new = |entry: &&Entry| matches!(entry.outcome, Outcome::Regenerated(..));
    let new = entries.iter().rfind(is_new)?;
    if let (Call::Regenerate { project: of }, Outcome::Regenerated(secret, _)) = (&new.call, &new.outcome)
        && let Call::Visit { project, version, .. } = &mut refused.call
    {
        (*project, *version) = (*of, *secret);
    }
    refused.outcome = Outcome::Refused(code.to_owned());
    (refused.start, refused.end) = (new.end + 1, new.end + 2);
    entries.push(refused);
    Some(())
}

/// The damage that was not noticed.
pub fn unnoticed(snapshot: &Snapshot, history: &History) -> Vec<String> {
    let is_missed = |(_, breach, words, fault): &&PlantedFault| {
        let (mut rows, mut entries) = (snapshot.clone(), history.entries.clone());
        if fault(&mut rows, &mut entries).is_none() {
            return true;
        }
        let (history, mut findings) = (history.with(entries), Findings::default());
        // Each of the two looks for some of the breaches.
        if matches!(breach, Breach::Half | Breach::Duplicate) {
            check::rows(&rows, &history, &mut findings);
        }
        if *breach != Breach::Half {
            history.check(&rows, &mut findings);
        }
        !findings.0.iter().any(|(found, what)| found == breach && what.contains(words))
    };
    let of_names = snapshot.names.iter().flat_map(|_| &FAULTS_OF_NAMES);
    let missed = FAULTS.iter().chain(of_names).filter(is_missed);
    missed.map(|(name, ..)| format!("the checks do not notice: {name}")).collect()
}
