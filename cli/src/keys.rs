//! Where keys come from: the environment or a file.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use boostgpt_sso::{SecretError, SsoSecret, store::MasterKey};
use clap::Args;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// A key file that is longer is none.
const LARGEST_FILE: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Read the agent's SSO secret from this file, not from BOOSTGPT_SSO_SECRET
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl SecretArgs {
    pub(crate) fn secret(&self) -> Result<SsoSecret, Failure> {
        match &self.secret_file {
            Some(path) => secret_in(path, "--secret-file"),
            None => Ok(SsoSecret::from_env()?),
        }
    }

    /// The secret, where there is one.
    pub(crate) fn any_secret(&self) -> Result<Option<SsoSecret>, Failure> {
        match self.secret() {
            Err(Failure::Secret(SecretError::NotSet)) => Ok(None),
            secret => secret.map(Some),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct MasterKeyArgs {
    /// Read the master key from this file, not from BOOSTGPT_SSO_MASTER_KEY: 64 hexadecimal digits, or several of
    /// those separated by commas, the one that seals first
    #[arg(long, value_name = "FILE")]
    master_key_file: Option<PathBuf>,
}

impl MasterKeyArgs {
    pub(crate) fn master_key(&self) -> Result<MasterKey, Failure> {
        Ok(match &self.master_key_file {
            Some(path) => key_file(path, "--master-key-file")?.parse()?,
            None => MasterKey::from_env()?,
        })
    }
}

/// The SSO secret in a file, which may end its line.
pub(crate) fn secret_in(path: &Path, option: &'static str) -> Result<SsoSecret, Failure> {
    let text = key_file(path, option)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    line.parse().map_err(|source| Failure::SecretFile { option, source })
}

/// The text of a key file. Its path stands in no error: it may be a key, given by mistake.
fn key_file(path: &Path, option: &'static str) -> Result<Zeroizing<String>, Failure> {
    let read = || -> io::Result<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::new());
        File::open(path)?.take(LARGEST_FILE).read_to_string(&mut text)?;
        Ok(text)
    };
    read().map_err(|source| Failure::KeyFile { option, source })
}
