//! The scenarios, and which of them finds which fault.

use crate::{
    fault::{Fault, Promise},
    scenario::{Budget, Call, Scenario, Token},
};

const A: &str = "a@example.com";
const B: &str = "b@example.com";
const C: &str = "c@example.com";
/// A day, in seconds.
const DAY: i64 = 86_400;

/// How much is explored: every scenario has a small bound and a large one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// What is explored with all other tests.
    Small,
    /// One event more, or a call.
    Large,
}

impl Scenario {
    fn with_if(self, bound: Bound, more: impl FnOnce(Self) -> Self) -> Self {
        if bound == Bound::Large { more(self) } else { self }
    }
}

fn loss() -> Budget {
    Budget { losses: 1, ..Budget::default() }
}

fn crash() -> Budget {
    Budget { crashes: 1, ..Budget::default() }
}

/// Three first visits of one person, who is in no project yet; a process is killed, and a connection lost.
#[must_use]
pub fn first_visits(bound: Bound) -> Scenario {
    let budget = Budget { crashes: 1, losses: 1, ..Budget::default() };
    let scenario = Scenario::new("first visits of one person", 1)
        .visit(0, Token::new(0, A, Some("X"), 100))
        .visit(1, Token::new(0, A, Some("X"), 200))
        .visit(0, Token::new(0, A, None, 300));
    let scenario = scenario.with(budget);
    scenario.with_if(bound, |scenario| scenario.visit(1, Token::new(0, B, Some("X"), 400)))
}

/// One person comes to two projects at once, whose account is the same.
#[must_use]
pub fn two_projects(bound: Bound) -> Scenario {
    let scenario = Scenario::new("first visits in two projects", 2)
        .visit(0, Token::new(0, A, Some("X"), 100))
        .visit(1, Token::new(1, A, None, 200))
        .visit(1, Token::new(0, A, Some("Y"), 300))
        .with(loss());
    scenario.with_if(bound, |scenario| scenario.visit(0, Token::new(1, A, Some("X"), 300)))
}

