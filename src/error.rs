//! Why a token is refused, and what a signer or verifier cannot be set to. Values only; numbers are quoted,
//! texts of a token never are.

use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::coded::coded_error;

/// Why [`Verifier::verify`](crate::Verifier::verify) refused a token.
///
/// One variant per outcome of the token rules, which are checked in their written order: the first failure is
/// the error. To the *visitor* all of them are the same (they stay anonymous); the variant, its
/// [`code`](Self::code) and its text are for the operator's logs. None of them ever contains the token, the
/// secret, the signature or the text of a claim, since an attacker may have chosen those.
///
/// ```
/// use boostgpt_sso::{SsoSecret, Verifier, VerifyError};
///
/// let verifier = Verifier::new(&SsoSecret::generate()?);
/// let refused = verifier.verify("not a token").unwrap_err();
/// assert_eq!(refused, VerifyError::Malformed);
/// assert_eq!(refused.code(), "malformed");
/// # Ok::<(), boostgpt_sso::SecretError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// S1: more than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[error("token is longer than 8192 bytes: pass the widget token alone, and keep custom claims out of it")]
    TooLong,

    /// S2, H1, H5: not three segments of strict base64url, or the header is not one JSON object.
    #[error(
        "token is not three strict base64url segments with a JSON header: \
         pass it unchanged, without quotes, prefix or white space"
    )]
    Malformed,

    /// H2: `alg` is missing, repeated or anything but `HS256`.
    #[error("token's alg is not HS256: sign with HS256, the only algorithm there is")]
    UnsupportedAlgorithm,

    /// H3, H4: `typ` is not `JWT`, or the header asks for something (`crit`, `b64`, `cty`, `enc`, `zip`) a
    /// widget token never has.
    #[error("token's header asks for an extension that widget tokens do not have: send only alg and typ")]
    UnsupportedHeader,

    /// M1: the signature is not the HMAC-SHA256 of this token under this secret.
    #[error(
        "token's signature does not match: sign with this agent's current SSO secret, \
         as the 64-character text that was shown when it was generated"
    )]
    BadSignature,

    /// P1: the payload is not one UTF-8 JSON object in which every recognised claim is given at most once, or
    /// a member's name has an unpaired surrogate.
    #[error("token's payload is not a single JSON object with each claim given once")]
    InvalidPayload,

    /// P1, C1, C3, C9, C10, C11: the claim has an unpaired surrogate, or the wrong type, range, size or
    /// shape.
    #[error("claim {0} is invalid: {hint}", hint = .0.hint())]
    InvalidClaim(Claim),

    /// C2, C9: a required claim is not there.
    #[error("claim {0} is missing: {hint}", hint = .0.hint())]
    MissingClaim(Claim),

    /// C4: `exp` has been reached. There is no leeway.
    #[error(
        "token expired {ago} s ago: sign a fresh one for every page load",
        ago = seconds_between(.exp, .now)
    )]
    Expired {
        /// The token's `exp`, rounded down to a whole second.
        exp: OffsetDateTime,
        /// The time it was checked at, in whole seconds.
        now: OffsetDateTime,
    },

    /// C5: `iat` is further ahead than the allowed clock skew.
    #[error(
        "token was issued {ahead} s in the future: set the signing server's clock (NTP)",
        ahead = seconds_between(.now, .iat)
    )]
    IssuedInFuture {
        /// The token's `iat`, rounded up to a whole second.
        iat: OffsetDateTime,
        /// The time it was checked at, in whole seconds.
        now: OffsetDateTime,
    },

    /// C6: `nbf` is further ahead than the allowed clock skew.
    #[error(
        "token is not valid for another {ahead} s: leave nbf out, or set the signing server's clock (NTP)",
        ahead = seconds_between(.now, .nbf)
    )]
    NotYetValid {
        /// The token's `nbf`, rounded up to a whole second.
        nbf: OffsetDateTime,
        /// The time it was checked at, in whole seconds.
        now: OffsetDateTime,
    },

    /// C7: with `iat`, `exp - iat` is not 1 to 3600 s; or `exp` is more than an hour (plus clock skew) ahead.
    #[error(
        "token's lifetime of {found} s is not between 1 and {max} s: sign for at most one hour",
        found = .lifetime.whole_seconds(),
        max = .limit.whole_seconds()
    )]
    LifetimeTooLong {
        /// `exp - iat`, or what is left of the token if that is longer; not positive if `exp` is not after
        /// `iat`.
        lifetime: Duration,
        /// The most it may be.
        limit: Duration,
    },

    /// C8: `aud` is there and does not name the bot this verifier is bound to.
    #[error("token's aud does not name this bot: sign for this bot's id, or leave aud out")]
    WrongAudience,

    /// The given time, or the system clock, is before 1970 or after 9999.
    #[error("clock is outside 1970 to 9999: set this machine's clock")]
    ClockOutOfRange,
}

