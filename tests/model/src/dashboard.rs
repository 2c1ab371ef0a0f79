//! What a dashboard calls: regenerate, remove, forget, back up, restore.

use std::sync::Arc;

use crate::{
    fault::{Fault, Promise},
    promises::bit,
    scenario::{Call, Scenario},
    sql::{Server, Statement, Transaction, apply, names_of},
    state::{Stage, State},
    table::{Key, Row},
    visits::new_id,
};

/// What takes the place of an address in an account.
const NAMELESS: u8 = 0x40;

impl Scenario {
    /// Begins a call, with the first statement of a dashboard's.
    pub(crate) fn begin(&self, state: &mut State, call: usize) -> Option<()> {
        match &self.calls[call] {
            Call::Visit { token, .. } => {
                state.secret_of(token)?;
                self.begin_visit(state, call);
            }
            Call::Regenerate { .. } | Call::Remove { .. } => {
                state.calls[call].stage = Stage::Replacing;
                self.ask(state, call)?;
            }
            Call::Forget { project, name, .. } => match state.rows.name(*project, *name).0 {
                Some(id) => {
                    state.calls[call].stage = Stage::Looking(id);
                    self.ask(state, call)?;
                }
                None => state.calls[call].end(),
            },
            Call::Backup => {
                state.backup = Some((Arc::clone(&state.rows), state.history.clone()));
                state.calls[call].end();
            }
            Call::Restore => {
                let (rows, history) = state.backup.clone()?;
                let versions = std::mem::take(&mut state.history.versions);
                (state.rows, state.history) = (rows, history);
                state.history.versions = versions;
                self.outage(state);
                for call in 0..self.calls.len() {
                    state.calls[call].is_forgotten = false;
                }
                for project in 0..self.projects {
                    self.secret_is(state, project);
                }
                state.calls[call].end();
            }
        }
        Some(())
    }

    /// The next statement of a dashboard that only reads; what follows from it.
    pub(crate) fn ask(&self, state: &mut State, call: usize) -> Option<()> {
        let attempt = state.calls[call].attempt;
        let from = state.calls[call].stage.clone();
        let server = Server { rows: &state.rows, transactions: &state.transactions, fault: self.fault };
        let (next, statement) = match (&self.calls[call], from) {
            (Call::Regenerate { project } | Call::Remove { project }, Stage::Replacing) => {
                let current = state.rows.bot(*project).0;
                let new = 1 + u8::try_from(call).unwrap() * 4 + attempt;
                let version = if self.fault == Some(Fault::CountedVersions) { current + 1 } else { new };
                let secret = matches!(self.calls[call], Call::Regenerate { .. }).then_some(new);
                let project = *project;
                (Stage::Changing(0), Some(Statement::SetSecret { project, current, version, secret }))
            }
            (Call::Forget { project, .. }, Stage::Looking(id)) => {
                let Some(found) = state.rows.subscriber(*project, id) else {
                    state.calls[call].end();
                    return Some(());
                };
                let account = state.rows.account(found.account_hash)?;
                let counts = (account.revision, account.subscribers);
                match account.email {
                    Some(_) if account.subscribers > 1 => (Stage::AskingForAddress(id, found, counts), None),
                    _ => (Stage::AskingForOthers(id, found, counts, None), None),
                }
            }
            (Call::Forget { project, .. }, Stage::AskingForAddress(id, found, counts)) => {
                // An account's hash is its e-mail key here.
                let is_last = server.is_last_with_address((*project, id), found.account, found.account_hash);
                let loses_address = is_last.then(|| NAMELESS | new_id(call, attempt));
                (Stage::AskingForOthers(id, found, counts, loses_address), None)
            }
            (Call::Forget { project, at, .. }, Stage::AskingForOthers(id, found, account, loses_address)) => {
                let (project, at) = (*project, *at);
                let has_others = account.1 > 1 && server.has_others((project, id), found.account);
                let statement =
                    Statement::Forget { project, id, found, account, has_others, loses_address, at };
                (Stage::Changing(id), Some(statement))
            }
            _ => return None,
        };
        let goes_on = matches!(&next, Stage::AskingForOthers(_, _, (_, 1), _));
        state.calls[call].stage = next;
        if let Some(statement) = statement {
            state.send(call, statement);
        }
        // If no other subscriber has the account, nothing is asked.
        if goes_on { self.ask(state, call) } else { Some(()) }
    }

