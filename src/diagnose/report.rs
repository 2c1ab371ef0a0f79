//! What the doctor says: the verifier's verdict, and the findings.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{
    finding::{Finding, Findings, Severity},
    mistake::{Group, Mistake},
};
use crate::error::{Claim, VerifyError};

/// The verifier's own answer.
// Exhaustive: there is no fourth one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The token is accepted.
    Accepted,
    /// The token is refused: its visitor is anonymous.
    Refused(VerifyError),
    /// No secret was given, so there is no verdict.
    Unknown,
}

impl Verdict {
    /// Returns `accepted`, `refused` or `unknown`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(_) => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// What a [`Doctor`](super::Doctor) says of a token.
///
/// `Display` is for people, the first line being the cause; `Serialize` is for programs. Neither contains a
/// secret.
///
/// ```
/// use boostgpt_sso::diagnose::Doctor;
///
/// let report = Doctor::new().examine("{{ widget_token }}");
/// let expected = "refused with every secret: a template or an expression that was not evaluated \
///     (template_placeholder)";
/// assert_eq!(report.to_string().lines().next(), Some(expected));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    verdict: Verdict,
    findings: Vec<Finding>,
}

impl Report {
    /// What is accepted has no finding that says otherwise, and what is refused begins with one that says
    /// why.
    pub(super) fn new(verdict: Verdict, findings: Findings<'_>) -> Self {
        let findings = match &verdict {
            Verdict::Accepted => findings.into_advice(),
            Verdict::Refused(reason) => findings.into_reasons(reason.code(), in_general(reason)),
            Verdict::Unknown => findings.into_list(),
        };
        Self { verdict, findings }
    }

    /// Returns what the verifier says.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns whether the verifier accepts the token.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.verdict == Verdict::Accepted
    }

    /// Returns everything that was found, the cause first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns why the token is refused; `None` if nothing speaks against it.
    #[must_use]
    pub fn cause(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity() == Severity::Refused)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.verdict, self.cause()) {
            (Verdict::Accepted, _) => f.write_str("accepted")?,
            (Verdict::Refused(reason), None) => write!(f, "refused: {reason}")?,
            (Verdict::Unknown, None) => {
                f.write_str("nothing speaks against it, but no secret was given to check it with")?;
            }
            (verdict, Some(cause)) => {
                // What is signed with a key that is known or was guessed says nothing of other secrets.
                let is_of_the_secret = cause.mistake().group() == Group::Secret;
                let is_always = verdict == Verdict::Unknown && !is_of_the_secret;
                let refused = if is_always { "refused with every secret" } else { "refused" };
                write!(f, "{refused}: {} ({})", cause.mistake().title(), cause.code())?;
            }
        }
        for (number, finding) in (1_usize..).zip(&self.findings) {
            write!(f, "\n\n{number}. {finding}")?;
        }
        Ok(())
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reason = if let Verdict::Refused(reason) = &self.verdict { Some(reason.code()) } else { None };
        let mut fields = serializer.serialize_struct("Report", 3)?;
        fields.serialize_field("verdict", self.verdict.as_str())?;
        fields.serialize_field("reason", &reason)?;
        fields.serialize_field("findings", &self.findings)?;
        fields.end()
    }
}

/// The least that can be said of a token that is refused for this reason: a guard, since no token is known of
/// which nothing more was found. A new reason has to be named here, and examined.
const fn in_general(reason: &VerifyError) -> Mistake {
    match reason {
        VerifyError::TooLong => Mistake::TooLong,
        VerifyError::Malformed => Mistake::NotBase64Url,
        VerifyError::UnsupportedAlgorithm => Mistake::AlgUnknown,
        VerifyError::UnsupportedHeader => Mistake::HeaderExtension,
        VerifyError::BadSignature => Mistake::UnknownSecret,
        VerifyError::InvalidPayload => Mistake::PayloadNotJson,
        VerifyError::MissingClaim(Claim::Email) => Mistake::EmailMissing,
        VerifyError::MissingClaim(_) => Mistake::ExpMissing,
        VerifyError::InvalidClaim(Claim::Exp) => Mistake::ExpInvalid,
        VerifyError::InvalidClaim(Claim::Iat) => Mistake::IatInvalid,
        VerifyError::InvalidClaim(Claim::Nbf) => Mistake::NbfInvalid,
        VerifyError::InvalidClaim(Claim::Aud) => Mistake::AudInvalid,
        VerifyError::InvalidClaim(Claim::Email) => Mistake::EmailShape,
        VerifyError::InvalidClaim(Claim::Name) => Mistake::NameInvalid,
        VerifyError::InvalidClaim(Claim::ExternalId) => Mistake::ExternalIdInvalid,
        VerifyError::Expired { .. } => Mistake::Expired,
        VerifyError::IssuedInFuture { .. } => Mistake::ClockAhead,
        VerifyError::NotYetValid { .. } => Mistake::NotBefore,
        VerifyError::LifetimeTooLong { .. } => Mistake::LifetimeTooLong,
        VerifyError::WrongAudience => Mistake::AudNotABot,
        VerifyError::ClockOutOfRange => Mistake::ClockOutOfRange,
    }
}
