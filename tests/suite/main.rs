//! The behaviour of the crate, by subject, through its public API alone.
#![allow(missing_docs, unreachable_pub, clippy::pedantic)]

mod support;

mod absences;
mod advisories;
mod allocations;
#[cfg(feature = "store")]
mod authenticator;
#[cfg(feature = "sqlite")]
mod breaking;
mod errors;
#[cfg(feature = "tracing")]
mod events;
mod foreign;
mod identity;
mod ids;
#[cfg(feature = "store")]
mod linking;
#[cfg(feature = "sqlite")]
mod machine;
#[cfg(feature = "sqlite")]
mod opening;
mod package;
#[cfg(feature = "store")]
mod probe;
mod properties;
#[cfg(feature = "sqlite")]
mod readme;
mod rules;
mod secret;
mod signing;
#[cfg(feature = "store")]
mod stores;
mod structure;
mod verdicts;
