//! The payload: rules P1 to C12 as the verifier applies them. It is asked again and again about a copy in
//! which what it refused last is repaired; here each of its answers gets the name of the mistake behind it.

use super::{
    advice, dates, fault,
    finding::Findings,
    known::Known,
    mistake::Mistake,
    names::Meaning,
    object::Object,
    people,
    search::{ClaimValue, Payload},
    segments,
    trial::Trial,
};
use crate::{
    error::{Claim, VerifyError},
    id::BotId,
    json::{self, Kind},
};

/// The recognised claims.
const CLAIMS: &[&str] = &Claim::NAMES;

/// Under each claim at most two things are wrong one after the other.
const MAX_TURNS: usize = 16;

pub(super) fn examine_payload(
    segment: &str,
    header: Object,
    known: &Known<'_>,
    trial: &Trial,
    findings: &mut Findings<'_>,
) {
    let now = trial.now();
    let Some((top, no_numbers)) = read_payload(segment, findings) else { return };
    let mut claims = top.only(CLAIMS);
    // The `null` in the place of such a number is not in the token.
    for name in CLAIMS.iter().filter(|name| no_numbers.iter().any(|one| one == **name)) {
        match claims.get(name) {
            Some("null") if *name == "exp" => dates::repair_exp(&mut claims, now),
            Some("null") => claims.set(name, None),
            _ => {}
        }
    }
    let payload = Payload::new(top, header);
    for _ in 0..MAX_TURNS {
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
            VerifyError::InvalidClaim(claim) => invalid_claim(claim, &mut claims, now, findings),
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
    dates::advise_on_dates(&payload.top, now, findings);
    advice::advise_on_claims(&payload, &claims, trial, findings);
}

/// The payload's members, whatever they are wrapped in (P1), and which of them were `NaN` or `Infinity` and
/// are `null`.
fn read_payload(segment: &str, findings: &mut Findings<'_>) -> Option<(Object, Vec<String>)> {
    let bytes = segments::decode_loosely(segment)?;
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let position = error.utf8_error().valid_up_to();
        // A token of one case of letters is named already.
        if !findings.found(Mistake::CaseChanged) {
            findings.refused(Mistake::PayloadNotUtf8, format!("byte {position} is not UTF-8"));
        }
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    if let Some(payload) = Object::read(&text) {
        return Some((payload, Vec::new()));
    }
    let is_named = [Mistake::PayloadNotUtf8, Mistake::CaseChanged, Mistake::SegmentsSwapped]
        .iter()
        .any(|one| findings.found(*one));
    if is_named {
        return None;
    }
    let fault = fault::find_fault(&text);
    findings.refused(fault.mistake, format!("{}: `{text}`", fault.words));
    Some((fault.inside?, fault.no_numbers))
}

/// Lifts the claims out of the object, the text or the header that they are in, if there is one.
fn lift(claim: Claim, payload: &Payload, claims: &mut Object, findings: &mut Findings<'_>) -> bool {
    let name = claim.as_str();
    let inside =
        payload.values.iter().filter(|value| value.depth > 1 && value.name == name && value.is_plain());
    // The user's own address rather than that of a company; an element of an array is the same claim
    // elsewhere.
    let mut inside = inside.filter(|value| value.path.ends_with(name)).collect::<Vec<_>>();
    inside.sort_by_key(|value| !value.is_the_users);
    let found =
        inside.first().filter(|value| value.is_the_users || (claim == Claim::Email && !value.is_anothers));
    if let Some(value) = found {
        let holder = value.path.strip_suffix(name).unwrap_or_default();
        let place = holder.trim_end_matches('.');
        let kind = if value.is_in_text { "the text of " } else { "" };
        findings.refused(Mistake::ClaimsNested, format!("{name} is in {kind}`{place}`"));
        let siblings = payload
            .values
            .iter()
            .filter(|value| value.path.strip_prefix(holder) == Some(value.name.as_str()));
        for value in siblings.filter(|value| CLAIMS.contains(&value.name.as_str())) {
            if claims.get(&value.name).is_none() {
                claims.set(&value.name, Some(&value.raw));
            }
        }
        return true;
    }
    let in_header = payload.header.get(name).filter(|raw| !raw.is_empty());
    if let Some(raw) = in_header {
        findings.refused(Mistake::ClaimsNested, format!("{name} is in the header: {raw}"));
        for (name, raw) in payload.header.only(CLAIMS).members() {
            if claims.get(name).is_none() {
                claims.set(name, Some(raw));
            }
        }
        return true;
    }
    false
}

fn missing(claim: Claim, payload: &Payload, claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    if claim == Claim::Email {
        people::email_missing(payload, claims, findings);
        return;
    }
    let is_date = |value: &&ClaimValue| {
        matches!(json::kind(&value.raw), Kind::Number | Kind::String | Kind::Null) && value.raw != "\"\""
    };
    let expiry = payload.values.iter().filter(|value| value.meaning == Some(Meaning::Expiry));
    match expiry.filter(is_date).find(|value| value.is_the_users) {
        Some(value) => {
            findings.refused(Mistake::ExpMisnamed, format!("there is `{}`: `{}`", value.path, value.raw));
        }
        None => match payload.values.iter().find(|value| is_ahead(value, now)) {
            Some(value) => {
                let seen = format!(
                    "there is no exp; perhaps `{}` is meant: {}, which as a date is ahead",
                    value.path, value.raw
                );
                findings.refused(Mistake::ExpMissing, seen);
            }
            None => findings.refused(Mistake::ExpMissing, "there is no exp"),
        },
    }
    dates::repair_exp(claims, now);
}

/// Whether a number under a name that says nothing is a date within two hours from now.
fn is_ahead(value: &ClaimValue, now: i64) -> bool {
    let number = json::kind(&value.raw) == Kind::Number;
    let date = value.raw.parse::<i64>().ok().filter(|_| number);
    value.depth == 1
        && value.meaning.is_none()
        && !CLAIMS.contains(&value.name.as_str())
        && date.is_some_and(|date| date > now && date <= now.saturating_add(7200))
}

fn invalid_claim(claim: Claim, claims: &mut Object, now: i64, findings: &mut Findings<'_>) {
    let raw = claims.get(claim.as_str()).unwrap_or_default().to_owned();
    // A string of JSON that is no text.
    if json::kind(&raw) == Kind::String && json::string(&raw).is_none() {
        let seen = format!("half a character (a lone surrogate) is in {claim}: {raw}");
        findings.refused(Mistake::HalfCharacter, seen);
        return match claim {
            Claim::Email => claims.set("email", Some(people::TRIAL_EMAIL)),
            Claim::Exp => dates::repair_exp(claims, now),
            _ => claims.set(claim.as_str(), None),
        };
    }
    match claim {
        Claim::Exp => dates::exp_invalid(claims, now, findings),
        Claim::Iat | Claim::Nbf => dates::other_invalid(claim.as_str(), claims, now, findings),
        Claim::Email => people::email_invalid("email", &raw, claims, findings),
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
        Claim::Aud => {
            findings.refused(Mistake::AudInvalid, format!("{claim} is `{raw}`"));
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
