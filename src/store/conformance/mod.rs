//! The tests that every store must pass: the contracts of [`SubscriberStore`](super::SubscriberStore) and
//! [`Store`] as code.
//!
//! [`store`] runs them all on a [`Store`]:
//!
//! ```
//! use std::sync::Arc;
//!
//! use boostgpt_sso::store::{MemoryStore, conformance};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! conformance::store(Arc::new(MemoryStore::new())).await;
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! [`subscriber_store`] runs those of the two methods that a page load needs, on a [`Fixture`]: a
//! [`SubscriberStore`](super::SubscriberStore) with the operator's acts that the checks need.
//! [`sealed_store`] runs those of secrets at rest, on a store that can be opened again with other master
//! keys. [`threads`] runs those that need several threads.
//!
//! Each check is a function of its own too. It makes its own project and bot, so it works on a store with
//! other contents and may be repeated on the same database; what it made stays there. It works under every
//! executor, and none but [`ids_begin_with_the_time_of_creation`] reads a clock: that one allows a minute
//! between this machine and the store. The checks of calls [at once](one_new_visitor_at_once) poll them on
//! one thread: run [`threads`] as well, above all for a store whose calls never wait.
//!
//! # Panics
//!
//! A check panics at the first broken promise. The message says which one, and what to do.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a suite of assertions panics by design, and its sums are over constants"
)]

use std::sync::Arc;

use super::contract::{BoxFuture, Store};

mod fixture;
mod schedule;
mod threads;

// The checks of `threads` block, since they have threads of their own.
pub use self::{
    fixture::Fixture,
    rotation::Open,
    threads::{
        Run, a_changed_secret_ends_the_visits_of_other_threads, an_erasure_ends_the_visits_of_other_threads,
        first_visits_of_other_threads_make_one_of_each,
    },
};

/// Names every check once, but those of [`threads`]: it is public, and part of its run. One that is left out
/// is dead code, which the compiler reports.
macro_rules! checks {
    ($store:ident { $($file:ident { $($check:ident,)+ })+ }) => {
        $(
            mod $file;
            pub use self::$file::{$($check),+};
        )+

        macro_rules! $store {
            ($run:expr) => {
                $($(
                    // Named as a future that can be sent, so that the compiler says which one cannot.
                    let check: BoxFuture<'_, ()> = Box::pin($check($run));
                    check.await;
                )+)+
            };
        }
    };
}

