//! What the people of a schedule do.

use crate::{
    browser::WAYS,
    schedules::{Play, USERS},
    time::until,
};

const MINUTE: i64 = 60;

impl Play {
    pub(crate) async fn go_anywhere(&mut self) {
        let way = WAYS[self.rng.roll(WAYS.len())];
        self.go(way).await;
    }

    /// The way of embedding of the page that is shown; `None` if it has no chat.
    pub(crate) async fn way(&self) -> Option<&'static str> {
        let url = self.browser.client.current_url().await.unwrap();
        let own = url.as_str().starts_with(&self.browser.site);
        WAYS.iter().find(|way| own && url.path() == **way).copied()
    }

    pub(crate) async fn go(&mut self, path: &'static str) {
        self.log.push("to");
        self.log.push(path);
        self.browser.visit(path).await;
    }

    pub(crate) async fn log_in(&mut self) {
        let user = self.user.map_or_else(|| self.rng.roll(USERS.len()), |user| 1 - user);
        let (way, how) = (self.way().await, self.rng.roll(3));
        match (way, how) {
            // The session of the user before ends with it.
            (Some("/fetching" | "/refreshing"), 0) => {
                self.log.push("log in by script:");
                self.browser.log_in_by_script(USERS[user].0).await;
                self.user = Some(user);
            }
            (Some("/fetching" | "/refreshing"), 1) => {
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

    pub(crate) async fn log_in_on_a_new_page(&mut self, user: usize) {
        if self.user.is_some() {
            self.browser.log_out().await;
        }
        self.browser.log_in(USERS[user].0).await;
        self.user = Some(user);
    }

    /// By the page's script the chat hears of it, and deletes what its user typed.
    pub(crate) async fn log_out(&mut self) {
        let Some(user) = self.user.take() else { return };
        match self.way().await {
            Some("/fetching" | "/refreshing") if self.rng.roll(2) == 0 => {
                self.log.push("log out by script");
                let status = async || self.browser.shown("#logged-out").await;
                assert_eq!(status().await, "", "{}", self.story("of another logout"));
                self.browser.click("#logout button").await;
                until("logged out", async || status().await == "You are logged out.").await;
                self.typed[user] = None;
            }
            _ => {
                self.log.push("log out");
                self.browser.log_out().await;
            }
        }
    }

    /// More than a token's life.
    pub(crate) async fn sleep(&mut self) {
        self.log.push("sleep");
        if self.way().await.is_some() {
            self.browser.machine_sleeps(&self.world, 70 * MINUTE).await;
            self.is_back().await;
        }
    }

    /// More than a login's life.
    pub(crate) async fn the_log_in_ends(&mut self) {
        self.log.push("the login ends");
        if self.way().await.is_some() {
            self.user = None;
            self.browser.machine_sleeps(&self.world, 13 * 60 * MINUTE).await;
            self.is_back().await;
        }
    }

    /// The page that does not fetch a fresh token is loaded again when the visitor is back.
    async fn is_back(&self) {
        if self.way().await == Some("/refreshing") {
            self.browser.pass(&self.world, 5).await;
        } else {
            self.browser.client.refresh().await.unwrap();
        }
    }

    /// More than a token's life without a network. What is sent then stays in the field.
    pub(crate) async fn offline(&mut self) {
        let Some(user) = self.at_the_chat().await else { return };
        self.log.push("offline");
        self.browser.network_is(false).await;
        if self.typed[user].is_none() {
            self.type_text(user).await;
        }
        self.browser.click("#say button").await;
        let told = "Your message is still here";
        until(&self.story("told"), async || self.browser.shown("#trouble").await.contains(told)).await;
        self.browser.pass(&self.world, 70 * MINUTE).await;
        self.what_was_typed_is_there(user).await;
        self.browser.network_is(true).await;
        self.browser.out_of_the_frame().await;
        self.is_back().await;
    }

    pub(crate) async fn type_without_sending(&mut self) {
        let Some(user) = self.at_the_chat().await else { return };
        self.log.push("type");
        if self.typed[user].is_none() {
            self.type_text(user).await;
        }
        self.browser.out_of_the_frame().await;
    }

    /// Sends a message, if a user is logged in: a new one, or the one that they have typed before. Does not
    /// wait for the answer.
    pub(crate) async fn say(&mut self) -> Option<String> {
        let user = self.at_the_chat().await?;
        self.log.push("say");
        if self.typed[user].is_some() && self.rng.roll(2) == 0 {
            self.log.push("something else");
            self.browser.clear_field().await;
            self.typed[user] = None;
        }
        if self.typed[user].is_none() {
            self.type_text(user).await;
        }
        let text = self.send_what_was_typed(user).await;
        self.browser.out_of_the_frame().await;
        Some(text)
    }

    /// Goes into the chat of the page, or of another one. What its user typed and sent before is there.
    async fn at_the_chat(&mut self) -> Option<usize> {
        if self.way().await.is_none() {
            self.go_anywhere().await;
        }
        let user = self.user?;
        self.browser.enter_chat().await;
        self.settles().await;
        self.what_was_typed_is_there(user).await;
        self.what_was_sent_is_there(user).await;
        Some(user)
    }

    async fn type_text(&mut self, user: usize) {
        let text = format!("I am {}, {}-{}", USERS[user].1, self.seed, self.texts);
        self.texts += 1;
        self.browser.type_only(&text).await;
        self.typed[user] = Some(text);
    }

    pub(crate) async fn send_what_was_typed(&mut self, user: usize) -> String {
        let text = self.typed[user].take().unwrap();
        self.browser.click("#say button").await;
        self.sent.push((user, text.clone()));
        text
    }

    /// In the frame: what the user typed and did not send is in the field.
    pub(crate) async fn what_was_typed_is_there(&self, user: usize) {
        if let Some(text) = &self.typed[user] {
            until(&self.story(text), async || self.browser.field().await == *text).await;
        }
    }

    /// In the frame: what was sent in a hurry has arrived, or is still in the field and is sent again.
    pub(crate) async fn what_was_sent_is_there(&self, user: usize) {
        for (_, text) in self.sent.iter().filter(|(by, _)| *by == user) {
            let arrived = async || self.browser.messages().await.contains(text);
            if !arrived().await {
                let waits = async || self.browser.field().await == *text;
                until(&self.story(text), async || arrived().await || waits().await).await;
                if waits().await {
                    self.browser.click("#say button").await;
                }
                until(&self.story(text), arrived).await;
            }
        }
        if self.typed[user].is_none() {
            until(&self.story("nothing else"), async || self.browser.field().await.is_empty()).await;
        }
    }
}
