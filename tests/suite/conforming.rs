//! Runs the conformance suite: beside itself, and under an executor of ten lines.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread,
};

use boostgpt_sso::store::{Store, conformance};

/// An executor of ten lines.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

/// Runs the suite twice on the same contents, the second time as a task among others.
pub async fn conforms(store: Arc<dyn Store>) {
    conformance::store(store.clone()).await;
    let runs = [store.clone(), store].map(|store| tokio::spawn(conformance::store(store)));
    for run in runs {
        run.await.unwrap();
    }
}
