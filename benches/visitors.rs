//! Agents, and visitors who come to their pages.

use std::sync::Arc;

use boostgpt_sso::store::{Project, Store};
use boostgpt_sso::time::{Duration as Span, OffsetDateTime};
use boostgpt_sso::{BotId, Identity, ProjectId, Signer, WidgetToken};

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
        store.create_project(Project { id: project, free_tier: Some(100) }).await.expect("a project");
        store.create_bot(project, bot).await.expect("a bot");
        agents.push((project, bot, Signer::new(&store.regenerate_secret(bot).await.expect("a secret"))));
    }
    agents
}

/// The page load of a subscriber with this number.
pub fn visit(agents: &[Agent], number: u64, now: OffsetDateTime) -> (BotId, WidgetToken) {
    let agent = if number.is_multiple_of(10) { 0 } else { 1 + number / 10 % (PROJECTS - 1) };
    let ((_, bot, signer), random) = (&agents[usize::try_from(agent).expect("few")], mix(number));
    let identity = Identity::new(&format!("{:012x}@example{}.com", random >> 16, number % 1000));
    let identity = identity
        .and_then(|user| user.with_name("Ada Lovelace")?.with_external_id(&format!("user_{random:016x}")));
    (*bot, signer.sign_at(&identity.expect("valid"), now))
}
