//! Daily, weekly and monthly actives.

use time::{Date, Duration, UtcOffset};

use super::super::{contract::Store, error::ProvisionError, visit::ProvisionRequest};
use super::concurrency::{insist, insist_at, poll_and_drop};
use super::fixture::{Agent, CREDITS, DAY, HOUR, NEWER, NOW, at, day};
use super::schedule::Schedule;

/// A day counts a subscriber once, and as new on the day of their first visit only.
pub async fn a_day_counts_a_subscriber_once(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let (ada, grace) = (agent.person("ada", "", ""), agent.person("grace", "", ""));
    for later in [0, 1, HOUR, DAY, DAY + 1] {
        agent.visit_at(&ada, NOW + later).await;
    }
    agent.visit_at(&grace, NOW + DAY).await;
    let days = agent.activity(day(NOW), day(NOW + DAY)).await;
    let expected = [(day(NOW), 1, 1), (day(NOW + DAY), 2, 1)];
    assert_eq!(days, expected, "a day counts each subscriber once, and who first came on it as new");
}

/// A day is a day in UTC, whatever the offset of the time of the visit.
pub async fn a_day_is_a_utc_day(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let evening = NOW + 11 * HOUR + HOUR / 2; // 23:30 in UTC: tomorrow in the east
    for (number, hours) in [-11, 2, 14].into_iter().enumerate() {
        let there = at(evening).to_offset(UtcOffset::from_hms(hours, 0, 0).unwrap());
        let person = agent.person(&format!("n{number}"), "", "");
        for _ in 0..2 {
            agent.try_visit(&person, evening, there).await.expect("provision accepts any offset");
        }
    }
    let days = agent.activity(day(NOW - DAY), day(NOW + DAY)).await;
    assert_eq!(days, [(day(NOW), 3, 3)], "days are UTC days: use ProvisionRequest::today");
}

/// A visit at midnight is one of the new day.
pub async fn midnight_begins_a_new_day(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let (ada, midnight) = (agent.person("ada", "", ""), NOW + 12 * HOUR);
    agent.visit_at(&ada, midnight - 1).await;
    agent.visit_at(&ada, midnight).await;
    let just_before = at(midnight) - Duration::milliseconds(100);
    let visit = agent.try_visit(&agent.person("grace", "", ""), midnight - 1, just_before).await;
    visit.expect("provision accepts a fraction of a second");
    let days = agent.activity(day(NOW), day(midnight)).await;
    let expected = [(day(NOW), 2, 2), (day(midnight), 1, 0)];
    assert_eq!(days, expected, "midnight belongs to the new day, and 23:59:59.9 to the old one");
}

/// A visit that arrives after one of the next day, by another process's clock, is not recorded: that would be
/// a write for every visit until the day is over.
pub async fn a_late_visit_is_not_recorded(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "");
    for now in [NOW - DAY, NOW + DAY, NOW, NOW, NOW + DAY, NOW - DAY] {
        agent.visit_at(&ada, now).await;
    }
    let expected = [(day(NOW - DAY), 1, 1), (day(NOW + DAY), 1, 0)];
    let days = agent.activity(day(NOW - DAY), day(NOW + DAY)).await;
    assert_eq!(days, expected, "a visit before the last recorded day is not recorded");
    let subscriber = agent.visit_at(&ada, NOW).await.subscriber;
    let last = agent.read(subscriber).await.last_day;
    assert_eq!(last, day(NOW + DAY), "last_day never goes back: keep the greater");
    // The last recorded day is ahead of the newest token.
    let grace = agent.person("grace", "", "");
    let subscriber = agent.visit_later(&grace, NOW, NOW + DAY).await.subscriber;
    let before = agent.read(subscriber).await;
    agent.visit_at(&grace, NOW + 600).await;
    assert!(
        agent.read(subscriber).await == before,
        "a visit before the last recorded day that changes nothing writes nothing: see Decision::writes"
    );
}