coded_error! {
    VerifyError {
        Self::TooLong => "too_long",
        Self::Malformed => "malformed",
        Self::UnsupportedAlgorithm => "unsupported_algorithm",
        Self::UnsupportedHeader => "unsupported_header",
        Self::BadSignature => "bad_signature",
        Self::InvalidPayload => "invalid_payload",
        Self::InvalidClaim(_) => "invalid_claim",
        Self::MissingClaim(_) => "missing_claim",
        Self::Expired { .. } => "expired",
        Self::IssuedInFuture { .. } => "issued_in_future",
        Self::NotYetValid { .. } => "not_yet_valid",
        Self::LifetimeTooLong { .. } => "lifetime_too_long",
        Self::WrongAudience => "wrong_audience",
        Self::ClockOutOfRange => "clock_out_of_range",
    }
}

fn seconds_between(from: &OffsetDateTime, to: &OffsetDateTime) -> i64 {
    to.unix_timestamp().saturating_sub(from.unix_timestamp())
}

/// A claim that the verifier recognises [RFC 7519 section 4]. All others are ignored (C12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Claim {
    /// `exp`, expiry: required.
    Exp,
    /// `iat`, issued at.
    Iat,
    /// `nbf`, not before.
    Nbf,
    /// `aud`, the bot the token is for.
    Aud,
    /// `email`: required.
    Email,
    /// `name`, for display.
    Name,
    /// `external_id`, the customer's own id of the user.
    ExternalId,
}

impl Claim {
    /// All of them, in the order of the rules about them.
    pub(crate) const ALL: [Self; 7] =
        [Self::Exp, Self::Iat, Self::Nbf, Self::Aud, Self::Email, Self::Name, Self::ExternalId];

    /// Their names, in the same order.
    pub(crate) const NAMES: [&'static str; 7] = {
        let [exp, iat, nbf, aud, email, name, external_id] = Self::ALL;
        [
            exp.as_str(),
            iat.as_str(),
            nbf.as_str(),
            aud.as_str(),
            email.as_str(),
            name.as_str(),
            external_id.as_str(),
        ]
    };

    /// Returns the member's name in the payload.
    ///
    /// ```
    /// # use boostgpt_sso::Claim;
    /// assert_eq!(Claim::ExternalId.as_str(), "external_id");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::Iat => "iat",
            Self::Nbf => "nbf",
            Self::Aud => "aud",
            Self::Email => "email",
            Self::Name => "name",
            Self::ExternalId => "external_id",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Exp | Self::Iat | Self::Nbf => "give it as a JSON number of seconds since 1970",
            Self::Aud => "give it as the bot's id, or leave it out",
            Self::Email => "give it as a string with one plain e-mail address of at most 254 bytes",
            Self::Name => "give it as a string of at most 256 characters, or leave it out",
            Self::ExternalId => "give it as a string of at most 255 bytes or a whole number, or leave it out",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A setting that would break a token rule, refused when the signer or verifier is made.
///
/// ```
/// use boostgpt_sso::{ConfigError, Signer, SsoSecret, time::Duration};
///
/// let signer = Signer::new(&SsoSecret::generate()?);
/// let refused = signer.with_lifetime(Duration::hours(2)).unwrap_err();
/// assert_eq!(refused, ConfigError::LifetimeOutOfRange { given: Duration::hours(2) });
/// # Ok::<(), boostgpt_sso::SecretError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A token lives from one second to one hour.
    #[error("lifetime of {given} is not between 1 s and 3600 s: choose at most one hour")]
    LifetimeOutOfRange {
        /// What was asked for.
        given: Duration,
    },
    /// Clocks may differ by at most five minutes.
    #[error("clock skew of {given} is not between 0 s and 300 s: set the clocks instead (NTP)")]
    ClockSkewOutOfRange {
        /// What was asked for.
        given: Duration,
    },
}

coded_error! {
    ConfigError {
        Self::LifetimeOutOfRange { .. } => "lifetime_out_of_range",
        Self::ClockSkewOutOfRange { .. } => "clock_skew_out_of_range",
    }
}
