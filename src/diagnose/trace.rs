//! Finds secrets in a text, however they are spelled there: in another case, in groups, as bytes or numbers,
//! escaped, as base64 of base64, and so on.
//!
//! What it finds decides what may be shown, and an asker sees that. So it compares halves of a secret as a
//! whole, by a keyed hash: who does not have 32 digits in a row, the first or the last ones, learns nothing
//! from it, nor from the time it takes.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
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

/// What a look at a text finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    Nothing,
    /// Half of a secret.
    Half,
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
    /// Their bytes read as UTF-8, by the number of characters.
    reread: BTreeMap<usize, HashSet<u64>>,
}

/// One look, as far as it has come.
struct TraceSearch<'t> {
    traces: &'t Traces,
    left: usize,
    found: Trace,
}

impl Traces {
    pub(super) fn new<'s>(secrets: impl Iterator<Item = &'s SsoSecret>) -> Self {
        let mut traces = Self { keyed: RandomState::new(), halves: HashMap::new(), reread: BTreeMap::new() };
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
            let text: Zeroizing<Vec<char>> =
                Zeroizing::new(String::from_utf8_lossy(&bytes).chars().collect());
            traces.reread.entry(text.len()).or_default().insert(traces.keyed.hash_one(text.as_slice()));
        }
        traces
    }

    /// Looks for all of them in a text, which costs time linear in its length.
    pub(super) fn look(&self, text: &[u8]) -> Trace {
        if self.halves.is_empty() {
            return Trace::Nothing;
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
            for inside in spelling::inside(text, HALF_BYTES) {
                self.read(&inside, depth);
            }
        }
    }

    fn compare(&mut self, text: &[u8]) {
        let folded = Zeroizing::new(text.to_ascii_lowercase());
        let digits = folded.windows(HALF).filter(|window| window.iter().all(u8::is_ascii_hexdigit));
        // Bytes are compared as they are. Sixteen in a row of a random secret are no text.
        let is_text = |window: &[u8]| window.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let bytes = text.windows(HALF_BYTES).filter(|window| !is_text(window));
        let mut seen = HashMap::new();
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
        } else if !matches!(self.found, Trace::Whole(_)) && (!seen.is_empty() || self.is_reread(text)) {
            self.found = Trace::Half;
        }
    }

    /// Whether the bytes of a secret are in it, read as UTF-8 with a replacement character for every byte
    /// that is none.
    fn is_reread(&self, text: &[u8]) -> bool {
        let Some(text) =
            std::str::from_utf8(text).ok().filter(|text| text.contains(char::REPLACEMENT_CHARACTER))
        else {
            return false;
        };
        let text: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
        self.traces.reread.iter().any(|(length, hashes)| {
            text.windows(*length).any(|window| hashes.contains(&self.traces.keyed.hash_one(window)))
        })
    }
}
