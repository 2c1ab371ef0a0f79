//! The widget demo in Chromium: each test has a demo, a driver and profiles of its own, and its duration is
//! printed.
//!
//! `cargo test -p boostgpt-sso-demo`, with part of a name behind `--` for some of them, or with
//! `-- --pictures ../docs` for the pictures of the README.

mod browser;
mod chat;
mod checking;
mod keeping;
mod logs;
mod owning;
mod pages;
mod pictures;
mod refusing;
mod world;

use std::{env, path::Path, pin::Pin, process::ExitCode, sync::Arc, time::Instant};

use tokio::time::{Duration, timeout};
use world::World;

type Test = fn(Arc<World>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! tests {
    ($($module:ident::$test:ident,)*) => {
        &[$((stringify!($test), (|world| Box::pin($module::$test(world))) as Test)),*]
    };
}

const TESTS: &[(&str, Test)] = tests![
    chat::identified_on_the_first_load_by_both_ways,
    chat::anonymous_without_a_login,
    chat::used_by_keyboard,
    owning::a_new_secret_is_shown_once_and_copied,
    owning::the_free_tier_is_granted_once_as_it_was_then,
    keeping::history_survives_a_reload_and_a_second_profile,
    keeping::two_users_are_kept_apart,
    refusing::bad_tokens_are_anonymous_without_an_error,
    refusing::regenerating_ends_an_open_conversation_and_its_reload,
    checking::a_pasted_token_is_diagnosed,
    checking::recent_reasons_have_a_share_and_a_time,
    pages::the_secret_is_in_no_answer_of_the_customers_site,
    pages::tokens_are_in_no_address,
    pages::names_stay_text,
    pages::a_phone_has_no_horizontal_scroll,
    pages::a_token_is_taken_from_the_embedding_page_alone,
    pages::other_origins_can_neither_frame_nor_post,
];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let demo = Path::new(env!("CARGO_BIN_EXE_widget-demo"));
    if let [option, folder] = &arguments[..]
        && option == "--pictures"
    {
        let world = Arc::new(World::start(demo, &["--past"]).await);
        pictures::take(&world, folder.as_ref()).await;
        world.stop().await;
        return ExitCode::SUCCESS;
    }
    let wanted = |name: &str| arguments.iter().all(|part| name.contains(part.as_str()));
    let (started, mut passed, mut failed) = (Instant::now(), 0, 0);
    for (name, test) in TESTS.iter().filter(|(name, _)| wanted(name)) {
        let one = Instant::now();
        let world = Arc::new(World::start(demo, &[]).await);
        let outcome = tokio::spawn(timeout(Duration::from_secs(90), test(Arc::clone(&world)))).await;
        world.stop().await;
        let good = matches!(outcome, Ok(Ok(())));
        *if good { &mut passed } else { &mut failed } += 1;
        println!("{name} ... {} in {:.1} s", if good { "ok" } else { "FAILED" }, one.elapsed().as_secs_f32());
    }
    println!("browser: {passed} passed, {failed} failed in {:.1} s", started.elapsed().as_secs_f32());
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
