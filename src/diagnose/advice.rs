//! Advice on what the verifier accepts: an id or a name in another place, an id that is none, a name that was
//! encoded.

use super::{
    address, decoding, encoded,
    finding::Findings,
    mistake::Mistake,
    names::{self, Meaning},
    object::Object,
    printed,
    search::{ClaimValue, Payload},
    template,
    trial::Trial,
    vocabulary,
};
use crate::{
    identity::MAX_EXTERNAL_ID_BYTES,
    json::{self, Kind},
};

/// The largest whole number up to which JavaScript keeps all of them apart: 2^53 − 1.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// Advises about name and external id. `claims` are the payload's, repaired and as far as they were found.
pub(super) fn advise_on_claims(
    payload: &Payload,
    claims: &Object,
    trial: &Trial,
    findings: &mut Findings<'_>,
) {
    if !findings.found(Mistake::ClaimsNested) {
        let is_absent = |name: &str| {
            let has = |object: &Object| object.get(name).is_some_and(|raw| !matches!(raw, "null" | "\"\""));
            !has(&payload.top) && !has(claims)
        };
        if is_absent("external_id")
            && let Some(value) = external_id(&payload.values)
        {
            let seen = format!("there is no external_id, but `{}`: `{}`", value.path, value.raw);
            findings.advise(Mistake::ExternalIdMisnamed, seen);
        }
        if is_absent("name")
            && let Some(value) = name(&payload.values)
        {
            let other = other_half(value, &payload.values);
            let other = other.map_or_else(String::new, |half| format!(", `{}`: `{}`", half.path, half.raw));
            findings.advise(
                Mistake::NameMisnamed,
                format!("there is no name, but `{}`: `{}`{other}", value.path, value.raw),
            );
        }
    }
    let Ok(accepted) = trial.payload(claims.render().as_bytes()) else { return };
    let identity = accepted.identity;
    of_the_address(identity.email().as_str(), findings);
    if let Some(raw) = claims.get("external_id") {
        of_the_id(raw, identity.external_id(), findings);
    }
    if let (Some(name), Some(raw)) = (identity.name(), claims.get("name")) {
        of_the_name(name, raw, findings);
    }
}

/// The value that is most surely the user's id, under whatever name.
fn external_id(values: &[ClaimValue]) -> Option<&ClaimValue> {
    let rank = |value: &&ClaimValue| match value.meaning {
        Some(Meaning::Id(rank)) => Some(rank),
        Some(Meaning::Person) => Some(3),
        _ => None,
    };
    let candidates = values.iter().filter(|value| {
        let is_sure = matches!(value.meaning, Some(Meaning::Id(0)));
        value.is_the_users && value.name != "external_id" && is_id(&value.raw, is_sure)
    });
    let ranked = candidates.filter_map(|value| Some((rank(&value)?, value)));
    ranked.min_by_key(|(rank, value)| (*rank, value.depth)).map(|(_, value)| value)
}

/// Whether a value may be an id: not an address, not a name, not empty.
fn is_id(raw: &str, is_sure: bool) -> bool {
    match json::kind(raw) {
        Kind::Number => raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'),
        Kind::String => json::string(raw).is_some_and(|text| {
            let text = text.trim();
            let is_word = !text.contains(|c: char| c.is_whitespace() || "@{}[]<>\"=&;".contains(c))
                && !text.starts_with("eyJ");
            !text.is_empty()
                && text.len() <= MAX_EXTERNAL_ID_BYTES
                && !printed::is_missing_text(text)
                && (is_sure || is_word)
        }),
        _ => false,
    }
}

/// The value that is most surely the user's name, under whatever name.
fn name(values: &[ClaimValue]) -> Option<&ClaimValue> {
    let is_name = |value: &&ClaimValue| {
        let text = value.text().unwrap_or_default();
        let text = text.trim();
        let has_space = text.contains(char::is_whitespace);
        let is_text =
            !text.is_empty() && !text.contains('@') && !text.starts_with(['{', '[']) && text.len() <= 1024;
        let is = |value: &ClaimValue, word: &str| names::normalized_name(&value.name) == word;
        let has_last = || values.iter().any(|other| is(other, "last") && other.holder() == value.holder());
        let is_named = value.meaning == Some(Meaning::Name) || (is(value, "first") && has_last());
        let is_person = has_space && matches!(value.meaning, Some(Meaning::Person));
        value.is_the_users
            && value.name != "name"
            && is_text
            && !printed::is_missing_name(text)
            && (is_named || is_person)
    };
    let whole = ["name", "fullname", "displayname", "realname"];
    let rank = |value: &&ClaimValue| {
        let plain = names::normalized_name(&value.name);
        (value.depth, !whole.contains(&plain.as_str()), value.meaning != Some(Meaning::Name))
    };
    values.iter().filter(is_name).min_by_key(rank)
}

