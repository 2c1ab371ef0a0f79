//! Time and the network, as a test has them: the page's clock and the servers' move together.

use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::{browser::Browser, world::World};

impl Browser {
    /// From its next page on, the browser goes by a clock that moves.
    pub(crate) async fn with_clock(self) -> Self {
        self.add_clock().await;
        self
    }

    /// The same for the tab that is in front.
    pub(crate) async fn add_clock(&self) {
        let script = include_str!("clock.js");
        self.dev_tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Time goes by while the machine is awake: timers run.
    pub(crate) async fn pass(&self, world: &World, seconds: i64) {
        self.move_clock(world, seconds, true).await;
    }

    /// Time goes by while the machine sleeps: timers stand still.
    pub(crate) async fn machine_sleeps(&self, world: &World, seconds: i64) {
        self.move_clock(world, seconds, false).await;
    }

    /// The same in many steps, for a page that asks no server of the demo.
    pub(crate) async fn pass_in_steps(&self, steps: u32, seconds: u32) {
        self.in_the_page(&format!("passInSteps({steps}, {seconds}).then(() => null)")).await;
    }

    async fn move_clock(&self, world: &World, seconds: i64, awake: bool) {
        world.move_clock(seconds);
        let add = |name| {
            format!(
                "localStorage['clock-{name}'] = Number(localStorage['clock-{name}'] ?? 0) + {};",
                seconds * 1000
            )
        };
        let script = if awake { add("wall") + &add("awake") } else { add("wall") };
        self.in_the_page(&script).await;
        sleep(Duration::from_millis(25)).await; // the page's timers look at their clock every 10 ms
    }

    /// Runs a script in the page itself, in whatever frame the test is.
    pub(crate) async fn in_the_page(&self, script: &str) -> Value {
        let parameters = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.dev_tools("Runtime.evaluate", parameters).await;
        assert!(answer["exceptionDetails"].is_null(), "{script}: {answer}");
        answer["result"]["value"].take()
    }

    pub(crate) async fn network_is(&self, there: bool) {
        let none =
            json!({ "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.dev_tools("Network.emulateNetworkConditions", none).await;
    }

    /// As if the tab were in the background.
    pub(crate) async fn page_is_hidden(&self, hidden: bool) {
        let script = format!(
            "Object.defineProperty(document, 'hidden', {{ configurable: true, get: () => {hidden} }});
             document.dispatchEvent(new Event('visibilitychange', {{ bubbles: true }}));"
        );
        self.in_the_page(&script).await;
    }
}

/// Waits until this is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if is_so().await {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}
