//! The SSO secret: the shared key of one agent. It knows nothing of tokens.

use std::{env, fmt, io, str::FromStr};

use hmac::digest::CtOutput;
use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{coded::coded_error, hidden::is_hidden};

/// The environment variable that [`SsoSecret::from_env`] and [`Signer::from_env`](crate::Signer::from_env)
/// read.
pub const SECRET_VARIABLE: &str = "BOOSTGPT_SSO_SECRET";

/// What the BoostGPT documentation shows in the secret's place.
const DOCUMENTATION_PLACEHOLDER: &str = "your-64-char-hex-secret";

const LENGTH: usize = 64;
const MIN_DISTINCT_DIGITS: usize = 8;

/// The SSO secret of an agent: 64 hexadecimal characters, shown once in the dashboard.
///
/// The HMAC key is the *text itself*, as typed: its 64 ASCII bytes, not the 32 bytes it would decode to, and
/// upper and lower case are different keys. That is what `jwt.sign(…, SSO_SECRET)` does in the documentation.
///
/// It must never reach a browser. So there is no `Display` and no `Serialize`, `Debug` is redacted, the
/// memory is wiped on drop, equality takes the same time for all pairs, and the one way to the text is
/// [`expose_secret`](Self::expose_secret).
///
/// ```
/// use boostgpt_sso::SsoSecret;
///
/// let secret = SsoSecret::generate()?;
/// let again: SsoSecret = secret.expose_secret().parse()?;
/// assert_eq!(secret, again);
/// assert_eq!(format!("{secret:?}"), "SsoSecret(..)");
/// # Ok::<(), boostgpt_sso::SecretError>(())
/// ```
#[derive(Clone)]
pub struct SsoSecret(Zeroizing<Box<str>>);

impl SsoSecret {
    /// Generates a secret: 32 bytes of the operating system's generator, as 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`SecretError::Generator`] if the operating system's generator fails.
    ///
    /// ```
    /// # use boostgpt_sso::SsoSecret;
    /// assert_eq!(SsoSecret::generate()?.expose_secret().len(), 64);
    /// # Ok::<(), boostgpt_sso::SecretError>(())
    /// ```
    pub fn generate() -> Result<Self, SecretError> {
        Self::generate_from(&mut SysRng)
    }

    fn generate_from<R>(generator: &mut R) -> Result<Self, SecretError>
    where
        R: TryRng<Error: Send + Sync + 'static>,
    {
        let mut bytes = Zeroizing::new([0; LENGTH / 2]);
        generator
            .try_fill_bytes(bytes.as_mut_slice())
            .map_err(|error| SecretError::Generator(io::Error::other(error)))?;
        // Parsed like any other: a generator that only ever gives zeros is an error, not a secret.
        Zeroizing::new(hex::encode(bytes.as_slice())).parse()
    }

    /// Reads the secret in the environment variable [`SECRET_VARIABLE`], `BOOSTGPT_SSO_SECRET`.
    ///
    /// # Errors
    /// [`SecretError::NotSet`] or [`SecretError::NotUnicode`], and all of [`FromStr`](Self::from_str)'s.
    ///
    /// ```no_run
    /// # use boostgpt_sso::SsoSecret;
    /// let secret = SsoSecret::from_env()?;
    /// # Ok::<(), boostgpt_sso::SecretError>(())
    /// ```
    pub fn from_env() -> Result<Self, SecretError> {
        match env::var(SECRET_VARIABLE) {
            Ok(text) => Zeroizing::new(text).parse(),
            Err(env::VarError::NotPresent) => Err(SecretError::NotSet),
            Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotUnicode),
        }
    }

    /// Returns a name for this secret, to tell two apart in logs and on screens: 16 hexadecimal digits of a
    /// digest, from which the secret cannot be found. It is not constant time, since the digits are looked up
    /// in a table.
    ///
    /// ```
    /// # use boostgpt_sso::SsoSecret;
    /// let (old, new) = (SsoSecret::generate()?, SsoSecret::generate()?);
    /// assert_ne!(old.fingerprint(), new.fingerprint());
    /// # Ok::<(), boostgpt_sso::SecretError>(())
    /// ```
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update("boostgpt-sso secret fingerprint").chain_update(&**self.0);
        hex::encode(digest.finalize().first_chunk::<8>().copied().unwrap_or_default())
    }

    /// Returns the text of the secret: to store it, or to show it once. Never log it, never send it to a
    /// browser.
    ///
    /// ```
    /// # use boostgpt_sso::SsoSecret;
    /// # let secret = SsoSecret::generate()?;
    /// let shown_once = secret.expose_secret();
    /// assert!(shown_once.bytes().all(|byte| byte.is_ascii_hexdigit()));
    /// # Ok::<(), boostgpt_sso::SecretError>(())
    /// ```
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Returns the same 64 bytes, which are the HMAC key.
    #[expect(clippy::expect_used, reason = "there is no other length")]
    pub(crate) fn as_block(&self) -> &[u8; LENGTH] {
        self.0.as_bytes().first_chunk().expect("64 digits")
    }
}

impl FromStr for SsoSecret {
    type Err = SecretError;

