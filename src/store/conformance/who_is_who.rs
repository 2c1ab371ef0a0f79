//! Who is who: the linking table, one check per row, and what tokens may change. `decide` in `linking` is all
//! of it; a store that fails here fetches its inputs or applies its outcome otherwise.

use super::super::{
    model::{LinkConflict, Subscriber},
    visit::ProvisionRequest,
};
use super::fixture::{Agent, DAY, Fixture, NOW, at, day};
use crate::id::SubscriberId;

/// What the subscriber is called: e-mail address, name, external id.
fn names_of(subscriber: &Subscriber) -> (Option<&str>, Option<&str>, Option<&str>) {
    (subscriber.email.as_deref(), subscriber.name.as_deref(), subscriber.external_id.as_deref())
}

/// The conflict with the subscriber who has the address.
fn conflict_with(email_holder: SubscriberId) -> LinkConflict {
    LinkConflict::new(email_holder)
}

/// E; by E none: create.
pub async fn unknown_address_creates(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "")).await;
    assert!(ada.created_subscriber && ada.created_account, "a first visit reports what it created");
    assert_eq!(ada.conflict, None, "no other subscriber has the address");
    let found = agent.read(ada.subscriber).await;
    assert_eq!(
        (found.id, found.account),
        (ada.subscriber, ada.account),
        "reading finds what provision answered"
    );
    assert_eq!(
        names_of(&found),
        (Some(&*agent.address("ada")), None, None),
        "a new subscriber has the token's names"
    );
    assert_eq!((found.first_day, found.last_day), (day(NOW), day(NOW)), "the first visit is the last so far");
    assert_eq!(found.applied_at, NOW, "applied_at is the token's iat");
    assert_eq!(agent.all().await, [ada.subscriber], "one visitor makes one subscriber");
}

/// E; by E is S: S, with an external id or without.
pub async fn known_address_is_its_holder(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    for external_id in ["", "42"] {
        let local = format!("ada{external_id}");
        let first = agent.visit(&agent.person(&local, "", external_id)).await;
        let again = agent.visit(&agent.person(&local, "", "")).await;
        assert_eq!(again.subscriber, first.subscriber, "a known address is its holder");
        let kept = agent.read(first.subscriber).await.external_id.unwrap_or_default();
        assert_eq!(kept, external_id, "a token without an external id erases none");
    }
}

/// E, X; by X none, by E none: create with X.
pub async fn unknown_external_id_and_address_create(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "Ada", "42")).await;
    assert!(ada.created_subscriber && ada.conflict.is_none(), "no subscriber has either name: create");
    let names_of_ada = (Some(&*agent.address("ada")), Some("Ada"), Some("42"));
    assert_eq!(
        names_of(&agent.read(ada.subscriber).await),
        names_of_ada,
        "a new subscriber has all names of the token"
    );
}

/// E, X; by X none, by E is S without external id: S takes X.
pub async fn unknown_external_id_is_taken_by_the_holder_of_the_address(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let before = agent.visit(&agent.person("ada", "", "")).await;
    let after = agent.visit(&agent.person("ada", "", "42")).await;
    assert_eq!(after.subscriber, before.subscriber, "the holder of the address takes the external id");
    assert!(
        !after.created_subscriber && after.conflict.is_none(),
        "taking an external id creates no \
    subscriber"
    );
    assert_eq!(agent.named("42").await, Some(before.subscriber), "the external id finds who took it");
    let moved = agent.visit(&agent.person("lovelace", "", "42")).await;
    assert_eq!(moved.subscriber, before.subscriber, "the external id that was taken decides from then on");
}

/// E, X; by X none, by E is S with another external id: a new subscriber without E, and a conflict.
pub async fn unknown_external_id_with_anothers_address_creates(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let holder = agent.visit(&agent.person("info", "Ada", "1")).await;
    let newcomer = agent.person("info", "Grace", "2");
    let new = agent.visit(&newcomer).await;
    assert!(
        new.created_subscriber && new.subscriber != holder.subscriber,
        "a recycled mailbox must not inherit history: another external id is another subscriber"
    );
    assert_eq!(
        new.conflict,
        Some(conflict_with(holder.subscriber)),
        "the conflict names who holds the address"
    );
    assert_eq!((new.account, new.created_account), (holder.account, false), "one address is one account");
    assert_eq!(agent.holder("info").await, Some(holder.subscriber), "the address stays with its holder");
    let names_of_new = (None, Some("Grace"), Some("2"));
    let found = agent.read(new.subscriber).await;
    assert_eq!(names_of(&found), names_of_new, "the new subscriber holds no address");
    let names_of_holder = (Some(&*agent.address("info")), Some("Ada"), Some("1"));
    assert_eq!(
        names_of(&agent.read(holder.subscriber).await),
        names_of_holder,
        "the holder is left as they were"
    );

    let again = agent.visit(&newcomer).await;
    assert_eq!(again.subscriber, new.subscriber, "the new subscriber is found by their external id");
    assert_eq!(
        again.conflict,
        Some(conflict_with(holder.subscriber)),
        "the conflict is reported as long as it lasts"
    );
    assert!(!again.created_subscriber, "a conflict does not create anew at every visit");
}

