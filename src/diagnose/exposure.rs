//! A secret that is in what was presented, where everybody who has the token can read it.

use super::{
    finding::Findings,
    known::Known,
    mistake::Mistake,
    segments::{self, Segments},
    trace::Trace,
};

/// Looks for a whole secret, in whatever spelling; in the payload first, since what was presented has that in it.
pub(super) fn examine(presented: &[u8], segments: &Segments, known: &Known<'_>, findings: &mut Findings<'_>) {
    let decoded = |part: &str| segments::decode_loosely(part).unwrap_or_default();
    let places = [
        ("the payload", &decoded(&segments.payload)[..]),
        ("the header", &decoded(&segments.header)),
        ("what was presented", presented),
    ];
    let found = places.into_iter().find_map(|(place, text)| match findings.masks().known().look(text) {
        Trace::Whole(number) => Some((place, known.secrets().nth(number)?)),
        _ => None,
    });
    if let Some((place, secret)) = found {
        findings.advise(Mistake::SecretExposed, format!("{place} has {} in it", secret.words()));
    }
}
