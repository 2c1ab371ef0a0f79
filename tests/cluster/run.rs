//! Rounds, one after the other, until enough has happened.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

use crate::{args::Args, cluster::Cluster, figures::Figures, inside, round::Round};

pub fn run(args: &Args) -> ExitCode {
    inside::end_with_our_parent();
    let mut total = Figures::default();
    let mut next = 0;
    if let Some(file) = &args.keep {
        for figures in finished(file, &args.kind()) {
            next = figures.round + 1;
            total.add(&figures);
        }
        println!("cluster: {next} rounds are done: {}", total.line());
    }
    let started = Instant::now();
    let cluster = Cluster::start(args);
    println!("{}{}", inside::NETWORK, inside::network());
    let runtime = fire::process::runtime();
    println!("cluster: seed {}, {} clients", args.seed, args.clients);
    while next < args.rounds || total.promotions() < args.leaders || total.visits < args.visits {
        let (begun, by_clock) = (Instant::now(), SystemTime::now());
        let mut figures = Round { args, number: next, cluster: &cluster, runtime: &runtime }.run();
        // The journals go by the machine's clock.
        let drift = by_clock.elapsed().unwrap_or_default().abs_diff(begun.elapsed());
        if drift > Duration::from_millis(20) {
            figures.complaints.push(format!("the clock was set by {drift:?}: no order of calls is known"));
        }
        println!("cluster: round {next} in {:.0?}: {}", begun.elapsed(), figures.line());
        figures.complaints.iter().for_each(|complaint| println!("cluster: round {next}: {complaint}"));
        total.add(&figures);
        next += 1;
        // It is not kept: the same options make it again.
        if !figures.complaints.is_empty() {
            break;
        }
        if let Some(file) = &args.keep {
            keep(file, &args.kind(), &figures);
        }
    }
    total.print();
    println!("cluster: seed {}, {next} rounds, {:.0?}: {}", args.seed, started.elapsed(), total.line());
    judge(args, &total)
}

fn judge(args: &Args, total: &Figures) -> ExitCode {
    if args.asynchronous || args.etcd3 {
        let how = if args.asynchronous { "asynchronous replication" } else { "Patroni with two leaders" };
        if total.losses() == 0 {
            eprintln!("cluster: FAILED: {how} loses visits, and the reckoning noticed none");
            return ExitCode::FAILURE;
        }
        println!("cluster: as it must, the reckoning notices what {how} loses");
        return ExitCode::SUCCESS;
    }
    if total.promotions() == 0 && args.only.is_none() {
        eprintln!("cluster: FAILED: no leader was lost");
        return ExitCode::FAILURE;
    }
    if total.complaints.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("\ncluster: FAILED with seed {}: run it again with --seed {}", args.seed, args.seed);
    total.complaints.iter().for_each(|complaint| eprintln!("  {complaint}"));
    ExitCode::FAILURE
}

/// The rounds of earlier runs of the same kind.
fn finished(file: &Path, kind: &str) -> Vec<Figures> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(|line| serde_json::from_str(line).expect("a round of an earlier run")).collect()
}

fn keep(file: &Path, kind: &str, figures: &Figures) {
    let line = serde_json::to_string(figures).expect("numbers and texts");
    let opened = File::options().create(true).append(true).open(file);
    opened.and_then(|mut file| writeln!(file, "{kind} {line}")).expect("the file of finished rounds");
}
