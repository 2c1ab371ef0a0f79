//! The embedded store: SQLite, in a file that several processes may share, or in memory.
//!
//! WAL, so that readers never wait for the writer; `synchronous=FULL`, so that what was acknowledged survives
//! a loss of power; one writer with group commit. The unique keys of the tables are the guarantees; every
//! write is decided again inside `BEGIN IMMEDIATE`, where no other connection can write.

mod activity;
mod connection;
mod contract;
mod direct;
mod error;
mod forget;
mod projects;
mod provision;
mod schema;
mod secrets;
mod statements;
mod store;
mod subscribers;
#[cfg(test)]
mod tests;
mod worker;

pub(super) use self::error::Misconfigured;
pub use self::store::SqliteStore;
