//! No report shows a secret, in whatever spelling, and none does anything to a terminal.

use crate::assertions::{assert_impl_all, assert_not_impl_any};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use boostgpt_sso::diagnose::Doctor;
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::*;

assert_not_impl_any!(Doctor: std::fmt::Display, Serialize);
assert_impl_all!(Doctor: Send, Sync, Clone);
// A report is what was found, never what somebody says was found.
assert_not_impl_any!(Report: DeserializeOwned, Default);

/// A text with something between its characters, or between groups of them.
fn grouped(text: &str, length: usize, before: &str, between: &str) -> String {
    let groups = text.as_bytes().chunks(length).map(|group| std::str::from_utf8(group).unwrap());
    groups.map(|group| format!("{before}{group}")).collect::<Vec<_>>().join(between)
}

/// A text with another one in the place of each character.
fn escaped(text: &str, escape: impl Fn(u32) -> String) -> String {
    text.chars().map(|c| escape(u32::from(c))).collect()
}

/// Spellings of a secret, and of half of one.
pub(super) fn spellings(secret: &str) -> Vec<String> {
    let bytes = hex::decode(secret).unwrap();
    let list = |bytes: &[u8], separator| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(separator);
    let wide = |c: u32| char::from_u32(c - 0x21 + 0xff01).unwrap().to_string();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all = vec![
        secret.to_owned(),
        secret.to_uppercase(),
        secret[..32].to_owned(),
        secret[32..].to_owned(),
        secret.repeat(2),
        secret[1..].to_owned(),
        format!("{}{}{}{}", &secret[..31], &secret[32..33], &secret[31..32], &secret[33..]),
        format!("export SSO_SECRET=\"{secret}\""),
        STANDARD.encode(&bytes),
        URL_SAFE_NO_PAD.encode(&bytes),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(format!("{secret}\n")),
        STANDARD.encode(format!("secret={secret}")),
        STANDARD.encode(STANDARD.encode(secret)),
        STANDARD.encode(STANDARD.encode(&bytes)),
        STANDARD.encode(&secret[..32]),
        STANDARD.encode(hex::encode(secret)),
        STANDARD.encode(&utf16),
        format!("key{}", STANDARD.encode(secret)),
        format!("key:{}", STANDARD.encode(&bytes)),
        grouped(&STANDARD.encode(secret), 19, "", "\n"),
        hex::encode(secret),
        hex::encode(&utf16),
        grouped(secret, 2, "0x", ", "),
        grouped(secret, 2, "\\x", ""),
        list(&bytes, ", "),
        list(secret.as_bytes(), " "),
        format!("{:?}", bytes.iter().map(|byte| *byte as i8).collect::<Vec<_>>()),
        format!("{bytes:?}"),
        escaped(secret, |c| format!("\\u{c:04x}")),
        escaped(secret, |c| format!("\\u{{{c:x}}}")),
        escaped(secret, |c| format!("%{c:02x}")),
        escaped(secret, |c| format!("&#{c};")),
        escaped(secret, |c| format!("&#x{c:x};")),
        escaped(secret, |c| format!("\\{c:03o}")),
        escaped(secret, wide),
        escaped(&secret[..32], wide),
        secret.chars().map(|c| format!("{c}\u{200b}")).collect(),
        String::from_utf8_lossy(&bytes).into_owned(),
        bytes.iter().map(|byte| char::from(*byte)).collect(),
    ];
    for (length, between) in
        [(1, " "), (2, ":"), (2, "-"), (2, " "), (4, " "), (8, "-"), (16, " "), (23, ".")]
    {
        all.push(grouped(secret, length, "", between));
        all.push(grouped(&secret.to_uppercase(), length, "", between));
    }
    all
}

/// Nothing of 20 characters of any spelling is in a report, and no shorter spelling as a whole.
#[track_caller]
pub(super) fn shows_none(report: &Report, secrets: &[&str]) {
    let shown = everything(report).to_lowercase();
    for spelling in secrets.iter().flat_map(|secret| spellings(secret)) {
        let spelling: Vec<char> = spelling.to_lowercase().chars().collect();
        for window in spelling.windows(spelling.len().min(20)).step_by(5) {
            let window = window.iter().collect::<String>();
            assert!(!shown.contains(&window), "{window} in {shown}");
        }
    }
}

fn any_secret() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9a-f]{64}", "[0-9A-F]{64}", "[0-9a-fA-F]{64}"]
        .prop_filter("not random", |text| text.parse::<SsoSecret>().is_ok())
}

