//! The dates of a token: rules C2 to C7. What the verifier refuses is named here and repaired in the copy
//! that it is asked about next, as far as possible without hiding what else is wrong.

use time::OffsetDateTime;

use super::{
    finding::Findings,
    mistake::Mistake,
    object::Object,
    units::Scale,
    written::{self, Written},
    zone::{MAX_DELAY, POSSIBLE_ZONE, is_zone, span, too_long_because, zone_note},
};
use crate::{
    json::{self, Kind},
    jwt::{
        claims::MAX_LIFETIME,
        numeric_date::{self, MAX_NUMERIC_DATE, Round},
    },
    verifier::MAX_SKEW,
};

/// What `exp` becomes if it has to be made up.
const TRIAL_LIFETIME: i64 = 1800;

/// An `exp` up to here, a year after 1970, is a duration.
const MAX_DURATION: i64 = 366 * 86_400;

/// An `exp` that is a whole number of hours, in seconds or milliseconds, is one up to here, the year 2000.
const MAX_DURATION_IN_HOURS: i64 = 946_684_800;

/// A lifetime up to here is over before a slow page has used the token.
const SHORT: i64 = 90;

/// A lifetime up to here is over before any page has used the token.
const SHORTEST: i64 = 10;

/// The claims that are dates.
const DATES: [&str; 3] = ["exp", "iat", "nbf"];

/// Returns the seconds since 1970 of a claim that is a valid date.
fn date_of_claim(claims: &Object, name: &str) -> Option<i64> {
    let raw = claims.get(name).filter(|raw| json::kind(raw) == Kind::Number)?;
    numeric_date::parse(raw, if name == "exp" { Round::Down } else { Round::Up })
}

/// Returns the number that a claim is, if it is one.
fn number_of_claim(claims: &Object, name: &str) -> Option<f64> {
    claims.get(name).filter(|raw| json::kind(raw) == Kind::Number)?.parse().ok()
}

/// The same second as a number with a fraction. Every date of rule C3 is exact.
fn float(seconds: i64) -> f64 {
    seconds.to_string().parse().unwrap_or(0.0)
}

fn set(claims: &mut Object, name: &str, date: Option<i64>) {
    claims.set(name, date.map(|date| date.to_string()).as_deref());
}

/// A good `exp` beside whatever `iat` there is. An `iat` that is merely old goes, since nothing is wrong with
/// it.
pub(super) fn repair_exp(claims: &mut Object, now: i64) {
    let iat = date_of_claim(claims, "iat");
    if iat.is_some_and(|iat| iat <= now.saturating_sub(MAX_LIFETIME)) {
        set(claims, "iat", None);
    }
    let from = iat.filter(|iat| *iat > now).unwrap_or(now);
    let lifetime = if iat.is_some_and(|iat| iat < now) { 1 } else { TRIAL_LIFETIME };
    set(claims, "exp", Some(from.saturating_add(lifetime).min(MAX_NUMERIC_DATE)));
}

/// Moves a token that lives for `lifetime` to now. An `nbf` that is no later than `iat` goes with it.
fn move_to_now(claims: &mut Object, now: i64, lifetime: i64) {
    if let (Some(nbf), Some(iat)) = (date_of_claim(claims, "nbf"), date_of_claim(claims, "iat"))
        && nbf <= iat.saturating_add(MAX_DELAY)
    {
        set(claims, "nbf", Some(now));
    }
    set(claims, "exp", Some(now.saturating_add(lifetime).min(MAX_NUMERIC_DATE)));
    set(claims, "iat", Some(now));
}

/// Names the scale by which one of these claims is a date, if it is not seconds since 1970, and converts all
/// dates of that scale. Returns whether there is one.
fn convert(claims: &mut Object, causes: &[&str], now: i64, findings: &mut Findings<'_>) -> bool {
    let scale = |name| Some((name, Scale::of(number_of_claim(claims, name)?, float(now))?));
    let Some((cause, first)) = causes.iter().find_map(|name| scale(*name)) else { return false };
    let all: Vec<_> = DATES.into_iter().filter_map(scale).filter(|(_, scale)| *scale == first).collect();
    let mut seen = Vec::new();
    for (name, scale) in all {
        let raw = claims.get(name).unwrap_or_default().to_owned();
        let seconds = number_of_claim(claims, name).and_then(|number| scale.seconds(number)).unwrap_or(now);
        seen.push(format!("{name} is {raw}: as {} that is {}", scale.words, utc_text(seconds)));
        set(claims, name, Some(seconds));
    }
    // In units of minutes and more a date is rounded, and what comes of that is no other mistake.
    if first.is_coarse() && scale_is_rounded(claims, now) {
        if seen.len() > 1 {
            set(claims, "iat", Some(now));
        }
        repair_exp(claims, now);
    }
    let mistake = match (first.mistake, cause) {
        (Mistake::ExpMilliseconds, "iat") => Mistake::IatMilliseconds,
        (Mistake::ExpMilliseconds, "nbf") => Mistake::NbfInvalid,
        (mistake, _) => mistake,
    };
    findings.refused(mistake, seen.join("; "));
    true
}

