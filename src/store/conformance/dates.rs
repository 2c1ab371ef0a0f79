//! Which time decides what: a token's age is that of its issue, a day is that of the visit.

use time::{Duration, UtcOffset};

use super::super::error::ProvisionError;
use super::fixture::{Agent, CREDITS, DAY, Fixture, HOUR, NEWER, NOW, SKEW, at, day};
use crate::signer::Signer;

/// A token without `iat` is as old as it can be: it was issued an hour before it expires.
pub async fn a_token_without_a_time_of_issue_is_as_old_as_it_can_be(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let visit = async |name: &str, expires_at: i64| {
        let visitor = agent.vouch_undated(&agent.person("ada", name, "42"), expires_at);
        let visit = agent.provision(&visitor, at(NOW)).await;
        visit.expect("a token without iat is as good as another").subscriber
    };
    let ada = visit("Ada", NOW + 600).await;
    let found = agent.read(ada).await;
    assert_eq!(
        found.applied_at,
        NOW + 600 - HOUR,
        "a token without iat was issued an hour before its exp: use ProvisionRequest::issued_at"
    );
    agent.visit_later(&agent.person("ada", "Countess", "42"), NOW - 2000, NOW).await;
    for (name, expires_at, kept) in [
        ("Between", NOW - 2001 + HOUR, "Countess"),
        ("Same", NOW - 2000 + HOUR, "Same"),
        ("Newest", NOW + HOUR, "Newest"),
        ("Older", NOW - 1 + HOUR, "Newest"),
    ] {
        assert_eq!(visit(name, expires_at).await, ada, "a token without iat finds the known subscriber");
        let found = agent.read(ada).await;
        assert_eq!(
            found.name.as_deref(),
            Some(kept),
            "compare tokens by ProvisionRequest::issued_at, which a token without iat has as well"
        );
    }
}

/// A token without `iat` that may be older than the erasure does not bring its subscriber back.
pub async fn a_token_without_a_time_of_issue_brings_no_subscriber_back(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await;
    agent.forget(ada.subscriber, NOW).await;
    for (local, external_id) in [("ada", "42"), ("ada", ""), ("lovelace", "42")] {
        for expires_at in [NOW + 2, NOW + HOUR, NOW + HOUR + SKEW] {
            let visitor = agent.vouch_undated(&agent.person(local, "", external_id), expires_at);
            let visit = agent.provision(&visitor, at(NOW + 1)).await;
            assert!(
                matches!(visit, Err(ProvisionError::Forgotten)),
                "a token without iat may be older than the erasure: Forgotten, not {visit:?}"
            );
        }
    }
    let newer = agent.vouch_undated(&agent.person("ada", "", "42"), NEWER + HOUR);
    let after = agent.provision(&newer, at(NEWER)).await.expect("a token that must be newer is accepted");
    assert!(after.created_subscriber, "a token that must be newer makes a new subscriber");
    assert_eq!(after.granted, None, "a visitor who was forgotten is not granted a second time");
}

/// The `iat` counts if there is one, however soon the token expires.
pub async fn a_short_token_is_as_old_as_it_says(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let signer = Signer::new(&agent.current.secret).with_lifetime(Duration::minutes(1)).unwrap();
    let visit = async |name: &str, issued_at: i64| {
        let token = signer.sign_at(&agent.person("ada", name, "42"), at(issued_at));
        let visitor = agent.current.verifier().verify_at(&token, at(issued_at)).unwrap();
        agent.provision(&visitor, at(issued_at)).await
    };
    let ada = visit("Ada", NOW).await.expect("a short token is as good as another").subscriber;
    let applied_at = agent.read(ada).await.applied_at;
    assert_eq!(applied_at, NOW, "a token with iat was issued then: use ProvisionRequest::issued_at");
    agent.forget(ada, NOW).await;
    let after = visit("Ada", NEWER).await;
    assert!(after.is_ok_and(|new| new.created_subscriber), "a newer token is accepted, however short");
}

