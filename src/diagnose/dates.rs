//! The dates of a token: rules C2 to C7. What the verifier refuses is named here and mended in the copy that it is
//! asked about next, as far as possible without hiding what else is wrong.

use time::OffsetDateTime;

use super::{finding::Findings, mistake::Mistake, object::Object};
use crate::{
    json::{self, Kind},
    jwt::{
        claims::MAX_LIFETIME,
        numeric_date::{self, LATEST, Round},
    },
};

/// What `exp` becomes where it has to be made up.
const TRIAL_LIFETIME: i64 = 1800;

/// An `exp` up to here, a year after 1970, is a duration.
const LONGEST_DURATION: i64 = 366 * 86_400;

/// How far a clock that runs by another time zone may be off besides.
const ZONE_TOLERANCE: i64 = 90;

/// Seconds since 1970 of a claim that is a valid date.
fn date(claims: &Object, name: &str) -> Option<i64> {
    let raw = claims.get(name).filter(|raw| json::kind(raw) == Kind::Number)?;
    numeric_date::parse(raw, if name == "exp" { Round::Down } else { Round::Up })
}

fn set(claims: &mut Object, name: &str, date: Option<i64>) {
    claims.set(name, date.map(|date| date.to_string()).as_deref());
}

/// A good `exp` beside whatever `iat` there is. An `iat` that is merely old goes, since nothing is wrong with it.
pub(super) fn mend_exp(claims: &mut Object, now: i64) {
    let iat = date(claims, "iat");
    if iat.is_some_and(|iat| iat <= now.saturating_sub(MAX_LIFETIME)) {
        set(claims, "iat", None);
    }
    let from = iat.filter(|iat| *iat > now).unwrap_or(now);
    let lifetime = if iat.is_some_and(|iat| iat < now) { 1 } else { TRIAL_LIFETIME };
    set(claims, "exp", Some(from.saturating_add(lifetime).min(LATEST)));
}

/// Moves a token that lives for `lifetime` to now.
fn move_to_now(claims: &mut Object, now: i64, lifetime: i64) {
    set(claims, "exp", Some(now.saturating_add(lifetime).min(LATEST)));
    set(claims, "iat", Some(now));
}

/// An `exp` that is no date.
pub(super) fn exp_invalid(claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    let raw = claims.get("exp").unwrap_or_default();
    let (mistake, what) = match json::string(raw) {
        Some(text) => (written(&text), "exp is the string"),
        None if is_finer_than_seconds(raw) => (Mistake::ExpMilliseconds, "exp is"),
        None => (Mistake::ExpInvalid, "exp is"),
    };
    findings.refused(mistake, format!("{what} `{}`", raw.trim_matches('"')));
    mend_exp(claims, now);
}

/// Which mistake an `exp` in quotation marks is.
fn written(text: &str) -> Mistake {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.strip_prefix(digits).unwrap_or_default().trim();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return if unit.is_empty() { Mistake::ExpText } else { Mistake::ExpDuration };
    }
    let is_date = text.len() >= 8 && text.bytes().filter(u8::is_ascii_digit).count() >= 6;
    if is_date { Mistake::ExpIsoDate } else { Mistake::ExpText }
}

/// A number too large for seconds. No date before the year 5000 in seconds has as many digits.
pub(super) fn is_finer_than_seconds(raw: &str) -> bool {
    json::kind(raw) == Kind::Number && raw.parse::<f64>().is_ok_and(|number| number >= 1e11)
}

/// An `iat` that is no date.
pub(super) fn iat_invalid(claims: &mut Object, findings: &mut Findings<'_>) {
    let raw = claims.get("iat").unwrap_or_default();
    let mistake = if is_finer_than_seconds(raw) { Mistake::IatMilliseconds } else { Mistake::IatInvalid };
    findings.refused(mistake, format!("iat is `{raw}`"));
    claims.set("iat", None);
}

