//! The same work on one thread and on two at once, over one shared verifier and one shared authenticator; and
//! the bound, which shares nothing and so says what two threads can do on this machine.

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use boostgpt_sso_benches::Documented;
use criterion::Criterion;

use crate::{Bound, authenticator::Visits};

pub fn bench(c: &mut Criterion, documented: &Documented, bound: &Bound) {
    println!("threads: {} processors", thread::available_parallelism().map_or(1, Into::into));
    let visits = Visits::new(documented);
    for threads in [1, 2] {
        let mut bench = |name: &str, work: &(dyn Fn() + Sync)| {
            c.bench_function(&format!("threads/{name}/{threads}"), |b| {
                b.iter_custom(|times| on(threads, times, work));
            });
        };
        bench("bound", &|| {
            black_box(bound.compress());
        });
        bench("verify", &|| {
            black_box(documented.verifier.verify(black_box(&documented.token))).expect("accepted");
        });
        bench("authenticator", &|| {
            black_box(visits.authenticate());
        });
    }
}

/// How long the slowest of so many threads takes to do the work so many times, all having started together.
fn on(threads: usize, times: u64, work: &(dyn Fn() + Sync)) -> Duration {
    let start = Barrier::new(threads);
    let run = || {
        start.wait();
        let began = Instant::now();
        for _ in 0..times {
            work();
        }
        began.elapsed()
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).max().expect("a thread")
    })
}
