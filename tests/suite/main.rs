//! The behaviour of the crate, by subject, through its public API alone.
#![allow(missing_docs, unreachable_pub, clippy::pedantic)]

mod support;

mod absences;
mod advisories;
mod allocations;
#[cfg(feature = "store")]
mod authenticator;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod breaking;
#[cfg(feature = "cli")]
mod cli;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod database;
#[cfg(feature = "diagnose")]
mod diagnose;
mod errors;
#[cfg(feature = "tracing")]
mod events;
mod foreign;
mod identity;
mod ids;
#[cfg(feature = "store")]
mod linking;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod machine;
#[cfg(feature = "sqlite")]
mod opening;
mod package;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod postgres;
#[cfg(feature = "store")]
mod probe;
mod properties;
#[cfg(all(feature = "sqlite", feature = "postgres", feature = "axum"))]
mod readme;
mod rules;
mod secret;
mod signing;
#[cfg(feature = "store")]
mod stores;
mod structure;
mod verdicts;
mod web;
