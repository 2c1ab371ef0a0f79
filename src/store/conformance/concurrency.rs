//! Calls at once, and calls whose future is dropped.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::super::{
    contract::BoxFuture,
    error::{ProvisionError, StoreError},
    model::Provisioned,
    visit::VerifiedVisitor,
};
use super::fixture::{Agent, CREDITS, Fixture, NOW, at, current_bot_secret};
use crate::{id::AccountId, identity::Identity};

/// How many calls are made at once.
const AT_ONCE: usize = 24;
/// How often a call is repeated that the store was too busy for.
const MAX_ATTEMPTS: usize = 100;

/// Runs futures at once, on one task: polls all of them until each has answered.
async fn join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut answers: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, answer) in futures.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// Polls a future so many times, wakes it never, and drops it.
pub(super) fn poll_and_drop<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..times {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return Some(answer);
        }
    }
    None
}

/// Makes a call, again and again while the store is busy: an error is allowed, the wrong outcome is not.
pub(super) async fn until_available<'a, T>(
    what: &str,
    call: impl Fn() -> BoxFuture<'a, Result<T, StoreError>>,
) -> Result<T, StoreError> {
    for _ in 0..MAX_ATTEMPTS {
        match call().await {
            Err(error) if error.is_retryable() => {}
            outcome => return outcome,
        }
    }
    panic!("{what} stayed unavailable {MAX_ATTEMPTS} times in a row: wait longer inside the store")
}

/// The same for a visit.
pub(super) async fn insist<S: Fixture + ?Sized>(
    agent: &Agent<'_, S>,
    visitor: &VerifiedVisitor,
) -> Provisioned {
    insist_at(agent, visitor, NOW).await
}

/// The same for a visit at another time.
pub(super) async fn insist_at<S: Fixture + ?Sized>(
    agent: &Agent<'_, S>,
    visitor: &VerifiedVisitor,
    now: i64,
) -> Provisioned {
    let visit = until_answered(agent, visitor, now).await;
    visit.unwrap_or_else(|error| panic!("provision beside others failed: {error}; retry inside the store"))
}

/// The same for a visit that may be refused.
pub(super) async fn until_answered<S: Fixture + ?Sized>(
    agent: &Agent<'_, S>,
    visitor: &VerifiedVisitor,
    now: i64,
) -> Result<Provisioned, ProvisionError> {
    for _ in 0..MAX_ATTEMPTS {
        match agent.provision(visitor, at(now)).await {
            Err(ProvisionError::Store(error)) if error.is_retryable() => {}
            answer => return answer,
        }
    }
    panic!("provision stayed unavailable {MAX_ATTEMPTS} times in a row: wait longer inside the store")
}

/// Visits at once, each with its agent and its token.
async fn visit_at_once(visits: &[(&Agent<'_, dyn Fixture + '_>, Identity)]) -> Vec<Provisioned> {
    let visitors: Vec<_> = visits.iter().map(|(agent, person)| agent.vouch(person, NOW)).collect();
    join(visits.iter().zip(&visitors).map(|((agent, _), visitor)| insist(agent, visitor))).await
}

/// What came of visits of one person: one subscriber, one account, one grant; each creation told once.
pub(super) async fn assert_one_of_each(agent: &Agent<'_, dyn Fixture + '_>, answers: &[Provisioned]) {
    let told = |what: fn(&Provisioned) -> bool| answers.iter().filter(|answer| what(answer)).count();
    // None at all where the answer that told it was lost.
    assert!(
        told(|answer| answer.created_subscriber) <= 1,
        "one call at most reports that it created the subscriber"
    );
    assert!(
        told(|answer| answer.created_account) <= 1,
        "one call at most reports that it created the account"
    );
    assert!(told(|answer| answer.granted.is_some()) <= 1, "one call at most reports the grant");

    let all = agent.all().await;
    assert_eq!(all.len(), 1, "one visitor is one subscriber: let the unique keys decide, then read who won");
    assert!(
        answers.iter().all(|answer| answer.subscriber == all[0]),
        "every call answers the one subscriber"
    );
    let found = agent.read(all[0]).await;
    assert!(
        answers.iter().all(|answer| answer.account == found.account),
        "every call answers the one account"
    );
    assert_eq!(found.granted, Some(CREDITS), "the grant is made with the subscriber, in one atomic step");
}

/// Any number of concurrent first visits of one visitor make one subscriber, one account, one grant.
pub async fn one_new_visitor_at_once(store: &dyn Fixture) {
    for external_id in ["", "42"] {
        let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
        let ada = agent.person("ada", "Ada", external_id);
        let answers = visit_at_once(&vec![(&agent, ada); AT_ONCE]).await;
        assert_one_of_each(&agent, &answers).await;
    }
}

/// The same for tokens that share only one of their names: each key is guarded on its own.
pub async fn one_visitor_with_different_tokens_at_once(store: &dyn Fixture) {
    for tokens in [[("ada", "42"), ("lovelace", "42")], [("ada", "42"), ("ADA", "")]] {
        let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
        let people = tokens.map(|(local, external_id)| agent.person(local, "", external_id));
        let visits: Vec<_> =
            people.iter().cycle().take(AT_ONCE).map(|person| (&agent, person.clone())).collect();
        assert_one_of_each(&agent, &visit_at_once(&visits).await).await;
        let id = agent.all().await[0];
        assert_eq!(agent.named("42").await, Some(id), "the subscriber has the external id in the end");
    }
}

