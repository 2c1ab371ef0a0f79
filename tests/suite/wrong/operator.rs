//! What an operator does and reads, right or wrong in one way.

use std::collections::BTreeSet;

use boostgpt_sso::{
    BotId, Email, ProjectId, SsoSecret, SubscriberId,
    store::{Bot, BoxFuture, DayActivity, Lookup, NameKey, Project, Store, StoreError, Subscriber},
    time::{Date, Duration, OffsetDateTime},
};

use super::{
    contents::Contents,
    erasure::Erased,
    faults::Fault::*,
    store::{Plain, pause},
};

/// A page of a list that is in the order of ids.
fn page<T, I: Ord + Copy>(
    contents: &Contents,
    mut all: Vec<T>,
    id: fn(&T) -> I,
    after: Option<I>,
    limit: u32,
) -> Vec<T> {
    if !contents.is(ListsAreOldestFirst) {
        all.reverse();
    }
    let limit = match contents.fault {
        Some(ALimitIsNone) => usize::MAX,
        Some(ALimitIsOneAtLeast) => limit.max(1) as usize,
        _ => limit as usize,
    };
    let after = after.filter(|_| !contents.is(PagesBeginAtTheNewest));
    let starts = |one: &T| {
        after.is_none_or(|after| match contents.fault {
            Some(PagesBeginAtTheId) => id(one) <= after,
            _ => id(one) < after,
        })
    };
    if contents.is(PagesNeedAKnownId) && after.is_some_and(|after| all.iter().all(|one| id(one) != after)) {
        return Vec::new();
    }
    all.into_iter().filter(starts).take(limit).collect()
}

impl Contents {
    fn active(&self, project: ProjectId, first: Date, last: Date) -> u64 {
        let last = if self.is(TheLastDayIsLeftOut) { last.previous_day().unwrap_or(last) } else { last };
        let visits = self.visits.keys().filter(|(of, day, _)| {
            (*of == project || self.is(VisitsAreCountedInEveryProject)) && (first..=last).contains(day)
        });
        let visitors: Vec<_> = visits.map(|(_, _, visitor)| *visitor).collect();
        let different = visitors.iter().collect::<BTreeSet<_>>().len();
        (if self.is(WindowsCountVisits) { visitors.len() } else { different }) as u64
    }

    fn activity(&self, project: ProjectId, first: Date, last: Date) -> Vec<DayActivity> {
        let visited: BTreeSet<_> =
            self.visits.keys().filter(|(of, ..)| *of == project).map(|(_, day, _)| *day).collect();
        let ends = |days: i64| {
            let days = visited.iter().flat_map(move |day| (0..days).map(move |later| (*day, later)));
            days.filter_map(|(day, later)| day.checked_add(Duration::days(later))).collect()
        };
        let mut days: BTreeSet<_> = ends(if self.is(EmptyDaysAreListed) { 32 } else { 30 });
        if self.is(OnlyDaysOfVisitsAreListed) {
            days = visited;
        }
        let since = |day: Date, days: i64| day.checked_sub(Duration::days(days)).unwrap_or(Date::MIN);
        let week = if self.is(AWeekHasEightDays) { 7 } else { 6 };
        let days = days.into_iter().filter(|day| (first..=last).contains(day)).map(|day| {
            let new =
                self.visits.iter().filter(|((of, on, _), is_new)| *of == project && *on == day && **is_new);
            let mut activity = DayActivity::new(day);
            activity.active = self.active(project, day, day);
            activity.new = new.count() as u64;
            activity.weekly = self.active(project, since(day, week), day);
            activity.monthly = self.active(project, since(day, 29), day);
            activity
        });
        let mut days: Vec<_> = days.collect();
        if self.is(DaysAreNewestFirst) {
            days.reverse();
        }
        days
    }
}

