//! The header: rules H1 to H5 as the verifier applies them, and what the header says instead.

use super::{fault, finding::Findings, mistake::Mistake, names, object::Object, segments, trial::Trial};
use crate::{
    error::VerifyError,
    json,
    jwt::header::{EXTENSIONS, MEMBERS},
};

/// How a token says that it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// With a shared key, or it does not say.
    Hmac,
    /// Not at all, or in a way that has nothing to do with the secret.
    Otherwise,
}

/// Examines the header, and returns how it says that the token is signed, and what it holds.
///
/// For another algorithm than HS256, `is_hs256` is asked whether the signature fits HS256 all the same.
pub(super) fn examine_header(
    segment: &str,
    is_hs256: impl Fn() -> bool,
    findings: &mut Findings<'_>,
) -> (Signed, Object) {
    let Some(read) = read_header(segment, findings) else { return (Signed::Hmac, Object::default()) };
    let signed = signed(read.text("alg").as_deref());
    let mut header = read.only(&MEMBERS);
    // Each turn repairs what the verifier refused.
    for _ in 0..MEMBERS.len() {
        match Trial::header(header.render().as_bytes()) {
            Err(VerifyError::UnsupportedAlgorithm) => {
                if header.twice(&MEMBERS).contains(&"alg") {
                    findings.refused(Mistake::HeaderMemberTwice, "alg is in it more than once");
                } else {
                    let (mistake, seen) = algorithm(header.get("alg"), &read);
                    let is_name =
                        matches!(mistake, Mistake::AlgCase | Mistake::AlgMissing | Mistake::AlgNone);
                    let only =
                        if !is_name && is_hs256() { ", but the signature is that of HS256" } else { "" };
                    findings.refused(mistake, format!("{seen}{only}"));
                }
                header.set("alg", Some(r#""HS256""#));
            }
            Err(VerifyError::UnsupportedHeader) => repair_extension(&mut header, findings),
            Err(VerifyError::Malformed) => {
                for name in header.twice(&MEMBERS) {
                    findings.refused(Mistake::HeaderMemberTwice, format!("{name} is in it more than once"));
                    header.set(name, None);
                }
            }
            _ => break,
        }
    }
    (signed, read)
}

/// Reads the header, also where it is written as it must not be.
fn read_header(segment: &str, findings: &mut Findings<'_>) -> Option<Object> {
    let bytes = segments::decode_loosely(segment)?;
    let Ok(text) = String::from_utf8(bytes) else {
        // A token of one case of letters, or without its start, is named already.
        if !findings.found(Mistake::CaseChanged) && !findings.found(Mistake::Truncated) {
            findings.refused(Mistake::HeaderNotJson, "what it decodes to is no text");
        }
        return None;
    };
    if let Some(header) = Object::read(&text) {
        return Some(header);
    }
    if findings.found(Mistake::CaseChanged) || findings.found(Mistake::Truncated) {
        return None;
    }
    let fault = fault::find_fault(&text);
    findings.refused(Mistake::HeaderNotJson, format!("{}: `{text}`", fault.words));
    fault.inside
}

fn signed(alg: Option<&str>) -> Signed {
    let Some(alg) = alg else { return Signed::Hmac };
    let is_hmac = matches!(spelling(alg), Some(Mistake::AlgCase | Mistake::AlgLongerHmac))
        || normalized_algorithm(alg).contains("HMAC");
    if is_hmac { Signed::Hmac } else { Signed::Otherwise }
}

/// The name of an algorithm without case and punctuation; of one that is an address (XML-DSig), its last
/// part.
fn normalized_algorithm(alg: &str) -> String {
    let last = alg.rsplit(['#', '/']).next().unwrap_or(alg);
    last.chars().map(narrow).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// The ASCII character of a full-width one.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c).saturating_sub(0xfee0)).unwrap_or(c),
        _ => c,
    }
}

/// Which mistake an `alg` that is not HS256 is.
fn algorithm(raw: Option<&str>, header: &Object) -> (Mistake, String) {
    let Some(raw) = raw else {
        let similar = header.members().find(|(name, _)| {
            let plain = names::normalized_name(name);
            matches!(plain.as_str(), "alg" | "algorithm" | "algo" | "agl" | "al")
        });
        let seen = similar.map_or_else(String::new, |(name, raw)| format!(", but `{name}`: {raw}"));
        return (Mistake::AlgMissing, format!("there is no alg{seen}"));
    };
    let Some(alg) = json::string(raw) else { return (Mistake::AlgUnknown, format!("alg is `{raw}`")) };
    if alg.trim().is_empty() {
        return (Mistake::AlgMissing, format!("alg is `{alg}`"));
    }
    (spelling(&alg).unwrap_or(Mistake::AlgUnknown), format!("alg is `{alg}`"))
}

/// Which mistake a name of an algorithm is; `None` if it is unknown.
fn spelling(alg: &str) -> Option<Mistake> {
    Some(match normalized_algorithm(alg).as_str() {
        "NONE" | "" => Mistake::AlgNone,
        "HS256"
        | "HMACSHA256"
        | "HMACWITHSHA256"
        | "SHA256"
        | "HMAC256"
        | "H256"
        | "HMACSHA2256"
        | "SHA256HMAC"
        | "HMACSHA256SIGNATURE" => Mistake::AlgCase,
        "HS384" | "HS512" | "HMACSHA384" | "HMACSHA512" | "SHA384" | "SHA512" | "HMAC384" | "HMAC512" => {
            Mistake::AlgLongerHmac
        }
        "EDDSA" | "ED25519" | "ED448" | "ES256K" | "RSA" | "ECDSA" | "SHA256WITHRSA" | "RSASHA256"
        | "ECDSASHA256" => Mistake::AlgAsymmetric,
        name if ["RS", "ES", "PS"].iter().any(|family| name.starts_with(family)) => Mistake::AlgAsymmetric,
        _ => return None,
    })
}

/// `typ` first, as the verifier has it, then all the rest at once.
fn repair_extension(header: &mut Object, findings: &mut Findings<'_>) {
    let is_jwt = |raw| json::string(raw).is_some_and(|typ| typ.eq_ignore_ascii_case("JWT"));
    if let Some(raw) = header.get("typ").filter(|raw| !is_jwt(raw)) {
        findings.refused(Mistake::TypNotJwt, format!("typ is `{raw}`"));
        header.set("typ", None);
        return;
    }
    let asked: Vec<_> = EXTENSIONS.iter().copied().filter(|name| header.get(name).is_some()).collect();
    findings.refused(Mistake::HeaderExtension, format!("it has {}", asked.join(", ")));
    for name in asked {
        header.set(name, None);
    }
}
