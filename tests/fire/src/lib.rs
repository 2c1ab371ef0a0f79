//! The crowd and the reckoning of every destructive test: client processes that visit, replay and erase by
//! the plan of a seed and note each call, and the checks of those journals against the rows.
//!
//! [`reckoning`] counts six breaches: duplicates, losses (acknowledged and gone), stale secrets accepted,
//! erased people identified, people wronged (refused, or given another's id), and halves (one row without its
//! other).
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::pedantic,
    reason = "tests have no public interface"
)]

pub mod check;
pub mod client;
pub mod crowd;
pub mod drill;
pub mod history;
pub mod journal;
pub mod people;
pub mod planted_faults;
pub mod process;
pub mod raw;
pub mod reckoning;
pub mod recorder;
pub mod rng;
pub mod snapshot;
pub mod table;
pub mod timed;
