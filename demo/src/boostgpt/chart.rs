//! New and active subscribers per day: a picture with a scale and a number on each bar, and the same numbers
//! as a table with all their digits, for small screens, screen readers, and anyone who opens it.

use std::fmt::Write;

use boostgpt_sso::{
    store::DayActivity,
    time::{Date, Duration},
};

// The picture, in its own units: it is shown at about this size.
const WIDTH: u64 = 700;
const BASE: u64 = 190;
const HEIGHT: u64 = 160;
const LEFT: u64 = 40;
/// Every second day has its date below it: more would run into each other.
const DATED: i64 = 2;
/// A number of more digits is wider than its bar: then both numbers of a day are over both bars, one above
/// the other, each in the colour of its bar.
const MAX_OVER_A_BAR: u64 = 99;
/// The height of a line of text.
const LINE: u64 = 13;

const STRING: &str = "a string takes everything";

/// The days from `first` to `last`, with what was counted on each.
fn days(activity: &[DayActivity], first: Date, last: Date) -> Vec<DayActivity> {
    let day = |ago| {
        let day = last - Duration::days(ago);
        activity.iter().find(|one| one.day == day).copied().unwrap_or_else(|| DayActivity::new(day))
    };
    (0..=(last - first).whole_days()).rev().map(day).collect()
}

fn highest(days: &[DayActivity]) -> u64 {
    days.iter().map(|day| day.active).max().unwrap_or(0)
}

/// The step between two lines of the scale: 1, 2 or 5 times a power of ten, and at most five of them.
fn step(highest: u64) -> u64 {
    let mut power = 1;
    loop {
        if let Some(step) = [1, 2, 5].map(|digit| digit * power).into_iter().find(|step| highest <= step * 5)
        {
            return step;
        }
        power *= 10;
    }
}

/// A number that fits over a bar or beside the scale. The table has all of its digits.
fn short(value: u64) -> String {
    match value {
        0..10_000 => value.to_string(),
        10_000..999_500 => format!("{}k", (value + 500) / 1000),
        _ => {
            let tenths = (value + 50_000) / 100_000;
            let (whole, tenth) = (tenths / 10, tenths % 10);
            if tenth == 0 { format!("{whole}M") } else { format!("{whole}.{tenth}M") }
        }
    }
}

pub(super) fn draw(activity: &[DayActivity], first: Date, last: Date) -> String {
    let days = days(activity, first, last);
    let step = step(highest(&days));
    let top = highest(&days).div_ceil(step).max(1) * step;
    let y = |value: u64| BASE - value * HEIGHT / top;
    let mut svg = format!("<svg viewBox='0 0 {WIDTH} 220' aria-hidden=true>");
    for value in (0..=top).step_by(usize::try_from(step).unwrap_or(1)) {
        write!(svg, "<path class=line d='M{LEFT} {0}H{WIDTH}'/>", y(value)).expect(STRING);
        write!(svg, "<text class=scale x={} y={} text-anchor=end>", LEFT - 6, y(value) + 4).expect(STRING);
        write!(svg, "{}</text>", short(value)).expect(STRING);
    }
    let number = days.len() as u64;
    let width = (WIDTH - LEFT) / number;
    let stacked = highest(&days) > MAX_OVER_A_BAR;
    for (place, day) in (0..).zip(&days) {
        let left = LEFT + place * (WIDTH - LEFT) / number + 4;
        let bar = (width - 8) / 2;
        let middle = left + bar + 1;
        write!(svg, "<g><title>{}: {} active, {} new</title>", day.day, day.active, day.new).expect(STRING);
        for (class, value, x, line) in [("active", day.active, left, 1), ("new", day.new, left + bar + 2, 0)]
        {
            if value == 0 {
                continue;
            }
            let (over, above) = if stacked {
                (middle, y(day.active.max(day.new)) - 5 - line * LINE)
            } else {
                (x + bar / 2, y(value) - 5)
            };
            write!(svg, "<rect class={class} x={x} y={} width={bar} ", y(value)).expect(STRING);
            write!(svg, "height={} rx=2 />", BASE - y(value)).expect(STRING);
            write!(svg, "<text class={class} x={over} y={above} text-anchor=middle>").expect(STRING);
            write!(svg, "{}</text>", short(value)).expect(STRING);
        }
        if (last - day.day).whole_days() % DATED == 0 {
            let (month, day) = (u8::from(day.day.month()), day.day.day());
            write!(svg, "<text class=scale x={middle} y=210 text-anchor=middle>{month:02}-{day:02}</text>")
                .expect(STRING);
        }
        svg += "</g>";
    }
    svg + "</svg>"
}

