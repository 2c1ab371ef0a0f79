//! Two processes on one store: each sees at once what the other has changed.

use std::{fmt, sync::Arc};

use super::super::{
    contract::Store,
    error::{ProvisionError, StoreError},
    model::{Lookup, Project},
    sealing::MasterKey,
    visit::{BotState, ProvisionRequest},
};
use super::fixture::{Agent, CREDITS, DAY, NEWER, NOW, at, current_bot_secret, day, new_bot};
use super::rotation::{KEYS, Open, open_with};
use crate::{
    id::{BotId, ProjectId},
    identity::Email,
};

/// Every process finds a bot's newest state, whatever it found before, and refuses every older version.
pub async fn every_process_sees_a_changed_secret(opener: &Open<'_>) {
    let key = || MasterKey::from_bytes(KEYS[0]);
    let stores = [open_with(opener, key()).await, open_with(opener, key()).await];
    for [writes, reads] in [[0, 1], [1, 0]].map(|places| places.map(|place| &*stores[place])) {
        let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
        let state = async || reads.current_secret(bot).await.expect("current_secret works");
        assert!(matches!(state().await, BotState::Unknown), "an unknown bot is unknown");
        assert_eq!(reads.project(project).await.expect("project works"), None, "there is no such project");
        writes.create_project(Project { id: project, free_tier: None }).await.expect("create_project works");
        let created = reads.create_bot(project, BotId::generate().unwrap()).await;
        created.expect("every process finds a project that another one has created");
        writes.create_bot(project, bot).await.expect("create_bot works");
        assert!(
            matches!(state().await, BotState::WithoutSecret),
            "every process finds a bot that another one has created: keep no answer of an earlier call"
        );
        for _ in 0..2 {
            let mut agents = Vec::new();
            for _ in 0..2 {
                let shown = writes.regenerate_secret(bot).await.expect("regenerate_secret works");
                let current = state().await.into_secret();
                let current = current.expect("every process finds a secret that another one has made");
                assert!(
                    current.secret == shown,
                    "every process finds the newest secret: keep no answer of an earlier call"
                );
                let agent = Agent { store: reads, project, bot, current };
                agent.visit(&agent.person("ada", "", "42")).await;
                agents.push(agent);
            }
            writes.remove_secret(bot).await.expect("remove_secret works");
            for agent in &agents {
                let visit = agent.try_visit(&agent.person("ada", "", "42"), NOW, at(NOW)).await;
                assert!(
                    matches!(visit, Err(ProvisionError::SecretChanged)),
                    "every process refuses an older version, whatever it found before: SecretChanged, not \
                     {visit:?}"
                );
            }
            assert!(matches!(state().await, BotState::WithoutSecret), "every process finds a secret removed");
        }
    }
}

/// Every process finds the project and the subscribers as another one has left them.
pub async fn every_process_sees_the_same_subscribers(opener: &Open<'_>) {
    let key = || MasterKey::from_bytes(KEYS[0]);
    let stores = [open_with(opener, key()).await, open_with(opener, key()).await];
    for [writes, reads] in [[0, 1], [1, 0]].map(|places| places.map(|place| &*stores[place])) {
        let here = Agent::new(writes).await;
        let current = current_bot_secret(reads, here.bot).await.expect("every process finds the secret");
        let there = Agent { store: reads, project: here.project, bot: here.bot, current };
        // What a process may have kept: that there is no free tier, no subscriber, an older name, a last day.
        assert_eq!(there.visit(&here.person("grace", "", "43")).await.granted, None, "there is no free tier");
        assert_eq!(there.holder("ada").await, None, "there is no such subscriber");
        writes.set_free_tier(here.project, Some(CREDITS)).await.expect("set_free_tier works");
        let joan = there.visit(&here.person("joan", "", "44")).await;
        assert_eq!(joan.granted, Some(CREDITS), "every process grants the current free tier: read it anew");
        let ada = here.visit(&here.person("ada", "Ada", "42")).await;
        let found = there.visit(&here.person("ada", "Ada", "42")).await;
        assert_eq!(
            (found.subscriber, found.account, found.created_subscriber),
            (ada.subscriber, ada.account, false),
            "every process finds a subscriber whom another one has created"
        );
        here.visit_at(&here.person("lovelace", "Countess", "42"), NOW + DAY).await;
        let older = here.person("ada", "Old", "42");
        there.visit_later(&older, NOW + 1, NOW + DAY).await;
        let shown = there.read(ada.subscriber).await;
        assert_eq!(
            (shown.email.as_deref(), shown.name.as_deref(), shown.last_day),
            (Some(&*here.address("lovelace")), Some("Countess"), day(NOW + DAY)),
            "every process compares a token with what another one has applied"
        );
        assert!(here.forget(ada.subscriber, NOW + DAY).await, "there was a subscriber to forget");
        assert!(there.find(Lookup::Id(ada.subscriber)).await.is_none(), "every process sees an erasure");
        for (local, external_id) in [("ada", ""), ("lovelace", ""), ("byron", "42")] {
            let person = here.person(local, "", external_id);
            let request = ProvisionRequest::new(there.vouch(&person, NOW + DAY), at(NOW + DAY));
            let visit = reads.provision(request).await;
            assert!(
                matches!(visit, Err(ProvisionError::Forgotten)),
                "every process knows the names that another one has forgotten: Forgotten, not {visit:?}"
            );
        }
        let after = there.visit_at(&here.person("ada", "", "42"), NEWER + DAY).await;
        assert!(
            after.created_subscriber && after.created_account && after.granted.is_none(),
            "every process sees an erasure: a newer token makes a new subscriber, who is not granted again"
        );
    }
}

