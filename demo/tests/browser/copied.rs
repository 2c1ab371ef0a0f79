//! The code that people copy: the examples of a customer's site, with their login and logout, in the
//! browser.

use std::{net::TcpListener, rc::Rc};

use actix_web::{App, HttpServer};
use boostgpt_sso::{Signer, SsoSecret};
use fantoccini::cookies::Cookie;
use serde_json::Value;

use crate::{
    access::judge,
    browser::{ADA, Browser, GRACE},
    life::settles,
    pages::send,
    time::until,
    world::World,
};

#[allow(dead_code, reason = "main is not called here")]
#[path = "../../examples/actix_customer.rs"]
mod actix_customer;
#[allow(dead_code, reason = "main is not called here")]
#[path = "../../examples/axum_customer.rs"]
pub(crate) mod axum_customer;

pub(crate) const BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";

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

/// A policy is a list of directives that `;` and `,` separate.
pub(crate) async fn an_address_that_would_end_the_policy_is_refused(_: Rc<World>) {
    let signer = || Signer::new(&SsoSecret::generate().unwrap());
    let bot = || BOT.parse().unwrap();
    for script in ["https://cdn.example/w.js;v=1", "/w.js;script-src", "/w.js?a,b"] {
        let errors = [
            axum_customer::site(bot(), script, signer()).map(drop).unwrap_err(),
            actix_customer::site(bot(), script, signer()).map(drop).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains("; or , in it"), "{script}: {error}");
        }
    }
    for script in ["https://cdn.example/w.js", "/w.js%3Bv=1"] {
        assert!(axum_customer::site(bot(), script, signer()).is_ok(), "{script}");
    }
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
    judge(&browser, "the shop").await;
    assert!(browser.client.source().await.unwrap().contains("<bdi>Nur &lt;office&gt; &amp; Co</bdi>"));
    assert!(!browser.find("#logout").await.is_displayed().await.unwrap(), "no one is logged in");
    browser.enter_chat().await;
    settles(&browser, None).await;
    browser.out_of_the_frame().await;
    assert_eq!(browser.console().await, [""; 0]);

    log_in(&browser, ADA).await;
    until("log out", async || browser.find("#logout").await.is_displayed().await.unwrap()).await;
    judge(&browser, "the shop, logged in").await;
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

    // Out without a page load: the chat that is open forgets her.
    browser.run("window.before = true").await;
    browser.click("#logout button").await;
    until("logged out", async || session(&browser).await.is_none()).await;
    browser.find("#logout[hidden]").await;
    browser.enter_chat().await;
    settles(&browser, None).await;
    assert_eq!(browser.messages().await, [""; 0]);
    browser.out_of_the_frame().await;
    browser.log_in_by_script(GRACE).await;
    until("log out", async || browser.find("#logout").await.is_displayed().await.unwrap()).await;
    browser.enter_chat().await;
    settles(&browser, Some("Grace Hopper")).await;
    browser.out_of_the_frame().await;
    assert_eq!(browser.run("return window.before").await, true, "no page was loaded");
    assert_eq!(browser.console().await, [""; 0]);

    // Out with a page load, as if the script had not reached the site, and back.
    browser.run("window.fetch = () => Promise.reject(new TypeError())").await;
    browser.click("#logout button").await;
    until("logged out", async || session(&browser).await.is_none()).await;
    browser.find("#logout[hidden]").await;
    assert_eq!(browser.run("return window.before ?? false").await, false, "a page was loaded");
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
    browser.client.delete_all_cookies().await.unwrap();

    // No answer is taken for another type than its own.
    for path in ["/", "/shop.js", "/user", "/widget-token", "/login", "/nowhere"] {
        for method in ["GET", "POST"] {
            let answer = send(&browser.site, method, path, "Content-Length: 0\r\n\r\n").await;
            let headers = answer.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
            assert_eq!(headers.matches("x-content-type-options: nosniff").count(), 1, "{path}: {headers}");
        }
    }

    // A page of the same host without TLS, or with it, is another site.
    let host = browser.site.strip_prefix("http://").unwrap();
    for (origin, status) in [
        (format!("http://{host}"), "303"),
        (format!("https://{host}"), "403"),
        (format!("ftp://{host}"), "403"),
        (format!("http://{host}.evil.example"), "403"),
        ("http://".to_owned(), "403"),
    ] {
        let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nuser=42";
        let answer = send(&browser.site, "POST", "/login", &format!("Origin: {origin}\r\n{form}")).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{origin}: {answer}");
    }

    // A login that runs many times at once: the sessions without a cookie are bounded, the one with it is
    // good.
    let twice = "const log_in = () => fetch('/login', {
            method: 'POST', body: new URLSearchParams({ user: '42' }), redirect: 'manual',
        });
        Promise.all([...Array(3)].map(log_in)).then(() => null)";
    browser.visit("/").await;
    browser.in_the_page(twice).await;
    assert_ne!(token(&browser).await, Value::Null);
    let first = session(&browser).await.unwrap();
    for _ in 0..10 {
        browser.client.delete_all_cookies().await.unwrap();
        log_in(&browser, ADA).await;
    }
    assert_ne!(token(&browser).await, Value::Null);
    browser.client.add_cookie(first).await.unwrap();
    assert_eq!(token(&browser).await, Value::Null, "the oldest of this user ended");
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
