//! Signing, verifying and refusing the token that the BoostGPT documentation signs, beside four other crates
//! and beside the bound: the SHA-256 compressions that a token's HMAC needs with a precomputed key.
//! `scripts/bench` runs it and prints the ratios. Everything measured is asserted to succeed first, or to
//! fail as it should.

mod authenticator;
mod peers;
mod threads;

use std::hint::black_box;

use boostgpt_sso::MAX_TOKEN_BYTES;
use boostgpt_sso_benches::{Documented, documented, signed};
use criterion::{Criterion, criterion_group, criterion_main};

/// The bytes that are hashed for a token, in blocks, and one block more: the HMAC of a token without
/// everything else.
struct Bound(Vec<[u8; 64]>);

impl Bound {
    fn of(token: &str) -> Self {
        // Inner hash: what is signed and at least 9 bytes of padding.
        Self(vec![[0x5a; 64]; (signed(token) + 9).div_ceil(64)])
    }

    fn compressions(&self) -> usize {
        self.0.len() + 1
    }

    fn compress(&self) -> [[u32; 8]; 2] {
        let mut inner = black_box([0x6a09_e667; 8]);
        sha2::block_api::compress256(&mut inner, black_box(&self.0));
        let mut outer = black_box([0xbb67_ae85; 8]);
        sha2::block_api::compress256(&mut outer, black_box(&self.0[..1]));
        [inner, outer]
    }
}

fn token(c: &mut Criterion) {
    let documented = documented();
    let Documented { identity, signer, verifier, token, .. } = &documented;

    let bound = Bound::of(token);
    let (bytes, signed) = (token.len(), documented.signed());
    println!("token: {bytes} bytes, {signed} of them signed: {} compressions", bound.compressions());
    let mut again = 0;
    let mut measure_bound = |c: &mut Criterion| {
        again += 1;
        c.bench_function(&format!("bound/{again}"), |b| b.iter(|| bound.compress()));
    };

    // The bound before, between and after what is held against it, since a machine is not equally fast all
    // the time.
    measure_bound(c);
    c.bench_function("sign/boostgpt-sso", |b| b.iter(|| signer.sign(black_box(identity))));
    let verify = || verifier.verify(black_box(token)).expect("accepted");
    c.bench_function("verify/boostgpt-sso", |b| b.iter(verify));
    measure_bound(c);
    let other = documented.other_order();
    let verify = || verifier.verify(black_box(&other)).expect("accepted");
    c.bench_function("verify/other order", |b| b.iter(verify));

    for refused in documented.refused() {
        let reject = || verifier.verify(black_box(&refused.token)).expect_err(refused.code);
        c.bench_function(&format!("reject/{}", refused.what), |b| b.iter(reject));
    }

    authenticator::bench(c, &documented);
    measure_bound(c);
    threads::bench(c, &documented, &bound);
    growth(c, &documented);
    peers::bench(c, &documented);
}

/// Longer tokens up to the cap, each beside the bound of its own length.
fn growth(c: &mut Criterion, documented: &Documented) {
    for length in [264, 1024, 2048, 4096, MAX_TOKEN_BYTES] {
        let token = documented.long(length);
        let bound = Bound::of(&token);
        c.bench_function(&format!("growth bound/{length}"), |b| b.iter(|| bound.compress()));
        let verify = || documented.verifier.verify(black_box(&token)).expect("accepted");
        c.bench_function(&format!("growth/{length}"), |b| b.iter(verify));
    }
}

criterion_group!(benches, token);
criterion_main!(benches);
