//! `stats`: how many subscribers come, and how many come back.

use std::iter;

use boostgpt_sso::{
    ProjectId,
    store::DayActivity,
    time::{Date, Duration, OffsetDateTime},
};
use clap::Args;
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    scope::Scope,
    store::{StoreArgs, block_on},
    table::{Align, table},
    terminal::{BAR, HEADING, Terminal, paint, progress},
};

/// How wide the longest bar is, in cells: with the table before it and a number after it, 80 cells hold it.
const MAX_BAR: u64 = 26;

#[derive(Debug, Args)]
pub(crate) struct Stats {
    #[command(flatten)]
    scope: Scope,
    /// How many days, today (UTC) the last of them
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 14,
        value_parser = clap::value_parser!(u16).range(1..=366),
        allow_negative_numbers = true
    )]
    days: u16,
    #[command(flatten)]
    store: StoreArgs,
}

/// The numbers of one UTC day, and of the 7 and 30 days that end with it.
#[derive(Serialize)]
struct Day {
    date: String,
    /// How many subscribers came for the first time.
    new: u64,
    daily: u64,
    weekly: u64,
    monthly: u64,
}

#[derive(Serialize)]
struct StatsReport {
    project: ProjectId,
    days: Vec<Day>,
}

impl Stats {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        block_on(async {
            let store = self.store.open().await?;
            let project = self.scope.project(&store).await?;
            let today = OffsetDateTime::now_utc().date();
            let first = today.saturating_sub(Duration::days(self.days.saturating_sub(1).into()));
            let counting = progress("counting");
            let counted = store.activity(project, first, today).await?;
            drop(counting);
            let report = StatsReport { project, days: every_day(first, today, &counted) };
            terminal.answer(&report, |out| print(&report.days, out))?;
            Ok(Answer::Yes)
        })
    }
}

/// The days from the first to the last, those without any visit too.
fn every_day(first: Date, last: Date, counted: &[DayActivity]) -> Vec<Day> {
    let days = iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day <= last);
    let numbers = days.map(|day| {
        let found = counted.iter().find(|counted| counted.day == day);
        found.copied().unwrap_or_else(|| DayActivity::new(day))
    });
    numbers
        .map(|day| Day {
            date: day.day.to_string(),
            new: day.new,
            daily: day.active,
            weekly: day.weekly,
            monthly: day.monthly,
        })
        .collect()
}

/// Prints the table. At a terminal, the daily active subscribers are beside it as bars.
fn print(days: &[Day], terminal: &mut Terminal) -> Result<(), CliError> {
    let heading = ["day", "new", "daily", "weekly", "monthly"].map(str::to_owned);
    let numbers = days.iter().map(|day| {
        let [new, daily, weekly, monthly] =
            [day.new, day.daily, day.weekly, day.monthly].map(|n| n.to_string());
        [day.date.clone(), new, daily, weekly, monthly]
    });
    let rows = iter::once(heading).chain(numbers);
    let lines = table(rows, [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]);
    let max = days.iter().map(|day| day.daily).max().unwrap_or(0);
    let bars = days.iter().map(|day| format!("  {} {}", paint(BAR, bar(day.daily, max)), day.daily));
    let mut bars = iter::once(format!("  {}", paint(HEADING, "daily active"))).chain(bars);
    for (line, number) in lines.iter().zip(0_u32..) {
        let line = if number == 0 { paint(HEADING, line) } else { line.clone() };
        let bar = bars.next().filter(|_| terminal.is_watched).unwrap_or_default();
        terminal.line(format_args!("{line}{bar}"))?;
    }
    Ok(())
}

/// A bar as long as its part of the largest, in eighths of a cell.
fn bar(count: u64, max: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(count)
        .saturating_mul(u128::from(MAX_BAR).saturating_mul(8))
        .checked_div(max.into())
        .and_then(|eighths| usize::try_from(eighths).ok())
        .unwrap_or(0);
    "█".repeat(eighths / 8) + EIGHTHS.get(eighths % 8).copied().unwrap_or_default()
}