/// A token applies from its issue on, not from its visit on.
pub async fn a_token_is_as_old_as_its_issue_not_as_its_visit(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit_later(&agent.person("ada", "Ada", ""), NOW - 600, NOW).await.subscriber;
    let applied_at = agent.read(ada).await.applied_at;
    assert_eq!(applied_at, NOW - 600, "applied_at is the token's time of issue, not the time of the visit");
    for (name, issued_at) in [("Countess", NOW - 300), ("Lovelace", NOW - 200)] {
        agent.visit_later(&agent.person("ada", name, ""), issued_at, NOW).await;
        let found = agent.read(ada).await;
        assert_eq!(
            (found.name.as_deref(), found.applied_at),
            (Some(name), issued_at),
            "a newer token applies, though an older one was presented at the same time"
        );
    }
}

/// The days are those of visits, also if the token was issued on the day before.
pub async fn a_day_is_that_of_the_visit(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let midnight = NOW + 12 * HOUR;
    let person = agent.person("ada", "", "");
    let ada = agent.visit_later(&person, midnight - 600, midnight + 600).await.subscriber;
    let found = agent.read(ada).await;
    assert_eq!(
        (found.first_day, found.last_day),
        (day(midnight), day(midnight)),
        "a day is that of the visit: use ProvisionRequest::today"
    );
    // Each token is newer than the one before and changes something, whatever the server's clock says.
    for (number, (days, last)) in (0..).zip([(1, 1), (3, 3), (2, 3)]) {
        let person = agent.person("ada", &format!("Ada {number}"), "");
        agent.visit_later(&person, midnight + 3 * DAY + number, midnight + days * DAY).await;
        let found = agent.read(ada).await;
        assert_eq!(
            (found.first_day, found.last_day),
            (day(midnight), day(midnight + last * DAY)),
            "first_day is the first visit's, and stays; last_day is the newest"
        );
    }
}

/// A time may have any offset: a day is a UTC day for a new visitor and for a known one, and an erasure is as
/// of the moment that it names.
pub async fn a_time_may_have_any_offset(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    for (number, hours) in (0..).zip([-11, 2, 14]) {
        let offset = UtcOffset::from_hms(hours, 0, 0).unwrap();
        let there = |seconds| at(seconds).to_offset(offset);
        let (local, external_id) = (format!("n{number}"), format!("{number}"));
        let evening = NOW + 11 * HOUR + HOUR / 2; // 23:30 in UTC: tomorrow in the east
        let mut subscriber = None;
        for (name, days) in [("Ada", 0), ("Countess", 0), ("Ada", 1), ("Ada", 2)] {
            let now = evening + days * DAY;
            let person = agent.person(&local, name, &external_id);
            let visit = agent.try_visit(&person, now, there(now)).await;
            let visit = visit.expect("provision accepts any offset");
            let found = agent.read(visit.subscriber).await;
            assert_eq!(
                (found.first_day, found.last_day),
                (day(evening), day(now)),
                "the days of a subscriber are UTC days: use ProvisionRequest::today"
            );
            subscriber = Some(visit.subscriber);
        }
        let erased = store.forget(agent.project, subscriber.unwrap(), there(NOW + 3 * DAY)).await;
        assert!(erased.expect("forget accepts any offset"), "there was a subscriber to forget");
        let person = agent.person(&local, "", &external_id);
        let visit = agent.try_visit(&person, NOW + 3 * DAY + SKEW, at(NOW + 3 * DAY + SKEW)).await;
        assert!(
            matches!(visit, Err(ProvisionError::Forgotten)),
            "an erasure is as of the moment that it names, whatever its offset: Forgotten, not {visit:?}"
        );
        let visit = agent.try_visit(&person, NEWER + 3 * DAY, at(NEWER + 3 * DAY)).await;
        assert!(
            visit.is_ok_and(|new| new.created_subscriber),
            "an erasure is as of the moment that it names, whatever its offset: a newer token is accepted"
        );
    }
}

