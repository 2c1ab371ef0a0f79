//! What an operator does and reads, right or wrong in one way.

use std::collections::BTreeSet;

use boostgpt_sso::{
    BotId, Email, ProjectId, SsoSecret, SubscriberId,
    store::{
        Bot, BoxFuture, DayActivity, Lookup, Project, Store, StoreError, Subscriber, SubscriberStore as _,
    },
    time::{Date, Duration, OffsetDateTime, UtcOffset},
};

use super::{
    contents::Contents,
    erasure::Erased,
    faults::Fault::*,
    handle::Late,
    lists::page,
    store::{Plain, pause},
};

impl Store for Plain {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let is_known = self.with(|contents| contents.projects.contains_key(&project.id));
            if self.is(TheProjectIsLookedForBefore) {
                pause().await;
            }
            self.forget_answers();
            self.cache.lock().unwrap().unknown.remove(&project.id);
            self.with(|contents| {
                let is_overwritten = contents.is(TheProjectIsLookedForBefore) && !is_known;
                if contents.is(CreatingAProjectSetsItsFreeTier) || is_overwritten {
                    contents.projects.insert(project.id, project.free_tier);
                }
                contents.projects.entry(project.id).or_insert(project.free_tier);
            });
            Ok(())
        })
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        Box::pin(async move {
            let found = self.kept(AShownProjectIsCached, &project, |contents| contents.project(project));
            if found.is_none() && self.is(ProjectsAreCachedByHandle) {
                self.cache.lock().unwrap().unknown.insert(project);
            }
            Ok(found)
        })
    }

    fn projects(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Project>, StoreError>> {
        Box::pin(async move {
            Ok(self.kept(ListsOfProjectsAreCached, &(after, limit), |contents| {
                let is_unknown = after.is_some_and(|after| !contents.projects.contains_key(&after));
                if contents.is(PagesOfProjectsNeedAKnownId) && is_unknown {
                    return Vec::new();
                }
                let mut all: Vec<_> =
                    contents.projects.keys().filter_map(|id| contents.project(*id)).collect();
                if contents.is(ProjectsAreListedWithoutTiers) {
                    all.iter_mut().for_each(|project| project.free_tier = None);
                }
                page(contents, all, |project| project.id, after, limit)
            }))
        })
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.may_be_late(ADroppedFreeTierComesLater, Late::FreeTier(project, credits)).await;
            self.forget_answers();
            self.cache.lock().unwrap().tiers.remove(&project);
            let done = self.with(|contents| {
                if contents.is(SettingAFreeTierSetsAll) {
                    contents.projects.values_mut().for_each(|tier| *tier = credits);
                }
                if contents.is(AFreeTierIsGrantedAtOnce) {
                    let grants = contents.of(project).map(|one| (project, one.account)).collect::<Vec<_>>();
                    contents
                        .grants
                        .extend(credits.iter().flat_map(|credits| grants.iter().map(|of| (*of, *credits))));
                }
                let is_kept = contents.is(AFreeTierIsNotTakenAway) && credits.is_none()
                    || contents.is(AFreeTierOfZeroIsNotSet) && credits == Some(0);
                let is_no_error = contents.is(AnUnknownProjectIsNoError);
                match contents.projects.get_mut(&project) {
                    Some(tier) if !is_kept => *tier = credits,
                    None if !is_no_error => {
                        return Err(StoreError::UnknownProject);
                    }
                    _ => {}
                }
                Ok(())
            });
            self.catch_up();
            done
        })
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.create_bot_in(project, bot))
    }

    fn bot(&self, bot: BotId) -> BoxFuture<'_, Result<Option<Bot>, StoreError>> {
        Box::pin(async move {
            if self.is(ABotIsShownWithItsSecret) {
                self.current_secret(bot).await?;
            }
            Ok(self.kept(AShownBotIsCached, &bot, |contents| {
                contents.bots.get(&bot).map(|row| contents.shown_bot(bot, row))
            }))
        })
    }

    fn bots(
        &self,
        project: ProjectId,
        after: Option<BotId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Bot>, StoreError>> {
        Box::pin(async move {
            let page = self.kept(ListsOfBotsAreCached, &(project, after, limit), |contents| {
                let shown = contents.bots.iter().map(|(id, row)| contents.shown_bot(*id, row));
                let fills = contents.is(BotsOfOthersFillPages);
                let everywhere = contents.is(BotsAreListedOfEveryProject) || fills;
                let mut all: Vec<_> = shown.filter(|bot| bot.project == project || everywhere).collect();
                if contents.is(BotsWithoutSecretAreNotListed) {
                    all.retain(|bot| bot.secret_version.is_some());
                }
                if contents.is(BotsAreListedWithoutVersions) {
                    all.iter_mut().for_each(|bot| bot.secret_version = None);
                }
                let mut page = page(contents, all, |bot| bot.id, after, limit);
                page.retain(|bot| bot.project == project || !fills);
                page
            });
            for bot in page.iter().filter(|_| self.is(BotsAreListedWithTheirSecrets)) {
                self.current_secret(bot.id).await?;
            }
            Ok(page)
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        Box::pin(async move {
            let secret = SsoSecret::generate().unwrap();
            let fault = self.with(|contents| contents.fault);
            if fault == Some(RegeneratingTwiceKeepsTheSecret)
                && let Ok(state) = self.current_secret(bot).await
                && let Some(current) = state.into_secret()
            {
                return Ok(current.secret);
            }
            if fault == Some(TheSecretIsWrittenBeforeTheVersion) {
                // Under the old version first, under a new one later.
                self.with(|contents| {
                    let row = contents.bots.get_mut(&bot).ok_or(StoreError::UnknownBot)?;
                    row.sealed = Some(self.key.seal_secret(bot, row.version, &secret)?);
                    Ok::<(), StoreError>(())
                })?;
                pause().await;
            }
            let late = Late::Secret(bot, Some(secret.clone()));
            self.may_be_late(ADroppedRegenerationComesLater, late).await;
            self.set_secret(bot, Some(&secret))?;
            self.catch_up();
            if fault == Some(RegeneratingChangesEveryBot) {
                let bots: Vec<_> = self.with(|contents| contents.bots.keys().copied().collect());
                for other in bots.into_iter().filter(|other| *other != bot) {
                    self.set_secret(other, Some(&SsoSecret::generate().unwrap()))?;
                }
            }
            Ok(if fault == Some(AnotherSecretIsReturned) { SsoSecret::generate().unwrap() } else { secret })
        })
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            if self.is(RemovingDoesNothing) {
                return Ok(());
            }
            if self.is(RemovingNeedsTheKey) {
                self.current_secret(bot).await?;
            }
            if self.is(TheRemovalIsASecondStep)
                && let Some(current) = self.current_secret(bot).await?.into_secret()
            {
                self.set_secret(bot, Some(&current.secret))?;
                pause().await;
            }
            self.may_be_late(ADroppedRemovalComesLater, Late::Secret(bot, None)).await;
            self.set_secret(bot, None)
        })
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.reseal_all())
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        Box::pin(async move {
            let names = self.names()?;
            Ok(self.with(|contents| {
                let found = match by {
                    Lookup::Id(id) if contents.is(AnIdFindsInEveryProject) => {
                        contents.subscribers.values().find(|one| one.id == id).cloned()
                    }
                    Lookup::Id(id) => contents.subscribers.get(&(project, id)).cloned(),
                    Lookup::ExternalId(id) => contents.by_external_id(project, id),
                    Lookup::Email(email) if contents.is(PastAddressesFind) => {
                        contents.by_any_email(&names, project, email.as_str())
                    }
                    Lookup::Email(email) => contents.by_email(project, email.as_str()),
                };
                found.map(|one| contents.shown(&one))
            }))
        })
    }

    fn subscribers(
        &self,
        project: ProjectId,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Subscriber>, StoreError>> {
        Box::pin(async move {
            let page = self.kept(ListsOfSubscribersAreCached, &(project, after, limit), |contents| {
                let everywhere = contents.is(SubscribersAreListedOfEveryProject);
                let all = contents.subscribers.values().filter(|one| one.project == project || everywhere);
                let shown = |one: &Subscriber| {
                    if contents.is(SubscribersAreListedWithoutGrants) {
                        one.clone()
                    } else {
                        contents.shown(one)
                    }
                };
                let mut all: Vec<_> = all.map(shown).collect();
                all.sort_by_key(|one| one.id);
                page(contents, all, |one| one.id, after, limit)
            });
            self.finish_visits();
            Ok(page)
        })
    }

    fn subscriber_count(&self, project: ProjectId) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            Ok(self.kept(CountsOfSubscribersAreCached, &project, |contents| match contents.fault {
                Some(SubscribersAreCountedInEveryProject) => contents.subscribers.len() as u64,
                Some(ThoseWithoutAddressAreNotCounted) => {
                    contents.of(project).filter(|one| one.email.is_some()).count() as u64
                }
                Some(TheForgottenAreCountedAsSubscribers) => {
                    let visits = contents.visits.keys().filter(|(of, ..)| *of == project);
                    visits.map(|(_, _, visitor)| *visitor).collect::<BTreeSet<_>>().len() as u64
                }
                _ => contents.of(project).count() as u64,
            }))
        })
    }

    fn subscribers_by_email<'a>(
        &'a self,
        email: Email<'a>,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>> {
        Box::pin(async move {
            let names = self.names()?;
            let email = email.as_str();
            Ok(self.kept(FoundAddressesAreCached, &email, |contents| {
                let find = |of: &ProjectId| match contents.fault {
                    Some(PastAddressesAreFoundByTheOperator) => contents.by_any_email(&names, *of, email),
                    Some(AddressesAreFoundByPattern | AddressesAreFoundInAnyCase) => {
                        contents.by_similar_email(*of, email)
                    }
                    _ => contents.by_email(*of, email),
                };
                let found = contents.projects.keys().filter_map(find);
                let count = match contents.fault {
                    Some(AnAddressIsFoundInOneProject) => 1,
                    Some(AnAddressIsFoundInTwoProjects) => 2,
                    _ => usize::MAX,
                };
                found.take(count).map(|one| contents.shown(&one)).collect()
            }))
        })
    }

    fn search<'a>(
        &'a self,
        project: ProjectId,
        text: &'a str,
    ) -> BoxFuture<'a, Result<Vec<Subscriber>, StoreError>> {
        Box::pin(async move {
            Ok(self.kept(SearchesAreCached, &(project, text), |contents| {
                let text = if contents.is(ASearchTrims) { text.trim() } else { text };
                let key = |text: &str| Email::new(text).map(|email| email.key().into_owned()).ok();
                let is_email = |one: &Subscriber| {
                    key(text).is_some_and(|wanted| one.email.as_deref().and_then(key) == Some(wanted))
                };
                let is_it = |one: &Subscriber| match contents.fault {
                    Some(ASearchFindsBeginnings) => {
                        !text.is_empty() && one.external_id.as_deref().is_some_and(|id| id.starts_with(text))
                    }
                    Some(ASearchFindsNames) => one.name.as_deref() == Some(text),
                    _ => false,
                } || is_email(one)
                    || one.external_id.as_deref() == Some(text)
                    || one.id.to_string() == text;
                let everywhere = contents.is(ASearchFindsInEveryProject);
                let all = contents.subscribers.values().filter(|one| one.project == project || everywhere);
                let mut found: Vec<_> = all.filter(|one| is_it(one)).map(|one| contents.shown(one)).collect();
                // By id, by address, by external id.
                found.sort_by_key(|one| (one.id.to_string() != text, !is_email(one)));
                if contents.is(ASearchFindsTwice) {
                    let twice =
                        found.iter().filter(|one| is_email(one) && one.external_id.as_deref() == Some(text));
                    let twice: Vec<_> = twice.cloned().collect();
                    found.extend(twice);
                }
                if contents.is(ASearchFindsTheFirst) {
                    found.truncate(1);
                }
                found
            }))
        })
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let names = self.names()?;
            let (early, fault) =
                self.with(|contents| (contents.to_erase(project, subscriber), contents.fault));
            let is_early = matches!(
                fault,
                Some(
                    OthersOfTheAccountAreLookedForBefore
                        | NamesToForgetAreReadBefore
                        | TheErasedAreLookedForBefore
                        | OtherErasuresAreLookedForBefore
                        | OthersWithTheGrantAreLookedForBefore
                        | TheAddressGoesInAFirstStep
                )
            );
            if let (Some(TheAddressGoesInAFirstStep), Some(early)) = (fault, &early) {
                self.with(|contents| contents.take_address(early));
            }
            if is_early {
                pause().await;
            }
            let now = match fault {
                Some(AnErasureLosesItsOffset) => now.replace_offset(UtcOffset::UTC).unix_timestamp(),
                Some(AnErasureIsOfAWholeMinute) => now.unix_timestamp() / 60 * 60,
                Some(AnErasureIsRounded) => (now + Duration::milliseconds(999)).unix_timestamp(),
                Some(ErasuresEndIn2038) => now.unix_timestamp().min(i32::MAX.into()),
                _ => now.unix_timestamp(),
            };
            self.forget_answers();
            self.cache.lock().unwrap().erased.insert(project);
            let was_there_before = early.is_some() && fault == Some(TheErasedAreLookedForBefore);
            self.cache.lock().unwrap().subscribers.remove(&(project, subscriber));
            let (was_there, later) = self.with(|contents| {
                let erased = contents.to_erase(project, subscriber);
                let was_there = erased.is_some();
                let erased = erased.map(|erased| match (fault, early) {
                    (Some(OthersOfTheAccountAreLookedForBefore), Some(early)) => {
                        Erased { others: early.others, ..erased }
                    }
                    (Some(OtherErasuresAreLookedForBefore), Some(early)) => {
                        let others = early.others.into_iter().chain(erased.others).collect();
                        Erased { others, ..erased }
                    }
                    (Some(OthersWithTheGrantAreLookedForBefore), Some(early)) => {
                        let shares = early.others.iter().any(|other| other.project == project);
                        Erased { shares_grant: Some(shares), ..erased }
                    }
                    (Some(NamesToForgetAreReadBefore), Some(early)) => {
                        Erased { subscriber: early.subscriber, ..erased }
                    }
                    _ => erased,
                });
                (was_there, erased.and_then(|erased| contents.forget(&names, erased, now)))
            });
            if let Some(later) = later {
                pause().await;
                self.with(later);
            }
            let was_there = was_there || was_there_before;
            Ok(was_there && fault != Some(ForgettingSaysNothing) || fault == Some(ForgettingAlwaysSaysYes))
        })
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        Box::pin(async move {
            let question = (project, first, last);
            Ok(self.kept(ActivityIsCached, &question, |contents| contents.activity(project, first, last)))
        })
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let question = (project, first, last);
            let count = |contents: &mut Contents| contents.active(project, first, last);
            Ok(self.kept(ActiveSubscribersAreCached, &question, count))
        })
    }
}