/// A first name beside a last name in the same object, or the other way round.
fn other_half<'a>(value: &ClaimValue, values: &'a [ClaimValue]) -> Option<&'a ClaimValue> {
    const FIRST: &str = "first givenname firstname fname forename vorname prenom prénom nombre";
    const LAST: &str = "last familyname lastname lname surname nachname familienname nom apellido apellidos";
    let is = |value: &ClaimValue, words: &str| vocabulary::has(words, &names::normalized_name(&value.name));
    let other = if is(value, FIRST) { LAST } else { FIRST };
    let is_half = is(value, FIRST) || is(value, LAST);
    values.iter().find(|half| is_half && half.holder() == value.holder() && is(half, other))
}

/// An external id that is there: how it counts, and whether other users may have it as well.
fn of_the_id(raw: &str, counts_as: Option<&str>, findings: &mut Findings<'_>) {
    if json::kind(raw) == Kind::Number {
        let digits = raw.trim_start_matches('-');
        if digits.parse::<u64>().is_ok_and(|number| number > MAX_SAFE_INTEGER) {
            findings.advise(Mistake::ExternalIdRounded, format!("external_id is the number {raw}"));
        } else if matches!(raw, "0" | "-0" | "-1") {
            findings.advise(Mistake::ExternalIdShared, format!("external_id is the number {raw}"));
        }
        return;
    }
    let Some(text) = json::string(raw).filter(|text| !text.is_empty()) else { return };
    match counts_as {
        None => {
            findings.advise(Mistake::ExternalIdAbsent, format!("external_id is {raw}, and counts as absent"));
        }
        Some(id) if is_float(id) => {
            findings.advise(Mistake::ExternalIdRounded, format!("external_id is the number {raw} as a text"));
        }
        Some(id) if may_be_shared(id) => {
            findings.advise(Mistake::ExternalIdShared, format!("external_id is {raw}"));
        }
        Some(_) if text.trim() != text => {
            findings.advise(Mistake::ExternalIdWhiteSpace, format!("external_id is {raw}"));
        }
        Some(_) => {}
    }
}

/// `1.2345678901234568e+18`, as a large number is printed.
fn is_float(id: &str) -> bool {
    let exponent = id.split_once(['e', 'E']).map_or("", |(_, exponent)| exponent);
    exponent.starts_with('+') && id.contains('.') && id.parse::<f64>().is_ok()
}

