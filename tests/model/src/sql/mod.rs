//! The statements of the PostgreSQL store at READ COMMITTED, row by row.
//!
//! A statement looks at the database once, when it begins: its snapshot. Then it takes rows, one after the
//! other. A row that another statement has changed and not committed is waited for; then the row is looked at
//! again as it is now, and so are the conditions on it (`EvalPlanQual`, `ON CONFLICT DO UPDATE ... WHERE`).
//! The last row and the commit are one step: between them nothing can go wrong that could not before.

mod change;
mod forget;

use std::sync::Arc;

pub(crate) use self::forget::apply;
pub(crate) use self::forget::names_of;
use crate::{
    fault::Fault,
    table::{Account, Key, Row, Subscriber, Table},
};

/// A name as it was read: who holds it, and when it was forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(clippy::struct_field_names, reason = "as the column is called in `names`")]
pub(crate) struct Holder {
    /// The name.
    pub(crate) name: u8,
    /// The subscriber.
    pub(crate) holder: Option<u8>,
    /// When.
    pub(crate) forgotten_at: Option<i64>,
}

/// What a visit's write is decided on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Facts {
    /// The project.
    pub(crate) project: u8,
    /// The version of the secret that verified the token.
    pub(crate) version: u8,
    /// The name that is the e-mail key.
    pub(crate) email: Holder,
    /// The name that is the external id.
    pub(crate) external_id: Option<Holder>,
    /// When the token was issued.
    pub(crate) issued_at: i64,
    /// The day of the visit.
    pub(crate) day: u8,
    /// Repeats a write whose outcome is unknown, and checks nothing ([`Fault::BlindRetry`]).
    pub(crate) is_blind: bool,
}

/// A write: each is one statement.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Statement {
    /// Creates a subscriber, with what is theirs.
    Create {
        /// What was read.
        facts: Facts,
        /// Their id, and the account's if it is new.
        id: u8,
        /// Takes the e-mail key.
        takes_email: bool,
    },
    /// Changes a subscriber.
    Change {
        /// What was read.
        facts: Facts,
        /// Their id.
        id: u8,
        /// The revision that was read.
        revision: u8,
        /// Takes the e-mail key.
        takes_email: bool,
        /// Takes the external id.
        takes_external_id: bool,
        /// The e-mail key that is given up for it.
        gives_up: Option<u8>,
        /// A new day.
        records_visit: bool,
    },
    /// Creates the account alone ([`Fault::AccountOutside`]).
    CreateAccount {
        /// What was read.
        facts: Facts,
        /// The account's id, if it is new.
        id: u8,
    },
    /// Erases a subscriber.
    Forget {
        /// The project.
        project: u8,
        /// The subscriber.
        id: u8,
        /// As it was read.
        found: Subscriber,
        /// The account's revision, and how many have it.
        account: (u8, u8),
        /// Whether another subscriber of the project has the account.
        has_others: bool,
        /// What takes the place of the account's hash, if its address goes and the account stays.
        loses_address: Option<u8>,
        /// When.
        at: i64,
    },
    /// Replaces a bot's secret.
    SetSecret {
        /// The project.
        project: u8,
        /// The version that was read.
        current: u8,
        /// The new version.
        version: u8,
        /// The new secret.
        secret: Option<u8>,
    },
}

/// A statement that has not ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Transaction {
    /// Whose it is.
    pub(crate) call: usize,
    /// Which of that call's attempts.
    pub(crate) attempt: u8,
    /// Whether its client waits for the answer.
    pub(crate) is_awaited: bool,
    /// What it does.
    pub(crate) statement: Statement,
    /// How many steps were taken.
    pub(crate) steps: u8,
    /// Of the names that it needs, how many it has got.
    pub(crate) names: u8,
    /// The rows that it has changed, which no other transaction sees yet.
    pub(crate) writes: Vec<(Key, Option<Row>)>,
    /// What it saw when it began; of a visit's, only whether everything was as it had been read.
    pub(crate) snapshot: Snapshot,
}

/// What a statement saw when it began.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Snapshot {
    /// It has not begun.
    None,
    /// Of a visit's: whether the token's secret was current.
    Visit {
        /// Whether it was.
        is_current: bool,
        /// The account that it saw, where that matters ([`Fault::NoUniqueAccount`]).
        account: Option<u8>,
    },
    /// All rows.
    Rows(Arc<Table>),
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A row is in the hands of the transaction with this index.
    Blocked(usize),
    /// There is more to do.
    Went(Transaction),
    /// Committed, with the rows it wrote.
    Committed(Transaction),
    /// Committed, but there was nothing to write.
    Nothing,
    /// Undone by its own guard.
    Undone,
}

