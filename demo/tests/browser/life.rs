//! The page after the first load: logout, another user, back, expiry.

use std::rc::Rc;

use fantoccini::Locator;
use serde_json::json;

use crate::{
    browser::{ADA, Browser, GRACE, WAYS},
    time::until,
    world::World,
};

/// Whose chat it is, once the page has asked again: it says `expected`, and stays at it.
pub(crate) async fn settles(browser: &Browser, expected: Option<&str>) {
    let expected = expected.map(|name| format!("Hello, {name}"));
    until(&format!("{expected:?}"), async || browser.greeting().await == expected).await;
    assert_eq!(browser.greeting().await, expected);
}

pub(crate) async fn back_after_a_log_out_shows_no_user(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up_without_login().await;
    for way in WAYS {
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        browser.say("remember that this is mine").await;
        browser.out_of_the_frame().await;
        browser.run("addEventListener('pageshow', event => { window.persisted = event.persisted })").await;
        browser.log_out().await;
        assert!(browser.client.get_named_cookie("login").await.is_err(), "the cookie is deleted");

        // Over the page on which she logged out, to the page with her chat.
        browser.client.back().await.unwrap();
        browser.client.back().await.unwrap();
        assert!(browser.client.current_url().await.unwrap().path().ends_with(way));
        let restored = browser.run("return window.persisted ?? false").await;
        assert_eq!(restored, *way != "/script-tag", "{way}: from the browser's cache of pages");
        assert!(!browser.client.source().await.unwrap().contains("Ada"), "{way}");
        browser.enter_chat().await;
        settles(&browser, None).await;
        assert_eq!(browser.messages().await, [""; 0], "{way}");
        browser.out_of_the_frame().await;

        // Another user on the same machine, and back again.
        browser.log_in(GRACE).await;
        browser.client.back().await.unwrap();
        browser.client.back().await.unwrap();
        assert!(browser.client.current_url().await.unwrap().path().ends_with(way));
        assert!(!browser.client.source().await.unwrap().contains("Ada"), "{way}");
        browser.enter_chat().await;
        settles(&browser, Some("Grace Hopper")).await;
        assert_eq!(browser.messages().await, [""; 0], "{way}");
        browser.out_of_the_frame().await;
        browser.log_out().await;
    }
}

/// A page that no `no-store` keeps out of the browser's cache of pages: the snippet's own script loads it
/// again.
pub(crate) async fn a_restored_page_with_a_tag_loads_again(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.visit("/script-tag").await;
    let shown = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    browser.run("window.before = true").await;
    assert_eq!(browser.open_chat().await.as_deref(), Some("Hello, Ada Lovelace"));
    browser.out_of_the_frame().await;
    browser.in_the_page("fetch('/logout', { method: 'POST' }).then(() => null)").await;
    let note = "sessionStorage.setItem('given', JSON.stringify(given))";
    browser.run(&format!("window.BoostGPTWidget = {{ init: given => {note} }}")).await;
    browser.run(shown).await;
    until("loaded again", async || browser.run("return window.before ?? false").await == false).await;
    let given = browser.run("return Object.keys(JSON.parse(sessionStorage.getItem('given')))").await;
    assert_eq!(given, serde_json::json!(["botId"]), "the identity ends before the page is loaded again");
    assert_eq!(browser.open_chat().await, None);
    browser.out_of_the_frame().await;
    assert_eq!(browser.text("#user").await, "Not logged in");
    assert_eq!(browser.client.find_all(Locator::Css("form[action='/logout']")).await.unwrap().len(), 0);
}

