//! What is in the pages, and what is not.

use std::rc::Rc;

use boostgpt_sso::{Identity, Signer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Duration,
};

use crate::{
    browser::{ADA, MALLORY, WAYS},
    world::World,
};

pub(crate) const MALLORYS_NAME: &str =
    r#"Mallory "><script>alert(1)</script><img src=x onerror=alert(1)> {{nonce}}"#;

pub(crate) async fn the_secret_is_in_no_answer_of_the_customers_site(world: Rc<World>) {
    let browser = world.browser().await;
    let old = browser.set_up(ADA).await;
    let secret = browser.generate().await;
    browser.give_to_the_back_end(&secret).await;
    let cookie = browser.client.get_named_cookie("login").await.unwrap();
    assert_eq!(cookie.http_only(), Some(true));
    let (cookie, mut answers, mut tokens) = (format!("login={}", cookie.value()), Vec::new(), 0);
    let from = |cookie: &str, rest: &str| format!("Cookie: {cookie}\r\nOrigin: {}\r\n{rest}", world.site);
    for how in ["none", "tampered", "expired", "old-secret"] {
        browser.spoil(how).await;
        for path in ["/", "/script-tag", "/fetching", "/widget-token", "/backend", "/style.css", "/nowhere"] {
            for cookie in [&cookie, "login=unknown"] {
                answers.push(send(&world.site, "GET", path, &from(cookie, "\r\n")).await);
            }
        }
    }
    // What is refused is not repeated either.
    let body = format!("secret={secret}0");
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ";
    let rest = format!("{form}{}\r\n\r\n{body}", body.len());
    answers.push(send(&world.site, "POST", "/backend", &from(&cookie, &rest)).await);
    answers.push(browser.client.source().await.unwrap());
    for answer in &answers {
        for secret in [&old, &secret] {
            assert!(!answer.contains(&secret[..16]) && !answer.contains(&secret[48..]), "{answer}");
        }
        tokens += u32::from(answer.contains("eyJ"));
    }
    assert_eq!((answers.len(), tokens), (58, 8), "the pages were really read");
    // The dashboard showed it once.
    let dashboard = send(&world.boostgpt, "GET", "/", "\r\n").await;
    assert!(dashboard.contains("SSO Secret") && !dashboard.contains(&secret[..16]));
}

/// The answer to the form is a redirect, and what it repeats of the secret is nothing.
pub(crate) async fn a_rejected_secret_is_told_once_and_kept_nowhere(world: Rc<World>) {
    let browser = world.browser_heard().await;
    let wrong = "0123456789abcdef-not-a-secret";
    browser.visit("/backend").await;
    browser.find("#secret").await.send_keys(wrong).await.unwrap();
    browser.run("document.body.dataset.before = ''").await;
    browser.click("main form button").await;
    browser.find("body:not([data-before]) #problem").await;
    assert!(browser.text("#problem").await.contains("64"), "{}", browser.text("#problem").await);
    assert_eq!(browser.client.current_url().await.unwrap().as_str(), format!("{}/backend", browser.site));
    assert!(!browser.client.source().await.unwrap().contains(&wrong[..16]));
    let mut posts = 0;
    let mut sent = async || {
        for event in browser.network().await {
            let request = &event["params"]["request"];
            posts += usize::from(request["method"] == "POST");
            assert!(!request["url"].as_str().unwrap_or_default().contains(&wrong[..16]), "{event}");
            let headers = event["params"]["headers"].to_string() + &request["headers"].to_string();
            assert!(!headers.contains(&wrong[..16]), "{event}");
        }
        posts
    };
    assert_eq!(sent().await, 1);
    browser.client.refresh().await.unwrap();
    assert_eq!(browser.shown("#problem").await, "", "told once");
    assert_eq!(sent().await, 1, "a reload sends nothing again");
    assert_eq!(browser.console().await, [""; 0]);
}

