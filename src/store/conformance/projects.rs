//! Projects and their bots.

use super::super::{
    contract::Store,
    error::StoreError,
    model::{Bot, Project},
};
use super::concurrency::until_available;
use super::fixture::{Agent, CREDITS, current_bot_secret, new_bot, new_project};
use super::schedule::Schedule;
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
    let without = new_project(store, None).await;
    assert_eq!(free_tier(store, without).await, None, "create_project keeps the free tier");
    for other in [Some(1), None] {
        let again = store.create_project(Project { id, free_tier: other }).await;
        again.expect("create_project may be repeated: do nothing on conflict");
        assert_eq!(free_tier(store, id).await, Some(CREDITS), "create_project changes no existing project");
    }
}

/// `set_free_tier` is what `project` answers from then on.
pub async fn a_free_tier_can_be_set_and_taken_away(store: &dyn Store) {
    let (id, other) = (new_project(store, None).await, new_project(store, Some(7)).await);
    for tier in [Some(CREDITS), Some(CREDITS), Some(0), Some(u32::MAX), None] {
        store.set_free_tier(id, tier).await.expect("set_free_tier works for an existing project");
        assert_eq!(free_tier(store, other).await, Some(7), "set_free_tier sets that of one project");
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
    let after = current_bot_secret(store, agent.bot).await;
    let after = after.expect("create_bot takes no secret away: do nothing on conflict");
    assert_eq!(after.version, agent.current.version, "create_bot changes no version");
    assert!(after.secret == agent.current.secret, "create_bot changes no secret");
}

/// A bot belongs to one project, for good.
pub async fn a_bot_belongs_to_one_project(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let other = new_project(store, None).await;
    let refused = async |bot| {
        let moved = store.create_bot(other, bot).await;
        assert!(
            matches!(moved, Err(StoreError::BotOfAnotherProject)),
            "create_bot in another project: BotOfAnotherProject, not {moved:?}"
        );
        let project = store.bot(bot).await.expect("bot works").map(|bot| bot.project);
        assert_eq!(project, Some(agent.project), "a bot belongs to the same project, for good");
    };
    refused(agent.bot).await;
    assert_eq!(current_bot_secret(store, agent.bot).await.map(|secret| secret.project), Some(agent.project));
    agent.visit(&agent.person("ada", "", "")).await;
    // A bot without a secret does, too: one that never had one, and one whose secret was removed.
    refused(new_bot(store, agent.project).await).await;
    store.remove_secret(agent.bot).await.expect("remove_secret works");
    refused(agent.bot).await;
}

/// A bot that is created in two projects belongs to one of them.
pub async fn two_projects_meet_at_a_bot(store: &dyn Store) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let projects = [new_project(store, None).await, new_project(store, None).await];
        let bot = BotId::generate().unwrap();
        let create = |project| until_available("create_bot", move || store.create_bot(project, bot));
        let (one, other) = schedule.meet(create(projects[0]), create(projects[1])).await;
        let owner = match (&one, &other) {
            (Ok(()), Err(StoreError::BotOfAnotherProject)) => projects[0],
            (Err(StoreError::BotOfAnotherProject), Ok(())) => projects[1],
            _ => panic!("one create_bot is Ok, the other BotOfAnotherProject: not {one:?} and {other:?}"),
        };
        store.regenerate_secret(bot).await.expect("regenerate_secret works for an existing bot");
        let found = current_bot_secret(store, bot).await.map(|secret| secret.project);
        assert_eq!(found, Some(owner), "a bot belongs to the project whose create_bot succeeded");
    }
}

