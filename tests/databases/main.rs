//! Both databases: conformance, histories, and what tries to break them.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::pedantic,
    reason = "tests have no public interface"
)]

#[path = "../suite/conforming.rs"]
mod conforming;
#[path = "../suite/support.rs"]
#[allow(dead_code, reason = "another test uses more of it")]
mod support;

mod accounts;
mod breaking;
mod conformance;
mod database;
mod existing;
mod machine;
mod missing_ids;
mod postgres;
