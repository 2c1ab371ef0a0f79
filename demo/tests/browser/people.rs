//! What the people of a schedule do.

use crate::{
    browser::WAYS,
    schedules::{Play, USERS},
    time::until,
};

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

    pub(crate) async fn log_in_on_a_new_page(&mut self, user: usize) {
        if self.user.is_some() {
            self.browser.log_out().await;
        }
        self.browser.log_in(USERS[user].0).await;
        self.user = Some(user);
    }

    pub(crate) async fn log_out(&mut self) {
        match self.way().await {
            Some("/fetching" | "/refreshing") if self.rng.roll(2) == 0 => {
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
    pub(crate) async fn sleep(&mut self) {
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
    pub(crate) async fn say(&mut self) -> Option<String> {
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

    pub(crate) async fn field(&self) -> String {
        self.browser.find("#text").await.prop("value").await.unwrap().unwrap_or_default()
    }
}
