//! The real authenticator and its real cache under every order in which an executor may poll the visits, the
//! store may answer, the secret may change, visits may be dropped and pauses may end.
//!
//! A run is a list of choices. The explorer runs all lists, one after the other, each from the beginning, and
//! leaves out those that differ from one before by the order of two events that do not know of each other
//! (sleep sets).

mod double;
mod run;

use std::collections::BTreeMap;

pub(crate) use self::double::Call;
use self::run::Run;

/// What is done wrong, around the authenticator or in its store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The store provisions under every version.
    HasNoFence,
    /// The store answers reads as a standby that lags.
    ReadsAreOld,
    /// The store's futures do not wake who waits for them.
    NeverWakes,
    /// Every visit has an authenticator of its own.
    NothingIsShared,
    /// Pauses end at once.
    NoPauses,
}

/// What a visit presents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presented {
    /// A token of the bot's secret with this number.
    SignedWith(usize),
    /// A token of a secret that the bot never has.
    Forged,
}

/// What happens in a run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What the visits present.
    pub visits: Vec<Presented>,
    /// How often the secret is replaced.
    pub regenerations: usize,
    /// How many visits may be dropped, at any moment.
    pub drops: usize,
    /// How many reads may fail.
    pub failures: usize,
    /// The bot's verifier is in the cache already.
    pub is_warm: bool,
    /// What is done wrong.
    pub wrong: Option<Wrong>,
}

/// What the authenticator promises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Breach {
    /// A token was accepted that was not current at any moment of the visit.
    StaleAccepted,
    /// A token was refused that was good all the time, or by a read from before the visit.
    GoodRefused,
    /// A failing store was taken for an answer.
    FailureHidden,
    /// Two reads were under way at once.
    TwoReads,
    /// More than 10 reads a second because of bad signatures.
    TooManyReads,
    /// A visit waits for ever.
    Stuck,
}

/// One event of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The executor polls a visit for the first time.
    Starts(usize),
    /// It polls a visit that was woken.
    IsPolled(usize),
    /// The visit's future is dropped.
    IsDropped(usize),
    /// The store answers a read.
    ReadIsAnswered(usize),
    /// A read fails.
    ReadFails(usize),
    /// The store answers the visit's provisioning.
    IsProvisioned(usize),
    /// The secret is replaced.
    Regenerates,
    /// The next pause ends.
    PauseEnds,
}

impl Event {
    /// Whether the order of the two makes no difference.
    fn is_independent_of(self, other: Self) -> bool {
        use Event as E;
        let polls = |event| matches!(event, E::Starts(_) | E::IsPolled(_) | E::IsDropped(_) | E::PauseEnds);
        let reads = |event| matches!(event, E::ReadIsAnswered(_) | E::ReadFails(_));
        match (self, other) {
            (one, E::IsProvisioned(visit)) | (E::IsProvisioned(visit), one) if polls(one) => {
                !matches!(one, E::Starts(of) | E::IsPolled(of) | E::IsDropped(of) if of == visit)
            }
            (E::Regenerates, one) | (one, E::Regenerates) if polls(one) => {
                matches!(one, E::PauseEnds)
            }
            (one, other) if reads(one) || reads(other) => {
                let is_provisioned = |event| matches!(event, E::IsProvisioned(_));
                is_provisioned(one) || is_provisioned(other)
            }
            (E::IsProvisioned(one), E::IsProvisioned(other)) => one != other,
            _ => false,
        }
    }
}

/// What was explored.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// How many runs, none like another.
    pub runs: usize,
    /// The events of the longest one.
    pub longest: usize,
    /// The promises that were broken, each with the first run that did it.
    pub broken: BTreeMap<Breach, Vec<Event>>,
    /// Whether these are all runs.
    pub is_complete: bool,
}

struct Choice {
    /// What may happen here, and is not known to be the same as something else.
    open: Vec<Event>,
    /// Which of them is tried.
    at: usize,
    /// What need not be tried here.
    asleep: Vec<Event>,
}

/// Explores all orders, or the first `limit` of them, or those up to the first that breaks a promise.
#[must_use]
pub fn explore(plan: &Plan, limit: usize) -> Explored {
    let mut explored = Explored::default();
    let mut choices: Vec<Choice> = Vec::new();
    let scene = run::Scene::new(plan);
    loop {
        let mut run = Run::new(plan, &scene);
        let mut events = Vec::new();
        let mut is_redundant = false;
        for depth in 0.. {
            if depth == choices.len() {
                let asleep = match choices.last() {
                    None => Vec::new(),
                    Some(last) => {
                        let taken = last.open[last.at];
                        let before = last.asleep.iter().chain(&last.open[..last.at]);
                        before.copied().filter(|event| event.is_independent_of(taken)).collect()
                    }
                };
                let possible = run.possible();
                let is_awake = |event: &Event| !asleep.contains(event);
                let open: Vec<_> = possible.iter().copied().filter(is_awake).collect();
                if open.is_empty() {
                    is_redundant = !possible.is_empty();
                    break;
                }
                choices.push(Choice { open, at: 0, asleep });
            }
            let event = choices[depth].open[choices[depth].at];
            events.push(event);
            run.happens(event);
        }
        if !is_redundant {
            run.end();
            explored.runs += 1;
            explored.longest = explored.longest.max(events.len());
        }
        for breach in run.breaches() {
            explored.broken.entry(breach).or_insert_with(|| events.clone());
        }
        while let Some(last) = choices.last_mut() {
            last.at += 1;
            if last.at < last.open.len() {
                break;
            }
            choices.pop();
        }
        explored.is_complete = choices.is_empty();
        if explored.is_complete || explored.runs >= limit || !explored.broken.is_empty() {
            return explored;
        }
    }
}
