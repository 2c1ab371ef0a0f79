//! The state of a model.

use std::{sync::Arc, time::Duration};

use crate::{
    decisions::{Need, Visit},
    fault::Promise,
    scenario::Budget,
    sql::{Facts, Statement, Transaction},
    table::{Subscriber, Table},
};

/// All there is at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct State {
    /// What is committed.
    pub(crate) rows: Arc<Table>,
    /// The backup, with what was promised when it was made.
    pub(crate) backup: Option<(Arc<Table>, History)>,
    /// What is under way at the server.
    pub(crate) transactions: Vec<Transaction>,
    /// What the processes have in their caches, process by process and then project by project.
    pub(crate) caches: Vec<Cache>,
    /// The calls, as in the scenario.
    pub(crate) calls: Vec<Progress>,
    /// What may still break.
    pub(crate) budget: Budget,
    /// The time of the processes.
    pub(crate) now: Duration,
    /// What was promised.
    pub(crate) history: History,
    /// The first promise that was broken.
    pub(crate) breach: Option<Promise>,
}

/// What a store says of a bot: the version, and the secret if there is one.
pub(crate) type Seen = (u8, Option<u8>);

/// One process's place for one bot.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Cache {
    /// What is kept, and when the read began that found it.
    pub(crate) kept: Option<(Seen, Duration)>,
    /// The reads that are waited for: there is one at most.
    pub(crate) readings: Vec<Reading>,
}

/// A read of the bot's secret.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Reading {
    /// When it begins.
    pub(crate) begun: Duration,
    /// What the server has answered.
    pub(crate) seen: Option<Seen>,
}

/// How far a call is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Progress {
    /// What it does.
    pub(crate) stage: Stage,
    /// How many attempts were made.
    pub(crate) attempt: u8,
    /// The secrets that were current since it began, as bits; the last one means none.
    pub(crate) seen: u32,
    /// Whether its token must be refused, since an erasure was acknowledged before it began.
    pub(crate) is_forgotten: bool,
    /// What its last write was decided on ([`Fault::BlindRetry`](crate::fault::Fault::BlindRetry)).
    pub(crate) blind: Option<Statement>,
}

/// What a call does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Stage {
    /// It has not begun.
    Future,
    /// A visit waits for the read that began then.
    Finding(Visit, Need, Duration),
    /// A visit is verified with this secret, and is about to read what a decision needs.
    Deciding(Visit, Seen),
    /// Its statement is under way.
    Writing(Visit, Seen),
    /// A visit whose account alone is being created.
    WritingAccount(Visit, Seen, Facts),
    /// A regeneration is about to read the version.
    Replacing,
    /// An erasure is about to read the subscriber.
    Looking(u8),
    /// It has read them, and is about to look for others who have the address.
    AskingForAddress(u8, Subscriber, (u8, u8)),
    /// It is about to look for others who have the account. The last is what takes the place of the account's
    /// hash, if its address goes.
    AskingForOthers(u8, Subscriber, (u8, u8), Option<u8>),
    /// A dashboard's statement is under way: of the subscriber, if it erases one.
    Changing(u8),
    /// It has ended: with a secret, if it made one.
    Over(Option<u8>),
    /// Its process is gone.
    Gone,
}

impl Stage {
    /// Returns whether there is nothing more to do.
    #[must_use]
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self, Self::Over(_) | Self::Gone)
    }
}

/// What the promises are about: kept beside the system, which does not know it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct History {
    /// The names that were erased in a project, and the last time.
    pub(crate) erased: Vec<((u8, u8), i64)>,
    /// The subscribers in a project that a session was given for, with the external id of its token.
    pub(crate) answered: Vec<((u8, u8), Option<u8>)>,
    /// The e-mail key that the newest token of an external id has set.
    pub(crate) settled: Vec<((u8, u8), u8)>,
    /// The versions that bots had, with their secrets.
    pub(crate) versions: Vec<((u8, u8), Option<u8>)>,
    /// Whether a bot had no secret within the last second.
    pub(crate) was_absent: bool,
}

impl State {
    /// Writes the times as small as their order allows, so that states that differ in nothing else are one.
    pub(crate) fn tidy(&mut self) {
        let now = self.now;
        let mut times: Vec<Duration> = vec![now];
        self.each_time(|time| times.push(*time));
        times.sort_unstable();
        times.dedup();
        let (mut last, mut at) = (times[0], Duration::ZERO);
        let mut small = Vec::with_capacity(times.len());
        for time in times {
            at += match time.saturating_sub(last).as_millis() {
                0 => Duration::ZERO,
                1..50 => Duration::from_millis(1),
                50..1000 => Duration::from_millis(100),
                _ => Duration::from_secs(1),
            };
            last = time;
            small.push((time, at));
        }
        let of = |time: Duration| small[small.partition_point(|(old, _)| *old < time)].1;
        self.now = of(now);
        self.each_time(|time| *time = of(*time));
        self.transactions.sort_by_key(|one| (one.call, one.attempt));
    }

    fn each_time(&mut self, mut with: impl FnMut(&mut Duration)) {
        for cache in &mut self.caches {
            if let Some((_, begun)) = &mut cache.kept {
                with(begun);
            }
            cache.readings.iter_mut().for_each(|reading| with(&mut reading.begun));
        }
        for call in &mut self.calls {
            match &mut call.stage {
                Stage::Finding(visit, need, reading) => {
                    with(&mut visit.begun);
                    with(&mut need.since);
                    with(reading);
                }
                Stage::Deciding(visit, _) | Stage::Writing(visit, _) | Stage::WritingAccount(visit, ..) => {
                    with(&mut visit.begun);
                }
                _ => {}
            }
        }
    }
}
