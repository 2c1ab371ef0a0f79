//! Does each thing so many times inside one function, for `scripts/instructions` to count the instructions in
//! it. Says their names in that order. It is no benchmark: it looks at no clock.

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use boostgpt_sso::{
    Authenticator, BotId, MAX_TOKEN_BYTES, ProjectId, Signer, Visitor,
    store::{MemoryStore, Project, Store},
};
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

/// Drives what needs no executor: the store in memory never waits.
fn finish<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
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

    // A returning visitor, through the authenticator: the bot's key, the verifier, and a store in memory.
    let store = MemoryStore::new();
    let (project, bot) = (ProjectId::generate().expect("an id"), BotId::generate().expect("an id"));
    let secret = finish(async {
        store.create_project(Project::new(project)).await?;
        store.create_bot(project, bot).await?;
        store.regenerate_secret(bot).await
    });
    let token = Signer::new(&secret.expect("a secret")).sign(identity);
    let authenticator = Authenticator::new(store);
    count("authenticate", &|| {
        let visitor = finish(authenticator.authenticate(bot, black_box(&token)));
        assert!(matches!(visitor, Ok(Visitor::Identified(_))));
    });
    count("authenticate-no-token", &|| {
        let visitor = finish(authenticator.authenticate(bot, black_box("")));
        assert!(matches!(visitor, Ok(Visitor::Anonymous(_))));
    });
}