/// Weekly and monthly actives are different subscribers, not visits.
pub async fn windows_count_different_subscribers(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let visits = [("ada", 0), ("ada", 1), ("ada", 6), ("grace", 6), ("grace", 7), ("joan", 29), ("ada", 30)];
    for (local, days) in visits {
        agent.visit_at(&agent.person(local, "", ""), NOW + days * DAY).await;
    }
    for (first, last, active) in
        [(0, 0, 1), (0, 6, 2), (1, 7, 2), (7, 13, 1), (8, 28, 0), (0, 29, 3), (1, 30, 3)]
    {
        let counted = agent.active(day(NOW + first * DAY), day(NOW + last * DAY)).await;
        assert_eq!(
            counted, active,
            "days {first} to {last}: count different subscribers, both ends of the range included"
        );
    }
}

/// Days without visits are left out; a range without any, or one that ends before it begins, is empty.
pub async fn days_without_visits_are_left_out(store: &dyn Store) {
    let agent = Agent::new(store).await;
    assert_eq!(agent.activity(Date::MIN, Date::MAX).await, [], "no visits, no days");
    // Later days first: the order is the calendar's.
    for (local, days) in [("grace", 400), ("ada", 0), ("ada", 3)] {
        agent.visit_at(&agent.person(local, "", ""), NOW + days * DAY).await;
    }
    let (first, last) = (day(NOW), day(NOW + 400 * DAY));
    let days: Vec<Date> = agent.activity(Date::MIN, Date::MAX).await.iter().map(|of| of.0).collect();
    assert_eq!(days, [first, day(NOW + 3 * DAY), last], "the days of visits, in order, and no others");
    assert_eq!(agent.active(Date::MIN, Date::MAX).await, 2, "a range may be as wide as the calendar");
    for (from, to) in [(day(NOW + DAY), day(NOW + 2 * DAY)), (last, first), (Date::MAX, Date::MIN)] {
        assert_eq!(agent.activity(from, to).await, [], "no visits from {from} to {to}");
        assert_eq!(agent.active(from, to).await, 0, "no visits from {from} to {to}");
    }
}

/// Visits are counted per project, whichever of its bots they were made to.
pub async fn visits_are_counted_per_project(store: &dyn Store) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let second = Agent::of(store, one.project).await;
    let ada = one.person("ada", "", "");
    for agent in [&one, &second, &other] {
        agent.visit(&ada).await;
    }
    for agent in [&one, &other] {
        assert_eq!(
            agent.activity(day(NOW), day(NOW)).await,
            [(day(NOW), 1, 1)],
            "visits are counted per project"
        );
        assert_eq!(agent.active(day(NOW), day(NOW)).await, 1, "visits are counted per project");
    }
}

/// A visit that was refused is not counted.
pub async fn a_refused_visit_is_not_counted(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "");
    agent.visit(&ada).await;
    store.remove_secret(agent.bot).await.expect("remove_secret works");
    agent.try_visit(&ada, NOW, at(NOW + DAY)).await.expect_err("a removed secret provisions no visitor");
    let days = agent.activity(day(NOW), day(NOW + DAY)).await;
    assert_eq!(days, [(day(NOW), 1, 1)], "a refused visit is not counted");
}

/// Past visits stay counted, unlinked; a new subscriber counts for themselves.
pub async fn past_visits_stay_counted(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "42");
    agent.visit_at(&ada, NOW - DAY).await;
    let subscriber = agent.visit(&ada).await.subscriber;
    let (first, last) = (day(NOW - DAY), day(NOW));
    let before = (agent.activity(first, last).await, agent.active(first, last).await);
    agent.forget(subscriber, NOW).await;
    let after = (agent.activity(first, last).await, agent.active(first, last).await);
    assert_eq!(
        before, after,
        "past visits stay counted: keep their rows, under the id that now says nothing"
    );
    agent.visit_at(&ada, NEWER).await;
    assert_eq!(agent.activity(last, last).await, [(last, 2, 1)], "a new subscriber counts for themselves");
}