checks! { run_subscriber_store {
    versions {
        a_new_bot_has_no_secret,
        a_regenerated_secret_is_the_current_one,
        a_removed_secret_is_gone,
        versions_never_return,
        an_old_version_provisions_no_visitor,
        an_old_version_changes_no_subscriber,
        an_unknown_bot_provisions_no_visitor,
        a_bot_provisions_in_its_own_project_only,
        bots_have_secrets_of_their_own,
        a_request_may_forbid_creation,
    }
    who_is_who {
        unknown_address_creates,
        known_address_is_its_holder,
        unknown_external_id_and_address_create,
        unknown_external_id_is_taken_by_the_holder_of_the_address,
        unknown_external_id_with_anothers_address_creates,
        known_external_id_takes_a_free_address,
        known_external_id_and_own_address_are_the_same_subscriber,
        known_external_id_wins_over_anothers_address,
        a_conflict_keeps_back_the_address_only,
        a_returning_visitor_reports_nothing_created,
        all_bots_of_a_project_share_its_subscribers,
        an_external_id_is_written_once,
        a_missing_name_erases_nothing,
        the_spelling_of_an_address_is_the_newest,
        an_older_token_changes_nothing,
        an_older_token_on_a_new_day_is_a_visit_only,
    }
    dates {
        a_token_without_a_time_of_issue_is_as_old_as_it_can_be,
        a_token_without_a_time_of_issue_brings_no_subscriber_back,
        a_short_token_is_as_old_as_it_says,
        a_token_is_as_old_as_its_issue_not_as_its_visit,
        a_day_is_that_of_the_visit,
        a_time_may_have_any_offset,
        a_time_may_have_a_fraction,
        times_have_no_end_in_2038,
        an_older_token_is_refused_however_late_it_comes,
        a_returning_visitor_of_the_same_day_writes_nothing,
    }
    texts {
        addresses_are_compared_by_their_key,
        external_ids_are_compared_byte_for_byte,
        an_external_id_may_look_like_another_name,
        names_are_kept_byte_for_byte,
        addresses_are_kept_byte_for_byte,
    }
    exactly_once {
        an_account_is_unique_across_projects,
        no_free_tier_no_grant,
        a_grant_is_made_once,
        a_grant_is_of_the_projects_amount,
        a_later_free_tier_grants_existing_subscribers_nothing,
        a_second_subscriber_of_an_account_is_not_granted_again,
        each_project_grants_for_itself,
    }
    forgetting {
        forgetting_says_whether_there_was_a_subscriber,
        a_subscriber_is_not_forgotten_from_another_project,
        a_forgotten_subscriber_is_not_found,
        a_token_issued_before_does_not_bring_them_back,
        a_token_issued_before_is_known_by_either_name,
        past_addresses_are_forgotten_too,
        a_newer_token_makes_a_new_subscriber,
        the_account_is_gone_with_its_last_subscriber,
        the_account_stays_while_another_project_uses_it,
        the_address_is_gone_with_the_last_who_has_it,
        forgetting_ends_at_the_project,
        forgetting_twice_moves_the_line,
        the_line_never_moves_back,
        the_line_of_a_past_address_never_moves_back,
        the_newest_erasure_of_either_name_decides,
        a_forgotten_external_id_is_free,
        a_new_subscriber_shelters_no_older_token,
        forgotten_names_are_compared_like_names,
        the_forgotten_are_granted_nothing_ever,
        a_visit_is_refused_for_the_first_reason,
    }
    shared_accounts {
        forgetting_one_subscriber_leaves_anothers_account,
        who_is_left_takes_the_address_of_the_forgotten,
        a_later_subscriber_of_an_account_is_granted_what_it_was_not,
        a_recycled_address_is_the_same_account,
        a_past_address_stays_with_who_has_it_now,
        a_changed_address_moves_no_account,
        a_changed_address_joins_no_account,
        a_newcomer_gets_no_account_of_who_took_the_address,
        the_address_is_gone_with_who_had_given_it_up,
        a_grant_is_forgotten_in_its_project_only,
    }
    concurrency {
        one_new_visitor_at_once,
        one_visitor_with_different_tokens_at_once,
        one_account_from_two_projects_at_once,
        many_new_visitors_at_once,
        regenerations_at_once,
        a_dropped_visit_leaves_one_of_each,
        a_dropped_regeneration_leaves_a_whole_secret,
    }
    meeting_visits {
        two_first_visits_meet,
        two_projects_meet_in_an_account,
        two_external_ids_meet_at_an_address,
        two_subscribers_meet_at_a_free_address,
        a_free_tier_is_that_of_the_moment,
    }
    meeting_changes {
        a_changed_secret_ends_the_visits_under_way,
        a_change_of_another_ends_no_visit,
        an_erasure_ends_the_visits_under_way,
        an_address_that_meets_an_erasure_is_forgotten,
        an_erasure_leaves_no_subscriber_without_account,
        two_changes_of_a_secret_meet,
    }
    meeting_tokens {
        the_newer_of_two_tokens_decides,
        what_two_tokens_change_stays,
    }
    meeting_erasures {
        an_erasure_meets_a_newer_token,
        two_erasures_of_a_subscriber_meet,
        two_erasures_of_an_account_meet,
        an_erasure_takes_no_grant_of_another,
        a_forbidden_creation_meets_an_erasure,
    }
    drops {
        a_dropped_change_of_a_secret_undoes_no_later_one,
        a_dropped_removal_is_whole,
        a_dropped_free_tier_undoes_no_later_one,
        a_dropped_visit_undoes_no_later_one,
        a_dropped_visit_comes_under_no_later_secret_and_revives_no_one,
        a_dropped_visit_leaves_no_account_alone,
        an_address_that_was_given_up_halfway_is_forgotten,
    }
    halves {
        no_half_of_a_first_visit_is_seen,
        no_half_of_a_changed_address_is_seen,
        no_half_of_an_erasure_is_seen,
        a_dropped_erasure_is_whole,
        a_dropped_erasure_leaves_no_account_without_address,
    }
} }

