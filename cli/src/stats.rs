//! `stats`: how many come, and how many came back.

use boostgpt_sso::{
    ProjectId,
    time::{Date, Duration, OffsetDateTime},
};
use clap::Args;
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    store::{StoreArgs, block_on},
    table::{Align, table},
    terminal::{BAR, HEADING, Terminal, paint},
};

/// How wide the longest bar is, in characters: with the table before it, 80 columns hold it.
const LONGEST_BAR: u64 = 28;

#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// The project
    #[arg(long)]
    project: ProjectId,
    /// How many days, today (UTC) the last of them; each costs the store a count of a month's visits
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    #[command(flatten)]
    store: StoreArgs,
}

/// The numbers of one UTC day, and of the 7 and 30 days that end with it.
#[derive(Serialize)]
struct Day {
    date: String,
    /// Who came for the first time.
    new: u64,
    daily: u64,
    weekly: u64,
    monthly: u64,
}

#[derive(Serialize)]
struct Report<'a> {
    project: ProjectId,
    days: &'a [Day],
}

impl Stats {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        block_on(async {
            let days = self.count(terminal).await?;
            terminal.answer(&Report { project: self.project, days: &days }, |out| print(&days, out))?;
            Ok(Answer::Yes)
        })
    }

    async fn count(&self, terminal: &Terminal) -> Result<Vec<Day>, CliError> {
        let store = self.store.open().await?;
        store.project(self.project).await?.ok_or(CliError::NoProject)?;
        let today = OffsetDateTime::now_utc().date();
        let activity =
            store.activity(self.project, before(today, self.days.saturating_sub(1)), today).await?;
        let _progress = terminal.progress("counting");
        let mut days = Vec::new();
        for ago in (0..self.days).rev() {
            let day = before(today, ago);
            let counted = activity.iter().find(|counted| counted.day == day);
            days.push(Day {
                date: day.to_string(),
                new: counted.map_or(0, |day| day.new),
                daily: counted.map_or(0, |day| day.active),
                weekly: store.active_subscribers(self.project, before(day, 6), day).await?,
                monthly: store.active_subscribers(self.project, before(day, 29), day).await?,
            });
        }
        Ok(days)
    }
}

fn before(day: Date, days: u16) -> Date {
    day.saturating_sub(Duration::days(days.into()))
}

/// The table, and beside it for who is watching the daily actives as bars.
fn print(days: &[Day], terminal: &mut Terminal) -> Result<(), CliError> {
    let heading = ["day", "new", "daily", "weekly", "monthly"].map(str::to_owned);
    let numbers = days.iter().map(|day| {
        let [new, daily, weekly, monthly] =
            [day.new, day.daily, day.weekly, day.monthly].map(|n| n.to_string());
        [day.date.clone(), new, daily, weekly, monthly]
    });
    let rows: Vec<_> = std::iter::once(heading).chain(numbers).collect();
    let lines = table(rows, [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]);
    let mut lines = lines.iter();
    if let Some(heading) = lines.next() {
        terminal.line(paint(HEADING, heading))?;
    }
    let most = days.iter().map(|day| day.daily).max().unwrap_or(0);
    for (line, day) in lines.zip(days) {
        if terminal.is_watched {
            let bar = paint(BAR, bar(day.daily, most));
            terminal.line(format_args!("{line}  {bar}"))?;
        } else {
            terminal.line(line)?;
        }
    }
    Ok(())
}

/// A bar as long as its part of the most, in eighths of a character.
fn bar(count: u64, most: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(count)
        .saturating_mul(u128::from(LONGEST_BAR).saturating_mul(8))
        .checked_div(most.into())
        .and_then(|eighths| usize::try_from(eighths).ok())
        .unwrap_or(0);
    "█".repeat(eighths / 8) + EIGHTHS.get(eighths % 8).copied().unwrap_or_default()
}
