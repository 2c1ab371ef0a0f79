//! How often the owner of the agent may ask the doctor.

use std::sync::{Mutex, PoisonError};

use boostgpt_sso::time::{Duration, OffsetDateTime};

/// The checks of one agent within a minute.
pub(super) const MAX_CHECKS: usize = 10;

/// When the latest checks were made.
#[derive(Default)]
pub(super) struct CheckLimit(Mutex<Vec<OffsetDateTime>>);

impl CheckLimit {
    /// Counts another check, or returns how long the owner has to wait for it.
    pub(super) fn count(&self, now: OffsetDateTime) -> Result<(), Duration> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.retain(|at| now - *at < Duration::MINUTE);
        match latest.first() {
            Some(first) if latest.len() >= MAX_CHECKS => Err(*first + Duration::MINUTE - now),
            _ => {
                latest.push(now);
                Ok(())
            }
        }
    }
}
