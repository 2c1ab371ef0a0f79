//! Calls on several threads. A store that never pauses is stopped nowhere by the other checks: it may take
//! two locks, one after the other, where it needs one, and only another thread comes in between.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::pin,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, ScopedJoinHandle},
};

use super::super::{contract::BoxFuture, error::ProvisionError, model::Provisioned};
use super::concurrency::until_answered;
use super::fixture::{Agent, CREDITS, Fixture, NOW, at};
use super::schedule::{all_subscribers_in_the_end, change_secret, forget_one};

/// Runs a future to its end on the thread that calls it.
pub type Run<'r> = dyn Fn(BoxFuture<'_, ()>) + Sync + 'r;

/// How many threads visit at once.
const THREADS: usize = 3;
/// How often the threads and a change meet, in a store whose calls are answered at once.
const ROUNDS: usize = 50;
/// The same for a store whose calls wait for something.
const ROUNDS_OF_A_DATABASE: usize = 6;
/// How many new visitors come to every thread, in each round.
const VISITORS: usize = 60;
/// How many visits a thread makes at most beside a change: a fixture lists up to a thousand subscribers.
const MAX_VISITS: usize = 300;

/// Runs a future on this thread, and returns its answer.
fn block_on<T: Send>(run: &Run<'_>, future: impl Future<Output = T> + Send) -> T {
    let mut answer = None;
    run(Box::pin(async { answer = Some(future.await) }));
    answer.expect("`run` runs the future to its end")
}

/// Returns how many rounds there are: many if a first visit is answered at once.
async fn rounds_of(store: &dyn Fixture) -> usize {
    let agent = Agent::new(store).await;
    let visitor = agent.vouch(&agent.person("ada", "", ""), NOW);
    let mut visit = pin!(agent.provision(&visitor, at(NOW)));
    let mut is_at_once = None;
    let visit = poll_fn(|context| {
        let answer = visit.as_mut().poll(context);
        is_at_once.get_or_insert(answer.is_ready());
        answer
    });
    visit.await.expect("provision accepts a visitor under the current secret");
    if is_at_once == Some(true) { ROUNDS } else { ROUNDS_OF_A_DATABASE }
}

/// Whether the store was busy, or could not be reached.
fn is_of_the_store(visit: &Result<Provisioned, ProvisionError>) -> bool {
    matches!(visit, Err(ProvisionError::Store(_)))
}

/// One step of a thread: its visit, by the number of the thread and the visit's own.
type ThreadsVisit<'v> =
    dyn Fn(usize, usize) -> BoxFuture<'v, Result<Provisioned, ProvisionError>> + Sync + 'v;

/// Makes visits on several threads until `change` is over, and returns its answer. A thread ends at the first
/// refusal.
fn beside_visits<T: Send>(
    run: &Run<'_>,
    visit: &ThreadsVisit<'_>,
    change: impl Future<Output = T> + Send,
) -> T {
    let (is_over, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
    let visits = |thread| {
        block_on(run, async {
            for number in 0..MAX_VISITS {
                let answer = visit(thread, number).await;
                begun.fetch_add(usize::from(number == 0), SeqCst);
                if is_over.load(SeqCst) || answer.is_err() && !is_of_the_store(&answer) {
                    break;
                }
            }
        });
    };
    thread::scope(|scope| {
        let visits = &visits;
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || visits(thread))).collect();
        while begun.load(SeqCst) < THREADS && !threads.iter().any(ScopedJoinHandle::is_finished) {
            thread::yield_now();
        }
        let answer = block_on(run, change);
        is_over.store(true, SeqCst);
        answer
    })
}

/// When the change of a secret is answered, no visit under the old one writes any more. (What a database is
/// executing at that moment may still end, as if it had come before: so the looks are several if calls
/// wait, and one alone if they are answered at once.)
pub fn a_changed_secret_ends_the_visits_of_other_threads(store: &dyn Fixture, run: &Run<'_>) {
    let rounds = block_on(run, rounds_of(store));
    for round in 0..rounds {
        let agent = block_on(run, Agent::new(store));
        let visit = |thread, number| -> BoxFuture<'_, _> {
            let visitor = agent.vouch(&agent.person(&format!("n{thread}.{number}"), "", ""), NOW);
            Box::pin(async { agent.provision(&{ visitor }, at(NOW)).await })
        };
        let change = async {
            change_secret(&agent, round % 2 == 0).await;
            if rounds == ROUNDS_OF_A_DATABASE {
                all_subscribers_in_the_end(&agent).await;
            }
            agent.all().await
        };
        let before = beside_visits(run, &visit, change);
        let after = block_on(run, agent.all());
        assert!(
            after == before,
            "a visit wrote under an old version, on another thread: compare the version under the lock that \
             the write needs, and do not let it go in between"
        );
    }
}

