//! The claims about the visitor: rules C9 to C11. Which mistake it is, and where else the value is.

use super::{
    address::{self, Embedded},
    finding::Findings,
    mistake::Mistake,
    names::{self, Meaning},
    object::Object,
    search::{ClaimValue, Payload},
    segments::counted,
};
use crate::{
    identity::{Email, MAX_EXTERNAL_ID_BYTES, MAX_NAME_CHARACTERS},
    json::{self, Kind},
};

/// What takes the place of an address that cannot be read.
pub(super) const TRIAL_EMAIL: &str = r#""ada@example.com""#;

/// There is no `email`. Whatever else holds an address takes its place in the copy.
pub(super) fn email_missing(payload: &Payload, claims: &mut Object, findings: &mut Findings<'_>) {
    let addresses = || {
        payload.values.iter().filter_map(|value| {
            let text = value.text()?;
            if value.meaning != Some(Meaning::Email) && is_url(&text) {
                return None;
            }
            let is_plain = Email::new(text.trim()).is_ok();
            (is_plain || !within(&text).is_empty()).then_some((value, is_plain))
        })
    };
    let rank = |(value, is_plain): &(&ClaimValue, bool)| {
        let by_name = match value.meaning {
            Some(Meaning::Email) => 0,
            _ if names::normalized_name(&value.name) == "sub" && value.depth == 1 => 1,
            Some(Meaning::Person) => 2,
            Some(Meaning::Id(_)) => 3,
            Some(Meaning::Name) => 4,
            None => 5,
            Some(Meaning::Expiry | Meaning::Other) => 9,
        };
        (by_name == 9 || value.is_anothers, !value.is_the_users, by_name, !is_plain, value.depth)
    };
    // The first of the best.
    let best = addresses().min_by_key(rank);
    // A claim that is called `Email` or `emial`, whatever it holds.
    let is_named = |value: &&ClaimValue| value.depth == 1 && names::is_email(&value.name);
    let named = payload.values.iter().find(is_named);
    let usable = best.filter(|found| !rank(found).0).map(|(value, _)| value);
    let is_null = |value: &&ClaimValue| value.raw == "null";
    if let Some(value) = named.filter(is_null).filter(|_| usable.is_none()) {
        findings.refused(Mistake::EmailMissing, format!("there is no email, and `{}` is null", value.path));
        return claims.set("email", Some(TRIAL_EMAIL));
    }
    if let Some(value) = usable.or(named.filter(|value| value.is_plain())) {
        let is_sub = value.path == "sub";
        let is_structured = value.text().is_some_and(|text| is_structured(&text));
        let mistake = match (is_sub, is_structured) {
            (_, true) => Mistake::ClaimsNested,
            (true, false) => Mistake::EmailInSub,
            (false, false) => Mistake::EmailMisnamed,
        };
        findings.refused(mistake, format!("there is no email, but `{}`: {}", value.path, value.raw));
        let address =
            value.text().filter(|_| is_structured).and_then(|text| within(&text).into_iter().next());
        let address = address.and_then(|one| serde_json::to_string(&one.address).ok());
        let raw = address.as_deref().unwrap_or(&value.raw);
        claims.set("email", Some(raw));
        if json::string(raw).is_none_or(|text| Email::new(&text).is_err()) {
            email_invalid(&value.path, raw, claims, findings);
        }
        return;
    }
    // The address is the name, as in a list of users by address.
    let mut named = payload.values.iter().filter(|value| value.depth <= 2 && !value.is_anothers);
    if let Some(value) = named.find(|value| Email::new(&value.name).is_ok()) {
        let seen = format!("there is no email, but the name of `{}` is an address", value.path);
        findings.refused(Mistake::EmailMisnamed, seen);
        let address = serde_json::to_string(&value.name).ok();
        return claims.set("email", Some(address.as_deref().unwrap_or(TRIAL_EMAIL)));
    }
    let top = payload.top.render();
    let has_none = || !["@", "\\u0040", "%40", "&commat;"].iter().any(|at| top.contains(at));
    let elsewhere = best
        .map(|(value, _)| format!(", and by its name `{}` is not the visitor's: {}", value.path, value.raw));
    let seen = elsewhere.unwrap_or_else(|| {
        let none =
            if payload.is_complete && has_none() { ", and no other claim with an address" } else { "" };
        none.to_owned()
    });
    findings.refused(Mistake::EmailMissing, format!("there is no email{seen}"));
    claims.set("email", Some(TRIAL_EMAIL));
}

/// The addresses in a text, which may be encoded.
fn within(text: &str) -> Vec<Embedded> {
    let plain = address::embedded(text);
    if plain.is_empty() { address::encoded_addresses(text) } else { plain }
}

/// Whether a text is a URL or the address of a repository, `git@host:path`: what is before its `@` is no
/// address.
fn is_url(text: &str) -> bool {
    let path = text.split_once('@').and_then(|(_, rest)| rest.split_once(':')).map(|(_, path)| path);
    let is_path = |path: &str| path.contains('/') && !path.contains(char::is_whitespace);
    text.contains("://") || path.is_some_and(is_path)
}

/// Whether a text is not an address but a whole user, in some form of writing.
fn is_structured(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['{', '[', '"'])
        || text.contains("</")
        || text.contains("\";")
        || (text.contains('=') && (text.contains('&') || text.ends_with([')', '}', ']'])))
}

/// Explains an invalid address in the claim of this name.
pub(super) fn email_invalid(name: &str, raw: &str, claims: &mut Object, findings: &mut Findings<'_>) {
    let Some(text) = json::string(raw) else {
        findings.refused(Mistake::EmailNotText, format!("{name} is `{raw}`"));
        return claims.set("email", Some(TRIAL_EMAIL));
    };
    let (mistake, hint) = address::mistake(&text);
    let hint = if hint.is_empty() { hint } else { format!("{hint}; ") };
    findings.refused(mistake, format!("{hint}{name} is {raw}"));
    claims.set("email", Some(TRIAL_EMAIL));
}

pub(super) fn name_invalid(raw: &str) -> (Mistake, String) {
    let characters = json::string(raw).map_or(0, |name| name.chars().count());
    if characters > MAX_NAME_CHARACTERS {
        (Mistake::NameTooLong, format!("name has {characters} characters: {raw}"))
    } else {
        (Mistake::NameInvalid, format!("name is `{raw}`"))
    }
}

pub(super) fn external_id_invalid(raw: &str) -> (Mistake, String) {
    let bytes = json::string(raw).map_or(0, |id| id.len());
    match json::kind(raw) {
        Kind::Number => (Mistake::ExternalIdNumber, format!("external_id is `{raw}`")),
        _ if bytes > MAX_EXTERNAL_ID_BYTES => {
            (Mistake::ExternalIdTooLong, format!("external_id has {}: {raw}", counted(bytes, "byte")))
        }
        _ => (Mistake::ExternalIdInvalid, format!("external_id is `{raw}`")),
    }
}
