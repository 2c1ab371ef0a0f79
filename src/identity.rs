//! Who the visitor is: e-mail, name, external id. Valid by construction, and the only place where their limits
//! stand: the signer can hold nothing that the verifier would refuse.

use std::{borrow::Cow, fmt};

use memchr::memchr;

use crate::hidden::is_hidden;

/// The most bytes of an e-mail address (rule C9) [RFC 5321 section 4.5.3.1.3, errata 1690].
pub(crate) const MAX_EMAIL_BYTES: usize = 254;

/// The most bytes of an address before its `@` (rule C9) [RFC 5321 section 4.5.3.1.1].
pub(crate) const MAX_LOCAL_BYTES: usize = 64;

/// The most characters of a name (rule C10).
pub(crate) const MAX_NAME_CHARACTERS: usize = 256;

/// The most bytes of an external id (rule C11).
pub(crate) const MAX_EXTERNAL_ID_BYTES: usize = 255;

/// The visitor, as the customer's website knows them.
///
/// The e-mail is required; the name and the external id (the customer's own id of the user) are optional, and an
/// empty text counts as none. `Debug` is redacted: it says what is there, not what it says.
///
/// ```
/// use boostgpt_sso::Identity;
///
/// let ada = Identity::new("ada@example.com")?.with_name("Ada Lovelace")?.with_external_id("42")?;
/// assert_eq!(ada.email().as_str(), "ada@example.com");
/// assert_eq!(ada.name(), Some("Ada Lovelace"));
/// assert_eq!(ada.external_id(), Some("42"));
/// # Ok::<(), boostgpt_sso::IdentityError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// E-mail, name and external id in one allocation, one after the other; an empty part is an absent one.
    text: Box<str>,
    name_start: usize,
    external_id_start: usize,
}

impl Identity {
    /// A visitor with this e-mail address and nothing else.
    ///
    /// # Errors
    /// What [`Email::new`] refuses (rule C9).
    pub fn new(email: &str) -> Result<Self, IdentityError> {
        Ok(Self::join(Email::new(email)?, "", ""))
    }

    /// The same visitor with this display name: at most 256 characters, no NUL (rule C10).
    ///
    /// # Errors
    /// [`IdentityError::NameTooLong`], [`IdentityError::NameWithNul`].
    pub fn with_name(self, name: &str) -> Result<Self, IdentityError> {
        check_name(name)?;
        Ok(Self::join(self.email(), name, self.external_id_text()))
    }

    /// Returns the same visitor with the customer's own id of them: at most 255 bytes, no NUL (rule C11).
    ///
    /// A numeric id is given as its decimal text. It must be the user's own, stable id: every visitor with this id is
    /// the same subscriber. So the texts that languages print for a missing value are refused: `undefined`, `null`,
    /// `NaN`, `None`, `nil`, `<nil>`, `(null)` and `[object Object]`, in exactly this case of letters. A program that
    /// has no id leaves it out.
    ///
    /// # Errors
    /// [`IdentityError::ExternalIdTooLong`], [`IdentityError::ExternalIdWithNul`],
    /// [`IdentityError::ExternalIdMissingValue`].
    ///
    /// ```
    /// use boostgpt_sso::{Identity, IdentityError};
    ///
    /// let ada = Identity::new("ada@example.com")?;
    /// assert_eq!(ada.clone().with_external_id("undefined"), Err(IdentityError::ExternalIdMissingValue));
    /// assert_eq!(ada.with_external_id("42")?.external_id(), Some("42"));
    /// # Ok::<(), IdentityError>(())
    /// ```
    pub fn with_external_id(self, external_id: &str) -> Result<Self, IdentityError> {
        check_external_id(external_id)?;
        if is_missing_value(external_id) {
            return Err(IdentityError::ExternalIdMissingValue);
        }
        Ok(Self::join(self.email(), self.name_text(), external_id))
    }

    /// Returns the identity that a token names, whose name and external id have been checked. An external id that
    /// stands for a missing value is an absent one.
    pub(crate) fn of_token(email: Email<'_>, name: &str, external_id: &str) -> Self {
        Self::join(email, name, if is_missing_value(external_id) { "" } else { external_id })
    }

    /// The identity of these three parts, in one allocation. Name and external id must have been checked.
    fn join(email: Email<'_>, name: &str, external_id: &str) -> Self {
        let email = email.as_str();
        let text = [email, name, external_id].concat().into_boxed_str();
        let name_start = email.len();
        Self { external_id_start: text.len().saturating_sub(external_id.len()), text, name_start }
    }

    /// The e-mail address as it was given. To compare two of them, compare their [`Email::key`]s.
    #[must_use]
    pub fn email(&self) -> Email<'_> {
        Email(self.text.get(..self.name_start).unwrap_or_default())
    }

    /// The display name, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.name_text()).filter(|name| !name.is_empty())
    }

    /// The customer's own id of the user, if there is one.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        Some(self.external_id_text()).filter(|id| !id.is_empty())
    }

    /// Its three texts, one after the other.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn name_text(&self) -> &str {
        self.text.get(self.name_start..self.external_id_start).unwrap_or_default()
    }

    fn external_id_text(&self) -> &str {
        self.text.get(self.external_id_start..).unwrap_or_default()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("email", &self.email())
            .field("name", &self.name().map(|_| ".."))
            .field("external_id", &self.external_id().map(|_| ".."))
            .finish()
    }
}

