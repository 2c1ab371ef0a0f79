//! "Check a token" on the dashboard, and the recent reasons beside it.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::{
    browser::{ADA, Browser, WAYS},
    time::until,
    world::World,
};

pub(crate) async fn a_pasted_token_is_diagnosed(world: Rc<World>) {
    let browser = world.browser_heard().await;
    let secret = browser.set_up(ADA).await;
    let fetched =
        "const done = arguments[0]; fetch('/widget-token').then(answer => answer.json()).then(done)";
    let answer = browser.client.execute_async(fetched, vec![]).await.unwrap();
    let token = answer["token"].as_str().unwrap();

    assert_eq!(check(&browser, token).await, ("Valid".to_owned(), vec![]));
    let who = browser.text("#diagnosis dl").await;
    let expected = "Name\nAda Lovelace\nE-mail\nada@example.com\nExternal id\n42\nUntil\n20";
    assert!(who.starts_with(expected) && who.ends_with(" UTC"), "{who}");
    let (verdict, codes) = check(&browser, &format!("Bearer {token}")).await;
    assert!(verdict.starts_with("Refused: the prefix of an Authorization header"), "{verdict}");
    assert_eq!(codes, ["bearer_prefix"]);
    let hexed = signed_with_the_decoded_secret(&browser, token, &secret).await;
    let (verdict, codes) = check(&browser, &hexed).await;
    assert!(verdict.starts_with("Refused: signed with the bytes that the secret decodes to"), "{verdict}");
    assert_eq!(codes, ["secret_hex_decoded"]);

    // What is pasted stays text, and neither it nor the secret stays anywhere.
    let foreign = "return document.querySelectorAll('img[onerror], script:not([nonce]), [onerror]').length";
    let (_, codes) = check(&browser, "{{<img src=x onerror=alert(1)>\u{202e}}}").await;
    assert_eq!((codes, browser.run(foreign).await), (vec!["template_placeholder".to_owned()], json!(0)));
    assert!(browser.text("#diagnosis").await.contains(r"<img src=x onerror=alert(1)>\u{202e}"));
    check(&browser, &secret).await;
    assert!(!browser.client.source().await.unwrap().contains(&secret[..16]));
    assert_eq!(browser.run("return document.getElementById('token').value").await, "");
    let mut checks = 0;
    for event in browser.network().await {
        let address = event["params"]["request"]["url"].as_str().unwrap_or_default();
        checks += u32::from(address.ends_with("/check"));
        for text in [&event["params"]["request"]["url"], &event["params"]["request"]["headers"]["Referer"]] {
            assert!(!text.as_str().unwrap_or_default().contains("eyJ"), "{event}");
        }
    }
    assert_eq!((checks, browser.console().await), (5, vec![]));
}

/// The doctor's answers depend on the secret: it is not asked as often as anyone likes.
pub(crate) async fn only_so_many_tokens_are_checked_in_a_minute(world: Rc<World>) {
    let browser = world.browser().await;
    browser.generate().await;
    browser.dashboard().await;
    let ask = "const [done] = arguments; (async () => {
            const body = new URLSearchParams({ token: 'x' });
            const told = [];
            for (let turn = 0; turn < 14; turn++) {
                const answer = await fetch('/check', { method: 'POST', body });
                const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
                told.push(`${answer.status} ${page.querySelector('#diagnosis h3').textContent}`);
            }
            return told;
        })().then(done)";
    let bypass = serde_json::json!({ "enabled": true }); // the page itself sends no requests
    browser.dev_tools("Page.setBypassCSP", bypass).await;
    browser.dashboard().await;
    let answers = browser.client.execute_async(ask, vec![]).await.unwrap();
    let answers: Vec<String> = serde_json::from_value(answers).unwrap();
    let count = |start: &str| answers.iter().filter(|one| one.starts_with(start)).count();
    assert_eq!((count("200 Refused"), count("200 Too many checks")), (10, 4), "{answers:?}");
    browser.find("#token").await.send_keys("x").await.unwrap();
    browser.click("form[action='/check'] button").await;
    until("told", async || browser.shown("#diagnosis h3").await.starts_with("Too many checks")).await;
    let told = browser.text("#diagnosis h3").await;
    let seconds = told.split_once("Try again in ").unwrap().1.strip_suffix(" s.").unwrap();
    assert!((1..=60).contains(&seconds.parse::<u32>().unwrap()), "{told}");
    assert_eq!(browser.run("return document.activeElement.id").await, "diagnosis");
    // A form is answered with a redirect: a reload sends nothing again, and the text is gone.
    browser.client.refresh().await.unwrap();
    assert_eq!(browser.client.current_url().await.unwrap().path(), "/");
    assert_eq!(browser.shown("#diagnosis").await, "");
    world.move_clock(61);
    assert_eq!(check(&browser, "x").await.0.split(':').next(), Some("Refused"));
}

