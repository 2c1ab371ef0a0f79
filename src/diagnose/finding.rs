//! One finding, and the one place through which all findings go: what was seen is cleaned there.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{mistake::Mistake, shown::Masks};

/// What a [`Finding`] means for the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Severity {
    /// The token is refused for this, even once everything before it is fixed.
    Refused,
    /// The token is not refused for this, but something is lost or at risk.
    Advice,
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Refused => "refused",
            Self::Advice => "advice",
        })
    }
}

/// One thing that is wrong with a token: which mistake, what was seen, why it fails and the fix.
///
/// What was seen may quote the token's header and claims, never a secret. It is one line of bounded length in
/// which control, formatting and other invisible characters are shown as escapes, so that it can be shown on
/// a terminal. `Debug` leaves out what was seen, so that no claim gets into a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    mistake: Mistake,
    severity: Severity,
    seen: String,
}

impl Finding {
    /// Returns which mistake of the catalogue it is.
    #[must_use]
    pub const fn mistake(&self) -> Mistake {
        self.mistake
    }

    /// Returns the stable code of the mistake.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.mistake.code()
    }

    /// Returns whether the token is refused for it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what was seen in this token.
    #[must_use]
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// Returns why it fails.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.mistake.why()
    }

    /// Returns what to do.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        self.mistake.fix()
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("mistake", &self.mistake)
            .field("severity", &self.severity)
            .finish_non_exhaustive()
    }
}

/// Four lines: the mistake with its code, what was seen, why, and the fix.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = if self.severity == Severity::Advice { "advice: " } else { "" };
        writeln!(f, "{advice}{} ({})", self.mistake.title(), self.code())?;
        write!(f, "   seen: {}\n   why:  {}\n   fix:  {}", self.seen, self.why(), self.fix())
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Finding", 6)?;
        fields.serialize_field("code", &self.mistake)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("title", self.mistake.title())?;
        fields.serialize_field("seen", &self.seen)?;
        fields.serialize_field("why", self.why())?;
        fields.serialize_field("fix", self.fix())?;
        fields.end()
    }
}

/// The findings of one examination, in their order.
pub(super) struct Findings<'a> {
    masks: &'a Masks,
    list: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(super) const fn new(masks: &'a Masks) -> Self {
        Self { masks, list: Vec::new() }
    }

    /// What hides secrets in the texts of findings.
    pub(super) const fn masks(&self) -> &'a Masks {
        self.masks
    }

    /// The token is refused for this.
    pub(super) fn refused(&mut self, mistake: Mistake, seen: impl AsRef<str>) {
        self.add(mistake, Severity::Refused, seen.as_ref());
    }

    /// The token is not refused for this.
    pub(super) fn advise(&mut self, mistake: Mistake, seen: impl AsRef<str>) {
        self.add(mistake, Severity::Advice, seen.as_ref());
    }

    /// The end of `seen` may be cut, so a quotation of the token comes last.
    fn add(&mut self, mistake: Mistake, severity: Severity, seen: &str) {
        let finding = Finding { mistake, severity, seen: self.masks.shown(seen) };
        if !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    pub(super) fn found(&self, mistake: Mistake) -> bool {
        self.list.iter().any(|finding| finding.mistake == mistake)
    }

    /// Returns whether the token is refused for anything.
    pub(super) fn has_refusals(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Refused)
    }

    /// Returns whether one of the findings is why the verifier refuses the token with this code.
    pub(super) fn explain(&self, code: &str) -> bool {
        self.list
            .iter()
            .any(|finding| finding.severity == Severity::Refused && finding.mistake.reasons().contains(&code))
    }

    /// Nothing but advice, for a token that is accepted.
    pub(super) fn into_advice(mut self) -> Vec<Finding> {
        debug_assert!(
            self.list.iter().all(|finding| finding.severity == Severity::Advice),
            "{:?}",
            self.list
        );
        self.list.retain(|finding| finding.severity == Severity::Advice);
        self.list
    }

    /// With what the verifier refuses the token for before all else; where nothing here says that, with
    /// `otherwise`.
    pub(super) fn into_reasons(mut self, code: &str, otherwise: Mistake) -> Vec<Finding> {
        let is_cause =
            |one: &Finding| one.severity == Severity::Refused && one.mistake.reasons().contains(&code);
        let cause = self.list.iter().position(is_cause).unwrap_or_else(|| {
            self.refused(otherwise, format!("the verifier says {code}"));
            self.list.len().saturating_sub(1)
        });
        if let Some(before) = self.list.get_mut(..=cause) {
            before.rotate_right(1);
        }
        self.list
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}
