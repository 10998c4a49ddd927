//! S19: nothing grows, however long it runs.

use std::time::Instant;

use dioxus_auth0::platform::native::NativeLock;
use dioxus_auth0::port::{Lock, Storage};

use super::doubles::{MemoryKeychain, sealed};
use super::{KEY, names, place, report};

/// How often it saves and loads; the whole hundred thousand if `AUTH0_TEST_SOAK` is set.
const CYCLES: usize = 5_000;

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}

#[tokio::test]
async fn s19_saving_and_loading_leaves_nothing_behind() {
    let cycles = match std::env::var_os("AUTH0_TEST_SOAK") {
        Some(_) => 100_000,
        None => CYCLES,
    };
    let place = place();
    let keychain = MemoryKeychain::new();
    let storage = sealed(place.path(), &keychain);
    let lock = NativeLock::new(place.path().to_owned());
    let text = "t".repeat(4000);
    storage.set(KEY, "0").await.expect("stored");
    drop(lock.hold(KEY).await);
    let before = (names(place.path()), keychain.questions());
    let (files, memory) = (open_files(), resident_kilobytes());
    let start = Instant::now();
    for cycle in 0..cycles {
        let next = [text.as_str(), &cycle.to_string()].concat();
        storage.set(KEY, &next).await.expect("stored");
        assert_eq!(storage.get(KEY).await, Ok(Some(next)));
        if cycle % 100 == 0 {
            drop(lock.hold(KEY).await);
        }
    }
    let took = start.elapsed();
    assert_eq!((names(place.path()), keychain.questions()), before);
    // Tests of this process that run beside it open files and take memory of their own.
    let (more_files, more_memory) = (
        open_files().saturating_sub(files),
        resident_kilobytes().saturating_sub(memory),
    );
    assert!(more_files < 200, "{more_files} more open files");
    assert!(more_memory < 100_000, "{more_memory} kB more");
    report(&format!(
        "S19: {cycles} cycles in {:.1} s, {more_files} more open files, {more_memory} kB more",
        took.as_secs_f32()
    ));
}
