//! Who is greeted, and how.

use std::rc::Rc;

use fantoccini::key::Key;

use crate::{
    browser::{ADA, Browser, WAYS},
    time::until,
    world::World,
};

pub(crate) async fn identified_on_the_first_load_by_both_ways(world: Rc<World>) {
    for way in WAYS {
        let browser = world.browser().await;
        match *way {
            "/script-tag" => drop(browser.set_up(ADA).await),
            _ => browser.log_in(ADA).await,
        }
        assert_eq!(browser.chat_on(way).await.as_deref(), Some("Hello, Ada Lovelace"), "{way}");
        assert_eq!(browser.console().await, [""; 0], "{way}");
    }
    let browser = world.browser().await;
    browser.dashboard().await;
    let subscribers = browser.text("#subscribers tbody").await;
    assert_eq!(subscribers.lines().count(), 1, "{subscribers}");
    assert!(subscribers.starts_with("Ada Lovelace ada@example.com 42 20"), "{subscribers}");
    assert!(subscribers.ends_with(" 100"), "the free tier: {subscribers}");
    let chart = browser.run("return document.querySelector('svg g:last-child title').textContent").await;
    assert!(chart.as_str().unwrap().ends_with(": 1 active, 1 new"), "{chart}");
}

pub(crate) async fn anonymous_without_a_login(world: Rc<World>) {
    let browser = world.browser_heard().await;
    for way in WAYS {
        assert_eq!(browser.chat_on(way).await, None, "{way}, no secret yet");
    }
    browser.log_in(ADA).await;
    for way in WAYS {
        assert_eq!(browser.chat_on(way).await, None, "{way}, logged in, no secret yet");
    }
    browser.log_out().await;
    browser.set_up_without_login().await;
    for way in WAYS {
        assert_eq!(browser.chat_on(way).await, None, "{way}");
    }
    assert_eq!(browser.console().await, [""; 0], "nothing in red");
    browser.dashboard().await;
    assert_eq!(browser.text("#subscribers tbody").await, "There are no subscribers yet.");
}

/// The bubble is a button; Escape closes, in the page and in the frame, and the focus goes back to where it
/// was.
pub(crate) async fn used_by_keyboard(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.visit("/script-tag").await;
    let focus = "return document.activeElement.shadowRoot?.activeElement?.localName";
    for _ in 0..9 {
        if browser.run(focus).await == "button" {
            break;
        }
        browser.press(Key::Tab).await;
    }
    let outline = "return getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle";
    assert_eq!(browser.run(outline).await, "solid", "the focus is visible");
    browser.press(Key::Enter).await;
    until("in the chat", async || browser.run(focus).await == "iframe").await;
    assert!(!browser.widget("button").await.is_displayed().await.unwrap(), "the chat has its own");
    browser.widget("iframe").await.enter_frame().await.unwrap();
    assert_eq!(browser.greeting().await.as_deref(), Some("Hello, Ada Lovelace"));
    let first = "return document.querySelector('button:not([hidden]), a, input, [tabindex=\"0\"]').id";
    assert_eq!(browser.run(first).await, "close", "where Tab goes first");
    browser.find("#text").await.send_keys("hello\n").await.unwrap();
    while browser.messages().await.len() < 2 {}
    browser.press(Key::Escape).await;
    browser.out_of_the_frame().await;
    while browser.run(focus).await != "button" {}
    assert!(!browser.widget("iframe").await.is_displayed().await.unwrap());
    browser.press(Key::Enter).await;
    assert!(browser.widget("iframe").await.is_displayed().await.unwrap());
    browser.widget("iframe").await.enter_frame().await.unwrap();
    browser.find("#close").await.send_keys("\n").await.unwrap();
    browser.out_of_the_frame().await;
    while browser.run(focus).await != "button" {}
    browser.press(Key::Enter).await;
    browser.run("document.activeElement.blur()").await;
    browser.find("body").await.send_keys(&char::from(Key::Escape).to_string()).await.unwrap();
    assert!(!browser.widget("iframe").await.is_displayed().await.unwrap());
}

impl Browser {
    /// Presses a key where the focus is.
    pub(crate) async fn press(&self, key: Key) {
        self.client.active_element().await.unwrap().send_keys(&char::from(key).to_string()).await.unwrap();
    }
}