/// A logout that does not reach the site: the user is still logged in, and nothing that they typed is lost.
pub(crate) async fn what_the_page_says_of_a_log_out_does_not_get_old(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up_without_login().await;
    let status = async || browser.shown("#logged-out").await;
    let shown = async |css: &'static str| browser.find(css).await.is_displayed().await.unwrap();
    for way in &WAYS[1..] {
        // "Log out" for those who are logged in, "Log in" for the others.
        browser.visit(way).await;
        until("log in", async || shown("#logout a").await && !shown("#logout button").await).await;
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        browser.type_only("half a mess").await;
        browser.out_of_the_frame().await;
        until("log out", async || !shown("#logout a").await && shown("#logout button").await).await;
        browser
            .run("window.reach = window.fetch; window.fetch = () => Promise.reject(new TypeError())")
            .await;
        browser.click("#logout button").await;
        until("told", async || status().await == "You are still logged in: the site cannot be reached.")
            .await;
        browser.run("window.fetch = window.reach; dispatchEvent(new Event('boostgpt:identify'))").await;
        assert_eq!(status().await, "", "{way}");
        browser.enter_chat().await;
        settles(&browser, Some("Ada Lovelace")).await;
        until("still there", async || browser.field().await == "half a mess").await;
        browser.out_of_the_frame().await;

        browser.click("#logout button").await;
        until("logged out", async || status().await == "You are logged out.").await;
        until("log in", async || shown("#logout a").await && !shown("#logout button").await).await;
        assert_eq!(browser.run("return document.activeElement.textContent").await, "Log in", "the focus");
        browser.log_in_by_script(GRACE).await;
        assert_eq!(status().await, "", "{way}: someone is logged in");
        browser.click("#logout button").await;
        until("logged out", async || status().await == "You are logged out.").await;
        browser.run("addEventListener('pageshow', event => { window.persisted = event.persisted })").await;
        browser.log_in(GRACE).await;
        browser.client.back().await.unwrap();
        browser.client.back().await.unwrap();
        assert!(browser.client.current_url().await.unwrap().path().ends_with(way));
        assert_eq!(browser.run("return window.persisted").await, true, "as it was");
        until("shown again", async || status().await.is_empty() && shown("#logout button").await).await;
        browser.log_out().await;
    }
}

pub(crate) async fn a_log_out_without_a_page_load_ends_the_identity(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up_without_login().await;
    for way in &WAYS[1..] {
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        browser.say("remember that this is mine").await;
        browser.find("#text").await.send_keys("half a mess").await.unwrap();
        browser.out_of_the_frame().await;
        browser.click("#logout button").await;
        until("logged out", async || browser.shown("#logged-out").await == "You are logged out.").await;
        browser.enter_chat().await;
        settles(&browser, None).await;
        assert_eq!(browser.text("#notice").await, "", "it is no surprise");
        assert_eq!(browser.messages().await, [""; 0]);
        assert_eq!(browser.run("return document.getElementById('text').value").await, "");
        assert_eq!(browser.run("return sessionStorage.length").await, 0);
        browser.out_of_the_frame().await;

        // Another user, without a page load either.
        browser.log_in_by_script(GRACE).await;
        browser.enter_chat().await;
        settles(&browser, Some("Grace Hopper")).await;
        assert_eq!(browser.run("return document.getElementById('text').value").await, "", "not Ada's");
        browser.out_of_the_frame().await;
        assert_eq!(browser.console().await, [""; 0], "{way}");
        browser.log_out().await;
    }
}

