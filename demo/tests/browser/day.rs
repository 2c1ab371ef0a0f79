//! A page that stays open for a day: the machine sleeps, the network goes and comes back, the tab is hidden,
//! the login ends after twelve hours. The visitor writes now and then, and nothing of it is lost.

use std::rc::Rc;

use crate::{
    browser::{ADA, Browser},
    rng::Rng,
    time::until,
    world::World,
};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;
/// The login of the site: see `demo/examples/login`.
const LOGIN: i64 = 12 * 60 * MINUTE;

/// A page that is open, and what the test knows of it.
struct Open {
    world: Rc<World>,
    browser: Browser,
    rng: Rng,
    /// Since the day began, and since the user logged in.
    now: i64,
    logged_in: i64,
    /// What was sent, in this order.
    sent: Vec<String>,
    /// How often the visitor found themselves logged out.
    ends: u32,
}

pub(crate) async fn a_page_stays_right_for_a_day(world: Rc<World>) {
    let browser = world.browser_heard().await.with_clock().await;
    browser.set_up(ADA).await;
    browser.chat_on("/refreshing").await;
    browser.network().await;
    let mut page = Open { world, browser, rng: Rng::new(24), now: 0, logged_in: 0, sent: vec![], ends: 0 };
    while page.now < DAY {
        match page.rng.roll(8) {
            0 => page.asleep().await,
            1 => page.offline().await,
            2 => page.hidden().await,
            _ => {
                let minutes = 5 + page.rng.roll(30);
                page.awake(minutes).await;
            }
        }
        page.is_identified().await;
        page.write().await;
    }
    let said: Vec<_> =
        page.browser.messages().await.into_iter().filter(|text| text.starts_with("number ")).collect();
    assert_eq!(said, page.sent, "each message once, in the order in which they were sent");
    assert!(page.sent.len() >= 20, "{}", page.sent.len());
    assert_eq!(page.ends, 1, "the login ends after twelve hours, once a day");

    // The page asked when it had to, and not much more often: one page load, and everything else by its
    // script.
    let asked = page.requests("/widget-token").await;
    assert!((20..=120).contains(&asked), "{asked} requests for tokens in a day");
    assert_eq!(page.requests("/refreshing").await, 0, "it was not loaded again");
    println!("a day: {} messages, {asked} requests for a token", page.sent.len());
}

impl Open {
    async fn pass(&mut self, seconds: i64) {
        self.browser.pass(&self.world, seconds).await;
        self.now += seconds;
    }

    /// In steps that are shorter than what is left of a token when a fresh one is fetched.
    async fn awake(&mut self, minutes: usize) {
        for _ in 0..minutes.div_ceil(3) {
            self.pass(3 * MINUTE).await;
        }
    }

    async fn asleep(&mut self) {
        let seconds = i64::try_from(20 + self.rng.roll(220)).unwrap() * MINUTE;
        self.browser.machine_sleeps(&self.world, seconds).await;
        self.now += seconds;
        self.pass(5).await;
    }

    /// What is written meanwhile stays in its field, and the visitor is told.
    async fn offline(&mut self) {
        self.browser.network_is(false).await;
        let minutes = 10 + self.rng.roll(80);
        self.awake(minutes).await;
        let text = format!("number {}", self.sent.len());
        self.browser.find("#text").await.send_keys(&text).await.unwrap();
        self.browser.click("#say button").await;
        until("told", async || self.browser.shown("#trouble").await.contains("Your message is still here"))
            .await;
        assert_eq!(self.field().await, text);
        self.browser.network_is(true).await;
        self.pass(5).await;
    }

    async fn hidden(&mut self) {
        self.browser.page_is_hidden(true).await;
        let before = self.requests("/widget-token").await;
        let minutes = 10 + self.rng.roll(120);
        self.awake(minutes).await;
        assert_eq!(self.requests("/widget-token").await, before, "nothing is fetched while hidden");
        self.browser.page_is_hidden(false).await;
    }

    /// As long as a user is logged in, the visitor is not anonymous. If the login has ended, they log in
    /// again.
    async fn is_identified(&mut self) {
        let ada = Some("Hello, Ada Lovelace");
        if self.now - self.logged_in < LOGIN {
            until("Ada", async || self.browser.greeting().await.as_deref() == ada).await;
            return;
        }
        // The last token may still be good for a while: not for an hour.
        while self.browser.greeting().await.as_deref() == ada {
            assert!(self.now - self.logged_in < LOGIN + 240 * MINUTE, "still identified");
            self.awake(6).await;
        }
        self.ends += 1;
        self.browser.log_in_by_script(ADA).await;
        self.logged_in = self.now;
        until("Ada again", async || self.browser.greeting().await.as_deref() == ada).await;
    }

    /// Sends a message; the one that is still in the field, if there is one.
    async fn write(&mut self) {
        let text = format!("number {}", self.sent.len());
        if self.field().await.is_empty() {
            self.browser.find("#text").await.send_keys(&text).await.unwrap();
        }
        assert_eq!(self.field().await, text, "what was typed is still there");
        for _ in 0..3 {
            self.browser.click("#say button").await;
            let mut said = false;
            until("an outcome", async || {
                said = self.browser.messages().await.contains(&text);
                said || !self.browser.shown("#notice").await.is_empty()
            })
            .await;
            if said {
                break;
            }
            self.pass(5).await; // the page fetches a fresh token
            self.is_identified().await;
            assert_eq!(self.field().await, text);
        }
        until("said", async || self.browser.messages().await.contains(&text)).await;
        self.sent.push(text);
    }

    async fn field(&self) -> String {
        self.browser.find("#text").await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// How often the page asked for this, from the beginning.
    async fn requests(&self, path: &str) -> u64 {
        let count = format!(
            "performance.getEntriesByType('resource').filter(one => one.name.endsWith('{path}')).length"
        );
        self.browser.in_the_page(&count).await.as_u64().unwrap()
    }
}
