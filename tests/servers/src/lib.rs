//! Real servers for tests: [`Postgres`], [`PgBouncer`] or [`Pgpool`] in front of one, and a TCP [`Proxy`]
//! that breaks connections.
//!
//! Each server has a folder, a loopback port and a log of its own. It ends when its value is dropped, and
//! also when the process that started it ends, however that happens; the folder goes with it. So a test
//! binary may keep a server in a `static`, which is never dropped.
//!
//! Everything is bounded in time. What cannot go on panics, with the tail of the server's log.
//!
//! Needed: Debian's `postgresql`, `pgbouncer`, `openssl` and `procps`; `pgpool2` for [`Pgpool`]. Root starts
//! the servers as the user `postgres`. The environment variable `POSTGRES_PROGRAMS` names the `bin` folder of
//! another PostgreSQL.

#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "this is test support: what cannot go on panics, and every item says what it needs"
)]

mod guard;
mod pgbouncer;
mod pgpool;
mod postgres;
mod proxy;
mod run;
mod standby;
mod tls;

pub use pgbouncer::PgBouncer;
pub use pgpool::Pgpool;
pub use postgres::Postgres;
pub use proxy::{Direction, Proxy};
pub use tls::Certificates;
