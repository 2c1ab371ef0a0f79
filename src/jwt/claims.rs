//! The claims [RFC 7519 section 4]: rules P1 and C1 to C12 as a pure function of
//! the payload and the time.

use std::borrow::Cow;

use memchr::memchr;
use time::{Duration, OffsetDateTime};

use super::{
    numeric_date::{self, MAX_NUMERIC_DATE, Round},
    payload::{self, Documented},
};
use crate::{
    error::{Claim, VerifyError},
    id::BotId,
    identity::{self, Email, Identity, IdentityError},
    json::{self, Kind, Member},
};

/// The longest life of a token, in seconds: one hour, without leeway (C7).
pub(crate) const MAX_LIFETIME: i64 = 3600;

/// What the payload is checked against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    /// Whole seconds since 1970, from 0 to [`MAX_NUMERIC_DATE`].
    pub(crate) now: i64,
    /// How far the issuer's clock may be ahead, in seconds.
    pub(crate) skew: i64,
    /// Whom `aud` has to name, where there is an `aud`.
    pub(crate) bot: Option<BotId>,
}

/// What a payload says that passed every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) identity: Identity,
    /// Whole seconds since 1970, as all times here.
    pub(crate) issued_at: Option<i64>,
    pub(crate) expires_at: i64,
}

/// Checks the payload against rules P1 to C12, in their order.
pub(crate) fn check_claims(payload: &[u8], expected: Expected) -> Result<Accepted, VerifyError> {
    // P1: all of it is UTF-8, ignored members too.
    let payload = std::str::from_utf8(payload).map_err(|_| VerifyError::InvalidPayload)?;
    match payload::read(payload) {
        Some(claims) => check_documented(&claims, expected),
        None => check_parsed(payload, expected),
    }
}

/// Checks a payload of any shape.
fn check_parsed(payload: &str, expected: Expected) -> Result<Accepted, VerifyError> {
    let claims = Claims::read(payload)?;
    let exp = claims.exp.ok_or(VerifyError::MissingClaim(Claim::Exp))?; // C2
    let exp = read_seconds(exp, Claim::Exp, Round::Down)?; // C3
    let iat = claims.iat.map(|raw| read_seconds(raw, Claim::Iat, Round::Up)).transpose()?;
    let nbf = claims.nbf.map(|raw| read_seconds(raw, Claim::Nbf, Round::Up)).transpose()?;
    check_times(exp, iat, nbf, expected)?; // C4 to C7

    // C8: a token for a bot is for that bot alone.
    if claims.aud.is_some_and(|aud| !names_bot(aud, expected.bot)) {
        return Err(VerifyError::WrongAudience);
    }

    // C9 to C11: `Identity` has the limits, and an empty text is an absent one.
    let email = read_text(claims.email.ok_or(VerifyError::MissingClaim(Claim::Email))?, Claim::Email)?;
    let email = Email::new(&email).map_err(invalid(Claim::Email))?;
    let name = claims.name.map_or(Ok(Cow::Borrowed("")), |raw| read_text(raw, Claim::Name))?;
    identity::check_name(&name).map_err(invalid(Claim::Name))?;
    let external_id = match claims.external_id {
        Some(raw) if json::kind(raw) == Kind::Number => Cow::Borrowed(integer(raw)?),
        Some(raw) => read_text(raw, Claim::ExternalId)?,
        None => Cow::Borrowed(""),
    };
    identity::check_external_id(&external_id).map_err(invalid(Claim::ExternalId))?;
    let identity = Identity::of_token(email, &name, &external_id);

    Ok(Accepted { identity, issued_at: iat, expires_at: exp })
}

/// Checks C4 to C11 of the documented shape, whose members have the right types.
fn check_documented(claims: &Documented<'_>, expected: Expected) -> Result<Accepted, VerifyError> {
    let Documented { email, name, external_id, iat, exp, aud } = *claims;
    check_times(exp, Some(iat), None, expected)?;
    if aud.is_some_and(|aud| !is_bot(aud, expected.bot)) {
        return Err(VerifyError::WrongAudience);
    }
    let email = Email::new(email).map_err(invalid(Claim::Email))?;
    identity::check_name(name).map_err(invalid(Claim::Name))?;
    identity::check_external_id(external_id).map_err(invalid(Claim::ExternalId))?;
    let identity = Identity::of_token(email, name, external_id);
    Ok(Accepted { identity, issued_at: Some(iat), expires_at: exp })
}

fn invalid(claim: Claim) -> impl Fn(IdentityError) -> VerifyError {
    move |_| VerifyError::InvalidClaim(claim)
}

/// The raw texts of the recognised claims, each of its right JSON type.
struct Claims<'a> {
    exp: Option<&'a str>,
    iat: Option<&'a str>,
    nbf: Option<&'a str>,
    aud: Option<&'a str>,
    email: Option<&'a str>,
    name: Option<&'a str>,
    external_id: Option<&'a str>,
}

