//! Sessions under whatever may happen: tabs that are polled in any order, closed and frozen, clocks, networks, providers,
//! users, against a provider that takes the second use of a refresh token for a theft.
//!
//! Each case is a list of [steps](step::Step), and after it everything comes to rest. Always, this holds:
//!
//! 1. **A refresh token is traded once.** No request bears one that is in flight with another, unless its tab has waited
//!    for the lock in vain; nobody waits in vain for a tab that is awake. No request bears one that was answered, unless
//!    the storage failed or the tab was closed before what it brought was stored. One whose answer was lost is in doubt:
//!    it is sent again only while somebody asks, and by every call once at most; where the provider overlaps, by every
//!    call twice. One that the provider said was over is never sent again. No request is given up in less than 5 s, but
//!    with its tab: what was sent may have been done.
//! 2. **A token goes to the user who asked.** The ID tokens of the provider's answers say whose each is.
//! 3. **A session has one end.** No tab and no storage loses one unless the provider said so, somebody logged out or in,
//!    or a storage failed; and none that is gone comes back.
//! 4. **Every call ends** within 300 s once nothing goes wrong any more, and waits for nothing but time until then.
//! 5. **In the end all know the same**, and a new token is had if and only if the provider takes the refresh token that is
//!    stored.
//!
//! A failure prints its case, shortened, and its seed; put that into `failures.txt` beside this file and it runs first.

mod record;
mod step;
mod world;

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseResult};

use step::{Case, case};
use world::World;

const ADA: &str = "auth0|ada";
const GRACE: &str = "auth0|grace";

/// How many cases run in each of the three tests, unless [`CASES_VARIABLE`] says otherwise.
const CASES: u32 = 500;
const CASES_VARIABLE: &str = "DIOXUS_AUTH0_MODEL_CASES";

/// What the cases are drawn by, so that a change is judged by the same ones as the code before it. `PROPTEST_RNG_SEED` draws
/// others.
const SEED: u64 = 9449;

/// What the sessions are like.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// One for all tabs, and a provider that takes no refresh token twice.
    Strict,
    /// One for all tabs, and a provider that forgives for a while.
    Overlap,
    /// One for each tab, and a provider that takes no refresh token twice.
    Apart,
}

impl Kind {
    fn overlap(self) -> Duration {
        match self {
            Self::Overlap => Duration::from_secs(180),
            Self::Strict | Self::Apart => Duration::ZERO,
        }
    }
}

fn config() -> Config {
    let cases = std::env::var(CASES_VARIABLE).ok();
    let default = Config::default();
    let failures = FileFailurePersistence::Direct("tests/flows/model/failures.txt");
    Config {
        cases: cases.and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        max_shrink_iters: 4096,
        failure_persistence: Some(Box::new(failures)),
        rng_seed: match default.rng_seed {
            RngSeed::Random => RngSeed::Fixed(SEED),
            given => given,
        },
        ..default
    }
}

fn holds(kind: Kind, case: &Case) -> TestCaseResult {
    let mut world = World::new(kind, case);
    for (index, step) in case.steps.iter().enumerate() {
        let taken = world.take(step);
        taken.map_err(|law| TestCaseError::fail(format!("step {index}: {law}")))?;
    }
    let settled = world.settle();
    settled.map_err(|law| TestCaseError::fail(format!("in the end: {law}")))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_session_of_all_tabs_outlives_whatever_happens(case in case()) {
        holds(Kind::Strict, &case)?;
    }

    #[test]
    fn a_provider_that_forgives_is_asked_no_more_than_it_forgives(case in case()) {
        holds(Kind::Overlap, &case)?;
    }

    #[test]
    fn sessions_of_single_tabs_outlive_whatever_happens(case in case()) {
        holds(Kind::Apart, &case)?;
    }
}
