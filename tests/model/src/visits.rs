//! Visits: the cache of a process and the authenticator, whose decisions are the library's own.

use std::time::Duration;

use boostgpt_sso::{
    AccountId, SubscriberId,
    store::{Subscriber as RealSubscriber, linking},
    time::Date,
};

use crate::{
    decisions::{Look, Need, Next, TokenVerdict, Visit, look_in_cache, serves},
    fault::{Fault, Promise},
    promises::bit,
    scenario::{Call, FIRST, Scenario, SignedWith, Token, real_project, text},
    sql::{Facts, Holder, Statement},
    state::{Progress, Reading, Seen, Stage, State},
};

/// Why a visitor is anonymous.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    BadSignature,
    NoSecret,
    SecretChanged,
    Forgotten,
}

impl Scenario {
    /// Returns the token of a visit.
    pub(crate) fn token(&self, call: usize) -> Option<&Token> {
        match &self.calls[call] {
            Call::Visit { token, .. } => Some(token),
            _ => None,
        }
    }

    pub(crate) fn tokens(&self) -> impl Iterator<Item = &Token> {
        (0..self.calls.len()).filter_map(|call| self.token(call))
    }

    /// Returns the cache of a visit: that of its process and bot.
    pub(crate) fn cache(&self, call: usize) -> usize {
        match &self.calls[call] {
            Call::Visit { process, token } => {
                process * usize::from(self.projects) + usize::from(token.project)
            }
            _ => 0,
        }
    }

    /// Begins a visit.
    pub(crate) fn begin_visit(&self, state: &mut State, call: usize) {
        let Some(token) = self.token(call) else { return };
        let now = tick(state);
        let progress = &mut state.calls[call];
        progress.seen = bit(state.rows.bot(token.project).1);
        progress.is_forgotten = state.history.forgets(token);
        let visit = Visit::new(now);
        match state.caches[self.cache(call)].kept {
            Some((seen @ (_, Some(_)), _)) => self.judge(state, call, visit, seen),
            _ => self.find(state, call, visit, visit.first_need()),
        }
    }

    /// Verifies the token with what was found, and does what follows.
    fn judge(&self, state: &mut State, call: usize, mut visit: Visit, seen: Seen) {
        let Some(token) = self.token(call) else { return };
        let Some(secret) = seen.1 else { return self.refuse(state, call, Reason::NoSecret) };
        let is_good = state.secret_of(token) == Some(secret);
        if !is_good && self.fault == Some(Fault::CacheNeverAsks) {
            return self.refuse(state, call, Reason::BadSignature);
        }
        match visit.judged(if is_good { TokenVerdict::Good } else { TokenVerdict::BadSignature }) {
            Next::Provision => state.calls[call].stage = Stage::Deciding(visit, seen),
            Next::Find(need) => self.find(state, call, visit, need),
            Next::Refuse => self.refuse(state, call, Reason::BadSignature),
            Next::GiveUp => self.refuse(state, call, Reason::SecretChanged),
        }
    }

    /// Looks into the cache.
    fn find(&self, state: &mut State, call: usize, visit: Visit, need: Need) {
        let now = tick(state);
        let cache = &mut state.caches[self.cache(call)];
        let kept = cache.kept.map(|(seen, begun)| (seen.1.is_none(), begun));
        let is_reading = !cache.readings.is_empty();
        match (look_in_cache(kept, None, is_reading, need, now), cache.kept, cache.readings.first()) {
            (Look::Kept, Some((seen, _)), _) => self.judge(state, call, visit, seen),
            (Look::Wait, _, Some(reading)) => {
                state.calls[call].stage = Stage::Finding(visit, need, reading.begun);
            }
            (Look::Read(begun), ..) => {
                cache.readings.push(Reading { begun, seen: None });
                state.calls[call].stage = Stage::Finding(visit, need, begun);
            }
            (Look::Kept | Look::Wait, ..) => unreachable!("there is what the look saw"),
        }
    }

    /// The server answers a read of the secret.
    pub(crate) fn read(&self, state: &mut State, cache: usize, reading: usize) -> Option<()> {
        let project = cache % usize::from(self.projects);
        let seen = state.rows.bot(u8::try_from(project).unwrap());
        let reading = &mut state.caches[cache].readings[reading];
        state.now = state.now.max(reading.begun);
        reading.seen.is_none().then(|| reading.seen = Some(seen))
    }

    /// The answer arrives: it is kept, and all who wait for it go on.
    pub(crate) fn deliver(&self, state: &mut State, cache: usize, reading: usize) -> Option<()> {
        let mut reading = state.caches[cache].readings[reading].clone();
        let seen = reading.seen?;
        let waited_for = reading.begun;
        if self.fault == Some(Fault::CacheTakesOlder) {
            reading.begun = tick(state);
        }
        state.caches[cache].readings.retain(|other| other.begun != waited_for);
        state.caches[cache].kept = Some((seen, reading.begun));
        for call in 0..self.calls.len() {
            let Stage::Finding(visit, need, begun) = state.calls[call].stage else { continue };
            if self.cache(call) == cache && begun == waited_for {
                let now = tick(state);
                if serves(seen.1.is_none(), reading.begun, need, now)
                    || self.fault == Some(Fault::CacheSharesOlder)
                {
                    self.judge(state, call, visit, seen);
                } else {
                    self.find(state, call, visit, need);
                }
            }
        }
        Some(())
    }

