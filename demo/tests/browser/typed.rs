//! What a visitor types: it is sent, or kept for them, and shown to no one else.

use std::rc::Rc;

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    browser::{ADA, Browser, GRACE, WAYS},
    life::settles,
    time::until,
    world::World,
};

const HOUR: i64 = 3600;

pub(crate) async fn a_message_typed_at_expiry_is_kept_and_the_visitor_is_told(world: Rc<World>) {
    for way in WAYS {
        let browser = world.browser_heard().await.with_clock().await;
        match *way {
            "/script-tag" => drop(browser.set_up(ADA).await),
            _ => browser.log_in(ADA).await,
        }
        browser.chat_on(way).await;
        browser.say("remember that I was here").await;
        let before = browser.messages().await.len();
        browser.machine_sleeps(&world, 2 * HOUR).await;
        browser.find("#text").await.send_keys("and what is this").await.unwrap();
        browser.click("#say button").await;

        if *way == "/refreshing" {
            // The page fetches a fresh token by itself, if it has not done so already.
            until("sent, or kept", async || {
                let kept = browser.run("return document.getElementById('text').value").await;
                browser.messages().await.len() > before || kept == "and what is this"
            })
            .await;
            browser.pass(&world, 5).await;
            settles(&browser, Some("Ada Lovelace")).await;
        } else {
            settles(&browser, None).await;
            assert_eq!(browser.text("#kept").await, "and what is this");
            let notice = browser.text("#notice").await;
            let told =
                ["no longer knows who you are", "Reload the page", "Your message was not sent. It is kept"];
            assert!(told.iter().all(|part| notice.contains(part)), "{notice}");
            assert_eq!(browser.text("#trouble").await, "");
            assert_eq!(browser.text("#expired p").await, "Or sign in by e-mail.");
            browser.in_the_page("window.before = true").await;
            browser.click("#reload").await;
            let window = browser.client.window().await.unwrap();
            browser.client.switch_to_window(window).await.unwrap(); // out of the frame that is gone
            until("loaded again", async || browser.run("return !window.before").await == true).await;
            assert_eq!(browser.open_chat().await.as_deref(), Some("Hello, Ada Lovelace"));
        }
        if browser.messages().await.len() == before {
            assert_eq!(browser.run("return document.getElementById('text').value").await, "and what is this");
            assert!(browser.text("#notice").await.contains("Your message is still here"), "{way}");
            browser.click("#say button").await;
        }
        until("answered", async || browser.messages().await.len() == before + 2).await;
        assert_eq!(browser.messages().await[before], "and what is this");
        assert_eq!(browser.text("#notice").await, "");
        assert_eq!(browser.console().await, [""; 0], "{way}");
    }
}

/// The identity ends before the page loads again, and the text that was typed does not.
pub(crate) async fn a_restored_page_loses_no_typed_text(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    let shown = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    for way in WAYS {
        browser.chat_on(way).await;
        browser.type_only("half a mess").await;
        browser.out_of_the_frame().await;
        browser.run("window.before = true").await;
        browser.run(shown).await;
        if *way == "/script-tag" {
            until("loaded again", async || browser.run("return window.before ?? false").await == false).await;
        }
        browser.enter_chat().await;
        settles(&browser, Some("Ada Lovelace")).await;
        until("still there", async || browser.field().await == "half a mess").await;
        assert!(browser.text("#notice").await.contains("Your message is still here"), "{way}");
        browser.clear_field().await;
        assert_eq!(browser.run("return sessionStorage.length").await, 0, "{way}: deleted by its user");
        browser.out_of_the_frame().await;
    }
}

