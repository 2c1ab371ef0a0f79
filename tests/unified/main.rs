//! See `Cargo.toml`.
#![allow(dead_code, clippy::pedantic, reason = "the suite of the library uses more of them")]

#[path = "../suite/advisories.rs"]
mod advisories;
#[path = "../suite/rules.rs"]
mod rules;
#[path = "../suite/support.rs"]
mod support;
#[path = "../suite/verdicts.rs"]
mod verdicts;

/// The features really are on: numbers beyond `f64` keep their digits, members their order.
#[test]
fn the_features_are_on() {
    let text = r#"{"b":123456789012345678901234567890,"a":1}"#;
    assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap().to_string(), text);
}
