//! How often the heap is asked, which is the same on every machine: at most once more than the result needs.

use allocation_counter::measure;

use crate::support::*;

#[test]
fn sign_and_verify_take_one_allocation_beside_their_result() {
    let user = ada().with_name(&"Ada ".repeat(60)).unwrap().with_external_id(&"42".repeat(100)).unwrap();
    let (signer, verifier) = (signer(), verifier());
    let mut token = None;
    let signing = measure(|| token = Some(signer.sign(&user)));
    assert!(signing.count_total <= 2, "{signing:?}"); // the payload, and the token
    let token = token.unwrap();
    let mut verdict = None;
    let verifying = measure(|| verdict = Some(verifier.verify(&token)));
    assert!(verifying.count_total <= 2, "{verifying:?}"); // the payload, and the identity
    assert!(verdict.unwrap().is_ok());
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
