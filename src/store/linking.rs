//! Who is who: the linking table as one pure function. Adapters fetch its inputs and apply its outcome, both
//! in the same atomic step; nothing here knows a database.
//!
//! With E the token's e-mail key and X its external id; "by E" and "by X" the subscriber of the project who
//! holds it:
//!
//! | token has | by X | by E | outcome |
//! |---|---|---|---|
//! | E | – | none | create |
//! | E | – | S | S |
//! | E, X | none | none | create with X |
//! | E, X | none | S, no external id yet | S takes X, once |
//! | E, X | none | S, other external id | **new** subscriber for X that does not hold E; conflict |
//! | E, X | S | none | S, and S now holds E |
//! | E, X | S | S | S |
//! | E, X | S | T | S, e-mail unchanged; conflict |
//!
//! Two subscribers are never merged, a visitor is never locked out, history and credits never move. A missing
//! name erases nothing. A token issued before the one last applied changes nothing of an existing subscriber.
//! If nothing changes, a token counts as applied on the first visit of a day only: a returning visitor
//! costs no write. That is so while the last recorded day is ahead as well, by another process that is past
//! midnight or by a clock that is fast: the visits of days before it are not recorded.

use super::{
    model::{LinkConflict, Subscriber},
    visit::ProvisionRequest,
};
use crate::verifier::DEFAULT_SKEW;

/// What is to become of a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "four facts that are independent of each other")]
pub struct Decision {
    /// Who the visitor is, as they are now; `None` for a new subscriber.
    pub subscriber: Option<Subscriber>,
    /// The subscriber now holds the token's e-mail address (for display too).
    pub sets_email: bool,
    /// The subscriber's name is now the token's.
    pub sets_name: bool,
    /// The subscriber takes the token's external id.
    pub sets_external_id: bool,
    /// The first visit of a day: to be recorded.
    pub records_visit: bool,
    /// Another subscriber has the e-mail address.
    pub conflict: Option<LinkConflict>,
}

impl Decision {
    /// Returns whether there is anything to write. If there is not, the visit was one read.
    #[must_use]
    pub const fn writes(&self) -> bool {
        self.sets_email || self.sets_name || self.sets_external_id || self.records_visit
    }
}

/// A token issued before an erasure may carry an `iat` up to this many seconds after it: the clock skew that
/// a verifier allows unless it is set otherwise.
const SKEW_SECONDS: i64 = DEFAULT_SKEW;

/// Returns whether the token was issued before its e-mail address or external id was forgotten, at
/// `forgotten_at` seconds since 1970. It is then refused, whichever subscriber has either of them now.
#[must_use]
pub fn is_forgotten(request: &ProvisionRequest, forgotten_at: i64) -> bool {
    request.issued_at() <= forgotten_at.saturating_add(SKEW_SECONDS)
}

/// Decides by the table above. `by_external_id` must be `None` if the token has no external id.
#[must_use]
pub fn decide(
    request: &ProvisionRequest,
    by_external_id: Option<Subscriber>,
    by_email: Option<Subscriber>,
) -> Decision {
    let identity = request.identity();
    let external_id = identity.external_id();
    let (subscriber, conflict) = match (by_external_id, by_email) {
        // The subscriber whom the external id names is the visitor, whatever has become of the address.
        (Some(named), Some(holder)) if named.id != holder.id => {
            (Some(named), Some(LinkConflict::new(holder.id)))
        }
        (Some(named), _) => (Some(named), None),
        // A recycled mailbox must not inherit the history of the person who had it before.
        (None, Some(holder)) if external_id.is_some() && holder.external_id.is_some() => {
            (None, Some(LinkConflict::new(holder.id)))
        }
        (None, holder) => (holder, None),
    };
    let Some(known) = subscriber else {
        return Decision {
            subscriber: None,
            sets_email: conflict.is_none(),
            sets_name: identity.name().is_some(),
            sets_external_id: external_id.is_some(),
            records_visit: true,
            conflict,
        };
    };
    let is_older = request.issued_at() < known.applied_at;
    let differs = |new: &str, old: &Option<String>| !is_older && old.as_deref() != Some(new);
    Decision {
        sets_email: conflict.is_none() && differs(identity.email().as_str(), &known.email),
        sets_name: identity.name().is_some_and(|name| differs(name, &known.name)),
        sets_external_id: known.external_id.is_none() && external_id.is_some() && !is_older,
        // Only the last day is known. To count an earlier one as well, every visit of that day would have to
        // write.
        records_visit: known.last_day < request.today(),
        subscriber: Some(known),
        conflict,
    }
}
