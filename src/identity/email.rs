//! E-mail addresses: rule C9, and the key by which two are the same.

use std::{borrow::Cow, fmt};

use memchr::memchr;

use super::error::IdentityError;
use crate::hidden::is_hidden;

/// The fewest bytes of an e-mail address (rule C9): one, `@`, and one.
const MIN_EMAIL_BYTES: usize = 3;

/// The most bytes of an e-mail address (rule C9) [RFC 5321 section 4.5.3.1.3, errata 1690].
pub(crate) const MAX_EMAIL_BYTES: usize = 254;

/// The most bytes of an address before its `@` (rule C9) [RFC 5321 section 4.5.3.1.1].
pub(crate) const MAX_LOCAL_BYTES: usize = 64;

/// An e-mail address that fits rule C9, borrowed from a longer-lived text.
///
/// It has no `PartialEq`: there are two ways to compare addresses, and only one may decide who a visitor is:
/// by [`key`](Self::key).
///
/// ```
/// use boostgpt_sso::{Email, IdentityError};
///
/// assert_eq!(Email::new("Ada@Example.com")?.key(), "ada@example.com");
/// assert_eq!(Email::new("ada.example.com").unwrap_err(), IdentityError::EmailShape);
/// # Ok::<(), IdentityError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Email<'a>(&'a str);

impl<'a> Email<'a> {
    /// Checks an address against rule C9.
    ///
    /// It has 3 to 254 bytes and exactly one `@`. Before it are 1 to 64 bytes: ASCII letters, digits, dots
    /// and
    /// ``!#$%&'*+-/=?^_`{|}~`` [RFC 5322 section 3.2.3]. After it are labels with a dot between each two:
    /// ASCII letters, digits, `-` and `_`. Non-ASCII characters may be in both, except those that
    /// [`is_hidden`] names.
    ///
    /// That is all: whether mail arrives there is not a question of syntax, and the customer vouches for it.
    ///
    /// # Errors
    /// [`IdentityError::EmailLength`], [`IdentityError::EmailCharacter`], [`IdentityError::EmailShape`].
    pub fn new(text: &'a str) -> Result<Self, IdentityError> {
        let bytes = text.len();
        if !(MIN_EMAIL_BYTES..=MAX_EMAIL_BYTES).contains(&bytes) {
            return Err(IdentityError::EmailLength { bytes });
        }
        let at = memchr(b'@', text.as_bytes());
        let Some((local, domain)) =
            at.and_then(|at| Some((text.get(..at)?, text.get(at.checked_add(1)?..)?)))
        else {
            return Err(IdentityError::EmailShape);
        };
        if memchr(b'@', domain.as_bytes()).is_some() {
            return Err(IdentityError::EmailShape);
        }
        if let Some(position) = first_not_allowed(local, &LOCAL) {
            return Err(IdentityError::EmailCharacter { position });
        }
        if let Some(position) = first_not_allowed(domain, &DOMAIN) {
            let before = local.chars().count().saturating_add(1);
            return Err(IdentityError::EmailCharacter { position: position.saturating_add(before) });
        }
        let mut labels = domain.as_bytes().split(|byte| *byte == b'.');
        if !(1..=MAX_LOCAL_BYTES).contains(&local.len()) || labels.any(<[u8]>::is_empty) {
            return Err(IdentityError::EmailShape);
        }
        Ok(Self(text))
    }

    /// Wraps an address that was checked before.
    pub(super) const fn checked(text: &'a str) -> Self {
        Self(text)
    }

    /// Returns the address as it was given, for display.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Returns the key by which two addresses are the same: ASCII letters in lower case, every other byte as
    /// it is.
    ///
    /// No dot or plus folding, no Unicode case folding, never the database's `lower()`: a wrong merge leaks a
    /// person's history, a missed one does not.
    #[must_use]
    pub fn key(self) -> Cow<'a, str> {
        email_key(self.0)
    }
}

/// Returns the key of an address that fits rule C9, or did when it was stored.
pub(crate) fn email_key(address: &str) -> Cow<'_, str> {
    if address.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(address.to_ascii_lowercase())
    } else {
        Cow::Borrowed(address)
    }
}

impl fmt::Debug for Email<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// The ASCII characters that an address may have before its `@`: letters, digits, dots and atext.
const LOCAL: [bool; 256] = alphanumeric_and(b".!#$%&'*+-/=?^_`{|}~");

/// The ASCII characters that an address may have after its `@`.
const DOMAIN: [bool; 256] = alphanumeric_and(b".-_");

/// Returns whether a character may be before the `@` of an address.
#[cfg(feature = "diagnose")]
pub(crate) fn is_of_local_part(c: char) -> bool {
    is_allowed(c, &LOCAL)
}

/// Returns whether a character may be after the `@` of an address.
#[cfg(feature = "diagnose")]
pub(crate) fn is_of_domain(c: char) -> bool {
    is_allowed(c, &DOMAIN)
}

#[expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant"
)]
const fn alphanumeric_and(punctuation: &[u8]) -> [bool; 256] {
    let mut allowed = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        allowed[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut place = 0;
    while place < punctuation.len() {
        allowed[punctuation[place] as usize] = true;
        place += 1;
    }
    allowed
}

fn is_listed(byte: u8, ascii: &[bool; 256]) -> bool {
    ascii.get(usize::from(byte)) == Some(&true)
}

fn is_allowed(c: char, ascii: &[bool; 256]) -> bool {
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => is_listed(byte, ascii),
        _ => !is_hidden(c),
    }
}

/// Returns how many characters are before the first one that may not be in this part of an address.
fn first_not_allowed(part: &str, ascii: &[bool; 256]) -> Option<usize> {
    // An ASCII part needs no look at its characters.
    if part.bytes().fold(true, |plain, byte| plain & is_listed(byte, ascii)) {
        return None;
    }
    part.chars().position(|c| !is_allowed(c, ascii))
}
