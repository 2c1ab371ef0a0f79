//! The script that fetches a fresh token: when it asks, and when it does not.

use std::rc::Rc;

use crate::{
    browser::{ADA, Browser},
    time::until,
    world::World,
};
use serde_json::Value;

/// From now on the endpoint is a stand-in that notes at which second of the page's clock it is asked, and
/// answers when and what the test wants; the widget notes whom it is told of.
const STAND_INS: &str = r"
    window.asked = [];
    window.told = [];
    window.answer = () => Promise.reject(new TypeError('no network'));
    window.fetch = (url) => {
        if (url === '/user') return new Promise(() => {}); // the page's own script
        asked.push([Date.now() / 1000, String(url)]);
        return answer();
    };
    window.BoostGPTWidget = { init: (options) => told.push(options.userToken ?? null) };
    window.token = (user, lifetime) => {
        const now = Math.floor(Date.now() / 1000);
        const payload = JSON.stringify({ email: `${user}@example.com`, iat: now, exp: now + lifetime });
        return `x.${btoa(payload).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.x`;
    };
    window.gives = (user, lifetime = 3600) => {
        const body = () => ({ token: user && token(user, lifetime) });
        window.answer = async () => ({ ok: true, json: async () => body() });
    };
    null";

const MINUTE: i64 = 60;

impl Browser {
    /// The seconds of the page's clock at which it asked, since the last time that a test looked.
    async fn asked(&self) -> Vec<f64> {
        let asked = self.in_the_page("asked.splice(0).map(([at]) => at)").await;
        asked.as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect()
    }

