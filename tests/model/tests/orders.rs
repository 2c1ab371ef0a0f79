//! The real authenticator under all poll orders of a few visits, and stores and clocks that are wrong.

use std::time::Instant;

use test_model::orders::{Breach, Explored, Plan, Presented, Wrong, explore};

/// As many runs as there are, up to this many. `TEST_MODEL=large` explores more: `scripts/model`.
fn limit() -> usize {
    match std::env::var("TEST_MODEL").as_deref() {
        Err(_) | Ok("small") => 10_000,
        Ok("large") => 3_000_000,
        Ok(other) => panic!("TEST_MODEL is small or large, not {other}"),
    }
}

fn is_large() -> bool {
    limit() > 10_000
}

fn run(name: &str, plan: &Plan) -> Explored {
    let begun = Instant::now();
    let explored = explore(plan, limit());
    let all = if explored.is_complete { "all" } else { "the first" };
    let Explored { runs, longest, .. } = explored;
    println!("{name}: {all} {runs} runs, up to {longest} events ({:.1?})", begun.elapsed());
    explored
}

#[track_caller]
fn keeps(name: &str, plan: &Plan) {
    let explored = run(name, plan);
    assert!(explored.broken.is_empty(), "{name}: {:#?}", explored.broken);
    assert!(explored.runs > 10, "{name}: only {} runs", explored.runs);
}

#[track_caller]
fn breaks(plan: &Plan, wrong: Wrong, breach: Breach) {
    let explored = run(&format!("{wrong:?}"), &Plan { wrong: Some(wrong), ..plan.clone() });
    assert!(explored.broken.contains_key(&breach), "{wrong:?}: {:?}", explored.broken);
}

/// Tokens of the old secret and of the new one, while it is replaced.
fn replaced() -> Plan {
    let visits = vec![Presented::SignedWith(0), Presented::SignedWith(1)];
    Plan { visits, regenerations: 1, is_warm: true, ..Plan::default() }
}

fn forged(count: usize) -> Plan {
    Plan { visits: vec![Presented::Forged; count], is_warm: true, ..Plan::default() }
}

#[test]
fn no_order_accepts_a_stale_secret_or_refuses_a_good_one() {
    for is_warm in [true, false] {
        keeps("a secret is replaced", &Plan { is_warm, ..replaced() });
        keeps("a visit is dropped meanwhile", &Plan { drops: 1, is_warm, ..replaced() });
        keeps("a read fails meanwhile", &Plan { failures: 1, is_warm, ..replaced() });
    }
    if is_large() {
        let visits = vec![Presented::SignedWith(0), Presented::SignedWith(1), Presented::SignedWith(2)];
        keeps("a secret is replaced twice", &Plan { visits, regenerations: 2, ..replaced() });
        let visits = vec![Presented::SignedWith(0), Presented::SignedWith(1), Presented::Forged];
        keeps("a forged token is among them", &Plan { visits, drops: 1, failures: 1, ..replaced() });
    }
}

#[test]
fn in_every_order_reads_are_shared_and_forged_tokens_cost_at_most_ten_a_second() {
    keeps("three forged tokens", &forged(3));
    keeps("three forged tokens, and a visit is dropped", &Plan { drops: 1, ..forged(3) });
    keeps("three forged tokens, and a read fails", &Plan { failures: 1, ..forged(3) });
    if is_large() {
        keeps("four forged tokens", &Plan { drops: 2, failures: 1, ..forged(4) });
    }
}

#[test]
fn a_store_without_the_fence_is_found() {
    breaks(&replaced(), Wrong::HasNoFence, Breach::StaleAccepted);
}

#[test]
fn a_store_that_reads_from_a_standby_is_found() {
    breaks(&replaced(), Wrong::ReadsAreOld, Breach::GoodRefused);
}

#[test]
fn a_store_that_wakes_no_visit_is_found() {
    breaks(&replaced(), Wrong::NeverWakes, Breach::Stuck);
}

#[test]
fn caches_that_share_nothing_are_found() {
    breaks(&forged(2), Wrong::NothingIsShared, Breach::TwoReads);
}

#[test]
fn a_cache_that_does_not_pause_is_found() {
    breaks(&forged(3), Wrong::NoPauses, Breach::TooManyReads);
}
