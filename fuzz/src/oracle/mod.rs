//! The token rules once more, written from their table and not from the crate's code: what `verify` must say.
//! Slow and plain. Of the crate it uses the types of verdicts alone, and `is_hidden` for characters that
//! `regex-syntax` does not know yet.
//!
//! Where the table leaves the order open, it is: the claims in the order of the rules about them (`exp`,
//! `iat`, `nbf`, `aud`, `email`, `name`, `external_id`); the clock is read between H5 and M1.

pub mod base64url;
mod date;
mod email;
pub mod json;

use boostgpt_sso::{
    Claim, VerifyError,
    time::{Duration, OffsetDateTime},
};

use self::json::{Text, Value};
use crate::{keys::mac, planted};

/// What an accepted token says.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepted {
    pub email: String,
    pub name: Option<String>,
    pub external_id: Option<String>,
    pub iat: Option<i64>,
    pub exp: i64,
}

/// What a verifier knows besides its key.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    pub now: OffsetDateTime,
    pub skew: i64,
    /// The id of the bot in lower case.
    pub bot: Option<&'static str>,
}

/// Judges a token by every rule.
pub fn verdict(token: &[u8], expected: Expected) -> Result<Accepted, VerifyError> {
    if token.len() > 8192 {
        return Err(VerifyError::TooLong); // S1
    }
    let segments: Vec<&[u8]> = token.split(|byte| *byte == b'.').collect();
    let [header, payload, signature] = segments[..] else { return Err(VerifyError::Malformed) }; // S2
    if header.is_empty() || payload.is_empty() {
        return Err(VerifyError::Malformed);
    }
    let decode = |segment| base64url::decode(segment, false).ok_or(VerifyError::Malformed);
    let (header_bytes, payload_bytes, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    check_header(&header_bytes)?;

    let now = expected.now.unix_timestamp_nanos().div_euclid(1_000_000_000);
    let now =
        i64::try_from(now).ok().filter(|now| date::is_in_range(*now)).ok_or(VerifyError::ClockOutOfRange)?;
    if signature != mac(&token[..header.len() + 1 + payload.len()]) {
        return Err(VerifyError::BadSignature); // M1
    }
    check_payload(&payload_bytes, now, expected)
}

/// H1 to H5.
fn check_header(header: &[u8]) -> Result<(), VerifyError> {
    let text = std::str::from_utf8(header).map_err(|_| VerifyError::Malformed)?;
    let members = json::object(text).ok_or(VerifyError::Malformed)?;
    if members.iter().any(|(name, _)| name.is_none()) {
        return Err(VerifyError::Malformed);
    }
    let all = |wanted: &str| -> Vec<&Value<'_>> {
        members.iter().filter(|(name, _)| name.as_deref() == Some(wanted)).map(|(_, value)| value).collect()
    };
    let hs256 = Value::String(Some("HS256".to_owned()));
    if all("alg") != [&hs256] {
        return Err(VerifyError::UnsupportedAlgorithm); // H2
    }
    if let [typ] = all("typ")[..] {
        let is_jwt = matches!(typ, Value::String(Some(text)) if text.eq_ignore_ascii_case("JWT"));
        if !is_jwt {
            return Err(VerifyError::UnsupportedHeader); // H3
        }
    }
    if ["crit", "b64", "cty", "enc", "zip"].iter().any(|name| !all(name).is_empty()) {
        return Err(VerifyError::UnsupportedHeader); // H4
    }
    if ["typ", "kid", "jku", "jwk", "x5u", "x5c"].iter().any(|name| all(name).len() > 1) {
        return Err(VerifyError::Malformed); // H5
    }
    Ok(())
}

const CLAIMS: [(Claim, &str); 7] = [
    (Claim::Exp, "exp"),
    (Claim::Iat, "iat"),
    (Claim::Nbf, "nbf"),
    (Claim::Aud, "aud"),
    (Claim::Email, "email"),
    (Claim::Name, "name"),
    (Claim::ExternalId, "external_id"),
];

fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).expect("in range")
}

