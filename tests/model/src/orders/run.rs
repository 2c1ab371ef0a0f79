//! One run: the visits as futures, polled by hand.

use std::{
    collections::BTreeSet,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use boostgpt_sso::{
    BotId, Identity, ProjectId, SecretVersion, Signer, SsoSecret, VerifyError,
    store::{BotSecret, StoreError},
    time::OffsetDateTime,
};

use super::{Breach, Call, Event, Plan, Presented, Wrong, double::Double};
use crate::{
    authenticator::{AnonymousReason, Authenticator, Visitor},
    clock,
};

/// The least time between two reads because of bad signatures: 10 a second.
const INTERVAL: Duration = Duration::from_millis(100);

/// What all runs of a plan share: tokens and secrets.
pub(crate) struct Scene {
    now: OffsetDateTime,
    secrets: Vec<BotSecret>,
    tokens: Vec<String>,
}

impl Scene {
    pub(crate) fn new(plan: &Plan) -> Self {
        let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
        let secret = || SsoSecret::generate().unwrap();
        let made = |number: usize| {
            let version = SecretVersion::from_bytes([u8::try_from(number).unwrap() + 1; 16]);
            BotSecret::new(bot(), ProjectId::from_bytes([1; 16]), version, secret())
        };
        let secrets: Vec<_> = (0..=plan.regenerations).map(made).collect();
        let ada = Identity::new("ada@example.com").unwrap();
        let sign = |presented: &Presented| match presented {
            Presented::SignedWith(number) => Signer::new(&secrets[*number].secret).sign_at(&ada, now).into(),
            Presented::Forged => Signer::new(&secret()).sign_at(&ada, now).into(),
        };
        let tokens = plan.visits.iter().map(sign).collect();
        Self { now, secrets, tokens }
    }
}

fn bot() -> BotId {
    BotId::from_bytes([7; 16])
}

type Answer = Result<Visitor, StoreError>;

struct Visit {
    future: Option<Pin<Box<dyn Future<Output = Answer>>>>,
    woken: Arc<Woken>,
    has_started: bool,
    /// The secrets that were current since it has started.
    seen: BTreeSet<usize>,
    /// How many reads there were when it started.
    reads_before: usize,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct Run<'a> {
    plan: &'a Plan,
    scene: &'a Scene,
    store: Double,
    visits: Vec<Visit>,
    drops: usize,
    failures: usize,
    breaches: BTreeSet<Breach>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(plan: &'a Plan, scene: &'a Scene) -> Self {
        clock::reset(plan.wrong == Some(Wrong::NoPauses));
        let store = Double::default();
        store.contents().secrets.push(scene.secrets[0].clone());
        let shared = Arc::new(Authenticator::new(store.clone()));
        if plan.is_warm {
            warm(&shared, &store, scene);
        }
        store.contents().wrong = plan.wrong;
        let visit = |token: &String| {
            let authenticator = match plan.wrong {
                Some(Wrong::NothingIsShared) => Arc::new(Authenticator::new(store.clone())),
                _ => Arc::clone(&shared),
            };
            let (token, now) = (token.clone(), scene.now);
            let future = async move { authenticator.authenticate_at(bot(), token, now).await };
            Visit {
                future: Some(Box::pin(future) as Pin<Box<dyn Future<Output = Answer>>>),
                woken: Arc::new(Woken(AtomicBool::new(true))),
                has_started: false,
                seen: BTreeSet::new(),
                reads_before: 0,
            }
        };
        let visits = scene.tokens.iter().map(visit).collect();
        let (drops, failures) = (plan.drops, plan.failures);
        Self { plan, scene, store, visits, drops, failures, breaches: BTreeSet::new() }
    }

    /// Returns what may happen next.
    pub(crate) fn possible(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (number, visit) in self.visits.iter().enumerate().filter(|(_, visit)| visit.future.is_some()) {
            match visit.has_started {
                false => events.push(Event::Starts(number)),
                true if visit.woken.0.load(Ordering::SeqCst) => events.push(Event::IsPolled(number)),
                true => {}
            }
            if visit.has_started && self.drops > 0 {
                events.push(Event::IsDropped(number));
            }
        }
        for call in self.store.open() {
            match call {
                Call::Read(number) => {
                    events.push(Event::ReadIsAnswered(number));
                    if self.failures > 0 {
                        events.push(Event::ReadFails(number));
                    }
                }
                Call::Provision(visit) => events.push(Event::IsProvisioned(visit)),
            }
        }
        let is_any_left = self.visits.iter().any(|visit| visit.future.is_some());
        if is_any_left && self.store.contents().secrets.len() <= self.plan.regenerations {
            events.push(Event::Regenerates);
        }
        if clock::is_paused() {
            events.push(Event::PauseEnds);
        }
        events
    }

    pub(crate) fn happens(&mut self, event: Event) {
        match event {
            Event::Starts(number) | Event::IsPolled(number) => self.poll(number),
            Event::IsDropped(number) => {
                self.drops -= 1;
                self.visits[number].future = None;
            }
            Event::ReadIsAnswered(number) => self.store.answer(Call::Read(number), false),
            Event::ReadFails(number) => {
                self.failures -= 1;
                self.store.answer(Call::Read(number), true);
            }
            Event::IsProvisioned(visit) => self.store.answer(Call::Provision(visit), false),
            Event::Regenerates => {
                let mut contents = self.store.contents();
                let current = contents.secrets.len();
                contents.secrets.push(self.scene.secrets[current].clone());
                for visit in self.visits.iter_mut().filter(|visit| visit.has_started) {
                    visit.seen.insert(current);
                }
            }
            Event::PauseEnds => clock::advance(),
        }
        let reads = self.store.open().into_iter().filter(|call| matches!(call, Call::Read(_)));
        if reads.count() > 1 {
            self.breaches.insert(Breach::TwoReads);
        }
    }

    fn poll(&mut self, number: usize) {
        let visit = &mut self.visits[number];
        let Some(future) = &mut visit.future else { return };
        if !visit.has_started {
            visit.has_started = true;
            let contents = self.store.contents();
            visit.seen.insert(contents.secrets.len() - 1);
            visit.reads_before = contents.reads.len();
        }
        self.store.contents().polled = number;
        visit.woken.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&visit.woken));
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            visit.future = None;
            self.judge(number, &answer);
        }
    }

    fn judge(&mut self, number: usize, answer: &Answer) {
        let visit = &self.visits[number];
        let signed_with = match self.plan.visits[number] {
            Presented::SignedWith(secret) => Some(secret),
            Presented::Forged => None,
        };
        let was_current = signed_with.is_some_and(|secret| visit.seen.contains(&secret));
        let was_another = visit.seen.iter().any(|secret| Some(*secret) != signed_with);
        let has_read = self.store.contents().reads.len() > visit.reads_before;
        let breach = match answer {
            Ok(Visitor::Identified(_)) => (!was_current).then_some(Breach::StaleAccepted),
            Ok(Visitor::Anonymous(AnonymousReason::Refused(VerifyError::BadSignature))) => {
                (!was_another || !has_read).then_some(Breach::GoodRefused)
            }
            Ok(Visitor::Anonymous(AnonymousReason::SecretChanged)) => {
                (visit.seen.len() < 3).then_some(Breach::GoodRefused)
            }
            Ok(Visitor::Anonymous(_)) => Some(Breach::GoodRefused),
            Err(_) => (self.failures == self.plan.failures).then_some(Breach::FailureHidden),
        };
        self.breaches.extend(breach);
    }

    /// Checks what is known at the end only.
    pub(crate) fn end(&mut self) {
        if self.visits.iter().any(|visit| visit.future.is_some()) {
            self.breaches.insert(Breach::Stuck);
        }
        let all_forged = self.plan.visits.iter().all(|presented| *presented == Presented::Forged);
        // The clock shows some microseconds more whenever it is looked at.
        let is_early = |pair: &[Duration]| pair[1] + Duration::from_millis(1) < pair[0] + INTERVAL;
        if all_forged && self.store.contents().reads.windows(2).any(is_early) {
            self.breaches.insert(Breach::TooManyReads);
        }
    }

    pub(crate) fn breaches(&self) -> impl Iterator<Item = Breach> + '_ {
        self.breaches.iter().copied()
    }
}

/// A visit before all others, which brings the bot into the cache.
fn warm(authenticator: &Authenticator, store: &Double, scene: &Scene) {
    let ada = Identity::new("ada@example.com").unwrap();
    let token = Signer::new(&scene.secrets[0].secret).sign_at(&ada, scene.now);
    let mut visit = Box::pin(authenticator.authenticate_at(bot(), token, scene.now));
    let mut context = Context::from_waker(Waker::noop());
    while visit.as_mut().poll(&mut context).is_pending() {
        for call in store.open() {
            store.answer(call, false);
        }
    }
}
