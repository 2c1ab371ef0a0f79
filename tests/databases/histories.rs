//! Random histories of visits and erasures, with the memory store as the oracle: new, returning and changed
//! visitors, recycled and swapped identifiers, late external ids, replayed older tokens, forgotten people.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::pedantic,
    reason = "tests have no public interface"
)]

use std::{collections::HashMap, sync::Arc};

use boostgpt_sso::{
    AccountId, BotId, Identity, ProjectId, Signer, SubscriberId,
    store::{BotSecret, Lookup, MemoryStore, Project, ProvisionError, ProvisionRequest, Provisioned, Store},
    time::{Duration, OffsetDateTime},
};
use proptest::{collection::vec, prelude::*};

/// When each history begins: 2026-11-22T12:00:00Z.
const START: i64 = 1_795_348_800;

#[derive(Debug, Clone)]
pub enum Step {
    /// A visit with a new token, issued that many seconds before.
    Visit { project: usize, email: usize, id: usize, name: usize, age: i64 },
    /// A visit with a token from earlier in the history.
    Replay(prop::sample::Index),
    /// The erasure of a person who was ever seen.
    Forget(prop::sample::Index),
    /// The free tier of a project changes.
    FreeTier { project: usize, credits: Option<u32> },
    /// Time passes.
    Wait { seconds: i64 },
}

const EMAILS: [&str; 4] = ["ada@example.com", "Ada@Example.com", "grace@example.com", "joan@example.com"];
const IDS: [&str; 4] = ["", "1", "2", "3"];
const NAMES: [&str; 3] = ["", "Ada", "Grace"];

fn step() -> impl Strategy<Value = Step> {
    let visit = (0..2_usize, 0..EMAILS.len(), 0..IDS.len(), 0..NAMES.len(), prop_oneof![Just(0), 0..200_i64]);
    prop_oneof![
        8 => visit.prop_map(|(project, email, id, name, age)| Step::Visit { project, email, id, name, age }),
        2 => any::<prop::sample::Index>().prop_map(Step::Replay),
        2 => any::<prop::sample::Index>().prop_map(Step::Forget),
        1 => (0..2_usize, prop::option::of(1..100_u32))
            .prop_map(|(project, credits)| Step::FreeTier { project, credits }),
        3 => prop_oneof![1..120_i64, Just(40_000)].prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// Histories of up to 59 steps.
pub fn histories() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..60)
}

/// A token: of which project, whose, issued when. Each store has secrets of its own.
type Presented = (usize, Identity, OffsetDateTime);

/// One store under test, and how its ids correspond to the oracle's.
struct Side<S> {
    store: S,
    secrets: [BotSecret; 2],
    subscribers: HashMap<SubscriberId, SubscriberId>,
    accounts: HashMap<AccountId, AccountId>,
}

impl<S: Store> Side<S> {
    async fn new(store: S, projects: [ProjectId; 2], bots: [BotId; 2]) -> Self {
        let mut secrets = Vec::new();
        for (id, bot) in projects.into_iter().zip(bots) {
            store.create_project(Project::new(id).with_free_tier(10)).await.unwrap();
            store.create_bot(id, bot).await.unwrap();
            store.regenerate_secret(bot).await.unwrap();
            secrets.push(store.current_secret(bot).await.unwrap().into_secret().unwrap());
        }
        let secrets = secrets.try_into().unwrap();
        Self { store, secrets, subscribers: HashMap::new(), accounts: HashMap::new() }
    }

    async fn provision(
        &mut self,
        (project, user, issued_at): &Presented,
        now: OffsetDateTime,
    ) -> Result<Provisioned, ProvisionError> {
        let secret = &self.secrets[*project];
        let token = Signer::new(&secret.secret).sign_at(user, *issued_at);
        let visitor = secret.verifier().verify_at(&token, *issued_at).unwrap();
        self.store.provision(ProvisionRequest::new(visitor, now)).await
    }

    /// What the store answered, in the oracle's ids.
    fn translate(&mut self, theirs: Provisioned, oracle: &Provisioned) -> Provisioned {
        let mut translated = theirs;
        translated.subscriber = *self.subscribers.entry(theirs.subscriber).or_insert(oracle.subscriber);
        translated.account = *self.accounts.entry(theirs.account).or_insert(oracle.account);
        if let Some(conflict) = &mut translated.conflict {
            conflict.email_holder = self.subscribers[&conflict.email_holder];
        }
        translated
    }

