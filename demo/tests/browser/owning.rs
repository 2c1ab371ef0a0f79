//! What the owner of the agent does on the dashboard.

use std::rc::Rc;

use fantoccini::key::Key;

use crate::{
    browser::{ADA, Browser, GRACE, WAYS},
    time::until,
    world::World,
};

pub(crate) async fn a_new_secret_is_shown_once_and_copied(world: Rc<World>) {
    let browser = world.browser().await;
    let secret = browser.generate().await;
    assert_eq!(secret.len(), 64);
    browser.click("#copy").await;
    while browser.text("#copied").await.is_empty() {}
    assert_eq!(browser.text("#copied").await, "Copied.");

    // Not to another browser, and not again: neither to a reload, nor after "Back".
    let url = browser.client.current_url().await.unwrap();
    assert_eq!(url.as_str(), format!("{}/", browser.boostgpt), "a form is answered with a redirect");
    let is_gone = async |browser: &Browser| {
        assert!(!browser.client.source().await.unwrap().contains(&secret[..16]));
        assert!(!browser.find("#new-secret").await.is_displayed().await.unwrap());
        assert_eq!(browser.find("#secret").await.prop("value").await.unwrap().as_deref(), Some(""));
    };
    let other = world.browser().await;
    other.dashboard().await;
    is_gone(&other).await;
    browser.visit("/").await;
    browser.client.back().await.unwrap();
    is_gone(&browser).await;
    browser.client.refresh().await.unwrap();
    is_gone(&browser).await;
    assert_eq!(browser.text("#regenerate").await, "Regenerate…");

    browser.visit("/backend").await;
    let field = browser.find("#secret").await;
    field.send_keys(&format!("{}v", char::from(Key::Control))).await.unwrap();
    assert_eq!(field.prop("value").await.unwrap(), Some(secret));
    assert_eq!(browser.console().await, [""; 0]);
}

pub(crate) async fn a_regeneration_asks_first(world: Rc<World>) {
    let browser = world.browser().await;
    browser.generate().await;
    browser.dashboard().await;
    let before = browser.text("#secret-section .with-secret code").await;
    let open = "return document.getElementById('confirm').open";
    let escape = char::from(Key::Escape).to_string();
    for answer in ["Keep the current secret", "Escape"] {
        browser.click("#regenerate").await;
        assert_eq!(browser.run(open).await, true);
        assert_eq!(browser.run("return document.activeElement.textContent").await, "Keep the current secret");
        let focused = browser.client.active_element().await.unwrap();
        if answer == "Escape" {
            focused.send_keys(&escape).await.unwrap()
        } else {
            focused.click().await.unwrap()
        }
        assert_eq!(browser.run(open).await, false, "{answer}");
        let focused = browser.run("return document.activeElement.id").await;
        assert_eq!(focused, "regenerate", "{answer}: back to where it was");
    }
    browser.dashboard().await;
    assert_eq!(browser.text("#secret-section .with-secret code").await, before);
    let filled = "return getComputedStyle(document.getElementById('regenerate')).backgroundColor";
    assert_eq!(browser.run(filled).await, "rgba(0, 0, 0, 0)", "not the primary button");
    browser.generate().await;
    assert_ne!(browser.text("#secret-section .with-secret code").await, before);
}

/// Two tabs of the dashboard: the one that knows less cannot end a secret that it never showed.
pub(crate) async fn a_page_from_before_does_not_replace_a_newer_secret(world: Rc<World>) {
    let (old, new) = (world.browser().await, world.browser().await);
    for (open, replace) in [("form.without-secret button", None), ("#regenerate", Some("#confirmed"))] {
        old.dashboard().await;
        new.generate().await;
        new.dashboard().await;
        let current = new.text("#secret-section .with-secret code").await;
        old.click(open).await;
        if let Some(replace) = replace {
            old.click(replace).await;
        }
        until("told", async || old.shown("#secret-section [role=alert]").await.contains("not regenerated"))
            .await;
        assert_eq!(old.text("#secret-section .with-secret code").await, current);
        assert!(!old.find("#new-secret").await.is_displayed().await.unwrap());
        old.dashboard().await;
        assert_eq!(old.shown("#secret-section [role=alert]").await, "", "told once");
    }
}

