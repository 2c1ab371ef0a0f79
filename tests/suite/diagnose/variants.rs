//! Many variants of each kind of mistake (`tables`): the first finding names it, or all findings are as
//! expected.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use boostgpt_sso::{Verifier, diagnose::Doctor};
use serde_json::Value;

use super::*;

/// The secret and the time of the cases in `tests/vectors/field.json`, which are those of the tables.
const FIELD_SECRET: &str = "3f9a1c7be2d40586a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455667d8";
const FIELD_NOW: i64 = 1_795_000_000;

/// What is presented: the token itself, or one that is signed over this header and payload.
fn presented(case: &Value) -> Vec<u8> {
    let base64 = |name: &str| case[name].as_str().map(|text| STANDARD.decode(text).unwrap());
    if let Some(token) = case["token"].as_str() {
        return token.into();
    }
    if let Some(token) = base64("base64") {
        return token;
    }
    let header = case["header"].as_str().unwrap_or(HEADER);
    let payload = base64("payload_base64").unwrap_or_else(|| case["payload"].as_str().unwrap().into());
    let signed = format!("{}.{}", base64url(header), base64url(payload));
    format!("{signed}.{}", base64url(hmac(FIELD_SECRET.as_bytes(), &signed))).into()
}

/// The doctor who is asked: who knows the secret, and what else the case says.
fn asked(case: &Value) -> (Doctor, Verifier) {
    let mut doctor = Doctor::new().with_secret(parsed(FIELD_SECRET));
    let mut verifier = Verifier::new(&parsed(FIELD_SECRET));
    if let Some(previous) = case["previous"].as_str() {
        doctor = doctor.with_previous_secret(parsed(previous));
    }
    if let Some(other) = case["other"].as_str() {
        doctor = doctor.with_other_bot(OTHER_BOT.parse().unwrap(), parsed(other));
    }
    if let Some(bot) = case["bot"].as_str() {
        doctor = doctor.for_bot(bot.parse().unwrap());
        verifier = verifier.for_bot(bot.parse().unwrap());
    }
    (doctor, verifier)
}

/// Examines all cases of a table, of which there are at least so many.
#[track_caller]
fn table(text: &str, at_least: usize) {
    let table: Value = serde_json::from_str(text).unwrap();
    let cases = table["cases"].as_array().unwrap();
    assert!(cases.len() >= at_least, "{}", cases.len());
    let now = at(FIELD_NOW);
    let mut wrong = Vec::new();
    for case in cases {
        let presented = presented(case);
        let (doctor, verifier) = asked(case);
        let report = doctor.examine_at(&presented, now);
        holds(&report, verifier.verify_at(&presented, now));
        let shown = everything(&report).to_lowercase();
        assert!(!shown.contains(&FIELD_SECRET[..20]) && !shown.contains(&FIELD_SECRET[44..]), "{shown}");
        let codes = codes(&report);
        let texts = |name: &str| {
            let list = case[name].as_array()?;
            Some(list.iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>())
        };
        let is_named = match (texts("all"), texts("first")) {
            (Some(all), _) => codes == all,
            (None, first) => codes.first().is_some_and(|code| first.unwrap().contains(code)),
        };
        let is_named = is_named && (case["one"] != true || codes.len() == 1);
        let text = report.to_string();
        let is_named = is_named && case["says"].as_str().is_none_or(|words| text.contains(words));
        let is_named = is_named && case["never"].as_str().is_none_or(|words| !text.contains(words));
        if !is_named {
            let shown: String = case.to_string().chars().take(300).collect();
            wrong.push(format!("{shown}\n{report}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn what_comes_in_the_tokens_place() {
    table(include_str!("tables/places.json"), 500);
}

#[test]
fn what_is_around_a_token() {
    table(include_str!("tables/wrappings.json"), 150);
}

#[test]
fn what_else_was_seen() {
    table(include_str!("tables/more.json"), 100);
}

#[test]
fn payloads_of_frameworks() {
    table(include_str!("tables/frameworks.json"), 120);
}

#[test]
fn claims_addresses_ids_and_names() {
    table(include_str!("tables/claims.json"), 600);
}

#[test]
fn dates_in_every_unit() {
    table(include_str!("tables/dates.json"), 400);
}

/// What a tester made who did not know the tables above.
#[test]
fn what_an_outsider_tried() {
    table(include_str!("tables/outside_claims.json"), 500);
    table(include_str!("tables/outside_keys.json"), 350);
    table(include_str!("tables/outside_places.json"), 500);
    table(include_str!("tables/outside_dates.json"), 200);
}

/// What a reader of the code found to be wrong, or to be said falsely.
#[test]
fn what_a_review_found() {
    table(include_str!("tables/reviewed.json"), 160);
}

/// What another list of a thousand inputs found, as kinds.
#[test]
fn what_a_second_list_found() {
    table(include_str!("tables/second_list.json"), 130);
}

/// What a third list of two thousand inputs found, as kinds.
#[test]
fn what_a_third_list_found() {
    table(include_str!("tables/third_list.json"), 190);
}

/// The key is public then, which matters more than that it is no signature.
#[test]
fn the_secret_as_the_third_segment() {
    let token = token(HEADER, claims("{}"));
    let (signed, _) = token.rsplit_once('.').unwrap();
    for third in [SECRET.to_owned(), base64url(SECRET), format!("secret--{SECRET}")] {
        let report = examined(format!("{signed}.{third}"), now());
        assert_eq!(codes(&report), ["secret_exposed"], "{report}");
        let seen = report.findings()[0].seen();
        assert!(
            seen.starts_with("the third segment has the secret (") && seen.ends_with(") in it"),
            "{seen}"
        );
        assert!(!everything(&report).contains(&SECRET[..20]), "{report}");
    }
}

#[test]
fn headers_and_payloads() {
    table(include_str!("tables/headers.json"), 140);
}
