//! The behaviour of the crate, by subject, through its public API alone.
#![allow(missing_docs, unreachable_pub, clippy::pedantic)]

mod support;

mod absences;
mod advisories;
mod allocations;
#[cfg(feature = "store")]
mod authenticator;
#[cfg(feature = "conformance")]
mod conforming;
#[cfg(feature = "diagnose")]
mod diagnose;
mod errors;
#[cfg(feature = "tracing")]
mod events;
mod field;
mod foreign;
mod hidden;
mod identity;
mod ids;
mod imports;
#[cfg(feature = "store")]
mod linking;
#[cfg(feature = "sqlite")]
mod opening;
mod package;
#[cfg(feature = "store")]
mod probe;
mod properties;
mod rules;
mod secret;
mod signing;
#[cfg(feature = "conformance")]
mod stores;
mod structure;
mod verdicts;