/// Two tabs, two users, one machine. The page that comes back, or gets the focus in a second window.
pub(crate) async fn a_tab_that_comes_back_asks_who_is_logged_in(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up_without_login().await;
    for way in &WAYS[1..] {
        browser.log_in(ADA).await;
        browser.chat_on(way).await;
        browser.say("remember that this is mine").await;
        browser.type_only("half a mess").await;
        let first = browser.client.window().await.unwrap();
        let second = browser.client.new_window(true).await.unwrap().handle;
        browser.client.switch_to_window(second.clone()).await.unwrap();
        browser.visit("/").await;
        browser.log_out().await;
        browser.log_in(GRACE).await;
        assert_eq!(browser.chat_on(way).await.as_deref(), Some("Hello, Grace Hopper"));

        browser.client.switch_to_window(first.clone()).await.unwrap();
        browser.page_is_hidden(false).await;
        browser.enter_chat().await;
        settles(&browser, Some("Grace Hopper")).await;
        assert_eq!(browser.messages().await, [""; 0]);
        browser.shows_nothing_of("half a mess").await;
        assert!(!browser.client.source().await.unwrap().contains("Ada"));

        // Both are visible, and the other one logs in again.
        browser.client.switch_to_window(second).await.unwrap();
        browser.log_out().await;
        browser.log_in(ADA).await;
        browser.client.close_window().await.unwrap();
        browser.client.switch_to_window(first).await.unwrap();
        browser.in_the_page("dispatchEvent(new Event('focus'))").await;
        browser.enter_chat().await;
        settles(&browser, Some("Ada Lovelace")).await;
        until("still there", async || browser.field().await == "half a mess").await;
        browser.clear_field().await;
        browser.out_of_the_frame().await;
        browser.log_out().await;
    }
}

/// An attacker who can write HTML into the page, but no script: the token comes from the page's own origin
/// all the same.
pub(crate) async fn a_base_element_does_not_divert_the_fetch(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up(ADA).await;
    browser.visit("/").await;
    browser.dev_tools("Page.setBypassCSP", json!({ "enabled": true })).await;
    for way in &WAYS[1..] {
        browser.chat_on(way).await;
        browser.out_of_the_frame().await;
        let base = format!("<base href='{}/'>", browser.boostgpt);
        browser
            .client
            .execute("document.head.insertAdjacentHTML('afterbegin', arguments[0])", vec![json!(base)])
            .await
            .unwrap();
        let diverted = browser.run("return new URL('/widget-token', document.baseURI).origin").await;
        assert_eq!(diverted, browser.boostgpt, "the element works");
        browser.network().await;
        browser.run("dispatchEvent(new Event('boostgpt:identify'))").await;
        let mut asked = Vec::new();
        until("asked", async || {
            let events = browser.network().await;
            let urls = events.iter().filter_map(|event| event["params"]["request"]["url"].as_str());
            asked.extend(urls.filter(|url| url.ends_with("/widget-token")).map(str::to_owned));
            !asked.is_empty()
        })
        .await;
        assert_eq!(asked, [format!("{}/widget-token", browser.site)], "{way}");
        browser.enter_chat().await;
        settles(&browser, Some("Ada Lovelace")).await;
    }
}

impl Browser {
    pub(crate) async fn set_up_without_login(&self) {
        let secret = self.generate().await;
        self.give_to_the_back_end(&secret).await;
    }

    /// On any page of the site with a logout that loads a page.
    pub(crate) async fn log_out(&self) {
        self.visit("/").await;
        self.click("form[action='/logout'] button").await;
        self.find("form[action='/login']").await;
    }

    /// As a page does that logs in without being loaded again.
    pub(crate) async fn log_in_by_script(&self, user: &str) {
        let script = format!(
            "fetch('/login', {{ method: 'POST', body: new URLSearchParams({{ user: '{user}' }}) }})
                .then(answer => {{ dispatchEvent(new Event('boostgpt:identify')); return answer.ok }})"
        );
        assert_eq!(self.in_the_page(&script).await, true);
    }

    /// Into the frame of the chat, which is opened if it is not open.
    pub(crate) async fn enter_chat(&self) {
        self.find("boostgpt-widget").await;
        let open = self.run(
            "const { shadowRoot } = document.querySelector('boostgpt-widget');
            return Boolean(shadowRoot.querySelector('iframe:not([hidden])'))",
        );
        if open.await == false {
            self.widget("button").await.click().await.unwrap();
        }
        self.widget("iframe").await.enter_frame().await.unwrap();
        let wait = self.client.wait().at_most(std::time::Duration::from_secs(15));
        wait.for_element(Locator::Css("body[data-visitor]")).await.unwrap();
    }
}
