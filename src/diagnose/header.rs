//! The header: rules H1 to H5 as the verifier applies them, and what the header says instead.

use super::{finding::Findings, mistake::Mistake, object::Object, segments, trial::Trial};
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

pub(super) fn examine(segment: &str, trial: &Trial, findings: &mut Findings<'_>) -> Signed {
    let text = segments::decode_loosely(segment).and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = text else {
        findings.refused(Mistake::HeaderNotJson, "it is no text");
        return Signed::Hmac;
    };
    let Some(header) = Object::read(&text) else {
        findings.refused(Mistake::HeaderNotJson, format!("it is `{text}`"));
        return Signed::Hmac;
    };
    let signed = signed(header.text("alg").as_deref());
    let mut header = header.only(&MEMBERS);
    // Each turn mends what the verifier refused.
    for _ in 0..MEMBERS.len() {
        match trial.header(header.render().as_bytes()) {
            Err(VerifyError::UnsupportedAlgorithm) => {
                if header.twice(&MEMBERS).contains(&"alg") {
                    findings.refused(Mistake::HeaderMemberTwice, "alg stands in it more than once");
                } else {
                    let (mistake, seen) = algorithm(header.get("alg"));
                    findings.refused(mistake, seen);
                }
                header.set("alg", Some(r#""HS256""#));
            }
            Err(VerifyError::UnsupportedHeader) => mend_extension(&mut header, findings),
            Err(VerifyError::Malformed) => {
                for name in header.twice(&MEMBERS) {
                    findings
                        .refused(Mistake::HeaderMemberTwice, format!("{name} stands in it more than once"));
                    header.set(name, None);
                }
            }
            _ => break,
        }
    }
    signed
}

fn signed(alg: Option<&str>) -> Signed {
    let hmac = alg.is_none_or(|alg| alg.to_ascii_uppercase().starts_with("HS"));
    if hmac { Signed::Hmac } else { Signed::Otherwise }
}

/// Which mistake an `alg` that is not HS256 is.
fn algorithm(raw: Option<&str>) -> (Mistake, String) {
    let Some(raw) = raw else { return (Mistake::AlgMissing, "there is no alg".to_owned()) };
    let Some(alg) = json::string(raw) else { return (Mistake::AlgUnknown, format!("alg is `{raw}`")) };
    let upper = alg.to_ascii_uppercase();
    let plain: String = upper.chars().filter(char::is_ascii_alphanumeric).collect();
    let mistake = match plain.as_str() {
        "NONE" => Mistake::AlgNone,
        "HS256" | "HMACSHA256" => Mistake::AlgCase,
        "HS384" | "HS512" => Mistake::AlgLongerHmac,
        "EDDSA" | "ED25519" | "ED448" | "ES256K" => Mistake::AlgAsymmetric,
        _ if ["RS", "ES", "PS"].iter().any(|family| plain.starts_with(family)) => Mistake::AlgAsymmetric,
        _ => Mistake::AlgUnknown,
    };
    (mistake, format!("alg is `{alg}`"))
}

/// `typ` first, as the verifier has it, then all the rest at once.
fn mend_extension(header: &mut Object, findings: &mut Findings<'_>) {
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
