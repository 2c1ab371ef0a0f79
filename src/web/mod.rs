//! What goes over HTTP: the tags of a page, a customer's token endpoint, the token that a widget presents,
//! and what a service answers.
//!
//! ```
//! use boostgpt_sso::{Identity, Signer, web::Snippet};
//! # use boostgpt_sso::SsoSecret;
//! # let signer = Signer::new(&SsoSecret::generate()?); // really: `Signer::from_env()?`
//!
//! let user = Identity::new("ada@example.com")?; // from your own login
//! let snippet = Snippet::new("0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?);
//! let page = format!("<!DOCTYPE html><title>Shop</title>{}", snippet.tag(&signer.sign(&user)));
//! # assert!(page.contains("data-user-token"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`Snippet`] | the script tags of a customer's page, in both forms of the documentation |
//! | [`TokenResponse`] | what a customer's token endpoint answers |
//! | `PresentedToken` | the token of a request to a service (features `axum`, `actix`) |
//! | `Visitor`, `StoreError` | a handler may return them (feature `store` with one of the two) |
//!
//! # The token endpoint
//!
//! The route that answers a [`TokenResponse`] hands out a token that vouches for the visitor for up to an
//! hour. Such a route
//!
//! - *takes the user from your login*, and signs for that user alone, never for an address from the request;
//! - *is never cached*: every answer says `Cache-Control: no-store`, refusals too, and nothing in front may
//!   overrule it;
//! - *is not opened to other origins with credentials* (no `Access-Control-Allow-Credentials`), or any of
//!   them could fetch the token of each person who visits it;
//! - answers [`TokenResponse::anonymous`] if no one is logged in, because a browser prints every 401 of a
//!   page in red.
//!
//! Your login is part of this: if another site can log its visitors in to an account of its choice (login
//! CSRF), then what they write in the chat goes to that account. Give the session's cookie `SameSite=Lax`,
//! and refuse a login whose `Origin` is not your own or that lacks your form's token, as the examples
//! `axum_customer` and `actix_customer` do. `docs/pages.md` says more about logout, another user, the back
//! button and expiry.
//!
//! # What a service answers
//!
//! A bad token is never an error: the visitor is anonymous, and the status is 200. Only a store that fails is
//! an error: 503 with `Retry-After` if the same request may succeed a little later, 500 if it will not.
//!
//! | outcome | status | body |
//! |---|---|---|
//! | `Visitor::Identified` | 200 | `{"identified":true,"subscriber_id":"…","new":false}` |
//! | `Visitor::Anonymous` | 200 | `{"identified":false}`; the reason is for the operator |
//! | `StoreError` that may be retried | 503 | `{"error":"unavailable"}`, its code |
//! | any other `StoreError` | 500 | `{"error":"…"}`, its code |
//!
//! All of them, and the [`TokenResponse`], are JSON with `Cache-Control: no-store` and
//! `X-Content-Type-Options: nosniff`.

#[cfg(feature = "actix")]
mod actix;
mod address;
#[cfg(all(feature = "store", any(feature = "axum", feature = "actix")))]
mod answer;
#[cfg(feature = "axum")]
mod axum;
mod escape;
#[cfg(any(feature = "axum", feature = "actix"))]
mod presented;
mod snippet;
mod token_response;

#[cfg(any(feature = "axum", feature = "actix"))]
pub use self::presented::{PresentedToken, PresentedTokenOrQuery};
pub use self::{
    snippet::{Snippet, SnippetError},
    token_response::TokenResponse,
};
