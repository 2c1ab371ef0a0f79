//! The known ways in which JWT libraries were broken, one test per class, with an advisory that is an
//! instance of it.

use boostgpt_sso::{Claim, VerifyError};

use crate::support::*;

/// CVE-2026-25537 (`jsonwebtoken`), CVE-2020-26160 (`jwt-go`): a claim of the wrong type was taken for an
/// absent one, and so its check was skipped.
#[test]
fn wrong_typed_claim_is_not_an_absent_one() {
    for (name, claim) in [("exp", Claim::Exp), ("nbf", Claim::Nbf), ("iat", Claim::Iat), ("aud", Claim::Aud)]
    {
        for value in ["null", "true", "{}", "[[]]", r#"{"exp":1}"#] {
            refused(raw_verdict(name, &format!(r#""{name}":{value}"#)), VerifyError::InvalidClaim(claim));
        }
    }
    for name in ["exp", "nbf", "iat"] {
        for value in [r#""99999999999""#, r#""never""#, r#""2030-01-01T00:00:00Z""#] {
            assert!(matches!(
                raw_verdict(name, &format!(r#""{name}":{value}"#)),
                Err(VerifyError::InvalidClaim(_))
            ));
        }
    }
}

/// Dates that wrapped, saturated, became infinite or were taken for seconds when they were milliseconds.
#[test]
fn negative_and_huge_dates() {
    for value in [
        "-1",
        "-1795348800",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "18446744071914202816",
        "1e19",
        "1e308",
        "1e309",
        "1e999",
        "-1e999",
        "1e99999999999999999999",
        "1795352400000",
        "1795352400000000",
    ] {
        for (name, claim) in [("exp", Claim::Exp), ("iat", Claim::Iat), ("nbf", Claim::Nbf)] {
            refused(raw_verdict(name, &format!(r#""{name}":{value}"#)), VerifyError::InvalidClaim(claim));
        }
    }
    // 2^32 seconds and 2^32 more than a good time.
    for exp in [4_294_967_296_i64, NOW + 3600 + 4_294_967_296] {
        assert!(matches!(
            claims_verdict(&format!(r#"{{"exp":{exp}}}"#)),
            Err(VerifyError::LifetimeTooLong { .. })
        ));
    }
    assert!(matches!(raw_verdict("exp", r#""exp":1e-999"#), Err(VerifyError::Expired { .. })));
}

/// A maximum age counted from `iat` was not checked where `iat` was missing.
#[test]
fn age_rule_is_not_skipped_without_iat() {
    for exp in [NOW + 3661, NOW + 86_400, 253_402_300_799] {
        let verdict = claims_verdict(&format!(r#"{{"iat":null,"exp":{exp}}}"#));
        assert!(matches!(verdict, Err(VerifyError::LifetimeTooLong { .. })), "{verdict:?}");
    }
}

/// CVE-2026-32597 (PyJWT), CVE-2025-59420 (Authlib), CVE-2026-35042: unknown critical extensions were
/// accepted.
#[test]
fn crit_is_not_ignored() {
    for crit in [
        r#"["x"]"#,
        r#"["exp"]"#,
        r#"["b64"]"#,
        "[]",
        "null",
        r#""exp""#,
        r#"["http://example.com/UNDEFINED"]"#,
    ] {
        let header = format!(r#"{{"alg":"HS256","crit":{crit},"http://example.com/UNDEFINED":true}}"#);
        refused(header_verdict(header), VerifyError::UnsupportedHeader);
    }
}

/// RFC 7797: with `b64` false the payload is not base64url, and the MAC is over other bytes.
#[test]
fn unencoded_payload_is_not_taken() {
    let header = base64url(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    refused(present(seal(&format!("{header}.{}", claims("{}")))), VerifyError::Malformed);
    refused(present(seal(&format!("{header}.{}", base64url(claims("{}"))))), VerifyError::UnsupportedHeader);
}

/// CVE-2026-44351 (`fast-jwt`), CVE-2026-45363: an empty or short HMAC key was accepted. Here it cannot be
/// expressed.
#[test]
fn empty_and_short_keys() {
    for length in [0, 1, 16, 31, 32, 63] {
        assert!(SECRET[..length].parse::<boostgpt_sso::SsoSecret>().is_err());
    }
    let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
    for key in [&b""[..], b"\0", b"secret", &[0; 32], &[0; 64], &[b'0'; 64]] {
        let token = format!("{signed}.{}", base64url(hmac(key, &signed)));
        refused(present(token), VerifyError::BadSignature);
    }
}

/// Unsigned tokens [RFC 7519 section 6], with `none` in every casing, with and without a signature.
#[test]
fn unsigned_tokens_and_every_casing_of_none() {
    for casing in 0..16 {
        let none: String =
            (0..4).map(|i| if casing >> i & 1 == 1 { "NONE" } else { "none" }[i..=i].to_owned()).collect();
        for header in [format!(r#"{{"alg":"{none}"}}"#), format!(r#"{{"alg":"{none}","typ":"JWT"}}"#)] {
            refused(header_verdict(&header), VerifyError::UnsupportedAlgorithm);
            let signed = format!("{}.{}", base64url(header), base64url(claims("{}")));
            refused(present(format!("{signed}.")), VerifyError::UnsupportedAlgorithm);
            refused(present(&signed), VerifyError::Malformed);
        }
    }
    for alg in [
        r#""""#,
        "null",
        "0",
        "false",
        "[]",
        r#""none ""#,
        r#""no\u006ee""#,
        r#""nonE\u0000""#,
        r#""ｎｏｎｅ""#,
    ] {
        refused(header_verdict(format!(r#"{{"alg":{alg}}}"#)), VerifyError::UnsupportedAlgorithm);
    }
    // The right header without a signature.
    let good = token(HEADER, claims("{}"));
    let (signed, _) = good.rsplit_once('.').unwrap();
    refused(present(format!("{signed}.")), VerifyError::BadSignature);
    refused(present(signed), VerifyError::Malformed);
}

/// CVE-2022-29217 (PyJWT), CVE-2023-48223 (`fast-jwt`), CVE-2016-5431 and kin: the header chose the
/// algorithm, so that a key was used with one it was not made for. Here every other name is refused,
/// correctly MACed or not.
#[test]
fn algorithm_confusion() {
    for alg in [
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES256K",
        "ES384",
        "ES512",
        "EdDSA",
        "Ed25519",
        "A128KW",
        "dir",
        "RSA-OAEP",
        "HS256/64",
        "hs256",
        "HMACSHA256",
        "SHA256",
        "HS256,none",
        "HS1",
        "BLAKE2B",
    ] {
        refused(
            header_verdict(format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#)),
            VerifyError::UnsupportedAlgorithm,
        );
    }
}

/// Keys that the token brought along, or told the verifier to fetch, were trusted (CVE-2018-0114, `kid`
/// injections).
#[test]
fn embedded_and_referenced_keys() {
    let attacker = b"the attacker's own key of 32 byte";
    let k = base64url(attacker);
    for member in [
        format!(r#""jwk":{{"kty":"oct","k":"{k}","alg":"HS256"}}"#),
        r#""jku":"http://127.0.0.1:1/keys.json""#.to_owned(),
        r#""x5u":"http://127.0.0.1:1/cert.pem""#.to_owned(),
        r#""x5c":["MIIB"]"#.to_owned(),
        r#""kid":"../../../../dev/null""#.to_owned(),
        r#""kid":"x' UNION SELECT 'key'--""#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"HS256",{member}}}"#);
        let signed = format!("{}.{}", base64url(&header), base64url(claims("{}")));
        let forged = format!("{signed}.{}", base64url(hmac(attacker, &signed)));
        refused(present(forged), VerifyError::BadSignature);
        accepted(header_verdict(header)); // under our key the hint is merely unused
    }
}

/// CVE-2025-30204 (`golang-jwt`): a token of nothing but dots was split into as many strings.
#[test]
fn a_token_of_dots_alone_is_refused() {
    for length in [1, 2, 3, 100, 8192] {
        refused(present(vec![b'.'; length]), VerifyError::Malformed);
    }
    refused(present(vec![b'.'; 100_000_000]), VerifyError::TooLong);
}

/// Lenient base64: several texts for one token, so that lists of used or revoked ones do not hold.
#[test]
fn no_other_text_of_a_good_token_is_accepted() {
    let good = token(HEADER, claims("{}"));
    accepted(present(&good));
    for (at, junk) in (0..good.len()).flat_map(|at| ["=", "\n", " ", "*", "\0"].map(|junk| (at, junk))) {
        let mut junked = good.clone();
        junked.insert_str(at, junk);
        refused(present(junked), VerifyError::Malformed);
    }
}

/// Two members of one name, where checker and user take different ones.
#[test]
fn duplicate_and_escaped_members() {
    refused(
        header_verdict(r#"{"alg":"HS256","\u0061\u006c\u0067":"none"}"#),
        VerifyError::UnsupportedAlgorithm,
    );
    let twice = claims("{}").replacen('{', r#"{"\u0065mail":"grace@example.com","#, 1);
    refused(payload_verdict(twice), VerifyError::InvalidPayload);
    let visitor = accepted(raw_verdict("email", r#""\u0065mail":"\u0067race@example.com""#));
    assert_eq!(visitor.email().as_str(), "grace@example.com");
}

/// Payloads that are JSON but no object, as plain JWS allows.
#[test]
fn payloads_that_are_no_objects() {
    for payload in ["null", "true", "0", r#""text""#, "[]", r#"[{"email":"ada@example.com"}]"#, "", "foo"] {
        let verdict = payload_verdict(payload);
        assert!(
            matches!(verdict, Err(VerifyError::InvalidPayload | VerifyError::Malformed)),
            "{payload}: {verdict:?}"
        );
    }
}

/// Bytes that are no UTF-8 in claims nobody reads: some parsers replace them, some stop, some never look.
#[test]
fn invalid_utf8_in_ignored_claims() {
    let good = claims("{}");
    let payload = [b"{\"ignored\":\"\xf0\x28\x8c\x28\",", &good.as_bytes()[1..]].concat();
    refused(payload_verdict(payload), VerifyError::InvalidPayload);
}

/// Nesting that a recursive parser pays for with its stack (RUSTSEC-2022-0004 and kin).
#[test]
fn deep_nesting_on_a_small_stack() {
    let deep = |open: &str, times: usize| format!(r#""a":{}"#, open.repeat(times));
    let deep = [deep("[", 5900), deep(r#"{"":"#, 1100), deep("[{\"\":", 900)];
    let verdicts = std::thread::Builder::new().stack_size(64 * 1024).spawn(move || {
        for members in &deep {
            refused(raw_verdict("none", members), VerifyError::InvalidPayload);
            refused(header_verdict(format!("{{{members}")), VerifyError::Malformed);
        }
        // In a recognised claim too, where the value is kept for its own check.
        for name in ["aud", "name", "exp"] {
            let nested = format!(r#""{name}":{}{}"#, "[".repeat(2900), "]".repeat(2900));
            assert!(matches!(raw_verdict(name, &nested), Err(VerifyError::InvalidClaim(_))));
        }
    });
    verdicts.unwrap().join().unwrap();
}

/// Secrets, tokens and claims that ended up in logs by way of error texts and `Debug`.
#[test]
fn secrets_in_errors() {
    let marker = "MARKER";
    let marked = [
        token(HEADER, claims(&format!(r#"{{"email":"{marker}"}}"#))),
        token(HEADER, claims(&format!(r#"{{"name":["{marker}"]}}"#))),
        token(HEADER, claims(&format!(r#"{{"exp":"{marker}"}}"#))),
        token(HEADER, claims(&format!(r#"{{"aud":"{marker}"}}"#))),
        token(format!(r#"{{"alg":"{marker}"}}"#), claims("{}")),
        token(format!(r#"{{"alg":"HS256","typ":"{marker}"}}"#), claims("{}")),
        token(HEADER, format!("{{{marker}")),
        format!("{marker}.{marker}.{marker}"),
    ];
    for token in marked {
        let error = present(&token).unwrap_err();
        let shown = format!("{error} {error:?} {error:#?} {}", error.code());
        assert!(!shown.contains(marker) && !shown.contains(&token) && !shown.contains(SECRET), "{shown}");
    }
    for error in [
        format!("{:?}", format!("{SECRET}{marker}").parse::<boostgpt_sso::SsoSecret>()),
        format!("{:?}", boostgpt_sso::Identity::new(marker)),
        format!("{:?}", ada().with_name(&format!("{marker}\0"))),
    ] {
        assert!(!error.contains(marker) && !error.contains(SECRET), "{error}");
    }
}
