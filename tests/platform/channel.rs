//! [`Channel`] and [`Connection`]: whoever listens hears. Other processes are in `files/news.rs`.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::memory::{MemoryChannel, MemoryConnection};
use dioxus_auth0::platform::native::{
    Keychain, KeychainError, NativeChannel, NativeClock, NativeConnection, NativeStorage,
};
use dioxus_auth0::port::{Channel, Clock, Connection, News, Storage};
use futures_util::future::{Either, select};
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::contract::{SOON, hears_of_the_network_coming_back, reaches_all_who_listen};
use crate::executor::run;

/// Long enough for every machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn sleep(time: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(tokio::time::sleep(time))
}

fn is_silent(news: &mut News) -> bool {
    news.next().now_or_never().is_none()
}

async fn tells_those_who_listen(channel: &dyn Channel) {
    channel.tell("a");
    let [mut one, mut two] = [(); 2].map(|()| channel.listen("a"));
    let mut other = channel.listen("b");
    assert!(is_silent(&mut one), "what was before is no news");
    channel.tell("a");
    assert_eq!(one.next().await, Some(()));
    assert_eq!(two.next().await, Some(()));
    assert!(is_silent(&mut other));
    channel.tell("b");
    assert_eq!(other.next().await, Some(()));

    drop(two);
    channel.tell("a");
    channel.tell("a");
    assert_eq!(one.next().await, Some(()));
    // Whether the second one came by itself or with the first.
    while one.next().now_or_never().is_some() {}
    channel.tell("a");
    assert_eq!(one.next().await, Some(()), "it goes on");
}

#[tokio::test]
async fn the_channel_in_memory_tells_those_who_listen() {
    let channel = MemoryChannel::default();
    tells_those_who_listen(&channel).await;
    reaches_all_who_listen(&channel, &channel, sleep).await;
}

#[tokio::test]
async fn the_native_channel_tells_those_who_listen() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let directory = place.path().join("app");
    let channel = NativeChannel::new(Some(directory.clone()));
    tells_those_who_listen(&channel).await;
    reaches_all_who_listen(&channel, &channel, sleep).await;
    assert!(!directory.exists(), "nothing is made");
    tells_those_who_listen(&NativeChannel::new(None)).await;
}

#[tokio::test]
async fn a_native_channel_that_is_gone_says_nothing_and_does_not_end() {
    let place = tempfile::tempdir().expect("a directory for the test");
    for directory in [None, Some(place.path().to_owned())] {
        let channel = NativeChannel::new(directory);
        let mut news = channel.listen("a");
        drop(channel);
        assert!(timeout(SOON, news.next()).await.is_err());
    }
}

/// A keychain that does not open.
struct NoKeychain;

impl Keychain for NoKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Err(KeychainError::new("there is none"))
    }

    fn write(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::new("there is none"))
    }
}

#[test]
fn a_window_without_a_runtime_hears_of_another_windows_session() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let directory = Some(place.path().join("app"));
    let policy = WithoutKeychain::PlainFile;
    let storage = NativeStorage::new(directory.clone(), Arc::new(NoKeychain), policy);
    let channel = NativeChannel::new(directory);
    let (mut news, mut other) = (channel.listen("a"), channel.listen("b"));
    let hears = |news: &mut News| {
        let heard = select(news.next(), NativeClock.sleep(PATIENCE));
        matches!(run(heard), Either::Left((Some(()), _)))
    };
    run(async {
        assert_eq!(storage.set("a", "one").await, Ok(()));
    });
    assert!(hears(&mut news), "stored");
    run(async {
        assert_eq!(storage.swap("a", "one", "two").await, Ok(true));
    });
    assert!(hears(&mut news), "replaced");
    run(async {
        assert_eq!(storage.get("a").await, Ok(Some("two".into())));
        assert_eq!(storage.set("c", "one").await, Ok(()));
    });
    std::thread::sleep(SOON);
    assert!(is_silent(&mut news), "read, and something else stored");
    run(async {
        assert_eq!(storage.remove("a").await, Ok(()));
    });
    assert!(hears(&mut news), "removed");
    assert!(is_silent(&mut other));
}

#[tokio::test]
async fn what_happened_before_somebody_listens_is_no_news() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let directory = Some(place.path().to_owned());
    let policy = WithoutKeychain::PlainFile;
    let storage = NativeStorage::new(directory.clone(), Arc::new(NoKeychain), policy);
    let channel = NativeChannel::new(directory);
    for round in 0..20 {
        let text = round.to_string();
        assert_eq!(storage.set("a", &text).await, Ok(()));
        let mut news = channel.listen("a");
        assert!(is_silent(&mut news));
        // And what happens right after is, however long the watch takes to stand.
        assert_eq!(storage.set("a", "again").await, Ok(()));
        assert_eq!(timeout(PATIENCE, news.next()).await, Ok(Some(())));
    }
}

#[tokio::test]
async fn the_connection_in_memory_tells_when_it_is_back() {
    let connection = MemoryConnection::default();
    let plug = |is_in: bool| connection.set_offline(!is_in);
    hears_of_the_network_coming_back(&connection, plug, sleep).await;
    let mut news = connection.back_online();
    connection.set_offline(true);
    assert!(connection.is_offline());
    assert!(is_silent(&mut news));
    connection.set_offline(false);
    assert!(!connection.is_offline());
    assert_eq!(news.next().await, Some(()));
    connection.set_offline(false);
    assert!(is_silent(&mut news), "it was there");
}

#[tokio::test]
async fn a_machine_that_knows_no_network_never_says_that_there_is_none() {
    assert!(!NativeConnection.is_offline());
    let mut news = NativeConnection.back_online();
    assert!(timeout(SOON, news.next()).await.is_err());
}