/// The newest day first.
pub(super) fn table(activity: &[DayActivity], first: Date, last: Date) -> String {
    let days = days(activity, first, last);
    let longest = highest(&days).max(1);
    let mut rows = String::new();
    for day in days.iter().rev() {
        write!(rows, "<tr><th scope=row>{}", day.day).expect(STRING);
        for (class, value) in [("active", day.active), ("new", day.new)] {
            write!(
                rows,
                "<td>{value}<td class=bar>\
                 <svg viewBox='0 0 100 10' preserveAspectRatio=none aria-hidden=true>\
                 <rect class={class} width={} height=10 /></svg>",
                value * 100 / longest
            )
            .expect(STRING);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use boostgpt_sso::{
        store::DayActivity,
        time::{Date, Duration, Month},
    };

    use super::{draw, short, step, table};

    #[test]
    fn the_scale_has_at_most_five_steps_of_round_numbers() {
        let steps = [0, 1, 5, 6, 10, 11, 25, 26, 50, 51, 100, 101, 1_000_000].map(step);
        assert_eq!(steps, [1, 1, 1, 2, 2, 5, 5, 10, 10, 20, 20, 50, 200_000]);
    }

    #[test]
    fn the_table_has_all_digits() {
        let day = Date::from_calendar_date(2026, Month::November, 26).unwrap();
        let mut one = DayActivity::new(day);
        (one.active, one.new) = (98_765_432, 12_345);
        assert!(!draw(&[one], day, day).contains(">98765432<"));
        let table = table(&[one], day, day);
        assert!(table.contains("<td>98765432<td") && table.contains("<td>12345<td"), "{table}");
    }

    #[test]
    fn long_numbers_are_shortened() {
        let texts = [9999, 10_000, 12_499, 999_499, 999_500, 1_000_000, 1_250_000, 98_765_432].map(short);
        assert_eq!(texts, ["9999", "10k", "12k", "999k", "1M", "1M", "1.3M", "98.8M"]);
    }

    /// What a text covers, at most: a digit of this font is less than eight units wide.
    fn covered(text: &str) -> [i64; 4] {
        let (attributes, content) = text.split_once('>').unwrap();
        let number = |name: &str| {
            let value = attributes.split_once(name).unwrap().1.split(' ').next().unwrap();
            value.parse::<i64>().unwrap()
        };
        let width = i64::try_from(content.split('<').next().unwrap().len()).unwrap() * 8;
        let (x, y) = (number(" x="), number(" y="));
        let left = if attributes.contains("text-anchor=end") { x - width } else { x - width / 2 };
        [left, left + width, y - 10, y]
    }

    #[test]
    fn no_number_is_over_another_one_or_outside_the_picture() {
        let last = Date::from_calendar_date(2026, Month::November, 26).unwrap();
        let first = last - Duration::days(13);
        for active in [0, 1, 9, 99, 100, 999, 9999, 12_345, 999_999, 12_345_678] {
            for new_of in [1, 2, 50] {
                let day = |ago| {
                    let mut day = DayActivity::new(last - Duration::days(ago));
                    (day.active, day.new) = (active, active / new_of);
                    day
                };
                let svg = draw(&(0..14).map(day).collect::<Vec<_>>(), first, last);
                let texts: Vec<_> = svg.split("<text ").skip(1).map(covered).collect();
                assert!(texts.len() >= 9);
                for (place, [left, right, top, bottom]) in texts.iter().copied().enumerate() {
                    assert!(left >= 0 && right <= 700 && top >= 0 && bottom <= 220, "{active}: {svg}");
                    for other in &texts[..place] {
                        let apart =
                            right <= other[0] || other[1] <= left || bottom <= other[2] || other[3] <= top;
                        assert!(apart, "{active}, {new_of}: {svg}");
                    }
                }
            }
        }
    }
}