/// Concurrent first visits to two projects make one account.
pub async fn one_account_from_two_projects_at_once(store: &dyn Fixture) {
    let one = Agent::with_free_tier(store, Some(CREDITS)).await;
    let other = Agent::with_free_tier(store, Some(CREDITS)).await;
    let ada = one.person("ada", "", "");
    let agents = [&one, &other];
    let visits: Vec<_> = agents.into_iter().cycle().take(AT_ONCE).map(|to| (to, ada.clone())).collect();
    let answers = visit_at_once(&visits).await;
    let accounts: BTreeSet<AccountId> = answers.iter().map(|answer| answer.account).collect();
    assert_eq!(accounts.len(), 1, "an account is unique by e-mail key: let the unique key decide");
    let created = answers.iter().filter(|answer| answer.created_account).count();
    assert!(created <= 1, "one call at most reports that it created the account");
    for (number, agent) in agents.into_iter().enumerate() {
        let own: Vec<_> = answers.iter().skip(number).step_by(agents.len()).copied().collect();
        assert_one_of_each(agent, &own).await;
    }
}

/// Concurrent first visits of different visitors each make their own.
pub async fn many_new_visitors_at_once(store: &dyn Fixture) {
    let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
    let person = |number: usize| agent.person(&format!("n{number}"), "", &number.to_string());
    let visits: Vec<_> = (0..AT_ONCE).map(|number| (&agent, person(number))).collect();
    let answers = visit_at_once(&visits).await;
    assert_eq!(agent.all().await.len(), AT_ONCE, "different visitors are different subscribers");
    for (number, answer) in answers.iter().enumerate() {
        let found = agent.named(&number.to_string()).await;
        assert_eq!(found, Some(answer.subscriber), "every call answers its own visitor");
        assert_eq!(
            agent.read(answer.subscriber).await.granted,
            Some(CREDITS),
            "every new visitor is granted"
        );
    }
}

/// Concurrent regenerations each make a secret; one of them is current in the end, and no version is used
/// twice.
pub async fn regenerations_at_once(store: &dyn Fixture) {
    let agent = Agent::new(store).await;
    let regenerate = async || {
        let secret = until_available("regenerate_secret", || store.regenerate_secret(agent.bot)).await;
        secret.unwrap_or_else(|error| panic!("regenerate_secret beside others failed: {error}"))
    };
    let secrets = join((0..AT_ONCE).map(|_| regenerate())).await;
    for (number, secret) in secrets.iter().enumerate() {
        assert!(!secrets[..number].contains(secret), "every regeneration makes a secret of its own");
    }
    let current = current_bot_secret(store, agent.bot).await.expect("a regenerated secret is found");
    assert!(secrets.contains(&current.secret), "the current secret is one of those that were returned");
    assert_ne!(current.version, agent.current.version, "a regeneration makes a new version");
}

/// A visit whose future was dropped at any moment, and was then repeated, leaves one of each.
pub async fn a_dropped_visit_leaves_one_of_each(store: &dyn Fixture) {
    for times in 0..8 {
        let agent = Agent::with_free_tier(store, Some(CREDITS)).await;
        let visitor = agent.vouch(&agent.person("ada", "Ada", "42"), NOW);
        let mut answers = Vec::new();
        for _ in 0..3 {
            let visit = agent.provision(&visitor, at(NOW));
            answers.extend(poll_and_drop(visit, times).and_then(Result::ok));
        }
        answers.push(insist(&agent, &visitor).await);
        assert_one_of_each(&agent, &answers).await;
    }
}

/// A regeneration or removal whose future was dropped at any moment leaves a bot that can be given a secret.
pub async fn a_dropped_regeneration_leaves_a_whole_secret(store: &dyn Fixture) {
    for times in 0..4 {
        let mut agent = Agent::new(store).await;
        let before = agent.current.version;
        poll_and_drop(store.remove_secret(agent.bot), times);
        poll_and_drop(store.regenerate_secret(agent.bot), times);
        store.regenerate_secret(agent.bot).await.expect("regenerate_secret works after a dropped one");
        // What was dropped may still happen, once each; it then changes the secret under the visit.
        let mut outcome = None;
        for _ in 0..3 {
            let Some(current) = current_bot_secret(store, agent.bot).await else {
                store.regenerate_secret(agent.bot).await.expect("regenerate_secret works");
                continue;
            };
            assert_ne!(current.version, before, "every regeneration makes a new version");
            agent.current = current;
            outcome = Some(agent.try_visit(&agent.person("ada", "", ""), NOW, at(NOW)).await);
            if !matches!(outcome, Some(Err(ProvisionError::SecretChanged))) {
                break;
            }
        }
        let outcome = outcome.map(|visit| visit.map(|_| ()));
        assert!(matches!(outcome, Some(Ok(()))), "secret and version are written together: {outcome:?}");
    }
}