/// The login of the site ends after twelve hours, or its server is down: the text is kept until its user is
/// back, and no other visitor sees it.
pub(crate) async fn a_typed_message_survives_the_end_of_the_log_in(world: Rc<World>) {
    let browser = world.browser_heard().await.with_clock().await;
    browser.set_up_without_login().await;
    for way in WAYS {
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        browser.type_only("and what is this").await;
        browser.machine_sleeps(&world, 13 * HOUR).await;
        if *way == "/refreshing" {
            browser.pass(&world, 5).await;
        } else {
            browser.click("#say button").await;
        }
        settles(&browser, None).await;
        let notice = browser.text("#notice").await;
        let expected = if *way == "/refreshing" {
            let host = browser.site.strip_prefix("http://").unwrap();
            format!("You are no longer logged in at {host}. What you typed is kept until you log in again.")
        } else {
            assert_eq!(browser.text("#kept").await, "and what is this");
            "Your message was not sent. It is kept here:".to_owned()
        };
        assert!(notice.ends_with(&expected), "{way}: {notice}");

        // Reloaded, anonymous; another user; and then the one whose it is.
        for _ in 0..2 {
            browser.client.refresh().await.unwrap();
            assert_eq!(browser.open_chat().await, None, "{way}");
            browser.shows_nothing_of("and what is this").await;
        }
        browser.log_in(GRACE).await;
        assert_eq!(browser.chat_on(way).await.as_deref(), Some("Hello, Grace Hopper"));
        browser.shows_nothing_of("and what is this").await;
        browser.type_only("this is Grace's").await;
        browser.log_out().await;
        browser.log_in(ADA).await;
        assert_eq!(browser.chat_on(way).await.as_deref(), Some("Hello, Ada Lovelace"));
        assert_eq!(browser.field().await, "and what is this", "{way}");
        assert!(browser.text("#notice").await.contains("Your message is still here"), "{way}");
        let before = browser.messages().await.len();
        browser.click("#say button").await;
        until("answered", async || browser.messages().await.len() == before + 2).await;
        assert_eq!((browser.field().await, browser.text("#notice").await), (String::new(), String::new()));
        browser.log_out().await;
        browser.log_in(GRACE).await;
        browser.chat_on(way).await;
        assert_eq!(browser.field().await, "this is Grace's", "{way}");
        browser.clear_field().await;
        assert_eq!(browser.run("return sessionStorage.length").await, 0, "{way}");
        assert_eq!(browser.console().await, [""; 0], "{way}");
        browser.log_out().await;
    }

    // The token endpoint answers 503 to a reload.
    browser.log_in(ADA).await;
    browser.chat_on("/fetching").await;
    browser.type_only("half a mess").await;
    let source = "const reach = window.fetch; window.fetch = (address, ...rest) =>
        String(address).endsWith('/widget-token')
            ? Promise.resolve(new Response('', { status: 503 })) : reach(address, ...rest)";
    let added = browser.dev_tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    assert_eq!(browser.chat_on("/fetching").await, None);
    browser.shows_nothing_of("half a mess").await;
    browser.dev_tools("Page.removeScriptToEvaluateOnNewDocument", added).await;
    assert_eq!(browser.chat_on("/fetching").await.as_deref(), Some("Hello, Ada Lovelace"));
    assert_eq!(browser.field().await, "half a mess");
}

/// A token that is refused, and did not vouch for the user before, may be anyone's.
pub(crate) async fn a_refused_token_of_another_user_shows_nothing_typed(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up(ADA).await;
    browser.chat_on("/fetching").await;
    browser.type_only("half a mess").await;
    browser.out_of_the_frame().await;
    let other = "BoostGPTWidget.init({ botId: document.body.dataset.bot, userToken: 'x.y.z' })";
    browser.in_the_page(other).await;
    browser.enter_chat().await;
    settles(&browser, None).await;
    browser.shows_nothing_of("half a mess").await;
    assert!(browser.text("#notice").await.starts_with("You are no longer logged in at "));
    browser.out_of_the_frame().await;
    browser.in_the_page("dispatchEvent(new Event('boostgpt:identify'))").await;
    browser.enter_chat().await;
    settles(&browser, Some("Ada Lovelace")).await;
    until("still there", async || browser.field().await == "half a mess").await;
}

