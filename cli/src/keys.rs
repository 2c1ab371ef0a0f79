//! Where keys come from: the environment or a file.

use std::{
    env,
    path::{Path, PathBuf},
};

use boostgpt_sso::{
    SECRET_VARIABLE, SecretError, SsoSecret,
    store::{MASTER_KEY_VARIABLE, MasterKey, SealingError},
};
use clap::Args;

use crate::{
    error::CliError,
    input::{key_file, other_encoding, without_line_end},
    terminal::note,
};

#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Read the agent's SSO secret from this file, not from BOOSTGPT_SSO_SECRET; - is standard input
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    secret_file: Option<PathBuf>,
}

impl SecretArgs {
    pub(crate) fn secret(&self) -> Result<SsoSecret, CliError> {
        if let Some(path) = &self.secret_file {
            return secret_in(path, "--secret-file");
        }
        check_encoding_of(SECRET_VARIABLE)?;
        Ok(SsoSecret::from_env()?)
    }

    /// The secret, if there is one.
    pub(crate) fn any_secret(&self) -> Result<Option<SsoSecret>, CliError> {
        match self.secret() {
            Err(CliError::Secret(SecretError::NotSet)) => Ok(None),
            secret => secret.map(Some),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct MasterKeyArgs {
    /// Read the master key from this file, not from BOOSTGPT_SSO_MASTER_KEY; - is standard input. It is 64
    /// hexadecimal digits, or several of those separated by commas: the first seals, all of them open
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    master_key_file: Option<PathBuf>,
}

impl MasterKeyArgs {
    pub(crate) fn master_key(&self) -> Result<MasterKey, CliError> {
        if let Some(path) = &self.master_key_file {
            return Ok(key_file(path, "--master-key-file")?.parse()?);
        }
        check_encoding_of(MASTER_KEY_VARIABLE)?;
        Ok(MasterKey::from_env()?)
    }

    /// Whether it comes from a file, by an option of this very command.
    pub(crate) const fn is_file(&self) -> bool {
        self.master_key_file.is_some()
    }

    /// The master key, if there is one, for a command that does without. One in the environment that cannot
    /// be used is none.
    pub(crate) fn any_master_key(&self) -> Result<Option<MasterKey>, CliError> {
        match self.master_key() {
            Err(CliError::MasterKey(SealingError::NoMasterKey)) => Ok(None),
            Err(error) if !self.is_file() => {
                warn_that_unused(&error);
                Ok(None)
            }
            master_key => master_key.map(Some),
        }
    }
}

/// Says that the key in the environment is not used, and why.
pub(crate) fn warn_that_unused(error: &CliError) {
    let why = error.message();
    note(format_args!("warning: the look-up goes on without {MASTER_KEY_VARIABLE}: {why}"));
}

/// Reads the SSO secret in a file, which may end its line.
pub(crate) fn secret_in(path: &Path, option: &'static str) -> Result<SsoSecret, CliError> {
    let text = key_file(path, option)?;
    let line = str::from_utf8(without_line_end(text.as_bytes())).unwrap_or_default();
    line.parse().map_err(|source| CliError::SecretFile { option, source })
}

/// A byte order mark is copied into a variable unseen, with the first line of a file.
fn check_encoding_of(variable: &'static str) -> Result<(), CliError> {
    let value = env::var_os(variable).map(|value| zeroize::Zeroizing::new(value.into_encoded_bytes()));
    match value.and_then(|value| other_encoding(&value)) {
        Some(encoding) => Err(CliError::VariableEncoding { variable, encoding }),
        None => Ok(()),
    }
}