/// Whether the lifetime is one that rounding may have made.
fn scale_is_rounded(claims: &Object, now: i64) -> bool {
    let Some(exp) = date_of_claim(claims, "exp") else { return false };
    let from = date_of_claim(claims, "iat").unwrap_or(now);
    exp <= now || exp <= from || exp.saturating_sub(from) > MAX_LIFETIME
}

/// The digits of a calendar date in the place of a date.
fn claim_is_calendar_date(claims: &Object, name: &str, now: i64) -> bool {
    claims.get(name).is_some_and(|raw| written::is_calendar_date(raw, now))
}

/// An `exp` that is no date.
pub(super) fn exp_invalid(claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    if convert(claims, &["exp"], now, findings) {
        return;
    }
    let raw = claims.get("exp").unwrap_or_default().to_owned();
    let Some(text) = json::string(&raw) else {
        let is_date = claim_is_calendar_date(claims, "exp", now) || written::is_object(&raw);
        let mistake = if is_date { Mistake::ExpIsoDate } else { Mistake::ExpInvalid };
        findings.refused(mistake, format!("exp is `{raw}`"));
        return repair_exp(claims, now);
    };
    let seen = format!("exp is the string `{}`", raw.trim_matches('"'));
    match written::read_date(&text) {
        Written::Number(number) if number.len() > 8 => {
            findings.refused(Mistake::ExpText, seen);
            return claims.set("exp", Some(&number));
        }
        Written::Number(_) | Written::Duration => findings.refused(Mistake::ExpDuration, seen),
        Written::Date => findings.refused(Mistake::ExpIsoDate, seen),
        Written::Missing => findings.refused(Mistake::ExpInvalid, seen),
        Written::Text => findings.refused(Mistake::ExpText, seen),
    }
    repair_exp(claims, now);
}

/// An `iat` or `nbf` that is no date.
pub(super) fn other_invalid(name: &str, claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    if convert(claims, &[name], now, findings) {
        return;
    }
    let mistake = if name == "iat" { Mistake::IatInvalid } else { Mistake::NbfInvalid };
    let raw = claims.get(name).unwrap_or_default().to_owned();
    findings.refused(mistake, format!("{name} is `{raw}`"));
    let number = json::string(&raw).and_then(|text| match written::read_date(&text) {
        Written::Number(number) => Some(number),
        _ => None,
    });
    claims.set(name, number.as_deref());
}

/// C4.
pub(super) fn expired(claims: &mut Object, exp: i64, now: i64, findings: &mut Findings<'_>) {
    if convert(claims, &["exp"], now, findings) {
        return;
    }
    let ago = now.saturating_sub(exp);
    let seen = format!("exp is {}, {} ago", utc_text(exp), span(ago));
    let raw = claims.get("exp").unwrap_or_default();
    if claim_is_calendar_date(claims, "exp", now) {
        findings.refused(Mistake::ExpIsoDate, format!("exp is {raw}, the digits of a calendar date"));
        return repair_exp(claims, now);
    }
    if exp <= MAX_DURATION || (exp < MAX_DURATION_IN_HOURS && exp.rem_euclid(3600) == 0) {
        let mistake = if exp == 0 { Mistake::ExpInvalid } else { Mistake::ExpDuration };
        findings.refused(mistake, format!("exp is {raw}, which as a date is {}", utc_text(exp)));
        return repair_exp(claims, now);
    }
    match date_of_claim(claims, "iat") {
        Some(iat) if exp <= iat => {
            let is_exchanged = ago <= MAX_DELAY && iat > now && iat.saturating_sub(exp) <= MAX_LIFETIME;
            let hint = if is_exchanged { ": perhaps the two were exchanged" } else { "" };
            findings.refused(Mistake::ExpNotAfterIat, format!("{seen}; iat is {}{hint}", utc_text(iat)));
            if is_exchanged {
                set(claims, "iat", None);
            }
            repair_exp(claims, now);
        }
        Some(iat) => {
            let lifetime = exp.saturating_sub(iat);
            let issued = now.saturating_sub(iat);
            // A token that is old was not used in its time, unless that was too short for anyone.
            let is_recent = issued <= SHORT.saturating_add(MAX_DELAY);
            if lifetime <= SHORTEST || (lifetime <= SHORT && is_recent) {
                let seen = format!("{seen}; iat is {}, so it lived for {}", utc_text(iat), span(lifetime));
                findings.refused(Mistake::LifetimeShort, seen);
            } else {
                let zone = zone_note(issued, "just been signed");
                let seen =
                    format!("{seen}; issued at {}, {} ago by this clock{zone}", utc_text(iat), span(issued));
                findings.refused(Mistake::Expired, seen);
            }
            move_to_now(claims, now, lifetime);
        }
        None => {
            findings.refused(
                Mistake::Expired,
                format!("{seen}{}", zone_note(ago, "just been signed for an hour")),
            );
            repair_exp(claims, now);
        }
    }
}

