//! The pictures of the README.

use std::{fs, path::PathBuf, rc::Rc};

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use serde_json::json;

use crate::{browser::ADA, pages::come_with_long_texts, time::until, world::World};

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

/// Every page at both widths, light and dark, to be looked at.
pub(crate) async fn gallery(world: Rc<World>, folder: PathBuf) {
    fs::create_dir_all(&folder).unwrap();
    let empty = world.another(&[]).await;
    for (width, phone) in [(1280, false), (390, true)] {
        for dark in [false, true] {
            let browser = world.sized(width, phone, dark).await.with_clock().await;
            let look = format!("{width}-{}.png", if dark { "dark" } else { "light" });
            let save = async |page: &str| {
                let size =
                    browser.dev_tools("Page.getLayoutMetrics", json!({})).await["cssContentSize"].take();
                let clip = json!({ "x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1 });
                let whole = json!({ "captureBeyondViewport": true, "clip": clip });
                let whole = if page.starts_with("dashboard") { whole } else { json!({}) };
                let picture = browser.dev_tools("Page.captureScreenshot", whole).await;
                let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
                fs::write(folder.join(format!("{page}-{look}")), picture).unwrap();
            };
            browser.client.goto(&empty.boostgpt).await.unwrap();
            save("dashboard-empty").await;
            browser.visit("/").await;
            save("login").await;
            let secret = browser.generate().await;
            save("dashboard-secret").await;
            browser.give_to_the_back_end(&secret).await;
            browser.log_in(ADA).await;
            save("home").await;
            browser.visit("/backend").await;
            save("back-end").await;
            browser.chat_on("/fetching").await;
            browser.out_of_the_frame().await;
            save("chat-empty").await;
            browser.enter_chat().await;
            browser.say("Remember that my favourite book is Frankenstein.").await;
            browser.out_of_the_frame().await;
            save("chat").await;
            browser.enter_chat().await;
            browser.machine_sleeps(&world, 2 * 3600).await;
            browser.find("#text").await.send_keys("Which book do I like?").await.unwrap();
            browser.click("#say button").await;
            until("told", async || !browser.shown("#kept").await.is_empty()).await;
            browser.out_of_the_frame().await;
            save("chat-expired").await;
            browser.visit("/fetching").await;
            save("customer").await;
            browser.spoil("tampered").await;
            browser.chat_on("/script-tag").await;
            browser.spoil("none").await;
            browser.dashboard().await;
            save("dashboard").await;
            browser.find("#token").await.send_keys("Bearer x.y.z").await.unwrap();
            browser.click("form[action='/check'] button").await;
            browser.find("#diagnosis h3").await;
            save("dashboard-check").await;
            browser.click("#regenerate").await;
            save("question").await;
            come_with_long_texts(&world, &secret).await;
            browser.dashboard().await;
            save("dashboard-long").await;
        }
    }
    empty.stop().await;
}
