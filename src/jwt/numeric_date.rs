//! `NumericDate` [RFC 7519 section 2], exactly: from the number's decimal text to whole seconds, never
//! through a float. So nothing wraps, saturates or is rounded twice.

/// 9999-12-31T23:59:59Z, the last second that rule C3 takes.
pub(crate) const MAX_NUMERIC_DATE: i64 = 253_402_300_799;

/// What becomes of a fraction of a second (rule C3): always what shortens the token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    /// `exp`.
    Down,
    /// `iat` and `nbf`.
    Up,
}

/// Whole seconds since 1970 of a JSON number from 0 to [`MAX_NUMERIC_DATE`]; `None` for one outside.
///
/// `number` must be of JSON's number grammar [RFC 8259 section 6], as it is when it comes out of a JSON text.
pub(crate) fn parse(number: &str, round: Round) -> Option<i64> {
    match whole(number) {
        Some(seconds) => Some(seconds).filter(|seconds| *seconds <= MAX_NUMERIC_DATE),
        None => parse_decimal(number, round),
    }
}

/// The number that one to twelve digits and nothing else spell, as nearly every date is written.
pub(super) fn whole(digits: &str) -> Option<i64> {
    if !(1..=12).contains(&digits.len()) {
        return None;
    }
    digits.bytes().try_fold(0_i64, |seconds, digit| {
        digit.is_ascii_digit().then(|| seconds.wrapping_mul(10).wrapping_add(i64::from(digit & 0xf)))
    })
}

/// The same of numbers with a sign, a fraction or an exponent.
fn parse_decimal(number: &str, round: Round) -> Option<i64> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (negative, integer) = match integer.strip_prefix('-') {
        Some(integer) => (true, integer),
        None => (false, integer),
    };
    // The number is 0.DIGITS × 10^point, where DIGITS starts with the first digit that is not zero.
    let digits = || integer.bytes().chain(fraction.bytes());
    let zeros = digits().take_while(|digit| *digit == b'0').count();
    let mut significant = digits().skip(zeros).peekable();
    if significant.peek().is_none() {
        return Some(0);
    }
    if negative {
        return None;
    }
    // An exponent beyond i64 is far out of range, or far below one second: clamping keeps which of the two.
    let exponent =
        exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
    let before_point = i64::try_from(integer.len()).ok()?.checked_sub(i64::try_from(zeros).ok()?)?;
    let point = before_point.saturating_add(exponent);
    if point > 12 {
        return None; // at least 10^12 seconds
    }
    let mut seconds = 0_i64;
    for _ in 0..point {
        let digit = i64::from(significant.next().unwrap_or(b'0').checked_sub(b'0')?);
        seconds = seconds.checked_mul(10)?.checked_add(digit)?;
    }
    let has_fraction = significant.any(|digit| digit != b'0');
    // A number between MAX_NUMERIC_DATE and the next second is outside, whichever way it would be rounded.
    let rounded_up = seconds.checked_add(i64::from(has_fraction))?;
    if rounded_up > MAX_NUMERIC_DATE {
        return None;
    }
    Some(match round {
        Round::Down => seconds,
        Round::Up => rounded_up,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rule C3's numbers: the text, rounded down, rounded up.
    #[test]
    fn numbers_are_exact() {
        for (text, down, up) in [
            ("0", Some(0), Some(0)),
            ("-0", Some(0), Some(0)),
            ("-0.0e9", Some(0), Some(0)),
            ("0e99999999999999999999", Some(0), Some(0)),
            ("1", Some(1), Some(1)),
            ("1.0", Some(1), Some(1)),
            ("1.5", Some(1), Some(2)),
            ("0.999999999999999999999999999", Some(0), Some(1)),
            ("1700000000.9999999999999999", Some(1_700_000_000), Some(1_700_000_001)),
            ("17e8", Some(1_700_000_000), Some(1_700_000_000)),
            ("1.7E+9", Some(1_700_000_000), Some(1_700_000_000)),
            ("1700000000000e-3", Some(1_700_000_000), Some(1_700_000_000)),
            ("1700000000001e-3", Some(1_700_000_000), Some(1_700_000_001)),
            ("0.0000000017e18", Some(1_700_000_000), Some(1_700_000_000)),
            ("1e-1", Some(0), Some(1)),
            ("1e-999", Some(0), Some(1)),
            ("1e-99999999999999999999", Some(0), Some(1)),
            ("253402300799", Some(MAX_NUMERIC_DATE), Some(MAX_NUMERIC_DATE)),
            ("253402300798.5", Some(MAX_NUMERIC_DATE - 1), Some(MAX_NUMERIC_DATE)),
            ("253402300799.0000000000000000001", None, None),
            ("253402300800", None, None),
            ("999999999999", None, None),
            ("1000000000000", None, None),
            ("1700000000000", None, None),
            ("9223372036854775807", None, None),
            ("9223372036854775808", None, None),
            ("18446744073709551616", None, None),
            ("1e999", None, None),
            ("1e99999999999999999999", None, None),
            ("-1", None, None),
            ("-0.5", None, None),
            ("-1e-999", None, None),
        ] {
            assert_eq!(parse(text, Round::Down), down, "{text} down");
            assert_eq!(parse(text, Round::Up), up, "{text} up");
        }
    }

    proptest! {
        /// Where a float is exact, it says the same.
        #[test]
        fn agrees_with_floats_where_those_are_exact(quarters in 0..=MAX_NUMERIC_DATE * 4 + 8) {
            #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "below 2^53, so exact")]
            let float = quarters as f64 / 4.0;
            for text in [format!("{float}"), format!("{float:e}")] {
                let expected = |seconds: i64| (quarters <= MAX_NUMERIC_DATE * 4).then_some(seconds);
                prop_assert_eq!(parse(&text, Round::Down), expected(quarters.div_euclid(4)));
                prop_assert_eq!(parse(&text, Round::Up), expected(quarters.saturating_add(3).div_euclid(4)));
            }
        }
    }
}
