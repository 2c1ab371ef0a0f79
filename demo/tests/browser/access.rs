//! Every page, judged by axe-core: wide and narrow, light and dark.

use std::{fs, path::Path, process::Command, rc::Rc};

use serde_json::json;

use crate::{
    browser::{ADA, Browser},
    time::until,
    world::World,
};

/// The script, from npm's lock file.
fn axe() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).status();
        assert!(
            npm.is_ok_and(|status| status.success()),
            "run `npm ci` in {}: it needs npm",
            folder.display()
        );
    }
    fs::read_to_string(script).unwrap()
}

struct Judge {
    browser: Browser,
    axe: String,
    look: String,
}

impl Judge {
    async fn judge(&self, what: &str) {
        self.browser.run(&self.axe).await;
        let run = "const done = arguments[0];
            axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(
                result => done(result.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])),
                error => done([[String(error)]]))";
        let found = self.browser.client.execute_async(run, vec![]).await.unwrap();
        assert_eq!(found, json!([]), "{what}, {}", self.look);
        let width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(self.browser.run(width).await, 0, "{what}, {}: no horizontal scroll", self.look);
    }
}

pub(crate) async fn no_page_violates_a_rule_of_axe(world: Rc<World>) {
    let world = world.another(&["--past"]).await;
    for (width, phone) in [(1280, false), (390, true)] {
        for dark in [false, true] {
            let browser = world.sized(width, phone, dark).await;
            let look = format!("{width} pixels, {}", if dark { "dark" } else { "light" });
            let scheme = "return matchMedia('(prefers-color-scheme: dark)').matches";
            assert_eq!(browser.run(scheme).await, dark);
            pages(Judge { browser, axe: axe(), look }).await;
        }
    }
    world.stop().await;
}

async fn pages(judge: Judge) {
    let browser = &judge.browser;
    browser.visit("/").await;
    judge.judge("log in").await;
    let secret = browser.generate().await;
    judge.judge("the dashboard with a new secret").await;
    browser.click("#regenerate").await;
    judge.judge("the question before a regeneration").await;
    browser.give_to_the_back_end(&secret).await;
    browser.log_in(ADA).await;
    judge.judge("home").await;
    browser.visit("/backend").await;
    browser.find("#secret").await.send_keys("x\n").await.unwrap();
    until("the problem", async || !browser.shown("#problem").await.is_empty()).await;
    judge.judge("the back end, with a problem").await;
    for way in ["/script-tag", "/refreshing"] {
        browser.chat_on(way).await;
        browser.say("remember that my favourite book is Frankenstein").await;
        judge.judge("the chat").await;
        browser.out_of_the_frame().await;
        judge.judge(way).await;
    }
    browser.visit("/").await;
    browser.spoil("tampered").await;
    browser.chat_on("/fetching").await;
    judge.judge("the chat of an anonymous visitor").await;
    browser.spoil("none").await;
    browser.dashboard().await;
    judge.judge("the dashboard").await;
    browser.find("#q").await.send_keys("ada@example.com\n").await.unwrap();
    until("found", async || browser.shown("#found").await.starts_with('1')).await;
    judge.judge("a search").await;
    browser.find("#token").await.send_keys("Bearer x.y.z").await.unwrap();
    browser.click("form[action='/check'] button").await;
    browser.find("#diagnosis h3").await;
    judge.judge("a diagnosis").await;
    let focused = "return document.activeElement.id";
    assert_eq!(browser.run(focused).await, "diagnosis", "the focus is on the answer");
}

/// The instrument works: it finds what is wrong with a page.
pub(crate) async fn axe_finds_what_is_wrong(world: Rc<World>) {
    let browser = world.browser().await;
    browser.dashboard().await;
    browser.run("document.querySelector('label[for=token]').remove(); document.title = ''").await;
    browser.run(&axe()).await;
    let run =
        "const done = arguments[0]; axe.run().then(({ violations }) => done(violations.map(({ id }) => id)))";
    let found = browser.client.execute_async(run, vec![]).await.unwrap();
    assert_eq!(found, json!(["document-title", "label"]));
}
