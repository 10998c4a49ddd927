//! What every adapter of a port must do, whatever machine it is for: the browser runs this file too.

use std::cell::Cell;
use std::pin::Pin;
use std::time::Duration;

use dioxus_auth0::port::{Lock, Navigator, Storage};
use futures_util::future::{Either, join_all, select};
use url::Url;

/// Long enough for what needs no waiting, on a machine that is busy.
pub(crate) const SOON: Duration = Duration::from_millis(200);

/// How a machine waits.
type Sleep = fn(Duration) -> Pin<Box<dyn Future<Output = ()>>>;

pub(crate) async fn keeps_text_under_names(storage: &dyn Storage) {
    assert_eq!(storage.get("a.1").await, Ok(None));
    assert_eq!(
        storage.remove("a.1").await,
        Ok(()),
        "nothing there is no error"
    );

    assert_eq!(storage.set("a.1", "one").await, Ok(()));
    assert_eq!(storage.set("a.2", "").await, Ok(()));
    assert_eq!(storage.set("b.1", "ünï\0code").await, Ok(()));
    assert_eq!(storage.get("a.1").await, Ok(Some("one".into())));
    assert_eq!(storage.get("a.2").await, Ok(Some(String::new())));
    assert_eq!(storage.get("b.1").await, Ok(Some("ünï\0code".into())));

    let mut keys = storage.keys("a.").await.expect("listing works");
    keys.sort();
    assert_eq!(keys, ["a.1", "a.2"]);

    assert_eq!(storage.set("a.1", "two").await, Ok(()));
    assert_eq!(storage.get("a.1").await, Ok(Some("two".into())));
    assert_eq!(storage.remove("a.1").await, Ok(()));
    assert_eq!(storage.get("a.1").await, Ok(None));
    assert_eq!(storage.keys("a.").await, Ok(vec!["a.2".to_owned()]));
}

pub(crate) async fn swaps_only_what_is_there(storage: &dyn Storage) {
    assert_eq!(storage.swap("c", "", "new").await, Ok(false));
    assert_eq!(
        storage.get("c").await,
        Ok(None),
        "nothing is made of nothing"
    );
    assert_eq!(storage.set("c", "one").await, Ok(()));
    assert_eq!(storage.swap("c", "another", "new").await, Ok(false));
    assert_eq!(storage.get("c").await, Ok(Some("one".into())));
    assert_eq!(storage.swap("c", "one", "two").await, Ok(true));
    assert_eq!(storage.swap("c", "one", "three").await, Ok(false));
    assert_eq!(storage.get("c").await, Ok(Some("two".into())));
    assert_eq!(storage.remove("c").await, Ok(()));
    assert_eq!(storage.swap("c", "two", "back").await, Ok(false));
    assert_eq!(
        storage.get("c").await,
        Ok(None),
        "what was ended stays ended"
    );
}

pub(crate) async fn lets_one_at_a_time(lock: &dyn Lock, sleep: Sleep) {
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
    let other = within(SOON * 10, lock.hold("b"), sleep).await;
    assert!(other.is_some(), "another name is another lock");
    let another = within(SOON, lock.hold("a"), sleep).await;
    assert!(another.is_none(), "it is held");
    drop(held);
    let next = within(SOON * 10, lock.hold("a"), sleep).await;
    assert!(next.is_some(), "it is free");
}

pub(crate) async fn a_waiter_that_gives_up_holds_nothing(lock: &dyn Lock, sleep: Sleep) {
    let held = lock.hold("a").await.expect("it locks");
    for _ in 0..10 {
        let waiter = within(Duration::from_millis(5), lock.hold("a"), sleep).await;
        assert!(waiter.is_none(), "it is held");
    }
    drop(held);
    // Nobody in whose hands it could have been left.
    for _ in 0..10 {
        let next = within(SOON * 10, lock.hold("a"), sleep).await;
        drop(next.expect("it is free"));
        // Given up at every moment, also when it is just being granted.
        drop(within(Duration::from_micros(100), lock.hold("a"), sleep).await);
    }
    let last = within(SOON * 10, lock.hold("a"), sleep).await;
    assert!(last.is_some(), "it is free in the end");
}

/// Of a machine that was started with `arrival`, which answers a login that comes back to `redirect_uri`.
pub(crate) fn takes_an_arrival_once(navigator: &dyn Navigator, redirect_uri: &str, arrival: &Url) {
    let taken = navigator.arrival(Some(redirect_uri));
    assert_eq!(taken.as_ref(), Some(arrival));
    assert_eq!(navigator.arrival(Some(redirect_uri)), None, "once only");
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = T> + Unpin,
    sleep: Sleep,
) -> Option<T> {
    match select(work, sleep(time)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
