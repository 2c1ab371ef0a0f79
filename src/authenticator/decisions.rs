//! The decisions of a visit and of the cache, pure: no lock, no clock, no store. Moments are durations since
//! the cache was made. `tests/model` calls them too.

use std::time::Duration;

/// How long it is known without another look that a bot is unknown or has no secret.
const ABSENCE_KEPT: Duration = Duration::from_secs(1);
/// The time between two reads of a bot's secret because of bad signatures: at most 10 a second.
const REREAD_INTERVAL: Duration = Duration::from_millis(100);

/// How often a visit is tried again because the secret changed during it.
const MAX_ATTEMPTS: u32 = 3;

/// Why a visit needs to know a bot's secret, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Need {
    pub(super) since: Duration,
    pub(super) cause: NeedCause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NeedCause {
    /// The visit begins. Any secret will do: the store refuses one that is no longer current.
    Visit,
    /// The store refused the version that was kept.
    Fenced,
    /// A signature does not match the secret that was kept, which may be an old one.
    BadSignature,
}

impl Need {
    const fn new(cause: NeedCause, since: Duration) -> Self {
        Self { since, cause }
    }
}

/// What a verifier says of the presented token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenVerdict {
    Good,
    BadSignature,
    /// Another rule is broken: no other secret makes the token good.
    Refused,
}

/// What a visit does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Provision the visitor.
    Provision,
    /// Find a secret that serves this need, and verify again.
    Find(Need),
    /// Answer with the verdict.
    Refuse,
    /// Answer that the secret kept changing.
    GiveUp,
}

/// A visit, between its verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Visit {
    pub(super) begun: Duration,
    attempts: u32,
    /// Why the verifier of the last verdict was looked for.
    cause: NeedCause,
}

impl Visit {
    pub(super) fn new(begun: Duration) -> Self {
        Self { begun, attempts: 0, cause: NeedCause::Visit }
    }

    /// Returns the need of a visit to a bot that is not kept.
    pub(super) fn first_need(&self) -> Need {
        Need::new(NeedCause::Visit, self.begun)
    }

    /// Decides what a verdict leads to.
    pub(super) fn judged(&mut self, verdict: TokenVerdict) -> Next {
        match verdict {
            TokenVerdict::BadSignature if self.cause == NeedCause::BadSignature => Next::Refuse,
            _ if self.attempts >= MAX_ATTEMPTS => Next::GiveUp,
            TokenVerdict::Good => Next::Provision,
            // The secret that was kept may be an old one.
            TokenVerdict::BadSignature => Next::Find(self.again(NeedCause::BadSignature, self.begun)),
            TokenVerdict::Refused => Next::Refuse,
        }
    }

    /// Returns the need of a visit when the store has refused its version of the secret at `now`.
    pub(super) fn fenced(&mut self, now: Duration) -> Need {
        self.again(NeedCause::Fenced, now)
    }

    fn again(&mut self, cause: NeedCause, since: Duration) -> Need {
        self.attempts = self.attempts.saturating_add(1);
        self.cause = cause;
        Need::new(cause, since)
    }
}

/// What a need finds in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// What is kept serves it.
    Kept,
    /// A read is under way: to be waited for.
    Wait,
    /// A read is to begin at this moment, which may be later.
    Read(Duration),
}

/// Looks at what is kept, whether it is an absence and when the read began that found it; at when a later
/// read began, or was to begin, that found nothing; and at whether a read is under way.
pub(super) fn look_in_cache(
    kept: Option<(bool, Duration)>,
    in_vain: Option<Duration>,
    is_reading: bool,
    need: Need,
    now: Duration,
) -> Look {
    match kept {
        Some((is_absent, begun)) if serves(is_absent, begun, need, now) => Look::Kept,
        _ if is_reading => Look::Wait,
        _ => Look::Read(next_read(kept.map(|(_, begun)| begun).max(in_vain), need, now)),
    }
}

/// Whether an answer of the store may serve this need. `begun` is when the read began that found it.
pub(super) fn serves(is_absent: bool, begun: Duration, need: Need, now: Duration) -> bool {
    let is_newer = begun >= need.since;
    match need.cause {
        NeedCause::Visit => is_newer || !is_absent || now.saturating_sub(begun) < ABSENCE_KEPT,
        NeedCause::Fenced | NeedCause::BadSignature => is_newer,
    }
}

/// Whether the failure of a read is the answer to this need. A visit shares the failure of the read that it
/// has waited for, or each would wait for one of its own.
pub(super) fn is_failed(begun: Duration, need: Need) -> bool {
    begun >= need.since || need.cause == NeedCause::Visit
}

