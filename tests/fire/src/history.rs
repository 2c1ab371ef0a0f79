//! What the journals say, held against itself and against the rows: nothing that was acknowledged is lost,
//! no person is two accounts, nothing is reported twice, no old secret opens, no erased person comes back.

use std::collections::{BTreeSet, HashMap, HashSet};

use boostgpt_sso::time::Date;

use boostgpt_sso::SecretVersion;

use crate::{
    check::{Breach, Findings},
    crowd::Source,
    journal::{Call, Entry, Outcome, read},
    people::{PROJECTS, at, is_erasable},
    snapshot::{Snapshot, Subscriber},
};

/// Tokens that were issued so many seconds after an erasure still count as older.
const SKEW: i64 = 60;

/// All calls of a phase.
pub struct History {
    pub entries: Vec<Entry>,
    /// The longest call of the store, in microseconds.
    pub longest: u64,
    /// Erasures that were at least begun: by person, by subscriber, by account.
    forgotten: HashSet<(usize, String)>,
    gone: HashSet<String>,
    /// Those of them whose erasure was answered.
    erased: HashSet<String>,
    left: HashSet<String>,
    /// Erasable people of whom a restore has undone something.
    astray: HashSet<(usize, String)>,
    /// For each project the versions with when they were in force, and when the next regeneration began.
    reigns: [Vec<Reign>; PROJECTS],
}

#[derive(Clone, Copy)]
struct Reign {
    version: SecretVersion,
    from: u64,
    until: u64,
}

/// How often things were tried that must not succeed, so that it is known that they were.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tried {
    pub stale: u64,
    pub revivals: u64,
    /// The longest call of the authenticator, in microseconds.
    pub longest_visit: u64,
}

impl History {
    pub fn read(sources: &[Source]) -> Self {
        let (mut entries, mut longest, mut undone) = (Vec::new(), 0, Vec::new());
        for source in sources {
            let (more, stall, restores) = read(&source.journal, source.ended);
            entries.extend(more);
            undone.extend(restores);
            longest = longest.max(stall);
        }
        let is_undone = |entry: &Entry| undone.iter().any(|undone| undone.covers(entry));
        // Who is erased and comes back goes on from answers that a restore has undone: with ids that are
        // gone, and by addresses that they do not have again. Nothing is known of them any more.
        let astray = entries.iter().filter(|entry| is_undone(entry)).filter_map(erasable);
        let astray: HashSet<_> = astray.map(|(project, label)| (project, label.to_owned())).collect();
        for entry in &mut entries {
            let is_astray = |(project, label): (usize, &str)| astray.contains(&(project, label.to_owned()));
            if is_undone(entry) || erasable(entry).is_some_and(is_astray) {
                entry.outcome = Outcome::Unknown;
            }
        }
        Self { astray, ..Self::of(entries, longest) }
    }

    /// The same with other entries.
    pub fn with(&self, entries: Vec<Entry>) -> Self {
        Self { astray: self.astray.clone(), ..Self::of(entries, self.longest) }
    }

    fn of(entries: Vec<Entry>, longest: u64) -> Self {
        let (mut forgotten, mut gone, mut left) = (HashSet::new(), HashSet::new(), HashSet::new());
        let mut erased = HashSet::new();
        let mut reigns: [Vec<Reign>; PROJECTS] = Default::default();
        for entry in &entries {
            match (&entry.call, &entry.outcome) {
                (Call::Forget { project, label, subscriber, .. }, outcome) => {
                    forgotten.insert((*project, label.clone()));
                    if matches!(outcome, Outcome::Forgot) {
                        erased.insert(subscriber.clone());
                    }
                    gone.insert(subscriber.clone());
                }
                (Call::Regenerate { project }, Outcome::Regenerated(version, _)) => {
                    let begun = entries.iter().filter(|other| {
                        matches!(other.call, Call::Regenerate { project: it } if it == *project)
                            && other.start > entry.end
                    });
                    let until = begun.map(|other| other.start).min().unwrap_or(u64::MAX);
                    reigns[*project].push(Reign { version: *version, from: entry.end, until });
                }
                _ => {}
            }
        }
        for entry in &entries {
            if let Outcome::Identified { subscriber, account, .. } = &entry.outcome
                && gone.contains(subscriber)
            {
                left.insert(account.clone());
            }
        }
        let astray = HashSet::new();
        Self { entries, longest, forgotten, gone, erased, left, astray, reigns }
    }

    pub fn may_be_forgotten(&self, project: usize, label: &str) -> bool {
        self.forgotten.contains(&(project, label.to_owned()))
    }

    /// Whether a restore has undone something of this person that they went on from.
    pub fn is_astray(&self, project: usize, label: &str) -> bool {
        self.astray.contains(&(project, label.to_owned()))
    }

    pub fn may_be_gone(&self, subscriber: &str) -> bool {
        self.gone.contains(subscriber)
    }

    /// Whether that subscriber was erased, and the erasure answered.
    pub fn is_gone(&self, subscriber: &str) -> bool {
        self.erased.contains(subscriber)
    }