/// Each day has the counts of the week and the month that end on it, also a day without visits.
pub async fn every_day_counts_its_week_and_its_month(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let visits = [("ada", 0), ("ada", 3), ("grace", 3), ("joan", 8), ("ada", 40)];
    for (local, days) in visits {
        agent.visit_at(&agent.person(local, "", ""), NOW + days * DAY).await;
    }
    for (first, last) in [(0, 69), (5, 5), (20, 45), (69, 100), (-10, -1)] {
        let (from, to) = (day(NOW + first * DAY), day(NOW + last * DAY));
        let counted = store.activity(agent.project, from, to).await.expect("activity works");
        let mut expected = Vec::new();
        for number in first..=last {
            let today = day(NOW + number * DAY);
            let since = |days: i64| agent.active(day(NOW + (number - days) * DAY), today);
            let counts = (today, since(0).await, since(6).await, since(29).await);
            expected.extend(Some(counts).filter(|counts| counts.3 > 0));
        }
        let counted: Vec<_> = counted.iter().map(|of| (of.day, of.active, of.weekly, of.monthly)).collect();
        assert_eq!(counted, expected, "days {first} to {last}: day, active, weekly and monthly");
    }
}

/// A first visit is counted with its subscriber, in one atomic step, however many are made at once.
pub async fn a_first_visit_is_counted_with_its_subscriber(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "42");
    for _ in 0..3 {
        agent.visit(&ada).await;
    }
    let days = agent.activity(day(NOW), day(NOW)).await;
    assert_eq!(days, [(day(NOW), 1, 1)], "the visit is recorded with the subscriber, in one atomic step");
}

/// A subscriber is new on the day of their first visit and on no other, whatever the later visits change.
pub async fn a_subscriber_is_new_on_one_day_only(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let second = Agent::of(store, agent.project).await;
    let visits = [
        (0, "ada", "Ada", ""),
        (1, "ada", "Ada", ""),
        (2, "ada", "Countess", ""),
        (3, "ada", "", "42"),
        (4, "lovelace", "", "42"),
        (7, "ada", "Ada", "42"),
        (8, "ada", "", ""),
        (31, "ada", "", "42"),
        (62, "ADA", "Ada", "42"),
        (400, "ada", "Ada", "42"),
    ];
    let mut expected = Vec::new();
    for (number, (days, local, name, external_id)) in (0..).zip(visits) {
        let now = NOW + days * DAY;
        let to = if number % 3 == 2 { &second } else { &agent };
        for later in [0, HOUR] {
            to.visit_at(&agent.person(local, name, external_id), now + later).await;
        }
        expected.push((day(now), 1, u64::from(number == 0)));
    }
    let old = agent.vouch_undated(&agent.person("ada", "Old", "42"), NOW + 401 * DAY + 60);
    let forbidding = ProvisionRequest::new(old, at(NOW + 401 * DAY)).without_creating();
    store.provision(forbidding).await.expect("a known visitor is provisioned");
    agent.visit_later(&agent.person("ada", "Old", "42"), NOW + 402 * DAY - 600, NOW + 402 * DAY).await;
    expected.extend([401, 402].map(|days| (day(NOW + days * DAY), 1, 0)));
    let days = agent.activity(day(NOW), day(NOW + 402 * DAY)).await;
    assert_eq!(days, expected, "a subscriber is new on the day of their first visit, and on no other");
}

/// A visit is the visitor's, not that of the subscriber who has their address.
pub async fn a_visit_with_a_conflict_is_the_visitors(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let holder = agent.visit(&agent.person("info", "", "1")).await.subscriber;
    let newcomer = agent.person("info", "Grace", "2");
    let new = agent.visit_at(&newcomer, NOW + DAY).await.subscriber;
    agent.visit_at(&newcomer, NOW + 2 * DAY).await;
    let days = agent.activity(day(NOW), day(NOW + 2 * DAY)).await;
    let expected = [0, 1, 2].map(|days| (day(NOW + days * DAY), 1, u64::from(days < 2)));
    assert_eq!(days, expected, "each of two subscribers is new once");
    assert_eq!(agent.active(day(NOW + DAY), day(NOW + 2 * DAY)).await, 1, "a visit is the visitor's");
    let both = agent.active(day(NOW), day(NOW + DAY)).await;
    assert_eq!(both, 2, "two subscribers of one account are two visitors");
    let last_days = (agent.read(holder).await.last_day, agent.read(new).await.last_day);
    assert_eq!(last_days, (day(NOW), day(NOW + 2 * DAY)), "a visit is the visitor's");
}

