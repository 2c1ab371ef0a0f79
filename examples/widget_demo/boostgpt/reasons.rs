//! Why visitors with a token stayed anonymous: for the operator alone.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use boostgpt_sso::Visitor;

use crate::html::escape;

#[derive(Default)]
pub(super) struct Reasons(Mutex<BTreeMap<&'static str, (u64, String)>>);

impl Reasons {
    pub(super) fn count(&self, token: &str, visitor: &Visitor) {
        if let (Visitor::Anonymous(reason), false) = (visitor, token.is_empty()) {
            let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (count, text) = reasons.entry(reason.code()).or_default();
            *count += 1;
            *text = reason.to_string();
        }
    }

    pub(super) fn rows(&self) -> String {
        let mut rows = String::new();
        for (code, (count, text)) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let text = escape(text);
            write!(rows, "<tr><td><code>{code}</code><td>{count}<td>{text}")
                .expect("a string takes everything");
        }
        if rows.is_empty() { "<tr><td colspan=3>None.".to_owned() } else { rows }
    }
}