/// The database, for one step.
#[derive(Debug)]
pub(crate) struct Server<'a> {
    /// What is committed.
    pub(crate) rows: &'a Arc<Table>,
    /// What is under way.
    pub(crate) transactions: &'a [Transaction],
    /// What is done wrong.
    pub(crate) fault: Option<Fault>,
}

impl Server<'_> {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Takes the next step of a transaction.
    #[must_use]
    pub(crate) fn step(&self, index: usize) -> Step {
        let mut this = self.transactions[index].clone();
        let is_first = this.steps == 0;
        this.steps += 1;
        let step = match (this.statement, is_first) {
            (Statement::Create { facts, .. } | Statement::CreateAccount { facts, .. }, true) => {
                self.look(&facts).map(|is_current| this.snapshot = self.seen(&facts, is_current))
            }
            (Statement::Change { facts, id, revision, .. }, true) => {
                self.look(&facts).and_then(|is_current| {
                    this.snapshot = self.seen(&facts, is_current);
                    let found = self.rows.subscriber(facts.project, id).ok_or(Step::Nothing)?;
                    if found.revision == revision || self.has(Fault::NoRevision) {
                        Ok(())
                    } else {
                        Err(Step::Nothing)
                    }
                })
            }
            (Statement::Forget { project, id, found, .. }, true) => {
                this.snapshot = Snapshot::Rows(Arc::clone(self.rows));
                let is_there = |row: Subscriber| row.revision == found.revision;
                if self.rows.subscriber(project, id).is_some_and(is_there) {
                    Ok(())
                } else {
                    Err(Step::Nothing)
                }
            }
            (Statement::SetSecret { .. }, _) => return self.set_secret(index, this),
            (Statement::Create { facts, id, takes_email }, false) => {
                return self.create(index, this, &facts, id, takes_email).unwrap_or_else(|step| step);
            }
            (Statement::CreateAccount { facts, id }, false) => {
                let made = self.account(index, &mut this, &facts, id).map(|_| ());
                return made.map_or_else(|step| step, |()| Step::Committed(this));
            }
            (Statement::Change { .. }, false) => return self.change(index, this).unwrap_or_else(|step| step),
            (Statement::Forget { .. }, false) => return self.forget(index, this).unwrap_or_else(|step| step),
        };
        step.map_or_else(|step| step, |()| Step::Went(this))
    }

    /// `place`: in the snapshot, all is as it was read. Returns whether the version is current.
    fn look(&self, facts: &Facts) -> Result<bool, Step> {
        let (version, secret) = self.rows.bot(facts.project);
        let is_current = version == facts.version && secret.is_some();
        let unchecked = facts.is_blind;
        let is_checked =
            !(unchecked || self.has(Fault::NoVersionCheck) || self.has(Fault::VersionCheckedBefore));
        if is_checked && !is_current {
            return Err(Step::Nothing);
        }
        for read in [Some(facts.email), facts.external_id].into_iter().flatten() {
            let (holder, forgotten_at) = self.rows.name(facts.project, read.name);
            let is_held = holder == read.holder || unchecked || self.has(Fault::NamesCheckedBefore);
            let is_forgotten =
                forgotten_at == read.forgotten_at || unchecked || self.has(Fault::ErasureCheckedBefore);
            if !is_held || !is_forgotten {
                return Err(Step::Nothing);
            }
        }
        Ok(is_current)
    }

    fn seen(&self, facts: &Facts, is_current: bool) -> Snapshot {
        let email = Some(facts.email.name).filter(|_| self.has(Fault::NoUniqueAccount));
        let known = email.and_then(|email| self.rows.accounts().find(|(_, row)| row.email == Some(email)));
        Snapshot::Visit { is_current, account: known.map(|(hash, _)| hash) }
    }

    /// Waits for a row, and returns it as it is now.
    fn take(&self, index: usize, this: &Transaction, key: Key) -> Result<Option<Row>, Step> {
        if let Some((_, row)) = this.writes.iter().rev().find(|(written, _)| *written == key) {
            return Ok(*row);
        }
        let holds = |other: &Transaction| other.writes.iter().any(|(written, _)| *written == key);
        let others = self.transactions.iter().enumerate();
        match others.filter(|(other, _)| *other != index).find(|(_, other)| holds(other)) {
            Some((other, _)) => Err(Step::Blocked(other)),
            None => Ok(self.rows.get(key)),
        }
    }

    /// Takes a name for a subscriber, if it is free and was forgotten when that was read.
    fn take_name(
        &self,
        index: usize,
        this: &mut Transaction,
        facts: &Facts,
        read: Holder,
        id: u8,
    ) -> Result<(), Step> {
        let key = Key::Name(facts.project, read.name);
        let row = self.take(index, this, key)?;
        let (holder, forgotten_at) = match row {
            Some(Row::Name { holder, forgotten_at }) => (holder, forgotten_at),
            _ => (None, read.forgotten_at),
        };
        let unchecked = facts.is_blind;
        let is_free = holder.is_none() || unchecked || self.has(Fault::NamesCheckedBefore);
        let is_same = forgotten_at == read.forgotten_at || unchecked || self.has(Fault::ErasureCheckedBefore);
        if is_free && is_same {
            this.writes.push((key, Some(Row::Name { holder: Some(id), forgotten_at })));
            this.names += 1;
        }
        Ok(())
    }

    /// Meets a name that stays another subscriber's: it must still be as it was read.
    fn meet_name(
        &self,
        index: usize,
        this: &mut Transaction,
        facts: &Facts,
        read: Holder,
    ) -> Result<(), Step> {
        let key = Key::Name(facts.project, read.name);
        let row = self.take(index, this, key)?;
        if row == Some(Row::Name { holder: read.holder, forgotten_at: read.forgotten_at }) {
            this.writes.push((key, row));
            this.names += 1;
        }
        Ok(())
    }

    fn create(
        &self,
        index: usize,
        mut this: Transaction,
        facts: &Facts,
        id: u8,
        takes_email: bool,
    ) -> Result<Step, Step> {
        let meets = !takes_email && !self.has(Fault::NameNotMet);
        let mut names: Vec<_> = [Some(facts.email).filter(|_| takes_email || meets), facts.external_id]
            .into_iter()
            .flatten()
            .collect();
        names.sort_by_key(|read| read.name);
        if let Some(read) = names.get(usize::from(this.steps) - 2).copied() {
            if read.name == facts.email.name && meets {
                self.meet_name(index, &mut this, facts, read)?;
            } else {
                self.take_name(index, &mut this, facts, read, id)?;
            }
            return Ok(Step::Went(this));
        }
        if usize::from(this.names) != names.len() && !self.has(Fault::NoGuard) {
            return Ok(Step::Undone);
        }
        let account_hash = self.account(index, &mut this, facts, id)?;
        let Some(Row::Account(account)) = self.take(index, &this, Key::Account(account_hash))? else {
            return Ok(Step::Undone);
        };
        let project = facts.project;
        let forgotten = facts.email.forgotten_at.or(facts.external_id.and_then(|read| read.forgotten_at));
        let grant = Key::Grant(project, account.id);
        if self.take(index, &this, grant)?.is_none() && (forgotten.is_none() || self.has(Fault::GrantedAgain))
        {
            this.writes.push((grant, Some(Row::Mark)));
        }
        let subscriber = Subscriber {
            account: account.id,
            account_hash,
            revision: 0,
            email: Some(facts.email.name).filter(|_| takes_email),
            external_id: facts.external_id.map(|read| read.name),
            applied_at: facts.issued_at,
            last_day: facts.day,
        };
        this.writes.push((Key::Subscriber(project, id), Some(Row::Subscriber(subscriber))));
        this.writes.push((Key::Visit(project, facts.day, id), Some(Row::Mark)));
        Ok(Step::Committed(this))
    }

    /// Creates the account, or counts one more subscriber of it. Returns its hash.
    fn account(&self, index: usize, this: &mut Transaction, facts: &Facts, id: u8) -> Result<u8, Step> {
        let email = facts.email.name;
        let mut hash = email;
        if self.has(Fault::NoUniqueAccount)
            && let Snapshot::Visit { account, .. } = this.snapshot
        {
            hash = account.unwrap_or(id);
        }
        let alone = matches!(this.statement, Statement::CreateAccount { .. });
        let row = match self.take(index, this, Key::Account(hash))? {
            Some(Row::Account(found)) if alone => found,
            Some(Row::Account(found)) => {
                Account { subscribers: found.subscribers + 1, revision: found.revision + 1, ..found }
            }
            _ => Account { id, email: Some(email), subscribers: u8::from(!alone), revision: 0 },
        };
        this.writes.push((Key::Account(hash), Some(Row::Account(row))));
        Ok(hash)
    }

    fn set_secret(&self, index: usize, mut this: Transaction) -> Step {
        let Statement::SetSecret { project, current, version, secret } = this.statement else {
            return Step::Undone;
        };
        match self.take(index, &this, Key::Bot(project)) {
            Err(step) => step,
            Ok(Some(Row::Bot { version: found, .. }))
                if found == current || self.has(Fault::BlindRegeneration) =>
            {
                this.writes.push((Key::Bot(project), Some(Row::Bot { version, secret })));
                Step::Committed(this)
            }
            Ok(_) => Step::Nothing,
        }
    }
}
