//! Sign and verify BoostGPT *widget tokens*: strict HS256 single sign-on for the chat widget.
//!
//! A customer's website already knows who its visitor is. Its back end signs a token that says so:
//!
//! ```
//! # use boostgpt_sso::SsoSecret;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = SsoSecret::generate()?.expose_secret().to_owned();
//! use boostgpt_sso::{Identity, Signer, WidgetToken};
//!
//! # let signer = Signer::new(&text.parse()?);
//! # if false {
//! let signer = Signer::from_env()?; // the agent's secret, in BOOSTGPT_SSO_SECRET
//! # }
//! let user = Identity::new("ada@example.com")?.with_name("Ada Lovelace")?.with_external_id("42")?;
//! let token: WidgetToken = signer.sign(&user); // one hour; cannot fail
//! # Ok(())
//! # }
//! ```
//!
//! A BoostGPT service verifies it, and holds a [`VerifiedIdentity`] or the reason why the visitor stays anonymous:
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
//! | type | what it is |
//! |---|---|
//! | [`SsoSecret`] | the agent's key, 64 hexadecimal characters; never leaves the server |
//! | [`Identity`], [`Email`] | who the visitor is: e-mail, name, external id; valid by construction |
//! | [`Signer`] → [`WidgetToken`] | the customer's side |
//! | [`Verifier`] → [`VerifiedIdentity`] or [`VerifyError`] | BoostGPT's side |
//! | [`BotId`] | whom a token is for, where it says so |
//! | `Authenticator` → `Visitor` | the whole of BoostGPT's side: verify, find or create the subscriber (feature `store`) |
//! | [`web`] | what goes over HTTP: the tags of a page, the token endpoint, the presented token (features `axum`, `actix`) |
//! | `store` | what it stands on: the traits, who is who, the stores (feature `store`; `sqlite`, `postgres`) |
//! | `diagnose::Doctor` → `Report` | why a token is refused, and the fix, for whoever integrates (feature `diagnose`) |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | (none) | sign and verify: no async, no database, no I/O |
//! | `store` | the store traits, the linking rules, sealing, the store in memory, the authenticator |
//! | `sqlite` | the embedded database, compiled in |
//! | `postgres` | the database that several machines share |
//! | `conformance` | the tests that every store must pass, to be run on your own |
//! | `tracing` | events of the authenticator, without personal data |
//! | `diagnose` | the doctor: which mistake was made with a token that is refused, and the fix |
//! | `axum`, `actix` | responses and extractors of [`web`] for the framework |
//! | `full` | all of these |
//! | `cli` | the command `boostgpt-sso`: nothing for the library |
//!
//! # What it promises
//!
//! One call makes every check, in a fixed order: size, strict base64url, header, signature in constant time, and only
//! then the payload. Nothing can be switched off. A token lives for one hour at most. Times are arguments
//! ([`Verifier::verify_at`]). No input panics, no error or `Debug` shows a secret, a token or what a claim says.
//!
//! # What it is not
//!
//! There are no other algorithms, so none can be confused; no encryption, no key discovery, no login, no billing. A
//! token may be used any number of times within its hour (a page loads the widget often). There is no list of revoked
//! tokens: regenerating the agent's secret revokes them all at once.

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
    id::{AccountId, ProjectId, SecretVersion, SubscriberId},
};
