//! The code that people copy: the examples of a customer's site, with their log-in and log-out, in the
//! browser.

use std::{net::TcpListener, rc::Rc};

use actix_web::{App, HttpServer};
use boostgpt_sso::{Signer, SsoSecret};
use fantoccini::cookies::Cookie;
use serde_json::Value;

use crate::{
    browser::{ADA, Browser, GRACE},
    life::settles,
    time::until,
    world::World,
};

#[allow(dead_code, reason = "main is not called here")]
#[path = "../../examples/actix_customer.rs"]
mod actix_customer;
#[allow(dead_code, reason = "main is not called here")]
#[path = "../../examples/axum_customer.rs"]
mod axum_customer;

const BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";

pub(crate) async fn the_axum_example_keeps_its_visitors_apart(world: Rc<World>) {
    visitors_are_kept_apart(&world, async |listener, script, signer| {
        let site = axum_customer::site(BOT.parse().unwrap(), script, signer).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::task::spawn_local(axum::serve(listener, site).into_future());
    })
    .await;
}

pub(crate) async fn the_actix_example_keeps_its_visitors_apart(world: Rc<World>) {
    visitors_are_kept_apart(&world, async |listener, script, signer| {
        let site = actix_customer::site(BOT.parse().unwrap(), script, signer).unwrap();
        let server = HttpServer::new(move || App::new().configure(site.clone())).workers(1);
        tokio::task::spawn_local(server.disable_signals().listen(listener).unwrap().run());
    })
    .await;
}

async fn visitors_are_kept_apart(world: &World, serve: impl AsyncFn(TcpListener, &str, Signer)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let world = world.another(&["--embedder", &site]).await;
    let browser = world.browser_heard().await;
    let secret: SsoSecret = browser.generate().await.parse().unwrap();
    serve(listener, &format!("{}/widget.js", world.boostgpt), Signer::new(&secret)).await;
    let browser = Browser { site, ..browser };

    // Anonymous, and nothing in red.
    browser.visit("/").await;
    browser.enter_chat().await;
    settles(&browser, None).await;
    browser.out_of_the_frame().await;
    assert_eq!(browser.console().await, [""; 0]);

    log_in(&browser, ADA).await;
    browser.enter_chat().await;
    settles(&browser, Some("Ada Lovelace")).await;
    browser.say("remember that this is mine").await;
    browser.out_of_the_frame().await;
    let cookie = session(&browser).await.expect("a session");
    browser.client.goto(&world.boostgpt).await.unwrap(); // away
    browser.client.back().await.unwrap();
    browser.enter_chat().await;
    settles(&browser, Some("Ada Lovelace")).await;
    browser.out_of_the_frame().await;

    // Out, and back.
    browser.click("form[action='/logout'] button").await;
    until("logged out", async || session(&browser).await.is_none()).await;
    for _ in 0..3 {
        browser.enter_chat().await;
        settles(&browser, None).await;
        assert_eq!(browser.messages().await, [""; 0]);
        browser.out_of_the_frame().await;
        browser.client.back().await.unwrap();
        if browser.client.current_url().await.unwrap().path() != "/" {
            break;
        }
    }

    // The session is over, not only its cookie.
    browser.visit("/").await;
    browser.client.add_cookie(cookie).await.unwrap();
    assert_eq!(token(&browser).await, Value::Null);
    browser.client.delete_all_cookies().await.unwrap();

    // Another user, over the one who is logged in.
    log_in(&browser, ADA).await;
    let first = session(&browser).await.unwrap();
    log_in(&browser, GRACE).await;
    browser.enter_chat().await;
    settles(&browser, Some("Grace Hopper")).await;
    assert_eq!(browser.messages().await, [""; 0]);
    browser.out_of_the_frame().await;
    let second = session(&browser).await.unwrap();
    assert_ne!(first.value(), second.value());
    browser.client.add_cookie(first).await.unwrap();
    assert_eq!(token(&browser).await, Value::Null, "the first login ended");
    assert_eq!(browser.console().await, [""; 0]);
    world.stop().await;
}

async fn log_in(browser: &Browser, user: &str) {
    browser.visit("/").await;
    let before = session(browser).await.map(|cookie| cookie.value().to_owned());
    browser.click(&format!("input[value='{user}']")).await;
    browser.click("form[action='/login'] button").await;
    until("logged in", async || {
        session(browser).await.is_some_and(|cookie| Some(cookie.value()) != before.as_deref())
    })
    .await;
}

/// The cookie of the login.
async fn session(browser: &Browser) -> Option<Cookie<'static>> {
    let cookies = browser.client.get_all_cookies().await.unwrap();
    cookies.into_iter().find(|cookie| cookie.name().ends_with("_session"))
}

async fn token(browser: &Browser) -> Value {
    browser
        .in_the_page("fetch('/widget-token').then(answer => answer.json()).then(answer => answer.token)")
        .await
}