    /// The store reads what a decision needs, and decides: `postgres/provision.rs`.
    pub(crate) fn decide(&self, state: &mut State, call: usize) -> Option<()> {
        let Stage::Deciding(mut visit, seen) = state.calls[call].stage else { return None };
        let token = self.token(call)?;
        let (version, secret) = state.rows.bot(token.project);
        let is_current = version == seen.0 && secret.is_some();
        if let Some(blind) = state.calls[call].blind.take() {
            let id = new_id(call, state.calls[call].attempt);
            let statement = match blind {
                Statement::Create { facts, takes_email, .. } => {
                    Statement::Create { facts: Facts { is_blind: true, ..facts }, id, takes_email }
                }
                other => other,
            };
            state.calls[call].stage = Stage::Writing(visit, seen);
            state.send(call, statement);
            return Some(());
        }
        if !is_current && self.fault != Some(Fault::NoVersionCheck) {
            let need = visit.fenced(tick(state));
            self.find(state, call, visit, need);
            return Some(());
        }
        let facts = facts(state, token, seen.0);
        let was_forgotten =
            |holder: &Holder| holder.forgotten_at.is_some_and(|at| linking::is_forgotten(&token.request, at));
        if was_forgotten(&facts.email) || facts.external_id.as_ref().is_some_and(was_forgotten) {
            self.refuse(state, call, Reason::Forgotten);
            return Some(());
        }
        let real = |holder: Option<u8>| holder.and_then(|id| real_subscriber(state, token.project, id));
        let by_external_id = real(facts.external_id.and_then(|read| read.holder));
        let decision = linking::decide(&token.request, by_external_id, real(facts.email.holder));
        let id = decision.subscriber.as_ref().map(|known| known.id.as_bytes()[0]);
        let statement = match id {
            None => {
                let id = new_id(call, state.calls[call].attempt);
                if self.fault == Some(Fault::AccountOutside) {
                    state.calls[call].stage = Stage::WritingAccount(visit, seen, facts);
                    state.send(call, Statement::CreateAccount { facts, id });
                    return Some(());
                }
                Statement::Create { facts, id, takes_email: decision.sets_email }
            }
            Some(id) if decision.writes() => {
                let known = state.rows.subscriber(token.project, id)?;
                let takes_email = decision.sets_email && facts.email.holder != Some(id);
                Statement::Change {
                    facts,
                    id,
                    revision: known.revision,
                    takes_email,
                    takes_external_id: decision.sets_external_id,
                    gives_up: known.email.filter(|_| takes_email),
                    records_visit: decision.records_visit,
                }
            }
            Some(id) => {
                state.calls[call].end();
                state.accepted(self, call, id, is_current);
                return Some(());
            }
        };
        state.calls[call].stage = Stage::Writing(visit, seen);
        state.send(call, statement);
        Some(())
    }

    fn refuse(&self, state: &mut State, call: usize, reason: Reason) {
        let Some(token) = self.token(call) else { return };
        let seen = state.calls[call].seen;
        let secret = state.secret_of(token);
        let is_kept = match reason {
            Reason::BadSignature => seen & !bit(secret) != 0,
            Reason::NoSecret => seen & bit(None) != 0 || state.history.was_absent,
            Reason::SecretChanged => seen.count_ones() >= 3,
            Reason::Forgotten => state.history.forgets(token),
        };
        state.unless(is_kept, Promise::NoWronged);
        state.calls[call].end();
    }
}

/// Returns the time, which goes on whenever it is looked at.
fn tick(state: &mut State) -> Duration {
    state.now += Duration::from_millis(1);
    state.now
}

/// Returns the id that an attempt makes: random in the library, the same in every order of events here.
pub(crate) fn new_id(call: usize, attempt: u8) -> u8 {
    10 + u8::try_from(call).unwrap() * 4 + attempt
}

fn facts(state: &State, token: &Token, version: u8) -> Facts {
    let project = token.project;
    let read = |name| {
        let (holder, forgotten_at) = state.rows.name(project, name);
        Holder { name, holder, forgotten_at }
    };
    Facts {
        project,
        version,
        email: read(token.email),
        external_id: token.external_id.map(read),
        issued_at: token.issued_at,
        day: token.day(),
        is_blind: false,
    }
}

/// Returns a subscriber as the library knows them.
fn real_subscriber(state: &State, project: u8, id: u8) -> Option<RealSubscriber> {
    let row = state.rows.subscriber(project, id)?;
    let day = Date::from_ordinal_date(2023, 1).unwrap(); // of the first visit: it decides nothing
    let mut real = RealSubscriber::new(
        real_project(project),
        SubscriberId::from_bytes([id; 16]),
        AccountId::from_bytes([row.account; 16]),
        row.applied_at,
        day,
    );
    real.email = row.email.map(|name| text(name).to_owned());
    real.external_id = row.external_id.map(|name| text(name).to_owned());
    let noon = boostgpt_sso::time::OffsetDateTime::from_unix_timestamp(crate::scenario::BASE).ok()?;
    real.last_day = (noon + boostgpt_sso::time::Duration::days(i64::from(row.last_day))).date();
    Some(real)
}

impl Progress {
    /// Ends the call.
    pub(crate) fn end(&mut self) {
        self.stage = Stage::Over(None);
        (self.seen, self.is_forgotten, self.attempt) = (0, false, 0);
    }
}

impl State {
    /// Returns the secret of a visit's token, if it is known already.
    pub(crate) fn secret_of(&self, token: &Token) -> Option<u8> {
        match token.signed_with {
            SignedWith::First => Some(FIRST),
            SignedWith::New(call) => match self.calls[call].stage {
                Stage::Over(secret) => secret,
                _ => None,
            },
        }
    }

    /// Sends a statement to the server.
    pub(crate) fn send(&mut self, call: usize, statement: Statement) {
        self.transactions.push(crate::sql::Transaction {
            call,
            attempt: self.calls[call].attempt,
            is_awaited: true,
            statement,
            steps: 0,
            names: 0,
            writes: Vec::new(),
            snapshot: crate::sql::Snapshot::None,
        });
    }
}