checks! { run_store {
    projects {
        a_project_is_created_once,
        a_free_tier_can_be_set_and_taken_away,
        an_unknown_project_is_an_error,
        a_bot_is_created_once,
        a_bot_belongs_to_one_project,
        two_projects_meet_at_a_bot,
        a_repeated_creation_meets_a_regeneration,
        two_creations_of_a_project_meet,
        an_unknown_bot_is_an_error,
        a_bot_is_shown_without_its_secret,
        bots_are_listed_newest_first,
        a_list_shows_all_of_a_bot,
        projects_are_listed_newest_first,
    }
    sealing {
        resealing_keeps_secrets_and_versions,
    }
    reading {
        a_subscriber_is_found_by_each_of_their_names,
        a_subscriber_is_not_found_from_another_project,
        pages_are_newest_first,
        pages_show_their_own_project_only,
        a_page_may_start_after_any_id,
        subscribers_are_counted,
        an_address_is_found_in_every_project,
        an_operator_finds_an_address_by_its_key,
        past_addresses_are_counted,
        a_search_finds_by_each_name,
        lists_show_all_of_a_subscriber,
        ids_begin_with_the_time_of_creation,
        an_unknown_project_is_empty,
    }
    visits {
        a_day_counts_a_subscriber_once,
        a_day_is_a_utc_day,
        midnight_begins_a_new_day,
        a_late_visit_is_not_recorded,
        windows_count_different_subscribers,
        days_without_visits_are_left_out,
        visits_are_counted_per_project,
        a_refused_visit_is_not_counted,
        past_visits_stay_counted,
        every_day_counts_its_week_and_its_month,
        a_first_visit_is_counted_with_its_subscriber,
        a_subscriber_is_new_on_one_day_only,
        a_visit_with_a_conflict_is_the_visitors,
        a_forbidden_creation_is_not_counted,
        the_forgotten_stay_counted_apart,
        a_first_visit_that_was_dropped_is_counted_once,
        a_dropped_visit_of_a_new_day_is_counted_once,
        two_visits_of_a_day_meet,
    }
} }

checks! { run_sealed_store {
    rotation {
        secrets_open_under_their_own_key_only,
        resealing_moves_every_secret_to_the_first_key,
        resealing_keeps_the_names_of_the_forgotten,
        resealing_leaves_what_it_cannot_open,
        a_dropped_resealing_goes_on,
        resealing_undoes_no_regeneration,
    }
    processes {
        every_process_sees_a_changed_secret,
        every_process_sees_the_same_subscribers,
        every_process_shows_the_same_dashboard,
    }
} }

/// Runs the checks of a [`SubscriberStore`](super::SubscriberStore), one after the other.
///
/// # Panics
///
/// At the first promise that the store breaks.
pub async fn subscriber_store(fixture: &dyn Fixture) {
    run_subscriber_store!(fixture);
}

/// Runs the checks of a [`SubscriberStore`](super::SubscriberStore) that need several threads, one after the
/// other. [`subscriber_store`] and [`store`] do not run them, since they block.
///
/// The other checks stop a call where it waits. A call that never waits, of a store with a lock in its own
/// memory for instance, is stopped nowhere: only another thread can come between two of its steps. `run` runs
/// a future to its end on the thread that calls it, so these checks work under every executor. Call this from
/// a plain test, not from a task. For a store that needs no runtime, it is the `block_on` of any executor;
/// for one that needs tokio's, as most clients of databases do, it is that of the runtime:
///
/// ```
/// use boostgpt_sso::store::{MemoryStore, conformance};
///
/// let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
/// let store = MemoryStore::new(); // or opened within the runtime
/// conformance::threads(&store, &|calls| runtime.block_on(calls));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// There are many rounds for a store that answers a visit at once, and few for one whose visits wait. A store
/// that blocks the thread counts as one that answers at once.
///
/// # Panics
///
/// At the first promise that the store breaks.
pub fn threads(fixture: &dyn Fixture, run: &Run<'_>) {
    a_changed_secret_ends_the_visits_of_other_threads(fixture, run);
    an_erasure_ends_the_visits_of_other_threads(fixture, run);
    first_visits_of_other_threads_make_one_of_each(fixture, run);
}

/// Runs all checks of a [`Store`], one after the other, through the `Arc<dyn Store>`.
///
/// # Panics
///
/// At the first promise that the store breaks.
pub async fn store(store: Arc<dyn Store>) {
    // The `Arc` itself is the store under test, so its own implementation of the traits is tested as well.
    subscriber_store(&store).await;
    run_store!(&store);
}

/// Runs the checks of a [`Store`] that outlives its process, and so seals its secrets, one after the other.
/// [`store`] does not run them, since they open the store with keys of their own.
///
/// `open` opens one store, which is empty at first, with the given master keys, as often as it is called.
/// Nothing else may use the store meanwhile. In the end everything in it is sealed under the key that it had
/// at first, so the checks may be repeated.
///
/// ```
/// use std::sync::Arc;
///
/// use boostgpt_sso::store::{Store, conformance};
/// # #[cfg(feature = "sqlite")]
/// use boostgpt_sso::store::SqliteStore;
///
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let folder = temp_dir::TempDir::new()?;
/// let file = folder.path().join("sso.db");
/// conformance::sealed_store(&|key| {
///     let file = file.clone();
///     Box::pin(async move { Ok(Arc::new(SqliteStore::open(file, key).await?) as Arc<dyn Store>) })
/// })
/// .await;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Panics
///
/// At the first promise that the store breaks.
pub async fn sealed_store(open: &Open<'_>) {
    run_sealed_store!(open);
}
