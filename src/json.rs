//! Reading one JSON object strictly [RFC 8259]: the raw text of its recognised members, each once.
//!
//! `serde_json` checks the grammar and finds the members; a member's *value* is kept as its own text until
//! the rule about it is due. So no number passes through a float, an ignored member costs one linear,
//! non-recursive scan whatever its depth, and no verdict depends on `serde_json`'s other features.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How often a recognised member is in the object, and its raw value if that is once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member<'a> {
    Absent,
    Once(&'a str),
    Repeated,
}

/// Not one UTF-8 JSON object with nothing after it.
#[derive(Debug)]
pub(crate) struct NotAnObject;

/// Finds the members called `names`, in that order, in the one JSON object that `text` is. A member's name is
/// compared after its escapes are resolved: `"\u0061lg"` is `alg`.
pub(crate) fn members<'a, const N: usize>(
    text: &'a str,
    names: &[&str; N],
) -> Result<[Member<'a>; N], NotAnObject> {
    let mut json = serde_json::Deserializer::from_str(text);
    let found = json.deserialize_map(Members(names)).map_err(|_| NotAnObject)?;
    json.end().map_err(|_| NotAnObject)?;
    Ok(found)
}

/// Reads the string that `raw` is; `None` if it is something else, or no Unicode (an unpaired surrogate).
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    struct Text;

    impl<'de> Visitor<'de> for Text {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }
    }

    serde_json::Deserializer::from_str(raw).deserialize_str(Text).ok()
}

/// Returns whether an escape in `raw`, a JSON value, is one half of a surrogate pair without the other
/// [RFC 8259 section 8.2], so that a text in it is no Unicode.
pub(crate) fn has_unpaired_surrogate(raw: &str) -> bool {
    /// The UTF-16 unit that an escape spells, and what follows it. `escaped` is what follows the backslash.
    fn unit(escaped: &str) -> Option<(u16, &str)> {
        let (digits, rest) = escaped.strip_prefix('u')?.split_at_checked(4)?;
        Some((u16::from_str_radix(digits, 16).ok()?, rest))
    }

    let mut rest = raw;
    while let Some((_, escaped)) = rest.split_once('\\') {
        let mut behind = escaped.chars();
        behind.next();
        rest = match unit(escaped) {
            Some((0xd800..=0xdbff, behind)) => match behind.strip_prefix('\\').and_then(unit) {
                Some((0xdc00..=0xdfff, behind)) => behind,
                _ => return true,
            },
            Some((0xdc00..=0xdfff, _)) => return true,
            _ => behind.as_str(),
        };
    }
    false
}

/// Reads the raw elements of the array that `raw` is; `None` if it is something else.
pub(crate) fn array(raw: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// What kind of value a raw text is: JSON tells them apart by their first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Number,
    Null,
    Array,
    Other,
}

pub(crate) fn kind(raw: &str) -> Kind {
    match raw.bytes().next() {
        Some(b'"') => Kind::String,
        Some(b'-' | b'0'..=b'9') => Kind::Number,
        Some(b'n') => Kind::Null,
        Some(b'[') => Kind::Array,
        _ => Kind::Other,
    }
}

struct Members<'n, const N: usize>(&'n [&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Member<'de>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [Member::Absent; N];
        while let Some(position) = map.next_key_seed(Name(self.0))? {
            match position.and_then(|position| found.get_mut(position)) {
                Some(member) => {
                    let raw = map.next_value::<&RawValue>()?.get();
                    *member = match member {
                        Member::Absent => Member::Once(raw),
                        Member::Once(_) | Member::Repeated => Member::Repeated,
                    };
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// Reads a member's name as its position among the recognised ones.
struct Name<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }
}
