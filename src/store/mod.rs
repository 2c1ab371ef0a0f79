//! What provisioning means: the two traits that a store implements, and what they promise.
//!
//! [`Authenticator`](crate::Authenticator) needs both, a [`Store`]. [`MemoryStore`] is for tests; `SqliteStore` (feature
//! `sqlite`) is the embedded database, `PostgresStore` (feature `postgres`) the one that several machines share. A service with its own database implements the traits itself, with [`linking`] for
//! who is who and [`MasterKey`] for secrets at rest, and runs the `conformance` suite (a feature) on it.
//!
//! # The trust boundary
//!
//! A token proves that *the owner of its project* vouches for the visitor, and no more: anyone with an agent can sign any
//! e-mail address. So an account is created as verified *by that project*, never for the world, and a session of project P
//! reaches P's subscriber and nothing else. With a session, a service must never
//!
//! - show, change or merge what the same account has in another project,
//! - log its holder in to BoostGPT itself, or let them change the account's password, address or payment,
//! - take the address for verified when its owner later signs up by themselves (pre-hijacking: Sudhodanan and Paverd,
//!   USENIX Security 2022; nOAuth),
//! - treat [`account`](Provisioned::account) as an authorisation: [`subscriber`](Provisioned::subscriber) is the key of
//!   everything.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod activity;
#[cfg(feature = "conformance")]
pub mod conformance;
mod connect;
mod contract;
mod error;
pub mod linking;
mod memory;
mod model;
mod name_hash;
#[cfg(feature = "postgres")]
mod postgres;
mod sealing;
#[cfg(feature = "sqlite")]
mod sqlite;
mod visit;

#[cfg(feature = "postgres")]
pub use self::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
pub use self::{
    connect::{connect, connect_existing},
    contract::{BoxFuture, Store, SubscriberStore},
    error::{Cause, ProvisionError, StoreError},
    memory::MemoryStore,
    model::{Bot, DayActivity, LinkConflict, Lookup, Migration, Project, Provisioned, Subscriber},
    name_hash::{NameHash, NameKey},
    sealing::{KeyId, MASTER_KEY_VARIABLE, MasterKey, Sealed, SealingError},
    visit::{BotSecret, BotState, BotVerifier, ProvisionRequest, VerifiedVisitor},
};
