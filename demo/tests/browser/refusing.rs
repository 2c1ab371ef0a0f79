//! Tokens that do not hold: the visitor is anonymous and sees no error; the operator sees why.

use std::rc::Rc;

use crate::{
    browser::{ADA, WAYS},
    time::until,
    world::World,
};

pub(crate) async fn bad_tokens_are_anonymous_without_an_error(world: Rc<World>) {
    let browser = world.browser_heard().await;
    let old = browser.set_up(ADA).await;
    let secret = browser.generate().await;
    assert_ne!(secret, old);
    browser.give_to_the_back_end(&secret).await;
    browser.chat_on(WAYS[0]).await;
    browser.say("remember that only I may see this").await;
    for (how, code) in
        [("expired", "expired"), ("tampered", "bad_signature"), ("old-secret", "bad_signature")]
    {
        browser.spoil(how).await;
        let before = refused(&browser, code).await;
        for way in WAYS {
            assert_eq!(browser.chat_on(way).await, None, "{how} on {way}");
            assert_eq!(browser.messages().await, [""; 0], "{how} on {way}");
            assert_eq!(browser.text("#trouble").await, "", "{how} on {way}");
        }
        assert_eq!(browser.console().await, [""; 0], "{how}");
        assert_eq!(refused(&browser, code).await, before + 3, "{how}");
    }
    browser.spoil("none").await;
    assert_eq!(browser.chat_on(WAYS[1]).await.as_deref(), Some("Hello, Ada Lovelace"));
    assert_eq!(browser.messages().await.len(), 2);

    // The console is really heard, in the frame as well: an instrument that hears nothing proves nothing.
    browser.run("console.error('in the frame')").await;
    browser.out_of_the_frame().await;
    browser.run("console.error('in the page')").await;
    let heard = browser.console().await;
    assert!(
        heard.len() == 2 && heard[0].contains("in the frame") && heard[1].contains("in the page"),
        "{heard:?}"
    );
}

pub(crate) async fn regenerating_ends_an_open_conversation_and_its_reload(world: Rc<World>) {
    let (visitor, owner) = (world.browser_heard().await, world.browser().await);
    visitor.set_up(ADA).await;
    visitor.chat_on(WAYS[0]).await;
    visitor.say("remember that this was before").await;

    let secret = owner.generate().await;
    visitor.find("#text").await.send_keys("what do you remember?").await.unwrap();
    visitor.click("#say button").await;
    visitor.find("body[data-visitor='anonymous']").await;
    assert_eq!(visitor.greeting().await, None, "the open conversation");
    assert_eq!(visitor.messages().await, [""; 0]);
    visitor.client.refresh().await.unwrap();
    assert_eq!(visitor.open_chat().await, None, "after a reload, with the old secret on the site");
    assert_eq!(visitor.chat_on(WAYS[1]).await, None);
    assert_eq!(refused(&owner, "bad_signature").await, 3);

    owner.give_to_the_back_end(&secret).await;
    assert_eq!(visitor.chat_on(WAYS[1]).await.as_deref(), Some("Hello, Ada Lovelace"));
    let kept = visitor.find("#text").await.prop("value").await.unwrap();
    assert_eq!(
        kept.as_deref(),
        Some("what do you remember?"),
        "the message that was not sent is still there"
    );
    visitor.click("#say button").await;
    until("answered", async || visitor.messages().await.len() == 4).await;
    assert_eq!(visitor.messages().await[3], "You told me: “this was before”");
    assert_eq!(visitor.console().await, [""; 0]);
}

/// How often the dashboard says that a token was refused for this reason.
async fn refused(browser: &crate::browser::Browser, code: &str) -> u32 {
    browser.dashboard().await;
    let table = browser.text("#reasons tbody").await;
    let line = table.lines().find_map(|line| line.strip_prefix(code));
    line.map_or(0, |line| line.split_whitespace().next().unwrap().parse().unwrap())
}
