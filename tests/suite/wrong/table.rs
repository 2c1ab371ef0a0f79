//! What a wrong store is, and the macro that makes the list of them.

use boostgpt_sso::store::{BoxFuture, Store, conformance};

use super::faults::Fault;

/// A check of the conformance suite, by what it is run on.
#[derive(Clone, Copy)]
pub enum Check {
    Fixture(for<'s> fn(&'s dyn conformance::Fixture) -> BoxFuture<'s, ()>),
    Store(for<'s> fn(&'s dyn Store) -> BoxFuture<'s, ()>),
    Sealed(for<'s> fn(&'s conformance::Open<'static>) -> BoxFuture<'s, ()>),
    Threads(fn(&dyn conformance::Fixture, &conformance::Run<'_>)),
}

/// A wrong store.
pub struct Wrong {
    pub fault: Fault,
    pub name: &'static str,
    /// The sentence of the contract that it breaks.
    pub sentence: &'static str,
    /// The check that finds it.
    pub check: Check,
    pub check_name: &'static str,
}

/// Each wrong store with the check that finds it and the sentence that it breaks.
macro_rules! faults {
    (
        fixture { $($page:ident: $page_check:ident, $page_sentence:literal;)+ }
        store { $($board:ident: $board_check:ident, $board_sentence:literal;)+ }
        sealed { $($sealed:ident: $sealed_check:ident, $sealed_sentence:literal;)+ }
        threads { $($thread:ident: $thread_check:ident, $thread_sentence:literal;)+ }
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault {
            $($page,)+
            $($board,)+
            $($sealed,)+
            $($thread,)+
        }

        pub const WRONG: &[Wrong] = &[
            $(wrong!($page, $page_sentence, $page_check, Fixture),)+
            $(wrong!($board, $board_sentence, $board_check, Store),)+
            $(wrong!($sealed, $sealed_sentence, $sealed_check, Sealed),)+
            $(wrong!($thread, $thread_sentence, $thread_check, Threads),)+
        ];
    };
}

macro_rules! wrong {
    ($fault:ident, $sentence:literal, $check:ident, Threads) => {
        wrong!(@ $fault, $sentence, $check, Check::Threads(conformance::$check))
    };
    ($fault:ident, $sentence:literal, $check:ident, $kind:ident) => {
        wrong!(@ $fault, $sentence, $check, Check::$kind(|on| Box::pin(conformance::$check(on))))
    };
    (@ $fault:ident, $sentence:literal, $check_name:ident, $check:expr) => {
        Wrong {
            fault: Fault::$fault,
            name: stringify!($fault),
            sentence: $sentence,
            check: $check,
            check_name: stringify!($check_name),
        }
    };
}

pub(super) use {faults, wrong};