    /// A statement was committed.
    pub(crate) fn committed(&self, state: &mut State, done: &Transaction) {
        apply(&mut state.rows, done);
        let call = done.call;
        match done.statement {
            Statement::SetSecret { project, version, secret, .. } => {
                // What an answered call has made is replaced by later ones only.
                let undoes = !done.is_awaited && matches!(state.calls[call].stage, Stage::Over(_));
                state.unless(!undoes, Promise::NoLoss);
                state.version_made(project, (version, secret));
                self.secret_is(state, project);
                if done.is_awaited {
                    state.calls[call].end();
                    state.calls[call].stage = Stage::Over(secret);
                }
            }
            Statement::Forget { project, id, found, at, .. } => {
                let Some((before, names)) = erased_names(state, done, project, id, &found) else {
                    return;
                };
                state.history.erase(project, id, names.iter().copied(), at);
                let is_gone = |name: &u8| !crate::promises::has_address_without_holder(&state.rows, *name);
                let is_kept = names.iter().all(is_gone);
                state.unless(is_kept && before, Promise::NoRevival);
                if done.is_awaited {
                    state.calls[call].end();
                }
            }
            Statement::CreateAccount { facts, .. } => {
                if let Stage::WritingAccount(visit, seen, _) = state.calls[call].stage
                    && done.is_awaited
                {
                    state.calls[call].stage = Stage::Writing(visit, seen);
                    let id = new_id(call, done.attempt);
                    state.send(call, Statement::Create { facts, id, takes_email: true });
                }
            }
            Statement::Create { id, .. } | Statement::Change { id, .. } => self.visited(state, done, id),
        }
        state.check();
    }

    /// A visit's statement was committed.
    fn visited(&self, state: &mut State, done: &Transaction, id: u8) {
        let Some(token) = self.token(done.call) else { return };
        let grants = done.writes.iter().any(|(key, row)| matches!(key, Key::Grant(..)) && row.is_some());
        let is_new = matches!(done.statement, Statement::Create { .. });
        let (forgets, knows) = (state.history.forgets(token), state.history.knows(token));
        state.unless(!(is_new && forgets), Promise::NoRevival);
        state.unless(!(grants && knows), Promise::NoDuplicates);
        let crate::sql::Snapshot::Visit { is_current, .. } = done.snapshot else { return };
        if done.is_awaited {
            state.calls[done.call].end();
            state.accepted(self, done.call, id, is_current);
        }
    }

    /// The server stops: what was not committed is undone, and all calls try again.
    pub(crate) fn outage(&self, state: &mut State) {
        state.transactions.clear();
        for call in 0..self.calls.len() {
            self.retry(state, call);
        }
    }

    /// Makes another attempt, if a statement of the call's was under way.
    pub(crate) fn retry(&self, state: &mut State, call: usize) {
        let progress = &mut state.calls[call];
        progress.stage = match progress.stage.clone() {
            Stage::Writing(visit, seen) | Stage::WritingAccount(visit, seen, _) => {
                Stage::Deciding(visit, seen)
            }
            Stage::Changing(id) if matches!(self.calls[call], Call::Forget { .. }) => Stage::Looking(id),
            Stage::Changing(_) => Stage::Replacing,
            other => return progress.stage = other,
        };
        progress.attempt += 1;
        if progress.attempt > MAX_ATTEMPT {
            state.calls[call].end(); // the call is answered with an error
        }
    }

    /// The bot has this secret now.
    fn secret_is(&self, state: &mut State, project: u8) {
        let current = bit(state.rows.bot(project).1);
        state.history.was_absent |= current == bit(None);
        for call in 0..self.calls.len() {
            let is_of_bot = self.token(call).is_some_and(|token| token.project == project);
            let progress = &mut state.calls[call];
            if is_of_bot && !progress.stage.is_over() && progress.stage != Stage::Future {
                progress.seen |= current;
            }
        }
    }

    /// Returns whether a bot has no secret.
    pub(crate) fn is_absent(&self, state: &State) -> bool {
        (0..self.projects)
            .any(|bot| matches!(state.rows.get(Key::Bot(bot)), Some(Row::Bot { secret: None, .. })))
    }
}

/// The last attempt of a call in a model.
const MAX_ATTEMPT: u8 = 3;

/// Returns whether the erased row is gone, and the names that went with it.
fn erased_names(
    state: &State,
    done: &Transaction,
    project: u8,
    id: u8,
    found: &crate::table::Subscriber,
) -> Option<(bool, Vec<u8>)> {
    let crate::sql::Snapshot::Rows(before) = &done.snapshot else { return None };
    let names = names_of(before, project, id, found).into_iter().collect();
    Some((state.rows.subscriber(project, id).is_none(), names))
}
