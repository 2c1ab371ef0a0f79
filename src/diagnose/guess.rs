//! Guesses at the key that a token was signed with: a secret after one change or after two, the likeliest
//! first.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use super::{
    change::{
        Change,
        ChangeKind::{
            self, Case, Cut, Decoded, Doubled, Encoded, Hashed, LineEnd, Missing, Mistyped, Named, Quoted,
            Reread, Space, Spread, Utf16,
        },
        Width,
    },
    work::Work,
};
use crate::secret::SsoSecret;

/// The kinds of changes: those that happen often and have few variants come first.
const KINDS: &[ChangeKind] =
    &[LineEnd, Decoded, Cut, Case, Doubled, Utf16, Encoded, Quoted, Space, Hashed, Named, Mistyped, Spread];

/// Those that are tried with every secret before any other is tried with one.
const FREQUENT: &[ChangeKind] = &[LineEnd, Decoded, Quoted, Encoded, Case];

/// Those of which all variants are tried with a foreign secret before what is rarest.
const COMMON: &[ChangeKind] = &[LineEnd, Cut, Quoted, Space, Hashed];

/// Those of which the usual variants take a hundred guesses.
const KINDS_WITH_MANY_USUAL_VARIANTS: &[ChangeKind] = &[Mistyped];

/// Those of which all variants take as many.
const KINDS_WITH_MANY_VARIANTS: &[ChangeKind] = &[Named, Spread];

/// The likeliest two changes, in few variants: they are tried before anything that takes many guesses.
const LIKELY_PAIRS: &[(First, Width, &[ChangeKind])] = &[
    (First(Decoded, Width::One), Width::Usual, &[Encoded]),
    (First(Decoded, Width::Usual), Width::Usual, &[Reread]),
    (First(Quoted, Width::One), Width::Usual, &[LineEnd]),
    (First(Case, Width::One), Width::Usual, &[LineEnd]),
    (First(Named, Width::Usual), Width::One, &[LineEnd]),
    (First(LineEnd, Width::Usual), Width::Usual, &[Space]),
    (First(LineEnd, Width::One), Width::One, &[Hashed, Encoded]),
    (First(Encoded, Width::One), Width::One, &[Encoded]),
];

/// The first change of two, and what comes after it in how many variants: the likeliest first.
const PAIRS: &[(First, Width, &[ChangeKind])] = &[
    (First(Decoded, Width::One), Width::All, &[Encoded]),
    (First(Decoded, Width::Usual), Width::Usual, &[Encoded, Reread, Hashed, Utf16, LineEnd]),
    (First(Named, Width::Usual), Width::Usual, &[LineEnd, Quoted, Space, Encoded]),
    // A file is often encoded as it is, in one line or in several.
    (First(LineEnd, Width::Usual), Width::All, &[Encoded]),
    (First(LineEnd, Width::Usual), Width::Usual, &[Quoted, Hashed, Utf16, Space, Doubled]),
    (First(Quoted, Width::Usual), Width::Usual, &[LineEnd, Space, Quoted, Encoded, Hashed, Utf16, Named]),
    (
        First(Space, Width::Usual),
        Width::Usual,
        &[LineEnd, Quoted, Encoded, Hashed, Utf16, Space, Reread, Named],
    ),
    (First(Encoded, Width::Usual), Width::Usual, &[LineEnd, Quoted, Space, Encoded, Case, Doubled]),
    (
        First(Case, Width::Usual),
        Width::Usual,
        &[LineEnd, Quoted, Space, Encoded, Decoded, Hashed, Utf16, Named, Doubled, Spread],
    ),
    (
        First(Hashed, Width::Usual),
        Width::Usual,
        &[Case, Encoded, Decoded, LineEnd, Cut, Reread, Quoted, Space],
    ),
    (First(Utf16, Width::Usual), Width::Usual, &[Encoded, Reread, Doubled]),
    (
        First(Doubled, Width::Usual),
        Width::Usual,
        &[LineEnd, Quoted, Space, Decoded, Encoded, Hashed, Named, Utf16, Spread],
    ),
    (First(Spread, Width::Usual), Width::Usual, &[LineEnd, Quoted, Space, Encoded]),
    (First(Cut, Width::All), Width::Usual, &[LineEnd, Quoted, Decoded, Case, Space]),
];

/// The same of those that are rare, or take many guesses: a mistyped secret takes a hundred for each thing
/// that happened to it besides.
const RARE_PAIRS: &[(First, Width, &[ChangeKind])] = &[
    (First(Hashed, Width::Usual), Width::Usual, &[Hashed]),
    (First(Spread, Width::Usual), Width::Usual, &[Hashed, Named, Utf16]),
    (First(Cut, Width::Usual), Width::Usual, &[Encoded, Doubled, Hashed, Utf16, Spread, Named]),
    (First(Named, Width::Usual), Width::Usual, &[Hashed, Utf16]),
    (First(Utf16, Width::Usual), Width::Usual, &[Hashed]),
    (First(Mistyped, Width::Usual), Width::One, &[LineEnd, Decoded, Quoted]),
    (First(Encoded, Width::Usual), Width::Usual, &[Hashed, Named, Utf16]),
    (First(Hashed, Width::Usual), Width::Usual, &[Utf16, Named]),
    (First(Cut, Width::All), Width::Usual, &[Doubled, Spread, Named, Utf16, Encoded, Hashed]),
];

/// What is tried with what is left: with a token of usual length, that is not all of it.
const UNUSUAL_KINDS: &[ChangeKind] = &[Named, Quoted, Mistyped, Spread];
const UNUSUAL_PAIRS: &[(First, Width, &[ChangeKind])] =
    &[(First(Missing, Width::All), Width::One, &[Named, Encoded, Hashed, Case])];