/// When the next read may begin. Bad signatures come from anyone, so they must not become load on the store.
/// A read that failed counts, and so does one whose visits were all dropped; if that was before it began, the
/// next one takes its place.
fn next_read(last: Option<Duration>, need: Need, now: Duration) -> Duration {
    match (need.cause, last) {
        (NeedCause::BadSignature, Some(last)) if last > now => last,
        (NeedCause::BadSignature, Some(last)) => now.max(last.saturating_add(REREAD_INTERVAL)),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    const fn need(cause: NeedCause, since: u64) -> Need {
        Need { since: ms(since), cause }
    }

    #[test]
    fn a_bad_signature_is_answered_by_a_read_that_began_after_the_visit_only() {
        for cause in [NeedCause::BadSignature, NeedCause::Fenced] {
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
        assert!(serves(false, ms(0), need(NeedCause::Visit, 1_000_000), ms(1_000_000)));
        assert!(serves(true, ms(0), need(NeedCause::Visit, 999), ms(999)));
        assert!(!serves(true, ms(0), need(NeedCause::Visit, 1000), ms(1000)));
        // However long its own read took.
        assert!(serves(true, ms(7), need(NeedCause::Visit, 7), ms(5000)));
        assert!(is_failed(ms(0), need(NeedCause::Visit, 100)));
    }

    #[test]
    fn reads_because_of_bad_signatures_are_a_tenth_of_a_second_apart() {
        assert_eq!(next_read(Some(ms(50)), need(NeedCause::BadSignature, 60), ms(60)), ms(150));
        assert_eq!(next_read(Some(ms(50)), need(NeedCause::BadSignature, 60), ms(200)), ms(200));
        assert_eq!(next_read(None, need(NeedCause::BadSignature, 60), ms(60)), ms(60));
        assert_eq!(next_read(Some(ms(50)), need(NeedCause::Fenced, 60), ms(60)), ms(60));
        assert_eq!(next_read(Some(ms(50)), need(NeedCause::Visit, 60), ms(60)), ms(60));
    }

    #[test]
    fn a_need_takes_what_is_kept_or_waits_or_reads() {
        let bad = need(NeedCause::BadSignature, 60);
        for is_reading in [false, true] {
            assert_eq!(look_in_cache(Some((false, ms(60))), None, is_reading, bad, ms(60)), Look::Kept);
        }
        assert_eq!(look_in_cache(Some((false, ms(59))), None, true, bad, ms(60)), Look::Wait);
        assert_eq!(look_in_cache(Some((false, ms(59))), None, false, bad, ms(60)), Look::Read(ms(159)));
        assert_eq!(look_in_cache(None, None, true, bad, ms(60)), Look::Wait);
        assert_eq!(look_in_cache(None, None, false, bad, ms(60)), Look::Read(ms(60)));
        // A read that failed or was dropped counts too, and one that had not begun leaves its place.
        assert_eq!(
            look_in_cache(Some((false, ms(0))), Some(ms(50)), false, bad, ms(60)),
            Look::Read(ms(150))
        );
        assert_eq!(look_in_cache(None, Some(ms(50)), false, bad, ms(60)), Look::Read(ms(150)));
        assert_eq!(
            look_in_cache(Some((false, ms(0))), Some(ms(100)), false, bad, ms(60)),
            Look::Read(ms(100))
        );
        assert_eq!(
            look_in_cache(None, Some(ms(50)), false, need(NeedCause::Visit, 60), ms(60)),
            Look::Read(ms(60))
        );
    }

    #[test]
    fn a_visit_is_tried_again_three_times() {
        let mut visit = Visit::new(ms(5));
        assert_eq!(visit.first_need(), need(NeedCause::Visit, 5));
        for now in 10..13 {
            assert_eq!(visit.judged(TokenVerdict::Good), Next::Provision);
            assert_eq!(visit.fenced(ms(now)), need(NeedCause::Fenced, now));
        }
        for verdict in [TokenVerdict::Good, TokenVerdict::BadSignature, TokenVerdict::Refused] {
            assert_eq!(visit.judged(verdict), Next::GiveUp);
        }
    }

    #[test]
    fn a_bad_signature_is_final_after_one_read_for_it() {
        let mut visit = Visit::new(ms(5));
        assert_eq!(visit.judged(TokenVerdict::BadSignature), Next::Find(need(NeedCause::BadSignature, 5)));
        let mut other = visit;
        assert_eq!(visit.judged(TokenVerdict::BadSignature), Next::Refuse);
        assert_eq!(other.judged(TokenVerdict::Good), Next::Provision);
        assert_eq!(other.fenced(ms(9)), need(NeedCause::Fenced, 9));
        assert_eq!(other.judged(TokenVerdict::BadSignature), Next::Find(need(NeedCause::BadSignature, 5)));
        assert_eq!(Visit::new(ms(5)).judged(TokenVerdict::Refused), Next::Refuse);
    }
}
