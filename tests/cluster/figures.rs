//! What a round found, as a line of JSON that a later run reads again, and the tables of all rounds.

use std::{collections::BTreeMap, time::Duration};

use fire::{
    history::History,
    journal::{Call, Outcome},
    table::Row,
};
use serde::{Deserialize, Serialize};

/// How long the clients had to wait because of one blow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stall {
    pub fault: String,
    pub promotions: u64,
    /// Without any visit answered, in microseconds.
    pub micros: u64,
    /// From the blow until the cluster had its leader and both standbys again.
    pub whole: u64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Figures {
    pub round: u64,
    /// Visits that were answered, with a session or a refusal.
    pub visits: u64,
    pub identified: u64,
    pub calls: u64,
    pub failed: u64,
    pub unknown: u64,
    pub kills: u64,
    pub regenerations: u64,
    pub erasures: u64,
    pub tried_stale: u64,
    pub tried_revivals: u64,
    pub breaches: BTreeMap<String, u64>,
    /// How many visits took about as long: see [`bucket`].
    pub lengths: BTreeMap<u32, u64>,
    pub longest: u64,
    pub stalls: Vec<Stall>,
    pub complaints: Vec<String>,
}

/// The length of a visit on a scale of eighths of a doubling.
fn bucket(micros: u64) -> u32 {
    ((micros.max(1) as f64).log2() * 8.0) as u32
}

fn length(bucket: u32) -> Duration {
    Duration::from_micros(((f64::from(bucket) + 1.0) / 8.0).exp2() as u64)
}

impl Figures {
    pub fn of(round: u64, row: &Row, history: &History, stalls: Vec<Stall>) -> Self {
        let mut figures = Self {
            round,
            calls: row.calls,
            failed: row.failed,
            unknown: row.unknown,
            kills: row.kills,
            regenerations: row.regenerations,
            erasures: row.erasures,
            tried_stale: row.tried.stale,
            tried_revivals: row.tried.revivals,
            longest: row.tried.longest_visit,
            stalls,
            complaints: row.complaints.clone(),
            ..Self::default()
        };
        for (name, count) in [
            ("duplicates", row.duplicates),
            ("losses", row.losses),
            ("stale", row.stale),
            ("revived", row.revived),
            ("wronged", row.wronged),
            ("halves", row.halves),
        ] {
            figures.breaches.insert(name.to_owned(), count);
        }
        for entry in &history.entries {
            if let (Call::Visit { .. }, outcome) = (&entry.call, &entry.outcome) {
                let is_refused = matches!(outcome, Outcome::Refused(_));
                figures.visits += u64::from(is_refused || entry.is_identified());
                if !matches!(outcome, Outcome::Unanswered) {
                    *figures.lengths.entry(bucket(entry.end - entry.start)).or_default() += 1;
                }
                figures.identified += u64::from(entry.is_identified());
            }
        }
        figures
    }

    pub fn losses(&self) -> u64 {
        self.breaches.get("losses").copied().unwrap_or_default()
    }

    pub fn promotions(&self) -> u64 {
        self.stalls.iter().map(|stall| stall.promotions).sum()
    }

    pub fn add(&mut self, other: &Self) {
        for (number, more) in [
            (&mut self.visits, other.visits),
            (&mut self.identified, other.identified),
            (&mut self.calls, other.calls),
            (&mut self.failed, other.failed),
            (&mut self.unknown, other.unknown),
            (&mut self.kills, other.kills),
            (&mut self.regenerations, other.regenerations),
            (&mut self.erasures, other.erasures),
            (&mut self.tried_stale, other.tried_stale),
            (&mut self.tried_revivals, other.tried_revivals),
        ] {
            *number += more;
        }
        for (name, count) in &other.breaches {
            *self.breaches.entry(name.clone()).or_default() += count;
        }
        for (bucket, count) in &other.lengths {
            *self.lengths.entry(*bucket).or_default() += count;
        }
        self.longest = self.longest.max(other.longest);
        self.stalls.extend(other.stalls.iter().cloned());
        let named = other.complaints.iter().map(|complaint| format!("round {}: {complaint}", other.round));
        self.complaints.extend(named);
    }

    /// The length that so many thousandths of the visits did not exceed.
    fn quantile(&self, thousandths: u64) -> Duration {
        let wanted = (self.lengths.values().sum::<u64>() * thousandths).div_ceil(1000);
        let mut seen = 0;
        let found = self.lengths.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        });
        found.map_or(Duration::ZERO, |(bucket, _)| length(*bucket))
    }

    pub fn line(&self) -> String {
        let list = |counts: &BTreeMap<String, u64>| {
            let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            counts.join(", ")
        };
        format!(
            "{} promotions, {} visits answered ({} identified; {} calls of unknown outcome), {} clients \
             killed, {} regenerations, {} erasures; old secrets presented {}, erased people {}; {}",
            self.promotions(),
            self.visits,
            self.identified,
            self.unknown,
            self.kills,
            self.regenerations,
            self.erasures,
            self.tried_stale,
            self.tried_revivals,
            list(&self.breaches)
        )
    }

    /// Prints the table of stalls: for each fault, how long no visit at all was answered.
    pub fn print(&self) {
        let mut kinds: BTreeMap<&str, Vec<&Stall>> = BTreeMap::new();
        for stall in &self.stalls {
            kinds.entry(&stall.fault).or_default().push(stall);
            if stall.promotions > 0 {
                kinds.entry("~ all that lost the leader").or_default().push(stall);
            }
            kinds.entry("~ all").or_default().push(stall);
        }
        println!("| fault | times | leaders lost | stall p50 | p99 | longest | whole again after, longest |");
        println!("|---|---|---|---|---|---|---|");
        for (kind, stalls) in kinds {
            let mut lengths: Vec<u64> = stalls.iter().map(|stall| stall.micros).collect();
            lengths.sort_unstable();
            let at = |hundredths: usize| lengths[(lengths.len() * hundredths).div_ceil(100) - 1];
            let promotions: u64 = stalls.iter().map(|stall| stall.promotions).sum();
            let whole = stalls.iter().map(|stall| stall.whole).max().unwrap_or_default();
            let seconds = |micros: u64| format!("{:.1} s", micros as f64 / 1e6);
            println!(
                "| {} | {} | {promotions} | {} | {} | {} | {} |",
                kind.trim_start_matches("~ "),
                stalls.len(),
                seconds(at(50)),
                seconds(at(99)),
                seconds(at(100)),
                seconds(whole)
            );
        }
        println!(
            "one visit: p50 {:.1?}, p99 {:.1?}, longest {:.1?}",
            self.quantile(500),
            self.quantile(990),
            Duration::from_micros(self.longest)
        );
    }
}
