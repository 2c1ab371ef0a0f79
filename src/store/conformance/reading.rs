//! Looking subscribers up, and listing them.

use super::super::{contract::Store, model::Lookup};
use super::fixture::{Agent, CREDITS, DAY, NOW, at, day};
use crate::{
    id::{ProjectId, SubscriberId},
    identity::Email,
};

/// A subscriber is found by id, by external id and by address, in any ASCII case.
pub async fn a_subscriber_is_found_by_each_of_their_names(store: &dyn Store) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    agent.visit(&agent.person("byron", "Ada", "x42")).await;
    let ada = agent.visit(&agent.person("Ada", "Ada", "x42")).await.subscriber;
    let grace = agent.visit(&agent.person("grace", "", "")).await.subscriber;
    let whole = agent.read(ada).await;
    let (lower, upper) = (agent.address("ada"), agent.address("ada").to_uppercase());
    for address in [&lower, &upper] {
        let found = agent.find(Lookup::Email(Email::new(address).unwrap())).await;
        assert!(found.as_ref() == Some(&whole), "an address finds its holder by its key, in any ASCII case");
    }
    let found = agent.find(Lookup::ExternalId("x42")).await;
    assert!(found.as_ref() == Some(&whole), "an external id finds whose it is, in full");
    for unknown in ["X42", "x4", "x42 ", ""] {
        assert_eq!(
            agent.named(unknown).await,
            None,
            "{unknown:?} is no subscriber's external id: compare \
        exactly"
        );
    }
    for unknown in ["adal", "ad", "byron", "%"] {
        assert_eq!(agent.holder(unknown).await, None, "an address that no subscriber has finds none");
    }
    let unknown = SubscriberId::generate().unwrap();
    assert!(agent.find(Lookup::Id(unknown)).await.is_none(), "an unknown id finds no subscriber");
    assert_eq!(agent.holder("grace").await, Some(grace), "each address finds its own holder");
}

/// A subscriber is not found from another project, nor from one that does not exist.
pub async fn a_subscriber_is_not_found_from_another_project(store: &dyn Store) {
    let (one, mut other) = (Agent::new(store).await, Agent::new(store).await);
    let ada = one.visit(&one.person("ada", "", "42")).await.subscriber;
    let address = one.address("ada");
    for _ in 0..2 {
        for by in [Lookup::Id(ada), Lookup::ExternalId("42"), Lookup::Email(Email::new(&address).unwrap())] {
            assert!(
                other.find(by).await.is_none(),
                "a project reaches its own subscribers only: ask by project"
            );
        }
        assert!(other.all().await.is_empty(), "a project lists its own subscribers only");
        other.project = ProjectId::generate().unwrap();
    }
}

/// Pages are newest first; a page begins after the last id of the one before, and none is left out.
pub async fn pages_are_newest_first(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let mut known = Vec::new();
    for number in 0..7 {
        known.push(agent.visit(&agent.person(&format!("n{number}"), "", "")).await.subscriber);
    }
    known.sort();
    known.reverse();
    assert_eq!(agent.page(None, u32::MAX).await, known, "subscribers are listed newest first, by their ids");
    for limit in [1, 2, 3, 7, 8] {
        let mut listed: Vec<SubscriberId> = Vec::new();
        loop {
            let page = agent.page(listed.last().copied(), limit).await;
            assert!(u32::try_from(page.len()).unwrap() <= limit, "a page is no longer than its limit");
            if page.is_empty() {
                break;
            }
            listed.extend(page);
            assert!(listed.len() <= known.len(), "the next page starts after the given id, without it");
        }
        assert_eq!(listed, known, "pages of {limit} are all subscribers, once, in order");
    }
    assert!(agent.page(None, 0).await.is_empty(), "a limit of 0 is an empty page");
}

/// Pages show their own project only.
pub async fn pages_show_their_own_project_only(store: &dyn Store) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let mut known = Vec::new();
    for number in 0..3 {
        let person = one.person(&format!("n{number}"), "", "");
        known.push(one.visit(&person).await.subscriber);
        other.visit(&person).await;
    }
    known.sort();
    assert_eq!(one.all().await, known, "a page shows its own project only");
    known.reverse();
    assert_eq!(one.page(Some(known[0]), 1).await, [known[1]], "a limit counts the project's own subscribers");
}

