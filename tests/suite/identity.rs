//! [`Identity`] and [`Email`]: their limits, with the values just inside and just outside.

use boostgpt_sso::{Email, Identity, IdentityError};

use crate::{
    rules::{MISSING_VALUES, bad_emails, good_emails},
    support::*,
};

#[test]
fn parts_are_independent_and_can_be_replaced() {
    let identity = ada().with_external_id("42").unwrap().with_name("Ada").unwrap();
    assert_eq!(identity, ada().with_name("Ada").unwrap().with_external_id("42").unwrap());
    let identity = identity.with_name("Ada Lovelace").unwrap();
    assert_eq!((identity.name(), identity.external_id()), (Some("Ada Lovelace"), Some("42")));
    assert_eq!(identity.email().as_str(), "ada@example.com");
    let without = identity.with_name("").unwrap();
    assert_eq!((without.name(), without.external_id()), (None, Some("42")));
    assert_eq!(without.with_external_id("").unwrap(), ada());
    // The parts stand next to each other, but where one ends is part of the identity.
    assert_ne!(ada().with_name("x").unwrap(), ada().with_external_id("x").unwrap());
}

#[test]
fn refuses_what_rule_c9_refuses_and_says_where() {
    for email in bad_emails() {
        let error = Identity::new(&email).expect_err(&format!("{email:?}"));
        assert_eq!(Email::new(&email).unwrap_err(), error);
    }
    for email in good_emails() {
        assert_eq!(Identity::new(&email).unwrap().email().as_str(), email);
    }
    let error = |email: &str| Email::new(email).unwrap_err();
    assert_eq!(error(""), IdentityError::EmailLength { bytes: 0 });
    assert_eq!(error(&format!("a@{}", "b".repeat(253))), IdentityError::EmailLength { bytes: 255 });
    assert_eq!(error("\u{e4} @b"), IdentityError::EmailCharacter { position: 1 });
    assert_eq!(error("Ada <ada@example.com>"), IdentityError::EmailCharacter { position: 3 });
    assert_eq!(error("\u{e4}\u{e4}@\u{fc}\u{feff}"), IdentityError::EmailCharacter { position: 4 });
    for (email, position) in [
        ("<ada@example.com>", 0),
        ("mailto:ada@example.com", 6),
        ("ada@example.com;", 15),
        ("'ada@example.com'", 16),
        (r#"{"email":"ada@example.com"}"#, 1),
        ("ada\u{3164}@example.com", 3),
    ] {
        assert_eq!(error(email), IdentityError::EmailCharacter { position }, "{email}");
    }
    for email in ["a@b@c", "ada", "ada@", "@ada", "ada@example.", "ada@.example", "ada@example..com"] {
        assert_eq!(error(email), IdentityError::EmailShape, "{email}");
    }
    assert_eq!(error(&format!("{}@x", "l".repeat(65))), IdentityError::EmailShape);
}

/// As an id they would make one subscriber of many people (rule C11).
#[test]
fn an_external_id_is_not_what_languages_print_for_a_missing_value() {
    let ada = ada().with_external_id("42").unwrap();
    for text in MISSING_VALUES {
        let error = ada.clone().with_external_id(text).unwrap_err();
        assert_eq!(error, IdentityError::ExternalIdMissingValue, "{text}");
        assert!(!error.to_string().contains(text) && !format!("{error:?}").contains(text), "{text}");
        assert!(ada.clone().with_external_id(&format!("{text} ")).is_ok());
        assert!(ada.clone().with_name(text).is_ok(), "a name may be anything");
    }
}

#[test]
fn limits_of_name_and_external_id() {
    assert!(ada().with_name(&"\u{1f600}".repeat(256)).is_ok());
    let error = ada().with_name(&"a".repeat(257)).unwrap_err();
    assert_eq!(error, IdentityError::NameTooLong { characters: 257 });
    assert_eq!(ada().with_name("a\0").unwrap_err(), IdentityError::NameWithNul);
    assert!(ada().with_external_id(&"x".repeat(255)).is_ok());
    let error = ada().with_external_id(&"\u{e4}".repeat(128)).unwrap_err();
    assert_eq!(error, IdentityError::ExternalIdTooLong { bytes: 256 });
    assert_eq!(ada().with_external_id("\0").unwrap_err(), IdentityError::ExternalIdWithNul);
}
