//! What the signer writes, to the byte, and what it cannot be made to write.

use boostgpt_sso::{
    ConfigError, Identity, VerifyError, WidgetToken,
    time::{Duration, OffsetDateTime},
};

use crate::support::*;

fn payload(token: &WidgetToken) -> String {
    String::from_utf8(decode(token.as_str().split('.').nth(1).unwrap())).unwrap()
}

#[test]
fn header_payload_and_signature_are_these_bytes() {
    let user = Identity::new("ada@example.com").unwrap();
    let user = user
        .with_external_id("42")
        .unwrap()
        .with_name("Ada \"\\/<\u{1}\n\u{7f}\u{2028}\u{e4}\u{1f600}")
        .unwrap();
    let token = signer().sign_at(&user, now());
    assert_eq!(String::from_utf8(decode(token.as_str().split('.').next().unwrap())).unwrap(), HEADER);
    assert_eq!(
        payload(&token),
        format!(
            "{{\"email\":\"ada@example.com\",\
             \"name\":\"Ada \\\"\\\\/<\\u0001\\n\u{7f}\u{2028}\u{e4}\u{1f600}\",\
             \"external_id\":\"42\",\"iat\":{NOW},\"exp\":{}}}",
            NOW + 3600
        )
    );
    let (signed, _) = token.as_str().rsplit_once('.').unwrap();
    assert_eq!(token.as_str(), seal(signed));
}

#[test]
fn absent_options_are_left_out_and_aud_comes_last() {
    let exp = NOW + 3600;
    let expected = format!(r#"{{"email":"ada@example.com","iat":{NOW},"exp":{exp}}}"#);
    assert_eq!(payload(&signer().sign_at(&ada(), now())), expected);
    let expected = format!(r#"{{"email":"ada@example.com","iat":{NOW},"exp":{exp},"aud":"{BOT}"}}"#);
    let token = signer().for_bot(bot()).sign_at(&ada(), now());
    assert_eq!(payload(&token), expected);
    accepted(verifier().for_bot(bot()).verify_at(&token, now()));
    refused(
        verifier().for_bot(OTHER_BOT.parse().unwrap()).verify_at(&token, now()),
        VerifyError::WrongAudience,
    );
    refused(verifier().verify_at(&token, now()), VerifyError::WrongAudience);
}

#[test]
fn lifetime_is_1_to_3600_seconds() {
    for good in [1, 60, 3600] {
        let token = signer().with_lifetime(seconds(good)).unwrap().sign_at(&ada(), now());
        assert_eq!(token.expires_at(), at(NOW + good));
        accepted(verifier().verify_at(&token, at(NOW + good - 1)));
        assert!(verifier().verify_at(&token, at(NOW + good)).is_err());
    }
    let token = signer().with_lifetime(Duration::milliseconds(1999)).unwrap().sign_at(&ada(), now());
    assert_eq!(token.expires_at(), at(NOW + 1));
    for given in [
        Duration::ZERO,
        Duration::milliseconds(999),
        seconds(-1),
        seconds(3601),
        seconds(3600) + Duration::NANOSECOND,
        Duration::MAX,
        Duration::MIN,
    ] {
        assert_eq!(signer().with_lifetime(given).unwrap_err(), ConfigError::LifetimeOutOfRange { given });
    }
}

#[test]
fn clock_skew_is_at_most_300_seconds() {
    for good in [0, 300] {
        assert!(verifier().with_clock_skew(seconds(good)).is_ok());
    }
    for given in
        [seconds(-1), -Duration::NANOSECOND, seconds(301), seconds(300) + Duration::NANOSECOND, Duration::MAX]
    {
        assert_eq!(
            verifier().with_clock_skew(given).unwrap_err(),
            ConfigError::ClockSkewOutOfRange { given }
        );
    }
}

#[test]
fn sign_reads_the_clock_and_says_when_it_ends() {
    let before = OffsetDateTime::now_utc().unix_timestamp();
    let token = signer().sign(&ada());
    let after = OffsetDateTime::now_utc().unix_timestamp();
    let visitor = accepted(verifier().verify(&token));
    let issued_at = visitor.issued_at().unwrap().unix_timestamp();
    assert!((before..=after).contains(&issued_at));
    assert_eq!(visitor.expires_at(), at(issued_at + 3600));
    assert_eq!(token.expires_at(), visitor.expires_at());
}

#[test]
fn a_clock_outside_the_range_is_taken_to_its_nearest_end() {
    let last = 253_402_300_799;
    for (now, iat) in
        [(at(-1), 0), (at(-62_135_596_800), 0), (at(last), last - 3600), (at(last - 3599), last - 3600)]
    {
        let token = signer().sign_at(&ada(), now);
        assert_eq!(accepted(verifier().verify_at(&token, at(iat))).issued_at(), Some(at(iat)));
    }
}

#[test]
fn the_longest_signable_token_fits() {
    // The characters whose JSON spelling is longest: six bytes for one. An address has none that needs an
    // escape.
    let email = format!("{}@{}", "l".repeat(64), "d".repeat(189));
    let user = Identity::new(&email).unwrap();
    let user = user.with_name(&"\u{1}".repeat(256)).unwrap().with_external_id(&"\u{1f}".repeat(255)).unwrap();
    let token = signer().for_bot(bot()).sign_at(&user, now());
    assert!(token.as_str().len() > 4500 && token.as_str().len() < 8192, "{}", token.as_str().len());
    assert_eq!(accepted(verifier().for_bot(bot()).verify_at(&token, now())).identity(), &user);
}

#[test]
fn a_token_is_text_where_text_is_wanted() {
    let token = signer().sign_at(&ada(), now());
    assert_eq!(token.to_string(), token.as_str());
    assert_eq!(serde_json::to_string(&token).unwrap(), format!("\"{token}\""));
    assert_eq!(String::from(token.clone()), token.as_str());
}

#[test]
fn clones_work_alike() {
    let (signer, verifier) = (signer().for_bot(bot()), verifier().for_bot(bot()));
    let token = signer.clone().sign_at(&ada(), now());
    assert_eq!(token, signer.sign_at(&ada(), now()));
    assert_eq!(verifier.clone().verify_at(&token, now()), verifier.verify_at(&token, now()));
}

/// Around the room for short payloads, of a vector and of a block.
#[test]
fn payloads_of_every_length_come_back() {
    for length in 1..=256 {
        let plain = ada().with_name(&"x".repeat(length)).unwrap();
        let escaped = ada().with_name(&"\u{1f}".repeat(length)).unwrap();
        for user in [plain, escaped.with_external_id(&"\"".repeat(length - 1)).unwrap()] {
            let token = signer().sign_at(&user, now());
            assert_eq!(verifier().verify_at(&token, now()).unwrap().identity(), &user, "{length}");
        }
    }
}