/// Rule C10.
pub(crate) fn check_name(name: &str) -> Result<(), IdentityError> {
    // A text has no more characters than bytes.
    let characters = if name.len() > MAX_NAME_CHARACTERS { name.chars().count() } else { 0 };
    if characters > MAX_NAME_CHARACTERS {
        return Err(IdentityError::NameTooLong { characters });
    }
    if has_nul(name) {
        return Err(IdentityError::NameWithNul);
    }
    Ok(())
}

fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

/// Rule C11, of a text that is the user's id.
pub(crate) fn check_external_id(external_id: &str) -> Result<(), IdentityError> {
    let bytes = external_id.len();
    if bytes > MAX_EXTERNAL_ID_BYTES {
        return Err(IdentityError::ExternalIdTooLong { bytes });
    }
    if has_nul(external_id) {
        return Err(IdentityError::ExternalIdWithNul);
    }
    Ok(())
}

/// Returns whether an external id is what a language prints for a missing value (rule C11). In a token it counts as
/// absent: as an id it would make one subscriber of many people.
pub(crate) fn is_missing_value(external_id: &str) -> bool {
    // JavaScript's, then PHP's, Python's, Ruby's, Go's and C's.
    matches!(
        external_id,
        "undefined" | "null" | "NaN" | "[object Object]" | "None" | "nil" | "<nil>" | "(null)"
    )
}

/// An e-mail address that fits rule C9, borrowed from wherever it stands.
///
/// It has no `PartialEq`: there are two ways to compare addresses and only one that may decide who somebody is.
/// That one is [`key`](Self::key).
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
    /// It has 3 to 254 bytes and exactly one `@`. Before it are 1 to 64 bytes: ASCII letters, digits, dots and
    /// ``!#$%&'*+-/=?^_`{|}~`` [RFC 5322 section 3.2.3]. After it are labels with a dot between each two: ASCII
    /// letters, digits, `-` and `_`. Non-ASCII characters may be in both, except those that [`is_hidden`] names.
    ///
    /// That is all: whether mail arrives there is not a question of syntax, and the customer vouches for it.
    ///
    /// # Errors
    /// [`IdentityError::EmailLength`], [`IdentityError::EmailCharacter`], [`IdentityError::EmailShape`].
    pub fn new(text: &'a str) -> Result<Self, IdentityError> {
        let bytes = text.len();
        if !(3..=MAX_EMAIL_BYTES).contains(&bytes) {
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

    /// The address as it was given, for display.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The key under which two addresses are the same: ASCII letters in lower case, every other byte as it is.
    ///
    /// No dot or plus folding, no Unicode case folding, never the database's `lower()`: a wrong merge leaks a
    /// person's history, a missed one does not.
    #[must_use]
    pub fn key(self) -> Cow<'a, str> {
        email_key(self.0)
    }
}

/// The key of an address that fits rule C9, or did when it was stored.
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

/// Returns how many characters are before the first one that may not be in this part of an address.
fn first_not_allowed(part: &str, ascii: &[bool; 256]) -> Option<usize> {
    // An ASCII part needs no look at its characters.
    let is_listed = |byte: u8| ascii.get(usize::from(byte)) == Some(&true);
    if part.bytes().fold(true, |plain, byte| plain & is_listed(byte)) {
        return None;
    }
    let is_allowed = |c: char| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => is_listed(byte),
        _ => !is_hidden(c),
    };
    part.chars().position(|c| !is_allowed(c))
}

/// Why a text cannot be part of an [`Identity`]. Sizes and positions only, never the text.
///
/// ```
/// use boostgpt_sso::{Identity, IdentityError};
///
/// let refused = Identity::new("ada @example.com").unwrap_err();
/// assert_eq!(refused, IdentityError::EmailCharacter { position: 3 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Shorter than 3 or longer than 254 bytes.
    #[error("e-mail address has {bytes} bytes, not 3 to 254: pass the user's one plain address")]
    EmailLength {
        /// Its length in UTF-8.
        bytes: usize,
    },
    /// A character that an address cannot have in this place: an ASCII one outside of rule C9's lists, such as a
    /// space, a quotation mark or `<`, or any that [`is_hidden`] names.
    #[error(
        "e-mail address has a character at position {position} that is not allowed, perhaps an invisible one: pass the plain address, without a name, prefix, quotes or punctuation around it"
    )]
    EmailCharacter {
        /// How many characters are before it.
        position: usize,
    },
    /// Not exactly one `@`, not 1 to 64 bytes before it, or not non-empty labels after it.
    #[error(
        "e-mail address is not of the form local@domain with one @, at most 64 bytes before it and no empty label after it: pass the user's one plain address"
    )]
    EmailShape,
    /// More than 256 characters.
    #[error("name has {characters} characters, more than 256: shorten it")]
    NameTooLong {
        /// Its length in Unicode scalar values.
        characters: usize,
    },
    /// U+0000, which databases and C programs cut texts at.
    #[error("name contains a NUL character: remove it")]
    NameWithNul,
    /// More than 255 bytes.
    #[error("external id has {bytes} bytes, more than 255: pass the user's stable id alone")]
    ExternalIdTooLong {
        /// Its length in UTF-8.
        bytes: usize,
    },
    /// U+0000, which databases and C programs cut texts at.
    #[error("external id contains a NUL character: remove it")]
    ExternalIdWithNul,
    /// What a language prints for a missing value, such as `undefined`.
    #[error("external id is what a language prints for a missing value: pass the user's id, or leave it out")]
    ExternalIdMissingValue,
}
