//! In which units, and from which year on, a number counts that is no date in seconds since 1970. It is known
//! by the date that comes out: near to now.

use super::mistake::Mistake;

/// How far from now a date may be that a number is taken for. The years 2000 and 2001 are 366 days apart.
const MAX_SECONDS_FROM_NOW: f64 = 45.0 * 86_400.0;

/// What is counted, how many of them are a second, and which mistake it is if they are counted from 1970.
const FINE: &[(&str, f64, Mistake)] = &[
    ("seconds", 1.0, Mistake::DateOtherEpoch),
    ("milliseconds", 1e3, Mistake::ExpMilliseconds),
    ("microseconds", 1e6, Mistake::DateMicroseconds),
    ("hundreds of nanoseconds", 1e7, Mistake::DateTicks),
    ("nanoseconds", 1e9, Mistake::DateNanoseconds),
];

/// From when on it is counted, and the seconds from there to 1970, negative if that is later.
const EPOCHS: &[(&str, f64)] = &[
    ("1970", 0.0),
    ("2001 (Apple's epoch)", -978_307_200.0),
    ("2000", -946_684_800.0),
    ("1980 (the epoch of GPS)", -315_964_800.0),
    ("1904 (the epoch of the old Mac OS)", 2_082_844_800.0),
    ("1900 (the epoch of NTP)", 2_208_988_800.0),
    ("1601 (the epoch of Windows)", 11_644_473_600.0),
    ("the year 1 (.NET's epoch)", 62_135_596_800.0),
];

/// Days, hours and minutes: what they are called, how many of them are a second, and the seconds from their
/// start to 1970.
const COARSE: &[(&str, f64, f64)] = &[
    ("days since 1900 (a spreadsheet's serial number)", 1.0 / 86_400.0, 2_209_161_600.0),
    ("days since 1904 (a spreadsheet's serial number)", 1.0 / 86_400.0, 2_082_844_800.0),
    ("days since 1970", 1.0 / 86_400.0, 0.0),
    ("a Julian day", 1.0 / 86_400.0, 210_866_760_000.0),
    ("days since the year 1", 1.0 / 86_400.0, 62_135_683_200.0),
    ("hours since 1970", 1.0 / 3_600.0, 0.0),
    ("minutes since 1970", 1.0 / 60.0, 0.0),
];

/// Another scale than seconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) mistake: Mistake,
    /// What the number is: "milliseconds since 1970".
    pub(super) words: String,
    per_second: f64,
    before_1970: f64,
}

impl Scale {
    /// Finds the scale by which a number is a date near to now. The names of the mistakes are those for
    /// `exp`.
    pub(super) fn of(number: f64, now: f64) -> Option<Self> {
        let is_near = |seconds: f64| (seconds - now).abs() <= MAX_SECONDS_FROM_NOW;
        if !number.is_finite() || number <= 0.0 || is_near(number) {
            return None;
        }
        let mut fine = FINE.iter().flat_map(|unit| EPOCHS.iter().map(move |epoch| (unit, epoch)));
        let near = fine.find(|((_, per, _), (_, before))| is_near(number / per - before));
        // Old and future dates, in units that no other date comes near to.
        let far = || {
            let in_this_century = |per: &f64| (946_684_800.0..4_102_444_800.0).contains(&(number / per));
            let mut units = FINE.iter().filter(|(_, _, mistake)| *mistake != Mistake::DateTicks).skip(1);
            Some((units.find(|(_, per, _)| in_this_century(per))?, EPOCHS.first()?))
        };
        if let Some(((unit, per, mistake), (epoch, before))) = near.or_else(far) {
            let mistake = match mistake {
                Mistake::DateTicks => Mistake::DateTicks,
                mistake if *epoch == "1970" => *mistake,
                _ => Mistake::DateOtherEpoch,
            };
            let words = format!("{unit} since {epoch}");
            return Some(Self { mistake, words, per_second: *per, before_1970: *before });
        }
        // Whole hours, and whole minutes in milliseconds, are durations.
        if number % 3_600.0 == 0.0 || number % 60_000.0 == 0.0 {
            return None;
        }
        if is_near(number * 1e3) {
            let words = "thousands of seconds since 1970".to_owned();
            return Some(Self {
                mistake: Mistake::DateDividedTwice,
                words,
                per_second: 1e-3,
                before_1970: 0.0,
            });
        }
        let (words, per, before) = COARSE.iter().find(|(_, per, before)| is_near(number / per - before))?;
        let words = (*words).to_owned();
        Some(Self { mistake: Mistake::DateInDays, words, per_second: *per, before_1970: *before })
    }