/// When an erasure is answered, no older token writes any more, and every address that a visit has written
/// before is forgotten.
pub fn an_erasure_ends_the_visits_of_other_threads(store: &dyn Fixture, run: &Run<'_>) {
    for _ in 0..block_on(run, rounds_of(store)) {
        let agent = block_on(run, Agent::new(store));
        let ada = block_on(run, agent.visit(&agent.person("ada", "Ada", "42"))).subscriber;
        let taken = [const { AtomicUsize::new(0) }; THREADS];
        let visit = |thread: usize, number| -> BoxFuture<'_, _> {
            let visitor = agent.vouch(&agent.person(&format!("n{thread}.{number}"), "", "42"), NOW);
            let (agent, taken) = (&agent, &taken);
            Box::pin(async move {
                let visit = agent.provision(&visitor, at(NOW)).await;
                if visit.is_ok() {
                    taken[thread].store(number + 1, SeqCst);
                }
                visit
            })
        };
        let forgotten = beside_visits(run, &visit, forget_one(&agent, ada));
        assert!(forgotten, "there was a subscriber to forget");
        let left = block_on(run, all_subscribers_in_the_end(&agent));
        assert!(
            left.is_empty(),
            "a visit brought the forgotten back, on another thread: look for erasures under the lock that \
             the write needs, and do not let it go in between"
        );
        // The last one that was answered: another may have been refused.
        let newest = taken.iter().enumerate().filter_map(|(thread, taken)| {
            taken.load(SeqCst).checked_sub(1).map(|number| format!("n{thread}.{number}"))
        });
        for local in newest.chain(["ada".to_owned()]) {
            let visitor = agent.vouch(&agent.person(&local, "", ""), NOW);
            let visit = block_on(run, until_answered(&agent, &visitor, NOW + 1));
            assert!(
                matches!(visit, Err(ProvisionError::Forgotten)),
                "an erasure missed an address that another thread had written: read the names under the lock \
                 that the erasure needs, not {visit:?}"
            );
        }
    }
}

/// First visits of the same people to two projects, on several threads, make one account of each, and one
/// subscriber and one grant in each project.
pub fn first_visits_of_other_threads_make_one_of_each(store: &dyn Fixture, run: &Run<'_>) {
    for _ in 0..block_on(run, rounds_of(store)) {
        let agents = [(); 2].map(|()| block_on(run, Agent::with_free_tier(store, Some(CREDITS))));
        let visitors = agents.each_ref().map(|agent| {
            let person = |number: usize| agents[0].person(&format!("n{number}"), "", &number.to_string());
            (0..VISITORS).map(|number| agent.vouch(&person(number), NOW)).collect::<Vec<_>>()
        });
        // A thread that is behind finds the subscriber that was created, which is quicker: so it catches up.
        let together = Barrier::new(2 * agents.len());
        let visit_all = |agent: usize| {
            together.wait();
            let mut answers = Vec::new();
            for visitor in &visitors[agent] {
                answers.push(block_on(run, agents[agent].provision(visitor, at(NOW))));
            }
            answers
        };
        let answers = thread::scope(|scope| {
            let visit_all = &visit_all;
            let threads = [0, 1, 0, 1].map(|agent| scope.spawn(move || visit_all(agent)));
            threads.map(|thread| thread.join().expect("a visit does not panic"))
        });
        let [here, there, here_too, there_too] = answers;
        let here = here.iter().zip(&here_too);
        for ((one, other), (third, fourth)) in here.zip(there.iter().zip(&there_too)) {
            let mut all = assert_one_visitor([one, other]);
            all.extend(assert_one_visitor([third, fourth]));
            let accounts: BTreeSet<_> = all.iter().map(|of| of.account).collect();
            let told = all.iter().filter(|of| of.created_account).count();
            assert!(
                accounts.len() <= 1 && told <= 1,
                "an account is unique by e-mail key, on every thread: look and write under one lock"
            );
        }
    }
}

/// What came of the first visits of one person to one project, each on a thread of its own.
fn assert_one_visitor(visits: [&Result<Provisioned, ProvisionError>; 2]) -> Vec<Provisioned> {
    if let Some(refused) = visits.iter().find(|visit| visit.is_err() && !is_of_the_store(visit)) {
        panic!("a first visit beside the same one is answered, not refused: {refused:?}");
    }
    let answers: Vec<_> = visits.into_iter().flatten().copied().collect();
    let subscribers: BTreeSet<_> = answers.iter().map(|one| one.subscriber).collect();
    let told = |what: fn(&Provisioned) -> bool| answers.iter().filter(|one| what(one)).count();
    assert!(
        subscribers.len() <= 1
            && told(|one| one.created_subscriber) <= 1
            && told(|one| one.granted.is_some()) <= 1,
        "one visitor is one subscriber, on every thread: look and write under one lock"
    );
    answers
}