/// A page may start after any id, also after one that no subscriber has, or has any more.
pub async fn a_page_may_start_after_any_id(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let mut known = Vec::new();
    for number in 0..3 {
        known.push(agent.visit(&agent.person(&format!("n{number}"), "", "")).await.subscriber);
    }
    known.sort();
    known.reverse();
    let (least, greatest) = (SubscriberId::from_bytes([0; 16]), SubscriberId::from_bytes([255; 16]));
    assert_eq!(agent.page(Some(greatest), 10).await, known, "all come after the greatest id");
    assert!(agent.page(Some(least), 10).await.is_empty(), "none comes after the least id");
    agent.forget(known[1], NOW).await;
    assert_eq!(
        agent.page(Some(known[1]), 10).await,
        known[2..],
        "a forgotten id is still a place in the order"
    );
}

/// Subscribers are counted in their own project.
pub async fn subscribers_are_counted(store: &dyn Store) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let count = async |agent: &Agent<'_, dyn Store + '_>| {
        store.subscriber_count(agent.project).await.expect("subscriber_count works")
    };
    assert_eq!(count(&one).await, 0, "a new project has no subscribers");
    for number in 0..3 {
        one.visit(&one.person(&format!("n{number}"), "", "")).await;
    }
    let ada = other.visit(&other.person("ada", "", "42")).await.subscriber;
    other.visit(&other.person("ada", "", "43")).await; // a subscriber without an address
    assert_eq!((count(&one).await, count(&other).await), (3, 2), "each project counts all of its own");
    other.forget(ada, NOW).await;
    assert_eq!((count(&one).await, count(&other).await), (3, 1), "a forgotten subscriber is not counted");
}

/// An operator finds all subscribers who have an address, in every project, by its key.
pub async fn an_address_is_found_in_every_project(store: &dyn Store) {
    let mut agents = Vec::new();
    for _ in 0..6 {
        agents.push(Agent::new(store).await);
    }
    let ada = agents[0].person("ada", "Ada", "42");
    let mut known = Vec::new();
    for agent in &agents[..5] {
        let id = agent.visit(&ada).await.subscriber;
        known.push((agent.project, agent.read(id).await));
    }
    agents[5].visit(&agents[0].person("grace", "", "42")).await;
    known.sort_by_key(|(project, _)| *project);
    let address = agents[0].address("ADA");
    let find = async || {
        let found = store.subscribers_by_email(Email::new(&address).unwrap()).await;
        let mut found = found.expect("subscribers_by_email works");
        found.sort_by_key(|subscriber| subscriber.project);
        found
    };
    let expected: Vec<_> = known.iter().map(|(_, subscriber)| subscriber.clone()).collect();
    assert!(find().await == expected, "subscribers_by_email finds the address in every project, by its key");
    agents[0].forget(agents[0].holder("ada").await.unwrap(), NOW).await;
    assert_eq!(find().await.len(), 4, "a forgotten subscriber is not found");
    // The subscriber who gave the address up has it no longer.
    for agent in &agents[1..5] {
        agent.visit(&agents[0].person("lovelace", "", "42")).await;
    }
    let found = find().await;
    assert!(found.is_empty(), "subscribers_by_email finds those who have the address, not those who had it");
}

/// An operator finds an address by its key: it has no wildcards, and only the case of ASCII letters makes no
/// difference.
pub async fn an_operator_finds_an_address_by_its_key(store: &dyn Store) {
    for (one, other) in [("ada_x", "adaxx"), ("%", "ada"), ("\u{e9}", "\u{c9}"), ("\u{212a}", "k")] {
        for (held, unknown) in [(one, other), (other, one)] {
            let agent = Agent::new(store).await;
            let id = agent.visit(&agent.person(held, "", "")).await.subscriber;
            let find = async |local| {
                let address = agent.address(local);
                let found = store.subscribers_by_email(Email::new(&address).unwrap()).await;
                let found = found.expect("subscribers_by_email works");
                found.into_iter().map(|subscriber| subscriber.id).collect::<Vec<_>>()
            };
            assert_eq!(find(held).await, [id], "subscribers_by_email finds the subscriber who has {held:?}");
            assert!(
                find(unknown).await.is_empty(),
                "{unknown:?} is another address than {held:?}: compare Email::key, never with the database's \
                 lower() or LIKE"
            );
        }
    }
}