pub(crate) async fn tokens_are_in_no_address(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up(ADA).await;
    for way in WAYS {
        browser.chat_on(way).await;
        browser.say("remember that addresses leak").await;
    }
    let (mut requests, mut bearers) = (0, 0);
    for event in browser.network().await {
        let request = &event["params"]["request"];
        for text in [&request["url"], &request["headers"]["Referer"], &event["params"]["documentURL"]] {
            assert!(!text.as_str().unwrap_or_default().contains("eyJ"), "{event}");
        }
        requests += u32::from(!request.is_null());
        bearers += usize::from(
            request["headers"]["Authorization"].as_str().is_some_and(|text| text.contains("eyJ")),
        );
    }
    assert!(
        requests > 20 && bearers == WAYS.len(),
        "the frames' requests are among {requests}, {bearers} with a token"
    );
}

pub(crate) async fn names_stay_text(world: Rc<World>) {
    let browser = world.browser_heard().await;
    browser.set_up(MALLORY).await;
    let foreign =
        "const scripts = [...document.scripts].filter(script => script.textContent.includes('alert'));
        return scripts.length
            + document.querySelectorAll('img:not([src=\"/icon.svg\"]), [onerror]').length";
    for way in WAYS {
        let greeting = browser.chat_on(way).await.unwrap();
        assert_eq!(greeting, format!("Hello, {MALLORYS_NAME}"));
        let message = "remember that <img src=x onerror=alert(2)>";
        assert_eq!(browser.say(message).await, "I will remember: “<img src=x onerror=alert(2)>”");
        assert_eq!(browser.run(foreign).await, 0);
        // What is typed from right to left is shown so, also where it is kept.
        browser.type_only("\u{5e9}\u{5dc}\u{5d5}\u{5dd}").await;
        let direction = "return getComputedStyle(document.getElementById('text')).direction";
        assert_eq!(browser.run(direction).await, "rtl");
        assert_eq!(browser.find("#kept").await.attr("dir").await.unwrap().as_deref(), Some("auto"));
        browser.clear_field().await;
        browser.out_of_the_frame().await;
        assert_eq!(browser.run(foreign).await, 0);
    }
    for page in ["/", "/script-tag"] {
        browser.visit(page).await;
        assert_eq!(browser.text("#user").await, MALLORYS_NAME);
        assert_eq!(browser.run(foreign).await, 0);
    }
    browser.dashboard().await;
    assert_eq!(browser.text("#subscribers th[scope=row] bdi").await, MALLORYS_NAME);
    assert_eq!(browser.run(foreign).await, 0);
    assert!(browser.client.get_alert_text().await.is_err(), "no alert");
    assert_eq!(browser.console().await, [""; 0], "nor a try that the policy stopped");
}

pub(crate) async fn a_phone_has_no_horizontal_scroll(world: Rc<World>) {
    let phone = world.phone().await;
    let width = "return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)";
    let fits = async |what: &str| {
        let width = phone.run(width).await.as_u64().unwrap();
        assert!((300..=360).contains(&width), "{what} is {width} wide");
    };
    phone.visit("/").await;
    fits("login").await;
    phone.set_up(MALLORY).await;
    fits("home").await;
    phone.visit("/backend").await;
    fits("back end").await;
    for way in WAYS {
        phone.chat_on(way).await;
        phone.say(&"long".repeat(60)).await;
        fits("agent").await;
        phone.out_of_the_frame().await;
        fits(way).await;
    }
    phone.generate().await;
    fits("dashboard").await;
}

/// The longest texts that a token may have, on every page that shows them.
pub(crate) async fn long_texts_wrap(world: Rc<World>) {
    let world = world.another(&["--past"]).await;
    for (width, phone) in [(1280, false), (1000, false), (800, false), (390, true)] {
        let browser = world.sized(width, phone, false).await;
        let secret = browser.generate().await;
        come_with_long_texts(&world, &secret).await;
        browser.dashboard().await;
        let widths = "return [...document.querySelectorAll('#subscribers tbody tr > *')].map(cell =>
            cell.scrollWidth > cell.clientWidth ? 0 : cell.clientWidth)";
        let widths: Vec<u64> = serde_json::from_value(browser.run(widths).await).unwrap();
        assert!(widths.iter().all(|width| *width >= 48), "{width}: {widths:?}");
        let scroll = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.run(scroll).await, 0, "{width}");
        let height = browser.run("return document.querySelector('#subscribers tbody tr').clientHeight").await;
        assert!(height.as_u64().unwrap() <= 900, "{width}: {height} high");
    }
    world.stop().await;
}

