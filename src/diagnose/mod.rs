//! Says why a token is refused, to the people who integrate: the cause first, then what else was found. The
//! verdict is the verifier's own.
//!
//! ```
//! use boostgpt_sso::{SsoSecret, diagnose::{Doctor, Mistake}};
//! # use boostgpt_sso::{Identity, Signer};
//! # let secret = SsoSecret::generate()?;
//! # let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);
//!
//! let doctor = Doctor::new().with_secret(secret);
//! let report = doctor.examine(format!("Bearer {token}"));
//! assert_eq!(report.cause().map(|cause| cause.mistake()), Some(Mistake::BearerPrefix));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Finding`] has a stable code of the catalogue ([`Mistake`]), what was seen, why that fails, and the
//! fix. It quotes the token's header and claims, since the person who asks has pasted them, and it never
//! shows a known secret, in whatever spelling that was pasted. A report is for the owner of the bot: not for
//! the visitor, and not for a log.
//!
//! The doctor looks further than the verifier, which stops at the first broken rule: at the token in an
//! `Authorization` header or in JSON, and at the claims under a signature that does not hold. If the verifier
//! refuses something, its rules are asked again about a copy in which that is fixed, so the token rules have
//! one home.
//!
//! # Who may ask
//!
//! Let only the owner of a bot ask about its tokens, and give the doctor only secrets that the asker may
//! know. Limit the rate, to ten questions a minute for example.
//!
//! A doctor that knows a secret says whether a token was signed with it, or with a key that a common mistake
//! makes of it.
//! So each answer tells an asker whether one guess at a key was right. It tells them nothing step by step:
//! every guess needs at least 60 of the 64 digits, or exactly the first or the last 32. (There is one
//! exception: bytes that were read as text lose digits, but more than 2^90 keys are left.) No text says how
//! many digits fit, and a signature is compared as a whole. An asker who has half of a secret can have that
//! half confirmed, and can go no further.
//!
//! The doctor is not constant time. It searches what was presented for the secrets, tries other keys and
//! quotes what it finds, so how long an answer takes depends on the secrets. The rate limit bounds what that
//! can tell.
//!
//! # What it costs
//!
//! A question costs at most 20,000 compressions of SHA-256 (or of another hash), whatever was presented and
//! however many secrets are known: as many as verifying about 4,000 tokens of usual length. If that is not
//! enough to make every guess, which depends on the length of the token and on the number of secrets, the
//! likeliest guesses are made, and the finding says so. All else takes time linear in what was presented, of
//! which 64 KiB are looked at. That is milliseconds, not microseconds: in an async service, ask on a thread
//! for blocking work.
//!
//! What follows is the catalogue, which is also `docs/troubleshooting.md`.
//!
#![doc = include_str!("../../docs/troubleshooting.md")]

mod address;
mod advice;
mod attempt;
mod bytes;
mod change;
mod dates;
mod decoding;
mod encoded;
mod exposure;
mod failure;
mod fault;
mod finding;
mod guess;
mod header;
mod joined;
mod known;
mod mac_reading;
mod mistake;
mod names;
mod object;
mod other_text;
mod other_token;
mod payload;
mod people;
mod place;
mod printed;
mod public_key;
mod remedy;
mod report;
mod search;
mod segments;
mod shown;
mod signature;
mod spelling;
mod template;
mod token_in_json;
mod trace;
mod transport;
mod trial;
mod units;
mod vocabulary;
mod work;
mod wrapping;
mod written;
mod zone;

use time::{Duration, OffsetDateTime};

use self::{finding::Findings, known::Known, shown::Masks, trace::Traces, trial::Trial, work::Work};
pub use self::{
    finding::{Finding, Severity},
    mistake::{Group, Mistake},
    report::{Report, Verdict},
};
use crate::{
    clock,
    error::ConfigError,
    id::BotId,
    secret::SsoSecret,
    verifier::{self, DEFAULT_SKEW, Verifier},
};

/// Says why a token is refused: see the example of [the module](self). It knows what [`Verifier`] knows and,
/// if they are given, secrets that the token may have been signed with by mistake.
#[derive(Debug, Clone, Default)]
pub struct Doctor {
    secret: Option<SsoSecret>,
    previous: Vec<SsoSecret>,
    others: Vec<(BotId, SsoSecret)>,
    bot: Option<BotId>,
    skew: Option<Duration>,
}

