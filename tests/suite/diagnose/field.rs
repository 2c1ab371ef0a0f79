//! Inputs seen in public bug reports of comparable products (`tests/vectors/field.json`): what the doctor
//! says first, and what it must say besides.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use boostgpt_sso::{
    Verifier,
    diagnose::{Doctor, Mistake, Report},
};
use serde_json::Value;

use super::*;

/// What a report must say somewhere, by the beginning of a case's number, where the file says it in words.
const WORDS: &[(&str, &[&str])] = &[
    ("1.", &["external_id_absent"]),
    ("2.", &["external_id_rounded", "9007199254740991", "as a string"]),
    ("17.", &["claims_nested"]),
    ("20.", &["date_divided_twice"]),
    ("21.", &["date_other_epoch", "2001"]),
    ("22.", &["exp_text"]),
    ("23.", &["expired", "local time"]),
    ("24.", &["lifetime_too_long", "local time"]),
    ("25.", &["not_before", "local time"]),
    ("26.1", &["divide by 1000000 "]),
    ("26.2", &["divide by 1000000000 "]),
    ("26.3", &["62135596800"]),
    ("27.", &["not_a_number", "NaN", "Infinity", "`score`"]),
    ("28.", &["half_character", "half a character"]),
    ("29.", &["set `typ` to `JWT`"]),
    ("45.", &["identity_hash"]),
    ("49.", &["bytes_printed", ".decode()"]),
    ("50.", &["html_page", "redirected", "does not exist"]),
    ("51.", &["payload_empty", "json_encode"]),
    ("52.", &["utf16"]),
    ("72.", &["email_encoded", "HTML", "unescape"]),
];

/// Mistakes of their own that the file leaves open.
const OWN: &[(&str, &str)] = &[("39.", "secret_mistyped"), ("40.", "key_and_text_exchanged")];

/// The codes of the catalogue that a text names.
fn named(text: &str) -> Vec<&'static str> {
    let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    Mistake::ALL.iter().map(|mistake| mistake.code()).filter(|code| words.contains(code)).collect()
}

/// Texts in a member that is one text, or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().map(|text| text.as_str().unwrap()).collect(),
        _ => Vec::new(),
    }
}

/// What was presented.
fn presented(input: &Value) -> Vec<u8> {
    if let Some(token) = input["token"].as_str() {
        token.into()
    } else if let Some(base64) = input["token_base64"].as_str() {
        STANDARD.decode(base64).unwrap()
    } else {
        let line = "<p>Please log in to continue. This page is long.</p>\n";
        assert!(input["token_recipe"].as_str().unwrap().contains(line.trim_end()));
        format!(
            "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>\n{}</body></html>",
            line.repeat(40)
        )
        .into()
    }
}

/// What is wrong with this report; nothing if it is as expected.
fn complaints(id: &str, expected: &Value, report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    let codes = codes(report);
    if expected["verdict"] == "accepted" {
        check(report.is_accepted(), "accepted".to_owned());
        if expected["advice"].is_array() {
            check(codes == texts(&expected["advice"]), format!("advice {}", expected["advice"]));
        } else {
            check(codes.len() == 1, "one piece of advice".to_owned());
        }
    } else if let Some(reason) = expected["reason"].as_str() {
        let refused = matches!(report.verdict(), Verdict::Refused(error) if error.code() == reason);
        check(refused, format!("refused as {reason}"));
    }
    let unwanted: Vec<_> = texts(&expected["first"])
        .iter()
        .filter(|text| text.starts_with("not "))
        .flat_map(|text| named(text))
        .collect();
    let first: Vec<_> = texts(&expected["first"])
        .iter()
        .filter(|text| !text.starts_with("not "))
        .flat_map(|text| named(text))
        .collect();
    let own = OWN.iter().any(|(start, code)| id.starts_with(start) && codes.first() == Some(code));
    check(
        own || first.is_empty() || codes.first().is_some_and(|code| first.contains(code)),
        format!("first {first:?}"),
    );
    check(!unwanted.contains(codes.first().unwrap_or(&"")), format!("not first {unwanted:?}"));
    if let Some(only) = expected["only"].as_array() {
        check(codes == named(only[0].as_str().unwrap()), format!("only {only:?}"));
    }
    for code in texts(&expected["findings"]) {
        check(codes.contains(&code), format!("finding {code}"));
    }
    for code in texts(&expected["without"]) {
        check(!codes.contains(&code), format!("without {code}"));
    }
    if let Some(seen) = expected["seen_contains"].as_str() {
        check(report.findings()[0].seen().contains(seen), format!("seen {seen}"));
    }
    if expected["text"].as_str().is_some_and(|text| text.starts_with("one finding")) {
        check(codes.len() == 1, "one finding".to_owned());
    }
    let words = WORDS.iter().find(|(start, _)| id.starts_with(start)).map_or(&[][..], |(_, words)| words);
    let is_in_words = expected["text"].is_string() || expected["advice"].is_string();
    check(!is_in_words || !words.is_empty(), "words in this test".to_owned());
    let shown = report.to_string();
    for word in words {
        check(shown.contains(word), format!("the words {word}"));
    }
    wrong
}

#[test]
fn the_doctor_names_what_people_really_send() {
    let field: Value = serde_json::from_str(include_str!("../../vectors/field.json")).unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for case in field["cases"].as_array().unwrap() {
        let (id, input, expected) = (case["id"].as_str().unwrap(), &case["input"], &case["expected"]);
        if !matches!(case["component"].as_str().unwrap(), "doctor" | "verify") {
            continue;
        }
        count += 1;
        let secret: SsoSecret = input["secret"].as_str().unwrap().parse().unwrap();
        let (presented, now) = (presented(input), at(input["now"].as_i64().unwrap()));
        let verdict = Verifier::new(&secret).verify_at(&presented, now);
        let report = Doctor::new().with_secret(secret).examine_at(&presented, now);
        holds(&report, verdict);
        let complaints = complaints(id, expected, &report);
        if !complaints.is_empty() {
            wrong.push(format!("{id} {}: {}\n{report}", input["what"], complaints.join("; ")));
        }
    }
    assert!(count >= 80, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
