//! What only PostgreSQL can show or suffer: its own counters, its time-outs, TLS, rights, migrations, strange
//! servers, and the portable profile of the SQL. What every store must do is in `stores`, `machine` and
//! `breaking`.

mod balanced;
mod between;
mod contents;
mod counters;
mod distributed;
mod erasure;
mod gone;
mod late;
mod log;
mod migrating;
mod opening;
mod portable;
mod rotation;
mod standby;
mod strange;
mod stranger;
mod tls;