/// E, X; by X is S, by E none: S, who now holds E.
pub async fn known_external_id_takes_a_free_address(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let before = agent.visit(&agent.person("ada", "", "42")).await;
    let after = agent.visit(&agent.person("lovelace", "", "42")).await;
    assert_eq!(after.subscriber, before.subscriber, "the external id is the visitor, whatever the address");
    assert_eq!(after.account, before.account, "a changed address moves no subscriber to another account");
    assert!(!after.created_account && after.conflict.is_none(), "a changed address creates nothing");
    assert_eq!(
        agent.holder("lovelace").await,
        Some(before.subscriber),
        "the subscriber holds the new address"
    );
    assert_eq!(agent.holder("ada").await, None, "no subscriber has the old address any more");
    let other = agent.visit(&agent.person("ada", "", "")).await;
    assert_ne!(other.subscriber, before.subscriber, "the person who has the old address now is another one");
}

/// E, X; by X is S, by E is S: S.
pub async fn known_external_id_and_own_address_are_the_same_subscriber(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let before = agent.visit(&agent.person("ada", "", "42")).await;
    let after = agent.visit(&agent.person("ada", "", "42")).await;
    assert_eq!(
        (after.subscriber, after.conflict),
        (before.subscriber, None),
        "both names are the same subscriber's"
    );
}

/// E, X; by X is S, by E is T: S, whose address stays, and a conflict.
pub async fn known_external_id_wins_over_anothers_address(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await;
    for external_id in ["", "43"] {
        let local = format!("grace{external_id}");
        let grace = agent.visit(&agent.person(&local, "", external_id)).await;
        let visit = agent.visit(&agent.person(&local, "", "42")).await;
        assert_eq!(visit.subscriber, ada.subscriber, "the external id wins over the address");
        assert_eq!(
            visit.conflict,
            Some(conflict_with(grace.subscriber)),
            "the conflict names who holds the address"
        );
        assert_eq!(agent.holder(&local).await, Some(grace.subscriber), "the address stays with its holder");
        assert_eq!(agent.holder("ada").await, Some(ada.subscriber), "the visitor keeps their own address");
    }
    assert_eq!(agent.all().await.len(), 3, "a conflict merges no subscribers");
}

/// A conflict keeps back the address and nothing else: the visitor's name and visit are written, and the
/// holder of the address is left as they were.
pub async fn a_conflict_keeps_back_the_address_only(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "Ada", "42")).await;
    for (number, external_id) in (1..).zip(["", "43"]) {
        let local = format!("grace{external_id}");
        let grace = agent.visit(&agent.person(&local, "Grace", external_id)).await;
        let before = agent.read(grace.subscriber).await;
        let (name, now) = (format!("Countess {number}"), NOW + number * DAY);
        let visit = agent.visit_at(&agent.person(&local, &name, "42"), now).await;
        assert_eq!(
            (visit.subscriber, visit.account),
            (ada.subscriber, ada.account),
            "the visitor keeps their account, even if another subscriber has the address"
        );
        let found = agent.read(ada.subscriber).await;
        assert_eq!(
            (names_of(&found), found.last_day, found.applied_at),
            ((Some(&*agent.address("ada")), Some(&*name), Some("42")), day(now), now),
            "a conflict keeps back the address only: write the name and the visit"
        );
        assert_eq!(found.past_addresses, 0, "an address that was not taken replaces none");
        assert!(agent.read(grace.subscriber).await == before, "the holder of an address is left alone");
        // An answer that writes nothing reports it as well.
        let again = agent.visit_at(&agent.person(&local, &name, "42"), now).await;
        assert_eq!(
            again.conflict,
            Some(conflict_with(grace.subscriber)),
            "the conflict is reported as long as it lasts"
        );
        // So do the answers to an older token, and to a request that forbids creation.
        let visitor = agent.vouch(&agent.person(&local, &name, "42"), NOW - 1);
        let request = ProvisionRequest::new(visitor, at(now));
        for request in [request.clone(), request.without_creating()] {
            let again = store.provision(request).await.expect("a known visitor is provisioned");
            assert_eq!(
                again.conflict,
                Some(conflict_with(grace.subscriber)),
                "the conflict is reported whatever the token's age, also if creation is forbidden"
            );
        }
    }
}

/// A returning visitor's visit reports nothing created and nothing granted.
pub async fn a_returning_visitor_reports_nothing_created(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(1)).await;
    let ada = agent.person("ada", "Ada", "42");
    let first = agent.visit(&ada).await;
    for later in [0, 1, DAY, 40 * DAY] {
        let again = agent.visit_at(&ada, NOW + later).await;
        assert_eq!(
            (again.subscriber, again.account),
            (first.subscriber, first.account),
            "the same visitor again"
        );
        assert!(
            !again.created_account && !again.created_subscriber && again.granted.is_none(),
            "Provisioned says what this call created: nothing, {later} s after the first visit"
        );
    }
}

