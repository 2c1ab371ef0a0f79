//! Signing, verifying and refusing the token that the BoostGPT documentation signs, beside two other crates and beside
//! the bound: the SHA-256 compressions that this token's HMAC needs with a precomputed key. `scripts/bench` runs it and
//! prints the ratios. Everything measured is asserted to succeed first, or to fail as it should.

use std::hint::black_box;

use boostgpt_sso::{Identity, Signer, SsoSecret, Verifier, VerifyError};
use criterion::{Criterion, criterion_group, criterion_main};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use jwt_simple::prelude::{Claims, Duration, HS256Key, MACLike, VerificationOptions};
use serde::{Deserialize, Serialize};

const EMAIL: &str = "ada@example.com";
const NAME: &str = "Ada Lovelace";
const EXTERNAL_ID: &str = "user_0192f0c12d3e7f40";

/// The same claims for the peers; with `iat` and `exp` where the crate does not add them itself.
#[derive(Serialize, Deserialize)]
struct Custom {
    email: String,
    name: String,
    external_id: String,
}

#[derive(Serialize, Deserialize)]
struct Full {
    email: String,
    name: String,
    external_id: String,
    iat: u64,
    exp: u64,
}

fn texts() -> (String, String, String) {
    (EMAIL.to_owned(), NAME.to_owned(), EXTERNAL_ID.to_owned())
}

fn custom() -> Custom {
    let (email, name, external_id) = texts();
    Custom { email, name, external_id }
}

fn full() -> Full {
    let (email, name, external_id) = texts();
    let iat = jsonwebtoken::get_current_timestamp();
    Full { email, name, external_id, iat, exp: iat + 3600 }
}

fn token(c: &mut Criterion) {
    let secret = SsoSecret::generate().expect("a secret");
    let key = secret.expose_secret().as_bytes();
    let identity = Identity::new(EMAIL)
        .and_then(|user| user.with_name(NAME)?.with_external_id(EXTERNAL_ID))
        .expect("valid");
    let (signer, verifier) = (Signer::new(&secret), Verifier::new(&secret));
    let token = signer.sign(&identity);
    let text = token.as_str();
    let signed = text.rfind('.').expect("three segments");

    // Inner hash: the message and at least 9 bytes of padding; outer hash: one block.
    let blocks = (signed + 9).div_ceil(64);
    println!("token: {} bytes, {signed} of them signed: {} compressions", text.len(), blocks + 1);
    let message = vec![[0x5a; 64]; blocks];
    c.bench_function("bound", |b| {
        b.iter(|| {
            let mut inner = black_box([0x6a09_e667_u32; 8]);
            sha2::block_api::compress256(&mut inner, black_box(&message));
            let mut outer = black_box([0xbb67_ae85_u32; 8]);
            sha2::block_api::compress256(&mut outer, black_box(&message[..1]));
            (inner, outer)
        });
    });

    // Sign, the clock included.
    assert_eq!(verifier.verify(&token).expect("accepted").identity(), &identity);
    c.bench_function("sign/boostgpt-sso", |b| b.iter(|| signer.sign(black_box(&identity))));

    let (header, encoding) = (Header::new(Algorithm::HS256), EncodingKey::from_secret(key));
    let sign = || jsonwebtoken::encode(&header, black_box(&full()), &encoding).expect("signed");
    verifier.verify(sign()).expect("the same token by jsonwebtoken");
    c.bench_function("sign/jsonwebtoken", |b| b.iter(sign));

    let simple = HS256Key::from_bytes(key);
    let sign = || {
        let claims = Claims::with_custom_claims(black_box(custom()), Duration::from_hours(1));
        simple.authenticate(claims).expect("signed")
    };
    assert!(sign().len() >= text.len());
    c.bench_function("sign/jwt-simple", |b| b.iter(sign));

    // Verify, the clock and the claims included.
    let verify = || verifier.verify(black_box(text)).expect("accepted");
    c.bench_function("verify/boostgpt-sso", |b| b.iter(verify));

    let decoding = DecodingKey::from_secret(key);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    let verify =
        || jsonwebtoken::decode::<Full>(black_box(text), &decoding, &validation).expect("accepted").claims;
    assert_eq!(verify().email, EMAIL);
    c.bench_function("verify/jsonwebtoken", |b| b.iter(verify));

    let options = VerificationOptions { max_validity: Some(Duration::from_hours(1)), ..Default::default() };
    let verify = || {
        simple.verify_token::<Custom>(black_box(text), Some(options.clone())).expect("accepted").custom.email
    };
    assert_eq!(verify(), EMAIL);
    c.bench_function("verify/jwt-simple", |b| b.iter(verify));

    // Reject: early for its size, its shape or its algorithm, late for its signature, last for its time.
    let none = format!("{}.{}", "eyJhbGciOiJub25lIn0", text.split_once('.').expect("three segments").1);
    let forged = format!("{}.{}", &text[..signed], "A".repeat(43));
    let old = signer.sign_at(&identity, token.expires_at() - boostgpt_sso::time::Duration::hours(2));
    for (what, presented, code) in [
        ("oversize", "x".repeat(100_000).as_str(), "too_long"),
        ("garbage", "x".repeat(text.len()).as_str(), "malformed"),
        ("alg none", none.as_str(), "unsupported_algorithm"),
        ("bad signature", forged.as_str(), "bad_signature"),
        ("expired", old.as_str(), "expired"),
    ] {
        assert_eq!(verifier.verify(presented).map_err(|error: VerifyError| error.code()), Err(code));
        c.bench_function(&format!("reject/{what}"), |b| b.iter(|| verifier.verify(black_box(presented))));
    }
}

criterion_group!(benches, token);
criterion_main!(benches);
