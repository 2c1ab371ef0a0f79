//! What a person does in a browser.

use fantoccini::{Client, Locator, elements::Element};
use serde_json::Value;
use tokio::time::{Duration, sleep};

use crate::time::until;

pub(crate) struct Browser {
    pub(crate) client: Client,
    pub(crate) site: String,
    pub(crate) boostgpt: String,
}

pub(crate) const ADA: &str = "42";
pub(crate) const GRACE: &str = "43";
pub(crate) const MALLORY: &str = "44";

/// Both ways of the documentation, the second one also with tokens that are kept fresh.
pub(crate) const WAYS: &[&str] = &["/script-tag", "/fetching", "/refreshing"];

impl Browser {
    pub(crate) async fn visit(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    pub(crate) async fn dashboard(&self) {
        self.client.goto(&self.boostgpt).await.unwrap();
    }

    pub(crate) async fn find(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(Duration::from_secs(15));
        wait.for_element(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Clicks it as soon as it is shown: some buttons are shown by a script.
    pub(crate) async fn click(&self, css: &str) {
        let element = self.find(css).await;
        until(&format!("{css} is shown"), async || element.is_displayed().await.unwrap()).await;
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// What is in the field of the chat.
    pub(crate) async fn field(&self) -> String {
        self.find("#text").await.prop("value").await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// The text of an element that may not be there yet.
    pub(crate) async fn shown(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.textContent ?? ''";
        let text = self.client.execute(script, vec![css.into()]).await.unwrap();
        text.as_str().unwrap().to_owned()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// On the dashboard: Generate, or Regenerate. The secret is shown this once.
    pub(crate) async fn generate(&self) -> String {
        self.dashboard().await;
        let has_secret = self.find("#secret-section").await.attr("data-has-secret").await.unwrap();
        if has_secret.as_deref() == Some("true") {
            self.click("#regenerate").await;
            self.click("#confirmed").await;
        } else {
            self.click("form.without-secret button").await;
        }
        self.find("#new-secret:not([hidden])").await;
        self.find("#secret").await.prop("value").await.unwrap().unwrap()
    }

    /// On the customer's server.
    pub(crate) async fn give_to_the_back_end(&self, secret: &str) {
        self.visit("/backend").await;
        self.find("#secret").await.send_keys(secret).await.unwrap();
        self.click("main form button").await;
        until("saved", async || self.shown("#saved").await == "Saved.").await;
    }

    /// A secret, and the user logged in.
    pub(crate) async fn set_up(&self, user: &str) -> String {
        let secret = self.generate().await;
        self.give_to_the_back_end(&secret).await;
        self.log_in(user).await;
        secret
    }

    pub(crate) async fn log_in(&self, user: &str) {
        self.visit("/").await;
        self.click(&format!("input[value='{user}']")).await;
        self.click("form[action='/login'] button").await;
        self.find("form[action='/logout']").await;
    }

    pub(crate) async fn spoil(&self, how: &str) {
        self.visit("/").await;
        self.click(&format!("input[value='{how}']")).await;
        // The answer is the same page again: it is there when what marks this one is gone.
        self.run("document.body.dataset.before = ''").await;
        self.click("form[action='/sabotage'] button").await;
        self.find("body:not([data-before]) form[action='/sabotage']").await;
        assert!(self.shown("form[action='/sabotage'] [role=status]").await.starts_with("Saved."));
    }

    /// Something of the widget, behind its shadow root.
    pub(crate) async fn widget(&self, css: &str) -> Element {
        let root = self.find("boostgpt-widget").await.shadow_root().await.unwrap();
        root.find(Locator::Css(css)).await.unwrap()
    }

    /// Opens the chat of the page, and stays in its frame. The greeting, or `None` for an anonymous visitor.
    pub(crate) async fn open_chat(&self) -> Option<String> {
        self.widget("button").await.click().await.unwrap();
        self.widget("iframe").await.enter_frame().await.unwrap();
        self.greeting().await
    }

    /// Visits the page and opens its chat.
    pub(crate) async fn chat_on(&self, path: &str) -> Option<String> {
        self.visit(path).await;
        self.open_chat().await
    }

    pub(crate) async fn greeting(&self) -> Option<String> {
        self.find("body[data-visitor]").await;
        let shown = |id: &'static str| async move { self.find(id).await.is_displayed().await.unwrap() };
        // While the visitor changes, neither is shown.
        for _ in 0..100 {
            match (shown("#gate").await, shown("#chat").await) {
                (true, false) => return None,
                (false, true) => return Some(self.text("#greeting").await),
                _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
        panic!("either the login gate or the chat")
    }

    /// In the frame: says it, and the agent's answer.
    pub(crate) async fn say(&self, text: &str) -> String {
        let before = self.messages().await.len();
        self.find("#text").await.send_keys(text).await.unwrap();
        self.click("#say button").await;
        for _ in 0..150 {
            let messages = self.messages().await;
            if messages.len() > before {
                assert_eq!(messages[before], text);
                return messages[before + 1].clone();
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("no answer to {text}");
    }

    pub(crate) async fn messages(&self) -> Vec<String> {
        let texts = self
            .run("return [...document.querySelectorAll('#messages li')].map(one => one.textContent)")
            .await;
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn out_of_the_frame(&self) {
        self.client.clone().enter_parent_frame().await.unwrap();
    }
}
