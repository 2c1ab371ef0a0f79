//! Random schedules of a person, or of two on one machine: log in, log out, another user, back, forward,
//! reload, an hour of sleep, messages sent in a hurry. Whatever the order, no message is under the wrong
//! user, no visitor is anonymous while a user is logged in, and no message that was sent is lost.
//!
//! `scripts/browser-schedules` runs 200 of them, `scripts/browser-schedules 1 SEED` one again.

use std::rc::Rc;

use crate::{
    browser::{ADA, Browser, GRACE, WAYS},
    time::until,
    world::World,
};

/// The schedules of an ordinary run.
const FEW: u64 = 6;
const STEPS: u32 = 9;

const USERS: [(&str, &str); 2] = [(ADA, "Ada Lovelace"), (GRACE, "Grace Hopper")];

/// xorshift64*, by Vigna: the same schedule for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }
}

/// A browser and what ought to be so in it.
struct Play {
    world: Rc<World>,
    browser: Browser,
    seed: u64,
    dice: Dice,
    /// Who is logged in.
    user: Option<usize>,
    /// What was sent, and by whom.
    sent: Vec<(usize, String)>,
    /// What was done, for the one who reads a failure.
    log: Vec<&'static str>,
}

pub(crate) async fn no_schedule_mixes_up_two_users(world: Rc<World>) {
    run(world, 0, FEW).await;
}

pub(crate) async fn run(world: Rc<World>, first: u64, number: u64) {
    let browser = world.browser_heard().await.with_clock().await;
    browser.set_up_without_login().await;
    let mut play = Play { world, browser, seed: 0, dice: Dice(1), user: None, sent: vec![], log: vec![] };
    let mut messages = 0;
    for seed in first..first + number {
        (play.seed, play.dice, play.log) = (seed, Dice::new(seed), vec![]);
        play.new_tab().await;
        play.schedule().await;
        messages += play.sent.drain(..).count();
        assert_eq!(play.browser.console().await, [""; 0], "schedule {seed}: {:?}", play.log);
    }
    println!("{number} schedules from {first} on: {} steps, {messages} messages", number * u64::from(STEPS));
}

impl Play {
    /// Without the history of the schedule before: so each schedule can be run alone.
    async fn new_tab(&self) {
        let tab = self.browser.client.new_window(true).await.unwrap().handle;
        self.browser.client.close_window().await.unwrap();
        self.browser.client.switch_to_window(tab).await.unwrap();
        self.browser.add_clock().await;
    }

    async fn schedule(&mut self) {
        if self.dice.roll(3) > 0 {
            self.log_in().await;
        }
        self.go_anywhere().await;
        for _ in 0..STEPS {
            self.step().await;
        }
        // What each of them finds at the end: what they sent, once each, and nothing of the other's.
        for (user, (_, name)) in USERS.iter().enumerate() {
            self.log_in_on_a_new_page(user).await;
            self.go("/refreshing").await;
            self.browser.enter_chat().await;
            self.settles().await;
            let mut kept = self.browser.messages().await;
            for (_, text) in self.sent.iter().filter(|(by, _)| *by == user) {
                if !kept.contains(text) {
                    until(&self.story("the message came late"), async || {
                        self.browser.messages().await.contains(text) || self.field().await == *text
                    })
                    .await;
                    if self.field().await == *text {
                        self.browser.click("#say button").await;
                    }
                    until(&self.story(text), async || self.browser.messages().await.contains(text)).await;
                    kept = self.browser.messages().await;
                }
                assert_eq!(kept.iter().filter(|one| *one == text).count(), 1, "{}", self.story(text));
            }
            for text in kept.iter().filter(|text| text.starts_with("I am ")) {
                assert!(text.starts_with(&format!("I am {name},")), "under {name}: {}", self.story(text));
            }
            self.browser.out_of_the_frame().await;
        }
        self.log_out().await;
    }

    async fn step(&mut self) {
        match self.dice.roll(12) {
            0 | 1 => self.log_in().await,
            2 => self.log_out().await,
            3 | 4 => {
                self.log.push("back");
                self.browser.client.back().await.unwrap();
            }
            5 => {
                self.log.push("forward");
                self.browser.client.forward().await.unwrap();
            }
            6 => {
                self.log.push("reload");
                self.browser.client.refresh().await.unwrap();
            }
            7 => self.go_anywhere().await,
            8 => self.sleep().await,
            9 => {
                self.say().await;
                return; // in a hurry: the next step comes before the answer
            }
            _ => {
                if let Some(text) = self.say().await {
                    self.browser.enter_chat().await;
                    until(&self.story(&text), async || self.browser.messages().await.contains(&text)).await;
                    self.browser.out_of_the_frame().await;
                }
            }
        }
        self.check().await;
    }

