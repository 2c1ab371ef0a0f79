//! The clock of the authenticator's own files, in place of the library's (`src/clock.rs`): it shows what the
//! explorer of poll orders says. Whenever it is read, a microsecond passes.

use std::{
    cell::RefCell,
    future::poll_fn,
    task::{Poll, Waker},
    time::Duration,
};

use boostgpt_sso::time::OffsetDateTime;

#[derive(Default)]
struct Clock {
    now: Duration,
    /// When pauses end, and who waits for that.
    pauses: Vec<(Duration, Waker)>,
    /// Pauses end at once: a fault.
    has_no_pauses: bool,
}

thread_local! {
    static CLOCK: RefCell<Clock> = RefCell::default();
}

/// Starts again at zero.
pub(crate) fn reset(has_no_pauses: bool) {
    CLOCK.with_borrow_mut(|clock| *clock = Clock { has_no_pauses, ..Clock::default() });
}

/// Returns the time, and lets some pass.
pub(crate) fn tick() -> Duration {
    CLOCK.with_borrow_mut(|clock| {
        clock.now += Duration::from_micros(1);
        clock.now
    })
}

/// Returns whether there is a pause to wait for.
pub(crate) fn is_paused() -> bool {
    CLOCK.with_borrow(|clock| !clock.pauses.is_empty())
}

/// Goes on to the end of the next pause.
pub(crate) fn advance() {
    let woken = CLOCK.with_borrow_mut(|clock| {
        let next = clock.pauses.iter().map(|(end, _)| *end).min();
        clock.now = clock.now.max(next.unwrap_or_default());
        let now = clock.now;
        let (woken, rest) = std::mem::take(&mut clock.pauses).into_iter().partition(|(end, _)| *end <= now);
        clock.pauses = rest;
        let woken: Vec<(Duration, Waker)> = woken;
        woken
    });
    for (_, waker) in woken {
        waker.wake();
    }
}

pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(tick())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        tick().saturating_sub(self.0)
    }
}

pub(crate) async fn pause(time: Duration) {
    let end = tick() + time;
    poll_fn(|context| {
        CLOCK.with_borrow_mut(|clock| {
            if clock.now >= end || clock.has_no_pauses {
                return Poll::Ready(());
            }
            clock.pauses.retain(|(_, waker)| !waker.will_wake(context.waker()));
            clock.pauses.push((end, context.waker().clone()));
            Poll::Pending
        })
    })
    .await;
}

pub(crate) fn now_utc() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
