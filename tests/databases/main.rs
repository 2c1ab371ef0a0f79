//! Both databases: conformance, histories, and what tries to break them.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, clippy::pedantic)]

#[path = "../suite/conforming.rs"]
mod conforming;
#[path = "../suite/support.rs"]
#[allow(dead_code)]
mod support;

mod breaking;
mod conformance;
mod database;
mod existing;
mod machine;
mod missing_ids;
mod postgres;
