//! Who is greeted, and how.

use std::rc::Rc;

use fantoccini::key::Key;

use crate::{
    browser::{ADA, WAYS},
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
        press(&browser, Key::Tab).await;
    }
    let outline = "return getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle";
    assert_eq!(browser.run(outline).await, "solid", "the focus is visible");
    press(&browser, Key::Enter).await;
    assert_eq!(browser.run(focus).await, "iframe");
    browser.widget("iframe").await.enter_frame().await.unwrap();
    assert_eq!(browser.greeting().await.as_deref(), Some("Hello, Ada Lovelace"));
    browser.find("#text").await.send_keys("hello\n").await.unwrap();
    while browser.messages().await.len() < 2 {}
    press(&browser, Key::Escape).await;
    browser.out_of_the_frame().await;
    while browser.run(focus).await != "button" {}
    assert!(!browser.widget("iframe").await.is_displayed().await.unwrap());
    press(&browser, Key::Enter).await;
    assert!(browser.widget("iframe").await.is_displayed().await.unwrap());
    browser.widget("button").await.send_keys(&char::from(Key::Escape).to_string()).await.unwrap();
    assert!(!browser.widget("iframe").await.is_displayed().await.unwrap());
}

async fn press(browser: &crate::browser::Browser, key: Key) {
    browser.client.active_element().await.unwrap().send_keys(&char::from(key).to_string()).await.unwrap();
}
