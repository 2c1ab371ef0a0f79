//! How often the heap is asked, which is the same on every machine: once for what is returned.

use allocation_counter::measure;
use boostgpt_sso::{Signer, Verifier};

use crate::support::*;

/// How many allocations it takes to verify the token.
#[track_caller]
fn verifying(verifier: &Verifier, token: impl AsRef<[u8]>) -> u64 {
    let mut verdict = None;
    let measured = measure(|| verdict = Some(verifier.verify_at(token.as_ref(), now())));
    accepted(verdict.unwrap());
    measured.count_total
}

#[test]
fn sign_and_verify_take_one_allocation_which_is_their_result() {
    let full = ada().with_name("Ada Lovelace").unwrap().with_external_id("user_0192f0c12d3e7f40").unwrap();
    let quoted = full.clone().with_name("Ada \"Countess\" Lovelace").unwrap();
    let escaped = ada().with_name(&"\u{1f}".repeat(256)).unwrap();
    let plain = (signer(), verifier());
    let bound = (signer().for_bot(bot()), verifier().for_bot(bot()));
    drop(plain.1.verify(plain.0.sign(&full))); // the first use of the base64url engine makes it
    for (user, allowed) in [
        (ada(), 1),
        (full, 1),
        // A payload of more than 256 bytes does not fit on the stack.
        (ada().with_name(&"é".repeat(256)).unwrap(), 2),
        // `serde_json` gathers a text that has escapes, in a buffer that grows, before it is copied.
        (quoted, 5),
        (escaped, 10),
    ] {
        let sign = |signer: &Signer| {
            let mut token = None;
            let signing = measure(|| token = Some(signer.sign_at(&user, now())));
            assert_eq!(signing.count_total, 1, "{signing:?}");
            token.unwrap()
        };
        let takes = verifying(&plain.1, sign(&plain.0));
        assert!(takes <= allowed, "{takes} for {:?}", user.name());
        // An `aud` makes no difference.
        assert_eq!(verifying(&bound.1, sign(&bound.0)), takes, "{:?}", user.name());
    }
}

#[test]
fn a_numeric_id_and_another_order_of_the_claims_take_no_more() {
    let (iat, exp) = (NOW, NOW + 3600);
    for payload in [
        format!(r#"{{"email":"ada@example.com","external_id":42,"iat":{iat},"exp":{exp}}}"#),
        format!(r#"{{"exp":{exp},"iat":{iat},"nbf":0,"external_id":-7,"name":"A","email":"a@b.example"}}"#),
        format!(r#"{{"iat":{iat},"exp":{exp},"aud":"{BOT}","email":"ada@example.com","sub":"42"}}"#),
    ] {
        assert_eq!(verifying(&verifier().for_bot(bot()), token(HEADER, &payload)), 1, "{payload}");
    }
}

#[test]
fn what_is_refused_before_its_signature_holds_takes_no_more() {
    let good = String::from(signer().sign_at(&ada(), now()));
    let none = format!("{}.{}", base64url(r#"{"alg":"none"}"#), good.split_once('.').unwrap().1);
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, base64url([0; 32]));
    for (presented, allowed) in [("x".repeat(100_000), 0), ("x".repeat(8192), 0), (forged, 1), (none, 3)] {
        let refusing = measure(|| assert!(present(&presented).is_err()));
        assert!(refusing.count_total <= allowed, "{refusing:?}");
        assert!(refusing.bytes_max <= 8192, "{refusing:?}");
    }
}