    /// How many erasures were at least begun in a project.
    pub fn erasures_begun(&self, project: usize) -> usize {
        let is_here =
            |entry: &&Entry| matches!(entry.call, Call::Forget { project: it, .. } if it == project);
        self.entries.iter().filter(is_here).count()
    }

    pub fn may_have_lost_account(&self, account: &str) -> bool {
        self.left.contains(account)
    }

    /// Everybody who was ever meant to come and is not erased.
    pub fn people(&self) -> BTreeSet<(usize, String)> {
        let people = self.entries.iter().filter_map(|entry| match &entry.call {
            Call::Visit { project, label, .. } => Some((*project, label.clone())),
            _ => None,
        });
        people.filter(|(_, label)| !is_erasable(label)).collect()
    }

    /// The latest time of a visit by its own clock, in seconds since 1970.
    pub fn latest_visit(&self) -> Option<i64> {
        let visits = self.entries.iter().filter_map(|entry| match entry.call {
            Call::Visit { now, .. } => Some(now),
            _ => None,
        });
        visits.max()
    }

    /// Everybody who was certainly erased, and the latest time as of which they were.
    pub fn erased(&self) -> HashMap<(usize, &str), i64> {
        let mut erased = HashMap::new();
        for (project, label, when, _) in self.erasures() {
            let latest = erased.entry((project, label)).or_insert(when);
            *latest = when.max(*latest);
        }
        erased
    }

    /// Those that were acknowledged: project, person, as of when, and when they were.
    fn erasures(&self) -> impl Iterator<Item = (usize, &str, i64, u64)> {
        self.entries.iter().filter_map(|entry| match (&entry.call, &entry.outcome) {
            (Call::Forget { project, label, at, .. }, Outcome::Forgot) => {
                Some((*project, label.as_str(), *at, entry.end))
            }
            _ => None,
        })
    }

    /// Whether one version came before another. Of those of one millisecond, what was answered says it: their
    /// other bits are random.
    fn is_older(&self, project: usize, one: SecretVersion, other: SecretVersion) -> bool {
        if one.as_bytes()[..6] != other.as_bytes()[..6] {
            return one < other;
        }
        let from =
            |version| self.reigns[project].iter().find(|reign| reign.version == version).map(|it| it.from);
        from(one).zip(from(other)).is_some_and(|(one, other)| one < other)
    }

    /// Whether an acknowledged version is the last one, or came before that.
    fn is_kept(&self, project: usize, version: SecretVersion, last: SecretVersion) -> bool {
        version == last || self.is_older(project, version, last)
    }

    pub fn check(&self, snapshot: &Snapshot, findings: &mut Findings) -> Tried {
        let mut tried = Tried::default();
        self.against_rows(snapshot, findings);
        let mut erasures: HashMap<(usize, &str), Vec<(i64, u64)>> = HashMap::new();
        for (project, label, when, end) in self.erasures() {
            erasures.entry((project, label)).or_default().push((when, end));
        }
        for entry in &self.entries {
            let Call::Visit { project, label, version, issued, .. } = &entry.call else { continue };
            // One may begin between our looking at the clock and the death of its process.
            tried.longest_visit = tried.longest_visit.max(entry.end.saturating_sub(entry.start));
            let reigns = &self.reigns[*project];
            let is_stale = reigns
                .iter()
                .any(|reign| self.is_older(*project, *version, reign.version) && reign.from < entry.start);
            let past = erasures.get(&(*project, label.as_str())).into_iter().flatten();
            let is_past = past.clone().any(|(at, end)| *issued <= at + SKEW && *end < entry.start);
            tried.stale += u64::from(is_stale);
            tried.revivals += u64::from(is_past && !is_stale);
            match &entry.outcome {
                Outcome::Identified { granted, .. } => {
                    if is_stale {
                        findings.add(Breach::Stale, format!("{entry:?}"));
                    }
                    if is_past {
                        findings.add(Breach::Revived, format!("{entry:?}"));
                    }
                    if granted.is_some() && past.clone().any(|(_, end)| *end < entry.start) {
                        findings.add(Breach::Duplicate, format!("granted after an erasure: {entry:?}"));
                    }
                }
                Outcome::Refused(code) if code == "bad_signature" || code == "secret_changed" => {
                    let reign = reigns.iter().find(|reign| reign.version == *version);
                    if reign.is_some_and(|reign| entry.start > reign.from && entry.end < reign.until) {
                        findings.add(Breach::Wronged, format!("{entry:?}"));
                    }
                }
                Outcome::Refused(code) if code == "forgotten" && self.may_be_forgotten(*project, label) => {}
                Outcome::Refused(_) => findings.add(Breach::Wronged, format!("{entry:?}")),
                _ => {}
            }
        }
        tried
    }

