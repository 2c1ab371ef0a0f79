//! Asks the verifier's own rules about one part of a token at a time, in a copy in which everything else is
//! as it should be. So the token rules have one home, and the doctor cannot disagree with them. Nothing is
//! signed for that.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use crate::{
    error::VerifyError,
    id::BotId,
    jwt::{
        claims::{self, Accepted, Expected},
        header,
    },
    verifier,
};

/// The settings of the verifier whose rules are asked.
pub(super) struct Trial {
    expected: Result<Expected, VerifyError>,
    now: i64,
}

impl Trial {
    /// With the verifier's clock skew in seconds and its bot, when the clock says `now`.
    pub(super) fn new(now: OffsetDateTime, skew: i64, bot: Option<BotId>) -> Self {
        let now = now.unix_timestamp();
        Self { expected: verifier::expected(Some(now), skew, bot), now }
    }

    pub(super) const fn now(&self) -> i64 {
        self.now
    }

    pub(super) fn clock_is_out_of_range(&self) -> bool {
        self.expected.is_err()
    }

    /// Rules H1 to H5 on this header.
    pub(super) fn header(header: &[u8]) -> Result<(), VerifyError> {
        header::check_header(URL_SAFE_NO_PAD.encode(header).as_bytes())
    }

    /// Rules P1 to C12 on this payload.
    pub(super) fn payload(&self, payload: &[u8]) -> Result<Accepted, VerifyError> {
        claims::check_claims(payload, self.expected?)
    }
}
