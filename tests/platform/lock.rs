//! [`Lock`]: one at a time.

use std::cell::Cell;
use std::time::{Duration, Instant};

use dioxus_auth0::platform::memory::MemoryLock;
use dioxus_auth0::platform::native::NativeLock;
use dioxus_auth0::port::Lock;
use futures_util::future::{join_all, select};
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_millis(200);

async fn lets_one_at_a_time(lock: &dyn Lock) {
    let (inside, done) = (Cell::new(0), Cell::new(0));
    let work = async |name: &str| {
        let _held = lock.hold(name).await.expect("it locks");
        assert_eq!(inside.replace(inside.get() + 1), 0, "two at once");
        sleep(Duration::from_millis(2)).await;
        inside.set(inside.get() - 1);
        done.set(done.get() + 1);
    };
    join_all((0..20).map(|_| work("a"))).await;
    assert_eq!(done.get(), 20);

    let held = lock.hold("a").await.expect("it locks");
    let other = timeout(SOON * 10, lock.hold("b")).await;
    assert!(other.is_ok(), "another name is another lock");
    assert!(timeout(SOON, lock.hold("a")).await.is_err(), "it is held");
    drop(held);
    assert!(
        timeout(SOON * 10, lock.hold("a")).await.is_ok(),
        "it is free"
    );
}

async fn a_waiter_that_gives_up_holds_nothing(lock: &dyn Lock) {
    let held = lock.hold("a").await.expect("it locks");
    for _ in 0..10 {
        let waiter = lock.hold("a");
        drop(select(waiter, Box::pin(sleep(Duration::from_millis(5)))).await);
    }
    drop(held);
    // Nobody in whose hands it could have been left.
    for _ in 0..10 {
        drop(
            timeout(SOON * 10, lock.hold("a"))
                .await
                .expect("it is free"),
        );
        // Given up at every moment, also when it is just being granted.
        drop(timeout(Duration::from_micros(100), lock.hold("a")).await);
    }
    assert!(timeout(SOON * 10, lock.hold("a")).await.is_ok());
}

#[tokio::test]
async fn the_lock_in_memory_lets_one_at_a_time() {
    lets_one_at_a_time(&MemoryLock::default()).await;
    a_waiter_that_gives_up_holds_nothing(&MemoryLock::default()).await;
}

#[tokio::test]
async fn the_native_lock_lets_one_at_a_time() {
    let place = tempfile::tempdir().expect("a directory for the test");
    lets_one_at_a_time(&NativeLock::new(place.path().join("app"))).await;
    a_waiter_that_gives_up_holds_nothing(&NativeLock::new(place.path().join("app"))).await;
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
    let newer = lock.hold("a").await.expect("another file, another lock");
    drop(held);
    assert!(timeout(SOON, &mut waiter).await.is_err(), "two at once");
    drop(newer);
    assert!(timeout(SOON * 10, waiter).await.is_ok());
}
