//! The token rules, each test named after its row.

use boostgpt_sso::{
    Claim, Email, Identity, MAX_TOKEN_BYTES, Verifier, VerifyError,
    time::{Duration, OffsetDateTime},
};

use crate::support::*;

/// The verdict on a good token from whose text `change` made another one.
#[track_caller]
fn text_verdict(change: impl Fn(&str) -> String) -> Verdict {
    let good = token(HEADER, claims("{}"));
    accepted(present(&good));
    present(change(&good))
}

#[test]
fn s1_at_most_8192_bytes_in_all() {
    let sized = |payload_bytes: usize| {
        let fill = "x".repeat(payload_bytes - claims(r#"{"fill":""}"#).len());
        token(HEADER, claims(&format!(r#"{{"fill":"{fill}"}}"#)))
    };
    let (longest, longer) = (sized(6083), sized(6084));
    assert_eq!((longest.len(), longer.len()), (MAX_TOKEN_BYTES, MAX_TOKEN_BYTES + 1));
    accepted(present(longest));
    refused(present(longer), VerifyError::TooLong);
    // The size is looked at first, whatever it is the size of.
    refused(present(vec![b'.'; 8193]), VerifyError::TooLong);
    refused(present(vec![b'.'; 8192]), VerifyError::Malformed);
}

#[test]
fn s2_exactly_three_segments() {
    let good = token(HEADER, claims("{}"));
    let segments: Vec<_> = good.split('.').collect();
    for count in [0, 1, 2, 4, 5] {
        let token = segments.iter().cycle().take(count).copied().collect::<Vec<_>>().join(".");
        refused(present(token), VerifyError::Malformed);
    }
    for change in [format!(".{good}"), format!("{good}."), good.replacen('.', "..", 1)] {
        refused(present(change), VerifyError::Malformed);
    }
}

#[test]
fn s2_header_and_payload_are_not_empty() {
    let payload = base64url(claims("{}"));
    refused(present(seal(&format!(".{payload}"))), VerifyError::Malformed);
    refused(present(seal(&format!("{}.", base64url(HEADER)))), VerifyError::Malformed);
    refused(present(seal(".")), VerifyError::Malformed);
    refused(present(".."), VerifyError::Malformed);
}

#[test]
fn s2_only_base64url_characters() {
    // One wrong character in each segment, and the signature made over the text as it is.
    for wrong in
        ['+', '/', '=', ' ', '\n', '\t', '\0', '%', '"', '\u{e4}', '\u{2024}', ',', '~', '`', '@', '[']
    {
        let (header, payload) = (base64url(HEADER), base64url(claims("{}")));
        for signed in [
            format!("{wrong}{}.{payload}", &header[1..]),
            format!("{header}.{wrong}{}", &payload[1..]),
            format!("{header}.{}{wrong}", &payload[..payload.len() - 1]),
        ] {
            refused(present(seal(&signed)), VerifyError::Malformed);
        }
        refused(text_verdict(|good| format!("{}{wrong}", &good[..good.len() - 1])), VerifyError::Malformed);
    }
}

#[test]
fn s2_standard_alphabet_is_not_translated() {
    // A payload whose encoding has both of the characters in which the alphabets differ.
    let claims = claims(r#"{"a":"???>>>~~~ÿÿÿ"}"#);
    let payload = base64url(&claims);
    assert!(payload.contains('-') && payload.contains('_'), "{payload}");
    accepted(payload_verdict(&claims));
    let standard = payload.replace('-', "+").replace('_', "/");
    refused(present(seal(&format!("{}.{standard}", base64url(HEADER)))), VerifyError::Malformed);
}

#[test]
fn s2_no_padding() {
    for segment in 0..3 {
        for padding in ["=", "=="] {
            let padded = text_verdict(|good| {
                let mut segments: Vec<_> = good.split('.').map(str::to_owned).collect();
                segments[segment].push_str(padding);
                if segment < 2 { seal(&segments[..2].join(".")) } else { segments.join(".") }
            });
            refused(padded, VerifyError::Malformed);
        }
    }
}

#[test]
fn s2_canonical_trailing_bits() {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let good = token(HEADER, claims("{}"));
    let (rest, last) = good.split_at(good.len() - 1);
    // 32 bytes leave two unused bits in the last of 43 characters: of its 4 spellings, one is the token's.
    let value = ALPHABET.find(last).unwrap();
    assert_eq!(value % 4, 0);
    for unused in 1..4 {
        let spelling = &ALPHABET[value + unused..=value + unused];
        refused(present(format!("{rest}{spelling}")), VerifyError::Malformed);
    }
    // The same in header and payload, with the signature over the odd spelling.
    for (header, payload) in [(r#"{"alg":"HS256"} "#, claims("{}")), (HEADER, claims(r#"{"a":"b"}"#))] {
        for pad in ["", " ", "  "] {
            let (header, payload) =
                (base64url(format!("{header}{pad}")), base64url(format!("{payload}{pad}")));
            accepted(present(seal(&format!("{header}.{payload}"))));
            for (odd_header, odd_payload) in [(true, false), (false, true)] {
                let odd = |segment: &str, is_odd: bool| {
                    let (rest, last) = segment.split_at(segment.len() - 1);
                    let next = ALPHABET.find(last).unwrap() + 1;
                    match is_odd && !segment.len().is_multiple_of(4) {
                        true => format!("{rest}{}", &ALPHABET[next..=next]),
                        false => segment.to_owned(),
                    }
                };
                let signed = format!("{}.{}", odd(&header, odd_header), odd(&payload, odd_payload));
                if signed != format!("{header}.{payload}") {
                    refused(present(seal(&signed)), VerifyError::Malformed);
                }
            }
        }
    }
}

#[test]
fn s2_no_trimming() {
    for change in [" {}", "{} ", "\n{}", "{}\n", "{}\r\n", "\u{feff}{}", "\"{}\"", "Bearer {}"] {
        refused(text_verdict(|good| change.replace("{}", good)), VerifyError::Malformed);
    }
}

#[test]
fn h1_header_is_one_utf8_json_object_and_nothing_after_it() {
    for header in [
        "null",
        "true",
        "1",
        "\"HS256\"",
        r#"["alg","HS256"]"#,
        "[]",
        "",
        " ",
        "{",
        r#"{"alg":"HS256""#,
        r#"{"alg":"HS256",}"#,
        r#"{"alg":"HS256"}{}"#,
        r#"{"alg":"HS256"},"#,
        r#"{"alg":"HS256"}x"#,
        r#"{alg:"HS256"}"#,
        r#"{'alg':'HS256'}"#,
        "{\"alg\":\"HS256\"}\0",
        "\u{feff}{\"alg\":\"HS256\"}",
        r#"{"alg":"HS256","a":01}"#,
        r#"{"alg":"HS256"/**/}"#,
        "{\"alg\":\"HS256\",\"a\":\"\n\"}",
    ] {
        refused(header_verdict(header), VerifyError::Malformed);
    }
    refused(header_verdict(b"{\"alg\":\"HS256\",\"typ\":\"JWT\xff\"}"), VerifyError::Malformed);
    refused(header_verdict(b"{\"alg\":\"HS256\",\"ignored\":\"\xff\"}"), VerifyError::Malformed);
    accepted(header_verdict(" \r\n\t{ \"alg\" :\r\n \"HS256\" } \r\n\t"));
}

#[test]
fn h2_alg_is_present_once_and_exactly_hs256() {
    for header in [
        "{}",
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":{"HS256":1}}"#,
        r#"{"alg":256}"#,
        r#"{"alg":true}"#,
        r#"{"alg":""}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"Hs256"}"#,
        r#"{"alg":"HS256 "}"#,
        r#"{"alg":" HS256"}"#,
        r#"{"alg":"HS256\u0000"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"\ud800"}"#,
        r#"{"Alg":"HS256"}"#,
        r#"{"ALG":"HS256"}"#,
        r#"{"alg ":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","a\u006Cg":"none"}"#,
    ] {
        refused(header_verdict(header), VerifyError::UnsupportedAlgorithm);
    }
    accepted(header_verdict(r#"{"alg":"HS256"}"#));
    accepted(header_verdict(r#"{"\u0061lg":"\u0048S256"}"#));
}

#[test]
fn h3_typ_is_absent_or_jwt_in_any_case() {
    for typ in ["JWT", "jwt", "Jwt", "jWt", r"\u004aWT"] {
        accepted(header_verdict(format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#)));
    }
    for typ in
        [r#""""#, r#""JWS""#, r#""at+jwt""#, r#""application/jwt""#, r#""JWT ""#, "null", "1", r#"["JWT"]"#]
    {
        refused(header_verdict(format!(r#"{{"alg":"HS256","typ":{typ}}}"#)), VerifyError::UnsupportedHeader);
    }
}

#[test]
fn h4_no_extension_whatever_its_value() {
    for member in ["crit", "b64", "cty", "enc", "zip", r"cri\u0074"] {
        for value in
            ["null", "true", "false", "[]", r#"["exp"]"#, r#"["b64"]"#, r#""JWT""#, r#""DEF""#, "{}", "0"]
        {
            for header in [
                format!(r#"{{"alg":"HS256","{member}":{value}}}"#),
                format!(r#"{{"{member}":{value},"alg":"HS256","typ":"JWT"}}"#),
                format!(r#"{{"alg":"HS256","{member}":{value},"{member}":{value}}}"#),
            ] {
                refused(header_verdict(header), VerifyError::UnsupportedHeader);
            }
        }
    }
    // The names are case-sensitive [RFC 7515 section 4]: these are unknown members.
    accepted(header_verdict(r#"{"alg":"HS256","Crit":["exp"],"B64":false}"#));
}

#[test]
fn h5_key_hints_and_unknown_members_are_ignored() {
    for member in ["kid", "jku", "jwk", "x5u", "x5c", "x5t", "custom"] {
        for value in ["null", r#""../../dev/null""#, r#"{"kty":"oct","k":"AAAA"}"#, r#"["a"]"#, "1e999"] {
            accepted(header_verdict(format!(r#"{{"alg":"HS256","{member}":{value}}}"#)));
        }
    }
}

#[test]
fn h5_a_recognised_member_given_twice_is_refused() {
    for member in ["typ", "kid", "jku", "jwk", "x5u", "x5c"] {
        let escaped = format!("\\u{:04x}{}", u32::from(member.as_bytes()[0]), &member[1..]);
        for second in [member, &escaped] {
            let header = format!(r#"{{"alg":"HS256","{member}":"JWT","{second}":"JWT"}}"#);
            refused(header_verdict(header), VerifyError::Malformed);
        }
    }
    accepted(header_verdict(r#"{"alg":"HS256","custom":1,"custom":2}"#));
}

#[test]
fn m1_signature_is_exactly_the_32_bytes_of_the_hmac() {
    let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
    let mac = hmac(SECRET.as_bytes(), &signed);
    accepted(present(format!("{signed}.{}", base64url(mac))));

    for length in [0, 1, 16, 31] {
        let short = base64url(&mac[..length]);
        refused(present(format!("{signed}.{short}")), VerifyError::BadSignature);
    }
    for more in [1, 2, 3, 32, 1000] {
        let long = base64url([&mac[..], &vec![0; more]].concat());
        refused(present(format!("{signed}.{long}")), VerifyError::BadSignature);
    }
    for position in 0..32 {
        for bit in 0..8 {
            let mut wrong = mac;
            wrong[position] ^= 1 << bit;
            refused(present(format!("{signed}.{}", base64url(wrong))), VerifyError::BadSignature);
        }
    }
}

#[test]
fn m1_the_key_is_the_text_of_the_secret_as_typed() {
    let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
    for key in [
        hex::decode(SECRET).unwrap(),
        SECRET.to_uppercase().into_bytes(),
        format!("{SECRET}\n").into_bytes(),
        format!("\"{SECRET}\"").into_bytes(),
        Vec::new(),
    ] {
        let token = format!("{signed}.{}", base64url(hmac(&key, &signed)));
        refused(present(token), VerifyError::BadSignature);
    }
    let upper = SECRET.to_uppercase();
    let token = format!("{signed}.{}", base64url(hmac(upper.as_bytes(), &signed)));
    accepted(Verifier::new(&upper.parse().unwrap()).verify_at(token, now()));
}

#[test]
fn m1_holds_before_anything_of_the_payload_is_looked_at() {
    for payload in ["not json", "{}", &claims(r#"{"exp":1}"#), &claims(r#"{"email":7}"#)] {
        let good = token(HEADER, payload);
        assert_ne!(present(&good), Err(VerifyError::BadSignature));
        let (signed, _) = good.rsplit_once('.').unwrap();
        refused(present(format!("{signed}.{}", base64url([0; 32]))), VerifyError::BadSignature);
    }
}

#[test]
fn p1_payload_is_one_utf8_json_object_and_nothing_after_it() {
    let good = claims("{}");
    for payload in [
        "null",
        "[]",
        "\"\"",
        "1",
        " ",
        "{",
        &format!("[{good}]"),
        &format!("{good}{good}"),
        &format!("{good},"),
        &format!("{good}\0"),
        &format!("\u{feff}{good}"),
        &good[..good.len() - 1],
        &good.replace(':', "="),
        &good.replace('"', "'"),
        &good.replacen('{', "{,", 1),
        &good.replacen('{', "{\"a\":\"\n\",", 1),
        &good.replacen('{', "{\"a\":+1,", 1),
        &good.replacen('{', "{\"a\":NaN,", 1),
        &good.replacen('{', "{\"a\":.5,", 1),
        &good.replacen('{', "{\"a\":[1,],", 1),
        &good.replacen('{', "{\"a\":\"\\x\",", 1),
        &good.replacen('{', "{\"a\":{\"b\":},", 1),
        &good.replacen('{', "{1:2,", 1),
    ] {
        refused(payload_verdict(payload), VerifyError::InvalidPayload);
    }
    accepted(payload_verdict(format!("\r\n\t {good} \r\n\t")));
}

#[test]
fn p1_all_of_the_payload_is_utf8_ignored_members_too() {
    let good = claims("{}");
    for invalid in [&b"\xff"[..], b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        for (before, after) in [("{\"a\":\"", "\","), ("{\"a", "\":1,"), ("{\"a\":{\"b\":[\"", "\"]},")] {
            let payload = [before.as_bytes(), invalid, after.as_bytes(), &good.as_bytes()[1..]].concat();
            refused(payload_verdict(payload), VerifyError::InvalidPayload);
        }
    }
}

#[test]
fn p1_an_unpaired_surrogate_is_refused_in_a_name_and_in_a_claim_and_ignored_elsewhere() {
    for unpaired in
        [r"\ud800", r"\uDBFF", r"\udc00", r"\uDFFF", r"\ud800\ud800", r"\udc00\ud800", r"\ud83dx\ude00"]
    {
        // The name of any member of the payload, and of the header.
        for name in [unpaired.to_owned(), format!("x{unpaired}y"), format!("exp{unpaired}")] {
            refused(raw_verdict("none", &format!(r#""{name}":1"#)), VerifyError::InvalidPayload);
            refused(header_verdict(format!(r#"{{"alg":"HS256","{name}":1}}"#)), VerifyError::Malformed);
        }
        // An ignored value, however deep.
        for value in [r#""U""#, r#"["U",{"U":"U"}]"#, r#"{"exp":"U","U":{"aU":["U"]}}"#] {
            let value = value.replace('U', unpaired);
            accepted(raw_verdict("none", &format!(r#""sub":{value}"#)));
            accepted(header_verdict(format!(r#"{{"alg":"HS256","kid":{value}}}"#)));
        }
        refused(header_verdict(format!(r#"{{"alg":"HS256{unpaired}"}}"#)), VerifyError::UnsupportedAlgorithm);
        refused(
            header_verdict(format!(r#"{{"alg":"HS256","typ":"{unpaired}"}}"#)),
            VerifyError::UnsupportedHeader,
        );
        // A recognised claim, before everything else that is wrong with the claims.
        for (name, claim, value) in [
            ("exp", Claim::Exp, r#""U""#),
            ("iat", Claim::Iat, r#"{"U":1}"#),
            ("nbf", Claim::Nbf, r#"["U"]"#),
            ("aud", Claim::Aud, r#""U""#),
            ("aud", Claim::Aud, r#"["x","U"]"#),
            ("email", Claim::Email, r#""U@example.com""#),
            ("name", Claim::Name, r#""Ada \\U""#),
            ("external_id", Claim::ExternalId, r#""\"U""#),
        ] {
            let value = value.replace('U', unpaired);
            let verdict = raw_verdict(name, &format!(r#""{name}":{value}"#));
            refused(verdict, VerifyError::InvalidClaim(claim));
            let others = if name == "exp" { "" } else { r#""exp":1,"# };
            let payload = format!(r#"{{{others}"{name}":{value}}}"#);
            refused(payload_verdict(&payload), VerifyError::InvalidClaim(claim));
            let wrong = if name == "external_id" { r#""name":7,"# } else { r#""external_id":1.5,"# };
            refused(
                payload_verdict(payload.replacen('{', &format!("{{{wrong}"), 1)),
                VerifyError::InvalidClaim(claim),
            );
            // What is not one JSON object with each claim once is that first.
            refused(payload_verdict(format!("{payload}x")), VerifyError::InvalidPayload);
            let twice = payload.replacen('{', &format!(r#"{{"{name}":1,"#), 1);
            refused(payload_verdict(twice), VerifyError::InvalidPayload);
        }
    }
    // A pair is a character, and an escaped backslash no escape of a surrogate.
    let visitor = accepted(raw_verdict("name", r#""name":"\ud83d\ude00\uD83D\uDE00 \\ud800""#));
    assert_eq!(visitor.name(), Some("\u{1f600}\u{1f600} \\ud800"));
    accepted(raw_verdict("none", r#""\ud83d\ude00":1,"\\ud800":2"#));
}

#[test]
fn p1_a_recognised_claim_given_twice_is_refused_in_any_spelling() {
    let good = claims(r#"{"aud":[],"nbf":0}"#);
    for claim in ["exp", "iat", "nbf", "aud", "email", "name", "external_id"] {
        let escaped = format!("\\u{:04X}{}", u32::from(claim.as_bytes()[0]), &claim[1..]);
        for spelling in [claim, &escaped] {
            for value in ["null", "1", r#""grace@example.com""#] {
                let twice = good.replacen('{', &format!(r#"{{"{spelling}":{value},"#), 1);
                refused(payload_verdict(twice), VerifyError::InvalidPayload);
            }
        }
    }
    accepted(raw_verdict("none", r#""sub":1,"sub":2"#));
}

#[test]
fn c1_a_claim_of_the_wrong_type_is_an_error_never_absent() {
    let wrong: [(&str, Claim, &[&str]); 7] = [
        ("exp", Claim::Exp, &["null", "true", "false", r#""1795352400""#, r#""""#, "[1795352400]", "{}"]),
        ("iat", Claim::Iat, &["null", "true", "false", r#""1795348800""#, r#""""#, "[1795348800]", "{}"]),
        ("nbf", Claim::Nbf, &["null", "true", "false", r#""1795348800""#, r#""""#, "[1795348800]", "{}"]),
        ("aud", Claim::Aud, &["null", "true", "1", "{}", "[1]", "[null]", "[[]]", r#"["a",{}]"#]),
        ("email", Claim::Email, &["null", "true", "1", "{}", "[]", r#"["ada@example.com"]"#]),
        ("name", Claim::Name, &["true", "false", "1", "{}", "[]", r#"["Ada"]"#]),
        ("external_id", Claim::ExternalId, &["true", "false", "{}", "[]", r#"["42"]"#, "[42]"]),
    ];
    for (name, claim, values) in wrong {
        for value in values {
            refused(raw_verdict(name, &format!(r#""{name}":{value}"#)), VerifyError::InvalidClaim(claim));
        }
    }
    // The type is looked at before everything that the claim says, here before the expiry.
    refused(claims_verdict(r#"{"exp":1,"name":7}"#), VerifyError::InvalidClaim(Claim::Name));
}

#[test]
fn c2_exp_is_required() {
    refused(claims_verdict(r#"{"exp":null}"#), VerifyError::MissingClaim(Claim::Exp));
    refused(claims_verdict(r#"{"exp":null,"iat":null}"#), VerifyError::MissingClaim(Claim::Exp));
    refused(payload_verdict("{}"), VerifyError::MissingClaim(Claim::Exp));
}

#[test]
fn c3_dates_are_numbers_from_0_to_the_year_9999() {
    for (name, claim) in [("exp", Claim::Exp), ("iat", Claim::Iat), ("nbf", Claim::Nbf)] {
        for value in [
            "-1",
            "-0.5",
            "253402300800",
            "253402300799.5",
            "1795348800000",
            "1e999",
            "-1e999",
            "1e12",
            "18446744073709551617",
        ] {
            refused(raw_verdict(name, &format!(r#""{name}":{value}"#)), VerifyError::InvalidClaim(claim));
        }
    }
    // The ends of the range are of the range.
    refused(
        claims_verdict(r#"{"exp":0}"#),
        VerifyError::Expired { exp: OffsetDateTime::UNIX_EPOCH, now: now() },
    );
    let last = at(253_402_300_799);
    let token = signer().sign_at(&ada(), last - Duration::HOUR);
    assert_eq!(accepted(verifier().verify_at(&token, last - Duration::SECOND)).expires_at(), last);
}

#[test]
fn c3_exp_is_rounded_down_iat_and_nbf_up() {
    let fractions = |exp: &str, iat: &str, nbf: &str| {
        payload_verdict(format!(r#"{{"email":"ada@example.com","exp":{exp},"iat":{iat},"nbf":{nbf}}}"#))
    };
    let (n, later) = (NOW, NOW + 3600);
    let visitor = accepted(fractions(&format!("{later}.999"), &format!("{n}.001"), &format!("{n}.9")));
    assert_eq!(visitor.expires_at(), at(later));
    assert_eq!(visitor.issued_at(), Some(at(n + 1)));
    refused(
        fractions(&format!("{n}.999"), &n.to_string(), "0"),
        VerifyError::Expired { exp: now(), now: now() },
    );
    refused(
        fractions(&later.to_string(), &format!("{}.1", n + 60), "0"),
        VerifyError::IssuedInFuture { iat: at(n + 61), now: now() },
    );
    refused(
        fractions(&later.to_string(), &n.to_string(), &format!("{}.1", n + 60)),
        VerifyError::NotYetValid { nbf: at(n + 61), now: now() },
    );
}

#[test]
fn c4_expires_at_exp_without_leeway() {
    let token = signer().sign_at(&ada(), now());
    let skewed = verifier().with_clock_skew(seconds(300)).unwrap();
    for verifier in [verifier(), skewed] {
        accepted(verifier.verify_at(&token, at(NOW + 3599)));
        accepted(verifier.verify_at(&token, at(NOW + 3599) + Duration::milliseconds(999)));
        for late in [3600, 3601, 1_000_000] {
            refused(
                verifier.verify_at(&token, at(NOW + late)),
                VerifyError::Expired { exp: at(NOW + 3600), now: at(NOW + late) },
            );
        }
    }
}

#[test]
fn c5_iat_may_be_ahead_by_the_skew() {
    let issued = |ahead: i64| format!(r#"{{"iat":{},"exp":{}}}"#, NOW + ahead, NOW + ahead + 60);
    for skew in [0, 1, 60, 300] {
        let verifier = verifier().with_clock_skew(seconds(skew)).unwrap();
        accepted(verifier.verify_at(token(HEADER, claims(&issued(skew))), now()));
        refused(
            verifier.verify_at(token(HEADER, claims(&issued(skew + 1))), now()),
            VerifyError::IssuedInFuture { iat: at(NOW + skew + 1), now: now() },
        );
    }
    accepted(claims_verdict(&issued(60))); // the default
    refused(claims_verdict(&issued(61)), VerifyError::IssuedInFuture { iat: at(NOW + 61), now: now() });
}

#[test]
fn c6_nbf_may_be_ahead_by_the_skew() {
    for skew in [0, 1, 60, 300] {
        let verifier = verifier().with_clock_skew(seconds(skew)).unwrap();
        let not_before = |nbf: i64| token(HEADER, claims(&format!(r#"{{"nbf":{nbf}}}"#)));
        accepted(verifier.verify_at(not_before(0), now()));
        accepted(verifier.verify_at(not_before(NOW + skew), now()));
        refused(
            verifier.verify_at(not_before(NOW + skew + 1), now()),
            VerifyError::NotYetValid { nbf: at(NOW + skew + 1), now: now() },
        );
    }
}

#[test]
fn c7_with_iat_the_lifetime_is_1_to_3600_seconds() {
    let too_long =
        |lifetime, limit| VerifyError::LifetimeTooLong { lifetime: seconds(lifetime), limit: seconds(limit) };
    let times =
        |iat: i64, exp: i64| claims_verdict(&format!(r#"{{"iat":{},"exp":{}}}"#, NOW + iat, NOW + exp));
    accepted(times(0, 3600));
    accepted(times(0, 1));
    refused(times(0, 3601), too_long(3601, 3600));
    refused(times(-1, 3600), too_long(3601, 3600));
    refused(times(-3600, 1), too_long(3601, 3600));
    refused(times(-86400, 60), too_long(86460, 3600));
    // `exp` at or before `iat`, which only the skew lets through to here.
    refused(times(30, 30), too_long(0, 3600));
    refused(times(30, 1), too_long(-29, 3600));
    accepted(times(30, 31));
    // An issuer's clock ahead by the skew: the token outlives our hour by that much at most.
    accepted(times(60, 3660));
}

#[test]
fn c7_without_iat_exp_is_at_most_an_hour_and_the_skew_away() {
    for skew in [0, 60, 300] {
        let verifier = verifier().with_clock_skew(seconds(skew)).unwrap();
        let until = |exp: i64| token(HEADER, claims(&format!(r#"{{"iat":null,"exp":{exp}}}"#)));
        assert_eq!(accepted(verifier.verify_at(until(NOW + 3600 + skew), now())).issued_at(), None);
        refused(
            verifier.verify_at(until(NOW + 3601 + skew), now()),
            VerifyError::LifetimeTooLong { lifetime: seconds(3601 + skew), limit: seconds(3600 + skew) },
        );
    }
}

#[test]
fn c8_aud_is_absent_or_names_the_bot() {
    let bound = verifier().for_bot(bot());
    let presented = |verifier: &Verifier, aud: &str| {
        verifier.verify_at(token(HEADER, claims(&format!(r#"{{"aud":{aud}}}"#))), now())
    };
    accepted(presented(&bound, "null")); // which takes the claim out
    for aud in [
        format!(r#""{BOT}""#),
        format!(r#""{}""#, BOT.to_uppercase()),
        format!(r#"["{BOT}"]"#),
        format!(r#"["{OTHER_BOT}","{BOT}"]"#),
        format!(r#"["","x","\u0030{}"]"#, &BOT[1..]),
    ] {
        accepted(presented(&bound, &aud));
        // A verifier that is bound to no bot knows no audience that could be its own.
        refused(presented(&verifier(), &aud), VerifyError::WrongAudience);
    }
    for aud in [
        r#""""#.to_owned(),
        "[]".to_owned(),
        r#"[""]"#.to_owned(),
        format!(r#""{OTHER_BOT}""#),
        format!(r#"["{OTHER_BOT}"]"#),
        format!(r#"" {BOT}""#),
        format!(r#""{{{BOT}}}""#),
        format!(r#""urn:uuid:{BOT}""#),
        format!(r#""{}""#, BOT.replace('-', "")),
        format!(r#""[\"{BOT}\"]""#),
    ] {
        refused(presented(&bound, &aud), VerifyError::WrongAudience);
        refused(presented(&verifier(), &aud), VerifyError::WrongAudience);
    }
}

#[test]
fn c9_email_is_required_and_of_one_shape() {
    refused(claims_verdict(r#"{"email":null}"#), VerifyError::MissingClaim(Claim::Email));
    for email in good_emails() {
        let email = serde_json::to_string(&email).unwrap();
        let visitor = accepted(claims_verdict(&format!(r#"{{"email":{email}}}"#)));
        assert_eq!(serde_json::to_string(visitor.email().as_str()).unwrap(), email);
    }
    for email in bad_emails() {
        let email = serde_json::to_string(&email).unwrap();
        refused(claims_verdict(&format!(r#"{{"email":{email}}}"#)), VerifyError::InvalidClaim(Claim::Email));
    }
    refused(raw_verdict("email", r#""email":"\ud800@example.com""#), VerifyError::InvalidClaim(Claim::Email));
}

/// What rule C9 allows, at its limits.
pub fn good_emails() -> Vec<String> {
    let mut good: Vec<String> = [
        "a@b",
        "ada@example.com",
        "a+b.c@x",
        "ada@sub.example.co.uk",
        "ada@my_host-1.example",
        "ada@-",
        "ada@_._",
        ".a..b.@x",
        ".@x",
        "o'brien@example.com",
        "&#39@x",
        "!#$%&'*+-/=?^_`{|}~@x",
        "\u{e4}@\u{fc}",
        "\u{1f600}@x",
        "a@\u{1f600}.\u{301}",
        "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.\u{5e7f}\u{544a}",
        "\u{fffd}\u{e000}\u{10ffff}@x",
    ]
    .map(str::to_owned)
    .to_vec();
    good.push(format!("{}@{}", "l".repeat(64), "d".repeat(189)));
    good.push(format!("{}@{}", "\u{e4}".repeat(32), "\u{e4}".repeat(94)));
    good
}

/// What rule C9 refuses; the constructor of an identity refuses the same.
pub fn bad_emails() -> Vec<String> {
    let mut bad: Vec<String> = [
        "",
        "a",
        "@",
        "@@",
        "a@",
        "@b",
        "ab",
        "abc",
        "a@@b",
        "a@b@c",
        "@a@b",
        "a@b@",
        " a@b",
        "a@b ",
        "a @b",
        "a@ b",
        "a@.",
        "a@.b",
        "a@b.",
        "a@b..c",
        "a@..",
        "a\"b@c",
        "\"a b\"@c",
        "<a@b.example>",
        "mailto:a@b.example",
        "a@b.example;",
        "a@b.example,",
        "'a@b.example'",
        "`a@b.example`",
        "\"a@b.example\"",
        "Ada <a@b.example>",
        "a@b.example (Ada)",
        "a@[127.0.0.1]",
        "a@b:25",
        "a@b/c",
        "a@b?c",
        "a@b+c",
        "a@b'c",
        "a@b%c",
        "a@b=c",
        "a@b!c",
        "a@b~c",
        "a,b@c",
        "a;b@c",
        "a:b@c",
        "a(b)@c",
        "a[b]@c",
        "a\\b@c",
        "a>b@c",
        r#"{"email":"a@b.example"}"#,
        r#"["a@b.example"]"#,
        "a@b.example\\n",
        "o&#39;brien@example.com",
    ]
    .map(str::to_owned)
    .to_vec();
    bad.push(format!("{}@x", "l".repeat(65)));
    bad.push(format!("{}@x", "\u{e4}".repeat(33)));
    bad.push(format!("{}@{}", "l".repeat(64), "d".repeat(190)));
    for invisible in [
        '\0',
        '\t',
        '\n',
        '\r',
        '\u{b}',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9f}',
        '\u{a0}',
        '\u{ad}',
        '\u{34f}',
        '\u{600}',
        '\u{61c}',
        '\u{6dd}',
        '\u{115f}',
        '\u{1160}',
        '\u{1680}',
        '\u{17b4}',
        '\u{180b}',
        '\u{180e}',
        '\u{2000}',
        '\u{200a}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{202f}',
        '\u{205f}',
        '\u{2060}',
        '\u{2064}',
        '\u{2065}',
        '\u{2066}',
        '\u{2069}',
        '\u{206f}',
        '\u{2800}',
        '\u{3000}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff0}',
        '\u{fff9}',
        '\u{110bd}',
        '\u{1bca0}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e0100}',
        '\u{e0fff}',
    ] {
        bad.extend([
            format!("a{invisible}@b"),
            format!("a@{invisible}b"),
            format!("{invisible}a@b"),
            format!("a@b{invisible}"),
        ]);
    }
    bad
}

/// Rule C9 over every character there is, before and after the `@`.
#[test]
fn c9_each_character_is_allowed_in_its_places_only() {
    let atext = "!#$%&'*+-/=?^_`{|}~";
    let mut buffer = [0; 4];
    for c in char::MIN..=char::MAX {
        let beyond = !c.is_ascii() && !boostgpt_sso::is_hidden(c);
        let local = c.is_ascii_alphanumeric() || c == '.' || atext.contains(c) || beyond;
        let domain = c.is_ascii_alphanumeric() || "-_.".contains(c) || beyond;
        let is_email = |parts: [&str; 3]| Email::new(&parts.concat()).is_ok();
        let c = c.encode_utf8(&mut buffer);
        assert_eq!(is_email(["", c, "@b"]), local, "{c:?} before the @");
        assert_eq!(is_email(["a@b", c, "b"]), domain, "{c:?} after the @");
    }
}

#[test]
fn c10_name_is_at_most_256_characters_without_nul() {
    for absent in [r#""name":null"#, r#""name":"""#, r#""none":0"#] {
        assert_eq!(accepted(raw_verdict("name", absent)).name(), None);
    }
    for name in
        ["A".repeat(256), "\u{1f600}".repeat(256), " ".to_owned(), "<b>&\"'\\\u{1}\u{202e}\n".to_owned()]
    {
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(accepted(claims_verdict(&format!(r#"{{"name":{json}}}"#))).name(), Some(&name[..]));
    }
    for name in ["A".repeat(257), "\u{1f600}".repeat(257)] {
        refused(claims_verdict(&format!(r#"{{"name":"{name}"}}"#)), VerifyError::InvalidClaim(Claim::Name));
    }
    for name in [r#""A\u0000""#, r#""\u0000""#, r#""\udc00""#, r#""\ud83d""#] {
        refused(raw_verdict("name", &format!(r#""name":{name}"#)), VerifyError::InvalidClaim(Claim::Name));
    }
}

#[test]
fn c11_external_id_is_at_most_255_bytes_or_an_integer() {
    let id = |value: &str| raw_verdict("external_id", &format!(r#""external_id":{value}"#));
    for absent in ["null", r#""""#] {
        assert_eq!(accepted(id(absent)).external_id(), None);
    }
    for (value, text) in [
        ("0", "0"),
        ("-0", "0"),
        ("42", "42"),
        ("-42", "-42"),
        ("9007199254740993", "9007199254740993"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        (r#""042""#, "042"),
        (r#"" 42 ""#, " 42 "),
        (r#""\u0034\u0032""#, "42"),
    ] {
        assert_eq!(accepted(id(value)).external_id(), Some(text));
    }
    let longest = "\u{e4}".repeat(127) + "x";
    assert_eq!(accepted(id(&format!(r#""{longest}""#))).external_id(), Some(&longest[..]));
    for value in [
        &format!(r#""{longest}x""#),
        r#""4\u00002""#,
        r#""\ud800""#,
        "1.0",
        "1.5",
        "1e3",
        "1E3",
        "-9223372036854775809",
        "18446744073709551616",
        "1e999",
    ] {
        refused(id(value), VerifyError::InvalidClaim(Claim::ExternalId));
    }
}

/// The texts of rule C11.
pub const MISSING_VALUES: [&str; 8] =
    ["undefined", "null", "NaN", "None", "nil", "<nil>", "(null)", "[object Object]"];

#[test]
fn c11_what_languages_print_for_a_missing_value_is_absent() {
    let documented = |id: &str| {
        // The order of the members decides whether a parser reads the payload.
        let (iat, exp) = (NOW, NOW + 3600);
        payload_verdict(format!(
            r#"{{"email":"ada@example.com","external_id":"{id}","iat":{iat},"exp":{exp}}}"#
        ))
    };
    let without = accepted(raw_verdict("external_id", r#""none":0"#));
    for text in MISSING_VALUES {
        assert_eq!(accepted(documented(text)).external_id(), None, "{text}");
        assert_eq!(accepted(claims_verdict(&format!(r#"{{"external_id":"{text}"}}"#))), without);
        let escaped = format!("\\u{:04x}{}", u32::from(text.as_bytes()[0]), &text[1..]);
        assert_eq!(accepted(documented(&escaped)).external_id(), None, "{escaped}");
        // Compared exactly: whatever differs is an id.
        let swapped = text.chars().map(|c| match c {
            c if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
            c => c.to_ascii_lowercase(),
        });
        for id in [
            swapped.collect(),
            format!(" {text}"),
            format!("{text} "),
            format!("{text}1"),
            format!("x{text}"),
        ] {
            assert_eq!(accepted(documented(&id)).external_id(), Some(&id[..]));
        }
    }
    for id in ["false", "true", "0", "-", "undefined undefined", "[object Undefined]", "nan", "NULL", "none"]
    {
        assert_eq!(accepted(documented(id)).external_id(), Some(id));
    }
}

#[test]
fn c12_every_other_claim_is_ignored() {
    let good = accepted(claims_verdict("{}"));
    for other in [
        r#""iss":null"#,
        r#""sub":["x"],"jti":{"exp":1}"#,
        r#""user":{"email":7,"email":8}"#,
        r#""Email":1,"EXP":"x","e-mail":2,"externalId":{}"#,
        r#""a":1e999,"b":-0,"c":123456789012345678901234567890"#,
        r#""a":"\ud800","b":"\u0000""#,
        r#""":"","__proto__":{"exp":0}"#,
        r#""$serde_json::private::Number":"1","$serde_json::private::RawValue":"{}""#,
    ] {
        assert_eq!(accepted(raw_verdict("none", other)), good, "{other}");
    }
}

#[test]
fn c12_depth_and_size_of_other_claims_cost_linear_time_and_no_stack() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let depth = 5900 / (open.len() + close.len());
        let inner = if open == "[" { "" } else { "0" };
        let deep = format!(r#""deep":{}{inner}{}"#, open.repeat(depth), close.repeat(depth));
        let unclosed = format!(r#""deep":{}"#, open.repeat(depth));
        std::thread::Builder::new()
            .stack_size(64 * 1024)
            .spawn(move || {
                accepted(raw_verdict("none", &deep));
                refused(raw_verdict("none", &unclosed), VerifyError::InvalidPayload);
            })
            .unwrap()
            .join()
            .unwrap();
    }
}

#[test]
fn the_order_of_the_rules_decides_which_error_it_is() {
    let (none, crit) =
        (r#"{"alg":"none","crit":[]}"#, r#"{"alg":"HS256","typ":"x","crit":[],"kid":1,"kid":2}"#);
    let header_then_signature = |header: &str| present(format!("{}.{}.", base64url(header), base64url("x")));
    refused(present(format!("{}.!.", base64url(none))), VerifyError::Malformed); // S2, H2
    refused(header_then_signature("x"), VerifyError::Malformed); // H1, M1
    refused(header_then_signature(none), VerifyError::UnsupportedAlgorithm); // H2, H4, M1
    refused(header_then_signature(crit), VerifyError::UnsupportedHeader); // H3, H4, H5, M1
    refused(header_then_signature(r#"{"alg":"HS256","kid":1,"kid":2}"#), VerifyError::Malformed); // H5, M1
    refused(header_then_signature(HEADER), VerifyError::BadSignature); // M1, P1

    // From here on every payload breaks all the later rules too.
    let late = r#""iat":2e11,"nbf":2e11,"aud":"x","email":"x","name":"\u0000","external_id":1.5"#;
    refused(payload_verdict(format!("{{{late},{late}}}")), VerifyError::InvalidPayload); // P1, C2
    refused(payload_verdict(format!("{{{late}}}")), VerifyError::MissingClaim(Claim::Exp)); // C2, C5
    let invalid = VerifyError::InvalidClaim(Claim::Exp);
    refused(payload_verdict(format!(r#"{{"exp":-1,{late}}}"#)), invalid); // C3, C5
    let expired = VerifyError::Expired { exp: at(7), now: now() };
    refused(payload_verdict(format!(r#"{{"exp":7,{late}}}"#)), expired); // C4, C5
    let future = VerifyError::IssuedInFuture { iat: at(200_000_000_000), now: now() };
    refused(payload_verdict(format!(r#"{{"exp":3e10,{late}}}"#)), future); // C5, C6
    let late = late.replace(r#""iat":2e11"#, r#""iat":1"#);
    let early = VerifyError::NotYetValid { nbf: at(200_000_000_000), now: now() };
    refused(payload_verdict(format!(r#"{{"exp":3e10,{late}}}"#)), early); // C6, C7
    let late = late.replace(r#""nbf":2e11"#, r#""nbf":1"#);
    let long = VerifyError::LifetimeTooLong { lifetime: seconds(30_000_000_000 - 1), limit: seconds(3600) };
    refused(payload_verdict(format!(r#"{{"exp":3e10,{late}}}"#)), long); // C7, C8
    let late = format!(r#""exp":{},{}"#, NOW + 60, late.replace(r#""iat":1,"#, ""));
    refused(payload_verdict(format!("{{{late}}}")), VerifyError::WrongAudience); // C8, C9
    let late = late.replace(r#""aud":"x","#, "");
    refused(payload_verdict(format!("{{{late}}}")), VerifyError::InvalidClaim(Claim::Email)); // C9, C10
    let late = late.replace(r#""email":"x""#, r#""email":"a@b""#);
    refused(payload_verdict(format!("{{{late}}}")), VerifyError::InvalidClaim(Claim::Name)); // C10, C11
    let late = late.replace(r"\u0000", "");
    refused(payload_verdict(format!("{{{late}}}")), VerifyError::InvalidClaim(Claim::ExternalId)); // C11
    accepted(payload_verdict(format!("{{{}}}", late.replace("1.5", "15"))));
}

#[test]
fn the_clock_is_an_argument_and_outside_its_range_an_error() {
    let token = signer().sign_at(&ada(), now());
    for now in [at(-1), at(-62_135_596_800), at(0) - Duration::NANOSECOND] {
        refused(verifier().verify_at(&token, now), VerifyError::ClockOutOfRange);
    }
    assert_eq!(verifier().verify_at(&token, now()), verifier().verify_at(&token, now()));
    // The system's clock and the argument are the same scale.
    let fresh = signer().sign(&ada());
    accepted(verifier().verify(&fresh));
    accepted(verifier().verify_at(&fresh, OffsetDateTime::now_utc()));
}

#[test]
fn replay_inside_the_hour_is_accepted() {
    let token = signer().sign_at(&ada(), now());
    let first = accepted(present(&token));
    for later in 1..60 {
        assert_eq!(accepted(verifier().verify_at(&token, at(NOW + later * 60))), first);
    }
}

#[test]
fn the_e_mail_key_lowers_ascii_letters_and_nothing_else() {
    for (email, key) in [
        ("Ada.Lovelace+Notes@EXAMPLE.com", "ada.lovelace+notes@example.com"),
        ("ada@example.com", "ada@example.com"),
        ("\u{c4}DA@\u{130}.com", "\u{c4}da@\u{130}.com"),
        ("\u{212a}@example.com", "\u{212a}@example.com"), // the Kelvin sign is no k
        ("stra\u{df}e@example.com", "stra\u{df}e@example.com"),
        ("cafe\u{301}@x", "cafe\u{301}@x"),
    ] {
        let identity = Identity::new(email).unwrap();
        assert_eq!(identity.email().key(), key);
        assert_eq!(identity.email().as_str(), email);
    }
}