/// The methods that a dashboard reads by, and what each one answers about the agent's project and about Ada.
type Answers = [(&'static str, String); 10];

async fn read_dashboard(store: &dyn Store, of: &Agent<'_, dyn Store + '_>) -> Answers {
    fn shown<T: fmt::Debug>(answer: &Result<T, StoreError>) -> String {
        format!("{:?}", answer.as_ref().expect("what a dashboard shows can be read"))
    }
    let (project, address) = (of.project, of.address("ada"));
    let (email, first, last) = (Email::new(&address).unwrap(), day(NOW), day(NOW + DAY));
    // A page that begins with the project.
    let after = u128::from_be_bytes(*project.as_bytes()).saturating_add(1);
    let after = ProjectId::from_bytes(after.to_be_bytes());
    [
        ("project", shown(&store.project(project).await)),
        ("projects", shown(&store.projects(Some(after), 1).await)),
        ("bot", shown(&store.bot(of.bot).await)),
        ("bots", shown(&store.bots(project, None, 10).await)),
        ("subscribers", shown(&store.subscribers(project, None, 10).await)),
        ("subscriber_count", shown(&store.subscriber_count(project).await)),
        ("subscribers_by_email", shown(&store.subscribers_by_email(email).await)),
        ("search", shown(&store.search(project, "42").await)),
        ("activity", shown(&store.activity(project, first, last).await)),
        ("active_subscribers", shown(&store.active_subscribers(project, first, last).await)),
    ]
}

/// Reads the dashboard in every process. Each one must show what a process that has just started shows.
async fn read_everywhere(
    opener: &Open<'_>,
    stores: &[Arc<dyn Store>],
    of: &Agent<'_, dyn Store + '_>,
) -> Answers {
    let started = open_with(opener, MasterKey::from_bytes(KEYS[0])).await;
    let expected = read_dashboard(&*started, of).await;
    for store in stores {
        for ((method, found), (_, expected)) in read_dashboard(&**store, of).await.iter().zip(&expected) {
            assert!(
                found == expected,
                "every process shows what another one has changed: {method} answers {expected}, not {found}; \
                 keep no answer of an earlier call"
            );
        }
    }
    expected
}

/// Every process shows on a dashboard what another one has changed, whatever it showed before.
pub async fn every_process_shows_the_same_dashboard(opener: &Open<'_>) {
    let key = || MasterKey::from_bytes(KEYS[0]);
    let stores = [open_with(opener, key()).await, open_with(opener, key()).await];
    for writes in &stores {
        let here = Agent::new(&**writes).await;
        let person = here.person("ada", "", "42");
        let ada = here.visit(&person).await.subscriber;
        let before = read_everywhere(opener, &stores, &here).await;
        here.visit_at(&person, NOW + DAY).await;
        here.visit_at(&here.person("grace", "", "43"), NOW + DAY).await;
        writes.set_free_tier(here.project, Some(CREDITS)).await.expect("set_free_tier works");
        writes.regenerate_secret(here.bot).await.expect("regenerate_secret works");
        new_bot(&**writes, here.project).await;
        let after = read_everywhere(opener, &stores, &here).await;
        for ((method, before), (_, after)) in before.iter().zip(&after) {
            assert!(before != after, "a dashboard shows what has changed: {method} is not {after} any more");
        }
        assert!(here.forget(ada, NOW + DAY).await, "there was a subscriber to forget");
        read_everywhere(opener, &stores, &here).await;
    }
}
