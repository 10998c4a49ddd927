//! What every adapter of a port must do, whatever machine it is for: the browser runs this file too.

use std::cell::Cell;
use std::pin::Pin;
use std::time::Duration;

use dioxus_auth0::port::{
    Channel, Clock, Connection, Keys, Lock, Navigator, News, PortError, Storage, WayBack,
};
use futures_util::StreamExt;
use futures_util::future::{Either, join, join_all, select};
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

/// Of a machine that opens no apps by links.
pub(crate) async fn brings_no_links(navigator: &dyn Navigator, sleep: Sleep) {
    let mut links = navigator.links();
    let came = within(SOON, links.next(), sleep).await;
    assert_eq!(came, None, "nothing comes, and it does not end");
}

/// Of a machine whose home is `home`, where a provider sends its user after a logout.
pub(crate) fn comes_home_after_a_logout(navigator: &dyn Navigator, home: Option<&str>) {
    let expected = navigator.home().map(String::from);
    assert_eq!(expected.as_deref(), home);
    let way_back = WayBack {
        provider: "tenant.example",
        ..WayBack::default()
    };
    let expected = home.map(|home| home.trim_end_matches('/').to_owned());
    assert_eq!(navigator.after_logout(way_back), expected);
}

pub(crate) async fn waits_as_long_as_it_is_told(clock: &dyn Clock) {
    let mut seen = clock.monotonic();
    for milliseconds in [0, 1, 30] {
        let length = Duration::from_millis(milliseconds);
        clock.sleep(length).await;
        let now = clock.monotonic();
        assert!(now >= seen + length, "{length:?} from {seen:?} to {now:?}");
        seen = now;
    }
    // More milliseconds than 31 bits can count.
    let months = Duration::from_secs(60 * 24 * 60 * 60);
    for long in [months, months * 1000] {
        let first = select(clock.sleep(long), clock.sleep(Duration::from_millis(20))).await;
        assert!(matches!(first, Either::Right(_)), "{long:?} is not over");
    }
    // Those that were given up are nobody's; those that go on are not disturbed.
    let start = clock.monotonic();
    let length = Duration::from_millis(20);
    join(clock.sleep(length), clock.sleep(length * 2)).await;
    let waited = clock.monotonic().saturating_sub(start);
    assert!(waited >= length * 2, "{waited:?}");
}

/// Of two that share a storage.
pub(crate) async fn reaches_all_who_listen(one: &dyn Channel, two: &dyn Channel, sleep: Sleep) {
    one.tell("a");
    let [mut first, mut second] = [two.listen("a"), two.listen("a")];
    let mut other = two.listen("b");
    assert!(!hears(&mut other, sleep, SOON).await, "nobody has told");
    quiet(&mut first, sleep).await;

    one.tell("a");
    assert!(hears(&mut first, sleep, SECOND).await);
    assert!(hears(&mut second, sleep, SECOND).await);
    assert!(!hears(&mut other, sleep, SOON).await, "another name");

    drop(second);
    quiet(&mut first, sleep).await;
    one.tell("a");
    assert!(hears(&mut first, sleep, SECOND).await, "again and again");
    one.tell("b");
    assert!(hears(&mut other, sleep, SECOND).await);
    // Before it is waited for, too.
    one.tell("b");
    sleep(SOON).await;
    assert!(hears(&mut other, sleep, SECOND).await);
}

/// Of a machine whose network `plug` takes away and brings back.
pub(crate) async fn hears_of_the_network_coming_back(
    connection: &dyn Connection,
    plug: impl Fn(bool),
    sleep: Sleep,
) {
    assert!(!connection.is_offline());
    let mut news = connection.back_online();
    assert!(!hears(&mut news, sleep, SOON).await, "it was there");
    plug(false);
    assert!(connection.is_offline());
    assert!(!hears(&mut news, sleep, SOON).await, "it is gone");
    for _ in 0..2 {
        plug(true);
        assert!(!connection.is_offline());
        assert!(hears(&mut news, sleep, SECOND).await);
        plug(false);
    }
    plug(true);
}

/// `verifies` says whether a public key has signed a message, by other means than the adapter's.
pub(crate) async fn signs_with_keys_that_stay(
    keys: &dyn Keys,
    verifies: impl AsyncFn([u8; 65], &[u8], [u8; 64]) -> bool,
) {
    let unsigned = keys.sign("a", b"message").await;
    assert!(
        matches!(unsigned, Err(PortError::Unavailable { .. })),
        "there is no key yet: {unsigned:?}"
    );
    assert_eq!(keys.remove("a").await, Ok(()), "nothing there is no error");

    let key = keys.public("a").await.expect("a key is made");
    assert_eq!(key[0], 4, "an uncompressed point");
    assert_eq!(keys.public("a").await, Ok(key), "the same one for ever");
    let other = keys.public("b").await.expect("another key is made");
    assert_ne!(other, key);

    let signature = keys.sign("a", b"message").await.expect("it signs");
    assert!(verifies(key, b"message", signature).await);
    assert!(!verifies(key, b"another", signature).await);
    assert!(!verifies(other, b"message", signature).await);
    let empty = keys.sign("b", b"").await.expect("it signs");
    assert!(verifies(other, b"", empty).await);

    assert_eq!(keys.remove("a").await, Ok(()));
    let unsigned = keys.sign("a", b"message").await;
    assert!(
        matches!(unsigned, Err(PortError::Unavailable { .. })),
        "it is gone: {unsigned:?}"
    );
    assert_eq!(keys.public("b").await, Ok(other), "the other one is not");
    assert_ne!(keys.public("a").await, Ok(key), "a new one");
    for name in ["a", "b"] {
        assert_eq!(keys.remove(name).await, Ok(()));
    }
}

/// Of two that share a storage, and make a key at the same time.
pub(crate) async fn finds_one_key_from_everywhere(one: &dyn Keys, two: &dyn Keys) {
    let made = join_all((0..10).map(|turn| match turn % 2 {
        0 => one.public("c"),
        _ => two.public("c"),
    }));
    let made = made.await;
    let last = one.public("c").await;
    assert!(last.is_ok(), "{last:?}");
    assert!(made.iter().all(|one| *one == last), "one key for all");
    assert_eq!(two.public("c").await, last);
    assert_eq!(one.remove("c").await, Ok(()));
}

/// What a machine that is busy may take for what is to come within a second.
const SECOND: Duration = Duration::from_secs(5);

async fn hears(news: &mut News, sleep: Sleep, time: Duration) -> bool {
    match within(time, news.next(), sleep).await {
        Some(told) => {
            assert_eq!(told, Some(()), "news never end");
            true
        }
        None => false,
    }
}

/// Waits until what was told before has arrived.
async fn quiet(news: &mut News, sleep: Sleep) {
    while hears(news, sleep, SOON).await {}
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
