//! The other crates: the same claims signed, and the same token verified. What they do less is said where it
//! is so.

use std::hint::black_box;

use boostgpt_sso_benches::{Documented, EMAIL, EXTERNAL_ID, NAME};
use criterion::Criterion;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2_for_jwt::Sha256;

/// The claims, where the crate adds `iat` and `exp` itself.
#[derive(Serialize, Deserialize)]
struct Custom {
    email: String,
    name: String,
    external_id: String,
}

/// The claims, where it does not.
#[derive(Serialize, Deserialize)]
struct Full {
    email: String,
    name: String,
    external_id: String,
    iat: u64,
    exp: u64,
}

fn custom() -> Custom {
    Custom { email: EMAIL.to_owned(), name: NAME.to_owned(), external_id: EXTERNAL_ID.to_owned() }
}

fn full() -> Full {
    let Custom { email, name, external_id } = custom();
    let iat = jsonwebtoken::get_current_timestamp();
    Full { email, name, external_id, iat, exp: iat + 3600 }
}

/// Asserts that what the peer signs is the token that is verified here, and what it verifies the documented
/// one; then measures both.
fn peer(
    c: &mut Criterion,
    name: &str,
    documented: &Documented,
    sign: impl Fn() -> String,
    verify: impl Fn(&str) -> [String; 3],
) {
    let verified = documented.verifier.verify(sign()).expect("what the peer signs");
    assert_eq!(verified.identity(), &documented.identity);
    assert_eq!(verify(&documented.token), [EMAIL, NAME, EXTERNAL_ID]);
    c.bench_function(&format!("sign/{name}"), |b| b.iter(&sign));
    c.bench_function(&format!("verify/{name}"), |b| b.iter(|| verify(black_box(&documented.token))));
}

pub fn bench(c: &mut Criterion, documented: &Documented) {
    let key = documented.secret.expose_secret().as_bytes();
    jsonwebtoken(c, documented, key);
    jwt_simple(c, documented, key);
    jwt_compact(c, documented, key);
    jwt(c, documented, key);
}

fn jsonwebtoken(c: &mut Criterion, documented: &Documented, key: &[u8]) {
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};

    let (header, encoding) = (Header::new(Algorithm::HS256), EncodingKey::from_secret(key));
    let decoding = DecodingKey::from_secret(key);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    let sign = || encode(&header, black_box(&full()), &encoding).expect("signed");
    let verify = |token: &str| {
        let full = decode::<Full>(token, &decoding, &validation).expect("accepted").claims;
        [full.email, full.name, full.external_id]
    };
    peer(c, "jsonwebtoken", documented, sign, verify);
}

fn jwt_simple(c: &mut Criterion, documented: &Documented, key: &[u8]) {
    use jwt_simple::prelude::{Claims, Duration, HS256Key, MACLike, VerificationOptions};

    let key = HS256Key::from_bytes(key);
    let options = VerificationOptions { max_validity: Some(Duration::from_hours(1)), ..Default::default() };
    // It adds an `nbf`, so that its token is longer: 5 compressions all the same.
    let sign = || {
        let claims = Claims::with_custom_claims(black_box(custom()), Duration::from_hours(1));
        key.authenticate(claims).expect("signed")
    };
    let verify = |token: &str| {
        let custom = key.verify_token::<Custom>(token, Some(options.clone())).expect("accepted").custom;
        [custom.email, custom.name, custom.external_id]
    };
    peer(c, "jwt-simple", documented, sign, verify);
}

fn jwt_compact(c: &mut Criterion, documented: &Documented, key: &[u8]) {
    use jwt_compact::{
        AlgorithmExt as _, Claims, Header, TimeOptions, Token, UntrustedToken,
        alg::{Hs256, Hs256Key},
    };

    let (key, header) = (Hs256Key::new(key), Header::empty().with_token_type("JWT"));
    let hour = chrono::Duration::hours(1);
    let options = TimeOptions::from_leeway(chrono::Duration::zero());
    let sign = || {
        let claims = Claims::new(black_box(custom())).set_duration_and_issuance(&options, hour);
        Hs256.token(&header, &claims, &key).expect("signed")
    };
    // It checks `exp`, and nothing of `iat` and of how long the token lives.
    let verify = |token: &str| {
        let untrusted = UntrustedToken::new(token).expect("a token");
        let token: Token<Custom> = Hs256.validator(&key).validate(&untrusted).expect("accepted");
        token.claims().validate_expiration(&options).expect("not expired");
        let custom = token.into_parts().1.custom;
        [custom.email, custom.name, custom.external_id]
    };
    peer(c, "jwt-compact", documented, sign, verify);
}

fn jwt(c: &mut Criterion, documented: &Documented, key: &[u8]) {
    use jwt::{SignWithKey as _, VerifyWithKey as _};

    let key = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    // Its header is `{"alg":"HS256"}`, so that its token is shorter: 4 compressions to sign, not 5.
    let sign = || black_box(full()).sign_with_key(&key).expect("signed");
    // It checks the signature and the algorithm, and no claim: not even `exp`.
    let verify = |token: &str| {
        let full: Full = token.verify_with_key(&key).expect("accepted");
        [full.email, full.name, full.external_id]
    };
    peer(c, "jwt", documented, sign, verify);
}
