//! New and active subscribers per day: a picture with a scale, and the same numbers as a table, for a small
//! screen and for who cannot see the picture.

use std::fmt::Write;

use boostgpt_sso::{
    store::DayActivity,
    time::{Date, Duration},
};

// The picture, in its own units: it is shown at about this size.
const WIDTH: u64 = 700;
const BASE: u64 = 190;
const HEIGHT: u64 = 160;
const LEFT: u64 = 34;
/// Room for the second half of the last date.
const RIGHT: u64 = 14;
/// Every second day has its date below it: more would run into each other.
const DATED: i64 = 2;

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

pub(super) fn draw(activity: &[DayActivity], first: Date, last: Date) -> String {
    let days = days(activity, first, last);
    let step = step(highest(&days));
    let top = highest(&days).div_ceil(step).max(1) * step;
    let y = |value: u64| BASE - value * HEIGHT / top;
    let mut svg = format!("<svg viewBox='0 0 {WIDTH} 220' aria-hidden=true>");
    for value in (0..=top).step_by(usize::try_from(step).unwrap_or(1)) {
        write!(
            svg,
            "<path class=line d='M{LEFT} {0}H{WIDTH}'/>\
             <text class=scale x={1} y={2} text-anchor=end>{value}</text>",
            y(value),
            LEFT - 6,
            y(value) + 4
        )
        .expect("a string takes everything");
    }
    let width = (WIDTH - LEFT - RIGHT) / days.len() as u64;
    for (place, day) in (0..).zip(&days) {
        let left = LEFT + place * width + 3;
        let bar = (width - 8) / 2;
        write!(svg, "<g><title>{}: {} active, {} new</title>", day.day, day.active, day.new)
            .expect("a string takes everything");
        for (class, value, x) in [("active", day.active, left), ("new", day.new, left + bar + 2)] {
            if value > 0 {
                write!(
                    svg,
                    "<rect class={class} x={x} y={0} width={bar} height={1} rx=2 />\
                     <text x={2} y={3} text-anchor=middle>{value}</text>",
                    y(value),
                    BASE - y(value),
                    x + bar / 2,
                    y(value) - 5
                )
                .expect("a string takes everything");
            }
        }
        if (last - day.day).whole_days() % DATED == 0 {
            write!(svg, "<text class=scale x={} y=210 text-anchor=middle>{}</text>", left + bar + 1, day.day)
                .expect("a string takes everything");
        }
        svg += "</g>";
    }
    svg + "</svg>"
}

/// The newest day first.
pub(super) fn table(activity: &[DayActivity], first: Date, last: Date) -> String {
    let days = days(activity, first, last);
    let most = highest(&days).max(1);
    let mut rows = String::new();
    for day in days.iter().rev() {
        write!(rows, "<tr><th scope=row>{}", day.day).expect("a string takes everything");
        for (class, value) in [("active", day.active), ("new", day.new)] {
            write!(
                rows,
                "<td>{value}<td class=bar>\
                 <svg viewBox='0 0 100 10' preserveAspectRatio=none aria-hidden=true>\
                 <rect class={class} width={} height=10 /></svg>",
                value * 100 / most
            )
            .expect("a string takes everything");
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn the_scale_has_at_most_five_steps_of_round_numbers() {
        let steps = [0, 1, 5, 6, 10, 11, 25, 26, 50, 51, 100, 101, 1_000_000].map(step);
        assert_eq!(steps, [1, 1, 1, 2, 2, 5, 5, 10, 10, 20, 20, 50, 200_000]);
    }
}
