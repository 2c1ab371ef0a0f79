//! Dates and durations that are written as a text, as an object, or as the digits of a calendar date.

use super::vocabulary;
use time::{Date, Month, OffsetDateTime, Time};

/// How far from now the digits of a calendar date may be.
const MAX_SECONDS_FROM_NOW: i64 = 400 * 86_400;

/// What a text in a date's place is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// A number in quotation marks, as JSON writes it.
    Number(String),
    /// How long something lasts.
    Duration,
    /// A date as people write it.
    Date,
    /// What programs print when there is no date.
    Missing,
    /// Something else.
    Text,
}

/// Says what a text in a date's place is.
pub(super) fn read_date(text: &str) -> Written {
    let lower = text.trim().to_lowercase();
    let text = lower.trim_start_matches("in ").trim_start_matches('+').trim();
    if let Some(number) = number_in_text(text) {
        return Written::Number(number);
    }
    if text.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        return Written::Text;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let words = || text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let is_clock =
        (2..=6).contains(&digits) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let is_iso = text.strip_prefix('p').is_some_and(|rest| {
        digits >= 1 && rest.bytes().all(|byte| byte.is_ascii_digit() || b"ymwdths.,".contains(&byte))
    });
    let is_counted = digits <= 8 && words().next().is_some() && words().all(is_unit);
    if is_clock || is_iso || is_counted {
        Written::Duration
    } else if text.starts_with("/date(")
        || (text.len() >= 8 && digits >= 6)
        || (digits >= 4 && words().any(is_month))
    {
        Written::Date
    } else if matches!(
        text,
        "" | "nan"
            | "null"
            | "none"
            | "nil"
            | "undefined"
            | "infinity"
            | "-infinity"
            | "inf"
            | "invalid date"
            | "false"
            | "(null)"
            | "<nil>"
            | "never"
            | "never expires"
            | "forever"
            | "unlimited"
    ) {
        Written::Missing
    } else {
        Written::Text
    }
}

/// A number with or without a fraction, groups of digits, or a letter that languages put after one.
fn number_in_text(text: &str) -> Option<String> {
    let text = text.strip_suffix(['l', 'n']).filter(|digits| digits.len() >= 9).unwrap_or(text);
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let groups: Vec<&str> = whole.split([',', ' ', '_', '\u{a0}', '\u{202f}', '\'']).collect();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = groups.len() == 1 || groups.iter().skip(1).all(|group| group.len() == 3);
    if !groups.iter().all(|group| is_digits(group))
        || !is_grouped
        || !fraction.iter().all(|text| is_digits(text))
    {
        return None;
    }
    let whole = groups.concat();
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(fraction.map_or_else(|| whole.to_owned(), |fraction| format!("{whole}.{fraction}")))
}

fn is_unit(word: &str) -> bool {
    const UNITS: &str = "\
        ms msec millis millisecond milliseconds s sec secs second seconds m min mins minute minutes h hr \
        hrs hour hours d day days w week weeks mo month months y yr year years from now later an a one \
        and std stunde stunden minuten sekunden tag tage heure heures jour jours hora horas dia dias \
        minutos ora ore giorno uur timme godzina hodina час часа часов день минут 時間 小时 小時 시간 hms \
        dhm dhms hm";
    vocabulary::has(UNITS, word)
}

fn is_month(word: &str) -> bool {
    const MONTHS: &str = "\
        jan feb mar mär apr may mai jun jul aug sep oct okt nov dec dez gmt utc";
    MONTHS.split_ascii_whitespace().any(|month| word.starts_with(month))
}

/// Returns whether an object or an array is a date: what Firestore, PHP or Java make of one.
pub(super) fn is_object(raw: &str) -> bool {
    let lower = raw.to_ascii_lowercase();
    let has_digits = raw.bytes().filter(u8::is_ascii_digit).count() >= 6;
    let named = ["date", "seconds", "time", "year", "nanos", "epoch", "value"]
        .iter()
        .any(|name| lower.contains(name));
    let is_list =
        raw.strip_prefix("[20").and_then(|rest| rest.split(',').next()).is_some_and(|year| year.len() == 2);
    (raw.starts_with('{') && has_digits && named) || is_list
}

/// Returns whether a number is the digits of a calendar date near to now: `20261122`, `20261122130000`.
pub(super) fn is_calendar_date(digits: &str, now: i64) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<u8>().ok());
    let moment = || {
        let year: i32 = digits.get(..4)?.parse().ok()?;
        let month = Month::try_from(part(4, 6)?).ok()?;
        let date = Date::from_calendar_date(year, month, part(6, 8)?).ok()?;
        let time = Time::from_hms(part(8, 10)?, part(10, 12)?, part(12, 14)?).ok()?;
        Some(OffsetDateTime::new_utc(date, time).unix_timestamp())
    };
    matches!(digits.len(), 8 | 12 | 14)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && moment().is_some_and(|moment| moment.saturating_sub(now).saturating_abs() <= MAX_SECONDS_FROM_NOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart() {
        let number = |text: &str| Written::Number(text.to_owned());
        for (text, expected) in [
            ("1795003600", number("1795003600")),
            (" 1795003600.5 ", number("1795003600.5")),
            ("1,795,003,600", number("1795003600")),
            ("1795003600L", number("1795003600")),
            ("0", number("0")),
            ("007", number("7")),
            ("1h", Written::Duration),
            ("1 hour", Written::Duration),
            ("+1 hour", Written::Duration),
            ("in 55 minutes", Written::Duration),
            ("3600s", Written::Duration),
            ("1h30m", Written::Duration),
            ("PT1H", Written::Duration),
            ("P1DT2H", Written::Duration),
            ("01:00:00", Written::Duration),
            ("1 day, 2 hours", Written::Duration),
            ("1 час", Written::Duration),
            ("2026-11-22T13:00:00Z", Written::Date),
            ("2026-11-22 13:00:00+00:00", Written::Date),
            ("Sun, 22 Nov 2026 13:00:00 GMT", Written::Date),
            ("Sun Nov 22 2026", Written::Date),
            ("22.11.2026 13:00", Written::Date),
            ("11/22/2026, 1:00:00 PM", Written::Date),
            ("20261122T130000Z", Written::Date),
            ("/Date(1795003600000)/", Written::Date),
            ("2026年11月22日", Written::Date),
            ("NaN", Written::Missing),
            ("", Written::Missing),
            ("Invalid Date", Written::Missing),
            ("soon", Written::Text),
            ("never", Written::Missing),
            ("x", Written::Text),
        ] {
            assert_eq!(read_date(text), expected, "{text}");
        }
    }

    #[test]
    fn calendar_dates_are_near() {
        let now = 1_795_348_800;
        for digits in ["20261122", "202611221300", "20261122130000"] {
            assert!(is_calendar_date(digits, now), "{digits}");
        }
        for digits in ["", "2026", "20261322", "20261122250000", "19991122", "17953488", "2026112x", "éééé"]
        {
            assert!(!is_calendar_date(digits, now), "{digits}");
        }
    }

    #[test]
    fn dates_that_are_objects() {
        for raw in [
            r#"{"$date":"2026-11-22T13:00:00Z"}"#,
            r#"{"_seconds":1795352400,"_nanoseconds":0}"#,
            r#"{"date":"2026-11-22 13:00:00.000000","timezone_type":3,"timezone":"UTC"}"#,
            "[2026,11,22,13,0]",
        ] {
            assert!(is_object(raw), "{raw}");
        }
        for raw in ["{}", "[]", "[1]", "true", "null", r#"{"id":1}"#] {
            assert!(!is_object(raw), "{raw}");
        }
    }
}