/// A time may have a fraction of a second: an erasure is as of the moment that it names, and the last moment
/// before midnight is of the old day.
pub async fn a_time_may_have_a_fraction(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "42");
    let subscriber = agent.visit(&ada).await.subscriber;
    let erased = store.forget(agent.project, subscriber, at(NOW) + Duration::milliseconds(600)).await;
    assert!(erased.expect("forget accepts a fraction of a second"), "there was a subscriber to forget");
    let visit = agent.try_visit(&ada, NOW + SKEW, at(NOW + SKEW)).await;
    assert!(
        matches!(visit, Err(ProvisionError::Forgotten)),
        "a token with an iat at most 60 s after the erasure: Forgotten, not {visit:?}"
    );
    let visit = agent.try_visit(&ada, NEWER, at(NEWER)).await;
    assert!(
        visit.is_ok_and(|new| new.created_subscriber),
        "a token with an iat more than 60 s after the erasure is accepted: never round a time up"
    );
    let (grace, midnight) = (agent.person("grace", "", "43"), NOW + 12 * HOUR);
    for days in [0, 1] {
        let now = at(midnight + days * DAY) - Duration::milliseconds(100);
        let visit = agent.try_visit(&grace, midnight + days * DAY - 1, now).await;
        let visit = visit.expect("provision accepts a fraction of a second");
        let found = agent.read(visit.subscriber).await;
        assert_eq!(
            (found.first_day, found.last_day),
            (day(NOW), day(NOW + days * DAY)),
            "23:59:59.9 in UTC is of the old day: never round a time up"
        );
    }
}

/// Times do not end in 2038: a hundred years from now, an older token changes nothing and an erasure has its
/// minute.
pub async fn times_have_no_end_in_2038(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let (first, last) = (NOW + 100 * 365 * DAY, NOW + (100 * 365 + 1) * DAY);
    let ada = agent.visit_at(&agent.person("ada", "Ada", "42"), first).await.subscriber;
    for (name, issued_at) in [("Countess", last), ("Old", last - 1)] {
        agent.visit_later(&agent.person("ada", name, "42"), issued_at, last).await;
        let found = agent.read(ada).await;
        assert_eq!(
            (found.applied_at, found.first_day, found.last_day),
            (last, day(first), day(last)),
            "times do not end in 2038: keep seconds in 64 bits"
        );
        assert_eq!(found.name.as_deref(), Some("Countess"), "an older token changes no name, after 2038 too");
    }
    assert!(agent.forget(ada, last).await, "there was a subscriber to forget");
    let visit = agent.try_visit(&agent.person("ada", "", "42"), last + SKEW, at(last + SKEW)).await;
    assert!(
        matches!(visit, Err(ProvisionError::Forgotten)),
        "an erasure after 2038: Forgotten, not {visit:?}; keep seconds in 64 bits"
    );
    let after = agent.visit_at(&agent.person("ada", "", "42"), last + SKEW + 1).await;
    assert!(after.created_subscriber, "a newer token makes a new subscriber, after 2038 too");
}

/// A token from before an erasure is refused however late it is presented.
pub async fn an_older_token_is_refused_however_late_it_comes(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.person("ada", "", "42");
    let subscriber = agent.visit_at(&ada, NOW - 10).await.subscriber;
    agent.forget(subscriber, NOW).await;
    for later in [1, 61, 600, HOUR - 11, DAY] {
        let visit = agent.try_visit(&ada, NOW - 10, at(NOW + later)).await;
        assert!(
            matches!(visit, Err(ProvisionError::Forgotten)),
            "an older token {later} s after the erasure: Forgotten, not {visit:?}; compare its time of issue"
        );
    }
    let newer = agent.vouch(&ada, NEWER);
    let visit = agent.provision(&newer, at(NOW + 1)).await; // on a server whose clock is behind
    assert!(
        visit.is_ok_and(|new| new.created_subscriber),
        "a token that was issued after the erasure is accepted, whatever the server's clock says"
    );
}

/// A visit of the same day that changes nothing writes nothing: not even that its token was applied.
pub async fn a_returning_visitor_of_the_same_day_writes_nothing(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = agent.person("ada", "Ada", "42");
    let subscriber = agent.visit(&ada).await.subscriber;
    let before = agent.read(subscriber).await;
    for (name, external_id) in [("Ada", "42"), ("", "42"), ("Ada", ""), ("", "")] {
        agent.visit_at(&agent.person("ada", name, external_id), NOW + 600).await;
        let after = agent.read(subscriber).await;
        assert!(
            after == before,
            "a returning visitor of the same day without changes costs no write: see Decision::writes"
        );
    }
    // So a token between the two is the newest that was applied.
    agent.visit_later(&agent.person("ada", "Countess", ""), NOW + 300, NOW + 600).await;
    let name = agent.read(subscriber).await.name;
    assert_eq!(name.as_deref(), Some("Countess"), "a token that changed nothing does not make others older");
}
