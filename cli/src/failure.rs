//! What ends a command: one line that says what to do. No variant holds a key, a token or the path of a key file.

use std::io;

use boostgpt_sso::{
    ConfigError, IdentityError, SecretError,
    store::{SealingError, StoreError},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the SSO secret in the file of {option} cannot be used")]
    SecretFile { option: &'static str, source: SecretError },
    #[error(transparent)]
    MasterKey(#[from] SealingError),
    #[error("cannot read the file of {option}")]
    KeyFile { option: &'static str, source: io::Error },
    #[error(
        "the arguments are not understood, and are not repeated, since one of them may hold a secret: give keys in the environment or a file, and see --help"
    )]
    SecretAmongArguments,

    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("there is no token: give one as the argument, or on standard input")]
    NoToken,
    #[error("no secret was given to check the token with: set BOOSTGPT_SSO_SECRET, or give --secret-file")]
    NoVerdict,
    #[error("cannot read the token from standard input")]
    Input(#[source] io::Error),

    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "there is no such file: check the store's address, or create it with `boostgpt-sso store migrate`"
    )]
    NoFile,
    #[error("there is no such project: create it first, with `boostgpt-sso project create`")]
    NoProject,
    #[error("the project exists, with {found}: leave --free-tier out, or give another --id")]
    OtherFreeTier { found: String },
    #[error("the bot has a secret already: `boostgpt-sso bot regenerate-secret` replaces it")]
    HasSecret,
    #[error("nobody can be asked to confirm this: add --yes")]
    NotConfirmed,
    #[error("cannot write the manual pages")]
    Pages(#[source] io::Error),

    #[error("cannot make an id or start: try again, or look at the machine")]
    Start(#[source] io::Error),
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// Whoever read standard output has stopped.
    #[error("standard output is closed")]
    Closed,
}

impl Failure {
    /// What writing to standard output failed with.
    pub(crate) fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Output(error) }
    }
}