/// Subscribers belong to the project: each of its bots finds them.
pub async fn all_bots_of_a_project_share_its_subscribers(store: &dyn Fixture) {
    let one = Agent::new(store).await;
    let other = Agent::of(store, one.project).await;
    let ada = one.person("ada", "Ada", "42");
    let first = one.visit(&ada).await;
    assert_eq!(
        other.visit(&ada).await.subscriber,
        first.subscriber,
        "a subscriber is the project's, not the bot's"
    );
}

/// An external id is written once: no later token changes or erases it.
pub async fn an_external_id_is_written_once(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await;
    for (local, external_id) in [("ada", "43"), ("ada", ""), ("lovelace", "42"), ("lovelace", "44")] {
        agent.visit(&agent.person(local, "", external_id)).await;
        let kept = agent.read(ada.subscriber).await.external_id;
        assert_eq!(kept.as_deref(), Some("42"), "an external id is written once: never overwrite it");
    }
}

/// A token without a name erases none; one with another name replaces it.
pub async fn a_missing_name_erases_nothing(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "")).await.subscriber;
    for (signed, kept) in
        [("Ada", "Ada"), ("", "Ada"), ("Ada Lovelace", "Ada Lovelace"), ("", "Ada Lovelace")]
    {
        agent.visit(&agent.person("ada", signed, "")).await;
        assert_eq!(agent.read(ada).await.name.as_deref(), Some(kept), "a missing name erases nothing");
    }
}

/// The address is shown as the newest token spells it.
pub async fn the_spelling_of_an_address_is_the_newest(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "")).await.subscriber;
    for local in ["Ada", "ADA", "ada"] {
        assert_eq!(
            agent.visit(&agent.person(local, "", "")).await.subscriber,
            ada,
            "case makes no other subscriber"
        );
        let shown = agent.read(ada).await.email;
        assert_eq!(shown, Some(agent.address(local)), "the address is kept as it was last given");
    }
}

/// A token issued before the one last applied changes nothing, and is no reason to refuse the visitor.
pub async fn an_older_token_changes_nothing(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
    let grace = agent.visit(&agent.person("grace", "Grace", "")).await.subscriber;
    let before = (agent.read(ada).await, agent.read(grace).await);
    let older = [("ada", "Old", "42"), ("ADA", "", ""), ("lovelace", "", "42"), ("grace", "Old", "43")];
    for (local, name, external_id) in older {
        let visit = agent.visit_later(&agent.person(local, name, external_id), NOW - 1, NOW).await;
        assert!(!visit.created_subscriber, "an older token finds the known subscriber");
    }
    let after = (agent.read(ada).await, agent.read(grace).await);
    assert!(
        before == after,
        "a token issued before the one last applied changes nothing: compare with applied_at"
    );

    agent.visit(&agent.person("ada", "Countess", "42")).await;
    let name = agent.read(ada).await.name;
    assert_eq!(name.as_deref(), Some("Countess"), "a token of the same second is not older: it applies");

    // What applies moves the line, and so does the first visit of a day that changes nothing.
    agent.visit_at(&agent.person("ada", "Lovelace", "42"), NOW + 10).await;
    agent.visit_later(&agent.person("ada", "Between", "42"), NOW + 5, NOW + 10).await;
    agent.visit_at(&agent.person("ada", "", "42"), NOW + DAY).await;
    agent.visit_later(&agent.person("ada", "Between", "42"), NOW + DAY - 1, NOW + DAY).await;
    let found = agent.read(ada).await;
    assert_eq!(
        found.name.as_deref(),
        Some("Lovelace"),
        "applied_at moves with what is written: set it every time"
    );
    assert_eq!(found.applied_at, NOW + DAY, "applied_at moves with what is written: set it every time");
}

/// An older token on a new day records the visit and nothing else; it does not make way for tokens between
/// the two.
pub async fn an_older_token_on_a_new_day_is_a_visit_only(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "Ada", "")).await.subscriber;
    let tomorrow = NOW + DAY;
    agent.visit_later(&agent.person("ada", "Old", ""), NOW - 10, tomorrow).await;
    let found = agent.read(ada).await;
    assert_eq!(
        found.last_day,
        day(tomorrow),
        "the first visit of a day is recorded whatever the token's age"
    );
    assert_eq!(found.name.as_deref(), Some("Ada"), "an older token changes no name");
    assert_eq!(found.applied_at, NOW, "applied_at never goes back: keep the greater");
    agent.visit_later(&agent.person("ada", "Between", ""), NOW - 5, tomorrow).await;
    assert_eq!(agent.read(ada).await.name.as_deref(), Some("Ada"), "an older token changes no name");
}
