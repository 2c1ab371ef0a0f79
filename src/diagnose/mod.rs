//! Says why a token is refused, to the people who integrate. Pure: a token, what is known about its secret, and the
//! time go in; findings come out, the cause first. The verdict is the verifier's own.
//!
//! A [`Finding`] has a stable code of the catalogue ([`Mistake`]), what was seen, why that fails, and the fix. It quotes
//! the token's header and claims, since whoever asks has pasted them, and it never shows a known secret, in whatever
//! spelling that was pasted. A report is for the owner of the bot: not for the visitor, and not for a log.
//!
//! The doctor looks beneath what the verifier stops at: the token in an `Authorization` header or in JSON, the claims
//! under a signature that does not hold. If the verifier refuses something, its rules are asked again about a copy in
//! which that is fixed, so the token rules have one home.
//!
//! # Who may ask
//!
//! Let only the owner of a bot ask about its tokens, and give the doctor only secrets that the asker may know. Limit the
//! rate, to ten questions a minute for example.
//!
//! A doctor who knows a secret says whether a token was signed with it, or with what a mistake makes of it. So each
//! answer tells an asker whether one guess at a key was right. It tells them nothing step by step: every guess needs at
//! least 60 of the 64 digits, or exactly the first or the last 32. (There is one exception: bytes that were read as text
//! lose digits, but more than 2^90 keys are left.) No text says how many digits fit, and a signature is compared as a
//! whole. Whoever has half of a secret can have that half confirmed, and can go no further.
//!
//! # What it costs
//!
//! A question costs at most 20,000 compressions of SHA-256 (or of another hash), whatever was presented and however many
//! secrets are known: as many as verifying about 4,000 tokens of usual length. If that is not enough to make every
//! guess, because the token is very long or because there are dozens of secrets, the likeliest guesses are made, and the
//! finding says so. All else takes time linear in what was presented, of which 64 KiB are looked at. That is milliseconds,
//! not microseconds: in an async service, ask on a thread for blocking work.
//!
//! What follows is the catalogue, which is also `docs/troubleshooting.md`.
//!
#![doc = include_str!("../../docs/troubleshooting.md")]

mod attempt;
mod change;
mod dates;
mod decoding;
mod exposure;
mod finding;
mod guess;
mod header;
mod known;
mod mac_reading;
mod mistake;
mod object;
mod other_text;
mod payload;
mod people;
mod public_key;
mod remedy;
mod report;
mod segments;
mod shown;
mod signature;
mod spelling;
mod trace;
mod transport;
mod trial;
mod work;

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

/// Says why a token is refused. It knows what [`Verifier`] knows and, where they are given, secrets that the token may
/// have been signed with by mistake.
///
/// ```
/// use boostgpt_sso::{SsoSecret, diagnose::{Doctor, Mistake}};
/// # use boostgpt_sso::{Identity, Signer};
/// # let secret = SsoSecret::generate()?;
/// # let token = Signer::new(&secret).sign(&Identity::new("ada@example.com")?);
///
/// let doctor = Doctor::new().with_secret(secret);
/// let report = doctor.examine(format!("Bearer {token}"));
/// assert_eq!(report.cause().map(|cause| cause.mistake()), Some(Mistake::BearerPrefix));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Doctor {
    secret: Option<SsoSecret>,
    previous: Vec<SsoSecret>,
    others: Vec<(BotId, SsoSecret)>,
    bot: Option<BotId>,
    skew: Option<Duration>,
}

impl Doctor {
    /// A doctor who knows no secret, and so has no verdict, but sees whatever does not depend on one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the bot's current secret.
    #[must_use]
    pub fn with_secret(self, secret: SsoSecret) -> Self {
        Self { secret: Some(secret), ..self }
    }

    /// With a secret that was the bot's before; any number of them.
    #[must_use]
    pub fn with_previous_secret(mut self, secret: SsoSecret) -> Self {
        self.previous.push(secret);
        self
    }

    /// With another bot's secret; any number of them.
    #[must_use]
    pub fn with_other_bot(mut self, bot: BotId, secret: SsoSecret) -> Self {
        self.others.push((bot, secret));
        self
    }

    /// As the verifier of this bot: see [`Verifier::for_bot`].
    #[must_use]
    pub fn for_bot(self, bot: BotId) -> Self {
        Self { bot: Some(bot), ..self }
    }