/// The first change of two, and in how many variants.
struct First(ChangeKind, Width);

/// Which guesses are made with a secret before another one is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// The usual variants of the most frequent changes.
    Frequent,
    /// The usual variants of every change of which these are few.
    Usual,
    /// The likeliest two changes, one after the other.
    LikelyPairs,
    /// All variants of the commonest changes.
    Common,
    /// All variants of every change of which these are not too many.
    Singles,
    /// All variants of the changes of which these are many.
    Many,
    /// Two changes, one after the other.
    Pairs,
    /// Two changes that are rare, or take many guesses.
    Rare,
    /// Whatever is rarer still.
    Unusual,
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

    /// The changes to this secret after which it is a key that fits, in their order, and what says that it
    /// fits.
    pub(super) fn find<T>(
        &mut self,
        secret: &SsoSecret,
        effort: Effort,
        fits: &dyn Fn(&[u8]) -> Option<T>,
    ) -> Option<(Vec<Change>, T)> {
        let text = secret.expose_secret().as_bytes();
        let all_but = |kinds: &[ChangeKind]| -> Vec<ChangeKind> {
            KINDS.iter().copied().filter(|kind| !kinds.contains(kind)).collect()
        };
        match effort {
            Effort::Frequent => self.single(text, FREQUENT, Width::Usual, fits),
            Effort::Usual => self.single(text, &all_but(KINDS_WITH_MANY_USUAL_VARIANTS), Width::Usual, fits),
            Effort::Singles => self.single(text, &all_but(KINDS_WITH_MANY_VARIANTS), Width::All, fits),
            Effort::Common => self.single(text, COMMON, Width::All, fits),
            Effort::LikelyPairs => self.pair(text, LIKELY_PAIRS, fits),
            Effort::Many => self.single(text, KINDS_WITH_MANY_VARIANTS, Width::All, fits),
            Effort::Pairs => self.pair(text, PAIRS, fits),
            Effort::Rare => self.pair(text, RARE_PAIRS, fits),
            Effort::Unusual => self
                .single(text, UNUSUAL_KINDS, Width::Unusual, fits)
                .or_else(|| self.pair(text, UNUSUAL_PAIRS, fits)),
        }
    }

    fn single<T>(
        &mut self,
        text: &[u8],
        kinds: &[ChangeKind],
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

    fn pair<T>(
        &mut self,
        text: &[u8],
        pairs: &[(First, Width, &[ChangeKind])],
        fits: &dyn Fn(&[u8]) -> Option<T>,
    ) -> Option<(Vec<Change>, T)> {
        for (First(first, first_width), width, seconds) in pairs {
            let firsts = first.variants(text, None, *first_width, self.work);
            for second in *seconds {
                for first in &firsts {
                    for second in second.variants(&first.bytes, Some(first.kind), *width, self.work) {
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

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::HashMap};

    use super::*;

    const SECRET: &str = "3f9a1c7be2d40586a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455667d8";

    /// Every key that is tried with a secret, and whether digits were lost on the way to it.
    fn keys(secret: &str) -> HashMap<Vec<u8>, bool> {
        let secret: SsoSecret = secret.parse().unwrap();
        let keys = RefCell::new(HashMap::new());
        let record = |key: &[u8]| -> Option<()> {
            let is_lossy =
                std::str::from_utf8(key).is_ok_and(|key| key.contains(char::REPLACEMENT_CHARACTER));
            keys.borrow_mut().insert(key.to_vec(), is_lossy);
            None
        };
        // A new budget for each, so that all of them are made.
        for effort in [
            Effort::Frequent,
            Effort::Usual,
            Effort::LikelyPairs,
            Effort::Common,
            Effort::Singles,
            Effort::Many,
            Effort::Pairs,
            Effort::Rare,
            Effort::Unusual,
        ] {
            let work = Work::new();
            assert!(Guesser::new(&work).find(&secret, effort, &record).is_none());
            assert!(!work.is_used_up());
        }
        keys.into_inner()
    }

    /// The secret with another digit in one place.
    fn with_another_digit(place: usize, step: u32) -> String {
        let digit = |digit: char| char::from_digit((digit.to_digit(16).unwrap() + step) % 16, 16).unwrap();
        SECRET.chars().enumerate().map(|(at, c)| if at == place { digit(c) } else { c }).collect()
    }

    /// A guess that does not need a digit is also made with a secret that has another one in its place.
    #[test]
    fn no_guess_needs_fewer_than_60_digits_but_exactly_half_of_them() {
        let guessed = keys(SECRET);
        assert!(guessed.len() > 2000, "{}", guessed.len());
        let mut needs: HashMap<&[u8], Vec<bool>> =
            guessed.keys().map(|key| (key.as_slice(), vec![true; SECRET.len()])).collect();
        for place in 0..SECRET.len() {
            // The lowest bit, the highest one, and both.
            for step in [1, 8, 9] {
                let other = keys(&with_another_digit(place, step));
                for (_, needs) in needs.iter_mut().filter(|(key, _)| other.contains_key(**key)) {
                    needs[place] = false;
                }
            }
        }
        let halves = [[vec![true; 32], vec![false; 32]].concat(), [vec![false; 32], vec![true; 32]].concat()];
        let mut lost = 0;
        for (key, needs) in needs {
            let count = needs.iter().filter(|needed| **needed).count();
            // Bytes that are read as text lose digits, but not so many that the others could be found one by
            // one.
            lost += usize::from(guessed[key] && (32..60).contains(&count));
            assert!(
                count >= 60 || halves.contains(&needs) || (guessed[key] && count >= 32),
                "{:?} needs {count} digits: {needs:?}",
                String::from_utf8_lossy(key)
            );
        }
        assert!((1..=4).contains(&lost), "{lost}");
    }
}
