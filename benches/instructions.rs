//! Does each thing so many times inside one function, for `scripts/instructions` to count the instructions in
//! it. Says their names in that order. It is no benchmark: it looks at no clock.

use std::hint::black_box;

use boostgpt_sso::MAX_TOKEN_BYTES;
use boostgpt_sso_benches::{Documented, documented};

/// How often each is done: what happens only the first time has then happened before.
const TIMES: u32 = 1000;

/// What is counted. Its name is the script's.
#[inline(never)]
fn counted(work: &dyn Fn()) {
    for _ in 0..TIMES {
        work();
    }
}

fn main() {
    println!("times {TIMES}");
    let count = |name: &str, work: &dyn Fn()| {
        work();
        println!("{name}");
        counted(work);
    };
    let documented = documented();
    let Documented { identity, signer, verifier, token, .. } = &documented;

    count("sign", &|| {
        black_box(signer.sign(black_box(identity)));
    });
    let (other_order, long) = (documented.other_order(), documented.long(MAX_TOKEN_BYTES));
    for (name, token) in [("verify", token), ("verify-other-order", &other_order), ("verify-longest", &long)]
    {
        count(name, &|| {
            black_box(verifier.verify(black_box(token))).expect("accepted");
        });
    }
    for refused in documented.refused() {
        count(&format!("reject-{}", refused.what.replace(' ', "-")), &|| {
            let error = black_box(verifier.verify(black_box(&refused.token))).expect_err("refused");
            assert_eq!(error.code(), refused.code);
        });
    }
}
