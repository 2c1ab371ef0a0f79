//! Finds secrets in a text, however they are spelled there: in another case, in groups, as bytes or numbers,
//! escaped, as base64 of base64, and so on.
//!
//! What it finds decides what may be shown, and an asker sees that. So it compares halves of a secret as a
//! whole, by a keyed hash: anyone who does not have 32 digits in a row, the first or the last ones, learns
//! nothing from it, nor from the time it takes.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, RandomState},
};

use zeroize::Zeroizing;

use super::spelling;
use crate::secret::SsoSecret;

/// Half of a secret's digits, and the bytes that they are.
const HALF: usize = 32;
const HALF_BYTES: usize = HALF / 2;

/// Spellings inside each other: base64 of hexadecimal digits in groups, for example.
const MAX_DEPTH: usize = 3;

/// How many bytes are read in all, the spellings inside each other included.
const MAX_BYTES: usize = 128 * 1024;

/// From so many replacement characters on, a text may be the bytes of a secret that were read as UTF-8: of
/// random secrets, one in a million has fewer.
const MIN_REPLACED: usize = 4;

/// What a look at a text finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    Nothing,
    /// Bytes that were no text, and may be those of a secret.
    NoText,
    /// Half of a secret.
    Part,
    /// The secret of this number.
    Whole(usize),
    /// Nothing, in as much as was read.
    TooIntricate,
}

/// The secrets that are looked for, of which no digit is kept.
pub(super) struct Traces {
    keyed: RandomState,
    /// The halves: which secret's, and which half.
    halves: HashMap<u64, (usize, bool)>,
}

/// One look, as far as it has come.
struct TraceSearch<'t> {
    traces: &'t Traces,
    left: usize,
    found: Trace,
}

impl Traces {
    pub(super) fn new<'s>(secrets: impl Iterator<Item = &'s SsoSecret>) -> Self {
        let mut traces = Self { keyed: RandomState::new(), halves: HashMap::new() };
        for (number, secret) in secrets.enumerate() {
            let digits = Zeroizing::new(secret.expose_secret().to_ascii_lowercase().into_bytes());
            let bytes = Zeroizing::new(hex::decode(&*digits).unwrap_or_default());
            // The two digits in the middle may be exchanged, and then both halves are others.
            let mut swapped = digits.clone();
            swapped.swap(HALF.saturating_sub(1), HALF);
            for (text, half) in [(&digits, HALF), (&swapped, HALF), (&bytes, HALF_BYTES)] {
                for (last, half) in [false, true].into_iter().zip(text.chunks_exact(half)) {
                    traces.halves.insert(traces.keyed.hash_one(half), (number, last));
                }
            }
        }
        traces
    }

    /// Looks for all of them in a text, which costs time linear in its length.
    pub(super) fn look(&self, text: &[u8]) -> Trace {
        if self.halves.is_empty() {
            return if is_no_text(text) { Trace::NoText } else { Trace::Nothing };
        }
        let mut look = TraceSearch { traces: self, left: MAX_BYTES, found: Trace::Nothing };
        look.read(text, MAX_DEPTH);
        look.found
    }
}

impl TraceSearch<'_> {
    /// Looks at a text and at what it spells.
    fn read(&mut self, text: &[u8], depth: usize) {
        let Some(left) = self.left.checked_sub(text.len()) else {
            if self.found == Trace::Nothing {
                self.found = Trace::TooIntricate;
            }
            return;
        };
        self.left = left;
        self.compare(text);
        if let Some(depth) = depth.checked_sub(1) {
            for inside in spelling::spelled_bytes(text, HALF_BYTES) {
                self.read(&inside, depth);
            }
        }
    }

    fn compare(&mut self, text: &[u8]) {
        let folded: Zeroizing<Vec<u8>> = Zeroizing::new(text.iter().copied().map(spelling::folded).collect());
        let digits = folded.windows(HALF).filter(|window| window.iter().all(u8::is_ascii_hexdigit));
        // Bytes are compared as they are. Sixteen in a row of a random secret are no text.
        let is_text = |window: &[u8]| window.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let bytes = text.windows(HALF_BYTES).filter(|window| !is_text(window));
        // In the order of the secrets, so that a text with two of them always has the same finding.
        let mut seen = BTreeMap::new();
        for window in digits.chain(bytes) {
            if let Some((number, last)) = self.traces.halves.get(&self.traces.keyed.hash_one(window)) {
                let [first, second]: &mut [bool; 2] = seen.entry(*number).or_default();
                *(if *last { second } else { first }) = true;
            }
        }
        if let Some(number) =
            seen.iter().find(|(_, halves)| **halves == [true, true]).map(|(number, _)| *number)
        {
            self.found = Trace::Whole(number);
        } else if !matches!(self.found, Trace::Whole(_)) && !seen.is_empty() {
            self.found = Trace::Part;
        } else if matches!(self.found, Trace::Nothing | Trace::TooIntricate) && is_no_text(text) {
            self.found = Trace::NoText;
        }
    }
}

/// Whether it was bytes that are no UTF-8, before a replacement character was put for each of those.
fn is_no_text(text: &[u8]) -> bool {
    let mut replacement = [0; 4];
    let replacement = char::REPLACEMENT_CHARACTER.encode_utf8(&mut replacement).as_bytes();
    text.windows(replacement.len()).filter(|window| *window == replacement).count() >= MIN_REPLACED
}