/// P1 and C1 to C12.
fn check_payload(payload: &[u8], now: i64, expected: Expected) -> Result<Accepted, VerifyError> {
    let text = std::str::from_utf8(payload).map_err(|_| VerifyError::InvalidPayload)?; // P1
    let members = json::object(text).ok_or(VerifyError::InvalidPayload)?;
    if members.iter().any(|(name, _)| name.is_none()) {
        return Err(VerifyError::InvalidPayload);
    }
    let mut claims: [Option<Value<'_>>; 7] = [const { None }; 7];
    for (name, value) in members {
        let place = CLAIMS.iter().position(|(_, known)| name.as_deref() == Some(known));
        if let Some(place) = place
            && claims[place].replace(value).is_some()
        {
            return Err(VerifyError::InvalidPayload); // twice
        }
    }
    for ((claim, _), value) in CLAIMS.iter().zip(&claims) {
        if value.as_ref().is_some_and(Value::has_unpaired_surrogate) {
            return Err(VerifyError::InvalidClaim(*claim));
        }
    }

    for ((claim, _), value) in CLAIMS.iter().zip(&claims) {
        let fits = matches!(
            (claim, value),
            (_, None)
                | (Claim::Exp | Claim::Iat | Claim::Nbf | Claim::ExternalId, Some(Value::Number(_)))
                | (Claim::Aud | Claim::Email | Claim::Name | Claim::ExternalId, Some(Value::String(_)))
                | (Claim::Aud, Some(Value::Array(Some(_), _)))
                | (Claim::Name | Claim::ExternalId, Some(Value::Null))
        );
        if !fits {
            return Err(VerifyError::InvalidClaim(*claim)); // C1
        }
    }
    let [exp, iat, nbf, aud, email, name, external_id] = claims;
    let Some(exp) = exp else { return Err(VerifyError::MissingClaim(Claim::Exp)) }; // C2
    let date = |value: &Value<'_>, claim| match value {
        Value::Number(number) => date::seconds(number).ok_or(VerifyError::InvalidClaim(claim)), // C3
        _ => unreachable!("C1"),
    };
    let exp = date(&exp, Claim::Exp)?.0;
    let iat = iat.map(|iat| date(&iat, Claim::Iat)).transpose()?.map(|(_, up)| up);
    let nbf = nbf.map(|nbf| date(&nbf, Claim::Nbf)).transpose()?.map(|(_, up)| up);
    check_times(now, exp, iat, nbf, expected.skew)?;

    if let Some(aud) = aud {
        let texts = match aud {
            Value::String(text) => vec![text],
            Value::Array(texts, _) => texts.unwrap_or_default(),
            _ => unreachable!("C1"),
        };
        let names = |bot: &str| texts.iter().flatten().any(|text| text.to_ascii_lowercase() == bot);
        if !expected.bot.is_some_and(names) {
            return Err(VerifyError::WrongAudience); // C8
        }
    }
    let email = match email {
        None => return Err(VerifyError::MissingClaim(Claim::Email)),
        Some(value) => string(value).filter(|text| email::is_allowed(text)),
    };
    let email = email.ok_or(VerifyError::InvalidClaim(Claim::Email))?; // C9
    let name = name.and_then(string).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > 256 || name.contains('\0')) {
        return Err(VerifyError::InvalidClaim(Claim::Name)); // C10
    }
    let external_id = external_id_of(external_id)?;
    Ok(Accepted { email, name, external_id, iat, exp })
}

/// C4 to C7.
fn check_times(now: i64, exp: i64, iat: Option<i64>, nbf: Option<i64>, skew: i64) -> Result<(), VerifyError> {
    let longest = if planted() { 3601 } else { 3600 };
    if now >= exp {
        return Err(VerifyError::Expired { exp: moment(exp), now: moment(now) });
    }
    match iat {
        Some(iat) if iat > now + skew => {
            return Err(VerifyError::IssuedInFuture { iat: moment(iat), now: moment(now) });
        }
        _ => {}
    }
    match nbf {
        Some(nbf) if nbf > now + skew => {
            return Err(VerifyError::NotYetValid { nbf: moment(nbf), now: moment(now) });
        }
        _ => {}
    }
    let too_long = |lifetime, limit| VerifyError::LifetimeTooLong {
        lifetime: Duration::seconds(lifetime),
        limit: Duration::seconds(limit),
    };
    match iat {
        Some(iat) if exp - iat <= 0 || exp - iat > longest => return Err(too_long(exp - iat, 3600)),
        _ => {}
    }
    if exp > now + 3600 + skew {
        return Err(too_long(exp - now, 3600 + skew));
    }
    Ok(())
}

fn string(value: Value<'_>) -> Text {
    match value {
        Value::String(text) => text,
        _ => None,
    }
}

/// C11.
fn external_id_of(value: Option<Value<'_>>) -> Result<Option<String>, VerifyError> {
    const MISSING: [&str; 9] =
        ["", "undefined", "null", "NaN", "None", "nil", "<nil>", "(null)", "[object Object]"];
    let invalid = VerifyError::InvalidClaim(Claim::ExternalId);
    match value {
        Some(Value::Number(number)) => {
            // A JSON integer: no point and no exponent. `-0` is the integer 0.
            let integer = number.parse::<i128>().map_err(|_| invalid)?;
            let fits = (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&integer);
            if fits { Ok(Some(integer.to_string())) } else { Err(invalid) }
        }
        Some(Value::String(Some(text))) => {
            if text.len() > 255 || text.contains('\0') {
                return Err(invalid);
            }
            Ok(Some(text).filter(|text| !MISSING.contains(&text.as_str())))
        }
        _ => Ok(None),
    }
}
