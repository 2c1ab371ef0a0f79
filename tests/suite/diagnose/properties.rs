//! The verdict is the verifier's, whatever is presented.

use boostgpt_sso::diagnose::Doctor;
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::properties::identity;

/// JSON values that are near to those of claims.
fn value() -> impl Strategy<Value = String> {
    let odd = [
        "null",
        "true",
        "{}",
        "[]",
        "-1",
        "0",
        "1.5",
        "1e999",
        "3600",
        "\"\"",
        "\"1h\"",
        "\"x\"",
        "\"a@b\"",
        "\" a@b\"",
        "\"\\ud800\"",
        "1795348800000",
        "253402300799",
        "253402300800",
        "18446744073709551616",
        "{\"email\":\"a@b\",\"exp\":1795350000}",
        "\"0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1\"",
        "[\"0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b2\"]",
    ];
    prop_oneof![
        select(odd.to_vec()).prop_map(str::to_owned),
        (NOW - 9000..NOW + 9000).prop_map(|date| date.to_string()),
    ]
}

fn payload() -> impl Strategy<Value = String> {
    let names = [
        "email",
        "name",
        "external_id",
        "exp",
        "iat",
        "nbf",
        "aud",
        "user",
        "data",
        "mail",
        "sub",
        "id",
        "expires",
    ];
    let usual = (NOW - 4000..NOW + 4000, 1..4000_i64).prop_map(|(iat, lifetime)| {
        format!(r#""email":"ada@example.com","iat":{iat},"exp":{}"#, iat + lifetime)
    });
    let odd = vec((select(names.to_vec()), value()), 0..4).prop_map(|members| {
        members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect::<Vec<_>>().join(",")
    });
    (prop_oneof![usual, Just(String::new())], odd).prop_map(|(usual, odd)| {
        let comma = if usual.is_empty() || odd.is_empty() { "" } else { "," };
        format!("{{{usual}{comma}{odd}}}")
    })
}

fn header() -> impl Strategy<Value = String> {
    let odd = [
        HEADER,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS512","typ":"x","crit":[]}"#,
        r#"{}"#,
        r#"{"alg":"HS256","alg":"HS256","typ":1}"#,
        r#"{"alg":1,"kid":1,"kid":2,"zip":0,"typ":"JWT","typ":"JWT"}"#,
        "[]",
        "x",
        r#"{"alg":"RS256"}"#,
    ];
    prop_oneof![3 => Just(HEADER.to_owned()), 2 => select(odd.to_vec()).prop_map(str::to_owned)]
}

/// What happens to a token on its way.
fn travelled(token: &str, how: usize, at: usize) -> String {
    let at = at % (token.len() + 1);
    match how {
        0 => format!("Bearer {token}"),
        1 => format!("\"{token}\""),
        2 => token[..at].to_owned(),
        3 => format!("{} {}", &token[..at], &token[at..]),
        4 => format!("{}={}", &token[..at], &token[at..]),
        5 => token.replace('.', "%2E"),
        6 => serde_json::json!({"a": {"b": token}}).to_string(),
        7 => format!("{}A{}", &token[..at], &token[at..]),
        8 => token.replacen('.', "", 1),
        9 => token.split('.').rev().collect::<Vec<_>>().join("."),
        10 => format!("<a href='?t={token}&u=1'>"),
        11 => format!("{token}{}", "x".repeat(9000)),
        _ => token.to_owned(),
    }
}

proptest! {
    #[test]
    fn the_verdict_is_the_verifiers(
        header in header(), payload in payload(), how in 0..24_usize, cut in any::<usize>(),
        key in select(vec![SECRET, PREVIOUS, OTHER, "secret", "x"]),
    ) {
        let signed = format!("{}.{}", base64url(header), base64url(payload));
        let token = format!("{signed}.{}", base64url(hmac(key.as_bytes(), &signed)));
        examined(travelled(&token, how, cut), now());
    }

    /// For every bot, every skew, every time.
    #[test]
    fn with_every_setting(
        payload in payload(), bound in any::<bool>(), skew in 0..=300_i64,
        at_ in prop_oneof![NOW - 9000..NOW + 9000, -9..9_i64, 253_402_290_000..253_402_300_800_i64],
    ) {
        let token = token(HEADER, payload);
        let (mut doctor, mut verifier) = (Doctor::new().with_secret(secret()), verifier());
        if bound {
            (doctor, verifier) = (doctor.for_bot(bot()), verifier.for_bot(bot()));
        }
        let now = OffsetDateTime::from_unix_timestamp(at_).unwrap_or(at(253_402_300_799));
        let doctor = doctor.with_clock_skew(seconds(skew)).unwrap();
        let verifier = verifier.with_clock_skew(seconds(skew)).unwrap();
        holds(&doctor.examine_at(&token, now), verifier.verify_at(&token, now));
    }

    #[test]
    fn everything_signable_is_accepted(identity in identity(), age in 0..3600_i64) {
        let report = examined(signer().sign_at(&identity, now()), at(NOW + age));
        prop_assert!(report.is_accepted());
    }

    #[test]
    fn whatever_is_pasted(
        bytes in vec(any::<u8>(), 0..300), text in any::<String>(),
        tokenish in "[eyJ.\"'{}%=+/ A-Za-z0-9-]{0,120}",
    ) {
        examined(bytes, now());
        examined(text, now());
        examined(tokenish, now());
    }
}
