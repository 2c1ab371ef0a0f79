//! The payload: rules P1 to C12 as the verifier applies them. It is asked again and again about a copy from which what
//! it refused last is mended; here each of its answers gets the name of the mistake behind it.

use super::{
    dates, finding::Findings, mistake::Mistake, object::Object, people, segments, signature::Known,
    trial::Trial,
};
use crate::{
    error::{Claim, VerifyError},
    id::BotId,
    json,
};

/// The recognised claims.
const CLAIMS: &[&str] = &Claim::NAMES;

/// Under each claim at most two things are wrong one after the other.
const MOST_TURNS: usize = 16;

pub(super) fn examine(segment: &str, known: &Known<'_>, trial: &Trial, findings: &mut Findings<'_>) {
    let Some(payload) = read(segment, findings) else { return };
    let mut claims = payload.only(CLAIMS);
    let now = trial.now();
    for _ in 0..MOST_TURNS {
        let Err(error) = trial.payload(claims.render().as_bytes()) else { break };
        match error {
            VerifyError::InvalidPayload => {
                for name in claims.twice(CLAIMS) {
                    findings.refused(Mistake::ClaimTwice, format!("{name} is given more than once"));
                    let first = claims.get(name).unwrap_or_default().to_owned();
                    claims.set(name, Some(&first));
                }
            }
            VerifyError::MissingClaim(claim) => {
                if !lift(claim, &payload, &mut claims, findings) {
                    missing(claim, &payload, &mut claims, now, findings);
                }
            }
            VerifyError::InvalidClaim(claim) => invalid(claim, &mut claims, now, findings),
            VerifyError::Expired { exp, .. } => {
                dates::expired(&mut claims, exp.unix_timestamp(), now, findings);
            }
            VerifyError::IssuedInFuture { iat, .. } => {
                dates::issued_in_future(&mut claims, iat.unix_timestamp(), now, findings);
            }
            VerifyError::NotYetValid { nbf, .. } => {
                dates::not_yet_valid(&mut claims, nbf.unix_timestamp(), now, findings);
            }
            VerifyError::LifetimeTooLong { lifetime, limit } => {
                let [lifetime, limit] = [lifetime, limit].map(time::Duration::whole_seconds);
                dates::lifetime(&mut claims, lifetime, limit, now, findings);
            }
            VerifyError::WrongAudience => audience(&mut claims, known, findings),
            _ => break,
        }
    }
    dates::advise(&payload, now, findings);
    people::advise(&payload, &claims, findings);
}

/// The payload's members, whatever it is wrapped in (P1).
fn read(segment: &str, findings: &mut Findings<'_>) -> Option<Object> {
    let bytes = segments::decode_loosely(segment)?;
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let position = error.utf8_error().valid_up_to();
        findings.refused(Mistake::PayloadNotUtf8, format!("byte {position} is not UTF-8"));
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    if let Some(payload) = Object::read(&text) {
        return Some(payload);
    }
    let within = json::string(&text).and_then(|inside| Object::read(&inside));
    if within.is_some() {
        findings.refused(Mistake::PayloadIsText, "a JSON string with the claims in it");
    } else {
        findings.refused(Mistake::PayloadNotJson, format!("it is `{text}`"));
    }
    within
}

/// Lifts the claims out of the object that they stand in, where this one does.
fn lift(claim: Claim, payload: &Object, claims: &mut Object, findings: &mut Findings<'_>) -> bool {
    let nested = payload.members().find_map(|(name, raw)| {
        let inside = raw.starts_with('{').then(|| Object::read(raw))??;
        inside.get(claim.as_str())?;
        Some((name, inside.only(CLAIMS)))
    });
    let Some((name, inside)) = nested else { return false };
    findings.refused(Mistake::ClaimsNested, format!("{claim} stands in `{name}`"));
    for (claim, raw) in inside.members() {
        if claims.get(claim).is_none() {
            claims.set(claim, Some(raw));
        }
    }
    true
}

fn missing(claim: Claim, payload: &Object, claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    if claim == Claim::Email {
        people::email_missing(payload, claims, findings);
        return;
    }
    let is_exp = |name: &str| {
        let name = people::plain(name);
        ["exp", "exipres"].contains(&name.as_str()) || name.starts_with("expir")
    };
    match payload.members().find(|(name, _)| is_exp(name)) {
        Some((name, raw)) => findings.refused(Mistake::ExpMisnamed, format!("there is `{name}`: `{raw}`")),
        None => findings.refused(Mistake::ExpMissing, "there is no exp"),
    }
    dates::mend_exp(claims, now);
}

fn invalid(claim: Claim, claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    let raw = claims.get(claim.as_str()).unwrap_or_default().to_owned();
    match claim {
        Claim::Exp => dates::exp_invalid(claims, now, findings),
        Claim::Iat => dates::iat_invalid(claims, findings),
        Claim::Email => people::email_invalid(&raw, claims, findings),
        Claim::Name => {
            let (mistake, seen) = people::name_invalid(&raw);
            findings.refused(mistake, seen);
            claims.set("name", None);
        }
        Claim::ExternalId => {
            let (mistake, seen) = people::external_id_invalid(&raw);
            findings.refused(mistake, seen);
            claims.set("external_id", None);
        }
        Claim::Nbf | Claim::Aud => {
            let mistake = if claim == Claim::Nbf { Mistake::NbfInvalid } else { Mistake::AudInvalid };
            findings.refused(mistake, format!("{claim} is `{raw}`"));
            claims.set(claim.as_str(), None);
        }
    }
}

/// C8.
fn audience(claims: &mut Object, known: &Known<'_>, findings: &mut Findings<'_>) {
    let raw = claims.get("aud").unwrap_or_default();
    let all = json::array(raw).unwrap_or_else(|| vec![raw]);
    let names: Vec<_> = all.into_iter().filter_map(json::string).collect();
    let mistake = match known.bot {
        _ if !names.iter().any(|name| name.parse::<BotId>().is_ok()) => Mistake::AudNotABot,
        None => Mistake::AudUnexpected,
        Some(_) => Mistake::AudOtherBot,
    };
    let bot = known.bot.map_or_else(|| "no bot was given".to_owned(), |bot| format!("the bot is {bot}"));
    findings.refused(mistake, format!("{bot}; aud is `{raw}`"));
    claims.set("aud", None);
}
