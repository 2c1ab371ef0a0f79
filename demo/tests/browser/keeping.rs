//! What is kept of a subscriber, and for whom.

use std::rc::Rc;

use crate::{
    browser::{ADA, GRACE, WAYS},
    world::World,
};

const FACT: &str = "remember that my dog is called Byron.";
const QUESTION: &str = "what do you remember?";
const ANSWER: &str = "You told me: “my dog is called Byron”";

pub(crate) async fn history_survives_a_reload_and_a_second_profile(world: Rc<World>) {
    let first = world.browser_heard().await;
    first.set_up(ADA).await;
    first.chat_on(WAYS[0]).await;
    assert_eq!(first.messages().await, [""; 0]);
    assert_eq!(first.say(FACT).await, "I will remember: “my dog is called Byron”");
    let said = first.messages().await;
    assert_eq!(said.len(), 2);

    first.client.refresh().await.unwrap();
    assert_eq!(first.open_chat().await.as_deref(), Some("Hello, Ada Lovelace"));
    assert_eq!(first.messages().await, said);
    assert_eq!(first.say(QUESTION).await, ANSWER);

    let second = world.browser_heard().await;
    second.log_in(ADA).await;
    second.chat_on(WAYS[1]).await;
    assert_eq!(second.messages().await, first.messages().await);
    assert_eq!(second.say(QUESTION).await, ANSWER);
    assert_eq!((first.console().await, second.console().await), (vec![], vec![]));
}

pub(crate) async fn two_users_are_kept_apart(world: Rc<World>) {
    let (ada, grace) = (world.browser().await, world.browser().await);
    ada.set_up(ADA).await;
    grace.log_in(GRACE).await;
    for way in WAYS {
        assert_eq!(ada.chat_on(way).await.as_deref(), Some("Hello, Ada Lovelace"));
        ada.say(FACT).await;
        assert_eq!(grace.chat_on(way).await.as_deref(), Some("Hello, Grace Hopper"));
        assert!(!grace.messages().await.iter().any(|text| text.contains("Byron")), "{way}");
        assert_eq!(grace.say(QUESTION).await, "You have not told me anything to remember.");
    }
    // And in one browser, one after the other.
    ada.visit("/").await;
    ada.click("form[action='/logout'] button").await;
    ada.find("form[action='/login']").await;
    assert_eq!(ada.chat_on(WAYS[1]).await, None);
    assert_eq!(ada.messages().await, [""; 0]);
    ada.log_in(GRACE).await;
    assert_eq!(ada.chat_on(WAYS[0]).await.as_deref(), Some("Hello, Grace Hopper"));
    assert_eq!(ada.say(QUESTION).await, "You have not told me anything to remember.");
}