    /// All that can be read of a project, in the oracle's ids.
    async fn contents(&self, project: ProjectId, now: OffsetDateTime) -> String {
        let mut lines: Vec<String> = Vec::new();
        for subscriber in self.store.subscribers(project, None, 1000).await.unwrap() {
            let id = self.subscribers.get(&subscriber.id).unwrap_or(&subscriber.id);
            let account = self.accounts.get(&subscriber.account).unwrap_or(&subscriber.account);
            assert_eq!(
                self.store.subscriber(project, Lookup::Id(subscriber.id)).await.unwrap().as_ref(),
                Some(&subscriber)
            );
            let profile =
                (&subscriber.email, &subscriber.name, &subscriber.external_id, subscriber.applied_at);
            let days = (subscriber.first_day, subscriber.last_day, subscriber.granted);
            lines.push(format!("{id} {account} {profile:?} {days:?}"));
        }
        lines.sort();
        let (first, last) = ((now - Duration::days(40)).date(), now.date());
        let activity = self.store.activity(project, first, last).await.unwrap();
        let active = self.store.active_subscribers(project, first, last).await.unwrap();
        format!("{}\n{activity:?} {active}", lines.join("\n"))
    }
}

/// Plays a history on the stores and on the oracle, which must answer alike. `whose` begins every address:
/// accounts are not a project's, and those of an earlier history on the same store must be other people's.
pub async fn play(steps: Vec<Step>, stores: impl IntoIterator<Item = Arc<dyn Store>>, whose: &str) {
    let projects = [(); 2].map(|()| ProjectId::generate().unwrap());
    let bots = [(); 2].map(|()| BotId::generate().unwrap());
    let mut oracle = Side::new(MemoryStore::new(), projects, bots).await;
    let mut sides = Vec::new();
    for store in stores {
        sides.push(Side::new(store, projects, bots).await);
    }

    let mut now = OffsetDateTime::from_unix_timestamp(START).unwrap();
    let mut tokens: Vec<Presented> = Vec::new();
    let mut seen: Vec<(usize, SubscriberId)> = Vec::new();
    for step in steps {
        let presented = match &step {
            Step::Visit { project, email, id, name, age } => {
                let user = Identity::new(&format!("{whose}{}", EMAILS[*email])).unwrap();
                let user = user.with_external_id(IDS[*id]).unwrap().with_name(NAMES[*name]).unwrap();
                tokens.push((*project, user, now - Duration::seconds(*age)));
                tokens.last().cloned()
            }
            Step::Replay(index) if !tokens.is_empty() => Some(index.get(&tokens).clone()),
            _ => None,
        };
        if let Some(token) = presented {
            let expected = oracle.provision(&token, now).await;
            if let Ok(expected) = &expected {
                seen.push((token.0, expected.subscriber));
            }
            for (number, side) in sides.iter_mut().enumerate() {
                match (side.provision(&token, now).await, &expected) {
                    (Ok(theirs), Ok(expected)) => {
                        assert_eq!(&side.translate(theirs, expected), expected, "store {number}: {step:?}")
                    }
                    (Err(theirs), Err(expected)) => {
                        assert_eq!(format!("{theirs:?}"), format!("{expected:?}"))
                    }
                    (theirs, expected) => {
                        panic!("store {number}: {step:?}: {theirs:?} instead of {expected:?}")
                    }
                }
            }
        }
        match step {
            Step::Forget(index) if !seen.is_empty() => {
                let (project, id) = *index.get(&seen);
                let expected = oracle.store.forget(projects[project], id, now).await.unwrap();
                for side in &sides {
                    let theirs =
                        side.subscribers.iter().find(|(_, oracle)| **oracle == id).map(|(theirs, _)| *theirs);
                    let forgotten = side.store.forget(projects[project], theirs.unwrap(), now).await.unwrap();
                    assert_eq!(forgotten, expected);
                }
            }
            Step::FreeTier { project, credits } => {
                oracle.store.set_free_tier(projects[project], credits).await.unwrap();
                for side in &sides {
                    side.store.set_free_tier(projects[project], credits).await.unwrap();
                }
            }
            Step::Wait { seconds: passed } => now += Duration::seconds(passed),
            _ => {}
        }
    }
    for project in projects {
        let expected = oracle.contents(project, now).await;
        for side in &sides {
            assert_eq!(side.contents(project, now).await, expected);
        }
    }
}
