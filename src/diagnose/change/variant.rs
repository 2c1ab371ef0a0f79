//! What a change of a secret's text is, and the list in which the variants of one kind are collected.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::diagnose::{mistake::Mistake, work::Bytes};

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnose) enum ChangeKind {
    Cut,
    /// The first part of `Mistyped` alone.
    Missing,
    Mistyped,
    Doubled,
    Case,
    Quoted,
    Named,
    LineEnd,
    Space,
    Spread,
    Decoded,
    Encoded,
    Hashed,
    Utf16,
    Reread,
}

/// How many variants of a kind are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnose) enum Width {
    /// The likeliest.
    One,
    /// The few that are combined with others.
    Usual,
    All,
    /// Those that are tried last, and the usual ones.
    Unusual,
}

/// One change, and the bytes after it.
#[derive(Clone)]
pub(in crate::diagnose) struct Change {
    pub(in crate::diagnose) kind: ChangeKind,
    pub(in crate::diagnose) mistake: Mistake,
    /// They go behind "the secret, ".
    pub(in crate::diagnose) words: Cow<'static, str>,
    pub(in crate::diagnose) bytes: Bytes,
}

/// The variants of one kind, as they are collected.
pub(super) struct Changes {
    pub(super) kind: ChangeKind,
    pub(super) list: Vec<Change>,
}

impl Changes {
    pub(super) fn add(
        &mut self,
        mistake: Mistake,
        words: impl Into<Cow<'static, str>>,
        bytes: impl Into<Vec<u8>>,
    ) {
        let bytes = Zeroizing::new(bytes.into());
        self.list.push(Change { kind: self.kind, mistake, words: words.into(), bytes });
    }
}

/// The text in groups of so many characters, or in lines, without a separator behind the last one.
pub(in crate::diagnose) fn groups(text: &str, length: usize, separator: &str) -> String {
    let mut grouped = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at.checked_rem(length) == Some(0) {
            grouped.push_str(separator);
        }
        grouped.push(c);
    }
    grouped
}
