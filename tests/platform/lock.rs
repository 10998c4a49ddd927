//! [`Lock`]: one at a time.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dioxus_auth0::platform::memory::{MemoryClock, MemoryLock};
use dioxus_auth0::platform::native::{NativeClock, NativeLock};
use dioxus_auth0::port::{Clock, LOCK_TIMEOUT, Lock};
use futures_util::future::join_all;
use tokio::time::timeout;

use crate::contract::{SOON, a_waiter_that_gives_up_holds_nothing, lets_one_at_a_time};

fn sleep(time: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(tokio::time::sleep(time))
}

#[tokio::test]
async fn the_lock_in_memory_lets_one_at_a_time() {
    let lock = || MemoryLock::new(Rc::new(NativeClock));
    lets_one_at_a_time(&lock(), sleep).await;
    a_waiter_that_gives_up_holds_nothing(&lock(), sleep).await;
}

#[tokio::test]
async fn the_lock_in_memory_goes_on_without_a_holder_that_is_stuck() {
    let clock = Rc::new(MemoryClock::default());
    let lock = MemoryLock::new(clock.clone());
    let _held = lock.hold("a").await.expect("it locks");
    let start = clock.monotonic();
    let _without = lock.hold("a").await.expect("it goes on");
    assert_eq!(clock.monotonic() - start, LOCK_TIMEOUT);
}

#[tokio::test]
async fn the_native_lock_lets_one_at_a_time() {
    let place = tempfile::tempdir().expect("a directory for the test");
    lets_one_at_a_time(&NativeLock::new(place.path().join("app")), sleep).await;
    a_waiter_that_gives_up_holds_nothing(&NativeLock::new(place.path().join("app")), sleep).await;
}

#[tokio::test]
async fn two_native_locks_on_one_directory_exclude_each_other() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let [one, two] = [(); 2].map(|()| NativeLock::new(place.path().to_owned()));
    let held = one.hold("a").await.expect("it locks");
    assert!(timeout(SOON, two.hold("a")).await.is_err());
    drop(held);
    assert!(timeout(SOON * 10, two.hold("a")).await.is_ok());
}

#[tokio::test]
async fn a_native_lock_goes_on_without_a_holder_that_is_stuck() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let lock = NativeLock::new(place.path().to_owned()).timeout(SOON);
    let _held = lock.hold("a").await.expect("it locks");
    let start = Instant::now();
    let _without = lock.hold("a").await.expect("it goes on");
    assert!((SOON..SOON * 10).contains(&start.elapsed()));
}

#[tokio::test]
async fn a_native_lock_goes_on_where_nothing_can_be_locked() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let file = place.path().join("file");
    std::fs::write(&file, "").expect("the test may write");
    let lock = NativeLock::new(file);
    assert!(timeout(SOON * 10, lock.hold("a")).await.is_ok());
}

#[tokio::test]
async fn those_who_have_waited_for_a_stuck_holder_go_on_one_after_the_other() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let patience = SOON * 3;
    let lock = NativeLock::new(place.path().to_owned()).timeout(patience);
    let stuck = lock.hold("a").await.expect("it locks");
    let (running, most) = (Cell::new(0), Cell::new(0));
    let waiters = (0..8).map(|_| async {
        let _held = lock.hold("a").await;
        running.update(|count| count + 1);
        most.set(running.get().max(most.get()));
        tokio::time::sleep(Duration::from_millis(5)).await;
        running.update(|count| count - 1);
    });
    join_all(waiters).await;
    assert_eq!(most.get(), 1, "two at once");
    // What the stuck one held is nobody's any more, and its end frees nothing.
    let newer = lock.hold("a").await;
    drop(stuck);
    let long = NativeLock::new(place.path().to_owned());
    assert!(timeout(patience * 2, long.hold("a")).await.is_err());
    drop(newer);
    assert!(timeout(SOON * 10, long.hold("a")).await.is_ok());
}

#[tokio::test]
async fn a_lock_file_that_somebody_removed_is_no_lock_any_more() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let lock = NativeLock::new(place.path().to_owned());
    let held = lock.hold("a").await.expect("it locks");
    // It waits for the file that is about to go.
    let mut waiter = lock.hold("a");
    assert!(timeout(SOON, &mut waiter).await.is_err());
    for entry in std::fs::read_dir(place.path()).expect("it is there") {
        std::fs::remove_file(entry.expect("an entry").path()).expect("removed");
    }
    let newer = timeout(SOON * 10, waiter).await;
    let newer = newer.expect("another file, another lock");
    let mut last = lock.hold("a");
    assert!(timeout(SOON, &mut last).await.is_err(), "two at once");
    drop(held);
    assert!(timeout(SOON, &mut last).await.is_err(), "two at once");
    drop(newer);
    assert!(timeout(SOON * 10, last).await.is_ok());
}
