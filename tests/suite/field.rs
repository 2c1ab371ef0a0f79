//! What people really send: the cases of `tests/vectors/field.json`, rebuilt from public bug reports of
//! comparable products. Here are those of the verifier, the signer and the secret; each other part has a
//! table test of its own cases.

use boostgpt_sso::{Identity, IdentityError, SecretError, SsoSecret, Verifier};
use serde_json::Value;

use crate::support::*;

/// All cases of these components.
pub fn cases(components: &[&str]) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../vectors/field.json")).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    cases.into_iter().filter(|case| components.contains(&case["component"].as_str().unwrap())).collect()
}

/// What the case presents in a token's place: a text, bytes that are none, or a long text by its recipe.
pub fn presented(case: &Value) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let input = &case["input"];
    match (input["token"].as_str(), input["token_base64"].as_str(), input["token_recipe"].as_str()) {
        (Some(text), None, None) => text.as_bytes().to_vec(),
        (None, Some(bytes), None) => STANDARD.decode(bytes).unwrap(),
        (None, None, Some(recipe)) => by_recipe(recipe).into_bytes(),
        _ => panic!("no token in {case}"),
    }
}

/// "beginning + N times "line" + end; N = number".
fn by_recipe(recipe: &str) -> String {
    let (text, times) = recipe.rsplit_once("; N = ").unwrap();
    let [beginning, line, end] = text.split(" + ").collect::<Vec<_>>()[..] else { panic!("{recipe}") };
    let line: String = serde_json::from_str(line.strip_prefix("N times ").unwrap()).unwrap();
    format!("{beginning}{}{end}", line.repeat(times.parse().unwrap()))
}

/// When the case is, and by which secret it is checked.
fn verifier_of(case: &Value) -> (Verifier, boostgpt_sso::time::OffsetDateTime) {
    let secret = case["input"]["secret"].as_str().unwrap().parse().unwrap();
    (Verifier::new(&secret), at(case["input"]["now"].as_i64().unwrap()))
}

#[test]
fn each_token_gets_its_verdict() {
    let cases = cases(&["verify", "doctor"]);
    assert_eq!(cases.len(), 81);
    for case in cases {
        let (verifier, now) = verifier_of(&case);
        let (verdict, expected) = (verifier.verify_at(presented(&case), now), &case["expected"]);
        let found = verdict.as_ref().map_or("refused", |_| "accepted");
        assert_eq!(found, expected["verdict"].as_str().unwrap(), "{case}");
        if let Some(reason) = expected["reason"].as_str() {
            assert_eq!(verdict.as_ref().unwrap_err().code(), reason, "{case}");
        }
        if let (Ok(visitor), Some(external_id)) = (&verdict, expected.get("external_id")) {
            assert_eq!(visitor.external_id(), external_id.as_str(), "{case}");
        }
    }
}

#[test]
fn what_is_no_plain_address_is_not_signed() {
    let [case] = &cases(&["sign"])[..] else { panic!("other cases of the signer") };
    let wanted = case["input"]["cli"].as_str().unwrap();
    for address in ["ada@example.com;", "<ada@example.com>", "mailto:ada@example.com"] {
        assert!(wanted.contains(address), "{wanted}");
        assert!(matches!(Identity::new(address), Err(IdentityError::EmailCharacter { .. })), "{address}");
    }
}

#[test]
fn a_secret_with_a_byte_order_mark_is_told_so() {
    let cases = cases(&["secret"]);
    let files: Vec<_> = cases.iter().map(|case| case["input"]["file_hex"].as_str().unwrap()).collect();
    let file = files.iter().find_map(|file| file.strip_suffix(" + S + 0d0a")).unwrap();
    let mark = String::from_utf8(hex::decode(file).unwrap()).unwrap();
    for text in [format!("{mark}{SECRET}\r\n"), format!("{mark}{SECRET}")] {
        let error = text.parse::<SsoSecret>().unwrap_err();
        assert!(matches!(error, SecretError::ByteOrderMark), "{error}");
    }
}
