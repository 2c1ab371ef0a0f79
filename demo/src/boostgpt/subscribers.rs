//! The subscribers, newest first, as rows of a table: a page of them, or what a search found.

use std::fmt::Write;

use boostgpt_sso::{
    SubscriberId,
    store::{Store, Subscriber},
};
use serde::Deserialize;

use super::{answer::Answer, state::PROJECT};
use crate::html::escape;

/// The rows of a page.
const MAX_ROWS: u32 = 10;

/// A text of more characters may need more than three lines.
const MAX_SHORT: usize = 40;

/// What the address of the dashboard asks for.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    /// The last subscriber of the page before.
    after: Option<String>,
    /// The place of the first subscriber of this page.
    from: Option<u64>,
    /// An address or an id to search for.
    q: Option<String>,
}

impl Wanted {
    pub(super) fn q(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }
}

/// The parts of the page that are about subscribers. All but `shown` are HTML.
pub(super) struct List {
    pub(super) shown: String,
    pub(super) found: String,
    pub(super) rows: String,
    pub(super) pages: String,
}

pub(super) async fn list(store: &dyn Store, wanted: &Wanted) -> Answer<List> {
    let total = store.subscriber_count(PROJECT).await?;
    let q = wanted.q();
    if !q.is_empty() {
        let found = store.search(PROJECT, q).await?;
        let text = format!("{} found for <bdi>{}</bdi>.", found.len(), escape(q));
        let rows = rows(&found, "No subscriber has this address or id.");
        let pages = "<a class='button secondary' href='/#subscribers-title'>Show all</a>".to_owned();
        return Ok(List { shown: format!("{total} in all, days in UTC"), found: text, rows, pages });
    }
    let after = wanted.after.as_deref().and_then(|id| id.parse::<SubscriberId>().ok());
    let mut page = store.subscribers(PROJECT, after, MAX_ROWS + 1).await?;
    let more = page.len() > MAX_ROWS as usize;
    page.truncate(MAX_ROWS as usize);
    let from = wanted.from.unwrap_or(1);
    let next = from.saturating_add(page.len() as u64);
    let shown = if page.is_empty() {
        String::new()
    } else {
        format!("{from}–{} of {total}, newest first, days in UTC", next - 1)
    };
    let mut pages = String::new();
    if after.is_some() {
        pages += "<a class='button secondary' href='/#subscribers-title'>Newest</a> ";
    }
    if let Some(last) = page.last().filter(|_| more) {
        write!(
            pages,
            "<a class='button secondary' rel=next \
             href='/?after={}&amp;from={next}#subscribers-title'>Next page</a>",
            last.id
        )
        .expect("a string takes everything");
    }
    Ok(List { shown, found: String::new(), rows: rows(&page, "There are no subscribers yet."), pages })
}

fn rows(subscribers: &[Subscriber], none: &str) -> String {
    let mut rows = String::new();
    for one in subscribers {
        let granted = one.granted.map_or("–".to_owned(), |credits| credits.to_string());
        let (name, email, external_id) =
            (cell(one.name.as_deref()), cell(one.email.as_deref()), cell(one.external_id.as_deref()));
        write!(
            rows,
            "<tr><th scope=row>{name}<td class=whole>{email}\
             <td class=whole data-label='External id'>{external_id}\
             <td data-label='First visit'>{}<td data-label='Last visit'>{}\
             <td data-label='Credits granted'>{granted}",
            one.first_day, one.last_day
        )
        .expect("a string takes everything");
    }
    if rows.is_empty() { format!("<tr><td colspan=6 class=muted>{none}") } else { rows }
}

/// A text, of which three lines are shown if it is long: a click or a key shows it all.
fn cell(text: Option<&str>) -> String {
    let text = text.unwrap_or("–");
    let bdi = format!("<bdi>{}</bdi>", escape(text));
    if text.chars().count() > MAX_SHORT {
        format!("<details><summary>{bdi}</summary></details>")
    } else {
        bdi
    }
}
