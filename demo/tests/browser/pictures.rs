//! The pictures of the README.

use std::{
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use serde_json::json;

use crate::{
    browser::{ADA, Browser},
    pages::come_with_long_texts,
    time::until,
    world::World,
};

pub(crate) async fn take(world: Rc<World>, folder: PathBuf) {
    let browser = world.sized(1280, false, false).await;
    let save = async |name: &str| {
        browser.run("document.activeElement.blur()").await;
        fs::write(folder.join(name), browser.client.screenshot().await.unwrap()).unwrap();
    };
    browser.set_up(ADA).await;
    browser.chat_on("/script-tag").await;
    browser.say("Remember that my favourite book is Frankenstein.").await;
    browser.client.refresh().await.unwrap();
    browser.open_chat().await;
    browser.say("What do you remember?").await;
    browser.out_of_the_frame().await;
    save("demo-widget.png").await;
    browser.client.set_window_size(1280, 1100).await.unwrap();
    browser.dev_tools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
    browser.dashboard().await;
    save("demo-dashboard.png").await;
}

/// Every page and its states at both widths, light and dark, to be looked at.
pub(crate) async fn gallery(world: Rc<World>, folder: PathBuf) {
    fs::create_dir_all(&folder).unwrap();
    for (width, phone) in [(1280, false), (390, true)] {
        for dark in [false, true] {
            // Each pass begins with nothing, as the names of its pictures say.
            let (empty, past) = (world.another(&[]).await, world.another(&["--past"]).await);
            let browser = past.sized(width, phone, dark).await.with_clock().await;
            let look = format!("{width}-{}.png", if dark { "dark" } else { "light" });
            let pass = Pass { world: &past, browser, folder: &folder, width, look };
            pass.owner(&empty).await;
            pass.visitor().await;
            pass.dashboard().await;
            empty.stop().await;
            past.stop().await;
        }
    }
}

struct Pass<'a> {
    world: &'a World,
    browser: Browser,
    folder: &'a Path,
    width: u32,
    look: String,
}

impl Pass<'_> {
    /// The whole page; of a page with an open chat or a question, what the window shows.
    async fn save(&self, page: &str) {
        let size = self.browser.dev_tools("Page.getLayoutMetrics", json!({})).await;
        let height = size["cssContentSize"]["height"].clone();
        let clip = json!({ "x": 0, "y": 0, "width": self.width, "height": height, "scale": 1 });
        let window = page.starts_with("chat") || page.starts_with("question");
        let whole = if window { json!({}) } else { json!({ "captureBeyondViewport": true, "clip": clip }) };
        let picture = self.browser.dev_tools("Page.captureScreenshot", whole).await;
        let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        fs::write(self.folder.join(format!("{page}-{}", self.look)), picture).unwrap();
    }

    /// Of a page whose chat is open, from inside the chat.
    async fn save_chat(&self, page: &str) {
        self.browser.out_of_the_frame().await;
        self.save(page).await;
        self.browser.enter_chat().await;
    }

    async fn owner(&self, empty: &World) {
        let browser = &self.browser;
        browser.client.goto(&empty.boostgpt).await.unwrap();
        self.save("dashboard-empty").await;
        browser.visit("/").await;
        self.save("login").await;
        browser.log_in(ADA).await;
        self.save("home-without-secret").await;
        browser.visit("/backend").await;
        self.save("back-end-without-secret").await;
        browser.find("#secret").await.send_keys("x\n").await.unwrap();
        until("the problem", async || !browser.shown("#problem").await.is_empty()).await;
        self.save("back-end-wrong-secret").await;
        let secret = browser.generate().await;
        self.save("dashboard-secret").await;
        browser.give_to_the_back_end(&secret).await;
        self.save("back-end-saved").await;
    }

    async fn visitor(&self) {
        let browser = &self.browser;
        browser.visit("/").await;
        self.save("home").await;
        browser.visit("/script-tag").await;
        self.save("script-tag").await;
        browser.visit("/refreshing").await;
        self.save("refreshing").await;
        browser.visit("/fetching").await;
        until("asked", async || browser.shown("#user").await == "Ada Lovelace").await;
        self.save("fetching").await;
        browser.open_chat().await;
        self.save_chat("chat-empty").await;
        browser.say("Remember that my favourite book is Frankenstein.").await;
        self.save_chat("chat").await;
        browser.machine_sleeps(self.world, 2 * 3600).await;
        browser.find("#text").await.send_keys("Which book do I like?").await.unwrap();
        browser.click("#say button").await;
        until("told", async || !browser.shown("#kept").await.is_empty()).await;
        self.save_chat("chat-expired").await;
        browser.visit("/fetching").await;
        browser.click("#logout button").await;
        until("logged out", async || browser.shown("#logged-out").await == "You are logged out.").await;
        self.save("logged-out").await;
        browser.open_chat().await;
        self.save_chat("chat-anonymous").await;
        browser.log_in(ADA).await;
        browser.spoil("tampered").await;
        self.save("home-saved").await;
        browser.chat_on("/script-tag").await;
        browser.spoil("none").await;
    }

    async fn dashboard(&self) {
        let browser = &self.browser;
        let fetched =
            "const done = arguments[0]; fetch('/widget-token').then(answer => answer.json()).then(done)";
        let answer = browser.client.execute_async(fetched, vec![]).await.unwrap();
        browser.dashboard().await;
        self.save("dashboard").await;
        for (page, token) in
            [("dashboard-valid", answer["token"].as_str().unwrap()), ("dashboard-refused", "Bearer x.y.z")]
        {
            browser.dashboard().await;
            let paste = "document.getElementById('token').value = arguments[0]";
            browser.client.execute(paste, vec![token.into()]).await.unwrap();
            browser.click("form[action='/check'] button").await;
            browser.find("#diagnosis h3").await;
            self.save(page).await;
        }
        for (page, text) in
            [("dashboard-found", "ada@example.com"), ("dashboard-not-found", "unknown@example.com")]
        {
            browser.dashboard().await;
            browser.find("#q").await.send_keys(&format!("{text}\n")).await.unwrap();
            until("found", async || browser.shown("#found").await.contains(text)).await;
            self.save(page).await;
        }
        browser.dashboard().await;
        browser.click("nav a[rel=next]").await;
        until("the next page", async || browser.shown("nav.links").await.contains("Newest")).await;
        self.save("dashboard-page-2").await;
        browser.dashboard().await;
        browser.find("#credits").await.send_keys("\n").await.unwrap();
        let saved = "form[action='/free-tier'] [role=status]";
        until("saved", async || browser.shown(saved).await == "Saved.").await;
        self.save("dashboard-saved").await;
        browser.dashboard().await;
        let owner = self.world.browser().await;
        let secret = owner.generate().await;
        browser.click("#regenerate").await;
        self.save("question").await;
        browser.click("#confirmed").await;
        let alert = "#secret-section [role=alert]";
        until("told", async || browser.shown(alert).await.contains("not regenerated")).await;
        self.save("dashboard-not-regenerated").await;
        come_with_long_texts(self.world, &secret).await;
        browser.dashboard().await;
        self.save("dashboard-long").await;
    }
}
