//! What is promised, and whether the rows keep it.

use crate::{
    fault::Promise,
    scenario::{Scenario, Token},
    state::{History, Seen, State},
    table::{Key, Row, Table},
};

/// A token may be dated by a clock that is a minute fast: what `Store::forget` promises.
const FAST: i64 = 60;
/// The bit that means no secret.
const NONE: u32 = 1 << 31;

/// Returns the bit of a secret.
pub(crate) fn bit(secret: Option<u8>) -> u32 {
    secret.map_or(NONE, |secret| 1 << secret)
}

impl State {
    /// Notes a broken promise: the first one counts.
    pub(crate) fn unless(&mut self, is_kept: bool, promise: Promise) {
        if !is_kept && self.breach.is_none() {
            self.breach = Some(promise);
        }
    }

    /// Notes a version that came to be.
    pub(crate) fn version_made(&mut self, project: u8, (version, secret): Seen) {
        let known = self.history.versions.iter().find(|(key, _)| *key == (project, version));
        let is_new = known.is_none();
        let is_kept = known.is_none_or(|(_, named)| *named == secret);
        self.unless(is_kept, Promise::OneSecretPerVersion);
        if is_new {
            self.history.versions.push(((project, version), secret));
            self.history.versions.sort_unstable();
        }
    }

    /// Checks a session: of a subscriber, by a statement that began while the secret was current or was not.
    pub(crate) fn accepted(&mut self, scenario: &Scenario, call: usize, id: u8, was_current: bool) {
        let Some(token) = scenario.token(call) else { return };
        let project = token.project;
        self.unless(was_current, Promise::NoStaleSecret);
        self.unless(!self.calls[call].is_forgotten, Promise::NoRevival);
        let Some(row) = self.rows.subscriber(project, id) else {
            return self.unless(false, Promise::NoLoss);
        };
        // A token that is older than the last one applied gives nobody its external id.
        let external_id = token.external_id.filter(|_| row.external_id.is_some());
        let mut is_kept = external_id.is_none() || external_id == row.external_id;
        let answered = &mut self.history.answered;
        is_kept &= !answered.iter().any(|(of, named)| {
            let is_same_person = named.is_some() && *named == external_id;
            if *of == (project, id) {
                named.is_some() && external_id.is_some() && !is_same_person
            } else {
                of.0 == project && is_same_person
            }
        });
        match answered.iter_mut().find(|(of, _)| *of == (project, id)) {
            Some((_, named)) => *named = named.or(external_id),
            None => answered.push(((project, id), external_id)),
        }
        answered.sort_unstable();
        self.unless(is_kept, Promise::NoWronged);
        let newest = scenario
            .tokens()
            .filter(|other| (other.project, other.external_id) == (project, token.external_id));
        let is_newest = newest.map(|other| other.issued_at).max() == Some(token.issued_at);
        if let Some(external_id) = external_id
            && is_newest
            && row.email == Some(token.email)
        {
            self.history.settled.retain(|(of, _)| *of != (project, external_id));
            self.history.settled.push(((project, external_id), token.email));
            self.history.settled.sort_unstable();
        }
        self.check();
    }

    /// Checks all rows, and that what was promised is in them.
    pub(crate) fn check(&mut self) {
        let rows = std::sync::Arc::clone(&self.rows);
        self.unless(!has_duplicates(&rows), Promise::NoDuplicates);
        self.unless(!has_halves(&rows), Promise::NoHalves);
        let is_there = |((project, id), _): &((u8, u8), _)| rows.subscriber(*project, *id).is_some();
        let settled = |((project, external_id), email): &((u8, u8), u8)| {
            let row = rows
                .subscribers()
                .find(|(of, _, row)| of == project && row.external_id == Some(*external_id));
            row.is_some_and(|(.., row)| row.email == Some(*email))
        };
        let history = &self.history;
        let is_kept = history.answered.iter().all(is_there) && history.settled.iter().all(settled);
        self.unless(is_kept, Promise::NoLoss);
    }
}

impl History {
    /// Notes an erasure.
    pub(crate) fn erase(&mut self, project: u8, id: u8, names: impl Iterator<Item = u8>, at: i64) {
        self.answered.retain(|(of, _)| *of != (project, id));
        for name in names {
            self.settled.retain(|(of, _)| *of != (project, name));
            match self.erased.iter_mut().find(|(of, _)| *of == (project, name)) {
                Some((_, last)) => *last = at.max(*last),
                None => self.erased.push(((project, name), at)),
            }
        }
        self.erased.sort_unstable();
    }

    /// Whether the token was issued before one of its names was erased.
    pub(crate) fn forgets(&self, token: &Token) -> bool {
        self.erased.iter().any(|((project, name), at)| {
            *project == token.project && token.names().any(|one| one == *name) && token.issued_at <= at + FAST
        })
    }

    /// Whether one of the token's names was ever erased.
    pub(crate) fn knows(&self, token: &Token) -> bool {
        self.erased
            .iter()
            .any(|((project, name), _)| *project == token.project && token.names().any(|one| one == *name))
    }
}

fn has_duplicates(rows: &Table) -> bool {
    let subscribers: Vec<_> = rows.subscribers().collect();
    let accounts: Vec<_> = rows.accounts().collect();
    let same = |one: Option<u8>, other: Option<u8>| one.is_some() && one == other;
    subscribers.iter().enumerate().any(|(at, (project, _, one))| {
        subscribers[..at].iter().any(|(of, _, other)| {
            of == project && (same(one.email, other.email) || same(one.external_id, other.external_id))
        })
    }) || accounts
        .iter()
        .enumerate()
        .any(|(at, (_, one))| accounts[..at].iter().any(|(_, other)| same(one.email, other.email)))
}

fn has_halves(rows: &Table) -> bool {
    let holds =
        |project, name: Option<u8>, id| name.is_none_or(|name| rows.name(project, name).0 == Some(id));
    let visited = |project, id| {
        rows.rows().any(|(key, _)| matches!(key, Key::Visit(of, _, who) if (of, who) == (project, id)))
    };
    let was_forgotten =
        |project, name: Option<u8>| name.is_some_and(|name| rows.name(project, name).1.is_some());
    let is_half = |(project, id, row): (u8, u8, crate::table::Subscriber)| {
        let is_granted = rows.get(Key::Grant(project, row.account)).is_some();
        let had = was_forgotten(project, row.email) || was_forgotten(project, row.external_id);
        rows.account(row.account_hash).is_none_or(|account| account.id != row.account)
            || !holds(project, row.email, id)
            || !holds(project, row.external_id, id)
            || !visited(project, id)
            || !(is_granted || had)
    };
    let is_loose = |(key, row): (Key, Row)| match (key, row) {
        (Key::Name(project, name), Row::Name { holder: Some(id), .. }) => rows
            .subscriber(project, id)
            .is_none_or(|row| row.email != Some(name) && row.external_id != Some(name)),
        (Key::Account(hash), Row::Account(account)) => {
            let count = rows.subscribers().filter(|(.., row)| row.account_hash == hash).count();
            count == 0 || usize::from(account.subscribers) != count
        }
        _ => false,
    };
    rows.subscribers().any(is_half) || rows.rows().any(is_loose)
}

/// Whether an account has an address that none of its subscribers has or had.
pub(crate) fn has_address_without_holder(rows: &Table, email: u8) -> bool {
    rows.accounts().filter(|(_, account)| account.email == Some(email)).any(|(_, account)| {
        !rows.subscribers().any(|(project, id, row)| {
            let had = rows.get(Key::Past(project, id, email)).is_some();
            row.account == account.id && (row.email == Some(email) || had)
        })
    })
}
