//! [`Clock`] and [`Entropy`].

use std::pin::pin;
use std::time::{Duration, Instant};

use dioxus_auth0::platform::memory::{MemoryClock, MemoryEntropy};
use dioxus_auth0::platform::native::{NativeClock, NativeEntropy};
use dioxus_auth0::port::{Clock, Entropy};
use futures_util::FutureExt;

use crate::contract::{SOON, waits_as_long_as_it_is_told};
use crate::executor::run;

#[test]
fn the_native_clock_is_after_this_test_was_written() {
    assert!(NativeClock.now().seconds() > 1_790_000_000);
}

#[test]
fn the_monotonic_clock_goes_on_and_never_back() {
    let mut last = NativeClock.monotonic();
    let end = Instant::now() + SOON;
    while Instant::now() < end {
        let now = NativeClock.monotonic();
        assert!(now >= last);
        last = now;
    }
    assert!(NativeClock.monotonic() >= SOON);
}

async fn sleeps_no_less_than_it_should() {
    waits_as_long_as_it_is_told(&NativeClock).await;
    for length in [Duration::ZERO, SOON] {
        let start = Instant::now();
        NativeClock.sleep(length).await;
        assert!(start.elapsed() >= length);
    }
    // Given up at once.
    let hours = Duration::from_secs(36_000);
    assert!(pin!(NativeClock.sleep(hours)).now_or_never().is_none());
    // As long as an app can wish for.
    let for_ever = NativeClock.sleep(Duration::MAX);
    assert!(pin!(for_ever).now_or_never().is_none());
}

#[tokio::test]
async fn the_native_clock_sleeps_on_tokio() {
    sleeps_no_less_than_it_should().await;
}

#[test]
fn the_native_clock_sleeps_where_no_runtime_is() {
    run(sleeps_no_less_than_it_should());
}

#[test]
fn the_clock_in_memory_moves_only_when_it_is_told() {
    let clock = MemoryClock::default();
    let start = clock.now().seconds();
    assert_eq!(clock.now().seconds(), start);
    clock.advance(-5);
    assert_eq!(clock.now().seconds(), start - 5);
}

fn never_gives_the_same_bytes_twice(entropy: &dyn Entropy) {
    let mut seen = Vec::new();
    for _ in 0..100 {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes).expect("there is randomness");
        assert!(!seen.contains(&bytes) && bytes != [0; 32]);
        seen.push(bytes);
    }
}

#[test]
fn native_entropy_never_gives_the_same_bytes_twice() {
    never_gives_the_same_bytes_twice(&NativeEntropy);
}

#[test]
fn entropy_in_memory_never_gives_the_same_bytes_twice_in_a_test() {
    never_gives_the_same_bytes_twice(&MemoryEntropy::default());
}