/// A bot that does not exist has no secret and can be given none.
pub async fn an_unknown_bot_is_an_error(store: &dyn Store) {
    // Another bot's existence must not matter.
    new_bot(store, new_project(store, None).await).await;
    let bot = BotId::generate().unwrap();
    assert!(current_bot_secret(store, bot).await.is_none(), "an unknown bot has no secret");
    assert_eq!(store.bot(bot).await.expect("bot works"), None, "an unknown bot is not found");
    let regenerated = store.regenerate_secret(bot).await;
    assert!(
        matches!(regenerated, Err(StoreError::UnknownBot)),
        "regenerate_secret of an unknown bot: UnknownBot, not {regenerated:?}"
    );
    let removed = store.remove_secret(bot).await;
    assert!(
        matches!(removed, Err(StoreError::UnknownBot)),
        "remove_secret of an unknown bot: UnknownBot, not {removed:?}"
    );
    assert!(current_bot_secret(store, bot).await.is_none(), "a refused regenerate_secret creates nothing");
}

/// A bot is shown with its project, and with the version of its secret if it has one.
pub async fn a_bot_is_shown_without_its_secret(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let shown = async |bot| store.bot(bot).await.expect("bot works");
    let with_secret = Bot::new(agent.bot, agent.project, Some(agent.current.version));
    assert_eq!(shown(agent.bot).await, Some(with_secret), "bot shows the version of the current secret");
    let other = new_bot(store, agent.project).await;
    let without_secret = Bot::new(other, agent.project, None);
    assert_eq!(shown(other).await, Some(without_secret), "a bot without a secret shows no version");
    store.remove_secret(agent.bot).await.expect("remove_secret works");
    let removed = Bot::new(agent.bot, agent.project, None);
    assert_eq!(shown(agent.bot).await, Some(removed), "a removed secret shows no version");
}

/// The bots of a project are listed newest first, in pages.
pub async fn bots_are_listed_newest_first(store: &dyn Store) {
    let project = new_project(store, None).await;
    let other = new_project(store, None).await;
    let mut known = Vec::new();
    for _ in 0..5 {
        new_bot(store, other).await; // another project's, between them
        known.push(new_bot(store, project).await);
    }
    new_bot(store, other).await;
    known.sort();
    known.reverse();
    for limit in [1, 2, 5, u32::MAX] {
        let mut listed: Vec<BotId> = Vec::new();
        loop {
            let page = store.bots(project, listed.last().copied(), limit).await.expect("bots works");
            if page.is_empty() {
                break;
            }
            assert!(u32::try_from(page.len()).unwrap() <= limit, "a page is no longer than its limit");
            listed.extend(page.iter().map(|bot| bot.id));
            assert!(listed.len() <= known.len(), "the next page begins after the given id, without it");
        }
        assert_eq!(listed, known, "pages of {limit}: the project's own bots, each once, newest first");
    }
    assert!(
        store
            .bots(project, None, 0)
            .await
            .expect(
                "bots \
    works"
            )
            .is_empty(),
        "a limit of 0 is an empty page"
    );
    let after = async |bytes: [u8; 16]| {
        let page = store.bots(project, Some(BotId::from_bytes(bytes)), 10).await.expect("bots works");
        page.into_iter().map(|bot| bot.id).collect::<Vec<_>>()
    };
    assert_eq!(after([255; 16]).await, known, "a page may begin after any id: all come after the greatest");
    assert!(after([0; 16]).await.is_empty(), "a page may begin after any id: none comes after the least");
}

/// A list shows of each bot what a look at it shows.
pub async fn a_list_shows_all_of_a_bot(store: &dyn Store) {
    let agent = Agent::new(store).await;
    let others = [Agent::of(store, agent.project).await, Agent::of(store, agent.project).await];
    store.remove_secret(others[0].bot).await.expect("remove_secret works");
    let listed = store.bots(agent.project, None, 10).await.expect("bots works");
    assert_eq!(listed.len(), 3, "a list shows every bot, also one without a secret");
    for shown in listed {
        let looked_at = store.bot(shown.id).await.expect("bot works");
        assert_eq!(Some(shown), looked_at, "a list shows of each bot its project and its secret's version");
    }
}

