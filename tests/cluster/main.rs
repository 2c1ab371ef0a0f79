//! A real cluster under fire: three etcd, three Patroni with PostgreSQL, HAProxy and PgBouncer, each in a
//! network namespace of its own. Faults come by seed while client processes visit, replay and erase; the
//! reckoning of `tests/fire` then compares every acknowledged call with the rows.
//!
//! The program starts itself again inside new namespaces (see `inside`), so that its end, however it comes,
//! is the end of every server, address and file of the cluster.
//!
//! `scripts/cluster` makes a long run. `args` lists its options.
#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "tests have no public interface")]

mod args;
mod cluster;
mod config;
mod faults;
mod figures;
mod inside;
mod node;
mod round;
mod run;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    fire::client::run_if_asked();
    match args::read(std::env::args().skip(1)) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(args)) if inside::is_inside() => run::run(&args),
        Ok(Some(args)) => {
            if args.short
                && let Err(error) = inside::leave_nothing()
            {
                eprintln!("cluster: FAILED: {error}");
                return ExitCode::FAILURE;
            }
            inside::enter()
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
