//! Calls that meet: one is stopped after each of its first steps, another one is made, and the first goes on.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures_timer::Delay;

use super::super::model::Subscriber;
use super::concurrency::until_available;
use super::fixture::{Agent, Fixture, NOW, at};
use crate::{id::SubscriberId, secret::SsoSecret};

/// After how many of its steps the first call is stopped at most: more than a call of a store has.
const MAX_STEPS: usize = 8;
/// How long the second call has for itself. Then the first one goes on, which may hold what the second one
/// waits for.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often is looked before the last look counts: a write that a database had begun is over by then.
pub(super) const REPEATED_READS: usize = 4;

/// Where the first of two calls is stopped: after its first step, then after its second one, and so on until
/// it has no more.
pub(super) struct Schedule {
    steps: usize,
    /// A call was not over when it was stopped.
    was_stopped: bool,
}

impl Schedule {
    pub(super) const fn new() -> Self {
        Self { steps: 0, was_stopped: true }
    }

    /// Returns whether there is another step to stop at.
    pub(super) fn goes_on(&mut self) -> bool {
        self.steps += 1;
        std::mem::take(&mut self.was_stopped) && self.steps <= MAX_STEPS
    }

    /// Stops `first` after its step until `second` is done, or waits for `first`.
    pub(super) async fn meet<A, B>(
        &mut self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        let (mut first, mut second) = (pin!(first), pin!(second));
        let (mut one, mut other) = (None, None);
        let (mut steps, mut patience) = (self.steps, None);
        let both = poll_fn(|context| {
            if one.is_none() && steps > 0 {
                steps -= 1;
                poll(&mut first, &mut one, context);
                if one.is_none() && steps > 0 {
                    return Poll::Pending; // until the next step
                }
                self.was_stopped |= one.is_none();
            }
            poll(&mut second, &mut other, context);
            let goes_on = other.is_some() || {
                let patience = patience.get_or_insert_with(|| Delay::new(PATIENCE));
                Pin::new(patience).poll(context).is_ready()
            };
            if goes_on {
                poll(&mut first, &mut one, context);
            }
            if one.is_some() && other.is_some() {
                return Poll::Ready(one.take().zip(other.take()));
            }
            Poll::Pending
        });
        both.await.expect("both have answered")
    }
}

/// Polls a future that has not answered.
fn poll<F: Future>(future: &mut Pin<&mut F>, answer: &mut Option<F::Output>, context: &mut Context<'_>) {
    if answer.is_none()
        && let Poll::Ready(ready) = future.as_mut().poll(context)
    {
        *answer = Some(ready);
    }
}

/// Returns all subscribers of the agent's project, in order.
pub(super) async fn all_subscribers(agent: &Agent<'_, dyn Fixture + '_>) -> Vec<Subscriber> {
    let mut subscribers = Vec::new();
    for id in agent.all().await {
        subscribers.push(agent.read(id).await);
    }
    subscribers
}

/// Returns the same, when what a database had begun is over.
pub(super) async fn all_subscribers_in_the_end(agent: &Agent<'_, dyn Fixture + '_>) -> Vec<Subscriber> {
    for _ in 1..REPEATED_READS {
        all_subscribers(agent).await;
    }
    all_subscribers(agent).await
}

/// Regenerates or removes the secret, and returns the new one, if there is one.
pub(super) async fn change_secret(agent: &Agent<'_, dyn Fixture + '_>, removes: bool) -> Option<SsoSecret> {
    let outcome = if removes {
        until_available("remove_secret", || agent.store.remove_secret(agent.bot)).await.map(|()| None)
    } else {
        until_available("regenerate_secret", || agent.store.regenerate_secret(agent.bot)).await.map(Some)
    };
    outcome.expect("a secret can be changed beside another call")
}

/// Forgets a subscriber as of [`NOW`], and returns whether there was one.
pub(super) async fn forget_one(agent: &Agent<'_, dyn Fixture + '_>, id: SubscriberId) -> bool {
    let forgotten = until_available("forget", || agent.store.forget(agent.project, id, at(NOW))).await;
    forgotten.expect("forget works beside another call")
}
