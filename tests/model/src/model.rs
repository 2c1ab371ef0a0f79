//! What may happen next: `stateright` tries all of it.

use std::{sync::Arc, time::Duration};

use stateright::{Checker as _, Model, Property};

use crate::{
    fault::{Fault, Promise},
    scenario::{Call, FIRST, Scenario},
    sql::{Facts, Server, Statement, Step},
    state::{Cache, History, Progress, Stage, State},
};

/// One thing that happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A call begins.
    Begins(usize),
    /// The server answers a cache's read.
    IsRead(usize, usize),
    /// The answer arrives at the cache.
    Arrives(usize, usize),
    /// A visit's first statement: read, and decide.
    Decides(usize),
    /// A dashboard's next statement that only reads.
    Asks(usize),
    /// A statement of a call, and which of its attempts', takes its next row.
    Steps(usize, u8),
    /// It waits in a circle, and the server undoes it.
    IsDeadlocked(usize, u8),
    /// The client of the statement is gone, and the server has noticed.
    IsDropped(usize, u8),
    /// A call loses its connection.
    IsLost(usize),
    /// A process is killed.
    Crashes(usize),
    /// The server stops hard.
    ServerStops,
    /// A second passes.
    SecondPasses,
}

impl Scenario {
    fn server<'a>(&self, state: &'a State) -> Server<'a> {
        Server { rows: &state.rows, transactions: &state.transactions, fault: self.fault }
    }

    fn transaction(state: &State, call: usize, attempt: u8) -> usize {
        let is_it = |one: &crate::sql::Transaction| (one.call, one.attempt) == (call, attempt);
        state.transactions.iter().position(is_it).expect("the statement is under way")
    }

    fn step(&self, state: &mut State, index: usize) -> Option<()> {
        match self.server(state).step(index) {
            Step::Blocked(_) => return None,
            Step::Went(next) => state.transactions[index] = next,
            Step::Committed(done) => {
                state.transactions.remove(index);
                self.committed(state, &done);
            }
            Step::Nothing | Step::Undone => {
                let undone = state.transactions.remove(index);
                if undone.is_awaited {
                    self.retry(state, undone.call);
                }
            }
        }
        Some(())
    }

    /// Whether a statement waits for another one that waits for it.
    fn is_deadlocked(&self, state: &State, index: usize) -> bool {
        let mut at = index;
        for _ in 0..state.transactions.len() {
            match self.server(state).step(at) {
                Step::Blocked(other) if other == index => return true,
                Step::Blocked(other) => at = other,
                _ => return false,
            }
        }
        false
    }

    fn lose(&self, state: &mut State, call: usize) {
        state.budget.losses -= 1;
        let mut blind = None;
        for transaction in &mut state.transactions {
            if transaction.call == call && transaction.is_awaited {
                transaction.is_awaited = false;
                if self.fault == Some(Fault::BlindRetry)
                    && let Statement::Create { facts, id, takes_email } = transaction.statement
                {
                    let facts = Facts { is_blind: true, ..facts };
                    blind = Some(Statement::Create { facts, id, takes_email });
                }
            }
        }
        state.calls[call].blind = blind;
        self.retry(state, call);
    }

    fn crash(&self, state: &mut State, process: usize) {
        state.budget.crashes -= 1;
        let bots = usize::from(self.projects);
        for cache in process * bots..(process + 1) * bots {
            state.caches[cache] = Cache::default();
        }
        for (call, what) in self.calls.iter().enumerate() {
            let is_here = matches!(what, Call::Visit { process: of, .. } if *of == process);
            if is_here && !state.calls[call].stage.is_over() && state.calls[call].stage != Stage::Future {
                state.calls[call].end();
                state.calls[call].stage = Stage::Gone;
                for transaction in state.transactions.iter_mut().filter(|one| one.call == call) {
                    transaction.is_awaited = false;
                }
            }
        }
    }

    /// Whether calls are left, and nothing can happen.
    fn is_stuck(&self, state: &State) -> bool {
        let mut events = Vec::new();
        state.calls.iter().any(|call| !call.stage.is_over()) && {
            Self::events(state, &mut events);
            events.into_iter().all(|event| self.after(state, event).is_none())
        }
    }

    fn events(state: &State, events: &mut Vec<Event>) {
        if state.breach.is_some() {
            return; // the first one is enough
        }
        for (call, progress) in state.calls.iter().enumerate() {
            events.extend(match progress.stage {
                Stage::Future => Some(Event::Begins(call)),
                Stage::Deciding(..) => Some(Event::Decides(call)),
                Stage::Replacing
                | Stage::Looking(_)
                | Stage::AskingForAddress(..)
                | Stage::AskingForOthers(..) => Some(Event::Asks(call)),
                Stage::Writing(..) | Stage::WritingAccount(..) | Stage::Changing(_)
                    if state.budget.losses > 0 =>
                {
                    Some(Event::IsLost(call))
                }
                _ => None,
            });
        }
        for (number, cache) in state.caches.iter().enumerate() {
            events.extend(cache.readings.iter().enumerate().map(|(reading, one)| match one.seen {
                None => Event::IsRead(number, reading),
                Some(_) => Event::Arrives(number, reading),
            }));
        }
        for one in &state.transactions {
            events.push(Event::Steps(one.call, one.attempt));
            if state.transactions.len() > 1 && !one.writes.is_empty() {
                events.push(Event::IsDeadlocked(one.call, one.attempt));
            }
            if !one.is_awaited {
                events.push(Event::IsDropped(one.call, one.attempt));
            }
        }
        if state.budget.crashes > 0 {
            events.extend([Event::Crashes(0), Event::Crashes(1)]);
        }
        if state.budget.outages > 0 && !state.transactions.is_empty() {
            events.push(Event::ServerStops);
        }
        if state.budget.seconds > 0 {
            events.push(Event::SecondPasses);
        }
    }

    fn after(&self, last: &State, event: Event) -> Option<State> {
        let mut state = last.clone();
        match event {
            Event::Begins(call) => self.begin(&mut state, call)?,
            Event::IsRead(cache, reading) => self.read(&mut state, cache, reading)?,
            Event::Arrives(cache, reading) => self.deliver(&mut state, cache, reading)?,
            Event::Decides(call) => self.decide(&mut state, call)?,
            Event::Asks(call) => self.ask(&mut state, call)?,
            Event::Steps(call, attempt) => {
                let index = Self::transaction(&state, call, attempt);
                self.step(&mut state, index)?;
            }
            Event::IsDeadlocked(call, attempt) => {
                let index = Self::transaction(&state, call, attempt);
                if !self.is_deadlocked(&state, index) {
                    return None;
                }
                let undone = state.transactions.remove(index);
                if undone.is_awaited {
                    self.retry(&mut state, call);
                }
            }
            Event::IsDropped(call, attempt) => {
                let index = Self::transaction(&state, call, attempt);
                state.transactions.remove(index);
            }
            Event::IsLost(call) => self.lose(&mut state, call),
            Event::Crashes(process) => self.crash(&mut state, process),
            Event::ServerStops => {
                state.budget.outages -= 1;
                self.outage(&mut state);
            }
            Event::SecondPasses => {
                state.budget.seconds -= 1;
                state.now += Duration::from_secs(1);
                state.history.was_absent = self.is_absent(&state);
            }
        }
        state.tidy();
        Some(state)
    }
}

