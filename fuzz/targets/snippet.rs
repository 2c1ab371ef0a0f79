//! A browser reads from a snippet exactly the tags that are meant, whatever was accepted; and its addresses
//! lead where they may.
//! Planted: the parser is expected to leave the escape of `&` in an address as it is.
#![no_main]

use std::cell::RefCell;

use boostgpt_sso::{Identity, Signer, time::OffsetDateTime, web::Snippet};
use fuzz::{BOT, NOW, keys::secret, planted, text::expand};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
    },
};
use libfuzzer_sys::fuzz_target;
use url::Url;

const DEFAULT: &str = "https://embed.boostgpt.co/widget.js";
const FETCH: &str = include_str!("../../src/web/scripts/fetch.js");
const REFRESH: &str = include_str!("../../src/web/scripts/refresh.js");
const RELOAD: &str = include_str!("../../src/web/scripts/restored.js");

/// A script element: its attributes, sorted, and its text.
type Script = (Vec<(String, String)>, String);

#[derive(Default)]
struct Scripts {
    found: RefCell<Vec<Script>>,
    is_open: RefCell<bool>,
}

impl TokenSink for Scripts {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let (mut found, mut is_open) = (self.found.borrow_mut(), self.is_open.borrow_mut());
        match token {
            Token::TagToken(tag) => {
                assert_eq!(&*tag.name, "script");
                assert_eq!(tag.kind == TagKind::EndTag, *is_open);
                assert!(!tag.self_closing && !tag.had_duplicate_attributes);
                *is_open = !*is_open;
                if *is_open {
                    let attributes =
                        tag.attrs.iter().map(|one| (one.name.local.to_string(), one.value.to_string()));
                    let mut attributes: Vec<_> = attributes.collect();
                    attributes.sort();
                    found.push((attributes, String::new()));
                    return TokenSinkResult::RawData(RawKind::ScriptData);
                }
            }
            Token::CharacterTokens(text) if *is_open => found.last_mut().unwrap().1.push_str(&text),
            Token::CharacterTokens(text) => assert_eq!(text.trim(), "", "text beside the tags"),
            Token::EOFToken => assert!(!*is_open, "a script has no end"),
            other => panic!("{other:?} in a snippet"),
        }
        TokenSinkResult::Continue
    }
}

fn scripts(html: &str) -> Vec<Script> {
    let opts = TokenizerOpts { exact_errors: true, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Scripts::default(), opts);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.found.take()
}

fn attributes(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut attributes: Vec<_> =
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    attributes.sort();
    attributes
}

fuzz_target!(|data: &[u8]| {
    // The address of the script, the endpoint, the nonce, the name and the id, a zero between each two.
    let mut parts = data.splitn(5, |byte| *byte == 0).map(expand);
    let mut part = || String::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (script, endpoint, nonce, name, id) = (part(), part(), part(), part(), part());

    let base = Url::parse("https://customer.example/page/one?q").unwrap();
    let mut snippet = Snippet::new(BOT.parse().unwrap());
    let (mut address, mut path, mut given) = (DEFAULT.to_owned(), "/widget-token", None);
    if let Ok(accepted) = snippet.clone().with_script(&script) {
        (snippet, address) = (accepted, script.clone());
        if script.starts_with('/') {
            assert_eq!(base.join(&script).unwrap().origin(), base.origin(), "{script}");
        } else if let Ok(url) = Url::parse(&script) {
            let local = ["localhost", "127.0.0.1", "[::1]"].contains(&url.host_str().unwrap());
            assert!(url.scheme() == "https" || url.scheme() == "http" && local, "{script}");
            assert_eq!((url.username(), url.password(), url.fragment()), ("", None, None), "{script}");
        }
    }
    if let Ok(accepted) = snippet.clone().with_endpoint(&endpoint) {
        (snippet, path) = (accepted, &endpoint);
        assert_eq!(base.join(path).unwrap().origin(), base.origin(), "{path}");
    }
    if let Ok(accepted) = snippet.clone().with_nonce(&nonce) {
        (snippet, given) = (accepted, Some(("nonce", nonce.as_str())));
    }
    if planted() {
        address = address.replace('&', "&amp;");
    }
    let mut identity = Identity::new("ada@example.com").unwrap();
    identity = identity.clone().with_name(&name).unwrap_or(identity);
    identity = identity.clone().with_external_id(&id).unwrap_or(identity);
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    let token = Signer::new(&secret()).sign_at(&identity, now);

    let with = |more: &[(&str, &str)]| attributes(&[given.as_slice(), more].concat());
    let (address, reload) = (address.as_str(), (with(&[]), format!("\n{}", RELOAD.replace("BOT_ID", BOT))));
    let expected = with(&[("src", address), ("data-bot-id", BOT), ("data-user-token", token.as_str())]);
    assert_eq!(scripts(&snippet.tag(&token).to_string()), [(expected, String::new()), reload.clone()]);
    let expected = with(&[("src", address), ("data-bot-id", BOT)]);
    assert_eq!(scripts(&snippet.anonymous_tag().to_string()), [(expected, String::new()), reload]);

    for (snippet, is_plain) in [(snippet.clone(), true), (snippet.with_refresh(), false)] {
        let found = scripts(&snippet.fetch_script().to_string());
        let [(first, nothing), (second, code)] = &found[..] else { panic!("{found:?}") };
        assert_eq!((first, nothing.as_str(), second), (&with(&[("src", address)]), "", &with(&[])));
        let literal = code.split_once("new URL(").unwrap().1.split_once("\", location)").unwrap().0;
        let literal = format!("{literal}\"");
        assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), path);
        let is_harmless = |byte: u8| byte.is_ascii_graphic() && !b"<>&'`".contains(&byte);
        assert!(literal.bytes().all(is_harmless), "{literal}");
        // The longer one is written without its indentation.
        let compact = REFRESH.lines().map(|line| format!("{}\n", line.trim_start()));
        let script = if is_plain { FETCH.to_owned() } else { compact.collect() };
        let filled = script.replace("BOT_ID", BOT).replace("\"ENDPOINT\"", &literal);
        assert_eq!(*code, format!("\n{filled}"));
    }
});
