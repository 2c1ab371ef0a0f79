//! [`Identity`] and [`Email`]: their limits, with the values just inside and just outside.

use boostgpt_sso::{Email, Identity, IdentityError};

use crate::{rules::bad_emails, support::*};

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
    let error = |email: &str| Email::new(email).unwrap_err();
    assert_eq!(error(""), IdentityError::EmailLength { bytes: 0 });
    assert_eq!(error(&format!("a@{}", "b".repeat(253))), IdentityError::EmailLength { bytes: 255 });
    assert_eq!(error("\u{e4} @b"), IdentityError::EmailCharacter { position: 1 });
    assert_eq!(error("Ada <ada@example.com>"), IdentityError::EmailCharacter { position: 3 });
    assert_eq!(error("a@b@c"), IdentityError::EmailShape);
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