/// What is refused for want of a subscriber is not counted, and creates none.
pub async fn a_forbidden_creation_is_not_counted(store: &dyn Store) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = agent.person("ada", "Ada", "42");
    for _ in 0..2 {
        let request = ProvisionRequest::new(agent.vouch(&ada, NOW), at(NOW)).without_creating();
        let visit = store.provision(request).await;
        assert!(
            matches!(visit, Err(ProvisionError::WouldCreate)),
            "a new visitor of a request that forbids creation: WouldCreate, not {visit:?}"
        );
    }
    assert_eq!(agent.activity(day(NOW), day(NOW)).await, [], "a refused visit is not counted");
    let count = store.subscriber_count(agent.project).await.expect("subscriber_count works");
    assert_eq!(count, 0, "WouldCreate writes nothing");
    agent.visit(&ada).await;
    let days = agent.activity(day(NOW), day(NOW)).await;
    assert_eq!(days, [(day(NOW), 1, 1)], "a first visit is counted as new");
}

/// Forgotten subscribers stay counted, each as a different person.
pub async fn the_forgotten_stay_counted_apart(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let other = Agent::new(store).await;
    let (first, last) = (day(NOW), day(NOW + DAY));
    let mut subscribers = Vec::new();
    for local in ["ada", "grace", "joan"] {
        let person = agent.person(local, "", "");
        other.visit(&person).await;
        agent.visit(&person).await;
        subscribers.push(agent.visit_at(&person, NOW + DAY).await.subscriber);
    }
    let count = async || (agent.activity(first, last).await, agent.active(first, last).await);
    for subscriber in &subscribers[..2] {
        agent.forget(*subscriber, NOW + DAY).await;
        assert_eq!(
            count().await,
            (vec![(first, 3, 3), (last, 3, 0)], 3),
            "forgotten subscribers stay counted, each on their own: give the visits of each one a new id"
        );
    }
    assert_eq!(other.active(first, first).await, 3, "visits to another project stay as they were");
}

/// A first visit whose future was dropped at any moment, and was then repeated, is counted once.
pub async fn a_first_visit_that_was_dropped_is_counted_once(store: &dyn Store) {
    for times in 0..8 {
        let agent = Agent::new(store).await;
        let visitor = agent.vouch(&agent.person("ada", "Ada", "42"), NOW);
        for _ in 0..2 {
            poll_and_drop(agent.provision(&visitor, at(NOW)), times);
        }
        insist(&agent, &visitor).await;
        let days = agent.activity(day(NOW), day(NOW)).await;
        assert_eq!(days, [(day(NOW), 1, 1)], "the visit is recorded with the subscriber, in one atomic step");
    }
}

/// A returning visitor's first visit of a day whose future was dropped, and was then repeated, is counted
/// once.
pub async fn a_dropped_visit_of_a_new_day_is_counted_once(store: &dyn Store) {
    let tomorrow = NOW + DAY;
    for times in 0..8 {
        let agent = Agent::new(store).await;
        let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
        let visitor = agent.vouch(&agent.person("ada", "Ada", "42"), tomorrow);
        for _ in 0..2 {
            poll_and_drop(agent.provision(&visitor, at(tomorrow)), times);
        }
        insist_at(&agent, &visitor, tomorrow).await;
        assert_eq!(
            agent.activity(day(NOW), day(tomorrow)).await,
            [(day(NOW), 1, 1), (day(tomorrow), 1, 0)],
            "the first visit of a day is recorded with the subscriber's last day, in one atomic step"
        );
        assert_eq!(agent.read(ada).await.last_day, day(tomorrow), "the visit is recorded");
    }
}

/// Two visits of one subscriber that meet on a new day are counted once: of a new one, and of a known one.
pub async fn two_visits_of_a_day_meet(store: &dyn Store) {
    let tomorrow = NOW + DAY;
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for is_known in [true, false] {
            let agent = Agent::new(store).await;
            let ada = agent.person("ada", "", "42");
            if is_known {
                agent.visit(&ada).await;
            }
            let visitor = agent.vouch(&ada, tomorrow);
            let visit = || insist_at(&agent, &visitor, tomorrow);
            schedule.meet(visit(), visit()).await;
            assert_eq!(
                agent.activity(day(tomorrow), day(tomorrow)).await,
                [(day(tomorrow), 1, u64::from(!is_known))],
                "a day counts a subscriber once: let a unique key decide, not a look before"
            );
            assert_eq!(agent.active(day(tomorrow), day(tomorrow)).await, 1, "a day counts a subscriber once");
        }
    }
}