    /// The page shows who is logged in, and no one else.
    async fn check(&mut self) {
        let Some(way) = self.way().await else {
            let url = self.browser.client.current_url().await.unwrap();
            if url.as_str() != format!("{}/", self.browser.site) {
                return; // the owner's dashboard, from the set-up, lists everyone
            }
            let name = "return document.getElementById('user')?.textContent ?? ''";
            let expected = self.user.map_or("", |user| USERS[user].1);
            until(&self.story(expected), async || self.browser.run(name).await == expected).await;
            return;
        };
        self.log.push(way);
        self.browser.enter_chat().await;
        self.settles().await;
        self.browser.out_of_the_frame().await;
    }

    async fn settles(&self) {
        let expected = self.user.map(|user| format!("Hello, {}", USERS[user].1));
        until(&self.story(&format!("{expected:?}")), async || self.browser.greeting().await == expected)
            .await;
    }

    fn story(&self, what: &str) -> String {
        format!("{what}, in schedule {}: {:?}, user {:?}", self.seed, self.log, self.user)
    }

    async fn go_anywhere(&mut self) {
        let way = WAYS[self.dice.roll(WAYS.len())];
        self.go(way).await;
    }

    /// The way of embedding of the page that is shown; `None` if it has no chat.
    async fn way(&self) -> Option<&'static str> {
        let url = self.browser.client.current_url().await.unwrap();
        let own = url.as_str().starts_with(&self.browser.site);
        WAYS.iter().find(|way| own && url.path() == **way).copied()
    }

    async fn go(&mut self, path: &'static str) {
        self.log.push("to");
        self.log.push(path);
        self.browser.visit(path).await;
    }

    async fn log_in(&mut self) {
        let user = self.user.map_or_else(|| self.dice.roll(USERS.len()), |user| 1 - user);
        let (way, how) = (self.way().await, self.dice.roll(3));
        match (way, how) {
            // The session of the user before ends with it.
            (Some("/fetching" | "/refreshing"), 0) => {
                self.log.push("log in by script:");
                self.browser.log_in_by_script(USERS[user].0).await;
                self.user = Some(user);
            }
            (Some("/refreshing"), 1) => {
                self.log.push("log in in another tab:");
                let first = self.browser.client.window().await.unwrap();
                self.browser.page_is_hidden(true).await;
                let second = self.browser.client.new_window(true).await.unwrap().handle;
                self.browser.client.switch_to_window(second).await.unwrap();
                self.log_in_on_a_new_page(user).await;
                self.browser.client.close_window().await.unwrap();
                self.browser.client.switch_to_window(first).await.unwrap();
                self.browser.page_is_hidden(false).await;
            }
            _ => {
                self.log.push("log in:");
                self.log_in_on_a_new_page(user).await;
            }
        }
        self.log.push(USERS[user].1);
    }

    async fn log_in_on_a_new_page(&mut self, user: usize) {
        if self.user.is_some() {
            self.browser.log_out().await;
        }
        self.browser.log_in(USERS[user].0).await;
        self.user = Some(user);
    }

    async fn log_out(&mut self) {
        match self.way().await {
            Some("/fetching" | "/refreshing") if self.dice.roll(2) == 0 => {
                self.log.push("log out by script");
                self.browser.click("#log-out button").await;
                until("logged out", async || self.browser.shown("#logged-out").await.contains("logged out"))
                    .await;
            }
            _ if self.user.is_some() => {
                self.log.push("log out");
                self.browser.log_out().await;
            }
            _ => {}
        }
        self.user = None;
    }

    /// More than a token's life. The page that does not fetch a fresh one is loaded again when the visitor is
    /// back.
    async fn sleep(&mut self) {
        self.log.push("sleep");
        if self.way().await.is_none() {
            return;
        }
        self.browser.machine_sleeps(&self.world, 70 * 60).await;
        if self.way().await == Some("/refreshing") {
            self.browser.pass(&self.world, 5).await;
        } else {
            self.browser.client.refresh().await.unwrap();
        }
    }

    /// Sends a message, if there is a chat and a user is logged in. Does not wait for the answer.
    async fn say(&mut self) -> Option<String> {
        if self.way().await.is_none() {
            self.go_anywhere().await;
        }
        let user = self.user?;
        self.log.push("say");
        self.browser.enter_chat().await;
        self.settles().await;
        let text = format!("I am {}, {}-{}", USERS[user].1, self.seed, self.sent.len());
        self.browser.find("#text").await.clear().await.unwrap();
        self.browser.find("#text").await.send_keys(&text).await.unwrap();
        self.browser.click("#say button").await;
        self.browser.out_of_the_frame().await;
        self.sent.push((user, text.clone()));
        Some(text)
    }

    async fn field(&self) -> String {
        self.browser.find("#text").await.prop("value").await.unwrap().unwrap_or_default()
    }
}
