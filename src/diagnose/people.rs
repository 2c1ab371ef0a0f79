//! The claims about the visitor: rules C9 to C11. Which mistake it is, and where else the value stands.

use super::{finding::Findings, mistake::Mistake, object::Object};
use crate::{
    identity::{Email, IdentityError},
    json::{self, Kind},
};

/// Where the real address cannot be read.
const TRIAL_EMAIL: &str = r#""ada@example.com""#;

/// A member's name without case and punctuation; of an address as .NET uses them, its last part.
pub(super) fn plain(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// There is no `email`. Whatever else holds an address takes its place.
pub(super) fn email_missing(payload: &Object, claims: &mut Object, findings: &mut Findings<'_>) {
    let is_address = |raw: &str| json::string(raw).is_some_and(|text| text.contains('@'));
    let named = |wanted: fn(&str) -> bool| {
        payload.members().find(|(name, raw)| wanted(&plain(name)) && is_address(raw))
    };
    let found = named(|name| name.contains("mail"))
        .or_else(|| named(|name| name == "sub"))
        .or_else(|| named(|name| ["upn", "preferredusername", "username", "login", "user"].contains(&name)))
        .or_else(|| payload.members().find(|(name, _)| plain(name) == "email"));
    let raw = if let Some((name, raw)) = found {
        let mistake = if name == "sub" { Mistake::EmailInSub } else { Mistake::EmailMisnamed };
        findings.refused(mistake, format!("there is `{name}`: {raw}"));
        raw
    } else {
        findings.refused(Mistake::EmailMissing, "there is no email, and no other claim with an address");
        TRIAL_EMAIL
    };
    claims.set("email", Some(raw));
}

pub(super) fn email_invalid(raw: &str, claims: &mut Object, findings: &mut Findings<'_>) {
    let text = json::string(raw);
    let (mistake, seen) = match text.as_deref() {
        Some(text) => email_text(text, raw),
        None if json::kind(raw) == Kind::String => (Mistake::EmailShape, format!("email is {raw}")),
        None => (Mistake::EmailNotText, format!("email is `{raw}`")),
    };
    findings.refused(mistake, seen);
    claims.set("email", Some(TRIAL_EMAIL));
}

fn email_text(text: &str, raw: &str) -> (Mistake, String) {
    let trimmed = text.trim();
    let is_decorated = |text: &str| {
        text.contains(['<', '>', ',', ';']) || text.starts_with("mailto:") || text.matches('@').count() > 1
    };
    let mistake = match Email::new(text) {
        _ if trimmed.is_empty() => Mistake::EmailEmpty,
        _ if trimmed != text && !is_decorated(text) => Mistake::EmailWhiteSpace,
        Err(IdentityError::EmailLength { bytes }) => {
            return (Mistake::EmailLength, format!("email has {bytes} bytes: {raw}"));
        }
        _ if is_decorated(text) => Mistake::EmailDecorated,
        Err(IdentityError::EmailCharacter { position }) => {
            return (Mistake::EmailInvisible, format!("at position {position} of the email {raw}"));
        }
        _ if text.split('@').next().is_some_and(|local| local.len() > 64) && text.contains('@') => {
            Mistake::EmailLength
        }
        _ => Mistake::EmailShape,
    };
    (mistake, format!("email is {raw}"))
}

pub(super) fn name_invalid(raw: &str) -> (Mistake, String) {
    let characters = json::string(raw).map_or(0, |name| name.chars().count());
    if characters > 256 {
        (Mistake::NameTooLong, format!("name has {characters} characters: {raw}"))
    } else {
        (Mistake::NameInvalid, format!("name is `{raw}`"))
    }
}

pub(super) fn external_id_invalid(raw: &str) -> (Mistake, String) {
    let bytes = json::string(raw).map_or(0, |id| id.len());
    match json::kind(raw) {
        Kind::Number => (Mistake::ExternalIdNumber, format!("external_id is `{raw}`")),
        _ if bytes > 255 => (Mistake::ExternalIdTooLong, format!("external_id has {bytes} bytes: {raw}")),
        _ => (Mistake::ExternalIdInvalid, format!("external_id is `{raw}`")),
    }
}

/// What the verifier ignores although it was meant for something. `claims` are the payload's as far as they were found.
pub(super) fn advise(payload: &Object, claims: &Object, findings: &mut Findings<'_>) {
    const IDS: &[&str] = &[
        "id",
        "userid",
        "uid",
        "externalid",
        "extid",
        "external",
        "customerid",
        "memberid",
        "accountid",
        "uuid",
    ];
    const NAMES: &[&str] =
        &["name", "displayname", "fullname", "username", "firstname", "givenname", "nickname"];
    let is_absent = |name: &str| {
        let holds = |object: &Object| object.get(name).is_some_and(|raw| !matches!(raw, "null" | "\"\""));
        !holds(payload) && !holds(claims)
    };
    let elsewhere = |names: &[&str]| {
        let fits = |raw: &str| matches!(json::kind(raw), Kind::String | Kind::Number) && raw != "\"\"";
        let mut members = payload.members();
        members.find(|(name, raw)| !claims_name(name) && names.contains(&plain(name).as_str()) && fits(raw))
    };
    if is_absent("external_id")
        && let Some((name, raw)) = elsewhere(IDS)
    {
        findings
            .advise(Mistake::ExternalIdMisnamed, format!("there is no external_id, but `{name}`: `{raw}`"));
    }
    if is_absent("name")
        && let Some((name, raw)) = elsewhere(NAMES)
    {
        findings.advise(Mistake::NameMisnamed, format!("there is no name, but `{name}`: `{raw}`"));
    }
}

fn claims_name(name: &str) -> bool {
    matches!(name, "name" | "external_id")
}
