//! What ends a command: a code, one line that says what to do, and the exit status. No variant holds a key, a
//! token, the path of a key file or the address of a store.

use std::{error::Error as _, io};

use boostgpt_sso::{
    BotId, ConfigError, IdentityError, SecretError,
    store::{SealingError, StoreError},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the SSO secret in the file of {option} cannot be used")]
    SecretFile { option: &'static str, source: SecretError },
    #[error(transparent)]
    MasterKey(#[from] SealingError),
    #[error("cannot read the file of {option}")]
    KeyFile { option: &'static str, source: io::Error },
    #[error("the file of {option} is a pipe that no program writes to: start the writer, or give a file")]
    SilentPipe { option: &'static str },
    #[error("the file of {option} {encoding}: save it as UTF-8 without a byte order mark")]
    FileEncoding { option: &'static str, encoding: &'static str },
    #[error("{variable} {encoding}: set it again, without the mark")]
    VariableEncoding { variable: &'static str, encoding: &'static str },
    #[error("standard input is asked for twice: give - once, and leave the token out only if no file is -")]
    InputTwice,
    /// Arguments that are not understood, in the words of the program that reads them.
    #[error("{message}")]
    Usage { message: String },
    #[error(
        "the arguments are not understood, and are not repeated, since one of them may hold a secret: \
         give keys in the environment or a file, and see --help"
    )]
    SecretAmongArguments,
    #[error("the arguments are not understood: one of them holds characters that are not text, see --help")]
    UnreadableArguments,

    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("there is no token: give one as the argument, or on standard input")]
    NoToken,
    #[error("no secret was given to check the token with: set BOOSTGPT_SSO_SECRET, or give --secret-file")]
    NoVerdict,
    #[error("cannot read standard input")]
    Input(#[source] io::Error),

    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no such project: `boostgpt-sso project create` creates one")]
    NoProject,
    #[error("there is no such subscriber in this project")]
    NoSubscriber,
    #[error("there is no subscriber with this e-mail address in any project")]
    NoSubscriberAnywhere,
    #[error("the project exists, with {found}: leave --free-tier out, or give another --id")]
    OtherFreeTier { found: String },
    #[error("the bot has a secret already: `boostgpt-sso bot regenerate-secret` replaces it")]
    HasSecret,
    #[error("this needs a yes, and there is no terminal to ask at: add --yes")]
    NotConfirmed,
    #[error("cannot write the manual pages")]
    Pages(#[source] io::Error),
    #[error("cannot write {page}: there is a symbolic link of that name in the folder, remove it")]
    PageIsLink { page: String },

    #[error("cannot start: try again, or look at the machine")]
    Start(#[source] io::Error),
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// The reader of standard output has stopped reading.
    #[error("standard output is closed")]
    Closed,
    #[error("{unchanged}: a new secret is shown once, on standard output, which cannot be written")]
    OutputUnusable { unchanged: &'static str, source: io::Error },
    #[error(
        "bot {bot} has a new secret, which could not be written to standard output and is lost; \
         the one before it no longer works: \
         run `boostgpt-sso bot regenerate-secret {bot}` with an output that can be written"
    )]
    SecretLost { bot: BotId, source: io::Error },
}

impl CliError {
    /// Wraps what writing to standard output failed with.
    pub(crate) fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Output(error) }
    }

    /// The exit status: 1 if what the arguments name does not exist, 2 for every other failure.
    pub(crate) const fn status(&self) -> u8 {
        match self {
            Self::NoProject
            | Self::NoSubscriber
            | Self::NoSubscriberAnywhere
            | Self::Store(StoreError::UnknownProject | StoreError::UnknownBot) => 1,
            // What a shell reports of a program that the signal SIGPIPE ends.
            Self::Closed => 141,
            _ => 2,
        }
    }

    /// A stable name for programs: the library's code, or one of the command's own. Never changed or reused.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Secret(error) | Self::SecretFile { source: error, .. } => error.code(),
            Self::MasterKey(error) | Self::Store(StoreError::Sealing(error)) => error.code(),
            Self::Identity(error) => error.code(),
            Self::Config(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::NoProject => "unknown_project",
            Self::KeyFile { .. } => "key_file",
            Self::SilentPipe { .. } => "silent_pipe",
            Self::FileEncoding { .. } | Self::VariableEncoding { .. } => "encoding",
            Self::InputTwice => "input_twice",
            Self::Usage { .. } => "usage",
            Self::SecretAmongArguments => "secret_among_arguments",
            Self::UnreadableArguments => "unreadable_arguments",
            Self::NoToken => "no_token",
            Self::NoVerdict => "no_verdict",
            Self::Input(_) => "input",
            Self::NoSubscriber | Self::NoSubscriberAnywhere => "unknown_subscriber",
            Self::OtherFreeTier { .. } => "other_free_tier",
            Self::HasSecret => "has_secret",
            Self::NotConfirmed => "not_confirmed",
            Self::Pages(_) => "pages",
            Self::PageIsLink { .. } => "page_is_link",
            Self::Start(_) => "start",
            Self::Output(_) => "output",
            Self::Closed => "closed",
            Self::OutputUnusable { .. } => "output_unusable",
            Self::SecretLost { .. } => "secret_lost",
        }
    }

    /// What it says and its causes, in one line.
    pub(crate) fn message(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            line = format!("{line}: {error}");
            cause = error.source();
        }
        line
    }
}