    /// Whether one of these is a minute or more.
    pub(super) fn is_coarse(&self) -> bool {
        self.per_second < 1.0 / 59.0
    }

    /// The seconds since 1970 that a number is by this scale.
    pub(super) fn seconds(&self, number: f64) -> Option<i64> {
        whole_part(number / self.per_second - self.before_1970)
    }
}

/// The whole part of a number that has up to 15 digits.
pub(super) fn whole_part(number: f64) -> Option<i64> {
    let is_exact = number.is_finite() && number.abs() < 1e15;
    is_exact.then(|| format!("{:.0}", number.floor()).parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_795_348_800.0;

    #[test]
    fn a_number_is_known_by_the_date_that_comes_out() {
        for (number, words) in [
            (NOW * 1e3 + 3_600_000.0, "milliseconds since 1970"),
            (NOW * 1e6, "microseconds since 1970"),
            (NOW * 1e7, "hundreds of nanoseconds since 1970"),
            (NOW * 1e9, "nanoseconds since 1970"),
            (1.0e12, "milliseconds since 1970"),
            (639_309_456_000_000_000.0, "hundreds of nanoseconds since the year 1 (.NET's epoch)"),
            (134_398_224_000_000_000.0, "hundreds of nanoseconds since 1601 (the epoch of Windows)"),
            (13_439_822_400_000_000.0, "microseconds since 1601 (the epoch of Windows)"),
            (NOW + 11_644_473_600.0, "seconds since 1601 (the epoch of Windows)"),
            (NOW - 978_307_200.0, "seconds since 2001 (Apple's epoch)"),
            ((NOW - 978_307_200.0) * 1e3, "milliseconds since 2001 (Apple's epoch)"),
            (NOW - 946_684_800.0, "seconds since 2000"),
            (NOW - 315_964_800.0, "seconds since 1980 (the epoch of GPS)"),
            (NOW + 2_208_988_800.0, "seconds since 1900 (the epoch of NTP)"),
            (NOW + 62_135_596_800.0, "seconds since the year 1 (.NET's epoch)"),
            (1_795_348.0, "thousands of seconds since 1970"),
            (46_348.5, "days since 1900 (a spreadsheet's serial number)"),
            (46_348.541_666_7, "days since 1900 (a spreadsheet's serial number)"),
            (44_886.5, "days since 1904 (a spreadsheet's serial number)"),
            (20_779.5, "days since 1970"),
            (2_461_367.0, "a Julian day"),
            (739_942.0, "days since the year 1"),
            (498_708.0, "hours since 1970"),
            (29_922_481.0, "minutes since 1970"),
        ] {
            let scale = Scale::of(number, NOW).unwrap_or_else(|| panic!("{number}: {words}"));
            assert_eq!(scale.words, words, "{number}");
            let seconds = scale.seconds(number).unwrap();
            assert!(
                seconds == 1_000_000_000 || (seconds - 1_795_348_800).abs() < 86_400,
                "{number}: {seconds}"
            );
        }
    }

    #[test]
    fn dates_and_durations_are_left_alone() {
        for number in [
            0.0,
            1.0,
            60.0,
            900.0,
            3_600.0,
            7_200.0,
            43_200.0,
            86_400.0,
            604_800.0,
            2_592_000.0,
            1_800_000.0,
            3_600_000.0,
            86_400_000.0,
            NOW,
            NOW - 86_400.0,
            NOW + 2_592_000.0,
            1_700_000_000.0,
            2_147_483_647.0,
            4_102_444_800.0,
            9_999_999_999.0,
            253_402_300_799.0,
            9_007_199_254_740_991.0,
            f64::MAX,
            f64::INFINITY,
            f64::NAN,
            -NOW,
        ] {
            assert_eq!(Scale::of(number, NOW), None, "{number}");
        }
    }
}
