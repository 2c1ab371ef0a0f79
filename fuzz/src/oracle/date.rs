//! Rule C3: a JSON number as whole seconds, by writing it out in full.

/// 9999-12-31T23:59:59Z.
const LATEST: i64 = 253_402_300_799;

/// No number of a token has more digits than this, so a larger exponent changes nothing any more.
const MOST: i64 = 10_000;

/// Rounds a number from 0 to [`LATEST`] down and up; none for another.
pub fn seconds(number: &str) -> Option<(i64, i64)> {
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(place) => (&number[..place], &number[place + 1..]),
        None => (number, "0"),
    };
    let is_negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = match mantissa.find('.') {
        Some(place) => (&mantissa[..place], &mantissa[place + 1..]),
        None => (mantissa, ""),
    };
    let is_small = exponent.starts_with('-');
    let digits = exponent.trim_start_matches(['+', '-']).trim_start_matches('0');
    let exponent = if digits.len() > 5 { MOST } else { digits.parse::<i64>().unwrap_or(0).min(MOST) };

    // The point moves by the exponent, over zeros where there are no digits.
    let (mut whole, mut fraction) = (whole.to_owned(), fraction.to_owned());
    if is_small {
        let zeros = usize::try_from(exponent).ok()?.saturating_sub(whole.len()) + 1;
        whole = "0".repeat(zeros) + &whole;
        let point = whole.len() - usize::try_from(exponent).ok()?;
        fraction = whole.split_off(point) + &fraction;
    } else {
        let exponent = usize::try_from(exponent).ok()?;
        fraction += &"0".repeat(exponent.saturating_sub(fraction.len()));
        let rest = fraction.split_off(exponent);
        whole += &fraction;
        fraction = rest;
    }
    let whole = whole.trim_start_matches('0');
    let has_fraction = fraction.bytes().any(|digit| digit != b'0');
    if is_negative && (has_fraction || !whole.is_empty()) {
        return None;
    }
    if whole.len() > 12 {
        return None;
    }
    let down = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
    let up = down + i64::from(has_fraction);
    (up <= LATEST).then_some((down, up))
}

/// Whether a clock may say so.
pub fn is_in_range(now: i64) -> bool {
    (0..=LATEST).contains(&now)
}