/// C4.
pub(super) fn expired(claims: &mut Object, exp: i64, now: i64, findings: &mut Findings<'_>) {
    let iat = date(claims, "iat");
    let seen = format!("exp is {}, {} ago", shown(exp), span(now.saturating_sub(exp)));
    if exp <= LONGEST_DURATION {
        findings.refused(Mistake::ExpDuration, format!("exp is {exp}, which as a date is {}", shown(exp)));
        mend_exp(claims, now);
        return;
    }
    match iat {
        Some(iat) if exp <= iat => {
            findings.refused(Mistake::ExpNotAfterIat, format!("{seen}; iat is {}", shown(iat)));
            mend_exp(claims, now);
        }
        Some(iat) => {
            let issued = span(now.saturating_sub(iat));
            let seen = format!("{seen}; issued at {}, {issued} ago by this clock", shown(iat));
            findings.refused(Mistake::Expired, seen);
            move_to_now(claims, now, exp.saturating_sub(iat));
        }
        None => {
            findings.refused(Mistake::Expired, seen);
            mend_exp(claims, now);
        }
    }
}

/// C5.
pub(super) fn issued_in_future(claims: &mut Object, iat: i64, now: i64, findings: &mut Findings<'_>) {
    let ahead = iat.saturating_sub(now);
    let off = ahead.saturating_add(ZONE_TOLERANCE).rem_euclid(1800);
    let is_zone =
        (1800 - ZONE_TOLERANCE..=14 * 3600 + ZONE_TOLERANCE).contains(&ahead) && off <= 2 * ZONE_TOLERANCE;
    let mistake = if is_zone { Mistake::LocalTime } else { Mistake::ClockAhead };
    findings.refused(mistake, format!("iat is {}, {} ahead", shown(iat), span(ahead)));
    let lifetime = date(claims, "exp").map_or(TRIAL_LIFETIME, |exp| exp.saturating_sub(iat));
    move_to_now(claims, now, lifetime.max(1));
}

/// C6.
pub(super) fn not_yet_valid(claims: &mut Object, nbf: i64, now: i64, findings: &mut Findings<'_>) {
    let seen = format!("nbf is {}, {} ahead", shown(nbf), span(nbf.saturating_sub(now)));
    findings.refused(Mistake::NotBefore, seen);
    claims.set("nbf", None);
}

/// C7.
pub(super) fn lifetime(
    claims: &mut Object,
    lifetime: i64,
    limit: i64,
    now: i64,
    findings: &mut Findings<'_>,
) {
    let [exp, iat] = ["exp", "iat"].map(|name| date(claims, name));
    if lifetime <= 0 {
        let [exp, iat] = [exp, iat].map(|date| shown(date.unwrap_or(now)));
        findings.refused(Mistake::ExpNotAfterIat, format!("exp is {exp}, iat is {iat}"));
    } else {
        let over = span(lifetime.saturating_sub(limit));
        let from = iat.filter(|iat| exp == lifetime.checked_add(*iat)).map_or("now", |_| "iat");
        let seen = format!("from {from} to exp it is {}, {over} more than allowed", span(lifetime));
        findings.refused(Mistake::LifetimeTooLong, seen);
    }
    claims.set("iat", None);
    mend_exp(claims, now);
}

/// What the allowed clock skew hides.
pub(super) fn advise(claims: &Object, now: i64, findings: &mut Findings<'_>) {
    let ahead = date(claims, "iat").map_or(0, |iat| iat.saturating_sub(now));
    if ahead > 1 && !findings.found(Mistake::ClockAhead) && !findings.found(Mistake::LocalTime) {
        findings.advise(Mistake::ClockAhead, format!("iat is {} ahead", span(ahead)));
    }
}

/// A moment as people write it.
fn shown(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| seconds.to_string(),
        |moment| {
            let (hour, minute, second) = moment.to_hms();
            format!("{} {hour:02}:{minute:02}:{second:02} UTC", moment.date())
        },
    )
}

/// A duration, in its two largest units.
fn span(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let mut left = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (name, unit) in units {
        let count = left.checked_div(unit).unwrap_or(0);
        left = left.checked_rem(unit).unwrap_or(0);
        if count > 0 {
            parts.push(format!("{count} {name}"));
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}
