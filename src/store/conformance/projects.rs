//! Projects and their bots.

use super::super::{error::StoreError, model::Project, contract::Store};
use super::fixture::{Agent, CREDITS, new_bot, new_project};
use crate::id::{BotId, ProjectId};

async fn free_tier(store: &dyn Store, id: ProjectId) -> Option<u32> {
    let found = store.project(id).await.expect("project works").expect("a created project is found");
    assert_eq!(found.id, id, "project answers the project that was asked for");
    found.free_tier
}

/// Creating a project again changes nothing, not even its free tier.
pub async fn a_project_is_created_once(store: &dyn Store) {
    let id = new_project(store, Some(CREDITS)).await;
    assert_eq!(free_tier(store, id).await, Some(CREDITS), "create_project keeps the free tier");
    for other in [Some(1), None] {
        let again = store.create_project(Project { id, free_tier: other }).await;
        again.expect("create_project may be repeated: do nothing on conflict");
        assert_eq!(free_tier(store, id).await, Some(CREDITS), "create_project changes no existing project");
    }
}

/// `set_free_tier` is what `project` answers from then on.
pub async fn a_free_tier_can_be_set_and_taken_away(store: &dyn Store) {
    let id = new_project(store, None).await;
    for tier in [Some(CREDITS), Some(CREDITS), Some(u32::MAX), None] {
        store.set_free_tier(id, tier).await.expect("set_free_tier works for an existing project");
        assert_eq!(free_tier(store, id).await, tier, "project answers what set_free_tier has set");
    }
}

/// A project that does not exist is not found, and nothing can be set or created in it.
pub async fn an_unknown_project_is_an_error(store: &dyn Store) {
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    assert_eq!(store.project(project).await.expect("project works"), None, "there is no such project");
    let tier = store.set_free_tier(project, Some(CREDITS)).await;
    assert!(matches!(tier, Err(StoreError::UnknownProject)), "set_free_tier: UnknownProject, not {tier:?}");
    let created = store.create_bot(project, bot).await;
    assert!(
        matches!(created, Err(StoreError::UnknownProject)),
        "create_bot: UnknownProject, not {created:?}"
    );
    let regenerated = store.regenerate_secret(bot).await;
    assert!(
        matches!(regenerated, Err(StoreError::UnknownBot)),
        "a refused create_bot creates no bot: check the project in the same atomic step"
    );
}

/// Creating a bot again changes nothing, not even its secret.
pub async fn a_bot_is_created_once(store: &dyn Store) {
    let agent = Agent::new(store).await;
    store.create_bot(agent.project, agent.bot).await.expect("create_bot may be repeated");
    let after = store.current_secret(agent.bot).await.expect("current_secret works");
    let after = after.expect("create_bot takes no secret away: do nothing on conflict");
    assert_eq!(after.version, agent.current.version, "create_bot changes no version");
    assert!(after.secret == agent.current.secret, "create_bot changes no secret");
}

/// A bot belongs to one project, for good.
pub async fn a_bot_belongs_to_one_project(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let other = new_project(store, None).await;
    let moved = store.create_bot(other, agent.bot).await;
    assert!(
        matches!(moved, Err(StoreError::BotOfAnotherProject)),
        "create_bot in another project: BotOfAnotherProject, not {moved:?}"
    );
    // `visit` holds the project of the answer against the agent's own.
    agent.visit(&agent.person("ada", "", "")).await;
}

/// A bot that does not exist has no secret and can be given none.
pub async fn an_unknown_bot_is_an_error(store: &dyn Store) {
    // Another bot's existence must not matter.
    new_bot(store, new_project(store, None).await).await;
    let bot = BotId::generate().unwrap();
    let current = store.current_secret(bot).await.expect("current_secret of an unknown bot is no error");
    assert!(current.is_none(), "an unknown bot has no secret");
    let regenerated = store.regenerate_secret(bot).await;
    assert!(matches!(regenerated, Err(StoreError::UnknownBot)), "regenerate_secret: UnknownBot");
    let removed = store.remove_secret(bot).await;
    assert!(matches!(removed, Err(StoreError::UnknownBot)), "remove_secret: UnknownBot, not {removed:?}");
    let current = store.current_secret(bot).await.expect("current_secret works");
    assert!(current.is_none(), "a refused regenerate_secret creates nothing");
}
