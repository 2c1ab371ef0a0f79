//! The behaviour of the crate, by subject, through its public API alone.
#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "tests have no public interface")]

mod support;

mod absences;
mod advisories;
mod allocations;
mod assertions;
#[cfg(feature = "store")]
mod authenticator;
mod codes;
#[cfg(feature = "conformance")]
mod conforming;
#[cfg(all(feature = "conformance", feature = "sqlite"))]
mod custom_store;
#[cfg(feature = "diagnose")]
mod diagnose;
#[cfg(feature = "sqlite")]
mod erasure;
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
#[cfg(feature = "store")]
mod new_subscribers;
#[cfg(feature = "sqlite")]
mod opening;
mod package;
#[cfg(feature = "store")]
mod probe;
mod properties;
#[cfg(feature = "sqlite")]
mod readme;
mod rules;
#[cfg(feature = "store")]
mod sealing;
mod secret;
mod signing;
#[cfg(feature = "conformance")]
mod stores;
mod structure;
#[cfg(feature = "sqlite")]
mod upkeep;
mod verdicts;
#[cfg(feature = "conformance")]
mod wrong;