impl<'a> Claims<'a> {
    /// P1: one UTF-8 JSON object, nothing after it, every recognised claim at most once and of Unicode. C1: a
    /// claim of the wrong type is an error, never absent; only `name` and `external_id` may say "absent" with
    /// a `null`. C12: whatever else is in the payload is not even kept.
    fn read(payload: &'a str) -> Result<Self, VerifyError> {
        let members = json::members(payload, &Claim::NAMES).map_err(|_| VerifyError::InvalidPayload)?;
        if members.contains(&Member::Repeated) {
            return Err(VerifyError::InvalidPayload);
        }
        if memchr(b'\\', payload.as_bytes()).is_some() {
            let is_unpaired = |member: &Member<'_>| match member {
                Member::Once(raw) => json::has_unpaired_surrogate(raw),
                Member::Absent | Member::Repeated => false,
            };
            if let Some((claim, _)) =
                Claim::ALL.into_iter().zip(&members).find(|(_, member)| is_unpaired(member))
            {
                return Err(VerifyError::InvalidClaim(claim));
            }
        }
        let [exp, iat, nbf, aud, email, name, external_id] = members;
        Ok(Self {
            exp: typed(exp, Claim::Exp)?,
            iat: typed(iat, Claim::Iat)?,
            nbf: typed(nbf, Claim::Nbf)?,
            aud: typed(aud, Claim::Aud)?,
            email: typed(email, Claim::Email)?,
            name: typed(name, Claim::Name)?,
            external_id: typed(external_id, Claim::ExternalId)?,
        })
    }
}

/// C1: the raw value of a claim that is there and of the right type.
fn typed(member: Member<'_>, claim: Claim) -> Result<Option<&str>, VerifyError> {
    let Member::Once(raw) = member else { return Ok(None) };
    let fits = match (claim, json::kind(raw)) {
        (Claim::Name | Claim::ExternalId, Kind::Null) => return Ok(None), // C10, C11
        (Claim::Exp | Claim::Iat | Claim::Nbf | Claim::ExternalId, Kind::Number)
        | (Claim::Aud | Claim::Email | Claim::Name | Claim::ExternalId, Kind::String) => true,
        (Claim::Aud, Kind::Array) => json::array(raw)
            .is_some_and(|elements| elements.into_iter().all(|element| json::kind(element) == Kind::String)),
        _ => false,
    };
    if fits { Ok(Some(raw)) } else { Err(VerifyError::InvalidClaim(claim)) }
}

/// C3: seconds since 1970.
fn read_seconds(raw: &str, claim: Claim, round: Round) -> Result<i64, VerifyError> {
    numeric_date::parse(raw, round).ok_or(VerifyError::InvalidClaim(claim))
}

/// C4 to C7, all in whole seconds from 0 to [`MAX_NUMERIC_DATE`], so that no sum or difference can overflow.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "all operands are between 0 and MAX_NUMERIC_DATE, far from i64's ends"
)]
fn check_times(exp: i64, iat: Option<i64>, nbf: Option<i64>, expected: Expected) -> Result<(), VerifyError> {
    let Expected { now, skew, .. } = expected;
    // C4: no leeway, one hour means one hour.
    if now >= exp {
        return Err(VerifyError::Expired { exp: moment(exp), now: moment(now) });
    }
    // C5
    if let Some(iat) = iat.filter(|&iat| iat > now + skew) {
        return Err(VerifyError::IssuedInFuture { iat: moment(iat), now: moment(now) });
    }
    // C6
    if let Some(nbf) = nbf.filter(|&nbf| nbf > now + skew) {
        return Err(VerifyError::NotYetValid { nbf: moment(nbf), now: moment(now) });
    }
    // C7: by the token's own word, and by our clock whatever the token says.
    let too_long = |lifetime, limit| {
        Err(VerifyError::LifetimeTooLong {
            lifetime: Duration::seconds(lifetime),
            limit: Duration::seconds(limit),
        })
    };
    if let Some(iat) = iat
        && !(1..=MAX_LIFETIME).contains(&(exp - iat))
    {
        return too_long(exp - iat, MAX_LIFETIME);
    }
    if exp > now + MAX_LIFETIME + skew {
        return too_long(exp - now, MAX_LIFETIME + skew);
    }
    Ok(())
}

/// C8: whether the raw `aud`, a string or an array of strings, names the bot.
fn names_bot(aud: &str, bot: Option<BotId>) -> bool {
    let is_bot = |raw| json::string(raw).is_some_and(|text| is_bot(&text, bot));
    is_bot(aud) || json::array(aud).is_some_and(|elements| elements.into_iter().any(is_bot))
}

