//! Who the visitor is: e-mail, name, external id. Valid by construction, and the only place where their limits
//! stand: the signer can hold nothing that the verifier would refuse.

use std::{borrow::Cow, fmt};

use memchr::{memchr, memrchr};

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

    /// The same visitor with the customer's own id of them: at most 255 bytes, no NUL (rule C11).
    ///
    /// A numeric id is given as its decimal text.
    ///
    /// # Errors
    /// [`IdentityError::ExternalIdTooLong`], [`IdentityError::ExternalIdWithNul`].
    pub fn with_external_id(self, external_id: &str) -> Result<Self, IdentityError> {
        check_external_id(external_id)?;
        Ok(Self::join(self.email(), self.name_text(), external_id))
    }

    /// The identity of these three parts, in one allocation. Name and external id must have been checked.
    pub(crate) fn join(email: Email<'_>, name: &str, external_id: &str) -> Self {
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
    const MOST: usize = 256;
    // A text has no more characters than bytes.
    let characters = if name.len() > MOST { name.chars().count() } else { 0 };
    if characters > MOST {
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

/// Rule C11.
pub(crate) fn check_external_id(external_id: &str) -> Result<(), IdentityError> {
    let bytes = external_id.len();
    if bytes > 255 {
        return Err(IdentityError::ExternalIdTooLong { bytes });
    }
    if has_nul(external_id) {
        return Err(IdentityError::ExternalIdWithNul);
    }
    Ok(())
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
    /// Checks an address against rule C9: 3 to 254 bytes [RFC 5321 section 4.5.3.1.3, errata 1690], exactly one
    /// `@`, 1 to 64 bytes before it [section 4.5.3.1.1], something after it, and no white space, control,
    /// zero-width or bidirectional formatting character.
    ///
    /// That is all: whether mail arrives there is not a question of syntax, and the customer vouches for it.
    ///
    /// # Errors
    /// [`IdentityError::EmailLength`], [`IdentityError::EmailCharacter`], [`IdentityError::EmailShape`].
    pub fn new(text: &'a str) -> Result<Self, IdentityError> {
        let bytes = text.len();
        if !(3..=254).contains(&bytes) {
            return Err(IdentityError::EmailLength { bytes });
        }
        // Plain ASCII needs no look at its characters.
        if !text.bytes().all(|byte| byte.is_ascii_graphic())
            && let Some(position) = text.chars().position(is_invisible)
        {
            return Err(IdentityError::EmailCharacter { position });
        }
        let at = memchr(b'@', text.as_bytes()).filter(|at| (1..=64).contains(at));
        if at.is_none() || at != memrchr(b'@', text.as_bytes()) || text.ends_with('@') {
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
        if self.0.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(self.0.to_ascii_lowercase())
        } else {
            Cow::Borrowed(self.0)
        }
    }
}

impl fmt::Debug for Email<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// White space, control, zero-width and bidirectional formatting characters: what makes two addresses look alike.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' // soft hyphen
            | '\u{34f}' // combining grapheme joiner
            | '\u{61c}' // Arabic letter mark
            | '\u{180e}' // Mongolian vowel separator
            | '\u{200b}'..='\u{200f}' // zero-width space, joiners, directional marks
            | '\u{202a}'..='\u{202e}' // directional embeddings and overrides
            | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, directional isolates, deprecated marks
            | '\u{feff}' // zero-width no-break space
        )
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
    /// White space, a control, zero-width or bidirectional formatting character.
    #[error(
        "e-mail address has white space or an invisible character at position {position}: remove it where the address is stored"
    )]
    EmailCharacter {
        /// How many characters stand before it.
        position: usize,
    },
    /// Not 1 to 64 bytes, one `@`, and something.
    #[error(
        "e-mail address is not of the form local@domain with one @ and at most 64 bytes before it: pass the address alone, without a display name"
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
}
