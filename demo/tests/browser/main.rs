//! The widget demo in Chromium: each test has a demo, a driver and profiles of its own, and its duration is
//! printed.
//!
//! `cargo test -p boostgpt-sso-demo --test browser`, with parts of names behind `--` for some of them; with
//! `-- --schedules NUMBER [FIRST]` for random schedules, with `-- --pictures docs` for the pictures of the
//! README, and with `-- --gallery FOLDER` for all pages at two widths, light and dark.

#![allow(clippy::pedantic, reason = "tests have no public interface")]
#![allow(clippy::duplicate_mod, reason = "both examples are here, and what they share")]

mod access;
mod browser;
mod chat;
mod checking;
mod copied;
mod day;
mod keeping;
mod life;
mod loading;
mod logs;
mod owning;
mod pages;
mod people;
mod pictures;
mod refreshing;
mod refusing;
mod rng;
mod schedules;
mod time;
mod typed;
mod world;

use std::{
    env, panic,
    path::Path,
    pin::Pin,
    process::ExitCode,
    rc::Rc,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use tokio::time::{Duration, timeout};
use world::World;

type Test = fn(Rc<World>) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! tests {
    ($($module:ident::$test:ident,)*) => {
        &[$((stringify!($test), (|world| Box::pin($module::$test(world))) as Test)),*]
    };
}

const TESTS: &[(&str, Test)] = tests![
    chat::identified_on_the_first_load_by_both_ways,
    chat::anonymous_without_a_login,
    chat::used_by_keyboard,
    loading::a_chat_that_does_not_load_can_be_closed_and_opened_again,
    owning::a_new_secret_is_shown_once_and_copied,
    owning::a_regeneration_asks_first,
    owning::a_page_from_before_does_not_replace_a_newer_secret,
    owning::subscribers_are_found_and_paged,
    owning::the_free_tier_is_granted_once_as_it_was_then,
    keeping::history_survives_a_reload_and_a_second_profile,
    keeping::two_users_are_kept_apart,
    refusing::bad_tokens_are_anonymous_without_an_error,
    refusing::regenerating_ends_an_open_conversation_and_its_reload,
    checking::a_pasted_token_is_diagnosed,
    checking::only_so_many_tokens_are_checked_in_a_minute,
    checking::recent_reasons_have_a_share_and_a_time,
    life::back_after_a_log_out_shows_no_user,
    life::a_restored_page_with_a_tag_loads_again,
    life::what_the_page_says_of_a_log_out_does_not_get_old,
    life::a_log_out_without_a_page_load_ends_the_identity,
    life::a_tab_that_comes_back_asks_who_is_logged_in,
    life::a_base_element_does_not_divert_the_fetch,
    typed::a_message_typed_at_expiry_is_kept_and_the_visitor_is_told,
    typed::a_restored_page_loses_no_typed_text,
    typed::a_typed_message_survives_the_end_of_the_log_in,
    typed::a_refused_token_of_another_user_shows_nothing_typed,
    typed::a_log_out_on_purpose_deletes_what_its_user_typed,
    typed::send_is_never_ignored,
    refreshing::a_fresh_token_is_fetched_before_the_old_one_expires,
    refreshing::nothing_is_asked_while_hidden_or_while_one_request_is_under_way,
    refreshing::failures_are_retried_later_and_later_and_change_nothing,
    refreshing::the_first_failure_still_shows_the_widget,
    copied::the_axum_example_keeps_its_visitors_apart,
    copied::the_actix_example_keeps_its_visitors_apart,
    copied::an_address_that_would_end_the_policy_is_refused,
    day::a_page_stays_right_for_a_day,
    schedules::no_schedule_mixes_up_two_users,
    access::no_page_violates_a_rule_of_axe_wide_and_light,
    access::no_page_violates_a_rule_of_axe_wide_and_dark,
    access::no_page_violates_a_rule_of_axe_narrow_and_light,
    access::no_page_violates_a_rule_of_axe_narrow_and_dark,
    access::axe_finds_what_is_wrong,
    pages::the_secret_is_in_no_answer_of_the_customers_site,
    pages::a_rejected_secret_is_told_once_and_kept_nowhere,
    pages::tokens_are_in_no_address,
    pages::names_stay_text,
    pages::a_phone_has_no_horizontal_scroll,
    pages::long_texts_wrap,
    pages::a_token_is_taken_from_the_embedding_page_alone,
    pages::other_origins_can_neither_frame_nor_post,
];

/// The tests that run at the same time: a browser waits more than it works.
const WORKERS: usize = 2;

/// Longer than any test takes on a slow machine.
const MAX_TEST_TIME: Duration = Duration::from_secs(300);
/// The same for one random schedule.
const MAX_SCHEDULE_TIME: Duration = Duration::from_secs(120);
const HOUR: Duration = Duration::from_secs(3600);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let demo = Path::new(env!("CARGO_BIN_EXE_widget-demo"));
    // Folders are named as from there, where people call cargo.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match &arguments[..] {
        [option, folder] if option == "--pictures" => {
            alone(demo, &["--past"], HOUR, |world| Box::pin(pictures::take(world, root.join(folder))));
            return ExitCode::SUCCESS;
        }
        [option, folder] if option == "--gallery" => {
            alone(demo, &[], HOUR, |world| Box::pin(pictures::gallery(world, root.join(folder))));
            return ExitCode::SUCCESS;
        }
        [option, numbers @ ..] if option == "--schedules" => {
            let numbers: Vec<u64> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
            let [number, first] =
                [numbers.first(), numbers.get(1)].map(|number| number.copied().unwrap_or(0));
            let limit = MAX_SCHEDULE_TIME * u32::try_from(number).unwrap();
            alone(demo, &[], limit, |world| Box::pin(schedules::run(world, first, number)));
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let wanted =
        |name: &str| arguments.is_empty() || arguments.iter().any(|part| name.contains(part.as_str()));
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| wanted(name)).collect();
    let (started, next, failed) = (Instant::now(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((name, test)) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let one = Instant::now();
                    let outcome =
                        panic::catch_unwind(|| alone(demo, &[], MAX_TEST_TIME, |world| test(world)));
                    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
                    println!("{name} ... {word} in {:.1} s", one.elapsed().as_secs_f32());
                    if outcome.is_err() {
                        failed.lock().unwrap().push(*name);
                    }
                }
            });
        }
    });
    let (failed, seconds) = (failed.into_inner().unwrap(), started.elapsed().as_secs_f32());
    println!("browser: {} passed, {} failed in {seconds:.1} s", tests.len() - failed.len(), failed.len());
    println!("{}", failed.join("\n"));
    if failed.is_empty() && !tests.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs this in a world of its own, whose processes end with it, also if it panics.
fn alone(
    demo: &Path,
    options: &[&str],
    limit: Duration,
    test: impl FnOnce(Rc<World>) -> Pin<Box<dyn Future<Output = ()>>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = Rc::new(World::start(demo, options).await);
        let outcome = tokio::task::LocalSet::new();
        let outcome = outcome
            .run_until(async { tokio::task::spawn_local(timeout(limit, test(Rc::clone(&world)))).await });
        let outcome = outcome.await;
        world.stop().await;
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(late)) => panic!("{late}"),
            Err(panicked) => panic::resume_unwind(panicked.into_panic()),
        }
    });
}
