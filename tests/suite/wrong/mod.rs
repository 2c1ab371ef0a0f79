//! A test of the conformance suite: it refuses every wrong store, with an assertion that says what to do.
//!
//! `store` is right, and with a [`Fault`](faults::Fault) wrong in one way. `faults` has the table of them.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, Once, mpsc},
    thread,
    time::Duration,
};

use boostgpt_sso::store::{MasterKey, Store, conformance};

mod contents;
mod creation;
mod erasure;
mod faults;
mod handle;
mod lists;
mod operator;
mod reseal;
mod store;
mod table;
mod visit;

use self::{
    faults::WRONG,
    store::Plain,
    table::{Check, Wrong},
};
use crate::conforming::block_on;

/// Neither a check nor the suite takes longer, on a busy machine either, unless it never ends.
const PATIENCE: Duration = Duration::from_secs(600);

thread_local! {
    /// Where this thread panicked, and what it said.
    static PANIC: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Runs something in a thread of its own; answers where it panicked, and what it said.
fn panics(work: impl FnOnce() + Send + 'static) -> Option<(String, String)> {
    static HOOK: Once = Once::new();
    const NAME: &str = "a wrong store";
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(NAME) {
                return usual(panic);
            }
            let place = panic.location().map(|place| place.file().to_owned()).unwrap_or_default();
            let text =
                match (panic.payload().downcast_ref::<String>(), panic.payload().downcast_ref::<&str>()) {
                    (Some(text), _) => text.clone(),
                    (None, text) => text.copied().unwrap_or("no text").to_owned(),
                };
            PANIC.set(Some((place, text)));
        }));
    });
    let (answer, answered) = mpsc::channel();
    let run = move || {
        let outcome = panic::catch_unwind(AssertUnwindSafe(work));
        let _ = answer.send(outcome.err().and_then(|_| PANIC.take()));
    };
    thread::Builder::new().name(NAME.to_owned()).spawn(run).unwrap();
    answered
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| Some(("nowhere".to_owned(), "it never ends".to_owned())))
}

/// Opens a store again, with other keys.
fn opener(
    store: &Plain,
) -> impl Fn(MasterKey) -> boostgpt_sso::store::BoxFuture<'static, Opened> + Send + Sync + use<> {
    let store = store.clone();
    move |key| {
        let store = store.open(key);
        Box::pin(async move { Ok(Arc::new(store) as Arc<dyn Store>) })
    }
}

type Opened = Result<Arc<dyn Store>, boostgpt_sso::store::StoreError>;

/// Whether a failure is an assertion of the suite that says what is wrong.
fn says_what_to_do((place, text): &(String, String)) -> bool {
    let is_ours = place.contains("conformance");
    let is_a_sentence = text.lines().next().is_some_and(|line| line.split(' ').count() >= 4);
    let says_nothing =
        ["called `", "index out of bounds", "assertion failed"].iter().any(|of| text.starts_with(of));
    is_ours && is_a_sentence && !says_nothing
}

/// Runs the check that is to find this wrong store, and reports what is not as it should be.
fn missed(wrong: &'static Wrong) -> Option<String> {
    let found = panics(|| {
        let store = Plain::new(Some(wrong.fault));
        let opener = opener(&store);
        match wrong.check {
            Check::Fixture(check) => block_on(check(&store)),
            Check::Store(check) => block_on(check(&store)),
            Check::Sealed(check) => block_on(check(&opener)),
            Check::Threads(check) => check(&store, &|future| block_on(future)),
        }
    });
    let Wrong { name, sentence, check_name, .. } = wrong;
    match found {
        None => Some(format!("{name} ({sentence}) passes {check_name}")),
        Some(found) if !says_what_to_do(&found) => {
            Some(format!("{name} ({sentence}), {check_name}: {} in {}", found.1, found.0))
        }
        Some(_) => None,
    }
}

/// Runs this for each wrong store, in as many threads as there are processors.
fn each_wrong(run: fn(&'static Wrong) -> Option<String>, which: fn(&Wrong) -> bool) {
    let wrong: Vec<_> = WRONG.iter().filter(|wrong| which(wrong)).collect();
    assert!(!wrong.is_empty());
    let (left, failed) = (Mutex::new(wrong.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(wrong) = left.lock().unwrap().next() else { return };
                    if let Some(failure) = run(wrong) {
                        failed.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), WRONG.len(), failed.join("\n"));
}

#[test]
fn the_right_store_passes() {
    let store = Plain::new(None);
    block_on(conformance::store(Arc::new(store.clone())));
    block_on(conformance::sealed_store(&opener(&Plain::new(None))));
    conformance::threads(&store, &|future| block_on(future));
}

#[test]
fn each_wrong_store_is_found_by_its_check() {
    let faults: BTreeSet<_> = WRONG.iter().map(|wrong| wrong.name).collect();
    assert!(faults.len() == WRONG.len() && WRONG.len() >= 40);
    each_wrong(missed, |_| true);
}

/// A race that is found by luck would be missed once in a while. (Threads meet by luck: the races of two
/// locks are left to the other tests.)
#[test]
fn each_race_is_found_every_time() {
    let is_race = |wrong: &Wrong| {
        ["Before", "BeforeTheVersion", "SecondStep", "FirstStep", "UndoesARegeneration"]
            .iter()
            .any(|end| wrong.name.ends_with(end))
    };
    each_wrong(|wrong| (0..20).find_map(|_| missed(wrong)), is_race);
}

/// The suite as a whole ends at the first breach: it may be another than that of the table, and says what to
/// do as well.
#[test]
fn the_suite_refuses_each_wrong_store() {
    each_wrong(
        |wrong| {
            let found = panics(|| {
                let store = Plain::new(Some(wrong.fault));
                block_on(conformance::store(Arc::new(store.clone())));
                // One that is empty, since the checks have keys of their own.
                block_on(conformance::sealed_store(&opener(&Plain::new(Some(wrong.fault)))));
                conformance::threads(&store, &|calls| block_on(calls));
            });
            let Wrong { name, sentence, .. } = wrong;
            match found {
                None => Some(format!("{name} ({sentence}) passes the suite")),
                Some(found) => (!says_what_to_do(&found)).then(|| format!("{name} ({sentence}): {found:?}")),
            }
        },
        |_| true,
    );
}

/// Set, the page is written instead of being compared.
const WRITE: &str = "BOOSTGPT_SSO_WRITE_WRONG_STORES";

const HEAD: &str = "\
# Wrong stores

Each of these stores breaks one sentence of the contract of a store. The conformance suite refuses all of
them; the check that is named finds it on its own. The list is `suite/wrong/faults.rs`, and a test compares
it with this page.

| wrong store | sentence that it breaks | check that finds it |
|---|---|---|
";

/// The page that lists the wrong stores for readers.
#[test]
fn the_page_lists_each_wrong_store() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrong-stores.md");
    let mut written = HEAD.to_owned();
    for Wrong { name, sentence, check_name, .. } in WRONG {
        written += &format!("| {name} | {sentence} | `{check_name}` |\n");
    }
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(page, &written).unwrap();
    }
    let read = std::fs::read_to_string(page).unwrap_or_default();
    assert!(
        read == written,
        "the page is another one: {WRITE}=1 cargo test --all-features --test suite wrong::the_page writes it"
    );
}
