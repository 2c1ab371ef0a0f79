//! Random schedules of a person, or of two on one machine: log in, log out, another user, back, forward,
//! reload, an hour of sleep, the end of the login, an hour without a network, messages sent in a hurry,
//! texts that are typed and not sent. Whatever the order, no message is under the wrong user, no visitor is
//! anonymous while a user is logged in, no message that was sent is lost, and what was typed is still there
//! for its user, and for no one else.
//!
//! `scripts/browser-schedules` runs 200 of them, `scripts/browser-schedules 1 SEED` one again.

use std::rc::Rc;

use crate::{
    browser::{ADA, Browser, GRACE},
    rng::Rng,
    time::until,
    world::World,
};

/// The schedules of an ordinary run.
const FEW: u64 = 3;
const STEPS: u32 = 12;

pub(crate) const USERS: [(&str, &str); 2] = [(ADA, "Ada Lovelace"), (GRACE, "Grace Hopper")];

/// A browser and what ought to be so in it.
pub(crate) struct Play {
    pub(crate) world: Rc<World>,
    pub(crate) browser: Browser,
    pub(crate) seed: u64,
    pub(crate) rng: Rng,
    /// Who is logged in.
    pub(crate) user: Option<usize>,
    /// What was sent, and by whom.
    pub(crate) sent: Vec<(usize, String)>,
    /// What each user typed and did not send, or could not.
    pub(crate) typed: [Option<String>; 2],
    /// The number of texts so far.
    pub(crate) texts: usize,
    /// What was done, for the one who reads a failure.
    pub(crate) log: Vec<&'static str>,
}

pub(crate) async fn no_schedule_mixes_up_two_users(world: Rc<World>) {
    run(world, 0, FEW).await;
}

pub(crate) async fn run(world: Rc<World>, first: u64, number: u64) {
    let browser = world.browser_heard().await.with_clock().await;
    browser.set_up_without_login().await;
    let (sent, typed, log) = (vec![], [None, None], vec![]);
    let mut play = Play { world, browser, seed: 0, rng: Rng::new(0), user: None, sent, typed, texts: 0, log };
    let mut messages = 0;
    for seed in first..first + number {
        (play.seed, play.rng, play.log) = (seed, Rng::new(seed), vec![]);
        play.new_tab().await;
        play.schedule().await;
        messages += play.sent.drain(..).count();
        let mut console = play.browser.console().await;
        console.retain(|line| !line.contains("net::ERR_INTERNET_DISCONNECTED")); // as the schedule wants it
        assert_eq!(console, [""; 0], "schedule {seed}: {:?}", play.log);
        let done = seed + 1 - first;
        if done.is_multiple_of(20) {
            println!("{done} schedules, {messages} messages");
        }
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
        self.typed = [None, None];
        if self.rng.roll(3) > 0 {
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
            self.what_was_typed_is_there(user).await;
            if self.typed[user].is_some() {
                self.send_what_was_typed(user).await;
            }
            self.what_was_sent_is_there(user).await;
            let kept = self.browser.messages().await;
            for (_, text) in self.sent.iter().filter(|(by, _)| *by == user) {
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
        match self.rng.roll(17) {
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
            9 => self.the_log_in_ends().await,
            10 => self.offline().await,
            11 | 12 => self.type_without_sending().await,
            13 => {
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
        if let Some(user) = self.user {
            self.what_was_typed_is_there(user).await;
        }
        let shown = "return document.body.innerHTML + document.getElementById('text').value";
        let shown = self.browser.run(shown).await.as_str().unwrap().to_owned();
        for (other, (_, name)) in USERS.iter().enumerate() {
            let is_shown = shown.contains(&format!("I am {name},"));
            assert!(!is_shown || self.user == Some(other), "{}", self.story(&shown));
        }
        self.browser.out_of_the_frame().await;
    }

    pub(crate) async fn settles(&self) {
        let expected = self.user.map(|user| format!("Hello, {}", USERS[user].1));
        until(&self.story(&format!("{expected:?}")), async || self.browser.greeting().await == expected)
            .await;
    }

    pub(crate) fn story(&self, what: &str) -> String {
        format!("{what}, in schedule {}: {:?}, user {:?}", self.seed, self.log, self.user)
    }
}
