//! Tokens that are accepted: nothing is found, or only advice.

use boostgpt_sso::{diagnose::Doctor, time::Duration};

use super::*;

#[test]
fn what_we_sign_has_nothing_to_find() {
    let identity = ada().with_name("Ada Lovelace").unwrap().with_external_id("42").unwrap();
    for signer in [signer(), signer().for_bot(bot())] {
        for (signed, checked) in [(NOW, NOW), (NOW, NOW + 3599), (0, 1)] {
            let report = examined(signer.sign_at(&identity, at(signed)), at(checked));
            assert_eq!((report.verdict(), report.findings()), (Verdict::Accepted, [].as_slice()));
            assert_eq!(report.to_string(), "accepted");
            assert_eq!(
                serde_json::to_string(&report).unwrap(),
                r#"{"verdict":"accepted","reason":null,"findings":[]}"#
            );
        }
    }
}

#[test]
fn by_the_systems_clock() {
    assert!(doctor().examine(signer().sign(&ada())).is_accepted());
}

#[test]
fn advice_is_no_refusal() {
    let report = examined(
        token(HEADER, claims(&format!(r#"{{"external_id":null,"id":42,"iat":{}}}"#, NOW + 30))),
        now(),
    );
    assert!(report.is_accepted() && report.cause().is_none());
    assert_eq!(codes(&report), ["clock_ahead", "external_id_misnamed"]);
    assert!(report.to_string().starts_with("accepted\n\n1. advice: "), "{report}");
}

#[test]
fn the_clock_skew_is_the_verifiers() {
    let ahead = token(HEADER, claims(&format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 100, NOW + 200)));
    assert!(!examined(&ahead, now()).is_accepted());
    let patient = doctor().with_clock_skew(Duration::seconds(100)).unwrap();
    assert!(patient.examine_at(&ahead, now()).is_accepted());
    for skew in [-1, 301] {
        assert_eq!(
            Doctor::new().with_clock_skew(Duration::seconds(skew)).unwrap_err(),
            verifier().with_clock_skew(Duration::seconds(skew)).unwrap_err()
        );
    }
}
