//! One real token per mistake, and more: the first finding names it. The tokens come from the libraries that
//! customers sign with, in `tests/foreign`; by hand are only those that no library makes.

use std::collections::BTreeMap;

use boostgpt_sso::diagnose::{Doctor, Mistake};
use serde_json::json;

use super::*;
use crate::foreign::ask;

type Tokens = BTreeMap<String, Vec<String>>;

/// What Node, Python, PHP and Ruby make, by the code of the mistake, and when.
fn foreign() -> [(&'static str, OffsetDateTime, Tokens); 4] {
    let request = json!({
        "action": "mistakes", "previous": PREVIOUS, "other": OTHER, "bot": BOT, "otherBot": OTHER_BOT,
    });
    [("node", "node.js"), ("pyjwt", "python.py"), ("php", "php.php"), ("ruby", "ruby.rb")].map(
        |(from, program)| {
            let mut answer = ask(program, &request);
            let answer = if from == "pyjwt" { answer[from].take() } else { answer };
            (from, OffsetDateTime::now_utc(), serde_json::from_value(answer).unwrap())
        },
    )
}

/// Whether the first finding is this mistake; and it is the reason for which the verifier refuses the token.
#[track_caller]
fn named(code: &str, presented: impl AsRef<[u8]>, now: OffsetDateTime) -> Result<(), String> {
    let presented = presented.as_ref();
    let report = doctor().examine_at(presented, now);
    holds(&report, verifier().for_bot(bot()).verify_at(presented, now));
    let is_first = codes(&report).first() == Some(&code);
    if is_first { Ok(()) } else { Err(format!("{code}: {report}\n{}", String::from_utf8_lossy(presented))) }
}

#[test]
fn the_first_finding_names_the_mistake() {
    let (mut seen, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    for (from, now, tokens) in foreign() {
        for (code, tokens) in tokens {
            assert!(!tokens.is_empty(), "{from}: no token for {code}");
            for token in tokens {
                wrong.extend(named(&code, token, now).err().map(|why| format!("{from}: {why}")));
                *seen.entry(code.clone()).or_default() += 1;
            }
        }
    }
    assert!(
        seen.len() >= 90 && seen.values().sum::<usize>() >= 250,
        "{} {}",
        seen.len(),
        seen.values().sum::<usize>()
    );

    assert!(wrong.is_empty(), "{} are not named first:\n{}", wrong.len(), wrong.join("\n\n"));

    // What no JSON can carry, what needs another clock, and a doctor who does not know the bot.
    named("not_text", [b"eyJ".as_slice(), &[0xff; 40]].concat(), now()).unwrap();
    let clock = doctor().examine_at(signer().sign(&ada()), at(-1));
    assert_eq!(codes(&clock), ["clock_out_of_range"]);
    let unbound = Doctor::new().with_secret(secret());
    let report = unbound.examine(signer().for_bot(bot()).sign(&ada()));
    assert_eq!(codes(&report), ["aud_unexpected"]);
    for code in ["not_text", "clock_out_of_range", "aud_unexpected"] {
        seen.insert(code.to_owned(), 1);
    }
    let all: Vec<_> = Mistake::ALL.iter().map(|mistake| mistake.code()).collect();
    assert_eq!(seen.into_keys().collect::<Vec<_>>(), {
        let mut all = all;
        all.sort_unstable();
        all
    });
}

/// Beneath what is wrong with the transport, the algorithm or the secret the claims are examined all the
/// same.
#[test]
fn it_goes_on_where_the_verifier_stops() {
    let expired = |key: &[u8]| {
        let signed =
            format!("{}.{}", base64url(HEADER), base64url(claims(r#"{"email":" ada@example.com"}"#)));
        format!("{signed}.{}", base64url(hmac(key, &signed)))
    };
    let late = at(NOW + 7200);
    let own = expired(SECRET.as_bytes());
    assert_eq!(codes(&examined(&own, late)), ["expired", "email_white_space"]);
    let hexed = expired(&hex::decode(SECRET).unwrap());
    assert_eq!(codes(&examined(&hexed, late)), ["secret_hex_decoded", "expired", "email_white_space"]);
    let wrapped = format!(r#"{{"token":"Bearer {}"}}"#, hexed.replace('.', "%2e"));
    assert_eq!(
        codes(&examined(own.replace('.', " . "), late)),
        ["white_space_inside", "expired", "email_white_space"]
    );
    assert_eq!(
        codes(&examined(wrapped.replace("%2e", "."), late)),
        ["json_wrapper", "bearer_prefix", "secret_hex_decoded", "expired", "email_white_space"]
    );
    let unsigned = own.rsplit_once('.').unwrap().0;
    assert_eq!(codes(&examined(unsigned, late)), ["signature_missing", "expired", "email_white_space"]);
    assert_eq!(
        codes(&examined(format!("{unsigned}."), late)),
        ["signature_missing", "expired", "email_white_space"]
    );
    let none = token(
        r#"{"alg":"HS512","typ":"at+jwt","crit":["b64"],"b64":false}"#,
        claims(r#"{"exp":"1h","iat":"x","aud":"y","name":1,"external_id":1.5,"email":null,"mail":"a"}"#),
    );
    assert_eq!(
        codes(&examined(none, now())),
        [
            "alg_hs384_hs512",
            "typ_not_jwt",
            "header_extension",
            "exp_duration",
            "iat_invalid",
            "name_invalid",
            "aud_not_a_bot",
            "email_misnamed",
            "email_length",
            "external_id_number",
        ]
    );
}

/// Mending one thing for the next question to the verifier brings up nothing that is not wrong.
#[test]
fn what_is_repaired_causes_no_findings() {
    let date = |ahead: i64| NOW + ahead;
    for (changes, expected) in [
        (format!(r#"{{"exp":null,"iat":{}}}"#, date(-7200)), vec!["exp_missing"]),
        (format!(r#"{{"exp":null,"iat":{}}}"#, date(-3000)), vec!["exp_missing"]),
        (format!(r#"{{"exp":null,"iat":{}}}"#, date(7200)), vec!["exp_missing", "local_time"]),
        (format!(r#"{{"exp":"1h","iat":{}}}"#, date(0)), vec!["exp_duration"]),
        (format!(r#"{{"exp":3600,"iat":{}}}"#, date(-86_400)), vec!["exp_duration"]),
        (
            format!(r#"{{"exp":{},"iat":{}}}"#, date(-80_000), date(-86_400)),
            vec!["expired", "lifetime_too_long"],
        ),
        (format!(r#"{{"exp":{},"iat":{}}}"#, date(1800), date(3600)), vec!["local_time"]),
        (
            format!(r#"{{"exp":{},"iat":{}}}"#, date(9000), date(300)),
            vec!["clock_ahead", "lifetime_too_long"],
        ),
        (format!(r#"{{"exp":{},"iat":{}}}"#, date(30), date(50)), vec!["exp_not_after_iat", "clock_ahead"]),
        (r#"{"email":null,"user":{"email":"a@b","exp":1,"name":7}}"#.to_owned(), vec!["claims_nested"]),
        (r#"{"email":null,"user":{"email":"a@b "}}"#.to_owned(), vec!["claims_nested", "email_white_space"]),
        (
            r#"{"email":null,"name":null,"username":"ada","user":{"email":"a@b","name":"Ada"}}"#.to_owned(),
            vec!["claims_nested"],
        ),
        (format!(r#"{{"exp":{},"iat":{}}}"#, date(3600), date(2700)), vec!["clock_ahead"]),
        (r#"{"external_id":{},"id":42}"#.to_owned(), vec!["external_id_invalid"]),
        (r#"{"external_id":1.5,"id":42}"#.to_owned(), vec!["external_id_number"]),
        (r#"{"name":[],"username":"ada"}"#.to_owned(), vec!["name_invalid"]),
    ] {
        let report = examined(token(HEADER, claims(&changes)), now());
        assert_eq!(codes(&report), expected, "{changes}: {report}");
    }
    let good = token(HEADER, claims("{}"));
    let stray_bits = format!("{}9", &good[..good.len() - 1]); // which no encoder sets
    assert_eq!(codes(&examined(stray_bits, now())), ["not_base64url"]);
    assert_eq!(codes(&examined(format!("\"\"{good}\"\""), now())), ["quoted"]);
    // The header is checked before the signature: what the verifier says comes first.
    let cut = token(r#"{"alg":"HS256","crit":[]}"#, claims("{}"));
    assert_eq!(codes(&examined(&cut[..cut.len() - 3], now())), ["header_extension", "truncated"]);
}

/// Two mistakes with a secret are both named.
#[test]
fn a_misused_foreign_secret_is_two_findings() {
    for (secret, whose) in [(PREVIOUS, "previous_secret"), (OTHER, "other_bots_secret")] {
        let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
        let token = format!("{signed}.{}", base64url(hmac(&hex::decode(secret).unwrap(), &signed)));
        let report = examined(token, now());
        assert_eq!(codes(&report), ["secret_hex_decoded", whose]);
        assert!(report.findings()[0].seen().contains(&parsed(secret).fingerprint()), "{report}");
    }
}

/// How much is in what was seen.
#[test]
fn what_was_seen_has_the_figures() {
    for (changes, seen) in [
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 7200, NOW - 3600),
            "exp is 2026-11-22 11:00:00 UTC, 1 h ago; issued at 2026-11-22 10:00:00 UTC, 2 h ago by this \
             clock (about a whole number of quarter hours: if it has just been signed, perhaps local time \
             was taken for UTC)",
        ),
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 7500, NOW - 3900),
            "exp is 2026-11-22 10:55:00 UTC, 1 h 5 min ago; issued at 2026-11-22 09:55:00 UTC, \
             2 h 5 min ago by this clock",
        ),
        (
            format!(r#"{{"exp":{}}}"#, NOW + 23_100),
            "from iat to exp it is 6 h 25 min, which is 5 h 25 min more than allowed; it is about 55 min and \
             5 h 30 min: perhaps local time was taken for UTC",
        ),
        (
            format!(r#"{{"exp":{}}}"#, NOW + 9000),
            "from iat to exp it is 2 h 30 min, which is 1 h 30 min more than allowed",
        ),
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 3600, NOW + 7200),
            "iat is 2026-11-22 13:00:00 UTC, 1 h ahead",
        ),
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 400, NOW + 800),
            "iat is 2026-11-22 12:06:40 UTC, 6 min 40 s ahead",
        ),
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 2700, NOW + 3600),
            "iat is 2026-11-22 12:45:00 UTC, 45 min ahead",
        ),
        (r#"{"exp":3600}"#.to_owned(), "exp is 3600, which as a date is 1970-01-01 01:00:00 UTC"),
        (
            format!(r#"{{"aud":"{OTHER_BOT}"}}"#),
            "the bot is 0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1; \
             aud is `\"0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b2\"`",
        ),
    ] {
        let report = examined(token(HEADER, claims(&changes)), now());
        assert_eq!(report.cause().unwrap().seen(), seen, "{report}");
        assert_eq!(report.findings().len(), 1, "{report}");
    }
}

/// Without a secret there is no verdict, but what does not depend on it is said.
#[test]
fn without_a_secret_the_verdict_is_unknown() {
    let doctor = Doctor::new();
    let report = doctor.examine_at(signer().sign_at(&ada(), now()), now());
    assert_eq!((report.verdict(), report.findings()), (Verdict::Unknown, [].as_slice()));
    let report = doctor.examine_at(signer().sign_at(&ada(), now()), at(NOW + 7200));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Unknown, vec!["expired"]));
    assert!(report.to_string().starts_with("refused with every secret: expired"), "{report}");
    let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
    let report = doctor.examine_at(format!("{signed}.{}", base64url(hmac(b"", &signed))), now());
    assert_eq!(codes(&report), ["secret_empty"]);
    // With the secret that signed it the token may be accepted.
    let doctor = Doctor::new().with_previous_secret(secret());
    let report = doctor.examine_at(signer().sign_at(&ada(), now()), now());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Unknown, vec!["previous_secret"]));
    assert!(report.to_string().starts_with("refused: signed with the previous secret"), "{report}");
}

/// The two forms of a report.
#[test]
fn a_report_for_people_and_for_programs() {
    let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
    let token = format!("{signed}.{}", base64url(hmac(&hex::decode(SECRET).unwrap(), &signed)));
    let report = examined(token, now());
    let print = secret().fingerprint();
    assert_eq!(
        report.to_string(),
        format!(
            "refused: signed with the bytes that the secret decodes to (secret_hex_decoded)\n\n\
             1. signed with the bytes that the secret decodes to (secret_hex_decoded)\n   \
             seen: the signature fits the secret (fingerprint {print}), decoded from its hexadecimal digits \
             to bytes\n   \
             why:  the key is the secret's text, its 64 characters, not the bytes that they encode\n   \
             fix:  pass the text itself to the library: no `Buffer.from(secret, 'hex')`, `bytes.fromhex`, \
             `hex2bin` or `hex.DecodeString`"
        )
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["verdict"], "refused");
    assert_eq!(json["reason"], "bad_signature");
    assert_eq!(json["findings"][0]["code"], "secret_hex_decoded");
    assert_eq!(json["findings"][0]["severity"], "refused");
    for field in ["title", "seen", "why", "fix"] {
        assert!(json["findings"][0][field].as_str().unwrap().len() > 20, "{json}");
    }
}
