//! Why visitors with a token stayed anonymous lately, for the operator alone: codes and times, nothing about
//! a person.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use boostgpt_sso::{Visitor, time::OffsetDateTime};

use crate::html::escape;

const RECENT: usize = 1000;

/// What became of a token and when: if it was refused, the code and the text of the reason.
type Outcome = (OffsetDateTime, Option<(&'static str, String)>);

/// What became of the agent's latest tokens.
#[derive(Default)]
pub(super) struct Reasons(Mutex<VecDeque<Outcome>>);

impl Reasons {
    pub(super) fn count(&self, token: &str, visitor: &Visitor, now: OffsetDateTime) {
        let refused = match visitor {
            Visitor::Anonymous(_) if token.is_empty() => return, // the visit had no token
            Visitor::Anonymous(reason) => Some((reason.code(), reason.to_string())),
            Visitor::Identified(_) => None,
        };
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == RECENT {
            recent.pop_front();
        }
        recent.push_back((now, refused));
    }

    /// The most frequent first: how often, what share of all tokens, since when, and what to do.
    pub(super) fn rows(&self) -> String {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reasons = BTreeMap::new();
        for (at, refused) in &*recent {
            if let Some((code, text)) = refused {
                let (count, _, last) = reasons.entry(code).or_insert((0, at, text));
                (*count, *last) = (*count + 1, text);
            }
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, (count, ..))| std::cmp::Reverse(*count));
        let mut rows = String::new();
        for (code, (count, since, text)) in reasons {
            let (share, (hour, minute, _), text) = (count * 100 / recent.len(), since.to_hms(), escape(text));
            let since = format!("{} {hour:02}:{minute:02}", since.date());
            write!(
                rows,
                "<tr><th scope=row><code>{code}</code><td data-label=Times>{count}\
                 <td data-label=Share>{share} %<td data-label='Since (UTC)'>{since}\
                 <td class=whole data-label='What to do'><div>{text}</div>"
            )
            .expect("a string takes everything");
        }
        if rows.is_empty() { "<tr><td colspan=5 class=muted>None so far.".to_owned() } else { rows }
    }
}
