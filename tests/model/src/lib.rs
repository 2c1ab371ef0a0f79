//! The protocol as a model, and the real cache under every poll order.
//!
//! In the model the processes, their caches, the server and its rows are values, and `stateright` tries every
//! order of what may happen to them. The decisions are the library's own: who is who
//! ([`linking`](boostgpt_sso::store::linking)), and those of a visit and of the cache, whose file
//! `src/authenticator/decisions.rs` is compiled into this package too. What is written down a second time is
//! SQL: what the statements of `src/store/postgres/` do to which rows, in which order.

#![allow(clippy::duplicate_mod, reason = "the model and the real cache each have the decisions' file")]
#![allow(clippy::result_large_err, reason = "of a step: it is small beside a state, and a copy is cheap")]

mod clock;
mod dashboard;
mod fault;
mod model;
pub mod orders;
mod promises;
mod scenario;
pub mod scenarios;
mod sql;
mod state;
mod table;
mod visits;

#[allow(dead_code, reason = "reads of the model do not fail")]
#[path = "../../../src/authenticator/decisions.rs"]
mod decisions;

/// The real thing: its files are compiled here with the clock of this package, for `orders`.
#[path = "../../../src/authenticator/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a part of the library's interface there")]
mod authenticator;

/// What the authenticator's files know of the rest of the library.
#[path = "../../../src/coded.rs"]
mod coded;
mod error {
    pub(crate) use boostgpt_sso::VerifyError;
}
mod id {
    pub(crate) use boostgpt_sso::BotId;
}
mod store {
    use boostgpt_sso::BotId;
    pub(crate) use boostgpt_sso::store::{
        BotState, BotVerifier, BoxFuture, ProvisionRequest, Provisioned, StoreError, VerifiedVisitor,
    };

    /// The library's, which outside of it has a wildcard that these files do not need.
    #[derive(Debug)]
    #[allow(dead_code, reason = "the store of this package is asked for no more")]
    pub(crate) enum ProvisionError {
        SecretChanged,
        Forgotten,
        WouldCreate,
        Store(StoreError),
    }

    /// The library's, with that error.
    pub(crate) trait SubscriberStore: Send + Sync {
        fn current_secret(&self, bot: BotId) -> BoxFuture<'_, Result<BotState, StoreError>>;

        fn provision(&self, request: ProvisionRequest) -> BoxFuture<'_, Result<Provisioned, ProvisionError>>;
    }
}
mod jwt {
    use boostgpt_sso::VerifyError;

    /// Every token here has the right form.
    #[allow(clippy::unnecessary_wraps, reason = "as in the library")]
    pub(crate) fn check_form(_: &[u8]) -> Result<(), VerifyError> {
        Ok(())
    }
}

pub use crate::{
    fault::{Fault, Promise},
    model::{Event, Explored, explore},
    scenario::{Budget, Call, Scenario, Token},
};
