//! No report shows a secret, in whatever spelling, and none does anything to a terminal.

use crate::assertions::{assert_impl_all, assert_not_impl_any};
use boostgpt_sso::diagnose::Doctor;
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{spellings::spellings, *};

assert_not_impl_any!(Doctor: std::fmt::Display, Serialize);
assert_impl_all!(Doctor: Send, Sync, Clone);
// A report is what was found: no caller can make one up.
assert_not_impl_any!(Report: DeserializeOwned, Default);

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
    /// A secret is wherever a text of a token can be: in a claim, as a name, around it, instead of it, as
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

/// A token that contains the secret is accepted, and the owner of the secret is told.
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

/// What may be a secret that the doctor does not know is not shown either, and a path is.
#[test]
fn long_runs_of_one_case_are_hidden() {
    let address = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
    let secret = super::spellings::base32(&hex::decode(SECRET).unwrap());
    for secret in [secret.to_lowercase(), secret] {
        let claims = claims(&serde_json::json!({"email": secret, "aud": address}).to_string());
        let shown = Doctor::new().examine_at(token(HEADER, claims), now()).to_string();
        assert!(!shown.contains(&secret[..20]) && shown.contains(address), "{shown}");
    }
}

/// So is base64 of digits, which is shorter than other base64 that is hidden; an id that is as long is shown.
#[test]
fn base64_of_digits_is_hidden_as_the_digits_are() {
    let id = "user_2NNEqL2nrIRdJ194ndJqAHwEfxC";
    for start in 0..40 {
        let digits = base64url(&SECRET[start..start + 24]);
        for before in ["", "k", "ke", "key", "="] {
            let text = format!("{before}{digits}");
            let claims = claims(&serde_json::json!({"email": text, "aud": id}).to_string());
            let shown = Doctor::new().examine_at(token(HEADER, claims), now()).to_string();
            assert!(!shown.contains(&digits[4..]) && shown.contains(id), "{shown}");
        }
    }
}

/// Bytes that were read as text may be those of a secret, whether the doctor knows it or not.
#[test]
fn what_is_no_text_is_not_shown_and_not_called_a_secret() {
    let damaged = "\u{fffd}".repeat(4);
    for doctor in [Doctor::new(), doctor()] {
        let claims = claims(&serde_json::json!({"email": damaged}).to_string());
        let report = doctor.examine_at(token(HEADER, claims), now());
        assert_eq!(
            report.findings()[0].seen(),
            "[not shown: it has bytes that are no text, which may be those of a secret]"
        );
    }
    let both = claims(&serde_json::json!({"email": format!("{damaged}{SECRET}")}).to_string());
    let report = examined(token(HEADER, both), now());
    assert_eq!(
        report.findings()[0].seen(),
        "[not shown: an SSO secret, or a part of one, may be in it]",
        "{report}"
    );
}

/// The doctor knows secrets, and says none; a report shows claims to the person who asked, and not to a log.
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

/// What a terminal would act on, or show nothing of, is written as an escape.
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