    /// Takes exactly 64 hexadecimal digits. Nothing is trimmed, nothing changes case.
    ///
    /// Parsing is not constant time: it ends at the first mistake. [`generate`](Self::generate),
    /// [`from_env`](Self::from_env) and opening a sealed secret parse it, so they are not constant time
    /// either. Nor is [`fingerprint`](Self::fingerprint). Signing, verifying, comparing, cloning and sealing
    /// are.
    ///
    /// # Errors
    /// One [`SecretError`] per mistake, naming the mistake and never the text.
    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text.starts_with('\u{feff}') {
            return Err(SecretError::ByteOrderMark);
        }
        if text.starts_with(is_hidden) || text.ends_with(is_hidden) {
            return Err(SecretError::SurroundingWhiteSpace);
        }
        if text.starts_with(is_quote) || text.ends_with(is_quote) {
            return Err(SecretError::Quoted);
        }
        if text.eq_ignore_ascii_case(DOCUMENTATION_PLACEHOLDER) {
            return Err(SecretError::Placeholder);
        }
        let found = text.chars().count();
        if found != LENGTH {
            return Err(SecretError::WrongLength { found });
        }
        if let Some(position) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
            return Err(SecretError::NotHex { position });
        }
        let distinct = (0..16).filter(|&digit| text.chars().any(|c| c.to_digit(16) == Some(digit))).count();
        if distinct < MIN_DISTINCT_DIGITS {
            return Err(SecretError::NotRandom { distinct });
        }
        Ok(Self(Zeroizing::new(text.into())))
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’')
}

/// Compares digests in constant time, so that nothing depends on where two secrets differ.
impl PartialEq for SsoSecret {
    fn eq(&self, other: &Self) -> bool {
        let digest = |secret: &Self| CtOutput::<Sha256>::new(Sha256::digest(secret.0.as_bytes()));
        digest(self) == digest(other)
    }
}

impl Eq for SsoSecret {}

impl fmt::Debug for SsoSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SsoSecret(..)")
    }
}

/// Why a text is not an [`SsoSecret`], or none could be made. Positions and counts only, never the text.
///
/// ```
/// use boostgpt_sso::{SecretError, SsoSecret};
///
/// let refused = "your-64-char-hex-secret".parse::<SsoSecret>().unwrap_err();
/// assert!(matches!(refused, SecretError::Placeholder));
/// assert_eq!(refused.code(), "placeholder");
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment variable does not exist.
    #[error("BOOSTGPT_SSO_SECRET is not set: put the agent's SSO secret there")]
    NotSet,
    /// The environment variable is not Unicode text.
    #[error("BOOSTGPT_SSO_SECRET is not text: put the agent's SSO secret there, 64 hexadecimal characters")]
    NotUnicode,
    /// A byte order mark (U+FEFF) before it, as some editors write at the beginning of a file.
    #[error("the SSO secret begins with a byte order mark: save the file it is in as UTF-8 without one")]
    ByteOrderMark,
    /// White space or an invisible character before or after it, often a line end from a file.
    #[error(
        "the SSO secret has white space or an invisible character around it: \
         remove it where the secret is stored"
    )]
    SurroundingWhiteSpace,
    /// A quotation mark before or after it, often from an `.env` file.
    #[error("the SSO secret has quotation marks around it: remove them where the secret is stored")]
    Quoted,
    /// The text that the documentation shows in its place.
    #[error("the SSO secret is the documentation's placeholder: copy the agent's own from its Deploy page")]
    Placeholder,
    /// Not 64 characters long.
    #[error(
        "the SSO secret's length is {found} instead of 64 characters: copy it again, whole and unchanged"
    )]
    WrongLength {
        /// How many characters there are.
        found: usize,
    },
    /// A character that is no hexadecimal digit.
    #[error(
        "the SSO secret has a character that is not a hexadecimal digit at position {position}: \
         copy it again, whole and unchanged"
    )]
    NotHex {
        /// How many characters are before it.
        position: usize,
    },
    /// Fewer than 8 of the 16 digits occur in it, as never happens by chance.
    #[error(
        "the SSO secret uses only {distinct} of the 16 hexadecimal digits, so it is not random: \
         generate one in the dashboard"
    )]
    NotRandom {
        /// How many of the 16 digits occur.
        distinct: usize,
    },
    /// The operating system's random number generator failed.
    #[error("the operating system's random number generator failed: try again, or look at the machine")]
    Generator(#[source] io::Error),
}

coded_error! {
    SecretError {
        Self::NotSet => "not_set",
        Self::NotUnicode => "not_unicode",
        Self::ByteOrderMark => "byte_order_mark",
        Self::SurroundingWhiteSpace => "surrounding_white_space",
        Self::Quoted => "quoted",
        Self::Placeholder => "placeholder",
        Self::NotHex { .. } => "not_hex",
        Self::WrongLength { .. } => "wrong_length",
        Self::NotRandom { .. } => "not_random",
        Self::Generator(_) => "generator",
    }
}

#[cfg(test)]
mod tests {
    //! The generator's failures, which no caller can bring about from outside.

    use std::error::Error;

    use super::*;

    /// A generator that fills with zeros, or fails.
    struct Broken {
        fails: bool,
    }

    impl TryRng for Broken {
        type Error = io::Error;

        fn try_next_u32(&mut self) -> io::Result<u32> {
            self.try_fill_bytes(&mut []).map(|()| 0)
        }

        fn try_next_u64(&mut self) -> io::Result<u64> {
            self.try_fill_bytes(&mut []).map(|()| 0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> io::Result<()> {
            bytes.fill(0);
            if self.fails { Err(io::Error::other("no entropy")) } else { Ok(()) }
        }
    }

    #[test]
    fn a_failing_generator_is_an_error_with_its_source() {
        let error = SsoSecret::generate_from(&mut Broken { fails: true }).unwrap_err();
        assert!(matches!(error, SecretError::Generator(_)));
        assert_eq!(error.source().unwrap().to_string(), "no entropy");
    }

    #[test]
    fn a_generator_stuck_at_zero_is_an_error() {
        let error = SsoSecret::generate_from(&mut Broken { fails: false }).unwrap_err();
        assert!(matches!(error, SecretError::NotRandom { distinct: 1 }));
    }
}
