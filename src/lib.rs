//! Sign and verify BoostGPT *widget tokens*: single sign-on for the chat widget.
//!
//! A customer's website already knows its visitor. Its back end signs a token that says who the visitor is:
//!
//! ```
//! # use boostgpt_sso::SsoSecret;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = SsoSecret::generate()?.expose_secret().to_owned();
//! use boostgpt_sso::{Identity, Signer};
//!
//! # let signer = Signer::new(&text.parse()?);
//! # if false {
//! // reads the agent's secret from BOOSTGPT_SSO_SECRET; do this once per process
//! let signer = Signer::from_env()?;
//! # }
//! let user = Identity::new("ada@example.com")?.with_name("Ada Lovelace")?.with_external_id("42")?;
//! let token = signer.sign(&user); // valid for one hour; signing cannot fail
//! # let _ = token;
//! # Ok(())
//! # }
//! ```
//!
//! A BoostGPT service verifies it. The result is a [`VerifiedIdentity`], or the reason why the visitor stays
//! anonymous:
//!
//! ```
//! # use boostgpt_sso::{Identity, Signer, SsoSecret};
//! use boostgpt_sso::Verifier;
//!
//! # let secret = SsoSecret::generate()?;
//! # let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);
//! # let presented = token.as_str();
//! match Verifier::new(&secret).verify(presented) {
//!     Ok(visitor) => println!("identified until {}", visitor.expires_at()),
//!     Err(reason) => println!("anonymous: {}", reason.code()), // for the operator, not for the visitor
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Types
//!
//! | type | what it is |
//! |---|---|
//! | [`SsoSecret`] | the agent's key, 64 hexadecimal characters; it never leaves the server |
//! | [`Identity`], [`Email`] | who the visitor is: e-mail address, name, external id; valid by construction |
//! | [`Signer`] → [`WidgetToken`] | the customer's side |
//! | [`Verifier`] → [`VerifiedIdentity`] or [`VerifyError`] | BoostGPT's side |
//! | [`BotId`] | the agent that a token is for |
#![cfg_attr(
    feature = "store",
    doc = "| [`Authenticator`] → [`Visitor`] | BoostGPT's side: verify, then find or create the subscriber |
| [`store`] | the store traits, who is who, and the stores |"
)]
#![cfg_attr(
    not(feature = "store"),
    doc = "| `Authenticator` → `Visitor` (feature `store`) | BoostGPT's side: verify, then find or create \
the subscriber |
| `store` (feature `store`) | the store traits, who is who, and the stores |"
)]
//! | [`web`] | over HTTP: the tags of a page, the token endpoint, the token that a request presents |
#![cfg_attr(
    feature = "diagnose",
    doc = "| [`Doctor`](diagnose::Doctor) | which mistake was made with a token, and the fix |"
)]
#![cfg_attr(
    not(feature = "diagnose"),
    doc = "| `Doctor` | which mistake was made with a token, and the fix (feature `diagnose`) |"
)]
//!
//! The [README](https://docs.rs/crate/boostgpt-sso/latest) lists the features, and begins with whole
//! programs. [docs/codes.md](https://docs.rs/crate/boostgpt-sso/latest/source/docs/codes.md) has every code.
//!
//! # What it promises
//!
//! One call makes every check, in a fixed order: size, strict base64url, header, signature in constant time,
//! and only then the payload. Nothing can be switched off. A token lives for one hour at most. The clock
//! can be an argument ([`Verifier::verify_at`]). No input panics. No error and no `Debug` shows a secret, a
//! token or the text of a claim.
//!
//! # What it is not
//!
//! - **No other algorithm.** Letting a token choose it is the most common hole in JWT libraries.
//! - **No option to skip a check, and no leeway for `exp`.** Callers forget optional checks.
//! - **No list of revoked tokens.** A page may load the widget several times with one token, so a token is
//!   accepted until it expires. Regenerating the agent's secret revokes all of its tokens at once.
//! - **No `Deserialize` for [`VerifiedIdentity`].** A `VerifiedIdentity` is the proof that a token was
//!   verified.
//! - **No e-mail normalisation.** Addresses are compared by [`Email::key`]: ASCII letters in lower case,
//!   nothing else. A wrong merge leaks a person's history; a missed one does not.
//! - No encryption, no key discovery, no login, no billing.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Bad input gets an error, never a panic: what could panic is not written, or says why it cannot happen.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

#[cfg(feature = "store")]
mod authenticator;
mod clock;
mod coded;
#[cfg(feature = "diagnose")]
pub mod diagnose;
mod error;
mod hidden;
mod id;
mod identity;
mod json;
mod jwt;
mod secret;
mod signer;
#[cfg(feature = "store")]
pub mod store;
mod verifier;
pub mod web;

pub use time;

pub use crate::{
    error::{Claim, ConfigError, VerifyError},
    hidden::{UNICODE_VERSION, is_hidden},
    id::{BotId, IdError},
    identity::{Email, Identity, IdentityError},
    jwt::MAX_TOKEN_BYTES,
    secret::{SECRET_VARIABLE, SecretError, SsoSecret},
    signer::{Signer, WidgetToken},
    verifier::{VerifiedIdentity, Verifier},
};

#[cfg(feature = "store")]
pub use crate::{
    authenticator::{AnonymousReason, Authenticator, Session, Visitor},
    id::{AccountId, GeneratorError, ProjectId, SecretVersion, SubscriberId},
};

/// The README's programs compile. `tests/suite/readme.rs` runs that of a service in an empty project, on
/// SQLite, and `tests/databases` runs it on PostgreSQL.
#[cfg(all(doctest, feature = "sqlite", feature = "postgres"))]
#[doc = include_str!("../README.md")]
struct Readme;