/// A scenario, as the checker sees it.
struct Protocol(Scenario);

impl Model for Protocol {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        let scenario = &self.0;
        let kept = scenario.is_warm.then_some(((FIRST, Some(FIRST)), Duration::ZERO));
        let call = Progress { stage: Stage::Future, attempt: 0, seen: 0, is_forgotten: false, blind: None };
        let versions = (0..scenario.projects).map(|project| ((project, FIRST), Some(FIRST))).collect();
        let mut state = State {
            rows: Arc::new(scenario.rows.clone()),
            backup: None,
            transactions: Vec::new(),
            caches: vec![Cache { kept, readings: Vec::new() }; 2 * usize::from(scenario.projects)],
            calls: vec![call; scenario.calls.len()],
            budget: scenario.budget,
            now: Duration::from_millis(1),
            history: History { versions, ..History::default() },
            breach: None,
        };
        state.check();
        assert_eq!(state.breach, None, "the scenario begins with a breach");
        vec![state]
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        Scenario::events(state, events);
    }

    fn next_state(&self, state: &State, event: Event) -> Option<State> {
        self.0.after(state, event)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! kept {
            ($($promise:ident),+) => {
                vec![
                    $(Property::always(Promise::$promise.name(), |_, state: &State| {
                        state.breach != Some(Promise::$promise)
                    }),)+
                    Property::always(Promise::NoCallIsStuck.name(), |protocol: &Self, state: &State| {
                        state.breach.is_some() || !protocol.0.is_stuck(state)
                    }),
                    Property::sometimes(ALL_END, |_, state: &State| {
                        state.calls.iter().all(|call| matches!(call.stage, Stage::Over(_)))
                    }),
                ]
            };
        }
        kept!(NoDuplicates, NoLoss, NoStaleSecret, NoRevival, NoWronged, NoHalves, OneSecretPerVersion)
    }
}

/// That all calls are answered is possible.
const ALL_END: &str = "all calls are answered";

/// What was explored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explored {
    /// How many different states.
    pub states: usize,
    /// How many steps the longest way to one of them has.
    pub depth: usize,
    /// The promise that was broken, and the shortest way to that.
    pub broken: Option<(Promise, Vec<Event>)>,
}

/// Explores every order of events.
///
/// # Panics
/// If no order leads to the end of all calls: then nothing was explored.
#[must_use]
pub fn explore(scenario: Scenario) -> Explored {
    let checker =
        Protocol(scenario).checker().finish_when(stateright::HasDiscoveries::AnyFailures).spawn_bfs().join();
    let broken = Promise::ALL
        .into_iter()
        .find_map(|promise| checker.discovery(promise.name()).map(|path| (promise, path.into_actions())));
    let ended = checker.discovery(ALL_END).is_some();
    assert!(ended || broken.is_some(), "no order answers all calls");
    Explored { states: checker.unique_state_count(), depth: checker.max_depth(), broken }
}