pub(crate) async fn subscribers_are_found_and_paged(world: Rc<World>) {
    let world = world.another(&["--past"]).await;
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.chat_on(WAYS[0]).await;
    browser.dashboard().await;
    let names = async || {
        let names =
            "return [...document.querySelectorAll('#subscribers tbody th')].map(cell => cell.innerText)";
        serde_json::from_value::<Vec<String>>(browser.run(names).await).unwrap()
    };
    assert_eq!(browser.text("#subscribers-title span").await, "1–10 of 15, newest first, days in UTC");
    let first = names().await;
    assert_eq!((first.len(), &first[0][..], &first[1][..]), (10, "Ada Lovelace", "Reader 11"));
    let sorted = "const days =
            [...document.querySelectorAll('#subscribers tbody tr')].map(row => row.cells[3].textContent);
        return days.join() === days.toSorted().reverse().join()";
    assert_eq!(browser.run(sorted).await, true, "newest first");
    browser.click("nav a[rel=next]").await;
    until("the next page", async || names().await.len() == 5).await;
    let second = names().await;
    assert!(second.iter().all(|name| !first.contains(name)), "{first:?} {second:?}");
    assert_eq!(browser.text("nav").await, "Newest");
    let shown = browser.text("#subscribers-title span").await;
    assert_eq!(shown, "11–15 of 15, newest first, days in UTC");

    let search = async |text: &str| {
        browser.dashboard().await;
        browser.find("#q").await.send_keys(text).await.unwrap();
        browser.click("[role=search] button").await;
        until("found", async || browser.shown("#found").await.ends_with(&format!("{text}."))).await;
        names().await
    };
    for text in ["reader7@example.com", "READER7@example.com", "107", " 107 "] {
        assert_eq!(search(text.trim()).await, ["Reader 7"], "{text}");
    }
    assert_eq!(search("unknown@example.com").await, [""; 0]);
    assert_eq!(browser.text("#subscribers tbody").await, "No subscriber has this address or id.");
    assert_eq!(search("<img src=x onerror=alert(1)>").await, [""; 0]);
    assert_eq!(browser.run("return document.querySelectorAll('[onerror]').length").await, 0);

    // Values without a mouse: a scale, a number on each bar, and all of it as a table.
    browser.dashboard().await;
    let texts = "return [...document.querySelectorAll('.chart text')].map(text => text.textContent)";
    let texts: Vec<String> = serde_json::from_value(browser.run(texts).await).unwrap();
    assert!(
        texts.iter().any(|text| text == "0")
            && texts.iter().any(|text| text.len() == 5 && text.contains('-')),
        "{texts:?}"
    );
    let numbers = "return [...document.querySelectorAll('.chart g')].every(day => {
        const texts = kind => [...day.querySelectorAll(`text.${kind}`)].map(text => text.textContent);
        const [, active, fresh] = day.querySelector('title').textContent.match(/: (.*) active, (.*) new/);
        const shows = (kind, value) => texts(kind).join() === (value === '0' ? '' : value);
        return shows('active', active) && shows('new', fresh)
            && day.querySelectorAll('rect').length === day.querySelectorAll('text:not(.scale)').length;
    })";
    assert_eq!(browser.run(numbers).await, true);
    let days = browser.run("return document.querySelectorAll('#days tbody tr').length").await;
    assert_eq!(days, 14);
    assert!(!browser.find("#days").await.is_displayed().await.unwrap(), "closed at first");
    browser.find("#values summary").await.send_keys("\n").await.unwrap(); // by keyboard
    until("open", async || browser.find("#days").await.is_displayed().await.unwrap()).await;
    let same = "const values = [...document.querySelectorAll('#days tbody tr')].map(row => {
            const [day, active, , fresh] = [...row.cells].map(cell => cell.textContent);
            return `${day}: ${active} active, ${fresh} new`;
        });
        const titles = [...document.querySelectorAll('.chart title')].map(title => title.textContent);
        return values.reverse().join() === titles.join()";
    assert_eq!(browser.run(same).await, true, "every value of the chart");
    // The lines of the scale do not cross a digit: each has an outline of the background's colour.
    let outlines = "return [...document.querySelectorAll('.chart text')].every(text => {
            const { paintOrder, stroke, strokeWidth } = getComputedStyle(text);
            const { backgroundColor } = getComputedStyle(text.closest('.panel'));
            return paintOrder === 'stroke' && stroke === backgroundColor && parseFloat(strokeWidth) >= 2;
        })";
    assert_eq!(browser.run(outlines).await, true);
    assert_eq!(browser.console().await, [""; 0]);
    world.stop().await;
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
    assert_eq!(browser.text("form[action='/free-tier'] [role=status]").await, "Saved.");
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
