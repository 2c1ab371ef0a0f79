//! The one clock of the library.

#[cfg(feature = "store")]
use std::time::Instant;
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(any(feature = "store", feature = "diagnose"))]
use time::{Duration, OffsetDateTime};

/// Returns the system's time in whole seconds since 1970; `None` if its clock is before that.
pub(crate) fn now() -> Option<i64> {
    seconds_since_1970(SystemTime::now())
}

/// Returns the system's time. A clock before 1970 or after 9999 gives a second before 1970, at which no token
/// is valid.
#[cfg(any(feature = "store", feature = "diagnose"))]
pub(crate) fn now_utc() -> OffsetDateTime {
    let out_of_range = OffsetDateTime::UNIX_EPOCH.saturating_sub(Duration::SECOND);
    now().and_then(|now| OffsetDateTime::from_unix_timestamp(now).ok()).unwrap_or(out_of_range)
}

/// Returns the milliseconds since 1970, for a new id; 0 if the system's clock is before that.
#[cfg(feature = "store")]
pub(crate) fn milliseconds() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

/// Measures the time since it was started. The system's clock may be set meanwhile.
#[cfg(feature = "store")]
pub(crate) struct Stopwatch(Instant);

#[cfg(feature = "store")]
impl Stopwatch {
    /// Starts measuring.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// Waits for this long, under every executor.
#[cfg(feature = "store")]
pub(crate) async fn pause(time: std::time::Duration) {
    futures_timer::Delay::new(time).await;
}

fn seconds_since_1970(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_is_none() {
        let before = UNIX_EPOCH.checked_sub(std::time::Duration::from_secs(1)).unwrap();
        assert_eq!(seconds_since_1970(before), None);
        assert_eq!(seconds_since_1970(UNIX_EPOCH), Some(0));
    }
}