impl Doctor {
    /// Makes a doctor who knows no secret, and so has no verdict, but sees whatever does not depend on one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the doctor the bot's current secret.
    #[must_use]
    pub fn with_secret(self, secret: SsoSecret) -> Self {
        Self { secret: Some(secret), ..self }
    }

    /// Gives the doctor a secret that was the bot's before; it takes any number of them.
    #[must_use]
    pub fn with_previous_secret(mut self, secret: SsoSecret) -> Self {
        self.previous.push(secret);
        self
    }

    /// Gives the doctor another bot's secret; it takes any number of them.
    #[must_use]
    pub fn with_other_bot(mut self, bot: BotId, secret: SsoSecret) -> Self {
        self.others.push((bot, secret));
        self
    }

    /// Makes the doctor judge as the verifier of this bot does: see [`Verifier::for_bot`].
    #[must_use]
    pub fn for_bot(self, bot: BotId) -> Self {
        Self { bot: Some(bot), ..self }
    }

    /// Sets another clock skew: see [`Verifier::with_clock_skew`].
    ///
    /// # Errors
    /// [`ConfigError::ClockSkewOutOfRange`].
    pub fn with_clock_skew(self, skew: Duration) -> Result<Self, ConfigError> {
        verifier::checked_skew(skew)?;
        Ok(Self { skew: Some(skew), ..self })
    }

    /// Examines what was presented, by the system's clock.
    #[must_use]
    pub fn examine(&self, presented: impl AsRef<[u8]>) -> Report {
        self.examine_at(presented, clock::now_utc())
    }

    /// Examines what was presented as if the clock said `now`, and reads no clock. What that costs is
    /// bounded: see [the module](self#what-it-costs).
    #[must_use]
    pub fn examine_at(&self, presented: impl AsRef<[u8]>, now: OffsetDateTime) -> Report {
        self.report(presented.as_ref(), now).0
    }

    /// The report, and what is left of the work that it may cost.
    fn report(&self, presented: &[u8], now: OffsetDateTime) -> (Report, Work) {
        let verdict = match &self.secret {
            None => Verdict::Unknown,
            Some(secret) => match self.verifier(secret).verify_at(presented, now) {
                Ok(_) => Verdict::Accepted,
                Err(reason) => Verdict::Refused(reason),
            },
        };
        let known = Known {
            current: self.secret.as_ref(),
            previous: &self.previous,
            others: &self.others,
            bot: self.bot,
        };
        let masks = Masks::new(Traces::new(known.secrets().map(|known| known.secret)));
        let mut findings = Findings::new(&masks);
        let work = Work::new();
        self.look(presented, now, &known, &work, &mut findings);
        (Report::new(verdict, findings), work)
    }

    /// The verifier that these settings make.
    fn verifier(&self, secret: &SsoSecret) -> Verifier {
        let mut verifier = Verifier::new(secret);
        if let Some(skew) = self.skew {
            verifier = verifier.clone().with_clock_skew(skew).unwrap_or(verifier); // checked when it was set
        }
        if let Some(bot) = self.bot {
            verifier = verifier.for_bot(bot);
        }
        verifier
    }

    fn look(
        &self,
        presented: &[u8],
        now: OffsetDateTime,
        known: &Known<'_>,
        work: &Work,
        findings: &mut Findings<'_>,
    ) {
        let skew = self.skew.map_or(DEFAULT_SKEW, Duration::whole_seconds);
        let trial = Trial::new(now, skew, self.bot);
        if trial.clock_is_out_of_range() {
            findings.refused(Mistake::ClockOutOfRange, format!("it is {now}"));
        }
        if let Some(secret) = exposure::pasted(presented, known, findings) {
            findings.refused(Mistake::SecretPasted, secret);
            return;
        }
        let Some(segments) = transport::unwrap(presented, known, work, findings) else { return };
        let is_hs256 = || signature::is_right(&segments, known, work);
        let (signed, header) = header::examine_header(&segments.header, is_hs256, findings);
        signature::examine_signature(&segments, signed, known, work, findings);
        if !findings.found(Mistake::ClockOutOfRange) {
            payload::examine_payload(&segments.payload, header, known, &trial, findings);
        }
        exposure::find_exposures(presented, &segments, known, findings);
    }
}

#[cfg(test)]
mod tests;
