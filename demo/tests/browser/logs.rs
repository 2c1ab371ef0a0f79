//! What the browser itself wrote down: its console, and its network. An extension of WebDriver in Chromium's
//! driver.

use fantoccini::{error::CmdError, wd::WebDriverCompatibleCommand};
use serde_json::{Value, json};

use crate::browser::Browser;

#[derive(Debug)]
struct Log(&'static str);

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": self.0 }).to_string()))
    }
}

/// A command of the developer tools' protocol.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

impl Browser {
    pub(crate) async fn dev_tools(&self, command: &'static str, parameters: Value) -> Value {
        let answer = self.client.issue_cmd(DevTools(command, parameters)).await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// What was written since the last time: errors, warnings, and what scripts and the browser say
    /// otherwise.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.log("browser").await.unwrap();
        entries.iter().map(|entry| format!("{}: {}", entry["level"], entry["message"])).collect()
    }

    /// The events of the network since the last time, as the browser's developer tools name them.
    pub(crate) async fn network(&self) -> Vec<Value> {
        let entries = self.log("performance").await.unwrap();
        let event = |entry: &Value| serde_json::from_str::<Value>(entry["message"].as_str()?).ok();
        entries.iter().filter_map(event).map(|mut event| event["message"].take()).collect()
    }

    async fn log(&self, kind: &'static str) -> Result<Vec<Value>, CmdError> {
        Ok(self.client.issue_cmd(Log(kind)).await?.as_array().cloned().unwrap_or_default())
    }
}
