//! What may be said of the time zone of a clock, by how far a date is ahead and how long a token lives.

use crate::jwt::claims::MAX_LIFETIME;

/// A quarter of an hour: every time zone is a whole number of them.
const QUARTER: i64 = 900;

/// Lifetimes that people choose, in seconds.
const USUAL: &[i64] = &[3600, 3300, 900, 600, 1800, 60, 300];

/// How long ago a token may have been signed that is taken for a fresh one.
pub(super) const MAX_DELAY: i64 = 120;

/// Says what a lifetime of more than an hour may come from.
pub(super) fn too_long_because(lifetime: i64, age: i64) -> String {
    let over = lifetime.saturating_sub(MAX_LIFETIME);
    let thousandth = lifetime.checked_div(1000).filter(|usual| USUAL.contains(usual));
    if over <= 2 {
        "; the two were rounded apart, or read from the clock one after the other".to_owned()
    } else if let Some(thousandth) = thousandth.filter(|_| lifetime.rem_euclid(1000) == 0) {
        format!("; it is 1000 times {}, as if milliseconds were given as seconds", span(thousandth))
    } else if let Some((usual, zone)) = usual_and_zone(lifetime) {
        let [usual, zone] = [usual, zone].map(span);
        format!("; it is about {usual} and {zone}: perhaps local time was taken for UTC")
    } else if is_zone(age.saturating_sub(MAX_DELAY)) {
        format!("; iat is about {} ago: perhaps local time was taken for UTC", quarters(age))
    } else {
        String::new()
    }
}

/// A usual lifetime and the whole or half hours of a time zone that a lifetime is the sum of. Whole hours are
/// a lifetime by themselves. Without `iat` it is counted from now, up to two minutes after signing.
fn usual_and_zone(lifetime: i64) -> Option<(i64, i64)> {
    let zones = |usual: i64, unit: i64| {
        let zone = lifetime.saturating_sub(usual).saturating_add(MAX_DELAY);
        let whole = zone.saturating_sub(zone.rem_euclid(unit));
        let is_zone = zone.rem_euclid(unit) <= MAX_DELAY && (3600..=14 * 3600).contains(&whole);
        is_zone.then_some((usual, whole))
    };
    let is_round = lifetime.saturating_add(MAX_DELAY).rem_euclid(1800) <= MAX_DELAY;
    let odd = USUAL.iter().filter(|usual| **usual < 3600 && **usual >= 300 && !is_round);
    odd.clone()
        .find_map(|usual| zones(*usual, 3600))
        .or_else(|| odd.clone().find_map(|usual| zones(*usual, 1800)))
}

/// What may be said of a date that is ahead by about a whole number of quarter hours, if something else looks
/// alike.
pub(super) const POSSIBLE_ZONE: &str =
    " (about a whole number of quarter hours: perhaps local time was taken for UTC)";

/// The same of a token that is as old as that.
pub(super) fn zone_note(age: i64, when: &str) -> String {
    if is_zone(age.saturating_sub(MAX_DELAY)) {
        format!(
            " (about a whole number of quarter hours: if it has {when}, perhaps local time was taken for UTC)"
        )
    } else {
        String::new()
    }
}

/// The nearest whole number of quarter hours.
fn quarters(seconds: i64) -> String {
    let count = seconds.saturating_add(QUARTER / 2).div_euclid(QUARTER);
    span(count.saturating_mul(QUARTER))
}

/// Returns whether a clock may be ahead by so much because it runs by another time zone, in a token that was
/// signed up to two minutes ago.
pub(super) fn is_zone(ahead: i64) -> bool {
    let nearest = ahead.saturating_add(MAX_DELAY);
    let quarters = nearest.div_euclid(QUARTER);
    // No zone is a quarter or three quarters of an hour away from UTC.
    nearest.rem_euclid(QUARTER) <= MAX_DELAY.saturating_add(10)
        && (quarters == 2 || (4..=56).contains(&quarters))
}

/// A duration, in its two largest units.
pub(super) fn span(seconds: i64) -> String {
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
