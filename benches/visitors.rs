//! Agents, and visitors who come to their pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use boostgpt_sso::store::{Project, Store};
use boostgpt_sso::time::{Duration as Span, OffsetDateTime};
use boostgpt_sso::{Authenticator, BotId, Identity, ProjectId, Signer, Visitor, WidgetToken};

use crate::databases::cpu_of;

/// One big project with a tenth of the subscribers, the first; a hundred that share the rest.
pub const PROJECTS: u64 = 101;

/// Noon of a day, counted from 2026-11-23.
pub fn noon(day: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_795_435_200).expect("a time") + Span::days(day)
}

/// The number's own 64 random bits (splitmix64).
pub const fn mix(number: u64) -> u64 {
    let mut x = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

pub type Agent = (ProjectId, BotId, Signer);

pub async fn new_agents(store: Arc<dyn Store>) -> Vec<Agent> {
    let mut agents = Vec::new();
    for _ in 0..PROJECTS {
        let (project, bot) = (ProjectId::generate().expect("an id"), BotId::generate().expect("an id"));
        store.create_project(Project::new(project).with_free_tier(100)).await.expect("a project");
        store.create_bot(project, bot).await.expect("a bot");
        agents.push((project, bot, Signer::new(&store.regenerate_secret(bot).await.expect("a secret"))));
    }
    agents
}

/// Which agent's page the subscriber with this number loads, and under which e-mail address and external id.
pub fn person(number: u64) -> (usize, String, String) {
    let agent = if number.is_multiple_of(10) { 0 } else { 1 + number / 10 % (PROJECTS - 1) };
    let random = mix(number);
    let email = format!("{:012x}@example{}.com", random >> 16, number % 1000);
    (usize::try_from(agent).expect("few"), email, format!("user_{random:016x}"))
}

/// The page load of a subscriber with this number.
fn visit(agents: &[Agent], number: u64, now: OffsetDateTime) -> (BotId, WidgetToken) {
    let (agent, email, external_id) = person(number);
    let (_, bot, signer) = &agents[agent];
    let identity =
        Identity::new(&email).and_then(|user| user.with_name("Ada Lovelace")?.with_external_id(&external_id));
    (*bot, signer.sign_at(&identity.expect("valid"), now))
}

/// How a crowd comes: how many at once, whether they are new, and on which day.
#[derive(Clone, Copy)]
pub struct Crowd {
    pub at_once: usize,
    pub is_new: bool,
    pub day: i64,
}

/// How long each visitor took, how long all of them, and the processor time in microseconds.
pub type Sent = (Vec<Duration>, Duration, f64);

/// Sends all these visitors, whose tokens are signed before.
pub async fn send(to: &Arc<Authenticator>, agents: &[Agent], numbers: &[u64], crowd: Crowd) -> Sent {
    let Crowd { at_once, is_new, day } = crowd;
    let visits: Vec<_> = numbers.iter().map(|number| visit(agents, *number, noon(day))).collect();
    let (visits, next) = (Arc::new(visits), Arc::new(AtomicUsize::new(0)));
    let (cpu, all) = (cpu_of("self"), Instant::now());
    let tasks = (0..at_once).map(|_| {
        let (to, visits, next) = (Arc::clone(to), Arc::clone(&visits), Arc::clone(&next));
        tokio::spawn(async move {
            let mut times = Vec::new();
            while let Some((bot, token)) = visits.get(next.fetch_add(1, Relaxed)) {
                let started = Instant::now();
                let visitor = to.authenticate_at(*bot, token.as_str(), noon(day)).await;
                times.push(started.elapsed());
                let Visitor::Identified(session) = visitor.expect("an answer") else { panic!("anonymous") };
                let it = session.provisioned;
                assert_eq!([it.created_account, it.created_subscriber, it.granted.is_some()], [is_new; 3]);
            }
            times
        })
    });
    let mut times = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        times.extend(task.await.expect("right answers"));
    }
    (times, all.elapsed(), cpu_of("self") - cpu)
}
