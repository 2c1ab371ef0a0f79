//! What people, files and programs do to the text of a secret before it becomes a key: one change at a time.
//! `guess` puts changes together.
//!
//! No change may tell an asker anything about a secret that they do not have. So each of them keeps at least
//! 60 of the 64 digits, or exactly the first or the last 32 of them, and none says how many fit. Bytes that
//! were read as text keep fewer, but more than 2^90 keys are left.

mod coding;
mod copying;
mod spacing;
mod storing;
mod variant;

use self::variant::Changes;
pub(super) use self::{
    storing::{OTHER_VARIABLES, VARIABLES},
    variant::{Change, ChangeKind, Width, groups},
};
use super::work::Work;

impl ChangeKind {
    /// The variants of this kind of change to `bytes`, which `before` made of a secret if that is not the
    /// secret itself.
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
            Self::Encoded => coding::encoded(bytes, before, width, &mut changes),
            Self::Hashed => coding::hashed(bytes, width, work, &mut changes),
            Self::Reread => coding::reread(bytes, before, &mut changes),
            _ => {
                let Ok(text) = std::str::from_utf8(bytes) else {
                    if self == Self::LineEnd {
                        spacing::line_ends_of_bytes(bytes, &mut changes);
                    }
                    return changes.list;
                };
                match self {
                    Self::Cut => copying::cut(text, before, width, &mut changes),
                    Self::Missing => copying::one_missing(text, &mut changes),
                    Self::Mistyped => copying::mistyped(text, width, &mut changes),
                    Self::Doubled => copying::doubled(text, width, &mut changes),
                    Self::Case => copying::case(text, width, &mut changes),
                    Self::Quoted => storing::quoted(text, width, &mut changes),
                    Self::Named => storing::named(text, width, &mut changes),
                    Self::LineEnd => spacing::line_ends(text, width, &mut changes),
                    Self::Space => spacing::spaces(text, width, &mut changes),
                    Self::Spread => spacing::spread(text, width, &mut changes),
                    _ => coding::utf16(text, width, &mut changes),
                }
            }
        }
        if width == Width::One {
            changes.list.truncate(1);
        }
        changes.list
    }
}
