//! What only PostgreSQL can show or suffer: its own counters, its time-outs, TLS, rights, and the portable
//! profile of the SQL. What every store must do is in `stores`, `machine` and `breaking`.

mod counters;
mod gone;
mod log;
mod opening;
mod portable;
mod tls;
