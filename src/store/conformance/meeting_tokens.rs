//! Tokens of one known visitor that meet: what one of them changes, the other does not undo.

use super::concurrency::insist;
use super::fixture::{Agent, Fixture, NOW};
use super::schedule::Schedule;

/// Of two tokens that meet, the newer one decides, whichever is written first.
pub async fn the_newer_of_two_tokens_decides(store: &dyn Fixture) {
    let tokens = [("older", "Older", 10), ("newest", "Newest", 20)];
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for newest_is_first in [false, true] {
            let agent = Agent::new(store).await;
            let ada = agent.visit(&agent.person("ada", "Ada", "42")).await.subscriber;
            let [older, newest] =
                tokens.map(|(local, name, later)| agent.vouch(&agent.person(local, name, "42"), NOW + later));
            let (first, second) = if newest_is_first { (&newest, &older) } else { (&older, &newest) };
            schedule.meet(insist(&agent, first), insist(&agent, second)).await;
            let found = agent.read(ada).await;
            assert_eq!(
                (found.email, found.name.as_deref(), found.applied_at),
                (Some(agent.address("newest")), Some("Newest"), NOW + 20),
                "an older token overwrote a newer one: compare applied_at in the atomic step that writes"
            );
        }
    }
}

/// What two tokens change of one subscriber stays: a new name, and an external id.
pub async fn what_two_tokens_change_stays(store: &dyn Fixture) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for name_is_first in [false, true] {
            let agent = Agent::new(store).await;
            let ada = agent.visit(&agent.person("ada", "Ada", "")).await.subscriber;
            let name = agent.vouch(&agent.person("ada", "Countess", ""), NOW);
            let external_id = agent.vouch(&agent.person("ada", "", "42"), NOW);
            let (first, second) = if name_is_first { (&name, &external_id) } else { (&external_id, &name) };
            let (one, other) = schedule.meet(insist(&agent, first), insist(&agent, second)).await;
            assert_eq!((one.subscriber, other.subscriber), (ada, ada), "a known address is its holder");
            let found = agent.read(ada).await;
            assert_eq!(
                (found.name.as_deref(), found.external_id.as_deref()),
                (Some("Countess"), Some("42")),
                "a visit undid what another one had written: write what the token changes, not the whole row"
            );
        }
    }
}
