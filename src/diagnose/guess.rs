//! Guesses at the key that a token was signed with: a secret after one change or after two, the likeliest first.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use super::{
    change::{
        Change,
        Kind::{
            self, Case, Cut, Decoded, Doubled, Encoded, Hashed, LineEnd, Mistyped, Named, Quoted, Reread,
            Space, Spread, Utf16,
        },
        Width,
    },
    work::Work,
};
use crate::secret::SsoSecret;

/// The kinds of changes, by how often they happen.
const SINGLE: &[Kind] =
    &[LineEnd, Decoded, Quoted, Encoded, Space, Case, Hashed, Utf16, Named, Cut, Doubled, Mistyped, Spread];

/// Those that are tried with every secret before any other is tried with one.
const FREQUENT: &[Kind] = &[LineEnd, Decoded, Quoted, Encoded, Case];

/// The first change of two, and what comes after it. The likeliest are first, and last those that take many guesses.
const PAIRS: &[(Kind, &[Kind])] = &[
    (Decoded, &[Encoded, Reread, Hashed]),
    (Named, &[LineEnd, Quoted, Space, Encoded]),
    (LineEnd, &[Encoded, Quoted, Hashed, Utf16, Space, Doubled]),
    (Quoted, &[LineEnd, Space, Encoded, Hashed, Utf16, Named, Quoted]),
    (Space, &[LineEnd, Quoted, Encoded, Hashed, Utf16, Space, Reread, Named]),
    (Encoded, &[LineEnd, Quoted, Space, Encoded, Named, Hashed]),
    (Case, &[LineEnd, Quoted, Space, Encoded, Decoded, Hashed, Utf16, Named, Doubled, Spread]),
    (Hashed, &[Case, Encoded, LineEnd, Cut, Reread, Quoted, Space]),
    (Utf16, &[Encoded, Hashed, Reread]),
    (Cut, &[LineEnd, Quoted, Decoded, Case, Space]),
    (Doubled, &[LineEnd, Quoted, Space, Decoded, Encoded, Hashed, Named]),
    (Spread, &[LineEnd, Quoted, Space, Encoded, Hashed, Named]),
    (Cut, &[Encoded, Hashed, Utf16, Doubled]),
    (Mistyped, &[LineEnd, Quoted, Decoded]),
    (Hashed, &[Hashed, Utf16]),
    (Encoded, &[Utf16]),
    (Named, &[Hashed, Utf16]),
    (Doubled, &[Utf16]),
    (Spread, &[Utf16]),
    (Cut, &[Named, Spread]),
    (Mistyped, &[Case, Space, Hashed, Encoded]),
];

/// Which guesses are made with a secret before another one is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// The usual variants of the most frequent changes.
    Frequent,
    /// Every change.
    Singles,
    /// Two changes, one after the other.
    Pairs,
}

/// Makes each guess once.
pub(super) struct Guesser<'a> {
    work: &'a Work,
    keyed: RandomState,
    /// Keyed hashes of the keys that were tried.
    tried: HashSet<u64>,
}

impl<'a> Guesser<'a> {
    pub(super) fn new(work: &'a Work) -> Self {
        Self { work, keyed: RandomState::new(), tried: HashSet::new() }
    }

    /// The changes to this secret after which it is a key that fits, in their order, and what says that it fits.
    pub(super) fn find<T>(
        &mut self,
        secret: &SsoSecret,
        effort: Effort,
        fits: &dyn Fn(&[u8]) -> Option<T>,
    ) -> Option<(Vec<Change>, T)> {
        let text = secret.expose_secret().as_bytes();
        match effort {
            Effort::Frequent => self.single(text, FREQUENT, Width::Usual, fits),
            Effort::Singles => self.single(text, SINGLE, Width::All, fits),
            Effort::Pairs => self.pair(text, fits),
        }
    }

    fn single<T>(
        &mut self,
        text: &[u8],
        kinds: &[Kind],
        width: Width,
        fits: &dyn Fn(&[u8]) -> Option<T>,
    ) -> Option<(Vec<Change>, T)> {
        for kind in kinds {
            for change in kind.variants(text, None, width, self.work) {
                if self.is_new(&change.bytes)
                    && let Some(found) = fits(&change.bytes)
                {
                    return Some((vec![change], found));
                }
            }
            if self.work.is_used_up() {
                break;
            }
        }
        None
    }

    fn pair<T>(&mut self, text: &[u8], fits: &dyn Fn(&[u8]) -> Option<T>) -> Option<(Vec<Change>, T)> {
        for (first, seconds) in PAIRS {
            let firsts = first.variants(text, None, Width::Usual, self.work);
            for second in *seconds {
                // A file is often encoded as it is, in one line or in several.
                let is_file = (*first, *second) == (Kind::LineEnd, Kind::Encoded);
                let width = if is_file { Width::All } else { Width::Usual };
                for first in &firsts {
                    for second in second.variants(&first.bytes, Some(first.kind), width, self.work) {
                        if self.is_new(&second.bytes)
                            && let Some(found) = fits(&second.bytes)
                        {
                            return Some((vec![first.clone(), second], found));
                        }
                    }
                    if self.work.is_used_up() {
                        return None;
                    }
                }
            }
        }
        None
    }

    fn is_new(&mut self, key: &[u8]) -> bool {
        self.tried.insert(self.keyed.hash_one(key))
    }
}
