//! How often the heap is asked, which is the same on every machine: once for what is returned.

use allocation_counter::measure;

use crate::support::*;

#[test]
fn sign_and_verify_take_one_allocation_which_is_their_result() {
    let full = ada().with_name("Ada Lovelace").unwrap().with_external_id("user_0192f0c12d3e7f40").unwrap();
    let escaped = ada().with_name(&"\u{1f}".repeat(256)).unwrap();
    let (signer, verifier) = (signer(), verifier());
    drop(verifier.verify(signer.sign(&full))); // the first use of the base64url engine makes it
    for user in [ada(), full, escaped.clone(), ada().with_name(&"é".repeat(256)).unwrap()] {
        let mut token = None;
        let signing = measure(|| token = Some(signer.sign(&user)));
        assert_eq!(signing.count_total, 1, "{signing:?}");
        let token = token.unwrap();
        let mut verdict = None;
        let verifying = measure(|| verdict = Some(verifier.verify(&token)));
        // A long payload does not fit on the stack, and `serde_json` gathers each text that has escapes.
        let besides = u64::from(token.as_str().len() > 400) + 8 * u64::from(user == escaped);
        assert!(verifying.count_total <= 1 + besides, "{verifying:?}");
        assert!(verdict.unwrap().is_ok());
    }
}

#[test]
fn what_is_refused_before_its_signature_holds_takes_no_more() {
    let good = String::from(signer().sign_at(&ada(), now()));
    let none = format!("{}.{}", base64url(r#"{"alg":"none"}"#), good.split_once('.').unwrap().1);
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, base64url([0; 32]));
    for (presented, most) in [("x".repeat(100_000), 0), ("x".repeat(8192), 0), (forged, 1), (none, 3)] {
        let refusing = measure(|| assert!(present(&presented).is_err()));
        assert!(refusing.count_total <= most, "{refusing:?}");
        assert!(refusing.bytes_max <= 8192, "{refusing:?}");
    }
}
