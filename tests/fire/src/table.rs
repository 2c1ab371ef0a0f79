//! What happened, one row for each phase, and whether that is all right.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    check::{Breach, Findings},
    history::{History, Tried},
    journal::{Call, Outcome},
};

#[derive(Debug, Default, Clone)]
pub struct Row {
    pub phase: String,
    pub calls: u64,
    pub ok: u64,
    pub refused: u64,
    pub failed: u64,
    /// What some of those that failed for good say.
    pub failures: BTreeSet<String>,
    pub unknown: u64,
    pub kills: u64,
    /// Of the server: hard stops, and crashes of a back end.
    pub restarts: u64,
    /// Connections that were cut, by the proxy or by the server.
    pub cuts: u64,
    /// How often the server or the network fell silent.
    pub silences: u64,
    pub promotions: u64,
    /// What operators did: restarts of all clients with other keys, restores, and addresses that led to a
    /// standby.
    pub operations: u64,
    pub reports: u64,
    pub regenerations: u64,
    pub erasures: u64,
    pub tried: Tried,
    pub duplicates: u64,
    pub losses: u64,
    pub stale: u64,
    pub revived: u64,
    pub wronged: u64,
    pub halves: u64,
    /// The longest call of the store, in microseconds.
    pub stall: u64,
    pub complaints: Vec<String>,
}

const HEADER: [&str; 23] = [
    "phase",
    "calls",
    "ok",
    "refused",
    "failed",
    "unknown",
    "kills",
    "restarts",
    "cuts",
    "silences",
    "promotions",
    "operations",
    "reports",
    "regenerations",
    "erasures",
    "duplicates",
    "losses",
    "stale",
    "revived",
    "wronged",
    "halves",
    "stall",
    "visit",
];

impl Row {
    pub fn of(phase: &str) -> Self {
        Self { phase: phase.to_owned(), ..Self::default() }
    }

    /// Counts what the journals say.
    pub fn count(&mut self, history: &History) {
        self.calls = history.entries.len() as u64;
        self.stall = history.longest;
        for entry in &history.entries {
            match &entry.outcome {
                Outcome::Refused(_) => self.refused += 1,
                Outcome::Failed(what) => {
                    self.failed += 1;
                    if self.failures.len() < 3 {
                        self.failures.insert(what.clone());
                    }
                }
                Outcome::Unknown | Outcome::Unanswered => self.unknown += 1,
                _ => self.ok += 1,
            }
            self.reports += u64::from(matches!(entry.outcome, Outcome::Reported));
            self.regenerations += u64::from(matches!(entry.outcome, Outcome::Regenerated(..)));
            let forgot = matches!((&entry.call, &entry.outcome), (Call::Forget { .. }, Outcome::Forgot));
            self.erasures += u64::from(forgot);
        }
    }

    /// Takes over what was found; the first of each kind in words.
    pub fn judge(&mut self, findings: &Findings, tried: Tried, bound: Duration) {
        self.tried = tried;
        for (breach, number) in [
            (Breach::Duplicate, &mut self.duplicates),
            (Breach::Loss, &mut self.losses),
            (Breach::Stale, &mut self.stale),
            (Breach::Revived, &mut self.revived),
            (Breach::Wronged, &mut self.wronged),
            (Breach::Half, &mut self.halves),
        ] {
            *number = findings.count(breach);
            let these = findings.0.iter().filter(|(found, _)| *found == breach).take(5);
            self.complaints.extend(these.map(|(breach, what)| format!("{breach:?}: {what}")));
        }
        if self.failed > 0 {
            let failures: Vec<&str> = self.failures.iter().map(String::as_str).collect();
            let failures = failures.join("; ");
            self.complaints.push(format!("{} calls failed for good, none may: {failures}", self.failed));
        }
        if u128::from(self.stall) > bound.as_micros() {
            let stall = seconds(self.stall);
            self.complaints.push(format!("a call of the store took {stall}, more than {bound:?}"));
        }
        // A secret that changes under way costs several calls of the store.
        if u128::from(tried.longest_visit) > (bound * 4).as_micros() {
            let visit = seconds(tried.longest_visit);
            self.complaints.push(format!("a visit took {visit}, more than four times {bound:?}"));
        }
    }

    /// What must have happened, or the phase has shown nothing.
    pub fn require(&mut self, what: &str, happened: u64, at_least: u64) {
        if happened < at_least {
            self.complaints.push(format!("only {happened} {what}, of at least {at_least}"));
        }
    }

    /// Adds another row of the same kind.
    pub fn add(&mut self, other: &Self) {
        for (number, more) in self.numbers().into_iter().zip(other.clone().numbers()) {
            *number += *more;
        }
        self.tried.stale += other.tried.stale;
        self.tried.revivals += other.tried.revivals;
        self.stall = self.stall.max(other.stall);
        self.tried.longest_visit = self.tried.longest_visit.max(other.tried.longest_visit);
        let named = other.complaints.iter().map(|complaint| format!("{}: {complaint}", other.phase));
        self.complaints.extend(named);
    }

    fn numbers(&mut self) -> [&mut u64; 20] {
        [
            &mut self.calls,
            &mut self.ok,
            &mut self.refused,
            &mut self.failed,
            &mut self.unknown,
            &mut self.kills,
            &mut self.restarts,
            &mut self.cuts,
            &mut self.silences,
            &mut self.promotions,
            &mut self.operations,
            &mut self.reports,
            &mut self.regenerations,
            &mut self.erasures,
            &mut self.duplicates,
            &mut self.losses,
            &mut self.stale,
            &mut self.revived,
            &mut self.wronged,
            &mut self.halves,
        ]
    }
}

fn seconds(micros: u64) -> String {
    format!("{:.2}s", micros as f64 / 1e6)
}

/// Prints the rows with a total, which is returned.
pub fn print(rows: &[Row]) -> Row {
    let mut total = Row::of("total");
    rows.iter().for_each(|row| total.add(row));
    let mut lines = vec![HEADER.map(str::to_owned).to_vec()];
    for row in rows.iter().chain([&total]) {
        let mut row = row.clone();
        let numbers: Vec<String> = row.numbers().into_iter().map(|number| number.to_string()).collect();
        let stalls = [seconds(row.stall), seconds(row.tried.longest_visit)];
        lines.push([vec![row.phase.clone()], numbers, stalls.to_vec()].concat());
    }
    let widths: Vec<usize> =
        (0..HEADER.len()).map(|at| lines.iter().map(|line| line[at].len()).max().unwrap()).collect();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(at, (cell, width))| match at {
                0 => format!("{cell:width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        println!("{}", cells.join("  "));
    }
    let Tried { stale, revivals, .. } = total.tried;
    println!("tokens of an older secret presented {stale}, of erased people {revivals}");
    println!(
        "stall: the longest call of the store; visit: the longest of the authenticator, which makes several"
    );
    total
}