/// All projects are listed newest first, in pages.
pub async fn projects_are_listed_newest_first(store: &dyn Store) {
    let mut known = Vec::new();
    for free_tier in [None, Some(1), Some(CREDITS)] {
        known.push(Project { id: new_project(store, free_tier).await, free_tier });
    }
    known.sort_by_key(|project| project.id);
    known.reverse();
    let none = store.projects(None, 0).await.expect("projects works");
    assert!(none.is_empty(), "a limit of 0 is an empty page");
    let least = ProjectId::from_bytes([0; 16]);
    let none = store.projects(Some(least), 10).await.expect("projects works");
    assert!(none.is_empty(), "a page may begin after any id: none comes after the least");
    let page = store.projects(Some(ProjectId::from_bytes([255; 16])), 1).await.expect("projects works");
    assert!(!page.is_empty(), "a page may begin after any id: all come after the greatest");
    for place in [0, 1] {
        // An id between two projects, which no project has.
        let mut between = *known[place].id.as_bytes();
        between[15] ^= 1;
        let between = ProjectId::from_bytes(between);
        let first = if between > known[place].id { known[place] } else { known[place + 1] };
        let page = store.projects(Some(between), u32::MAX).await.expect("projects works");
        assert!(page.contains(&first), "a page may begin after any id, also after one that no project has");
    }
    let mut listed: Vec<Project> = Vec::new();
    loop {
        let after = listed.last().map(|project| project.id);
        let page = store.projects(after, 2).await.expect("projects works");
        assert!(page.len() <= 2, "a page is no longer than its limit");
        assert!(
            page.iter().all(|project| after.is_none_or(|after| project.id < after)),
            "the next page begins after the given id, without it"
        );
        listed.extend(&page);
        if page.is_empty() {
            break;
        }
    }
    assert!(listed.is_sorted_by(|one, next| one.id > next.id), "projects are listed newest first, each once");
    // The store may have others.
    listed.retain(|project| known.iter().any(|one| one.id == project.id));
    assert_eq!(listed, known, "every project is listed, with its free tier");
}

/// A bot that is created again while its secret is regenerated keeps the new secret.
pub async fn a_repeated_creation_meets_a_regeneration(store: &dyn Store) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        for is_new in [true, false] {
            let agent = Agent::new(store).await;
            let bot = if is_new { BotId::generate().unwrap() } else { agent.bot };
            let create = || until_available("create_bot", || store.create_bot(agent.project, bot));
            let regenerate = async {
                create().await?;
                let regenerate = || store.regenerate_secret(bot);
                until_available("regenerate_secret", regenerate).await
            };
            let (created, shown) = schedule.meet(create(), regenerate).await;
            created.expect("create_bot may be repeated");
            let shown = shown.expect("regenerate_secret works for an existing bot");
            let found = current_bot_secret(store, bot).await;
            assert!(
                found.is_some_and(|found| found.secret == shown),
                "create_bot changes nothing of an existing bot: insert, and do nothing on conflict"
            );
        }
    }
}

/// A project that is created twice has the free tier that the first creation gave it.
pub async fn two_creations_of_a_project_meet(store: &dyn Store) {
    let mut schedule = Schedule::new();
    while schedule.goes_on() {
        let id = ProjectId::generate().unwrap();
        let create = |credits| {
            let project = Project { id, free_tier: Some(credits) };
            until_available("create_project", move || store.create_project(project))
        };
        let second = async {
            create(2).await.expect("create_project works beside another");
            free_tier(store, id).await
        };
        let (first, seen) = schedule.meet(create(1), second).await;
        first.expect("create_project works beside another");
        assert!([Some(1), Some(2)].contains(&seen), "a project has a free tier that it was created with");
        assert_eq!(
            free_tier(store, id).await,
            seen,
            "create_project changes no existing project: insert, and do nothing on conflict"
        );
    }
}