pub(crate) async fn recent_reasons_have_a_share_and_a_time(world: Rc<World>) {
    let browser = world.browser().await;
    browser.set_up(ADA).await;
    browser.chat_on(WAYS[0]).await;
    browser.spoil("tampered").await;
    for way in [WAYS[0], WAYS[1], WAYS[0]] {
        browser.chat_on(way).await;
    }
    browser.spoil("expired").await;
    browser.chat_on(WAYS[0]).await;
    browser.dashboard().await;
    let cells = "const rows = [...document.querySelectorAll('#reasons tbody tr')];
        return rows.map(row => [...row.cells].map(cell => cell.textContent))";
    let rows: Vec<Vec<String>> = serde_json::from_value(browser.run(cells).await).unwrap();
    let shares: Vec<_> = rows.iter().map(|row| [&row[0], &row[1], &row[2]].map(String::as_str)).collect();
    assert_eq!(shares, [["bad_signature", "3", "60 %"], ["expired", "1", "20 %"]]);
    for row in &rows {
        for at in &row[3..5] {
            let (day, time) = at.split_once(' ').unwrap();
            let (hour, minute) = time.split_once(':').unwrap();
            assert!(day.len() == 10 && day.matches('-').count() == 2, "{row:?}");
            assert!(hour.parse::<u8>().unwrap() < 24 && minute.parse::<u8>().unwrap() < 60, "{row:?}");
        }
        assert!(row[3] <= row[4] && !row[5].is_empty() && !row[5].contains("ada"), "{row:?}");
    }
    assert!(rows[0][5].contains("fingerprint") && rows[1][5].contains("for every page load"), "{rows:?}");
    assert!(browser.text("#reasons-title + p").await.starts_with("Of the last 5 tokens."));
}

/// What the dashboard says of it: the verdict, and the codes of the findings.
async fn check(browser: &Browser, text: &str) -> (String, Vec<String>) {
    browser.dashboard().await;
    let paste = "document.getElementById('token').value = arguments[0]";
    browser.client.execute(paste, vec![Value::from(text)]).await.unwrap();
    browser.click("form[action='/check'] button").await;
    let verdict = browser.text("#diagnosis h3").await;
    let address = browser.client.current_url().await.unwrap();
    assert_eq!(address.as_str(), format!("{}/#diagnosis", browser.boostgpt));
    let codes = "return [...document.querySelectorAll('#diagnosis dd.code')].map(code => code.textContent)";
    (verdict, serde_json::from_value(browser.run(codes).await).unwrap())
}

/// The same token as a back end signs it that decodes the secret first.
async fn signed_with_the_decoded_secret(browser: &Browser, token: &str, secret: &str) -> String {
    let script = "const [token, secret, done] = arguments;
        const bytes = Uint8Array.from(secret.match(/../g), digits => parseInt(digits, 16));
        const signed = token.split('.').slice(0, 2).join('.');
        const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes)))
            .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
        crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
            .then(key => crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed)))
            .then(mac => done(signed + '.' + base64url(mac)));";
    let arguments = vec![Value::from(token), Value::from(secret)];
    browser.client.execute_async(script, arguments).await.unwrap().as_str().unwrap().to_owned()
}
