//! What is shown of a subscriber: to a program, and to people.

use boostgpt_sso::{AccountId, SubscriberId, store::Subscriber};
use serde::Serialize;

use crate::text::escaped;

/// A subscriber, for a program. Days are UTC days; the time is in seconds since 1970.
#[derive(Serialize)]
pub(crate) struct Record<'a> {
    id: SubscriberId,
    account: AccountId,
    email: Option<&'a str>,
    name: Option<&'a str>,
    external_id: Option<&'a str>,
    first_day: String,
    last_day: String,
    applied_at: i64,
    granted: Option<u32>,
}

impl<'a> Record<'a> {
    pub(crate) fn of(subscriber: &'a Subscriber) -> Self {
        Self {
            id: subscriber.id,
            account: subscriber.account,
            email: subscriber.email.as_deref(),
            name: subscriber.name.as_deref(),
            external_id: subscriber.external_id.as_deref(),
            first_day: subscriber.first_day.to_string(),
            last_day: subscriber.last_day.to_string(),
            applied_at: subscriber.applied_at,
            granted: subscriber.granted,
        }
    }
}

/// What the cells hold.
pub(crate) const HEADINGS: [&str; 7] =
    ["subscriber", "first day", "last day", "credits", "e-mail", "external id", "name"];

/// A subscriber, for people: an empty cell is what there is none of.
pub(crate) fn cells(subscriber: &Subscriber) -> [String; 7] {
    let text = |text: &Option<String>| text.as_deref().map(escaped).unwrap_or_default();
    [
        subscriber.id.to_string(),
        subscriber.first_day.to_string(),
        subscriber.last_day.to_string(),
        subscriber.granted.map(|credits| credits.to_string()).unwrap_or_default(),
        text(&subscriber.email),
        text(&subscriber.external_id),
        text(&subscriber.name),
    ]
}