/// Whether an id is no user's own: a missing value in another spelling, zeros, a template, the name of a
/// variable.
fn may_be_shared(id: &str) -> bool {
    const WORDS: &[&str] = &[
        "guest",
        "anonymous",
        "anon",
        "user",
        "visitor",
        "customer",
        "member",
        "test",
        "demo",
        "default",
        "unknown",
        "public",
        "everyone",
        "nobody",
        "true",
        "false",
        "id",
        "string",
        "example",
        "n/a",
        "placeholder",
        "anonymoususer",
        "sub",
    ];
    let lower = id.trim().to_lowercase();
    let zeros = || id.len() > 1 && id.bytes().all(|byte| matches!(byte, b'0' | b'-' | b'{' | b'}'));
    let is_variable = || {
        let last = id.trim_end_matches("()").rsplit(['.', '>', ':']).next().unwrap_or(id);
        let is_code = id.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_.$>:-()".contains(&byte));
        is_code && matches!(names::claim_meaning(last), Some(Meaning::Id(_)))
    };
    // `user_undefined`, `null-null`
    let parts = || id.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let is_nothing = |part: &str| matches!(part, "undefined" | "null" | "NaN" | "None" | "nil" | "NULL");
    let is_general = |part: &str| {
        is_nothing(part)
            || WORDS.contains(&part.to_lowercase().as_str())
            || vocabulary::has(vocabulary::OWNERS, &part.to_lowercase())
    };
    let is_partly_nothing = || {
        parts().any(|part| part == "undefined")
            || id.contains("[object ")
            || (parts().any(is_nothing) && parts().all(is_general))
            || ["undefinedundefined", "nullnull", "NoneNone"].contains(&id)
    };
    // `user_`, `acme-null`, `usernull`: nothing behind a prefix. (Random ids may end with any character.)
    let is_nothing_behind_a_prefix = || {
        let separators = ['-', '_', ':', '|', '/'];
        let is_prefix = |text: &str| {
            (2..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        let joined = ["null", "undefined", "NaN", "None"].iter().find_map(|end| id.strip_suffix(end));
        id.strip_suffix(separators).is_some_and(is_prefix)
            || id.rsplit_once(separators).is_some_and(|(_, last)| is_nothing(last))
            || joined.is_some_and(|before| !before.is_empty() && is_general(before))
    };
    // `your_user_id`, `yourId`; there are people called Youri.
    let is_your = ["your", "Your", "YOUR"].iter().any(|your| {
        let rest = id.trim().strip_prefix(your).unwrap_or_default();
        let is_next =
            rest.starts_with(['-', '_', ' ']) || (*your != "YOUR" && rest.starts_with(char::is_uppercase));
        is_next && rest.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_ ".contains(&byte))
    });
    lower.is_empty()
        || matches!(lower.as_str(), "0" | "-1" | "-0")
        || printed::is_missing_text(id)
        || WORDS.contains(&lower.as_str())
        || zeros()
        || template::is_template(id)
        || printed::printed_object(id).is_some()
        || is_variable()
        || is_your
        || is_partly_nothing()
        || is_nothing_behind_a_prefix()
        || (id.starts_with('<') && id.ends_with('>') && id.contains(' '))
}

/// A name that is there: whether it is one.
fn of_the_name(name: &str, raw: &str, findings: &mut Findings<'_>) {
    let is_encoded = encoded::html(name).is_some()
        || encoded::percent(name).is_some()
        || encoded::unicode_escapes(name).is_some()
        || is_form(name)
        || is_mail_header(name)
        || is_misread(name);
    let is_template = ["{{", "${", "<%", "{%", "#{", "[["].iter().any(|open| name.contains(open))
        && template::is_template(name);
    let is_object = name.contains(['[', '<', '{', '(', '#']) && printed::printed_object(name).is_some();
    // Half a name: `Ada undefined`. There are people called Null.
    let is_half = name.split_whitespace().any(|word| matches!(word, "undefined" | "null"));
    if printed::is_missing_name(name) || is_half || is_template || is_object {
        findings.advise(Mistake::NameMissing, format!("name is {raw}"));
    } else if is_encoded {
        findings.advise(Mistake::NameEncoded, format!("name is {raw}"));
    }
}

/// `Ada+Lovelace`, as a form encodes a space.
fn is_form(name: &str) -> bool {
    let words: Vec<&str> = name.split('+').collect();
    let is_word = |word: &&str| {
        word.chars().count() > 1
            && word.starts_with(char::is_uppercase)
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.'))
    };
    words.len() > 1 && words.iter().all(is_word)
}

/// `JosÃ©`: UTF-8 that was read as Latin-1 or Windows-1252. Letters alone may be a name, and so may letters
/// with punctuation: `JOSÉ’S`, `Preuß–Schmidt`.
fn is_misread(name: &str) -> bool {
    const PUNCTUATION: [char; 11] = ['–', '—', '‘', '’', '‚', '“', '”', '„', '…', '´', '\u{a0}'];
    /// What most characters of western texts begin with, and few words end with.
    const FIRST: [char; 5] = ['Â', 'Ã', 'Ä', 'Å', 'â'];
    let Some(bytes) = name.chars().map(decoding::byte_of).collect::<Option<Vec<u8>>>() else { return false };
    let is_second = |((first, c), byte): ((char, char), &u8)| {
        (0x80..=0xbf).contains(byte)
            && (!c.is_alphabetic() || matches!(c, 'ª' | 'º'))
            && (!PUNCTUATION.contains(&c) || FIRST.contains(&first))
    };
    let pairs = name.chars().zip(name.chars().skip(1));
    pairs.zip(bytes.iter().skip(1)).any(is_second) && std::str::from_utf8(&bytes).is_ok()
}

/// `=?UTF-8?B?…?=`, as the header of a mail encodes a name [RFC 2047].
fn is_mail_header(name: &str) -> bool {
    let inside = name.strip_prefix("=?").and_then(|rest| rest.strip_suffix("?=")).unwrap_or_default();
    inside.matches('?').count() == 2
}

/// An address that was made of a missing value, or one with quotation marks that rule C9 cannot tell from
/// letters.
fn of_the_address(address: &str, findings: &mut Findings<'_>) {
    const MISSING: &[&str] = &["undefined", "null", "NULL", "NaN", "None", "nil"];
    if address.split('@').any(|part| MISSING.contains(&part)) {
        findings.advise(Mistake::EmailEmpty, format!("email is `{address}`"));
    }
    if let [inside] = &address::embedded(address)[..]
        && inside.is_certain
        && inside.address != address
        && address.contains([
            '“', '”', '„', '«', '»', '‘', '’', '‹', '›', '（', '）', '＜', '＞', '「', '」', '；', '，',
        ])
    {
        let seen = format!("email is `{address}`, and counts as another address than `{}`", inside.address);
        findings.advise(Mistake::EmailDecorated, seen);
    }
}
