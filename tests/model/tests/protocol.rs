//! The protocol keeps its promises in every order of events, and breaks one as soon as a fault is planted.

use std::time::Instant;

use test_model::{
    Fault, Promise, Scenario, explore,
    scenarios::{self, Bound},
};

/// `TEST_MODEL=large` explores more: `scripts/model`.
fn bound() -> Bound {
    match std::env::var("TEST_MODEL").as_deref() {
        Err(_) | Ok("small") => Bound::Small,
        Ok("large") => Bound::Large,
        Ok(other) => panic!("TEST_MODEL is small or large, not {other}"),
    }
}

#[test]
fn the_protocol_keeps_its_promises() {
    let (mut states, mut depth) = (0, 0);
    for scenario in scenarios::all(bound()) {
        let (name, begun) = (scenario.name(), Instant::now());
        let explored = explore(scenario);
        println!("{name}: {} states, depth {} ({:.1?})", explored.states, explored.depth, begun.elapsed());
        assert_eq!(explored.broken, None, "{name}");
        assert!(explored.states > 200, "{name}: only {} states", explored.states);
        states += explored.states;
        depth = depth.max(explored.depth);
    }
    println!("all: {states} states, depth {depth}");
}

/// Explores a scenario with a fault.
#[track_caller]
fn finds(fault: Fault) {
    let (scenario, promise): (Scenario, Promise) = scenarios::of(fault);
    let name = scenario.name();
    let explored = explore(scenario);
    let (broken, way) = explored.broken.unwrap_or_else(|| panic!("{fault:?} was not found in: {name}"));
    println!("{fault:?}: {} is broken after {} events, {} states", broken.name(), way.len(), explored.states);
    assert_eq!(broken, promise, "{name}: {way:#?}");
}

macro_rules! faults {
    ($($test:ident: $fault:ident;)+) => {
        $(#[test]
        fn $test() {
            finds(Fault::$fault);
        })+

        /// Every fault has a test.
        #[test]
        fn no_fault_is_left_out() {
            assert_eq!(Fault::ALL, [$(Fault::$fault),+]);
        }
    };
}

faults! {
    a_version_that_is_not_checked_is_found: NoVersionCheck;
    a_version_that_is_checked_before_the_step_is_found: VersionCheckedBefore;
    names_that_are_checked_before_the_insert_are_found: NamesCheckedBefore;
    an_erasure_that_is_checked_before_the_insert_is_found: ErasureCheckedBefore;
    a_retry_that_does_not_read_again_is_found: BlindRetry;
    versions_without_a_random_part_are_found: CountedVersions;
    a_regeneration_that_does_not_compare_is_found: BlindRegeneration;
    an_erasure_line_that_is_not_kept_is_found: ErasureNotKept;
    an_erasure_line_that_moves_back_is_found: ErasureMovesBack;
    accounts_without_a_unique_key_are_found: NoUniqueAccount;
    an_account_made_outside_of_the_transaction_is_found: AccountOutside;
    a_change_without_a_revision_is_found: NoRevision;
    a_statement_without_its_guard_is_found: NoGuard;
    a_second_grant_after_an_erasure_is_found: GrantedAgain;
    a_name_that_is_looked_at_and_not_met_is_found: NameNotMet;
    a_cache_that_never_asks_again_is_found: CacheNeverAsks;
    a_cache_that_takes_an_older_read_over_a_newer_one_is_found: CacheTakesOlder;
    a_visit_that_shares_an_older_read_is_found: CacheSharesOlder;
}
