//! Every page, judged by axe-core: wide and narrow, light and dark.

use std::{fs, path::Path, process::Command, rc::Rc};

use serde_json::{Value, json};

use crate::{
    browser::{ADA, Browser},
    pages::come_with_long_texts,
    time::until,
    world::World,
};

const WIDE: (u32, bool) = (1280, false);
const NARROW: (u32, bool) = (390, true);

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

/// Looks at the page that is shown.
pub(crate) async fn judge(browser: &Browser, what: &str) {
    assert_eq!(violations(browser).await, json!([]), "{what}");
    let width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.run(width).await, 0, "{what}: no horizontal scroll");
}

/// The rules that the page violates, each with its elements. A rule that axe-core cannot decide counts, but
/// for what is judged elsewhere: the chat, from inside its frame, and the numbers in the chart, by
/// `contrast`.
async fn violations(browser: &Browser) -> Value {
    let run = "const done = arguments[0];
        const isJudged = (id, element) =>
            id === 'frame-tested' || (id === 'color-contrast' && element.closest('.chart') !== null);
        axe.run(document, {
            iframes: false,
            elementRef: true,
            resultTypes: ['violations', 'incomplete'],
            rules: { 'target-size': { enabled: true } },
        }).then(({ violations, incomplete }) => {
            const open = incomplete.map(({ id, nodes }) =>
                ({ id, nodes: nodes.filter(({ element }) => !isJudged(id, element)) }));
            const found = [...violations, ...open.filter(({ nodes }) => nodes.length > 0)];
            done(found.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]));
        }, error => done([[String(error)]]))";
    browser.run(&axe()).await;
    browser.client.execute_async(run, vec![]).await.unwrap()
}

/// The least contrast of a number in the chart and its outline, which has the colour of the background.
async fn contrast(browser: &Browser) -> f64 {
    let run = "const luminance = color => {
            const parts = color.match(/[0-9.]+/g).slice(0, 3).map(part => part / 255);
            const [red, green, blue] =
                parts.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
        };
        return Math.min(...[...document.querySelectorAll('.chart text')].map(text => {
            const { fill, stroke } = getComputedStyle(text);
            const [one, other] = [luminance(fill), luminance(stroke)];
            return Math.max(one, other) / Math.min(one, other);
        }))";
    browser.run(run).await.as_f64().unwrap()
}

struct Judge {
    browser: Browser,
    look: String,
}

impl Judge {
    async fn judge(&self, what: &str) {
        judge(&self.browser, &format!("{what}, {}", self.look)).await;
    }
}

pub(crate) async fn no_page_violates_a_rule_of_axe_wide_and_light(world: Rc<World>) {
    look_at_all(&world, WIDE, false).await;
}

pub(crate) async fn no_page_violates_a_rule_of_axe_wide_and_dark(world: Rc<World>) {
    look_at_all(&world, WIDE, true).await;
}

pub(crate) async fn no_page_violates_a_rule_of_axe_narrow_and_light(world: Rc<World>) {
    look_at_all(&world, NARROW, false).await;
}

pub(crate) async fn no_page_violates_a_rule_of_axe_narrow_and_dark(world: Rc<World>) {
    look_at_all(&world, NARROW, true).await;
}

async fn look_at_all(empty: &World, (width, phone): (u32, bool), dark: bool) {
    let world = empty.another(&["--past"]).await;
    let browser = world.sized(width, phone, dark).await;
    let look = format!("{width} pixels, {}", if dark { "dark" } else { "light" });
    let scheme = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(browser.run(scheme).await, dark);
    let judge = Judge { browser, look };
    judge.browser.client.goto(&empty.boostgpt).await.unwrap();
    judge.judge("the dashboard before anything happened").await;
    owners_pages(&judge, &world).await;
    visitors_pages(&judge, &world).await;
    dashboard(&judge).await;
    world.stop().await;
}

async fn owners_pages(judge: &Judge, world: &World) {
    let browser = &judge.browser;
    let secret = browser.generate().await;
    browser.click("#copy").await;
    until("copied", async || !browser.shown("#copied").await.is_empty()).await;
    judge.judge("the dashboard with a new secret").await;
    assert!(!browser.find("#regenerate").await.is_displayed().await.unwrap(), "not at once");
    browser.dashboard().await;
    browser.click("#regenerate").await;
    judge.judge("the question before a regeneration").await;
    let middle = "const { top, bottom } = document.getElementById('confirm').getBoundingClientRect();
        return Math.abs(top + bottom - innerHeight)";
    assert!(browser.run(middle).await.as_f64().unwrap() < 4.0, "in the middle of the window");
    come_with_long_texts(world, &secret).await;
    browser.visit("/").await;
    judge.judge("log in").await;
    browser.give_to_the_back_end(&secret).await;
    browser.log_in(ADA).await;
    judge.judge("home").await;
    browser.visit("/backend").await;
    browser.find("#secret").await.send_keys("x\n").await.unwrap();
    until("the problem", async || !browser.shown("#problem").await.is_empty()).await;
    judge.judge("the back end, with a problem").await;
}

