//! From visits to the counts of many days, in one pass.

use std::collections::BTreeMap;

use time::{Date, Duration};

use super::model::DayActivity;

/// The days of the two windows, today included.
const WEEK: i64 = 7;
const MONTH: i64 = 30;

/// How many subscribers visited on a day, by the time until each one's next visit.
pub(super) struct Visits {
    pub(super) day: Date,
    /// The days until their next visit, if there is one.
    pub(super) next: Option<i64>,
    pub(super) subscribers: u64,
    /// How many of them came for the first time.
    pub(super) new: u64,
}

/// The first day whose visits matter for the windows that end on `first`.
pub(super) fn window_start(first: Date) -> Date {
    first.checked_sub(Duration::days(MONTH.saturating_sub(1))).unwrap_or(Date::MIN)
}

/// Counts the active subscribers of each day. `visits` are all from [`window_start`] of `first` to `last`.
///
/// A subscriber counts in a window that ends on some day exactly if their last visit up to that day lies in
/// it. So each visit adds them to the windows of the days from it until their next visit, or until it has
/// left the window.
pub(super) fn count_by_day(visits: Vec<Visits>, first: Date, last: Date) -> Vec<DayActivity> {
    let mut days = BTreeMap::<Date, DayActivity>::new();
    // What changes from one day to the next: weekly, monthly.
    let mut windows = BTreeMap::<Date, [i64; 2]>::new();
    for visit in visits {
        let count = i64::try_from(visit.subscribers).unwrap_or(i64::MAX);
        for (window, length) in [WEEK, MONTH].into_iter().enumerate() {
            let ends = visit.day.saturating_add(Duration::days(visit.next.unwrap_or(length).min(length)));
            for (day, change) in [(visit.day, count), (ends, count.saturating_neg())] {
                if let Some(sum) = windows.entry(day).or_default().get_mut(window) {
                    *sum = sum.saturating_add(change);
                }
            }
        }
        let day = days.entry(visit.day).or_insert_with(|| DayActivity::new(visit.day));
        day.active = day.active.saturating_add(visit.subscribers);
        day.new = day.new.saturating_add(visit.new);
    }
    let mut counted = Vec::new();
    let mut sums = [0_i64; 2];
    let mut changes = windows.into_iter().peekable();
    while let Some((mut day, [weekly, monthly])) = changes.next() {
        sums = [sums[0].saturating_add(weekly), sums[1].saturating_add(monthly)];
        let until = changes.peek().map_or(day, |(next, _)| *next);
        // The same counts until the next change.
        loop {
            if sums[1] > 0 && (first..=last).contains(&day) {
                let mut activity = days.remove(&day).unwrap_or_else(|| DayActivity::new(day));
                [activity.weekly, activity.monthly] = sums.map(|sum| u64::try_from(sum).unwrap_or(0));
                counted.push(activity);
            }
            match day.next_day() {
                Some(next) if next < until && next <= last && sums[1] > 0 => day = next,
                _ => break,
            }
        }
    }
    counted
}
