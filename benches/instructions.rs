//! Does each thing so many times inside one function, for `scripts/instructions` to count the instructions in
//! it. Says their names in that order. It is no benchmark: it looks at no clock.

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, MAX_TOKEN_BYTES, ProjectId, Signer, Visitor, WidgetToken,
    store::{MasterKey, MemoryStore, Project, SqliteStore, Store},
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

/// Drives a future to its end, without an executor.
fn finish<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
        thread::yield_now();
    }
}

/// An authenticator on this store, with a bot and a token for it.
fn service(store: impl Store + 'static, identity: &Identity) -> (Authenticator, BotId, WidgetToken) {
    let (project, bot) = (ProjectId::generate().expect("an id"), BotId::generate().expect("an id"));
    let secret = finish(async {
        store.create_project(Project::new(project)).await?;
        store.create_bot(project, bot).await?;
        store.regenerate_secret(bot).await
    });
    let token = Signer::new(&secret.expect("a secret")).sign(identity);
    (Authenticator::new(store), bot, token)
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
    let (authenticator, bot, token) = service(MemoryStore::new(), identity);
    count("authenticate", &|| {
        let visitor = finish(authenticator.authenticate(bot, black_box(&token)));
        assert!(matches!(visitor, Ok(Visitor::Identified(_))));
    });
    count("authenticate-no-token", &|| {
        let visitor = finish(authenticator.authenticate(bot, black_box("")));
        assert!(matches!(visitor, Ok(Visitor::Anonymous(_))));
    });

    // The same on SQLite, whose own instructions the script leaves out. After slow reads the thread that asks
    // does not read for 10 ms, and under valgrind all are slow.
    let folder = tempfile::tempdir().expect("a folder");
    let key = MasterKey::generate().expect("a key");
    let store = finish(SqliteStore::open(folder.path().join("sso.db"), key)).expect("a store");
    let (authenticator, bot, token) = service(store, identity);
    count("authenticate-sqlite", &|| {
        thread::sleep(Duration::from_millis(11));
        let visitor = finish(authenticator.authenticate(bot, black_box(&token)));
        assert!(matches!(visitor, Ok(Visitor::Identified(_))));
    });
}
