//! The subscribers, newest first, as rows of a table: a page of them, or what a search found.

use std::fmt::Write;

use boostgpt_sso::{
    SubscriberId,
    store::{Store, Subscriber},
};
use serde::Deserialize;

use super::{PROJECT, answer::Answer};
use crate::html::escape;

/// The rows of a page.
const ROWS: u32 = 10;

/// What the address of the dashboard asks for.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    /// The last subscriber of the page before.
    after: Option<String>,
    /// An address or an id to search for.
    q: Option<String>,
}

impl Wanted {
    pub(super) fn q(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }
}

/// The parts of the page that are about subscribers. All but the number are HTML.
pub(super) struct List {
    pub(super) total: u64,
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
        return Ok(List { total, found: text, rows, pages });
    }
    let after = wanted.after.as_deref().and_then(|id| id.parse::<SubscriberId>().ok());
    let mut page = store.subscribers(PROJECT, after, ROWS + 1).await?;
    let more = page.len() > ROWS as usize;
    page.truncate(ROWS as usize);
    let mut pages = String::new();
    if after.is_some() {
        pages += "<a class='button secondary' href='/#subscribers-title'>Newest</a> ";
    }
    if let Some(last) = page.last().filter(|_| more) {
        write!(
            pages,
            "<a class='button secondary' rel=next href='/?after={}#subscribers-title'>Next page</a>",
            last.id
        )
        .expect("a string takes everything");
    }
    Ok(List { total, found: String::new(), rows: rows(&page, "There are no subscribers yet."), pages })
}

fn rows(subscribers: &[Subscriber], none: &str) -> String {
    let mut rows = String::new();
    for one in subscribers {
        let text = |text: &Option<String>| escape(text.as_deref().unwrap_or("–"));
        let granted = one.granted.map_or("–".to_owned(), |credits| credits.to_string());
        let (name, email, external_id) = (text(&one.name), text(&one.email), text(&one.external_id));
        write!(
            rows,
            "<tr><th scope=row><bdi>{name}</bdi>\
             <td class=whole><bdi>{email}</bdi><td data-label='External id'><bdi>{external_id}</bdi>\
             <td data-label='First day'>{}<td data-label='Last day'>{}<td data-label=Credits>{granted}",
            one.first_day, one.last_day
        )
        .expect("a string takes everything");
    }
    if rows.is_empty() { format!("<tr><td colspan=6 class=muted>{none}") } else { rows }
}
