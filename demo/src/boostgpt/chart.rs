//! New and active subscribers per day, as inline SVG: two weeks, two bars a day.

use std::fmt::Write;

use boostgpt_sso::{
    store::DayActivity,
    time::{Date, Duration},
};

pub(super) fn draw(activity: &[DayActivity], today: Date) -> String {
    let most = activity.iter().map(|day| day.active).max().unwrap_or(0).max(4);
    let mut svg = format!(
        "<svg viewBox='0 0 560 150' role=img aria-label='New and active subscribers of the last 14 days'>\
         <path class=axis d='M0 120H560'/><text x=0 y=10>{most}</text>"
    );
    for (place, ago) in (0..14).zip((0..14).rev()) {
        let day = today - Duration::days(ago);
        let counted = activity.iter().find(|one| one.day == day);
        let (active, new) = counted.map_or((0, 0), |day| (day.active, day.new));
        let left = place * 40;
        let (tall, short) = (active * 105 / most, new * 105 / most);
        write!(
            svg,
            "<g><title>{day}: {active} active, {new} new</title>\
             <rect class=active x={} y={} width=14 height={tall} />\
             <rect class=new x={} y={} width=14 height={short} />\
             <text x={} y=138 text-anchor=middle>{}.{}.</text></g>",
            left + 5,
            120 - tall,
            left + 20,
            120 - short,
            left + 20,
            day.day(),
            u8::from(day.month())
        )
        .expect("a string takes everything");
    }
    svg + "</svg>"
}
