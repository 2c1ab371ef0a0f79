//! The decisions of the cache, pure: no lock, no clock, no store. Moments are durations since the cache was
//! made.

use std::time::Duration;

/// How long it is known without another look that a bot is unknown or has no secret.
const ABSENCE_KEPT: Duration = Duration::from_secs(1);
/// The time between two reads of a bot's secret because of bad signatures: at most 10 a second.
const REREAD_INTERVAL: Duration = Duration::from_millis(100);

/// Why a visit needs to know a bot's secret, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) since: Duration,
    pub(super) cause: Cause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The visit begins. Any secret will do: the store refuses one that is no longer current.
    Visit,
    /// The store refused the version that was kept.
    Fenced,
    /// A signature does not match the secret that was kept, which may be an old one.
    BadSignature,
}

/// Whether an answer of the store may serve this need. `begun` is when the read began that found it.
pub(super) fn serves(is_absent: bool, begun: Duration, need: Need, now: Duration) -> bool {
    let is_newer = begun >= need.since;
    match need.cause {
        Cause::Visit => is_newer || !is_absent || now.saturating_sub(begun) < ABSENCE_KEPT,
        Cause::Fenced | Cause::BadSignature => is_newer,
    }
}

/// Whether the failure of a read is the answer to this need. A visit shares the failure of the read that it
/// has waited for, or each would wait for one of its own.
pub(super) fn is_failed(begun: Duration, need: Need) -> bool {
    begun >= need.since || need.cause == Cause::Visit
}

/// When the next read may begin. Bad signatures come from anyone, so they must not become load on the store.
pub(super) fn next_read(last_begun: Option<Duration>, need: Need, now: Duration) -> Duration {
    let earliest = last_begun.and_then(|last| last.checked_add(REREAD_INTERVAL));
    match (need.cause, earliest) {
        (Cause::BadSignature, Some(earliest)) => now.max(earliest),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    const fn need(cause: Cause, since: u64) -> Need {
        Need { since: ms(since), cause }
    }

    #[test]
    fn a_bad_signature_is_answered_by_a_read_that_began_after_the_visit_only() {
        for cause in [Cause::BadSignature, Cause::Fenced] {
            for is_absent in [false, true] {
                assert!(!serves(is_absent, ms(99), need(cause, 100), ms(100)));
                assert!(serves(is_absent, ms(100), need(cause, 100), ms(100)));
            }
            assert!(!is_failed(ms(99), need(cause, 100)));
            assert!(is_failed(ms(100), need(cause, 100)));
        }
    }

    #[test]
    fn a_kept_secret_serves_every_visit_and_an_absence_for_a_second() {
        assert!(serves(false, ms(0), need(Cause::Visit, 1_000_000), ms(1_000_000)));
        assert!(serves(true, ms(0), need(Cause::Visit, 999), ms(999)));
        assert!(!serves(true, ms(0), need(Cause::Visit, 1000), ms(1000)));
        // However long its own read took.
        assert!(serves(true, ms(7), need(Cause::Visit, 7), ms(5000)));
        assert!(is_failed(ms(0), need(Cause::Visit, 100)));
    }

    #[test]
    fn reads_because_of_bad_signatures_are_a_tenth_of_a_second_apart() {
        assert_eq!(next_read(Some(ms(50)), need(Cause::BadSignature, 60), ms(60)), ms(150));
        assert_eq!(next_read(Some(ms(50)), need(Cause::BadSignature, 60), ms(200)), ms(200));
        assert_eq!(next_read(None, need(Cause::BadSignature, 60), ms(60)), ms(60));
        assert_eq!(next_read(Some(ms(50)), need(Cause::Fenced, 60), ms(60)), ms(60));
        assert_eq!(next_read(Some(ms(50)), need(Cause::Visit, 60), ms(60)), ms(60));
    }
}
