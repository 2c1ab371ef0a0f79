//! A store whose every call waits until the explorer answers it.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

use boostgpt_sso::{
    AccountId, BotId, SubscriberId,
    store::{BotSecret, BotState, BoxFuture, Cause, ProvisionRequest, Provisioned, StoreError},
};

use super::Wrong;
use crate::{
    clock,
    store::{ProvisionError, SubscriberStore},
};

/// What the store was asked, and has answered or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    /// For the secret; the number of the read.
    Read(usize),
    /// To provision; the number of the visit that asks.
    Provision(usize),
}

type Answer = Result<Option<BotSecret>, ()>;

pub(crate) struct Asked {
    pub(crate) call: Call,
    answer: Option<Answer>,
    version: Option<[u8; 16]>,
    waker: Option<Waker>,
    /// Whether its future is there still.
    is_waited_for: bool,
}

/// The store's contents, and the calls.
#[derive(Default)]
pub(crate) struct Contents {
    /// The secrets that the bot has had, the last one being current.
    pub(crate) secrets: Vec<BotSecret>,
    pub(crate) asked: Vec<Asked>,
    /// When reads were asked for.
    pub(crate) reads: Vec<Duration>,
    /// Which visit is being polled.
    pub(crate) polled: usize,
    pub(crate) wrong: Option<Wrong>,
}

#[derive(Clone, Default)]
pub(crate) struct Double(pub(crate) Arc<Mutex<Contents>>);

impl Double {
    pub(crate) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the explorer's answer.
    fn ask(&self, call: Call, version: Option<[u8; 16]>) -> impl Future<Output = Answer> + Send + 'static {
        let this = self.clone();
        let place = {
            let mut contents = this.contents();
            contents.asked.push(Asked { call, answer: None, version, waker: None, is_waited_for: true });
            contents.asked.len() - 1
        };
        let waiting = Waiting(this.clone(), place);
        async move {
            let _waiting = waiting;
            poll_fn(|context| {
                let mut contents = this.contents();
                let asked = &mut contents.asked[place];
                asked.answer.take().map_or_else(
                    || {
                        asked.waker = Some(context.waker().clone());
                        Poll::Pending
                    },
                    Poll::Ready,
                )
            })
            .await
        }
    }

    /// Returns the calls that are waited for and not answered.
    pub(crate) fn open(&self) -> Vec<Call> {
        let contents = self.contents();
        let is_open = |asked: &&Asked| asked.is_waited_for && asked.waker.is_some() && asked.answer.is_none();
        contents.asked.iter().filter(is_open).map(|asked| asked.call).collect()
    }

    /// Answers a call from what is current now, or with a failure.
    pub(crate) fn answer(&self, call: Call, fails: bool) {
        let waker = {
            let mut contents = self.contents();
            let current = match (call, contents.wrong) {
                // A standby that lags.
                (Call::Read(_), Some(Wrong::ReadsAreOld)) => contents.secrets.first().cloned(),
                _ => contents.secrets.last().cloned(),
            };
            let has_no_fence = contents.wrong == Some(Wrong::HasNoFence);
            let never_wakes = contents.wrong == Some(Wrong::NeverWakes);
            let asked = contents.asked.iter_mut().find(|asked| {
                asked.call == call && asked.is_waited_for && asked.answer.is_none() && asked.waker.is_some()
            });
            let asked = asked.expect("the call is open");
            let is_fenced = current.as_ref().map(|secret| *secret.version.as_bytes()) != asked.version;
            asked.answer = Some(match call {
                _ if fails => Err(()),
                Call::Read(_) => Ok(current),
                Call::Provision(_) => Ok(current.filter(|_| !is_fenced || has_no_fence)),
            });
            asked.waker.take().filter(|_| !never_wakes)
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Notes that a call's future was dropped, or has its answer.
struct Waiting(Double, usize);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.contents().asked[self.1].is_waited_for = false;
    }
}

fn failure() -> StoreError {
    StoreError::Unavailable(Cause::new(std::io::Error::other("planted")))
}

impl SubscriberStore for Double {
    fn current_secret(&self, _: BotId) -> BoxFuture<'_, Result<BotState, StoreError>> {
        let number = {
            let mut contents = self.contents();
            contents.reads.push(clock::tick());
            contents.reads.len() - 1
        };
        let answer = self.ask(Call::Read(number), None);
        Box::pin(async move {
            match answer.await {
                Ok(Some(secret)) => Ok(BotState::Current(secret)),
                Ok(None) => Ok(BotState::WithoutSecret),
                Err(()) => Err(failure()),
            }
        })
    }

    fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>> {
        let version = Some(*request.visitor().secret_version().as_bytes());
        let visit = self.contents().polled;
        let answer = self.ask(Call::Provision(visit), version);
        Box::pin(async move {
            match answer.await {
                Ok(Some(_)) => {
                    Ok(Provisioned::found(AccountId::from_bytes([1; 16]), SubscriberId::from_bytes([2; 16])))
                }
                Ok(None) => Err(ProvisionError::SecretChanged),
                Err(()) => Err(ProvisionError::Store(failure())),
            }
        })
    }
}