/// People share an address, change it and take one that becomes free, each with an external id.
#[must_use]
pub fn addresses(bound: Bound) -> Scenario {
    let scenario = Scenario::new("addresses that change and are shared", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .visit(0, Token::new(0, B, Some("X"), 200))
        .visit(1, Token::new(0, C, Some("X"), 300))
        .visit(1, Token::new(0, A, Some("Y"), 400))
        .with_if(bound, |scenario| scenario.with(loss()));
    scenario.with_if(bound, |scenario| scenario.visit(0, Token::new(0, B, Some("Z"), 400)))
}

/// A subscriber without an external id is claimed with two, at once.
#[must_use]
pub fn external_ids(bound: Bound) -> Scenario {
    let scenario = Scenario::new("two external ids for one address", 1)
        .known(1, &Token::new(0, A, None, 50))
        .visit(0, Token::new(0, A, Some("X"), 200))
        .visit(1, Token::new(0, A, Some("Y"), 300))
        .visit(1, Token::new(0, B, Some("X"), 400))
        .with(loss());
    scenario.with_if(bound, |scenario| scenario.visit(0, Token::new(0, A, Some("Z"), 500)).with(crash()))
}

/// A secret is replaced twice, and visits with the new ones meet at one process.
#[must_use]
pub fn replacements(bound: Bound) -> Scenario {
    let scenario = Scenario::new("a secret is replaced twice", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .call(Call::Regenerate { project: 0 })
        .call(Call::Regenerate { project: 0 })
        .visit(0, Token::new(0, A, Some("X"), 50).signed_by(0))
        .visit(0, Token::new(0, A, Some("X"), 50).signed_by(1));
    scenario.with_if(bound, |scenario| scenario.visit(0, Token::new(0, A, Some("X"), 50)).with(crash()))
}

/// A secret is replaced while tokens of both are presented to both processes.
#[must_use]
pub fn secrets(bound: Bound) -> Scenario {
    let scenario = Scenario::new("a secret is replaced under visits", 1)
        .visit(0, Token::new(0, A, Some("X"), 100))
        .call(Call::Regenerate { project: 0 })
        .visit(0, Token::new(0, A, Some("X"), 100))
        .visit(1, Token::new(0, A, Some("X"), 200).signed_by(1))
        .with(crash());
    scenario.with_if(bound, |scenario| {
        scenario.call(Call::Regenerate { project: 0 }).visit(0, Token::new(0, A, Some("X"), 300).signed_by(1))
    })
}

/// The same from empty caches, with a removal, and a second that passes.
#[must_use]
pub fn removal(bound: Bound) -> Scenario {
    let budget = Budget { seconds: 1, ..Budget::default() };
    let scenario = Scenario::new("a secret is removed and made anew", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .call(Call::Remove { project: 0 })
        .call(Call::Regenerate { project: 0 })
        .visit(0, Token::new(0, A, Some("X"), 60).signed_by(1))
        .visit(0, Token::new(0, A, Some("X"), 60))
        .cold()
        .with(budget);
    scenario.with_if(bound, |scenario| scenario.visit(0, Token::new(0, A, Some("X"), 70).signed_by(1)))
}

/// A regeneration loses its connection and tries again, beside another one.
#[must_use]
pub fn regenerations(bound: Bound) -> Scenario {
    let scenario = Scenario::new("regenerations that try again", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .call(Call::Regenerate { project: 0 })
        .call(Call::Regenerate { project: 0 })
        .visit(0, Token::new(0, A, Some("X"), 60).signed_by(0))
        .visit(1, Token::new(0, A, Some("X"), 60).signed_by(1))
        .with(loss());
    scenario.with_if(bound, |scenario| scenario.with(Budget { losses: 2, outages: 1, ..Budget::default() }))
}

/// A backup is restored: what was regenerated since is gone, and is regenerated again.
#[must_use]
pub fn restore(bound: Bound) -> Scenario {
    let scenario = Scenario::new("a backup is restored", 1)
        .call(Call::Backup)
        .call(Call::Regenerate { project: 0 })
        .visit(0, Token::new(0, A, None, 100).signed_by(1))
        .call(Call::Restore)
        .call(Call::Regenerate { project: 0 })
        .visit(1, Token::new(0, A, None, 200).signed_by(4));
    scenario.with_if(bound, |scenario| scenario.visit(0, Token::new(0, A, None, 300)).with(crash()))
}

/// A person is erased twice, by clocks that do not agree, and comes again with old and new tokens.
#[must_use]
pub fn erasure(bound: Bound) -> Scenario {
    let scenario = Scenario::new("a person is erased and comes again", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .call(Call::forget(0, "X", 2000))
        .visit(0, Token::new(0, A, Some("X"), 1500))
        .visit(1, Token::new(0, A, Some("X"), 3000))
        .call(Call::forget(0, "X", 1000));
    scenario.with_if(bound, |scenario| scenario.with(loss()))
}

/// A person is erased, and comes again with an old token.
#[must_use]
pub fn one_erasure(bound: Bound) -> Scenario {
    let scenario = Scenario::new("a person is erased", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .call(Call::forget(0, "X", 2000))
        .visit(0, Token::new(0, B, Some("X"), 1500))
        .visit(1, Token::new(0, A, None, 1500))
        .with(loss());
    scenario.with_if(bound, |scenario| scenario.with(Budget { losses: 2, crashes: 1, ..Budget::default() }))
}

/// A person is erased whose address another one is about to come with.
#[must_use]
pub fn shared_erasure(bound: Bound) -> Scenario {
    let scenario = Scenario::new("the holder of a shared address is erased", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .visit(0, Token::new(0, A, Some("Y"), 500))
        .call(Call::forget(0, "X", 1000))
        .visit(1, Token::new(0, B, Some("X"), 600));
    scenario.with_if(bound, |scenario| scenario.with(loss()))
}

/// One account in two projects, both of which erase its subscriber while they come with another address.
#[must_use]
pub fn shared_account(bound: Bound) -> Scenario {
    let scenario = Scenario::new("both projects erase one account", 2)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .known(2, &Token::new(1, A, Some("X"), 50))
        .call(Call::forget(0, "X", 1000))
        .call(Call::forget(1, "X", 1000))
        .visit(0, Token::new(1, B, Some("X"), 500));
    scenario.with_if(bound, |scenario| scenario.visit(1, Token::new(0, A, Some("Y"), 1500)))
}

/// The server stops hard under first and returning visits of another day, and an erasure.
#[must_use]
pub fn outage(bound: Bound) -> Scenario {
    let budget = Budget { outages: 1, losses: 1, ..Budget::default() };
    let scenario = Scenario::new("the server stops under visits", 1)
        .known(1, &Token::new(0, A, Some("X"), 50))
        .visit(0, Token::new(0, A, Some("X"), DAY + 100))
        .visit(1, Token::new(0, C, Some("X"), DAY + 200))
        .call(Call::forget(0, "X", DAY))
        .with(Budget { losses: 0, ..budget });
    scenario.with_if(bound, |scenario| scenario.with(budget))
}

/// All scenarios.
#[must_use]
pub fn all(bound: Bound) -> Vec<Scenario> {
    vec![
        first_visits(bound),
        two_projects(bound),
        addresses(bound),
        external_ids(bound),
        secrets(bound),
        replacements(bound),
        removal(bound),
        regenerations(bound),
        restore(bound),
        one_erasure(bound),
        erasure(bound),
        shared_erasure(bound),
        shared_account(bound),
        outage(bound),
    ]
}

/// Returns a scenario with this fault, and the promise that it breaks there.
#[must_use]
pub fn of(fault: Fault) -> (Scenario, Promise) {
    let small = Bound::Small;
    let (scenario, promise) = match fault {
        Fault::NoVersionCheck | Fault::VersionCheckedBefore => (secrets(small), Promise::NoStaleSecret),
        Fault::NamesCheckedBefore | Fault::BlindRetry | Fault::NoGuard => {
            (first_visits(small), Promise::NoDuplicates)
        }
        Fault::ErasureCheckedBefore | Fault::ErasureMovesBack => (erasure(small), Promise::NoRevival),
        Fault::CountedVersions => (restore(small), Promise::OneSecretPerVersion),
        Fault::BlindRegeneration => (regenerations(small), Promise::NoLoss),
        Fault::ErasureNotKept => (one_erasure(small), Promise::NoRevival),
        Fault::NoUniqueAccount => (two_projects(small), Promise::NoDuplicates),
        Fault::AccountOutside => (first_visits(small), Promise::NoHalves),
        Fault::NoRevision => (external_ids(small), Promise::NoWronged),
        Fault::GrantedAgain => (erasure(small), Promise::NoDuplicates),
        Fault::NameNotMet => (shared_erasure(small), Promise::NoRevival),
        Fault::CacheNeverAsks => (secrets(small), Promise::NoWronged),
        Fault::CacheTakesOlder | Fault::CacheSharesOlder => (replacements(small), Promise::NoWronged),
    };
    (scenario.faulty(fault), promise)
}