/// A visit of a subscriber whose name, address and id are as long as they may be.
pub(crate) async fn come_with_long_texts(world: &World, secret: &str) {
    let email = format!("{}@{}.example", "address".repeat(9), "domain-".repeat(22).trim_end_matches('-'));
    let identity = Identity::new(&email).unwrap();
    let identity = identity.with_name(&"Wolfeschlegelsteinhausen".repeat(10)).unwrap();
    let identity = identity.with_external_id(&"0192f0c12d3e7f40".repeat(15)).unwrap();
    let token = Signer::new(&secret.parse().unwrap()).sign_at(&identity, world.now());
    let rest =
        format!("Origin: {}\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n", world.boostgpt);
    let agent = "/agent/0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";
    let answer = send(&world.boostgpt, "POST", agent, &rest).await;
    assert!(answer.contains(r#""identified":true"#), "{answer}");
}

/// The agent page takes a token from the page around it, and from no other window.
pub(crate) async fn a_token_is_taken_from_the_embedding_page_alone(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.visit("/").await;
    let fetched =
        "const done = arguments[0]; fetch('/widget-token').then(answer => answer.json()).then(done)";
    let token = browser.client.execute_async(fetched, vec![]).await.unwrap()["token"].take();
    browser.spoil("expired").await;
    assert_eq!(browser.chat_on("/script-tag").await, None);
    let gives =
        |target: &str| format!("{target}.postMessage({{ type: 'boostgpt:token', token: {token} }}, '*')");
    browser.run(&gives("window")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(browser.greeting().await, None, "from itself");
    browser.out_of_the_frame().await;
    let frame = "document.querySelector('boostgpt-widget').shadowRoot.querySelector('iframe').contentWindow";
    browser.run(&gives(frame)).await;
    browser.widget("iframe").await.enter_frame().await.unwrap();
    browser.find("body[data-visitor='identified']").await;
}

/// Another site can neither put the agent page into a frame of its own nor send the dashboard's forms.
pub(crate) async fn other_origins_can_neither_frame_nor_post(world: Rc<World>) {
    let agent = send(&world.boostgpt, "GET", "/agent/0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1", "\r\n").await;
    assert!(agent.contains(&format!("frame-ancestors {}\r\n", world.site)), "{agent}");
    let browser = world.browser().await;
    let address = format!("{}/agent/0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1", world.boostgpt);
    let frame = format!("data:text/html,<title>Elsewhere</title><iframe src='{address}'></iframe>");
    browser.client.goto(&frame).await.unwrap();
    browser.client.enter_frame(0).await.unwrap();
    assert_eq!(browser.run("return document.querySelectorAll('#greeting').length").await, 0);
    browser.client.goto(&address).await.unwrap();
    assert_eq!(browser.greeting().await, None, "without a frame no page can give a token");

    for origin in ["https://elsewhere.example", &world.site, "null"] {
        let rest = format!("Origin: {origin}\r\nContent-Length: 0\r\n\r\n");
        let answer = send(&world.boostgpt, "POST", "/secret", &rest).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{origin}: {answer}");
    }
    for (at, path) in [(&world.boostgpt, "/"), (&world.site, "/"), (&world.site, "/script-tag")] {
        let answer = send(at, "GET", path, "\r\n").await;
        assert!(
            answer.contains("default-src 'none'") && answer.contains("frame-ancestors 'none'"),
            "{answer}"
        );
        assert!(answer.contains("cache-control: no-store"), "{answer}");
        assert!(!answer.contains("unsafe"), "{answer}");
    }
}

/// One request, without a browser's own ideas. Head and body of the answer.
pub(crate) async fn send(origin: &str, method: &str, path: &str, rest: &str) -> String {
    let host = origin.strip_prefix("http://").unwrap();
    let port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{rest}");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}