    /// The widget is told of these, one after the other, and of no one else.
    async fn is_told(&self, expected: &[Option<&str>]) {
        let mut told = Vec::new();
        until(&format!("{expected:?}"), async || {
            told.extend(self.told().await);
            told.len() >= expected.len()
        })
        .await;
        self.a_moment().await;
        told.extend(self.told().await);
        assert_eq!(told.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    }

    /// For what should not happen to happen.
    async fn a_moment(&self) {
        let moment = "(async () => { for (let turn = 0; turn < 9; turn++) await new Promise(soon) })()";
        self.in_the_page(&format!("{moment}.then(() => null)")).await;
    }

    /// Whom the widget was told of since then, by the payload of the token: `None` for an anonymous visitor.
    async fn told(&self) -> Vec<Option<String>> {
        let user = "token => token && JSON.parse(atob(token.split('.')[1])).email.split('@')[0]";
        let told = self.in_the_page(&format!("told.splice(0).map({user})")).await;
        told.as_array().unwrap().iter().map(|user| user.as_str().map(str::to_owned)).collect()
    }
}

async fn page(world: &World) -> Browser {
    let browser = world.browser().await.with_clock().await;
    browser.visit("/refreshing").await;
    let asked = "return performance.getEntriesByName(location.origin + '/widget-token').length";
    until("asked itself", async || browser.run(asked).await == 1).await;
    browser.in_the_page(STAND_INS).await;
    browser.a_moment().await;
    browser
}

pub(crate) async fn a_fresh_token_is_fetched_before_the_old_one_expires(world: Rc<World>) {
    let browser = page(&world).await;
    browser.in_the_page("gives('ada')").await;
    browser.in_the_page("dispatchEvent(new Event('boostgpt:identify'))").await;
    browser.is_told(&[None, Some("ada")]).await;
    assert_eq!(browser.asked().await.len(), 1);
    for _ in 0..5 {
        let mut minutes = 0;
        while browser.asked().await.is_empty() {
            browser.pass_in_steps(6, 10).await;
            minutes += 1;
        }
        assert!((48..=54).contains(&minutes), "80 to 90 % of its life: {minutes} minutes");
        browser.is_told(&[Some("ada")]).await;
    }

    // Within five seconds after the machine slept.
    browser.machine_sleeps(&world, 100 * MINUTE).await;
    assert_eq!(browser.asked().await.len(), 0);
    browser.pass(&world, 5).await;
    browser.is_told(&[Some("ada")]).await;
    assert_eq!(browser.asked().await.len(), 1);
    // The clock is set back.
    browser.machine_sleeps(&world, -300 * MINUTE).await;
    browser.pass(&world, 5).await;
    browser.is_told(&[Some("ada")]).await;
    assert_eq!(browser.asked().await.len(), 1);

    // A shown page, a window that gets the focus and a network that comes back ask at once; the widget hears
    // of it only if there is something new.
    for event in ["online", "focus", "visibilitychange"] {
        browser.in_the_page(&format!("dispatchEvent(new Event('{event}'))")).await;
        browser.is_told(&[]).await;
        assert_eq!(browser.asked().await.len(), 1, "{event}");
    }
    // Another user: what is shown of the first one goes at once.
    for event in ["focus", "visibilitychange"] {
        browser.in_the_page(&format!("gives('grace'); dispatchEvent(new Event('{event}'))")).await;
        browser.is_told(&[None, Some("grace")]).await;
        browser.in_the_page(&format!("gives('ada'); dispatchEvent(new Event('{event}'))")).await;
        browser.is_told(&[None, Some("ada")]).await;
    }
    browser.in_the_page("gives(null); dispatchEvent(new Event('focus'))").await;
    browser.is_told(&[None]).await;
    // No user is logged in: there is nothing to keep fresh.
    browser.asked().await;
    browser.pass_in_steps(300, 60).await;
    assert_eq!((browser.asked().await.len(), browser.told().await), (0, vec![]));
}

pub(crate) async fn nothing_is_asked_while_hidden_or_while_one_request_is_under_way(world: Rc<World>) {
    let browser = page(&world).await;
    browser.in_the_page("gives('ada'); dispatchEvent(new Event('boostgpt:identify'))").await;
    browser.is_told(&[None, Some("ada")]).await;
    browser.asked().await;
    browser.page_is_hidden(true).await;
    browser.pass_in_steps(200, 60).await;
    browser.in_the_page("dispatchEvent(new Event('online'))").await;
    assert_eq!(browser.asked().await.len(), 0, "while hidden");
    browser.page_is_hidden(false).await;
    browser.is_told(&[Some("ada")]).await;
    assert_eq!(browser.asked().await.len(), 1);

    // An answer that does not come.
    browser
        .in_the_page("window.answer = () => new Promise(resolve => { window.later = resolve }); null")
        .await;
    browser.in_the_page("dispatchEvent(new Event('online'))").await;
    for event in ["online", "visibilitychange", "boostgpt:identify"] {
        browser.in_the_page(&format!("dispatchEvent(new Event('{event}'))")).await;
        browser.pass(&world, 10 * MINUTE).await;
    }
    assert_eq!(browser.asked().await.len(), 1, "one request at a time");
    assert_eq!(browser.told().await, [None], "a logout or login ends the identity at once");
    // Its answer is of before the login: it is not used, and the page asks again.
    let late = "later({ ok: true, json: async () => ({ token: token('ada', 3600) }) })";
    browser.in_the_page(&format!("gives('grace'); {late}; null")).await;
    browser.is_told(&[Some("grace")]).await;
    assert_eq!(browser.asked().await.len(), 1);
}

pub(crate) async fn failures_are_retried_later_and_later_and_change_nothing(world: Rc<World>) {
    let browser = page(&world).await;
    browser.in_the_page("gives('ada'); dispatchEvent(new Event('boostgpt:identify'))").await;
    browser.is_told(&[None, Some("ada")]).await;
    let failing = [
        "() => Promise.reject(new TypeError('no network'))",
        "async () => ({ ok: false, status: 503 })",
        "async () => ({ ok: true, json: async () => JSON.parse('<html>') })",
        "async () => ({ ok: true, json: async () => ({ token: 'not a token' }) })",
    ];
    for failure in failing {
        browser.asked().await;
        let now = "dispatchEvent(new Event('online'))";
        browser.in_the_page(&format!("window.answer = {failure}; {now}; null")).await;
        browser.told().await;
        browser.pass_in_steps(720, 5).await;
        let times = browser.asked().await;
        let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!((12..=32).contains(&waits.len()), "in an hour: {waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 310.0), "{waits:?}");
        // 5, 10, 20, … seconds, less up to a half, and up to five until the script looks at the clock.
        for (at_most, wait) in [5.0, 10.0, 20.0, 40.0, 80.0, 160.0].iter().zip(&waits) {
            assert!((at_most / 2.0..=at_most + 6.0).contains(wait), "{at_most}: {waits:?}");
        }
        let last = &waits[waits.len() - 6..];
        assert!(last.iter().all(|wait| *wait >= 145.0), "{waits:?}");
        let (shortest, longest) =
            last.iter().fold((f64::MAX, 0_f64), |(a, b), wait| (a.min(*wait), b.max(*wait)));
        assert!(longest - shortest >= 10.0, "with a random part: {waits:?}");
        assert_eq!(browser.told().await, [], "{failure}");
        // It is over: the next attempt brings a fresh token, and the one after it is most of a token's life
        // later.
        browser.in_the_page("gives('ada')").await;
        browser.pass_in_steps(62, 5).await;
        browser.is_told(&[Some("ada")]).await;
        assert_eq!(browser.asked().await.len(), 1);
    }
    // The user is logged out now, as other endpoints say it.
    for status in [401, 403] {
        browser.in_the_page("gives('ada'); dispatchEvent(new Event('boostgpt:identify'))").await;
        browser.is_told(&[None, Some("ada")]).await;
        let refusal = format!("window.answer = async () => ({{ ok: false, status: {status} }}); null");
        browser.in_the_page(&refusal).await;
        browser.in_the_page("dispatchEvent(new Event('online'))").await;
        browser.is_told(&[None]).await;
    }
    let urls = browser.in_the_page("asked.map(([, url]) => url)").await;
    let own = Value::from(format!("{}/widget-token", browser.site));
    assert!(urls.as_array().unwrap().iter().all(|url| *url == own), "{urls}");
}

pub(crate) async fn the_first_failure_still_shows_the_widget(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up_without_login().await;
    browser.log_in(ADA).await;
    browser.run("window.fetched = 0").await;
    for way in ["/fetching", "/refreshing"] {
        let source = "window.fetch = () => Promise.reject(new TypeError('no network'))";
        let added = browser
            .dev_tools("Page.addScriptToEvaluateOnNewDocument", serde_json::json!({ "source": source }))
            .await;
        assert_eq!(browser.chat_on(way).await, None, "{way}");
        browser.dev_tools("Page.removeScriptToEvaluateOnNewDocument", added).await;
    }
}