proptest! {
    /// A secret stands wherever a text of a token can: in a claim, as a name, around it, instead of it, as
    /// the key.
    #[test]
    fn no_report_shows_a_secret(
        mine in any_secret(), previous in any_secret(), form in any::<prop::sample::Index>(),
        place in 0..13_usize, knows in any::<bool>(),
    ) {
        let doctor = if knows {
            Doctor::new().with_secret(parsed(&mine)).with_previous_secret(parsed(&previous))
        } else {
            Doctor::new()
        };
        // Unknown to the doctor, only its digits can be told to be one.
        let forms = spellings(&mine);
        let text = form.get(if knows { &forms } else { &forms[..4] });
        let (text, json) = (text.as_str(), serde_json::to_string(text).unwrap());
        let signed = |claims: &str, key: &[u8]| {
            let signed = format!("{}.{}", base64url(HEADER), base64url(claims));
            format!("{signed}.{}", base64url(hmac(key, &signed)))
        };
        let presented = match place {
            0 => text.to_owned(),
            1 => format!("Bearer {text}"),
            2 => format!("token={text}; {}", signed(&claims("{}"), mine.as_bytes())),
            3 => format!("{{\"secret\":{json}}}"),
            4 => format!("{{{{ {text} }}}}"),
            5 => token(format!(r#"{{"alg":{json},"typ":{json}}}"#), claims("{}")),
            6 => {
                let members = format!(r#"{{"email":{json},"name":[{json}],"external_id":[{json}]}}"#);
                signed(&claims(&members), mine.as_bytes())
            }
            7 => {
                let members = format!(r#"{{"exp":{json},"aud":{json},"iat":{json},"nbf":{json}}}"#);
                signed(&claims(&members), text.as_bytes())
            }
            8 => {
                let address = serde_json::to_string(&format!("{text}@b")).unwrap();
                signed(&format!(r#"{{"mail":{address}}}"#), text.as_bytes())
            }
            9 => signed(&format!("not JSON but {text}"), previous.as_bytes()),
            // As it is, in JSON that means the digits by it.
            10 => signed(&claims("{}").replace("\"Ada\"", &format!("[\"{text}\"]")), previous.as_bytes()),
            11 => {
                let members = format!(r#"{{{json}:{{"email":{json}}},"email":null,"id":{json}}}"#);
                signed(&claims(&members), previous.to_lowercase().as_bytes())
            }
            _ => signed(&claims("{}"), &hex::decode(&mine).unwrap()),
        };
        let report = doctor.examine_at(&presented, now());
        if knows {
            shows_none(&report, &[&mine, &previous]);
        } else {
            let shown = everything(&report).to_lowercase();
            let mine = mine.to_lowercase();
            prop_assert!(!shown.contains(&mine[..24]) && !shown.contains(&mine[40..]), "{shown}");
        }
        let debug = format!("{doctor:?}").to_lowercase();
        prop_assert!(!debug.contains(&mine.to_lowercase()[..16]));
    }
}

/// A token in which the secret stands is accepted, and the owner of the secret is told.
#[test]
fn a_secret_in_a_token_is_told_and_not_shown() {
    let report = examined(token(HEADER, claims(&format!(r#"{{"key":"{}"}}"#, SECRET.to_uppercase()))), now());
    assert_eq!(codes(&report), ["secret_exposed"]);
    assert!(
        report.is_accepted()
            && report.findings()[0].seen().starts_with("the payload has the secret (fingerprint ")
    );
    shows_none(&report, &[SECRET]);
    let report = examined(SECRET, now());
    assert_eq!(codes(&report), ["secret_in_place_of_token"]);
    shows_none(&report, &[SECRET]);
}

/// The doctor knows secrets, and says none; a report shows claims to whoever asked, and not to a log.
#[test]
fn debug_is_redacted() {
    let report = examined(token(HEADER, claims(r#"{"email":"Ada <ada@example.com>"}"#)), now());
    assert!(report.to_string().contains("ada@example.com"));
    assert_eq!(
        format!("{:?}", report.findings()),
        "[Finding { mistake: EmailDecorated, severity: Refused, .. }]"
    );
    assert!(!format!("{report:?}").contains("ada"));
    let shown = format!("{:?}", Doctor::new().with_secret(secret()).with_previous_secret(parsed(PREVIOUS)));
    assert!(
        shown.contains("SsoSecret(..)") && !shown.contains(&SECRET[..8]) && !shown.contains(&PREVIOUS[..8])
    );
}

/// What a terminal would act on, or show nothing of, stands as an escape.
#[test]
fn nothing_reaches_the_terminal() {
    let hostile = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\r\n\t\u{8}\u{7f}\
                   \u{202e}\u{2066}\u{200b}\u{feff}\u{ad}\u{2028}\u{e0041}\u{0}";
    let json = serde_json::to_string(hostile).unwrap();
    let (in_claims, in_header) = (
        token(
            HEADER,
            claims(&format!(r#"{{"email":{json},"name":[{json}],"external_id":[{json}],"aud":{json}}}"#)),
        ),
        token(format!(r#"{{"alg":{json},"typ":{json}}}"#), claims("{}")),
    );
    let odd = format!("{{{json}:{{\"email\":1,\"exp\":2}}}}");
    for presented in [
        in_claims,
        in_header,
        token(HEADER, odd),
        token(HEADER, hostile),
        token(hostile, "{}"),
        format!("{{{{{hostile}}}}}"),
        format!("a{hostile}b"),
        format!("Bearer {hostile}{}", signer().sign_at(&ada(), now())),
    ] {
        let report = examined(&presented, now());
        let shown = everything(&report);
        let harmless = |c: char| c == '\n' || c.escape_debug().count() == 1 || matches!(c, '"' | '\'' | '\\');
        assert!(shown.chars().all(harmless), "{shown}");
        for finding in report.findings() {
            assert!(!finding.seen().contains(char::is_control), "{finding:?}");
        }
    }
    let report = examined(token(HEADER, claims(r#"{"name":["\u001b[31mred"]}"#)), now());
    assert_eq!(report.cause().unwrap().seen(), r#"name is `["\u001b[31mred"]`"#);
    let report = examined(token(HEADER, claims(r#"{"name":["Zoë \u202e漢字"]}"#)), now());
    assert_eq!(report.cause().unwrap().seen(), r#"name is `["Zoë \u{202e}漢字"]`"#);
}
