//! Futures dropped after every number of polls, and the same calls made again to their end.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use boostgpt_sso::{Authenticator, Signer, Visitor, store::ProvisionRequest};

use super::*;
use crate::support::bot;

/// Polls so often, with a pause after each poll in which the store's threads go on, and drops the future.
fn poll_and_drop<T>(future: impl Future<Output = T>, polls: usize, pause: Duration) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        std::thread::sleep(pause);
    }
    None
}

/// From nothing to longer than a whole provisioning takes, so that every step is met.
fn pauses() -> impl Iterator<Item = Duration> {
    [0, 20, 50, 100, 200, 400, 800, 1600, 6400].into_iter().map(Duration::from_micros)
}

const MOST_POLLS: usize = 6;

#[test]
fn a_dropped_provisioning_is_wholly_done_or_not_at_all() {
    Database::each().iter().for_each(drop_provisioning);
}

fn drop_provisioning(database: &Database) {
    let store = block_on(furnished_on(database));
    let current = block_on(current_secret(&store));
    let (signer, verifier) = (Signer::new(&current.secret), current.verifier());
    let (mut people, mut dropped, mut done, mut undone) = (0, 0, 0, 0);
    for (polls, pause) in (0..=MOST_POLLS).flat_map(|polls| pauses().map(move |pause| (polls, pause))) {
        people += 1;
        let token = signer.sign_at(&person(&format!("p{people}")), now());
        let visitor = verifier.verify_at(token.as_str(), now()).unwrap();
        let request = ProvisionRequest::new(visitor, now());
        let first = poll_and_drop(store.provision(request.clone()), polls, pause);
        // The same visit at once, while the dropped one may still be on its way, then once more.
        let second = block_on(store.provision(request.clone())).unwrap();
        let third = block_on(store.provision(request.clone())).unwrap();
        assert_eq!(second.subscriber, third.subscriber);
        assert!(!third.created_account && !third.created_subscriber && third.granted.is_none());
        match first {
            Some(first) => {
                let first = first.unwrap();
                assert!(first.created_account && first.created_subscriber && first.granted == Some(CREDITS));
                assert!(!second.created_subscriber && second.granted.is_none());
                assert_eq!(first.subscriber, second.subscriber);
            }
            None => {
                dropped += 1;
                assert_eq!(second.created_subscriber, second.granted == Some(CREDITS));
                assert_eq!(second.created_subscriber, second.created_account);
                *if second.created_subscriber { &mut undone } else { &mut done } += 1;
            }
        }
    }
    close_on(store, database);
    assert_eq!(check::sound(database), check::Rows::of(people));
    assert!(done > 0 && undone > 0, "{done} of {dropped} had happened: the drops missed a side");
    report(&format!(
        "{database}: provisionings dropped {dropped} (had happened {done}, had not {undone}), ended {}, \
         retried {people}, duplicates 0",
        people - dropped
    ));
}

#[test]
fn a_dropped_authentication_is_wholly_done_or_not_at_all() {
    Database::each().iter().for_each(drop_authentication);
}

fn drop_authentication(database: &Database) {
    let store = block_on(furnished_on(database));
    let signer = Signer::new(&block_on(current_secret(&store)).secret);
    let (mut people, mut dropped) = (0, 0);
    for (polls, pause) in (0..=MOST_POLLS).flat_map(|polls| pauses().map(move |pause| (polls, pause))) {
        people += 1;
        let token = signer.sign_at(&person(&format!("p{people}")), now());
        // A new one each time: its first call also reads the secret, and a drop there must not block the
        // others.
        let authenticator = Authenticator::new(store.clone());
        let call = || authenticator.authenticate_at(bot(), token.as_str(), now());
        let first = poll_and_drop(call(), polls, pause);
        dropped += u64::from(first.is_none());
        let mut created = first.map(created_by);
        for _ in 0..2 {
            let again = created_by(block_on(call()));
            assert!(created != Some(true) || !again, "created twice");
            created = Some(created.unwrap_or(false) || again);
        }
    }
    close_on(store, database);
    assert_eq!(check::sound(database), check::Rows::of(people));
    report(&format!("{database}: authentications dropped {dropped}, retried {people}, duplicates 0"));

    #[track_caller]
    fn created_by(outcome: Result<Visitor, StoreError>) -> bool {
        match outcome.unwrap() {
            Visitor::Identified(session) => session.provisioned.created_subscriber,
            Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
        }
    }
}

#[test]
fn a_dropped_regeneration_leaves_the_old_secret_or_a_new_one() {
    Database::each().iter().for_each(drop_regeneration);
}

fn drop_regeneration(database: &Database) {
    let store = block_on(furnished_on(database));
    let mut before = block_on(current_secret(&store));
    let mut seen = std::collections::HashSet::from([before.version]);
    let mut dropped = 0;
    for (polls, pause) in (0..4).flat_map(|polls| pauses().map(move |pause| (polls, pause))) {
        let ended = poll_and_drop(store.regenerate_secret(bot()), polls, pause);
        dropped += u64::from(ended.is_none());
        // Whatever is still on its way to a file is before this call in the writer's queue.
        block_on(store.create_bot(project(), bot())).unwrap();
        let after = block_on(current_secret(&store));
        let is_new = after.version != before.version;
        assert_eq!(after.secret != before.secret, is_new, "secret and version change together");
        assert!(seen.insert(after.version) == is_new, "a version is never used again");
        if let Database::File(..) = database {
            assert!(ended.is_none_or(|secret| secret.unwrap() == after.secret));
        }
        before = after;
    }
    block_on(visit(&store, &person("ada"))).unwrap();
    report(&format!("{database}: regenerations dropped {dropped}"));
}

/// Another process has SQLite's lock, and ends a later call before it lets go. The same on PostgreSQL is
/// `postgres::late`.
#[test]
fn a_dropped_call_that_waits_for_the_lock_undoes_no_later_call() {
    let database = Database::file();
    let store = block_on(furnished_on(&database));
    let before = block_on(current_secret(&store));
    let other = rusqlite::Connection::open(database.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let long = Duration::from_millis(100);
    assert!(poll_and_drop(store.set_free_tier(project(), Some(7)), 1, long).is_none());
    assert!(poll_and_drop(store.regenerate_secret(bot()), 1, long).is_none());
    assert!(poll_and_drop(store.remove_secret(bot()), 1, long).is_none());
    other.execute_batch("UPDATE sso_projects SET free_tier = 5; COMMIT").unwrap();
    // Behind them in the writer's queue.
    block_on(store.create_bot(project(), bot())).unwrap();
    assert_eq!(block_on(store.project(project())).unwrap().unwrap().free_tier, Some(5));
    assert!(block_on(current_secret(&store)).version == before.version);
}
