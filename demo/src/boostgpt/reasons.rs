//! Why visitors with a token stayed anonymous lately, for the operator alone: codes and times, nothing about
//! a person.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use boostgpt_sso::{AnonymousReason, VerifyError, Visitor, time::OffsetDateTime};

use crate::html::escape;

/// The number of tokens of which the outcome is kept.
const MAX_OUTCOMES: usize = 1000;

/// What became of a token and when: if it was refused, the reason.
type Outcome = (OffsetDateTime, Option<AnonymousReason>);

/// What became of the agent's latest tokens.
#[derive(Default)]
pub(super) struct Reasons(Mutex<VecDeque<Outcome>>);

impl Reasons {
    pub(super) fn count(&self, token: &str, visitor: &Visitor, now: OffsetDateTime) {
        let refused = match visitor {
            Visitor::Anonymous(_) if token.is_empty() => return, // the visit had no token
            Visitor::Anonymous(reason) => Some(*reason),
            Visitor::Identified(_) => None,
        };
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == MAX_OUTCOMES {
            recent.pop_front();
        }
        recent.push_back((now, refused));
    }

    /// Says how many tokens the shares are of.
    pub(super) fn tokens(&self) -> String {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).len() {
            0 => String::new(),
            1 => "Of the last token. ".to_owned(),
            number => format!("Of the last {number} tokens. "),
        }
    }

    /// The most frequent first: how often, what share of all tokens, from when to when, and what to do.
    pub(super) fn rows(&self) -> String {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reasons = BTreeMap::new();
        for (at, refused) in &*recent {
            if let Some(reason) = refused {
                let (count, _, last, latest) = reasons.entry(reason.code()).or_insert((0, at, at, reason));
                (*count, *last, *latest) = (*count + 1, at, reason);
            }
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, (count, ..))| std::cmp::Reverse(*count));
        let mut rows = String::new();
        for (code, (count, first, last, reason)) in reasons {
            let (share, first, last) = (count * 100 / recent.len(), minute(*first), minute(*last));
            let text = escape(&fix(*reason).map_or_else(|| reason.to_string(), str::to_owned));
            write!(
                rows,
                "<tr><th scope=row><code>{code}</code><td data-label=Times>{count}\
                 <td data-label=Share>{share} %\
                 <td data-label='First seen'>{first}<td data-label='Last seen'>{last}\
                 <td class=whole data-label='Reason and fix'><div>{text}</div>"
            )
            .expect("a string takes everything");
        }
        if rows.is_empty() { "<tr><td colspan=6 class=muted>None so far.".to_owned() } else { rows }
    }
}

/// As HTML, on two lines.
fn minute(at: OffsetDateTime) -> String {
    let (hour, minute, _) = at.to_hms();
    format!("{} <br>{hour:02}:{minute:02}", at.date())
}

/// What the owner does about it, where the dashboard helps more than the verifier's own text.
fn fix(reason: AnonymousReason) -> Option<&'static str> {
    match reason {
        AnonymousReason::Refused(VerifyError::BadSignature) => Some(
            "Your back end signs with another secret, or the token was changed on the way. \
             Compare the fingerprint of its secret with the one above. \
             If you have lost the secret, regenerate it.",
        ),
        AnonymousReason::Refused(VerifyError::Expired { .. }) => {
            Some("Expired tokens: sign a fresh one for every page load.")
        }
        _ => None,
    }
}