/// C5.
pub(super) fn issued_in_future(claims: &mut Object, iat: i64, now: i64, findings: &mut Findings<'_>) {
    if convert(claims, &["iat"], now, findings) {
        return;
    }
    let ahead = iat.saturating_sub(now);
    let mistake = if is_zone(ahead) { Mistake::LocalTime } else { Mistake::ClockAhead };
    findings.refused(mistake, format!("iat is {}, {} ahead", utc_text(iat), span(ahead)));
    let lifetime = date_of_claim(claims, "exp").map_or(TRIAL_LIFETIME, |exp| exp.saturating_sub(iat));
    // An `exp` that is right by the other clock stays as it is.
    if mistake == Mistake::LocalTime && date_of_claim(claims, "exp").is_some_and(|exp| exp <= iat) {
        return set(claims, "iat", Some(now));
    }
    move_to_now(claims, now, lifetime.max(1));
}

/// C6.
pub(super) fn not_yet_valid(claims: &mut Object, nbf: i64, now: i64, findings: &mut Findings<'_>) {
    if convert(claims, &["nbf"], now, findings) {
        return;
    }
    let ahead = nbf.saturating_sub(now);
    let zone = if is_zone(ahead) { POSSIBLE_ZONE } else { "" };
    findings.refused(Mistake::NotBefore, format!("nbf is {}, {} ahead{zone}", utc_text(nbf), span(ahead)));
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
    if convert(claims, &["exp", "iat"], now, findings) {
        return;
    }
    for (name, mistake) in [("exp", Mistake::ExpIsoDate), ("iat", Mistake::IatInvalid)] {
        if claim_is_calendar_date(claims, name, now) {
            let raw = claims.get(name).unwrap_or_default();
            findings.refused(mistake, format!("{name} is {raw}, the digits of a calendar date"));
            set(claims, name, None);
            return repair_exp(claims, now);
        }
    }
    let [exp, iat] = ["exp", "iat"].map(|name| date_of_claim(claims, name));
    if let Some(iat) = iat.filter(|iat| *iat <= MAX_DURATION) {
        let raw = claims.get("iat").unwrap_or_default();
        findings.refused(Mistake::IatInvalid, format!("iat is {raw}, which as a date is {}", utc_text(iat)));
    } else if lifetime <= 0 {
        let [exp, iat] = [exp, iat].map(|date| utc_text(date.unwrap_or(now)));
        findings.refused(Mistake::ExpNotAfterIat, format!("exp is {exp}, iat is {iat}"));
    } else {
        let from = iat.filter(|iat| exp == lifetime.checked_add(*iat)).map_or("now", |_| "iat");
        let over = lifetime.saturating_sub(limit);
        let hint = too_long_because(lifetime, iat.map_or(0, |iat| now.saturating_sub(iat)));
        let [lifetime, over] = [lifetime, over].map(span);
        let seen = format!("from {from} to exp it is {lifetime}, which is {over} more than allowed{hint}");
        findings.refused(Mistake::LifetimeTooLong, seen);
    }
    set(claims, "iat", None);
    repair_exp(claims, now);
}

/// What the allowed clock skew and the limits of a lifetime hide.
pub(super) fn advise_on_dates(claims: &Object, now: i64, findings: &mut Findings<'_>) {
    let [exp, iat] = ["exp", "iat"].map(|name| date_of_claim(claims, name));
    let ahead = iat.map_or(0, |iat| iat.saturating_sub(now));
    if (2..=MAX_SKEW).contains(&ahead)
        && !findings.found(Mistake::ClockAhead)
        && !findings.found(Mistake::LocalTime)
    {
        findings.advise(Mistake::ClockAhead, format!("iat is {} ahead", span(ahead)));
    }
    let Some(exp) = exp.filter(|exp| *exp > now) else { return };
    let lifetime = iat.map(|iat| exp.saturating_sub(iat));
    match lifetime {
        Some(lifetime) if (1..=SHORT).contains(&lifetime) => {
            findings.advise(Mistake::LifetimeShort, format!("exp is {} after iat", span(lifetime)));
        }
        Some(MAX_LIFETIME) if !findings.has_refusals() && !is_written_by_a_library(claims) => {
            findings.advise(Mistake::LifetimeAtLimit, "exp is exactly 3600 s after iat");
        }
        None if exp.saturating_sub(now) > MAX_LIFETIME && !findings.has_refusals() => {
            let ahead = span(exp.saturating_sub(now));
            findings.advise(
                Mistake::LifetimeAtLimit,
                format!("exp is {ahead} ahead, and only the clock skew allows it"),
            );
        }
        _ => {}
    }
}

/// Returns whether the dates are as libraries write them that take one time for both: `iat`, then `exp`, in
/// whole seconds.
fn is_written_by_a_library(claims: &Object) -> bool {
    let dates: Vec<_> = claims.members().filter(|(name, _)| DATES.contains(name)).collect();
    let place = |wanted: &str| dates.iter().position(|(name, _)| *name == wanted);
    place("iat") < place("exp") && dates.iter().all(|(_, raw)| raw.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A moment as people write it.
fn utc_text(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| seconds.to_string(),
        |moment| {
            let (hour, minute, second) = moment.to_hms();
            format!("{} {hour:02}:{minute:02}:{second:02} UTC", moment.date())
        },
    )
}