/// The addresses that a subscriber gave up are counted, each once, by their keys; and a visit that takes one
/// back says so.
pub async fn past_addresses_are_counted(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "42")).await.subscriber;
    for (local, count, is_back) in [
        ("ada", 0, false),
        ("Ada", 0, false),
        ("b", 1, false),
        ("ada", 2, true),
        ("b", 2, true),
        ("B", 2, false),
        ("c", 2, false),
        ("ada", 3, true),
    ] {
        let visit = agent.visit(&agent.person(local, "", "42")).await;
        assert_eq!(visit.subscriber, ada);
        assert_eq!(visit.took_address_back, is_back, "an address that was given up came back: now {local}");
        let found = agent.read(ada).await.past_addresses;
        assert_eq!(found, count, "an address that was given up counts once, by its key: now {local}");
    }
    let listed = store.subscribers(agent.project, None, 1).await.expect("subscribers works");
    assert_eq!(listed.first().map(|ada| ada.past_addresses), Some(3), "a list counts them, too");
    let other = agent.visit(&agent.person("b", "", "43")).await;
    assert!(!other.took_address_back, "another subscriber never had this address");
    // Nor had one who gives up an address of their own for it.
    let grace = agent.person("grace", "", "44");
    agent.visit(&grace).await;
    let taken = agent.visit(&agent.person("c", "", "44")).await;
    assert!(!taken.took_address_back, "an address that another subscriber gave up is not taken back");
    let taken = agent.visit(&grace).await;
    assert!(taken.took_address_back, "an address of one's own is");
}

/// A search finds by address, external id and id, each subscriber once, in its own project.
pub async fn a_search_finds_by_each_name(store: &dyn Store) {
    let (one, other) = (Agent::new(store).await, Agent::new(store).await);
    let ada = one.visit(&one.person("ada", "Ada", "42")).await.subscriber;
    let address = one.address("ada");
    // An external id may look like an address.
    let lookalike = one.visit(&one.person("grace", "", &address)).await.subscriber;
    other.visit(&one.person("ada", "Ada", "42")).await;
    let search = async |text: &str| {
        let found = store.search(one.project, text).await.expect("search works");
        found.into_iter().map(|subscriber| subscriber.id).collect::<Vec<_>>()
    };
    assert_eq!(search("42").await, [ada], "a search finds by external id");
    assert_eq!(search(&ada.to_string()).await, [ada], "a search finds by id");
    assert_eq!(search(&one.address("ADA")).await, [ada], "a search finds by address");
    assert_eq!(search(&address).await, [ada, lookalike], "a search finds all who have the text as a name");
    for unknown in ["", "4", "@", "%", "420", "Ada", "ada", "x42"] {
        assert!(search(unknown).await.is_empty(), "a search compares exactly, and looks at no names");
    }
    for (number, text) in [" 42", "42 ", "\t42", "42\n"].into_iter().enumerate() {
        assert!(search(text).await.is_empty(), "a search trims nothing: {text:?} is another external id");
        let spaced = one.visit(&one.person(&format!("n{number}"), "", text)).await.subscriber;
        assert_eq!(search(text).await, [spaced], "a search compares exactly, spaces included");
        assert_eq!(search("42").await, [ada], "a search compares exactly, spaces included");
    }
    // Both names of one subscriber may be the same text.
    let own = one.address("own");
    let twice = one.visit(&one.person("own", "", &own)).await.subscriber;
    assert_eq!(search(&own).await, [twice], "a search finds each subscriber once");
    let there = other.holder("ada").await;
    assert_eq!(there, None, "the address is another project's, and so is its subscriber");
    let there = other.named("42").await.expect("an external id finds whose it is");
    assert!(search(&there.to_string()).await.is_empty(), "a search stays in its project");
    // An address that they gave up, and one who is forgotten, are not found.
    one.visit(&one.person("lovelace", "", "42")).await;
    assert_eq!(search(&address).await, [lookalike], "a search finds no past addresses");
    one.forget(ada, NOW).await;
    for gone in ["42", &ada.to_string(), &one.address("lovelace")] {
        assert!(search(gone).await.is_empty(), "a search does not find the forgotten");
    }
}

