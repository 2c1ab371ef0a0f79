//! Who the visitor is: e-mail, name, external id. Valid by construction: the signer can hold nothing that the
//! verifier would refuse. Their limits are defined here; error texts repeat them.

mod email;
mod error;

use std::fmt;

#[cfg(feature = "store")]
pub(crate) use self::email::email_key;
#[cfg(feature = "diagnose")]
pub(crate) use self::email::{MAX_LOCAL_BYTES, is_of_domain, is_of_local_part};
pub use self::{email::Email, error::IdentityError};

/// The most characters of a name (rule C10).
pub(crate) const MAX_NAME_CHARACTERS: usize = 256;

/// The most bytes of an external id (rule C11).
pub(crate) const MAX_EXTERNAL_ID_BYTES: usize = 255;

/// The visitor, as the customer's website knows them.
///
/// The e-mail is required; the name and the external id (the customer's own id of the user) are optional, and
/// an empty text counts as none. `Debug` is redacted: it says what is there, not what it says.
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
    /// Creates a visitor with this e-mail address and nothing else.
    ///
    /// # Errors
    /// What [`Email::new`] refuses (rule C9).
    pub fn new(email: &str) -> Result<Self, IdentityError> {
        Ok(Self::join(Email::new(email)?, "", ""))
    }

    /// Returns the same visitor with this display name: at most 256 characters, no NUL (rule C10).
    ///
    /// # Errors
    /// [`IdentityError::NameTooLong`], [`IdentityError::NameWithNul`].
    pub fn with_name(self, name: &str) -> Result<Self, IdentityError> {
        check_name(name)?;
        Ok(Self::join(self.email(), name, self.external_id_text()))
    }

    /// Returns the same visitor with the customer's own id of them: at most 255 bytes, no NUL (rule C11).
    ///
    /// A numeric id is given as its decimal text. It must be the user's own, stable id: every visitor with
    /// this id is the same subscriber. So the texts that languages print for a missing value are refused:
    /// `undefined`, `null`, `NaN`, `None`, `nil`, `<nil>`, `(null)` and `[object Object]`, in exactly this
    /// case of letters. A program that has no id leaves it out.
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

    /// Returns the identity that a token names, whose name and external id have been checked. An external id
    /// that means a missing value is an absent one.
    pub(crate) fn of_token(email: Email<'_>, name: &str, external_id: &str) -> Self {
        Self::join(email, name, if is_missing_value(external_id) { "" } else { external_id })
    }

    /// Joins the three parts, in one allocation. Name and external id must have been checked.
    fn join(email: Email<'_>, name: &str, external_id: &str) -> Self {
        let email = email.as_str();
        let text = [email, name, external_id].concat().into_boxed_str();
        let name_start = email.len();
        Self { external_id_start: text.len().saturating_sub(external_id.len()), text, name_start }
    }

    /// Returns the e-mail address as it was given. To compare two of them, compare their [`Email::key`]s.
    #[must_use]
    pub fn email(&self) -> Email<'_> {
        Email::checked(self.text.get(..self.name_start).unwrap_or_default())
    }

    /// Returns the display name, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.name_text()).filter(|name| !name.is_empty())
    }

    /// Returns the customer's own id of the user, if there is one.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        Some(self.external_id_text()).filter(|id| !id.is_empty())
    }

    /// Returns its three texts, one after the other.
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

/// Checks a name against rule C10.
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

/// Checks an external id against rule C11, but for the texts of a missing value.
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

/// Returns whether an external id is what a language prints for a missing value (rule C11). In a token it
/// counts as absent: as an id it would make one subscriber of many people.
pub(crate) fn is_missing_value(external_id: &str) -> bool {
    // JavaScript's, then PHP's, Python's, Ruby's, Go's and C's.
    matches!(
        external_id,
        "undefined" | "null" | "NaN" | "[object Object]" | "None" | "nil" | "<nil>" | "(null)"
    )
}
