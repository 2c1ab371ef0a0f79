//! The store that several machines share: PostgreSQL 12 or later.
//!
//! Every write is one statement that checks all that its decision was made on, and changes a row, or takes a
//! key, that a call that decides otherwise at the same moment changes or takes too. So it is right at every
//! isolation level: of two at once, one ends, and the other finds nothing to change, is refused by the server
//! (`40001`), or meets a key that is taken; it then reads again.

mod activity;
mod calls;
mod connection;
mod contract;
mod dial;
mod error;
mod forget;
mod options;
mod projects;
mod provision;
mod rehash;
mod runtime;
mod schema;
mod secrets;
mod store;
mod subscribers;
mod trust;
mod url;
mod value;

pub use self::{options::PostgresOptions, store::PostgresStore};
