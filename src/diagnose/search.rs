//! Everything that a payload holds, at any depth up to a limit: in objects, in arrays, and in texts that are
//! JSON. The shallowest come first.

use std::collections::VecDeque;

use super::{
    decoding,
    names::{self, Meaning},
    object::Object,
    vocabulary,
};
use crate::json::{self, Kind};

/// Nothing deeper is looked into.
const MAX_DEPTH: usize = 8;

/// No payload of a person has more values.
const MAX_VALUES: usize = 1500;

/// A value somewhere in the payload.
#[derive(Debug, Default)]
pub(super) struct ClaimValue {
    /// The names that lead to it: `user.emails[0]`.
    pub(super) path: String,
    /// The last name that leads to it: `emails`.
    pub(super) name: String,
    /// What that name means.
    pub(super) meaning: Option<Meaning>,
    /// The value as it is written in JSON. Objects and arrays are among the values as well as what they hold.
    pub(super) raw: String,
    /// How many names lead to it. Those at the top have 1.
    pub(super) depth: usize,
    /// Whether a text that is JSON leads to it.
    pub(super) is_in_text: bool,
    /// Whether everything that leads to it means the user, or data in general.
    pub(super) is_the_users: bool,
    /// Whether something that leads to it is not the user: a company, the manager.
    pub(super) is_anothers: bool,
}

impl ClaimValue {
    /// Returns the text that it is, if it is one.
    pub(super) fn text(&self) -> Option<String> {
        (json::kind(&self.raw) == Kind::String).then(|| json::string(&self.raw))?.map(Into::into)
    }

    /// Returns the path to the object that it is in.
    pub(super) fn holder(&self) -> &str {
        self.path.rsplit_once(self.name.as_str()).map_or("", |(holder, _)| holder)
    }

    /// Returns whether it is neither an object nor an array.
    pub(super) fn is_plain(&self) -> bool {
        !self.raw.starts_with(['{', '['])
    }
}

/// What a payload holds, for the parts that look for a claim elsewhere.
pub(super) struct Payload {
    pub(super) top: Object,
    /// Everything in it at any depth, and whether that is all.
    pub(super) values: Vec<ClaimValue>,
    pub(super) is_complete: bool,
    /// The header's members, where no claim belongs.
    pub(super) header: Object,
}

impl Payload {
    pub(super) fn new(top: Object, header: Object) -> Self {
        let (values, is_complete) = values(&top);
        Self { top, values, is_complete, header }
    }
}

/// Returns everything in this object, and whether that is all of it.
pub(super) fn values(object: &Object) -> (Vec<ClaimValue>, bool) {
    let mut found: Vec<ClaimValue> = Vec::new();
    let mut is_complete = true;
    let mut waiting = VecDeque::from([(object.clone(), ClaimValue::default())]);
    while let Some((object, holder)) = waiting.pop_front() {
        let depth = holder.depth.saturating_add(1);
        for (name, raw) in object.members() {
            let path = &holder.path;
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let meaning = names::claim_meaning(name);
            for (path, raw) in elements(path, raw) {
                if found.len() >= MAX_VALUES {
                    return (found, false);
                }
                let value = ClaimValue {
                    path,
                    name: name.to_owned(),
                    meaning,
                    raw,
                    depth,
                    is_in_text: holder.is_in_text,
                    is_the_users: holder.depth == 0 || holder.is_the_users,
                    is_anothers: holder.is_anothers,
                };
                if let Some((inside, is_text)) = object_inside(&value.raw) {
                    if depth < MAX_DEPTH {
                        let holder = ClaimValue {
                            path: value.path.clone(),
                            depth,
                            is_in_text: value.is_in_text || is_text,
                            is_the_users: value.is_the_users && may_be_the_users(name, meaning),
                            is_anothers: value.is_anothers || meaning == Some(Meaning::Other),
                            ..ClaimValue::default()
                        };
                        waiting.push_back((inside, holder));
                    } else {
                        is_complete = false;
                    }
                }
                found.push(value);
            }
        }
    }
    (found, is_complete)
}

/// The value itself, and what an array holds down to three dimensions, with the path to each.
fn elements(path: String, raw: &str) -> Vec<(String, String)> {
    let mut all = vec![(path, raw.to_owned())];
    let mut waiting = VecDeque::from([(0_usize, 0_usize)]);
    while let Some((place, dimension)) = waiting.pop_front() {
        let Some((path, raw)) = all.get(place).filter(|(_, raw)| raw.starts_with('[')).cloned() else {
            continue;
        };
        for (number, raw) in json::array(&raw).unwrap_or_default().into_iter().enumerate().take(MAX_VALUES) {
            if dimension < 2 {
                waiting.push_back((all.len(), dimension.saturating_add(1)));
            }
            all.push((format!("{path}[{number}]"), raw.to_owned()));
        }
    }
    all
}

/// The object that a value is, or that is written in a text, also in base64 or as the claims of a token; and
/// whether it is a text.
fn object_inside(raw: &str) -> Option<(Object, bool)> {
    if raw.starts_with('{') {
        return Some((Object::read(raw)?, false));
    }
    let mut text = raw.starts_with('"').then(|| json::string(raw))??.trim().to_owned();
    if text.starts_with('"') {
        text = json::string(&text)?.trim().to_owned();
    }
    if text.starts_with("eyJ") {
        // Of another token, its claims.
        let mut segments = text.split('.');
        let only = segments.next().filter(|_| !text.contains('.'));
        text = String::from_utf8(decoding::decode_loosely(only.or_else(|| segments.next())?)?).ok()?;
    }
    if text.starts_with('[') {
        let first = json::array(&text)?.into_iter().find(|raw| raw.starts_with('{'))?;
        return Some((Object::read(first)?, true));
    }
    text.starts_with('{').then(|| Some((Object::read(&text)?, true)))?
}

/// Whether what is in a member of this name may be about the user. A company has an id and a name as well.
fn may_be_the_users(name: &str, meaning: Option<Meaning>) -> bool {
    const HOLDERS: &str = "\
        data payload claims claim attributes attrs properties props traits info details detail body value \
        values identity identities context ctx custom customclaims metadata meta usermetadata appmetadata \
        userdata userdetails userattributes userobject userprofile userinfo me self session auth token \
        result results response record object params fields additionalclaims privateclaims extra extras \
        sso widget jwt personaldata entity authuser loggedinuser dane datos donnees données daten dati \
        users customers members contacts persons people profiles accounts";
    matches!(meaning, Some(Meaning::Person | Meaning::Email | Meaning::Id(_) | Meaning::Name))
        || vocabulary::has(HOLDERS, &names::normalized_name(name))
}