    /// With another clock skew: see [`Verifier::with_clock_skew`].
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
        let now = OffsetDateTime::from_unix_timestamp(clock::now().unwrap_or(-1));
        let now = now.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        self.examine_at(presented, now)
    }

    /// Examines what was presented as if the clock said `now`, and reads no clock. What that costs is bounded: see
    /// [the module](self#what-it-costs).
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
        let Some(segments) = transport::unwrap(presented, findings) else { return };
        let signed = header::examine(&segments.header, &trial, findings);
        signature::examine(&segments, signed, known, work, findings);
        if !findings.found(Mistake::ClockOutOfRange) {
            payload::examine(&segments.payload, known, &trial, findings);
        }
        exposure::examine(presented, &segments, known, findings);
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::{
        work::{Hash, MAX_COMPRESSIONS},
        *,
    };
    use crate::jwt::MAX_TOKEN_BYTES;

    /// Tokens that are made to cost: long ones, with signatures that are read in several ways, of which none fits.
    fn hostile(size: usize) -> Vec<String> {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let claims = encode(&format!("{{\"email\":\"{}\"}}", "a".repeat(size / 4 * 3)));
        let signatures = [
            encode(&"s".repeat(32)),
            encode(&"s".repeat(48)),
            encode(&"s".repeat(64)),
            "ab".repeat(32),
            format!("-{}", "ab".repeat(31)),
            encode(&encode(&"s".repeat(32))),
            encode(&"é".repeat(32)),
            encode("s".repeat(20).as_str()),
            "=".repeat(43),
            "ab-".repeat(31) + "ab",
        ];
        let headers =
            ["{\"alg\":\"HS256\"}", "{\"alg\":\"RS256\"}", "{}", "{\"alg\":\"HS512\",\"crit\":[],\"typ\":1}"];
        let tokens = headers.iter().flat_map(|header| {
            let claims = &claims;
            signatures.iter().map(move |signature| format!("{}.{claims}==.{signature}", encode(header)))
        });
        let mut tokens: Vec<_> = tokens.collect();
        tokens.push(format!("{}.{}", "a".repeat(size / 2), "b".repeat(size / 2)));
        tokens.push(format!("{}.{}.{}", "A".repeat(size / 3), "A".repeat(size / 3), "A".repeat(size / 3)));
        tokens
    }

    #[test]
    fn a_question_costs_at_most_20_000_compressions() {
        assert_eq!(MAX_COMPRESSIONS, 20_000);
        let secrets: Vec<_> = (0..101).map(|_| SsoSecret::generate().unwrap()).collect();
        let mut most = 0;
        for count in [1, 101] {
            let doctor = secrets
                .iter()
                .skip(1)
                .take(count - 1)
                .fold(Doctor::new().with_secret(secrets[0].clone()), |doctor, secret| {
                    doctor.with_other_bot(BotId::from_bytes([7; 16]), secret.clone())
                });
            for (size, tokens) in [(120, 99), (8000, 3), (60_000, 1)] {
                for token in hostile(size).into_iter().take(tokens) {
                    let (report, work) = doctor.report(token.as_bytes(), OffsetDateTime::UNIX_EPOCH);
                    assert!(!report.is_accepted());
                    most = most.max(work.spent());
                }
            }
        }
        // The verifier's own look at a token: the two halves of the key, the text behind one, its digest behind the other.
        let verdict =
            2 + Hash::Sha256.compressions(64 + MAX_TOKEN_BYTES) - 1 + Hash::Sha256.compressions(64 + 32) - 1;
        // Each of the fingerprints that are tried, and those in the words of findings, are one digest of two blocks.
        let fingerprints = 2 * (2 * 8 + 8);
        assert!(most + verdict + fingerprints <= MAX_COMPRESSIONS, "{most} and {verdict} and {fingerprints}");
        assert!(most > MAX_COMPRESSIONS * 9 / 10, "{most}: nothing here comes near the bound");
    }

    /// So what `work` counts is all there is, but for the verdict and the fingerprints.
    #[test]
    fn nothing_is_hashed_behind_the_back_of_the_count() {
        let mut files = 0;
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnose")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let counted = path.ends_with("work.rs") || path.ends_with("diagnose/mod.rs");
                for word in ["sha2::", "sha1::", "md5::", "hmac::", "hs256", "Verifier::new", "Signer"] {
                    assert!(counted || !text.contains(word), "{} names {word}", path.display());
                }
                files += 1;
            }
        }
        assert!(files > 20);
    }
}
