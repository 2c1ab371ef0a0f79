//! The behaviour of the crate, by subject, through its public API alone.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

mod absences;
mod advisories;
mod allocations;
mod errors;
mod foreign;
mod identity;
mod package;
mod properties;
mod rules;
mod secret;
mod signing;
mod structure;
mod verdicts;
