//! A chat that does not load: its visitor closes it and goes on, and can try again.

use std::{
    future::pending,
    net::TcpListener,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use boostgpt_sso::{BotId, Signer, SsoSecret};
use fantoccini::key::Key;

use crate::{
    browser::{ADA, Browser},
    copied::{BOT, axum_customer},
    time::until,
    world::World,
};

/// Agents whose pages are answered like this.
const FAILS: &str = BOT;
const HANGS: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b2";

/// How often an agent page was asked for. The third time it works.
type Asked = Arc<AtomicU32>;

async fn agent(State(asked): State<Asked>, Path(bot): Path<String>) -> Response {
    match asked.fetch_add(1, Ordering::SeqCst) {
        0 | 1 if bot == FAILS => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        0 | 1 => pending().await,
        _ => Html("<script>parent.postMessage({ type: 'boostgpt:ready' }, '*')</script>").into_response(),
    }
}

/// Serves this, and returns its origin.
fn serve(site: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::task::spawn_local(axum::serve(listener, site).into_future());
    origin
}

pub(crate) async fn a_chat_that_does_not_load_can_be_closed_and_opened_again(world: Rc<World>) {
    let browser = world.browser_heard().await;
    for (bot, failures) in [(FAILS, 2), (HANGS, 0)] {
        let asked = Asked::default();
        let widget =
            ([(header::CONTENT_TYPE, "text/javascript")], include_str!("../../src/assets/widget.js"));
        let boostgpt = Router::new()
            .route("/widget.js", get(async || widget))
            .route("/agent/{bot}", get(agent))
            .with_state(Arc::clone(&asked));
        let script = format!("{}/widget.js", serve(boostgpt));
        let (bot, signer) = (bot.parse::<BotId>().unwrap(), Signer::new(&SsoSecret::generate().unwrap()));
        let site = serve(axum_customer::site(bot, &script, signer).unwrap());
        browser.client.goto(&site).await.unwrap();

        // The bubble is still there, and closes the chat: by mouse, and by keyboard.
        browser.widget("button").await.click().await.unwrap();
        is_open(&browser, &asked, 1).await;
        browser.widget("button").await.click().await.unwrap();
        is_closed(&browser).await;
        browser.press(Key::Enter).await;
        is_open(&browser, &asked, 2).await;
        browser.press(Key::Escape).await;
        is_closed(&browser).await;

        // The page goes on, and so does the chat once the service is back.
        browser.run("window.before = true").await;
        browser.log_in_by_script(ADA).await;
        until("log out", async || browser.find("#logout").await.is_displayed().await.unwrap()).await;
        browser.widget("button").await.click().await.unwrap();
        until("ready", async || !browser.widget("button").await.is_displayed().await.unwrap()).await;
        assert_eq!(browser.run(FOCUS).await, "iframe");
        assert_eq!(browser.run("return window.before").await, true);

        let console = browser.console().await;
        let is_the_load = |line: &String| line.contains("/agent/") && line.contains("status of 500");
        assert!(console.iter().all(is_the_load) && console.len() == failures, "{bot}: {console:?}");
    }
}

/// Where the focus is in the widget.
const FOCUS: &str = "return document.activeElement.shadowRoot?.activeElement?.localName";

/// The agent page was asked for this often, the bubble is still there, has the focus, and says what it does.
async fn is_open(browser: &Browser, asked: &Asked, times: u32) {
    until("asked", async || asked.load(Ordering::SeqCst) == times).await;
    assert!(browser.widget("iframe").await.is_displayed().await.unwrap());
    let bubble = browser.widget("button").await;
    assert!(bubble.is_displayed().await.unwrap());
    assert_eq!(bubble.text().await.unwrap(), "Close chat");
    assert_eq!(bubble.attr("aria-expanded").await.unwrap().as_deref(), Some("true"));
    assert_eq!(browser.run(FOCUS).await, "button");
}

async fn is_closed(browser: &Browser) {
    let frames =
        "return document.querySelector('boostgpt-widget').shadowRoot.querySelectorAll('iframe').length";
    assert_eq!(browser.run(frames).await, 0);
    let bubble = browser.widget("button").await;
    assert_eq!(bubble.text().await.unwrap(), "Chat");
    assert_eq!(bubble.attr("aria-expanded").await.unwrap().as_deref(), Some("false"));
    assert_eq!(browser.run(FOCUS).await, "button");
}
