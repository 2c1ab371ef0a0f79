//! Snippets, read by an HTML parser: exactly the tags that are meant, whatever was accepted.

use boostgpt_sso::{
    Identity,
    web::{Snippet, SnippetError},
};
use proptest::prelude::*;
use scraper::{ElementRef, Html, Node};
use url::Url;

use crate::support::*;

const DEFAULT: &str = "https://embed.boostgpt.co/widget.js";

/// The script elements of a page with this snippet in it: their attributes and their text. The page has
/// nothing else.
fn scripts(snippet: &str) -> Vec<(Vec<(String, String)>, String)> {
    let page =
        format!("<!DOCTYPE html><html><head><title>t</title></head><body>{snippet}<p>end</p></body></html>");
    let page = Html::parse_document(&page);
    let names: Vec<_> =
        page.tree.root().descendants().filter_map(ElementRef::wrap).map(|e| e.value().name()).collect();
    let body = page.tree.root().descendants().filter_map(ElementRef::wrap);
    let body = body.into_iter().find(|element| element.value().name() == "body").unwrap();
    let mut found = Vec::new();
    for child in body.children() {
        match child.value() {
            Node::Text(text) => assert_eq!(text.trim(), "", "text beside the tags"),
            Node::Element(element) if element.name() == "script" => {
                let mut attributes: Vec<_> =
                    element.attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                attributes.sort();
                let text = ElementRef::wrap(child).unwrap().text().collect::<String>();
                found.push((attributes, text));
            }
            Node::Element(element) => assert_eq!(element.name(), "p"),
            other => panic!("{other:?} in the page"),
        }
    }
    let mut expected = vec!["html", "head", "title", "body"];
    expected.extend(found.iter().map(|_| "script"));
    expected.push("p");
    assert_eq!(names, expected);
    found
}

fn attributes(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut attributes: Vec<_> =
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    attributes.sort();
    attributes
}

/// Both forms of a snippet have exactly this in them, for every reader.
#[track_caller]
fn check(snippet: &Snippet, script: &str, endpoint: &str, nonce: Option<&str>, identity: &Identity) {
    let token = signer().sign_at(identity, now());
    let nonce: Vec<_> = nonce.map(|nonce| ("nonce", nonce)).into_iter().collect();
    let with = |more: &[(&str, &str)]| attributes(&[&nonce[..], more].concat());

    let reload = (with(&[]), reload_code());
    let tags = scripts(&snippet.tag(&token).to_string());
    let expected = with(&[("src", script), ("data-bot-id", BOT), ("data-user-token", token.as_str())]);
    assert_eq!(tags, [(expected, String::new()), reload.clone()]);

    let tags = scripts(&snippet.anonymous_tag().to_string());
    let expected = with(&[("src", script), ("data-bot-id", BOT)]);
    assert_eq!(tags, [(expected, String::new()), reload]);

    let refresh = snippet.clone().with_refresh();
    for (snippet, template) in [(snippet, FETCH), (&refresh, REFRESH)] {
        let tags = scripts(&snippet.fetch_script().to_string());
        let [(first, nothing), (second, code)] = &tags[..] else { panic!("{tags:?}") };
        assert_eq!((first, second), (&with(&[("src", script)]), &with(&[])));
        assert_eq!(nothing, "");
        let literal = code.split_once("new URL(").unwrap().1.split_once("\", location)").unwrap().0;
        let literal = format!("{literal}\"");
        // What JSON reads in a literal without quotes and backslashes of other kinds, JavaScript reads too.
        assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), endpoint);
        assert!(
            literal.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>&'`".contains(&byte)),
            "{literal}"
        );
        let filled = template.replace("BOT_ID", BOT).replace("\"ENDPOINT\"", &literal);
        let lines = |code: &str| code.trim().lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(code), lines(&filled));
        let hashes = format!("{} {}", hash(&reload_code()), hash(code));
        assert_eq!(snippet.script_hashes(), hashes);
    }
}

const FETCH: &str = include_str!("../../src/web/scripts/fetch.js");
const REFRESH: &str = include_str!("../../src/web/scripts/refresh.js");

fn reload_code() -> String {
    format!("\n{}", include_str!("../../src/web/scripts/restored.js").replace("BOT_ID", BOT))
}

/// As a browser computes it: of the text between the tags.
fn hash(script: &str) -> String {
    use base64::Engine;
    use sha2::Digest;
    format!("'sha256-{}'", base64::prelude::BASE64_STANDARD.encode(sha2::Sha256::digest(script)))
}

