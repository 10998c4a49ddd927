//! What may happen: everything that users, tabs, machines, networks and providers do to a session.

use std::time::Duration;

use dioxus_auth0::options::CacheMode;
use dioxus_auth0::testing::{Fault, Wait};
use dioxus_auth0::time::UnixTime;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{ADA, GRACE};

/// One thing that happens. Indexes are taken modulo what there is, so that every list of steps makes sense, and what a
/// failing one is shortened to as well.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A tab asks for a token.
    Ask {
        tab: usize,
        cache: CacheMode,
        min_ttl: u64,
    },
    /// One of the futures is polled, woken or not.
    Poll { task: usize, times: u8 },
    /// Whatever is woken is polled, in turn.
    Run { rounds: u8 },
    /// The caller of a token gives up.
    GiveUp { task: usize },
    /// A tab is closed, or reloaded.
    Close { tab: usize, is_reloaded: bool },
    /// A tab is opened.
    Open,
    /// The browser does not run a tab any more.
    Freeze { tab: usize },
    /// It runs again.
    Thaw { tab: usize },
    /// Time passes, in seconds.
    Pass(i64),
    /// Time passes until somebody who sleeps wakes up.
    Wake,
    /// The machine sleeps: its monotonic clock stands still.
    Sleep(i64),
    /// Somebody sets the clock.
    SetClock(i64),
    /// The next token request goes wrong.
    Fault(Fault),
    /// The next request for metadata goes wrong.
    DiscoveryFault(Fault),
    /// What the storage is from now on.
    Storage(Storage),
    /// Whether there is no network from now on.
    Offline(bool),
    /// A user logs in, in a tab.
    LogIn { tab: usize, sub: &'static str },
    /// A user logs out, in a tab.
    LogOut { tab: usize },
    /// An administrator ends the sessions of a user.
    End { sub: &'static str },
}

/// What a storage does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Storage {
    Good,
    Full,
    Withheld,
}

/// One run: the tabs that are open when it begins, and what happens then.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) tabs: usize,
    /// Whether tokens are renewed before anybody asks.
    pub(super) renews_ahead: bool,
    /// Where the random numbers begin.
    pub(super) luck: u8,
    pub(super) steps: Vec<Step>,
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let renews_ahead = prop::bool::weighted(0.2);
    let steps = vec(step(), 1..70);
    (1_usize..=5, renews_ahead, any::<u8>(), steps).prop_map(|(tabs, renews_ahead, luck, steps)| {
        Case {
            tabs,
            renews_ahead,
            luck,
            steps,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let index = 0_usize..16;
    let user = || select(vec![ADA, ADA, GRACE]);
    let cache = select(vec![
        CacheMode::On,
        CacheMode::On,
        CacheMode::Off,
        CacheMode::Only,
    ]);
    let min_ttl = select(vec![0, 0, 600, 10_000]);
    prop_oneof![
        12 => (index.clone(), cache, min_ttl)
            .prop_map(|(tab, cache, min_ttl)| Step::Ask { tab, cache, min_ttl }),
        14 => (index.clone(), 1_u8..6).prop_map(|(task, times)| Step::Poll { task, times }),
        8 => (1_u8..20).prop_map(|rounds| Step::Run { rounds }),
        2 => index.clone().prop_map(|task| Step::GiveUp { task }),
        2 => (index.clone(), any::<bool>())
            .prop_map(|(tab, is_reloaded)| Step::Close { tab, is_reloaded }),
        2 => Just(Step::Open),
        2 => index.clone().prop_map(|tab| Step::Freeze { tab }),
        2 => index.clone().prop_map(|tab| Step::Thaw { tab }),
        5 => select(vec![1, 6, 21, 60, 3600, 7200, 14_400]).prop_map(Step::Pass),
        6 => Just(Step::Wake),
        1 => select(vec![30, 7200, 28_800]).prop_map(Step::Sleep),
        1 => select(vec![-3600, -90, 90, 3600]).prop_map(Step::SetClock),
        7 => fault().prop_map(Step::Fault),
        1 => network().prop_map(Step::DiscoveryFault),
        2 => select(vec![Storage::Good, Storage::Full, Storage::Withheld]).prop_map(Step::Storage),
        1 => any::<bool>().prop_map(Step::Offline),
        2 => (index.clone(), user()).prop_map(|(tab, sub)| Step::LogIn { tab, sub }),
        1 => index.prop_map(|tab| Step::LogOut { tab }),
        1 => user().prop_map(|sub| Step::End { sub }),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![4 => network(), 2 => answer(), 1 => refusal()]
}

/// What goes wrong on the way.
fn network() -> impl Strategy<Value = Fault> {
    let far = UnixTime::from_seconds(4_000_000_000);
    let wait = select(vec![
        None,
        Some(Wait::Seconds(2)),
        Some(Wait::Seconds(13)),
        Some(Wait::Seconds(40)),
        Some(Wait::Reset(far)),
    ]);
    let unavailable = |(status, is_processed)| Fault::Unavailable {
        status,
        wait: None,
        is_processed,
    };
    prop_oneof![
        3 => Just(Fault::AnswerLost),
        2 => Just(Fault::RequestLost),
        1 => Just(Fault::NotConnected),
        1 => Just(Fault::TimedOut),
        2 => select(vec![1, 8, 14, 30]).prop_map(|wait| Fault::Slow(Duration::from_secs(wait))),
        2 => wait.clone().prop_map(Fault::RateLimited),
        1 => (select(vec![500, 502, 503, 504]), any::<bool>()).prop_map(unavailable),
        // Who says when to come again says that nothing was done.
        1 => wait.prop_map(|wait| Fault::Unavailable { status: 503, wait, is_processed: false }),
        1 => Just(Fault::CaptivePortal),
        1 => Just(Fault::Redirected),
    ]
}

/// What is wrong with an answer.
fn answer() -> impl Strategy<Value = Fault> {
    select(vec![
        Fault::WithoutRefreshToken,
        Fault::Truncated,
        Fault::TooLarge,
        Fault::ContentType("text/plain".into()),
        Fault::DateOff(30),
        Fault::DateOff(-30),
        Fault::member("expires_in", 0),
        Fault::member("expires_in", -1),
        Fault::member("expires_in", "3600"),
        Fault::member("expires_in", 1e12),
        Fault::member("expires_in", serde_json::Value::Null),
        Fault::member("id_token", serde_json::Value::Null),
        Fault::claim("sub", GRACE),
    ])
}

fn refusal() -> impl Strategy<Value = Fault> {
    select(vec![
        Fault::invalid_grant(),
        Fault::invalid_client(),
        Fault::blocked(),
        Fault::MfaRequired,
    ])
}
