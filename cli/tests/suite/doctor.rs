//! `token doctor`: what is pasted reaches the doctor as it is, and its verdict is the status.

use boostgpt_sso::{SsoSecret, diagnose::Mistake, time::OffsetDateTime};

use super::*;

fn doctor(token: &str) -> Call {
    call(&["token", "doctor", token])
}

/// A good token of this moment, signed with this key.
fn signed_with(key: &[u8]) -> String {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let payload = format!(r#"{{"email":"ada@example.com","iat":{now},"exp":{}}}"#, now + 3600);
    let signed = format!("{}.{}", base64url(HEADER), base64url(payload));
    let signature = base64url(hmac(key, &signed));
    format!("{signed}.{signature}")
}

/// Refused, and the first line says why.
#[track_caller]
fn refused(call: Call, cause: Mistake) {
    let done = call.run();
    assert_eq!((done.status, &*done.err), (1, ""), "{done:?}");
    let first = format!("refused: {} ({})", cause.title(), cause.code());
    assert_eq!(done.out.lines().next().unwrap(), first);
    assert!(done.out.contains("\n   fix:  "), "{done:?}");
    assert!(!done.out.contains(&SECRET[..24]), "{done:?}");
}

#[test]
fn the_first_line_names_the_mistake() {
    let good = signed_with(SECRET.as_bytes());
    assert_eq!(doctor(&good).answer(), "accepted");
    refused(doctor(&signed_with(&hex::decode(SECRET).unwrap())), Mistake::SecretHexDecoded);
    refused(doctor(&signed_with(format!("{SECRET}\n").as_bytes())), Mistake::SecretLineEnd);
    refused(doctor(&format!("Bearer {good}")), Mistake::BearerPrefix);
    refused(doctor("<%= widgetToken %>"), Mistake::TemplatePlaceholder);
    let other = signer().for_bot(OTHER_BOT.parse().unwrap()).sign(&ada());
    refused(call(&["token", "doctor", other.as_str(), "--bot", BOT]), Mistake::AudOtherBot);
    assert_eq!(call(&["token", "doctor", other.as_str(), "--bot", OTHER_BOT]).answer(), "accepted");
}

/// The doctor sees what a person pastes, all but the end of a pipe's line.
#[test]
fn what_is_pasted_is_seen_as_it_is() {
    let good = signed_with(SECRET.as_bytes());
    let pasted = |input: &str| call(&["token", "doctor"]).input(input);
    for accepted in [good.clone(), format!("{good}\n"), format!("{good}\r\n")] {
        assert_eq!(pasted(&accepted).answer(), "accepted");
    }
    refused(pasted(&format!("{good}\n\n")), Mistake::WhiteSpaceAround);
    refused(pasted(&format!(" {good}\n")), Mistake::WhiteSpaceAround);
    refused(pasted(&format!("{}\n{}", &good[..40], &good[40..])), Mistake::WhiteSpaceInside);
    refused(pasted(&format!("{{\"token\":\"{good}\"}}")), Mistake::JsonWrapper);
    refused(pasted(&"a".repeat(1_000_000)), Mistake::TooLong);
    refused(doctor(&format!("{good}\n")), Mistake::WhiteSpaceAround);
    refused(doctor(""), Mistake::Empty);
}

#[test]
fn other_secrets_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let secrets: [SsoSecret; 2] = std::array::from_fn(|_| SsoSecret::generate().unwrap());
    let [before, other] = secrets.each_ref().map(|secret| signed_with(secret.expose_secret().as_bytes()));
    let paths: [String; 2] = std::array::from_fn(|place| {
        let path = folder.path().join(place.to_string());
        write_key(&path, format!("{}\n", secrets[place].expose_secret()));
        path.to_str().unwrap().to_owned()
    });
    let other_bot = format!("{OTHER_BOT}={}", paths[1]);
    let examine = |token: &str| {
        call(&["token", "doctor", token, "--previous-secret-file", &paths[0], "--other-bot", &other_bot])
    };
    refused(examine(&before), Mistake::PreviousSecret);
    refused(examine(&other), Mistake::OtherBotsSecret);
    refused(doctor(&before), Mistake::UnknownSecret);
    let done = examine(&other).run();
    assert!(secrets.iter().all(|secret| !done.out.contains(&secret.expose_secret()[..24])), "{done:?}");

    for wrong in [&paths[1], &format!("my-bot={}", paths[1])] {
        assert_eq!(call(&["token", "doctor", &before, "--other-bot", wrong]).run().status, 2);
    }
    call(&["token", "doctor", &before, "--previous-secret-file", "/nowhere"])
        .fails(2, "--previous-secret-file: ");
    // The file of the current secret comes before the environment.
    assert_eq!(call(&["token", "doctor", &other, "--secret-file", &paths[1]]).answer(), "accepted");
}

/// Without a secret the doctor cannot say that a token is good. Sometimes it can say that it is bad.
#[test]
fn without_a_secret_there_may_be_no_verdict() {
    let without = |token: &str| doctor(token).without("BOOSTGPT_SSO_SECRET").run();
    let unknown = without(&signed_with(SECRET.as_bytes()));
    assert_eq!(unknown.status, 2, "{unknown:?}");
    assert!(unknown.out.starts_with("nothing speaks against it, but"), "{unknown:?}");
    assert!(unknown.err.starts_with("error: no secret was given"), "{unknown:?}");
    let refused = without("{{token}}");
    assert_eq!((refused.status, &*refused.err), (1, ""), "{refused:?}");
    assert!(refused.out.starts_with("refused with every secret: "), "{refused:?}");
    doctor("{{token}}").env("BOOSTGPT_SSO_SECRET", "\"quoted\"").fails(2, "quotation marks");
}

#[test]
fn reports_are_json_for_a_program() {
    let examine = |token: &str| call(&["token", "doctor", "--json", token]).run();
    let good = examine(&signed_with(SECRET.as_bytes()));
    assert_eq!(good.status, 0);
    assert_eq!(json(&good.out), serde_json::json!({ "verdict": "accepted", "reason": null, "findings": [] }));

    let bad = examine(&signed_with(&hex::decode(SECRET).unwrap()));
    assert_eq!((bad.status, &*bad.err), (1, ""));
    let (report, cause) = (json(&bad.out), Mistake::SecretHexDecoded);
    assert_eq!((&report["verdict"], &report["reason"]), (&"refused".into(), &"bad_signature".into()));
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], cause.code());
    assert_eq!(finding["severity"], "refused");
    for (member, text) in [("title", cause.title()), ("why", cause.why()), ("fix", cause.fix())] {
        assert_eq!(finding[member], text);
    }
    assert!(finding["seen"].is_string() && !bad.out.contains(&SECRET[..24]), "{bad:?}");
    let unknown =
        call(&["token", "doctor", "--json", &signed_with(b"x")]).without("BOOSTGPT_SSO_SECRET").run();
    assert_eq!((unknown.status, &json(&unknown.out)["verdict"]), (2, &"unknown".into()));
}
