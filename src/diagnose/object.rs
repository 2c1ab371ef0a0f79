//! A JSON object as a doctor reads it: every member, in its order, repeated ones too, each value as its own
//! text. Values are never built, so depth costs no stack and numbers stay as they are written.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json;

#[derive(Debug, Clone, Default)]
pub(super) struct Object(Vec<(String, String)>);

impl Object {
    /// The one JSON object that the text is.
    pub(super) fn read(text: &str) -> Option<Self> {
        struct AllMembers;

        impl<'de> Visitor<'de> for AllMembers {
            type Value = Vec<(String, String)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name, value.get().to_owned()));
                }
                Ok(members)
            }
        }

        let mut json = serde_json::Deserializer::from_str(text);
        let members = json.deserialize_map(AllMembers).ok()?;
        json.end().ok()?;
        Some(Self(members))
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), raw.as_str()))
    }

    /// The first member of this name, raw.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.members().find(|(member, _)| *member == name).map(|(_, raw)| raw)
    }

    /// The string that this member is.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(json::string).map(Into::into)
    }

    /// Which of these names are in it more than once.
    pub(super) fn twice<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        let count = |name: &str| self.members().filter(|(member, _)| *member == name).count();
        names.iter().copied().filter(|name| count(name) > 1).collect()
    }

    /// Puts this member in the place of all of its name; `None` takes them out.
    pub(super) fn set(&mut self, name: &str, raw: Option<&str>) {
        self.0.retain(|(member, _)| member != name);
        if let Some(raw) = raw {
            self.0.push((name.to_owned(), raw.to_owned()));
        }
    }

    /// Only the members of these names.
    pub(super) fn only(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect())
    }

    pub(super) fn render(&self) -> String {
        let quoted = |name: &str| serde_json::to_string(name).unwrap_or_default();
        let members: Vec<_> = self.members().map(|(name, raw)| format!("{}:{raw}", quoted(name))).collect();
        format!("{{{}}}", members.join(","))
    }
}
