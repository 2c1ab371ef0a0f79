//! Texts are kept as they are and compared byte for byte, but for the ASCII case of addresses.

use super::super::model::Lookup;
use super::fixture::{Agent, Fixture, identity};
use crate::identity::Email;

/// What harms those who paste texts into SQL or HTML, fold, normalise, trim, or keep three bytes of a
/// character.
const HOSTILE: &[&str] = &[
    "Robert'); DROP TABLE subscribers;--",
    "\" OR \"\"=\"",
    "<script>alert(1)</script>",
    "&amp;",
    "%",
    "_",
    "$1 ?1 :name @name {0}",
    "\\",
    "\\x00",
    "NULL",
    "0",
    "042",
    "42",
    "42.0",
    "\u{202e}eda",
    "\u{200f}\u{200e}",
    "\u{feff}bom",
    "zero\u{200b}width",
    "😀",
    "👩\u{200d}🚀",
    "\u{10ffff}",
    "\u{ffff}",
    "\u{e9}",
    "e\u{301}",
    "E\u{301}",
    "ß",
    "ss",
    "ı",
    "İ",
    "i",
    "I",
    "\u{212a}",
    "k",
    "K",
    " ",
    "  ",
    " a",
    "a ",
    "a",
    "A",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\u{1}",
    "\u{7f}",
    "\u{a0}",
];

/// Addresses are the same if their keys are: only the case of ASCII letters makes no difference.
pub async fn addresses_are_compared_by_their_key(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada.lovelace", "", "")).await;
    let loud = agent.address("ADA.Lovelace").to_uppercase();
    let same = agent.visit(&identity(&loud, "", "")).await;
    assert_eq!(same.subscriber, ada.subscriber, "ASCII case makes no other subscriber: compare Email::key");
    let others =
        ["adalovelace", "ada.lovelace+news", "ada.lovelac\u{e9}", "ada.lovelac\u{c9}", "ada.lovelace\u{301}"];
    let lookalikes =
        ["\u{212a}", "k", "\u{17f}", "s", "ß", "ss", "ı", "i", "İ", "%", "_", "ada_lovelace", "ada.%"];
    for local in others.into_iter().chain(lookalikes) {
        let other = agent.visit(&agent.person(local, "", "")).await;
        assert!(
            other.created_subscriber && other.created_account,
            "{local:?} is another address: fold ASCII letters only, never with the database's lower() or LIKE"
        );
    }
    let labels = ["\u{e9}", "\u{c9}", "e\u{301}", "ß", "ss", "xn--9ca", "xn--zca", "\u{212a}", "k"];
    for label in labels {
        let address = |label: &str| format!("ada@{label}.{}", agent.domain());
        let other = agent.visit(&identity(&address(label), "", "")).await;
        assert!(
            other.created_subscriber && other.created_account,
            "a domain with {label:?} is another one: fold ASCII letters only, after the @ as before it"
        );
        let same = agent.visit(&identity(&address(&label.to_ascii_uppercase()), "", "")).await;
        assert_eq!(same.subscriber, other.subscriber, "ASCII case makes no other subscriber");
    }
}

/// External ids are the same if their bytes are.
pub async fn external_ids_are_compared_byte_for_byte(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let longest = ["x".repeat(255), format!("{}y", "x".repeat(254)), "😀".repeat(63)];
    let ids: Vec<&str> = HOSTILE.iter().copied().chain(longest.iter().map(String::as_str)).collect();
    let mut subscribers = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let visit = agent.visit(&agent.person(&format!("n{number}"), "", id)).await;
        assert!(
            visit.created_subscriber,
            "{id:?} is no subscriber's yet: compare external ids byte for \
        byte"
        );
        subscribers.push(visit.subscriber);
    }
    for (number, id) in ids.iter().enumerate() {
        let found = agent.find(Lookup::ExternalId(id)).await.expect("an external id finds whose it is");
        assert_eq!(found.id, subscribers[number], "{id:?} finds another's subscriber: compare byte for byte");
        assert_eq!(found.external_id.as_deref(), Some(*id), "an external id is kept byte for byte");
        let again = agent.visit(&agent.person(&format!("n{number}"), "", id)).await;
        assert_eq!(again.subscriber, subscribers[number], "{id:?} is the same visitor again");
    }
}

/// An external id may look like another name: like an address, or like the id of a subscriber. It finds who
/// has it as their external id, and no one else.
pub async fn an_external_id_may_look_like_another_name(store: &dyn Fixture) {
    let (agent, elsewhere) = (Agent::new(store).await, Agent::new(store).await);
    let ada = agent.visit(&agent.person("ada", "", "")).await;
    let there = elsewhere.visit(&agent.person("joan", "", "")).await;
    let lookalikes = [
        agent.address("ada"),
        ada.subscriber.to_string(),
        ada.account.to_string(),
        there.subscriber.to_string(),
        agent.project.to_string(),
    ];
    for (number, external_id) in lookalikes.iter().enumerate() {
        let found = agent.find(Lookup::ExternalId(external_id)).await;
        assert!(found.is_none(), "{external_id:?} is no subscriber's external id: look in that column alone");
        let local = format!("n{number}");
        let other = agent.visit(&agent.person(&local, "", external_id)).await;
        assert!(
            other.created_subscriber && other.conflict.is_none(),
            "{external_id:?} is no subscriber's external id: look in that column alone"
        );
        let again = agent.visit(&agent.person(&local, "", external_id)).await;
        assert_eq!(again.subscriber, other.subscriber, "an external id finds whose it is");
    }
    let again = agent.visit(&agent.person("ada", "", "")).await;
    assert_eq!(again.subscriber, ada.subscriber, "an address finds its holder, whatever the external ids");
}

/// Names are kept byte for byte, up to their limit, and a change of bytes is a change.
pub async fn names_are_kept_byte_for_byte(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let ada = agent.visit(&agent.person("ada", "", "")).await.subscriber;
    let longest = ["x".repeat(256), "😀".repeat(256), "\"".repeat(256)];
    for name in HOSTILE.iter().copied().chain(longest.iter().map(String::as_str)) {
        agent.visit(&agent.person("ada", name, "")).await;
        let kept = agent.read(ada).await.name;
        assert_eq!(
            kept.as_deref(),
            Some(name),
            "a name is kept byte for byte: bind it, do not normalise or cut it"
        );
    }
}

/// Addresses are kept byte for byte, up to their limit.
pub async fn addresses_are_kept_byte_for_byte(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let local = "l".repeat(64);
    let longest = format!("{local}@{}.{}", "d".repeat(254 - 66 - agent.domain().len()), agent.domain());
    assert_eq!(longest.len(), 254);
    let hostile = HOSTILE.iter().map(|text| agent.address(text)).chain([longest, agent.address(&local)]);
    for address in hostile.filter(|address| Email::new(address).is_ok()) {
        let visit = agent.visit(&identity(&address, "", "")).await;
        let kept = agent.read(visit.subscriber).await.email;
        assert_eq!(kept.as_deref(), Some(&*address), "an address is kept byte for byte");
        let found = agent.find(Lookup::Email(Email::new(&address).unwrap())).await;
        assert_eq!(found.map(|of| of.id), Some(visit.subscriber), "{address:?} finds its holder");
    }
}