    /// What was acknowledged must be there, and was told once.
    fn against_rows(&self, snapshot: &Snapshot, findings: &mut Findings) {
        let rows: HashMap<_, _> =
            snapshot.subscribers.iter().map(|known| (known.id.as_str(), known)).collect();
        let grants: HashSet<_> =
            snapshot.grants.iter().map(|it| (it.project, it.account.as_str(), it.credits)).collect();
        let visits: HashSet<_> =
            snapshot.visits.iter().map(|it| (it.project, it.day, it.subscriber.as_str())).collect();
        let mut who: HashMap<(usize, &str), &str> = HashMap::new();
        let mut owner: HashMap<&str, ((usize, &str), &str)> = HashMap::new();
        let mut told: HashMap<(&str, String), u32> = HashMap::new();
        for entry in &self.entries {
            if let (Call::Regenerate { project }, Outcome::Regenerated(version, same)) =
                (&entry.call, &entry.outcome)
                && (!same
                    || !snapshot.versions[*project]
                        .is_some_and(|last| self.is_kept(*project, *version, last)))
            {
                findings.add(Breach::Loss, format!("a secret: {entry:?}"));
            }
            let Call::Visit { project, label, now, .. } = &entry.call else { continue };
            let Outcome::Identified { subscriber, account, creations, granted } = &entry.outcome else {
                continue;
            };
            // Whose it is, the row says, or who was told first.
            let row = rows.get(subscriber.as_str()).copied();
            let (holder, told_account) = *owner.entry(subscriber).or_insert(((*project, label), account));
            let is_theirs = |row: &Subscriber| row.project == *project && row.label() == *label;
            if holder != (*project, label.as_str()) || !row.is_none_or(is_theirs) {
                findings.add(Breach::Wronged, format!("another's id, {holder:?} {row:?}: {entry:?}"));
                continue;
            }
            if told_account != account {
                findings
                    .add(Breach::Duplicate, format!("{label} is two accounts: {told_account}, {entry:?}"));
            }
            let mut loss = |what: &str| findings.add(Breach::Loss, format!("{what}: {entry:?}"));
            // An erasure takes the grant along.
            if let Some(credits) = granted
                && !self.may_be_gone(subscriber)
                && !grants.contains(&(*project, account.as_str(), i64::from(*credits)))
            {
                loss("a grant");
            }
            for (what, id, is_new) in [
                ("account", account.clone(), creations[0]),
                ("subscriber", subscriber.clone(), creations[1]),
                ("grant", format!("{project} {account}"), granted.is_some()),
            ] {
                *told.entry((what, id)).or_default() += u32::from(is_new);
            }
            if self.may_be_gone(subscriber) {
                continue;
            }
            if row.is_none_or(|row| row.account != *account) {
                loss("a subscriber");
            }
            let day = i64::from(Date::to_julian_day(at(*now).date()));
            // A visit that comes after one of a later day is not recorded: every returning visit would write.
            let is_late = row.is_some_and(|row| row.last_day > day);
            if !is_late && !visits.contains(&(*project, day, subscriber.as_str())) {
                loss("a visit");
            }
            let one = *who.entry((*project, label)).or_insert(subscriber);
            if one != subscriber {
                findings.add(Breach::Duplicate, format!("{label} is two subscribers: {one}, {entry:?}"));
            }
        }
        for ((what, id), times) in told.into_iter().filter(|(_, times)| *times > 1) {
            findings.add(Breach::Duplicate, format!("{what} {id} created by {times} calls"));
        }
        for known in snapshot.subscribers.iter() {
            let is_acknowledged = |entry: &Entry| {
                matches!((&entry.call, &entry.outcome), (Call::Forget { subscriber, .. }, Outcome::Forgot)
                    if *subscriber == known.id)
            };
            if self.may_be_gone(&known.id) && self.entries.iter().any(is_acknowledged) {
                findings.add(Breach::Revived, format!("{} is still there", known.label()));
            }
        }
    }
}

/// The project and the label, if the call is of a person who is erased now and then.
fn erasable(entry: &Entry) -> Option<(usize, &str)> {
    match &entry.call {
        Call::Visit { project, label, .. } | Call::Forget { project, label, .. } if is_erasable(label) => {
            Some((*project, label))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two regenerations within a millisecond, of which the later one has the smaller version.
    #[test]
    fn versions_of_one_millisecond_are_in_the_order_of_their_answers() {
        let version =
            |random: u8| SecretVersion::from_bytes([[7; 8], [random; 8]].concat().try_into().unwrap());
        let regenerated = |random, start| Entry {
            call: Call::Regenerate { project: 0 },
            outcome: Outcome::Regenerated(version(random), true),
            start,
            end: start + 1,
        };
        let history = History::of(vec![regenerated(9, 10), regenerated(3, 20)], 0);
        assert!(history.is_older(0, version(9), version(3)) && !history.is_older(0, version(3), version(9)));
        assert!(history.is_kept(0, version(9), version(3)) && history.is_kept(0, version(3), version(3)));
        assert!(!history.is_kept(0, version(3), version(9)), "the first one came back");
        let earlier = SecretVersion::from_bytes([6; 16]);
        assert!(history.is_older(0, earlier, version(3)) && !history.is_kept(0, version(3), earlier));
    }
}
