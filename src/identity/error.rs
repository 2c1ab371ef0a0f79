//! Why a text cannot be part of an identity.

use crate::coded::coded_error;

/// Why a text cannot be part of an [`Identity`](crate::Identity). Sizes and positions only, never the text.
///
/// ```
/// use boostgpt_sso::{Identity, IdentityError};
///
/// let refused = Identity::new("ada @example.com").unwrap_err();
/// assert_eq!(refused, IdentityError::EmailCharacter { position: 3 });
/// ```
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Shorter than 3 or longer than 254 bytes.
    #[error("e-mail address has {bytes} bytes, not 3 to 254: pass the user's one plain address")]
    EmailLength {
        /// Its length in UTF-8.
        bytes: usize,
    },
    /// A character that an address cannot have in this place: an ASCII one outside of rule C9's lists, such
    /// as a space, a quotation mark or `<`, or any that [`is_hidden`](crate::is_hidden) names.
    #[error(
        "e-mail address has a character at position {position} that is not allowed, perhaps an invisible \
         one: pass the plain address, without a name, prefix, quotes or punctuation around it"
    )]
    EmailCharacter {
        /// How many characters are before it.
        position: usize,
    },
    /// Not exactly one `@`, not 1 to 64 bytes before it, or not non-empty labels after it.
    #[error(
        "e-mail address is not of the form local@domain with one @, at most 64 bytes before it and \
         no empty label after it: pass the user's one plain address"
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

coded_error! {
    IdentityError {
        Self::EmailLength { .. } => "email_length",
        Self::EmailCharacter { .. } => "email_character",
        Self::EmailShape => "email_shape",
        Self::NameTooLong { .. } => "name_too_long",
        Self::NameWithNul => "name_with_nul",
        Self::ExternalIdTooLong { .. } => "external_id_too_long",
        Self::ExternalIdWithNul => "external_id_with_nul",
        Self::ExternalIdMissingValue => "external_id_missing_value",
    }
}
