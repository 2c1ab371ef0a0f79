//! The subscribers, as rows of a table.

use std::fmt::Write;

use boostgpt_sso::store::Subscriber;

use crate::html::escape;

pub(super) fn rows(subscribers: &[Subscriber]) -> String {
    let mut rows = String::new();
    for one in subscribers {
        let text = |text: &Option<String>| escape(text.as_deref().unwrap_or("–"));
        let granted = one.granted.map_or("–".to_owned(), |credits| credits.to_string());
        let (name, email, external_id) = (text(&one.name), text(&one.email), text(&one.external_id));
        write!(
            rows,
            "<tr><td>{name}<td>{email}<td>{external_id}<td>{}<td>{}<td>{granted}",
            one.first_day, one.last_day
        )
        .expect("a string takes everything");
    }
    if rows.is_empty() { "<tr><td colspan=6>Nobody yet.".to_owned() } else { rows }
}