/// What a list shows of a subscriber is what a look at them shows.
pub async fn lists_show_all_of_a_subscriber(store: &dyn Store) {
    let (one, other) =
        (Agent::with_free_tier(store, Some(CREDITS)).await, Agent::with_free_tier(store, Some(7)).await);
    for agent in [&one, &other] {
        agent.visit(&one.person("ada", "Ada", "42")).await;
        agent.visit(&one.person("lovelace", "Ada", "42")).await;
        agent.visit(&one.person("lovelace", "Grace", "43")).await;
        agent.visit_at(&one.person("joan", "", ""), NOW + DAY).await;
    }
    let listed = store.subscribers(one.project, None, 10).await.expect("subscribers works");
    assert_eq!(listed.len(), 3, "a list shows every subscriber");
    for shown in &listed {
        assert!(
            *shown == one.read(shown.id).await,
            "a list shows all that a look at a subscriber shows: names, days, grant, past addresses"
        );
        let own = (shown.project, shown.granted);
        assert_eq!(own, (one.project, Some(CREDITS)), "each project shows its own grants");
    }
    let address = one.address("LoveLace");
    let mut found = store.subscribers_by_email(Email::new(&address).unwrap()).await.expect("works");
    found.sort_by_key(|subscriber| subscriber.project != one.project);
    let [here, there] = &found[..] else {
        panic!("an address has one holder in each of two projects, not {found:?}")
    };
    assert!(
        *here == one.read(here.id).await && *there == other.read(there.id).await,
        "subscribers_by_email shows all that a look at a subscriber shows"
    );
    assert_eq!((here.granted, there.granted), (Some(CREDITS), Some(7)), "each project shows its own grants");
}

/// Ids begin with the time of their creation, so that the order of ids is that of creation.
pub async fn ids_begin_with_the_time_of_creation(store: &dyn Store) {
    /// Another machine's clock may differ from this one's by so many milliseconds.
    const LEEWAY: u64 = 60_000;
    let agent = Agent::new(store).await;
    let mut times = Vec::new();
    // The milliseconds since 1970.
    let time = |id: &[u8; 16]| id[..6].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let now = || time(SubscriberId::generate().unwrap().as_bytes());
    for number in 0..12 {
        let before = now();
        let visit = agent.visit(&agent.person(&format!("n{number}"), "", "")).await;
        let (subscriber, account) = (time(visit.subscriber.as_bytes()), time(visit.account.as_bytes()));
        for created_at in [subscriber, account] {
            assert!(
                (before.saturating_sub(LEEWAY)..=now() + LEEWAY).contains(&created_at),
                "ids begin with the time of their creation, within a minute of this machine's: use \
                 SubscriberId::generate and AccountId::generate"
            );
        }
        times.push((subscriber, account));
    }
    assert!(
        times.is_sorted_by_key(|of| &of.0) && times.is_sorted_by_key(|of| &of.1),
        "ids begin with the time of their creation: use SubscriberId::generate and AccountId::generate"
    );
}

/// Nothing is found, listed or counted in a project that does not exist; it is no error.
pub async fn an_unknown_project_is_empty(store: &dyn Store) {
    let agent = Agent::new(store).await;
    agent.visit(&agent.person("ada", "", "42")).await;
    let unknown = ProjectId::generate().unwrap();
    let bots = store.bots(unknown, None, 10).await.expect("bots of an unknown project is no error");
    assert!(bots.is_empty(), "an unknown project has no bots");
    let listed = store.subscribers(unknown, None, 10).await;
    let listed = listed.expect("subscribers of an unknown project is no error");
    assert!(listed.is_empty(), "an unknown project has no subscribers");
    let count = store.subscriber_count(unknown).await;
    let count = count.expect("subscriber_count of an unknown project is no error");
    assert_eq!(count, 0, "an unknown project has no subscribers");
    let found = store.search(unknown, "42").await.expect("search in an unknown project is no error");
    assert!(found.is_empty(), "an unknown project has no subscribers");
    let forgotten = store.forget(unknown, agent.all().await[0], at(NOW)).await;
    assert!(
        forgotten.is_ok_and(|any| !any),
        "an unknown project has no subscriber to forget, which is no error"
    );
    let elsewhere = Agent { project: unknown, current: agent.current.clone(), ..agent };
    assert_eq!(elsewhere.activity(day(NOW), day(NOW)).await, [], "an unknown project has no visits");
    assert_eq!(elsewhere.active(day(NOW), day(NOW)).await, 0, "an unknown project has no visits");
    assert_eq!(store.subscriber_count(unknown).await.unwrap(), 0, "reading creates nothing");
}
