//! What happens to a text when it is copied: a part of it, twice, mistyped, in another case.

use zeroize::Zeroizing;

use super::variant::{ChangeKind, Changes, Width};
use crate::diagnose::mistake::Mistake;

/// The digits of a secret.
const DIGITS: usize = 64;

/// A part of the text: of a secret, at least 60 digits or exactly half of it.
pub(super) fn cut(text: &str, before: Option<ChangeKind>, width: Width, changes: &mut Changes) {
    let lengths: &[usize] = match before {
        None if text.len() == DIGITS && width == Width::All => &[32, 63, 62, 61, 60],
        None if text.len() == DIGITS => &[32, 63],
        Some(ChangeKind::Hashed) => &[32, 64],
        _ => return,
    };
    for length in lengths.iter().copied().filter(|length| *length < text.len()) {
        if let Some((part, _)) = text.split_at_checked(length) {
            changes.add(Mistake::SecretCut, "cut at its end", part);
        }
        if let Some((_, part)) = text.split_at_checked(text.len().saturating_sub(length)) {
            changes.add(Mistake::SecretCut, "cut at its beginning", part);
        }
    }
}

/// The text without one of its characters.
pub(super) fn one_missing(text: &str, changes: &mut Changes) {
    let mut last = None;
    for (at, c) in text.char_indices() {
        // Of several that are the same, any one is missing.
        if let (Some((before, _)), Some((_, after))) =
            (text.split_at_checked(at), text.split_at_checked(at.saturating_add(c.len_utf8())))
            && last != Some(c)
        {
            changes.add(Mistake::SecretMistyped, "with one character missing", format!("{before}{after}"));
        }
        last = Some(c);
    }
}

/// As people type it wrong.
pub(super) fn mistyped(text: &str, width: Width, changes: &mut Changes) {
    one_missing(text, changes);
    let characters: Vec<char> = text.chars().collect();
    for at in 1..characters.len() {
        let mut swapped = Zeroizing::new(characters.clone());
        swapped.swap(at.saturating_sub(1), at);
        if *swapped != characters {
            let words = "with two neighbouring characters exchanged";
            changes.add(Mistake::SecretMistyped, words, swapped.iter().collect::<String>());
        }
    }
    if matches!(width, Width::All | Width::Unusual) {
        letters(text, changes);
    }
    if width == Width::Unusual {
        one_too_many(text, changes);
    }
}

/// Letters in the place of digits that look like them.
fn letters(text: &str, changes: &mut Changes) {
    for (digit, letters) in [("0", ["O", "o"]), ("1", ["l", "I"])] {
        for letter in letters.into_iter().filter(|_| text.contains(digit)) {
            let words = format!("with the letter {letter} in the place of the digit {digit}");
            changes.add(Mistake::SecretMistyped, words, text.replace(digit, letter));
        }
    }
}

/// One character too many, one letter for a digit, and the text backwards.
fn one_too_many(text: &str, changes: &mut Changes) {
    let mut add = |words: &'static str, text: String| changes.add(Mistake::SecretMistyped, words, text);
    add("backwards", text.chars().rev().collect());
    for (digit, letter) in [("0", "O"), ("8", "B")] {
        for (at, _) in text.match_indices(digit) {
            if let Some((before, after)) = text.split_at_checked(at) {
                let words = "with a letter in the place of a digit that looks like it";
                add(words, format!("{before}{}", after.replacen(digit, letter, 1)));
            }
        }
    }
    for c in "0123456789abcdefvV~".chars() {
        add("with one character too many at its beginning", format!("{c}{text}"));
        add("with one character too many at its end", format!("{text}{c}"));
    }
    for (at, c) in text.char_indices() {
        if let Some((before, after)) = text.split_at_checked(at) {
            add("with one character twice", format!("{before}{c}{after}"));
        }
    }
}

/// The text twice.
pub(super) fn doubled(text: &str, width: Width, changes: &mut Changes) {
    changes.add(Mistake::SecretDoubled, "twice, one behind the other", format!("{text}{text}"));
    if width == Width::All {
        changes.add(Mistake::SecretDoubled, "three times, one behind the other", text.repeat(3));
        for between in ["\n", " ", ",", "\r\n", ";", ", "] {
            changes.add(
                Mistake::SecretDoubled,
                "twice, one behind the other",
                format!("{text}{between}{text}"),
            );
        }
    }
}

/// The text in another case.
pub(super) fn case(text: &str, width: Width, changes: &mut Changes) {
    let mut add = |words: &'static str, changed: String| {
        if changed != text {
            changes.add(Mistake::SecretCase, words, changed);
        }
    };
    add("in capitals", text.to_ascii_uppercase());
    add("in small letters", text.to_ascii_lowercase());
    if width != Width::All {
        return;
    }
    let mut after_letter = false;
    let title = text.chars().map(|c| {
        let other = if after_letter { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
        after_letter = c.is_ascii_alphabetic();
        other
    });
    add("with a capital letter at the beginning of each word", title.collect());
    let mut letters = 0_usize;
    let capitalised = text.chars().map(|c| {
        letters = letters.saturating_add(usize::from(c.is_ascii_alphabetic()));
        if letters == 1 { c.to_ascii_uppercase() } else { c }
    });
    add("with a capital letter as its first one", capitalised.collect());
}
