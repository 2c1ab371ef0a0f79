//! A secret that is in what was presented, where everyone who has that can read it.

use super::{
    finding::Findings,
    known::Known,
    mistake::Mistake,
    segments::{self, Segments},
    trace::Trace,
};

/// What is shorter than a token, and may be a secret.
const MAX_PASTED: usize = 1024;

/// A secret in the token's place, in whatever spelling.
pub(super) fn pasted(presented: &[u8], known: &Known<'_>, findings: &Findings<'_>) -> Option<String> {
    let is_token = presented.windows(3).any(|start| start == b"eyJ");
    let short = Some(presented).filter(|text| text.len() <= MAX_PASTED && !is_token)?;
    match findings.masks().known().look(short) {
        Trace::Whole(number) => known.secrets().nth(number).map(|secret| secret.words()),
        _ => None,
    }
}

/// Looks for a whole secret, in whatever spelling; in the payload first, since what was presented has that in
/// it.
pub(super) fn find_exposures(
    presented: &[u8],
    segments: &Segments,
    known: &Known<'_>,
    findings: &mut Findings<'_>,
) {
    if findings.found(Mistake::SecretExposed) {
        return;
    }
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
