//! What may be shown of what was pasted: no secret, nothing that a terminal would act on, and not much of it.

use zeroize::Zeroizing;

use super::{
    spelling,
    trace::{Trace, Traces},
};
use crate::hidden::is_hidden;

/// Characters of one finding's text.
const MAX_CHARACTERS: usize = 240;

/// Characters of which something may get into a finding's text, and as many behind them as a secret may take
/// whose first character is the last of these.
const MAX_READ: usize = 1300;
const MAX_LOOKED_AT: usize = 2 * MAX_READ;

/// From this many hexadecimal digits on, a run of them may be a secret or a part of one. A fingerprint has
/// 16.
const MIN_HEX_RUN: usize = 24;

/// From this many characters of base64 on, a run of them may be most of a secret, or a token. An id has
/// fewer. A shorter run is hidden if it spells a run of hexadecimal digits that would be.
const MIN_BASE64_RUN: usize = 40;

/// What is hidden in the texts of findings: known secrets in every spelling, and whatever may be another one.
pub(super) struct Masks {
    known: Traces,
}

impl Masks {
    pub(super) const fn new(known: Traces) -> Self {
        Self { known }
    }

    /// The known secrets that are hidden.
    pub(super) const fn known(&self) -> &Traces {
        &self.known
    }

    /// The text as it may be shown: masked, then cut, then escaped.
    pub(super) fn shown(&self, text: &str) -> String {
        match self.known.look(first(text, MAX_LOOKED_AT).as_bytes()) {
            Trace::Nothing => {}
            Trace::NoText => {
                return "[not shown: it has bytes that are no text, which may be those of a secret]"
                    .to_owned();
            }
            Trace::Part | Trace::Whole(_) => {
                return "[not shown: an SSO secret, or a part of one, may be in it]".to_owned();
            }
            Trace::TooIntricate => {
                return "[not shown: it is too intricate to look for a secret in it]".to_owned();
            }
        }
        let read = first(text, MAX_READ);
        // Letters alone are words.
        let has_digit = |run: &str| run.contains(|c: char| c.is_ascii_digit());
        let has_case = |run: &str| {
            run.contains(|c: char| c.is_ascii_uppercase()) && run.contains(|c: char| c.is_ascii_lowercase())
        };
        let masked = masked(
            read,
            |c| c.is_ascii_hexdigit(),
            |run| {
                (run.len() >= MIN_HEX_RUN && has_digit(run))
                    .then(|| format!("[{} hexadecimal digits]", run.len()))
            },
        );
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
        let masked = self::masked(&masked, is_base64, |run| {
            let is_base64 = run.len() >= MIN_BASE64_RUN && has_digit(run) && has_case(run);
            // A path has words of one case, base32 has no words.
            let mut words = run.split(['/', '-', '_', '+']);
            let is_hidden = is_base64
                || words.any(|word| word.len() >= MIN_BASE64_RUN && has_digit(word))
                || spells_digits(run);
            is_hidden.then(|| format!("[{} characters of base64]", run.len()))
        });
        let more = (read.len() < text.len()).then_some('…');
        let mut shown = String::new();
        for c in masked.chars() {
            push_escaped(c, &mut shown);
        }
        shown.extend(more);
        match shown.char_indices().nth(MAX_CHARACTERS) {
            Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
            None => shown,
        }
    }
}

/// Returns whether a run of base64 spells a run of hexadecimal digits that may be those of a secret.
fn spells_digits(run: &str) -> bool {
    spelling::base64(run.as_bytes(), MIN_HEX_RUN)
        .into_iter()
        .map(Zeroizing::new)
        .any(|bytes| bytes.split(|byte| !byte.is_ascii_hexdigit()).any(|digits| digits.len() >= MIN_HEX_RUN))
}

/// So many characters of the beginning of a text.
fn first(text: &str, length: usize) -> &str {
    text.char_indices().nth(length).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The text with something else in the place of each run of such characters for which there is something
/// else.
fn masked(
    text: &str,
    is_of_run: impl Fn(char) -> bool,
    instead: impl Fn(&str) -> Option<String>,
) -> Zeroizing<String> {
    let mut masked = Zeroizing::new(String::with_capacity(text.len()));
    let mut run = Zeroizing::new(String::new());
    for c in text.chars().map(Some).chain([None]) {
        if let Some(c) = c.filter(|c| is_of_run(*c)) {
            run.push(c);
            continue;
        }
        masked.push_str(instead(&run).as_deref().unwrap_or(&run));
        run.clear();
        masked.extend(c);
    }
    masked
}

/// A character as itself if it is visible, and as an escape if a terminal would act on it or show nothing.
fn push_escaped(c: char, shown: &mut String) {
    let is_escaped = c.escape_debug().count() > 1;
    match c {
        ' ' | '"' | '\'' | '\\' => shown.push(c),
        _ if is_escaped => shown.extend(c.escape_debug()),
        _ if is_hidden(c) => shown.extend(c.escape_unicode()),
        _ => shown.push(c),
    }
}
