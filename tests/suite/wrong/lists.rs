//! Pages of lists, and the counts of days.

use std::collections::BTreeSet;

use boostgpt_sso::{
    ProjectId, SubscriberId,
    store::DayActivity,
    time::{Date, Duration},
};

use super::{contents::Contents, faults::Fault::*};

/// A page of a list that is in the order of ids.
pub fn page<T, I: Ord + Copy>(
    contents: &Contents,
    mut all: Vec<T>,
    id: fn(&T) -> I,
    after: Option<I>,
    limit: u32,
) -> Vec<T> {
    if !contents.is(ListsAreOldestFirst) {
        all.reverse();
    }
    let limit = match contents.fault {
        Some(ALimitIsNone) => usize::MAX,
        Some(ALimitIsOneAtLeast) => limit.max(1) as usize,
        _ => limit as usize,
    };
    let after = after.filter(|_| !contents.is(PagesBeginAtTheNewest));
    let starts = |one: &T| {
        after.is_none_or(|after| match contents.fault {
            Some(PagesBeginAtTheId) => id(one) <= after,
            _ => id(one) < after,
        })
    };
    if contents.is(PagesNeedAKnownId) && after.is_some_and(|after| all.iter().all(|one| id(one) != after)) {
        return Vec::new();
    }
    all.into_iter().filter(starts).take(limit).collect()
}

impl Contents {
    pub fn active(&self, project: ProjectId, first: Date, last: Date) -> u64 {
        let last = if self.is(TheLastDayIsLeftOut) { last.previous_day().unwrap_or(last) } else { last };
        let first = if self.is(TheFirstDayIsLeftOut) { first.next_day().unwrap_or(first) } else { first };
        let visits = self.visits.keys().filter(|(of, day, _)| {
            (*of == project || self.is(VisitsAreCountedInEveryProject)) && (first..=last).contains(day)
        });
        let person = |visitor: &SubscriberId| {
            let known =
                self.subscribers.get(&(project, *visitor)).filter(|_| self.is(AnAccountIsCountedOnce));
            known.map_or(*visitor.as_bytes(), |known| *known.account.as_bytes())
        };
        let visitors: Vec<_> = visits.map(|(_, _, visitor)| person(visitor)).collect();
        let different = visitors.iter().collect::<BTreeSet<_>>().len();
        let twice =
            self.counted_twice.iter().filter(|((of, day), _)| *of == project && (first..=last).contains(day));
        let twice: u64 = twice.map(|(_, count)| count).sum();
        (if self.is(WindowsCountVisits) { visitors.len() } else { different }) as u64 + twice
    }

    pub fn activity(&self, project: ProjectId, first: Date, last: Date) -> Vec<DayActivity> {
        let visited: BTreeSet<_> =
            self.visits.keys().filter(|(of, ..)| *of == project).map(|(_, day, _)| *day).collect();
        let ends = |days: i64| {
            let days = visited.iter().flat_map(move |day| (0..days).map(move |later| (*day, later)));
            days.filter_map(|(day, later)| day.checked_add(Duration::days(later))).collect()
        };
        let mut days: BTreeSet<_> = ends(if self.is(EmptyDaysAreListed) { 32 } else { 30 });
        if self.is(OnlyDaysOfVisitsAreListed) {
            days = visited;
        }
        let since = |day: Date, days: i64| day.checked_sub(Duration::days(days)).unwrap_or(Date::MIN);
        let week = if self.is(AWeekHasEightDays) { 7 } else { 6 };
        let month = if self.is(AMonthHasThirtyOneDays) { 30 } else { 29 };
        let days = days.into_iter().filter(|day| (first..=last).contains(day)).map(|day| {
            let new =
                self.visits.iter().filter(|((of, on, _), is_new)| *of == project && *on == day && **is_new);
            let mut activity = DayActivity::new(day);
            activity.active = self.active(project, day, day);
            activity.new = new.count() as u64;
            activity.weekly = self.active(project, since(day, week), day);
            activity.monthly = self.active(project, since(day, month), day);
            activity
        });
        let mut days: Vec<_> = days.collect();
        if self.is(DaysAreNewestFirst) {
            days.reverse();
        }
        days
    }
}
