//! What goes over HTTP: the tags of a page, a customer's token endpoint, the token that a widget presents, and what a
//! service answers.
//!
//! | type | what it is |
//! |---|---|
//! | [`Snippet`] | the script tags of a customer's page, in both forms of the documentation |
//! | [`TokenResponse`] | what a customer's token endpoint answers |
//! | `PresentedToken` | the token of a request to a service (features `axum`, `actix`) |
//! | `Visitor`, `StoreError` | are responses of a service themselves (feature `store` with one of the two) |
//!
//! # The token endpoint
//!
//! The route that answers a [`TokenResponse`] hands out what stands for the visitor for an hour. It
//!
//! - must *require your login*, and sign for the user of that login alone, never for an address from the request;
//! - must *not be cached*: the response says `Cache-Control: no-store`, and nothing in front may overrule it;
//! - must *not be opened to other origins with credentials* (no `Access-Control-Allow-Credentials`), or any of them could
//!   fetch the token of whoever visits it.
//!
//! # What a service answers
//!
//! A bad token is no error: the visitor is anonymous, and the status is 200. Only a store that fails is an error: 503 with
//! `Retry-After` where the same request may succeed a little later, 500 where it will not.
//!
//! | outcome | status | body |
//! |---|---|---|
//! | `Visitor::Identified` | 200 | `{"identified":true,"subscriber_id":"…","new":false}` |
//! | `Visitor::Anonymous` | 200 | `{"identified":false}`; the reason is the operator's |
//! | `StoreError` that may be retried | 503 | `{"error":"unavailable"}`, its code |
//! | any other `StoreError` | 500 | `{"error":"…"}`, its code |
//!
//! All of them, and the [`TokenResponse`], are JSON and not to be stored by any cache.

#[cfg(feature = "actix")]
mod actix;
mod address;
#[cfg(all(feature = "store", any(feature = "axum", feature = "actix")))]
mod answer;
#[cfg(feature = "axum")]
mod axum;
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