impl Store for Plain {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.with(|contents| {
                if contents.is(CreatingAProjectSetsItsFreeTier) {
                    contents.projects.insert(project.id, project.free_tier);
                }
                contents.projects.entry(project.id).or_insert(project.free_tier);
            });
            Ok(())
        })
    }

    fn project(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Project>, StoreError>> {
        Box::pin(async move { Ok(self.with(|contents| contents.project(project))) })
    }

    fn projects(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Project>, StoreError>> {
        Box::pin(async move {
            Ok(self.with(|contents| {
                let all = contents.projects.keys().filter_map(|id| contents.project(*id)).collect();
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
            self.with(|contents| {
                if contents.is(SettingAFreeTierSetsAll) {
                    contents.projects.values_mut().for_each(|tier| *tier = credits);
                }
                if contents.is(AFreeTierIsGrantedAtOnce) {
                    let grants = contents.of(project).map(|one| (project, one.account)).collect::<Vec<_>>();
                    contents
                        .grants
                        .extend(credits.iter().flat_map(|credits| grants.iter().map(|of| (*of, *credits))));
                }
                let is_kept = contents.is(AFreeTierIsNotTakenAway) && credits.is_none();
                let is_no_error = contents.is(AnUnknownProjectIsNoError);
                match contents.projects.get_mut(&project) {
                    Some(tier) if !is_kept => *tier = credits,
                    None if !is_no_error => {
                        return Err(StoreError::UnknownProject);
                    }
                    _ => {}
                }
                Ok(())
            })
        })
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.create_bot_in(project, bot))
    }

    fn bot(&self, bot: BotId) -> BoxFuture<'_, Result<Option<Bot>, StoreError>> {
        Box::pin(async move {
            Ok(self.with(|contents| contents.bots.get(&bot).map(|row| contents.shown_bot(bot, row))))
        })
    }

    fn bots(
        &self,
        project: ProjectId,
        after: Option<BotId>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Bot>, StoreError>> {
        Box::pin(async move {
            Ok(self.with(|contents| {
                let shown = contents.bots.iter().map(|(id, row)| contents.shown_bot(*id, row));
                let everywhere = contents.is(BotsAreListedOfEveryProject);
                let mut all: Vec<_> = shown.filter(|bot| bot.project == project || everywhere).collect();
                if contents.is(BotsAreListedWithoutVersions) {
                    all.iter_mut().for_each(|bot| bot.secret_version = None);
                }
                page(contents, all, |bot| bot.id, after, limit)
            }))
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        Box::pin(async move {
            let secret = SsoSecret::generate().unwrap();
            let fault = self.with(|contents| contents.fault);
            if fault == Some(RegeneratingTwiceKeepsTheSecret)
                && let Ok(state) = boostgpt_sso::store::SubscriberStore::current_secret(self, bot).await
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
            self.set_secret(bot, Some(&secret))?;
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
        Box::pin(
            async move { if self.is(RemovingDoesNothing) { Ok(()) } else { self.set_secret(bot, None) } },
        )
    }

    fn reseal(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let (rows, fault) = self.with(|contents| (contents.bots.clone(), contents.fault));
            if fault == Some(ResealingDoesNothing) {
                return Ok(0);
            }
            let current = self.key.id();
            let mut count = 0;
            for (bot, row) in rows {
                let Some(sealed) =
                    row.sealed.filter(|sealed| sealed.key != current || fault == Some(ResealingCountsAll))
                else {
                    continue;
                };
                let secret = self.key.open_secret(bot, row.version, &sealed)?;
                pause().await;
                self.with(|contents| {
                    let now = contents.bots.get_mut(&bot).unwrap();
                    if fault == Some(ResealingMakesNewVersions) {
                        now.version = boostgpt_sso::SecretVersion::generate().unwrap();
                        now.sealed = Some(self.key.seal_secret(bot, now.version, &secret)?);
                    } else if now.version == row.version || fault == Some(ResealingUndoesARegeneration) {
                        now.version = row.version;
                        now.sealed = Some(self.key.seal_secret(bot, row.version, &secret)?);
                    }
                    Ok::<(), StoreError>(())
                })?;
                count += 1;
                if fault == Some(ResealingEndsEarly) {
                    break;
                }
            }
            self.with(|contents| {
                let old = contents.name_key.as_ref().filter(|sealed| sealed.key != current);
                if let Some(old) = old.filter(|_| fault != Some(ResealingForgetsNames)) {
                    contents.name_key = Some(NameKey::reseal(old, &self.key)?);
                    count += 1;
                }
                Ok(if fault == Some(ResealingCountsNothing) { 0 } else { count })
            })
        })
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
            Ok(self.with(|contents| {
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
            }))
        })
    }

    fn subscriber_count(&self, project: ProjectId) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            Ok(self.with(|contents| match contents.fault {
                Some(SubscribersAreCountedInEveryProject) => contents.subscribers.len() as u64,
                Some(ThoseWithoutAddressAreNotCounted) => {
                    contents.of(project).filter(|one| one.email.is_some()).count() as u64
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
            Ok(self.with(|contents| {
                let found = contents.projects.keys().filter_map(|of| contents.by_email(*of, email.as_str()));
                let count = if contents.is(AnAddressIsFoundInOneProject) { 1 } else { usize::MAX };
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
            Ok(self.with(|contents| {
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
            let is_early =
                matches!(fault, Some(OthersOfTheAccountAreLookedForBefore | NamesToForgetAreReadBefore));
            if is_early {
                pause().await;
            }
            let now = now.unix_timestamp();
            let (was_there, later) = self.with(|contents| {
                let erased = contents.to_erase(project, subscriber);
                let was_there = erased.is_some();
                let erased = erased.map(|erased| match (fault, early) {
                    (Some(OthersOfTheAccountAreLookedForBefore), Some(early)) => {
                        Erased { others: early.others, ..erased }
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
            Ok(was_there && fault != Some(ForgettingSaysNothing) || fault == Some(ForgettingAlwaysSaysYes))
        })
    }

    fn activity(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<Vec<DayActivity>, StoreError>> {
        Box::pin(async move { Ok(self.with(|contents| contents.activity(project, first, last))) })
    }

    fn active_subscribers(
        &self,
        project: ProjectId,
        first: Date,
        last: Date,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move { Ok(self.with(|contents| contents.active(project, first, last))) })
    }
}