fn is_bot(audience: &str, bot: Option<BotId>) -> bool {
    bot.is_some() && audience.parse().ok() == bot
}

/// The text that a raw string spells.
fn read_text(raw: &str, claim: Claim) -> Result<Cow<'_, str>, VerifyError> {
    json::string(raw).ok_or(VerifyError::InvalidClaim(claim))
}

/// C11: the decimal text of a JSON integer that fits `i64` or `u64`.
fn integer(raw: &str) -> Result<&str, VerifyError> {
    match (raw, raw.parse::<i64>(), raw.parse::<u64>()) {
        ("-0", ..) => Ok("0"),
        // JSON has one spelling of every other integer, which is its decimal text.
        (_, Ok(_), _) | (_, _, Ok(_)) => Ok(raw),
        _ => Err(VerifyError::InvalidClaim(Claim::ExternalId)),
    }
}

/// A whole second from 0 to [`MAX_NUMERIC_DATE`] as a point in time.
pub(crate) fn moment(seconds: i64) -> OffsetDateTime {
    debug_assert!(
        (0..=MAX_NUMERIC_DATE).contains(&seconds),
        "rule C3 and the callers' clocks keep this range"
    );
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::{prelude::*, sample::Index, test_runner::TestRunner};

    use super::*;

    const NOW: i64 = 1_795_000_000;
    const BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";

    /// Payloads of the documented shape, or up to three edits away from it.
    fn nearly_documented() -> impl Strategy<Value = String> {
        let text = || prop_oneof![8 => "[ -~]{0,9}", 2 => "\\PC{0,9}", 1 => any::<String>()];
        let email = prop_oneof![8 => Just("ada@example.com".to_owned()), 2 => text()];
        let date = |usual: std::ops::Range<i64>| {
            let usual = usual.prop_map(|date| date.to_string());
            prop_oneof![8 => usual, 1 => "-?[0-9]{1,13}"]
        };
        let (iat, exp) = (date(NOW - 1800..NOW + 90), date(NOW - 90..NOW + 1900));
        let edit = prop_oneof![
            r#"["\\\\,:{}0-9.e \n-]"#,
            Just(String::new()),
            prop::sample::select(vec![
                r#""email":"#,
                r#""exp":1"#,
                r#","nbf":"#,
                r#","aud":"a""#,
                "null",
                r"\u0065",
                "é"
            ])
            .prop_map(str::to_owned),
        ];
        let edits = prop::collection::vec((any::<Index>(), any::<bool>(), edit), 0..=3);
        let aud = prop_oneof![8 => Just(BOT.to_owned()), 1 => Just(BOT.to_uppercase()), 2 => text()];
        let [name, id] = [(); 2].map(|()| prop::option::of(text()));
        let id = prop_oneof![4 => id, 1 => Just(Some("undefined".to_owned()))];
        let members = (email, name, id, iat, exp, prop::option::of(aud));
        (members, edits).prop_map(|((email, name, external_id, iat, exp, aud), edits)| {
            let name = name.map_or(String::new(), |name| format!(r#","name":"{name}""#));
            let external_id = external_id.map_or(String::new(), |id| format!(r#","external_id":"{id}""#));
            let aud = aud.map_or(String::new(), |aud| format!(r#","aud":"{aud}""#));
            let json = format!(r#"{{"email":"{email}"{name}{external_id},"iat":{iat},"exp":{exp}{aud}}}"#);
            let mut characters: Vec<String> = json.chars().map(String::from).collect();
            for (position, insert, edit) in edits {
                let character = position.get(&characters).clone();
                let position = position.index(characters.len());
                characters[position] = if insert { edit + &character } else { edit };
            }
            characters.concat()
        })
    }

    /// The short way and the parser give one verdict on everything.
    #[test]
    fn the_documented_shape_says_what_the_parser_says() {
        let (read, accepted, refused) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let agree = |(payload, is_bound): (String, bool)| {
            let bot = is_bound.then(|| BOT.parse().unwrap());
            let expected = Expected { now: NOW, skew: 60, bot };
            let verdict = check_parsed(&payload, expected);
            if payload::read(&payload).is_some() {
                let count = if verdict.is_ok() { &accepted } else { &refused };
                count.set(count.get() + 1);
            } else {
                read.set(read.get() + 1);
            }
            prop_assert_eq!(check_claims(payload.as_bytes(), expected), verdict);
            Ok(())
        };
        TestRunner::new(ProptestConfig::with_cases(20_000))
            .run(&(nearly_documented(), any::<bool>()), agree)
            .unwrap();
        let counts = [read.get(), accepted.get(), refused.get()];
        assert!(counts.iter().all(|count| *count > 500), "not of the shape, accepted, refused: {counts:?}");
    }
}
