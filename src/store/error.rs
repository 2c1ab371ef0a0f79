//! Why a store could not do it. None of this is the visitor's doing, so none of it makes them anonymous.

use std::{error::Error, fmt, sync::Arc};

use super::sealing::SealingError;
use crate::{coded::coded_error, id::GeneratorError};

/// Why a store failed.
///
/// An error of the service, never of the token: the visitor is neither accepted nor anonymous, the request
/// failed.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It is busy, locked, out of reach or shutting down. Whether the last write happened is unknown: repeat
    /// the call, every call may be repeated.
    #[error("the store is busy or out of reach: try again")]
    Unavailable(#[source] Cause),
    /// There is no room left on its disk.
    #[error("the store's disk is full: make room, then try again")]
    Full(#[source] Cause),
    /// It may not be written to. If its address leads to a standby, as during a failover, that may pass:
    /// see [`is_retryable`](Self::is_retryable).
    #[error("the store is read-only: give this process the right to write to it, and the primary's address")]
    ReadOnly(#[source] Cause),
    /// Its contents are damaged, or not a store's.
    #[error("the store is damaged or not a store: restore it from a backup, and check its address")]
    Corrupt(#[source] Cause),
    /// It was migrated by a newer version of this crate.
    #[error("the store's schema is version {found}, newer than the {known} known here: update this program")]
    NewerSchema {
        /// The schema's version.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// It was opened without migrating, and its schema is older than this version of the crate needs.
    #[error(
        "the store's schema is version {found}, and {needed} is needed: open it once with migrating, \
         or run `boostgpt-sso store migrate`"
    )]
    OutdatedSchema {
        /// The schema's version; 0 if there are no tables.
        found: u32,
        /// The version this program needs.
        needed: u32,
    },
    /// There is no such project.
    #[error("there is no such project: create it first")]
    UnknownProject,
    /// There is no such bot.
    #[error("there is no such bot: create it first")]
    UnknownBot,
    /// The bot exists, in another project.
    #[error("the bot belongs to another project: use its own id for each bot")]
    BotOfAnotherProject,
    /// A sealed value could not be opened, or none could be sealed.
    #[error("a secret of the store cannot be sealed or opened: check the master key")]
    Sealing(#[from] SealingError),
    /// The operating system's random number generator failed.
    #[error("the operating system's random number generator failed: try again, or look at the machine")]
    Generator(#[source] Cause),
    /// The store's address is of no form known here.
    #[error(
        "the store's address is not \"memory:\", \"sqlite:…\" or \"postgres:…\", or its feature is not \
         switched on"
    )]
    UnknownAddress,
    /// Its address or options cannot be used as they are.
    #[error("the store's configuration cannot be used: check its address and options")]
    Configuration(#[source] Cause),
    /// Anything else.
    #[error("the store failed: see the cause")]
    Failed(#[source] Cause),
}

impl From<GeneratorError> for StoreError {
    fn from(error: GeneratorError) -> Self {
        Self::generator(error.0)
    }
}

impl StoreError {
    /// The operating system's generator failed, with its own error as the cause.
    pub(crate) fn generator(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Generator(Cause::new(error))
    }

    /// Returns whether the same call may succeed if it is simply made again, a little later: after an outage,
    /// when a standby was promoted, when another server has taken over whose disk has room. Nothing has to
    /// change in the call, the program or its rights. (A file's own disk stays full until an operator makes
    /// room.)
    ///
    /// ```
    /// use boostgpt_sso::store::{Cause, StoreError};
    ///
    /// # let timed_out = || std::io::Error::from(std::io::ErrorKind::TimedOut);
    /// # let denied = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    /// assert!(StoreError::Unavailable(Cause::new(timed_out())).is_retryable());
    /// assert!(StoreError::ReadOnly(Cause::passing(timed_out())).is_retryable());
    /// assert!(!StoreError::ReadOnly(Cause::new(denied())).is_retryable());
    /// ```
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::ReadOnly(cause) | Self::Full(cause) => cause.passes,
            _ => false,
        }
    }
}

coded_error! {
    StoreError {
        Self::Unavailable(_) => "unavailable",
        Self::Full(_) => "full",
        Self::ReadOnly(_) => "read_only",
        Self::Corrupt(_) => "corrupt",
        Self::NewerSchema { .. } => "newer_schema",
        Self::OutdatedSchema { .. } => "outdated_schema",
        Self::UnknownProject => "unknown_project",
        Self::UnknownBot => "unknown_bot",
        Self::BotOfAnotherProject => "bot_of_another_project",
        Self::Sealing(_) => "sealing",
        Self::Generator(_) => "generator",
        Self::UnknownAddress => "unknown_address",
        Self::Configuration(_) => "configuration",
        Self::Failed(_) => "failed",
    }
}

/// The error of whatever the store is built on, kept as the source of a [`StoreError`]. It has no code: the
/// [`StoreError`] around it has.
#[derive(Clone)]
pub struct Cause {
    error: Arc<dyn Error + Send + Sync>,
    passes: bool,
}

impl Cause {
    /// Keeps an error as a cause.
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self { error: Arc::new(error), passes: false }
    }

    /// Keeps the error of a state that may end by itself, such as that of a server during a failover. It
    /// makes a [`StoreError::ReadOnly`] or [`StoreError::Full`] [retryable](StoreError::is_retryable).
    pub fn passing(error: impl Error + Send + Sync + 'static) -> Self {
        Self { passes: true, ..Self::new(error) }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Why a verified visitor was not provisioned.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProvisionError {
    /// The bot's secret is no longer of the version that verified the token, or gone: read it again, verify
    /// again.
    #[error("the bot's secret has changed since the token was verified: verify it again")]
    SecretChanged,
    /// Who the token names was forgotten after it was issued. It must not bring them back.
    #[error("the token was issued before its subscriber was forgotten: wait for a newer one")]
    Forgotten,
    /// The visitor has no subscriber, and the request forbids creating one. Nothing was written.
    #[error(
        "the visitor has no subscriber yet, and the request forbids creating one: to create one, leave \
         `without_creating` out"
    )]
    WouldCreate,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

coded_error! {
    ProvisionError {
        Self::SecretChanged => "secret_changed",
        Self::Forgotten => "forgotten",
        Self::WouldCreate => "would_create",
        Self::Store(error) => error.code(),
    }
}