async fn visitors_pages(judge: &Judge, world: &World) {
    let browser = &judge.browser;
    browser.chat_on("/script-tag").await;
    judge.judge("the chat before the first message").await;
    assert!(browser.find("#hint").await.is_displayed().await.unwrap());
    browser.say("remember that my favourite book is Frankenstein").await;
    judge.judge("the chat").await;
    assert!(!browser.find("#hint").await.is_displayed().await.unwrap());
    browser.find("#text").await.send_keys("which book?").await.unwrap();
    let reach = "window.reach ??= window.fetch; window.fetch = ";
    browser.run(&format!("{reach} () => Promise.reject(new TypeError())")).await;
    browser.click("#say button").await;
    until("trouble", async || !browser.shown("#trouble").await.is_empty()).await;
    judge.judge("the chat that cannot be reached").await;
    browser.run(&format!("{reach} window.reach")).await;
    world.move_clock(2 * 3600);
    browser.click("#say button").await;
    until("ended", async || !browser.shown("#kept").await.is_empty()).await;
    judge.judge("the chat after the token has expired").await;
    browser.out_of_the_frame().await;
    judge.judge("the page with the tag").await;
    browser.log_out().await;
    browser.visit("/script-tag").await;
    judge.judge("the page with the tag, and no user").await;
    browser.log_in(ADA).await;
    for way in ["/fetching", "/refreshing"] {
        browser.visit(way).await;
        judge.judge(way).await;
    }
    browser.click("#logout button").await;
    until("logged out", async || browser.shown("#logged-out").await.contains("logged out")).await;
    judge.judge("logged out by a script").await;
    browser.enter_chat().await;
    judge.judge("the chat of an anonymous visitor").await;
    browser.log_in(ADA).await;
    browser.spoil("tampered").await;
    browser.chat_on("/script-tag").await;
    browser.spoil("none").await;
}

async fn dashboard(judge: &Judge) {
    let browser = &judge.browser;
    let fetched =
        "const done = arguments[0]; fetch('/widget-token').then(answer => answer.json()).then(done)";
    let answer = browser.client.execute_async(fetched, vec![]).await.unwrap();
    browser.dashboard().await;
    judge.judge("the dashboard").await;
    // The table of the days: always there where there is no chart, else opened by its user.
    let open = "return document.getElementById('values').open";
    let narrow = !browser.find(".chart").await.is_displayed().await.unwrap();
    assert_eq!(browser.run(open).await, narrow);
    assert_eq!(browser.find("#days").await.is_displayed().await.unwrap(), narrow);
    if narrow {
        assert!(!browser.find("#values summary").await.is_displayed().await.unwrap());
    } else {
        browser.click("#values summary").await;
        assert!(browser.find("#days").await.is_displayed().await.unwrap());
        judge.judge("the dashboard with its table").await;
        assert!(contrast(browser).await >= 4.5, "{}", contrast(browser).await);
    }
    browser.click("nav a[rel=next]").await;
    until("the next page", async || browser.shown("nav.links").await.contains("Newest")).await;
    judge.judge("the second page of subscribers").await;
    for (text, number) in [("ada@example.com", '1'), ("unknown@example.com", '0')] {
        browser.dashboard().await;
        browser.find("#q").await.send_keys(&format!("{text}\n")).await.unwrap();
        until("found", async || browser.shown("#found").await.starts_with(number)).await;
        judge.judge("a search").await;
    }
    for token in [answer["token"].as_str().unwrap(), "Bearer x.y.z"] {
        browser.dashboard().await;
        let paste = "document.getElementById('token').value = arguments[0]";
        browser.client.execute(paste, vec![token.into()]).await.unwrap();
        browser.click("form[action='/check'] button").await;
        browser.find("#diagnosis h3").await;
        judge.judge("a diagnosis").await;
        let focused = browser.run("return document.activeElement.id").await;
        assert_eq!(focused, "diagnosis", "the focus is on the answer");
    }
}

/// The instrument works: it finds what is wrong with a page.
pub(crate) async fn axe_finds_what_is_wrong(world: Rc<World>) {
    let browser = world.browser().await;
    browser.dashboard().await;
    let spoil = "document.querySelector('label[for=token]').remove();
        document.title = '';
        document.querySelector('.intro').style.background = 'linear-gradient(white, black)'";
    browser.run(spoil).await;
    let found = violations(&browser).await;
    let rules: Vec<_> = found.as_array().unwrap().iter().map(|rule| rule[0].as_str().unwrap()).collect();
    assert_eq!(rules, ["document-title", "label", "color-contrast"], "the last one is left to a person");
}
