//! What people, files and programs do to the text of a secret before it becomes a key: one change at a time. `guess`
//! puts changes together.
//!
//! No change may tell an asker anything about a secret that they do not have. So each of them keeps at least 60 of
//! the 64 digits, or exactly the first or the last 32 of them, and none says how many fit.

mod coding;
mod copying;
mod storing;

use std::borrow::Cow;

use zeroize::Zeroizing;

pub(super) use self::storing::VARIABLES;
use super::{
    mistake::Mistake,
    work::{Bytes, Work},
};

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Cut,
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
pub(super) enum Width {
    /// The likeliest.
    One,
    /// The few that are combined with others.
    Usual,
    All,
}

/// One change, and the bytes after it.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) mistake: Mistake,
    /// They go behind "the secret, ".
    pub(super) words: Cow<'static, str>,
    pub(super) bytes: Bytes,
}

impl Kind {
    /// The variants of this kind of change to `bytes`, which `before` made of a secret if that is not the secret itself.
    pub(super) fn variants(
        self,
        bytes: &[u8],
        before: Option<Self>,
        width: Width,
        work: &Work,
    ) -> Vec<Change> {
        let mut changes = Changes { kind: self, list: Vec::new() };
        match self {
            Self::Decoded => coding::decoded(bytes, &mut changes),
            Self::Encoded => coding::encoded(bytes, width, &mut changes),
            Self::Hashed => coding::hashed(bytes, width, work, &mut changes),
            Self::Reread => coding::reread(bytes, before, &mut changes),
            _ => {
                let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
                match self {
                    Self::Cut => copying::cut(text, before, &mut changes),
                    Self::Mistyped => copying::mistyped(text, width, &mut changes),
                    Self::Doubled => copying::doubled(text, width, &mut changes),
                    Self::Case => copying::case(text, width, &mut changes),
                    Self::Quoted => storing::quoted(text, width, &mut changes),
                    Self::Named => storing::named(text, width, &mut changes),
                    Self::LineEnd => storing::line_ends(text, width, &mut changes),
                    Self::Space => storing::spaces(text, width, &mut changes),
                    Self::Spread => storing::spread(text, width, &mut changes),
                    _ => coding::utf16(text, &mut changes),
                }
            }
        }
        if width == Width::One {
            changes.list.truncate(1);
        }
        changes.list
    }
}

/// The variants of one kind, as they are collected.
struct Changes {
    kind: Kind,
    list: Vec<Change>,
}

impl Changes {
    fn add(&mut self, mistake: Mistake, words: impl Into<Cow<'static, str>>, bytes: impl Into<Vec<u8>>) {
        let bytes = Zeroizing::new(bytes.into());
        self.list.push(Change { kind: self.kind, mistake, words: words.into(), bytes });
    }
}

/// The text in groups of so many characters, or in lines, without a separator behind the last one.
pub(super) fn groups(text: &str, length: usize, separator: &str) -> String {
    let mut grouped = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at.checked_rem(length) == Some(0) {
            grouped.push_str(separator);
        }
        grouped.push(c);
    }
    grouped
}