/// On purpose, on pages where the chat is open: what the user typed goes with them, and no other user's.
pub(crate) async fn a_log_out_on_purpose_deletes_what_its_user_typed(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up(GRACE).await;
    browser.chat_on("/fetching").await;
    browser.type_only("this is Grace's").await;
    browser.log_out().await;
    for way in WAYS {
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        browser.type_only("half a mess").await;
        assert_eq!(browser.run("return sessionStorage.length").await, 2, "the instrument sees both");
        browser.out_of_the_frame().await;
        browser.click("form[action='/logout'] button").await;
        if *way == "/script-tag" {
            browser.find("form[action='/login']").await;
        } else {
            until("logged out", async || browser.shown("#logged-out").await == "You are logged out.").await;
        }
        assert_eq!(browser.chat_on(way).await, None);
        assert_eq!(browser.run("return sessionStorage.length").await, 1, "{way}");
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        assert_eq!(browser.field().await, "", "{way}");
        browser.log_out().await;
    }
    browser.log_in(GRACE).await;
    browser.chat_on("/fetching").await;
    assert_eq!(browser.field().await, "this is Grace's");
}

/// A request that hangs, a token that changes meanwhile: whenever "Send" is pressed, the message is sent
/// or its visitor is told.
pub(crate) async fn send_is_never_ignored(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up(ADA).await;
    browser.chat_on("/fetching").await;
    // A server that does not answer, and the time limit in the hands of the test.
    let hanging = "window.limits = []; window.reach = window.fetch;
        AbortSignal.timeout = (limit) => {
            const controller = new AbortController();
            limits.push(limit);
            window.late = () => controller.abort(new DOMException('late', 'TimeoutError'));
            return controller.signal;
        };
        window.fetch = (_, { signal }) =>
            new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));";
    browser.run(hanging).await;
    browser.type_only("one").await;
    browser.click("#say button").await;
    until("asked", async || browser.run("return limits.join()").await == "10000").await;
    browser.find("#text").await.send_keys(" and two").await.unwrap();
    browser.click("#say button").await;
    assert_eq!(browser.run("return limits.length").await, 1, "one at a time");
    browser.run("late()").await;
    // The second one is sent by itself. It hangs, too.
    until("asked", async || browser.run("return limits.length").await == 2).await;
    until("told", async || browser.text("#trouble").await.ends_with("Your message is still here.")).await;
    browser.run("document.getElementById('trouble').textContent = ''; late()").await;
    until("told", async || browser.text("#trouble").await.ends_with("Your message is still here.")).await;
    assert_eq!(browser.field().await, "one and two");
    browser.run("window.fetch = window.reach").await;
    browser.click("#say button").await;
    until("answered", async || browser.messages().await.len() == 2).await;
    assert_eq!((browser.messages().await[0].as_str(), browser.field().await.as_str()), ("one and two", ""));
    assert_eq!(browser.text("#trouble").await, "");

    // The page hands over a fresh token while the message is under way, and the request fails.
    browser.run("window.fetch = () => new Promise((_, reject) => { window.fail = reject })").await;
    browser.type_only("three").await;
    browser.click("#say button").await;
    until("asked", async || browser.run("return Boolean(window.fail)").await == true).await;
    browser.run("window.fetch = window.reach").await;
    browser.out_of_the_frame().await;
    browser
        .in_the_page(
            "fetch('/widget-token').then(answer => answer.json()).then(({ token }) =>
                BoostGPTWidget.init({ botId: document.body.dataset.bot, userToken: token }))",
        )
        .await;
    browser.enter_chat().await;
    browser.run("fail(new TypeError())").await;
    until("answered", async || browser.messages().await.len() == 4).await;
    assert_eq!((browser.messages().await[2].as_str(), browser.field().await.as_str()), ("three", ""));
    assert_eq!(browser.console().await, [""; 0]);
}

impl Browser {
    /// In the frame: types this, and does not send it.
    pub(crate) async fn type_only(&self, text: &str) {
        self.find("#text").await.send_keys(text).await.unwrap();
        assert_eq!(self.field().await, text);
    }

    /// In the frame: this is nowhere on the page.
    pub(crate) async fn shows_nothing_of(&self, text: &str) {
        let shown = self.run("return document.body.innerHTML + document.getElementById('text').value").await;
        assert!(!shown.as_str().unwrap().contains(text), "{shown}");
    }

    /// In the frame: deletes what is in the field, as its user does.
    pub(crate) async fn clear_field(&self) {
        let [control, release, delete] = [Key::Control, Key::Null, Key::Delete].map(char::from);
        self.find("#text").await.send_keys(&format!("{control}a{release}{delete}")).await.unwrap();
        assert_eq!(self.field().await, "");
    }
}
