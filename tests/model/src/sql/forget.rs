//! The statements of an erasure.

use std::{collections::BTreeSet, sync::Arc};

use super::{Server, Snapshot, Statement, Step, Transaction};
use crate::{
    fault::Fault,
    table::{Account, Key, Row, Subscriber, Table},
};

/// What the visits of an erased subscriber belong to, so that nobody is counted twice.
pub(super) const NOBODY: u8 = 0x80;

/// Returns the names that go with a subscriber: those they have, and those they had.
#[must_use]
pub(crate) fn names_of(rows: &Table, project: u8, id: u8, row: &Subscriber) -> BTreeSet<u8> {
    let past = rows.rows().filter_map(|(key, _)| match key {
        Key::Past(of, subscriber, name) if of == project && subscriber == id => Some(name),
        _ => None,
    });
    past.chain(row.email).chain(row.external_id).collect()
}

impl Server<'_> {
    pub(super) fn forget(&self, index: usize, mut this: Transaction) -> Result<Step, Step> {
        let Statement::Forget { project, id, found, account, has_others, loses_address, at } = this.statement
        else {
            return Ok(Step::Undone);
        };
        let Snapshot::Rows(snapshot) = this.snapshot.clone() else { return Ok(Step::Undone) };
        let key = Key::Subscriber(project, id);
        if this.steps == 2 {
            let Some(Row::Subscriber(now)) = self.take(index, &this, key)? else { return Ok(Step::Nothing) };
            if now.revision != found.revision {
                return Ok(Step::Nothing);
            }
            this.writes.push((key, None));
            return Ok(Step::Went(this));
        }
        let erased = self.rows.subscriber(project, id).unwrap_or(found); // the row is held since then
        let names = names_of(&snapshot, project, id, &found);
        if let Some(name) = names.iter().nth(usize::from(this.steps) - 3).copied() {
            let key = Key::Name(project, name);
            let row = match self.take(index, &this, key)? {
                Some(Row::Name { holder, forgotten_at }) => Row::Name {
                    holder: holder.filter(|holder| *holder != id),
                    forgotten_at: if self.has(Fault::ErasureMovesBack) {
                        Some(at)
                    } else {
                        forgotten_at.max(Some(at))
                    },
                },
                _ => Row::Name { holder: None, forgotten_at: Some(at) },
            };
            let kept = !self.has(Fault::ErasureNotKept);
            this.writes.push((key, Some(row).filter(|_| kept)));
            return Ok(Step::Went(this));
        }
        let steps = usize::from(this.steps) - 3 - names.len();
        let hash = erased.account_hash;
        if steps == 0 {
            let key = Key::Account(hash);
            let was = snapshot.account(hash).is_some_and(|was| was.revision == account.0);
            let now = match self.take(index, &this, key)? {
                Some(Row::Account(now)) if was && now.revision == account.0 => now,
                _ => return Ok(Step::Undone),
            };
            let left =
                Account { subscribers: now.subscribers.wrapping_sub(1), revision: now.revision + 1, ..now };
            if let Some(random) = loses_address {
                this.writes.push((key, None));
                this.writes.push((Key::Account(random), Some(Row::Account(Account { email: None, ..left }))));
            } else {
                this.writes.push((key, Some(Row::Account(left)).filter(|_| account.1 > 1)));
            }
        }
        if let Some(random) = loses_address {
            let has_account = |(of, other, row): &(u8, u8, Subscriber)| {
                row.account_hash == hash && (*of, *other) != (project, id)
            };
            let others: Vec<_> = snapshot.subscribers().filter(has_account).collect();
            if let Some((of, other, _)) = steps.checked_sub(1).and_then(|step| others.get(step)) {
                let key = Key::Subscriber(*of, *other);
                if let Some(Row::Subscriber(now)) = self.take(index, &this, key)?
                    && now.account_hash == hash
                {
                    let moved = Subscriber { account_hash: random, ..now };
                    this.writes.push((key, Some(Row::Subscriber(moved))));
                }
            }
            if steps < others.len() {
                return Ok(Step::Went(this));
            }
        }
        for (key, row) in snapshot.rows() {
            match key {
                Key::Past(of, subscriber, _) if (of, subscriber) == (project, id) => {
                    this.writes.push((key, None));
                }
                Key::Visit(of, day, subscriber) if (of, subscriber) == (project, id) => {
                    this.writes.push((key, None));
                    this.writes.push((Key::Visit(of, day, id | NOBODY), Some(row)));
                }
                _ => {}
            }
        }
        if !has_others {
            this.writes.push((Key::Grant(project, erased.account), None));
        }
        Ok(Step::Committed(this))
    }

    /// Whether another subscriber of the account, in any project, has its address.
    pub(crate) fn is_last_with_address(&self, id: (u8, u8), account: u8, email: u8) -> bool {
        let other = |(project, other, row): (u8, u8, Subscriber)| {
            row.email == Some(email) && row.account == account && (project, other) != id
        };
        !self.rows.subscribers().any(other)
    }

    /// Whether another subscriber of the project has the account.
    pub(crate) fn has_others(&self, id: (u8, u8), account: u8) -> bool {
        self.rows
            .subscribers()
            .any(|(project, other, row)| project == id.0 && other != id.1 && row.account == account)
    }
}

/// Applies what a transaction has written.
pub(crate) fn apply(rows: &mut Arc<Table>, transaction: &Transaction) {
    let rows = Arc::make_mut(rows);
    for (key, row) in &transaction.writes {
        rows.set(*key, *row);
    }
}