#[test]
fn a_new_snippet_is_the_documentation_s() {
    let snippet = Snippet::new(bot());
    let token = signer().sign_at(&ada(), now());
    let tag = format!(r#"<script src="{DEFAULT}" data-bot-id="{BOT}" data-user-token="{token}"></script>"#);
    assert_eq!(snippet.tag(&token).to_string().lines().next().unwrap(), tag);
    let tags = snippet.fetch_script().to_string();
    assert_eq!(tags.lines().next().unwrap(), format!(r#"<script src="{DEFAULT}"></script>"#));
    check(&snippet, DEFAULT, "/widget-token", None, &ada());
}

#[test]
fn the_script_that_refreshes_has_at_most_1500_bytes() {
    let tags = scripts(&Snippet::new(bot()).with_refresh().fetch_script().to_string());
    assert!(tags[1].1.len() <= 1500, "{}", tags[1].1.len());
    assert_eq!(tags, scripts(&Snippet::new(bot()).with_refresh().with_refresh().fetch_script().to_string()));
    assert_ne!(tags, scripts(&Snippet::new(bot()).fetch_script().to_string()), "off by default");
}

#[test]
fn lines_of_scripts_have_at_most_110_columns() {
    for script in [FETCH, REFRESH, include_str!("../../src/web/scripts/restored.js")] {
        assert!(script.lines().all(|line| line.chars().count() <= 110), "{script}");
    }
}

#[test]
fn the_page_about_pages_shows_what_is_written() {
    let page = include_str!("../../docs/pages.md").replace("YOUR_BOT_UUID", BOT);
    assert!(page.contains(&format!("```html\n{}\n```", Snippet::new(bot()).fetch_script())), "{page}");
}

#[test]
fn these_addresses_are_accepted_and_stand_as_they_were_given() {
    for script in [
        "/widget.js",
        "/",
        "/a/../b/./widget.js?v=1&w='2'",
        "https://example.com",
        "https://example.com:8443/w.js?a=%22&b",
        "https://a-b.example?x",
        "https://[::1]:8443/w.js",
        "http://localhost/widget.js",
        "http://localhost:3000/widget.js",
        "http://127.0.0.1:65535/",
        "http://[::1]/widget.js",
        "http://[::1]:80/widget.js",
    ] {
        let snippet = Snippet::new(bot()).with_script(script).unwrap_or_else(|_| panic!("{script}"));
        check(&snippet, script, "/widget-token", None, &ada());
    }
    for endpoint in ["/", "/api/v1/widget-token", "/t?agent='1'&x=/../y;z", "/t%2F%22(!$*+,=:@~._-)"] {
        let snippet = Snippet::new(bot()).with_endpoint(endpoint).unwrap_or_else(|_| panic!("{endpoint}"));
        check(&snippet, DEFAULT, endpoint, None, &ada());
    }
    for nonce in ["a", "8IBTHwOdqNKAWeKl7plt8g==", "abc=", "-_+/09"] {
        let snippet = Snippet::new(bot()).with_nonce(nonce).unwrap_or_else(|_| panic!("{nonce}"));
        check(&snippet, DEFAULT, "/widget-token", Some(nonce), &ada());
    }
}

#[test]
fn these_are_refused_everywhere() {
    let snippet = Snippet::new(bot());
    for address in [
        "",
        "w.js",
        "./w.js",
        "//evil.example/w.js",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " /w.js",
        "/w.js ",
        "/w.js\n",
        "/w.js\0",
        "/\"><script>alert(1)</script>",
        "/</script><script>alert(1)//",
        "/<!--",
        "/ü",
        "/\u{2028}",
        "/a#b",
        "/a`b",
        "/a{b}",
        "/[::1]",
        "/a|b^c",
        "javascript:alert(1)",
        "data:text/javascript,alert(1)",
        "ftp://example.com/w.js",
        "HTTPS:/example.com",
        "https:/example.com/w.js",
        "https:///w.js",
        "https://",
    ] {
        assert_eq!(snippet.clone().with_script(address).unwrap_err(), SnippetError::Script, "{address:?}");
        assert_eq!(
            snippet.clone().with_endpoint(address).unwrap_err(),
            SnippetError::Endpoint,
            "{address:?}"
        );
    }
    for script in [
        "http://example.com/w.js",
        "http://localhost.example.com/w.js",
        "http://127.0.0.1.example.com/w.js",
        "http://127.0.0.2/w.js",
        "http://localhost@example.com/w.js",
        "https://user@example.com/w.js",
        "https://user:password@example.com/w.js",
        "https://example.com:/w.js",
        "https://example.com:0/w.js",
        "https://example.com:65536/w.js",
        "https://example.com:+1/w.js",
        "https://example.com:80:80/w.js",
        "https://example.com:a/w.js",
        "https://exa mple.com/w.js",
        "https://example..com/w.js",
        "https://example.com./w.js",
        "https://-example.com/w.js",
        "https://example-.com/w.js",
        "https://ex%61mple.com/w.js",
        "https://ex_ample.com/w.js",
        "https://exämple.com/w.js",
        "https://[::2]/w.js",
        "https://[::1/w.js",
        "https://example.com\\@evil.example/w.js",
        "https://example.com#/w.js",
    ] {
        assert_eq!(snippet.clone().with_script(script).unwrap_err(), SnippetError::Script, "{script}");
    }
    for endpoint in [DEFAULT, "http://localhost/widget-token", "/\u{a0}"] {
        assert_eq!(
            snippet.clone().with_endpoint(endpoint).unwrap_err(),
            SnippetError::Endpoint,
            "{endpoint}"
        );
    }
    for nonce in
        ["", "=", "==", "a===", "a=b", "a b", "a\"", "a'", "a>", "a\n", "nonce-ä", "'nonce-a'", "a,b"]
    {
        assert_eq!(snippet.clone().with_nonce(nonce).unwrap_err(), SnippetError::Nonce, "{nonce:?}");
    }
}

#[test]
fn errors_and_debug_repeat_nothing_that_was_given() {
    let snippet = Snippet::new(bot()).with_nonce("c2VjcmV0").unwrap();
    let shown = format!("{snippet:?}");
    assert!(!shown.contains("c2VjcmV0"), "{shown}");
    assert!(shown.contains(BOT) && shown.contains(DEFAULT) && shown.contains("/widget-token"), "{shown}");
    let given = "hidden\"";
    for error in [
        snippet.clone().with_script(given).unwrap_err(),
        snippet.clone().with_endpoint(given).unwrap_err(),
        snippet.with_nonce(given).unwrap_err(),
    ] {
        let text = format!("{error:?}");
        assert_eq!(text, format!("{error} ({})", error.code()));
        assert!(!text.contains("hidden") && text.contains(" is not "), "{text}");
    }
}

/// Texts that are near to what is accepted, with something hostile in the middle of most.
fn near(start: &'static str) -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "",
        "",
        "\"",
        "'",
        "<",
        ">",
        "&",
        "&quot;",
        "</script>",
        "<!--",
        "-->",
        "]]>",
        "\\",
        "//",
        "@",
        ":",
        "#",
        "\n",
        "\t",
        "\0",
        " onload=",
        "`",
        "${",
        "\u{2028}",
        "\u{feff}",
        "=",
        "%22",
    ]);
    let piece = prop_oneof!["[ -~]{0,4}", "[a-z0-9/.-]{0,12}", any::<String>()];
    prop_oneof![
        4 => (hostile.clone(), "[a-zA-Z0-9/._~!$&'()*+,;=:@?%-]{0,20}", hostile)
            .prop_map(move |(a, b, c)| format!("{start}{a}{b}{c}")),
        1 => (piece.clone(), piece).prop_map(move |(a, b)| format!("{start}{a}{b}")),
    ]
}

fn addresses() -> impl Strategy<Value = String> {
    prop_oneof![
        near("/"),
        near("https://example.com/"),
        near("https://"),
        near("http://localhost"),
        near("http://127.0.0.1:"),
        near("")
    ]
}

proptest! {
    #[test]
    fn nothing_accepted_breaks_out_of_its_place(
        script in addresses(),
        endpoint in near("/"),
        nonce in prop_oneof![near(""), "[A-Za-z0-9+/_-]{1,30}={0,2}"],
        name in any::<String>(),
        external_id in any::<String>(),
    ) {
        let base = Url::parse("https://customer.example/page/one?q").unwrap();
        let mut snippet = Snippet::new(bot());
        let (mut expected, mut path, mut given) = (DEFAULT, "/widget-token", None);
        if let Ok(accepted) = snippet.clone().with_script(&script) {
            (snippet, expected) = (accepted, &script);
            if script.starts_with('/') {
                prop_assert_eq!(base.join(&script).unwrap().origin(), base.origin());
            } else if let Ok(url) = Url::parse(&script) {
                let host = url.host_str().unwrap();
                let local = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
                prop_assert!(url.scheme() == "https" || url.scheme() == "http" && local, "{}", script);
                prop_assert_eq!((url.username(), url.password(), url.fragment()), ("", None, None));
            }
        }
        if let Ok(accepted) = snippet.clone().with_endpoint(&endpoint) {
            (snippet, path) = (accepted, &endpoint);
            prop_assert_eq!(base.join(path).unwrap().origin(), base.origin());
        }
        if let Ok(accepted) = snippet.clone().with_nonce(&nonce) {
            (snippet, given) = (accepted, Some(&nonce[..]));
        }
        let mut identity = ada();
        identity = identity.clone().with_name(&name).unwrap_or(identity);
        identity = identity.clone().with_external_id(&external_id).unwrap_or(identity);
        check(&snippet, expected, path, given, &identity);
    }
}
