//! What goes over HTTP: snippets as a browser reads them, and the same requests through both frameworks.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::pedantic,
    reason = "tests have no public interface"
)]
#![allow(clippy::duplicate_mod, reason = "both examples are here, and what they share")]

#[path = "../suite/probe.rs"]
#[allow(dead_code, reason = "another test uses more of it")]
mod probe;
#[path = "../suite/support.rs"]
#[allow(dead_code, reason = "another test uses more of it")]
mod support;

mod actix;
mod axum;
mod requests;
mod service;
mod slow;
mod snippet;
mod visitor;

use boostgpt_sso::{
    WidgetToken,
    web::{Snippet, SnippetError, TokenResponse},
};
use serde::{Serialize, de::DeserializeOwned};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::*;

// A response is made of a token that was signed here, and shows it nowhere but in its body.
assert_impl_all!(TokenResponse: From<WidgetToken>, Serialize, Send, Sync, Clone);
assert_not_impl_any!(TokenResponse: DeserializeOwned, std::fmt::Display, Default);
assert_impl_all!(Snippet: Send, Sync, Clone, std::fmt::Debug);
assert_impl_all!(SnippetError: std::error::Error, Send, Sync, Copy);

#[test]
fn the_endpoint_s_answer_is_the_token_and_its_end() {
    let token = signer().sign_at(&ada(), now());
    let text = token.as_str().to_owned();
    let response = TokenResponse::from(token);
    let body = serde_json::to_string(&response).unwrap();
    assert_eq!(body, format!(r#"{{"token":"{text}","expires_at":{}}}"#, NOW + 3600));
    assert_eq!(serde_json::to_string(&TokenResponse::anonymous()).unwrap(), r#"{"token":null}"#);
    let shown = format!("{response:?}");
    assert!(!shown.contains(&text) && !shown.contains(&text[40..60]), "{shown}");
}
