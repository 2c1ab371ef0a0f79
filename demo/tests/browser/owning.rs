//! What the owner of the agent does on the dashboard.

use std::rc::Rc;

use fantoccini::key::Key;

use crate::{
    browser::{ADA, GRACE, WAYS},
    world::World,
};

pub(crate) async fn a_new_secret_is_shown_once_and_copied(world: Rc<World>) {
    let browser = world.browser().await;
    let secret = browser.generate().await;
    assert_eq!(secret.len(), 64);
    browser.click("#copy").await;
    while browser.text("#copied").await.is_empty() {}
    assert_eq!(browser.text("#copied").await, "Copied.");

    browser.dashboard().await;
    assert!(!browser.client.source().await.unwrap().contains(&secret[..16]));
    assert!(!browser.find("#new-secret").await.is_displayed().await.unwrap());
    assert_eq!(browser.text("#regenerate").await, "Regenerate…");

    browser.visit("/backend").await;
    let field = browser.find("#secret").await;
    field.send_keys(&format!("{}v", char::from(Key::Control))).await.unwrap();
    assert_eq!(field.prop("value").await.unwrap(), Some(secret));
    assert_eq!(browser.console().await, [""; 0]);
}

pub(crate) async fn the_free_tier_is_granted_once_as_it_was_then(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.chat_on(WAYS[0]).await;
    browser.dashboard().await;
    let credits = browser.find("#credits").await;
    credits.clear().await.unwrap();
    credits.send_keys("250").await.unwrap();
    browser.click("form[action='/free-tier'] button").await;
    browser.find("#credits[value='250']").await;
    let grace = world.browser().await;
    grace.log_in(GRACE).await;
    for browser in [&browser, &grace, &browser] {
        browser.chat_on(WAYS[1]).await;
    }
    browser.dashboard().await;
    let subscribers = browser.text("#subscribers tbody").await;
    let granted: Vec<_> = subscribers.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(granted, ["250", "100"], "{subscribers}");
}
