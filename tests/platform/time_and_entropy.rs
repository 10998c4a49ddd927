//! [`Clock`] and [`Entropy`].

use dioxus_auth0::platform::memory::{MemoryClock, MemoryEntropy};
use dioxus_auth0::platform::native::{NativeClock, NativeEntropy};
use dioxus_auth0::port::{Clock, Entropy};

#[test]
fn the_native_clock_is_after_this_test_was_written() {
    assert!(NativeClock.now().seconds() > 1_790_000_000);
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
