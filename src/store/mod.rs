//! Accounts and subscribers: who a verified visitor is, and where that is kept.
//!
//! ```
//! use boostgpt_sso::{Authenticator, BotId, Identity, ProjectId, Signer, Visitor};
//! use boostgpt_sso::store::{MemoryStore, Project, Store};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let store = MemoryStore::new(); // for tests; a service has a SqliteStore, a PostgresStore or its own
//! let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
//! store.create_project(Project::new(project).with_free_tier(100)).await?;
//! store.create_bot(project, bot).await?;
//! let secret = store.regenerate_secret(bot).await?; // shown to the agent's owner, this once
//!
//! let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);
//! let visitor = Authenticator::new(store).authenticate(bot, &token).await?;
//! assert!(matches!(visitor, Visitor::Identified(session) if session.provisioned.granted == Some(100)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`SubscriberStore`] is what a page load needs: two methods. [`Store`] is what a dashboard needs as well.
//! [`MemoryStore`] is for tests, `SqliteStore` (feature `sqlite`) is the embedded database, `PostgresStore`
//! (feature `postgres`) is the one that several machines share. A service with tables of its own implements
//! [`SubscriberStore`], with [`linking`] for who is who, [`MasterKey`] for secrets at rest and [`NameKey`]
//! for forgotten names, and runs the `conformance` suite (a feature) on it. The example `custom_store` is
//! such a service.
//!
//! # The trust boundary
//!
//! A token proves that *the owner of its project* vouches for the visitor, and no more: anyone with an agent
//! can sign any e-mail address. So an account is created as verified *by that project*, never for the world.
//! A session of project P reaches P's subscriber and nothing else. With a session, a service must never
//!
//! - show, change or merge what the same account has in another project,
//! - log its holder in to BoostGPT itself, or let them change the account's password, address or payment,
//! - take the address for verified when its owner later signs up by themselves (pre-hijacking: Sudhodanan and
//!   Paverd, USENIX Security 2022; nOAuth),
//! - treat [`account`](Provisioned::account) as an authorisation: [`subscriber`](Provisioned::subscriber) is
//!   the key of everything.

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
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod reseal;
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
