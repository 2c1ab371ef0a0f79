//! Seeded destruction of both databases: clients, servers and connections are killed, cut, frozen and
//! promoted under load; every call is recorded, and at the end nothing may be doubled, lost, half done, or
//! opened by an old secret.
//!
//! The seed determines all that this program decides: who comes when with what, which fault hits when or at
//! which byte. The timing of the operating system remains its own, so that a run with the same seed is alike,
//! not the same.
//!
//! `cargo test` makes a short run. `scripts/fire` makes a long one. See `args` for what can be said.
#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "tests have no public interface")]

mod args;
mod cold;
mod faults;
mod office;
mod operations;
mod phases;
mod sweep;

use std::{
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

use servers::Postgres;

use crate::{
    args::Args,
    phases::{On, PHASES},
};
use fire::{
    client, process,
    table::{self, Row},
};

fn main() -> ExitCode {
    client::run_if_asked();
    let args = match args::read(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    println!("fire: seed {}, {} clients", args.seed, args.clients);
    let (rows, rounds) = run(&args);
    println!();
    let total = table::print(&rows);
    println!("fire: seed {}, rounds {rounds}", args.seed);
    if total.complaints.is_empty() && total.calls > 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("\nfire: FAILED with seed {}: run it again with --seed {}", args.seed, args.seed);
    if total.calls == 0 {
        eprintln!("  nothing was done");
    }
    total.complaints.iter().for_each(|complaint| eprintln!("  {complaint}"));
    ExitCode::FAILURE
}

/// All phases, round after round; one row for each phase.
fn run(args: &Args) -> (Vec<Row>, u64) {
    let runtime = process::runtime();
    let (started, by_clock) = (Instant::now(), SystemTime::now());
    let phases: Vec<_> = PHASES.iter().filter(|phase| phase.is_in(args)).collect();
    let mut rows: Vec<Row> = phases.iter().map(|phase| Row::of(phase.name)).collect();
    let mut round = 0;
    let is_done = |rows: &[Row], round| {
        let is_time = round >= args.rounds && started.elapsed() >= Duration::from_secs(args.seconds);
        is_time || rows.iter().any(|row| !row.complaints.is_empty())
    };
    loop {
        // One for all phases that need no other.
        let server = phases
            .iter()
            .any(|phase| matches!(phase.on, On::Server | On::Sweep))
            .then(|| Postgres::start(&[]));
        for (phase, row) in phases.iter().zip(&mut rows) {
            let begun = Instant::now();
            let server = || server.as_ref().expect("a server");
            let mut new = match phase.on {
                On::File => phase.on_file(args, round, &runtime),
                On::Server => phase.on_server(args, round, &runtime, server()),
                On::Pair => phase.on_pair(args, round, &runtime),
                On::Standby => phase.on_standby(args, round, &runtime),
                On::Sweep => sweep::run(args, round, &runtime, server()),
            };
            // The journals go by the machine's clock.
            let drift = by_clock.elapsed().unwrap_or_default().abs_diff(started.elapsed());
            if drift > Duration::from_millis(20) {
                new.complaints.push(format!("the clock was set by {drift:?}: no order of calls is known"));
            }
            let took = begun.elapsed().as_secs_f64();
            println!("fire: round {round}: {}: {} calls in {took:.1}s", phase.name, new.calls);
            for complaint in &new.complaints {
                println!("fire: round {round}: {}: {complaint}", phase.name);
            }
            new.phase = format!("round {round}");
            row.add(&new);
        }
        round += 1;
        if is_done(&rows, round) {
            return (rows, round);
        }
    }
}
