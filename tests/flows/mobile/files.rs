//! What is kept on a phone, where the storage of a tab is in files as well.

use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::Endpoint;
use dioxus_auth0::{AuthState, Error, Reason};

use super::{ADA, Handset, end, has_signed_in, signs_in};

async fn sign_in(handset: &Handset) {
    let mut login = handset.leave().await;
    handset.phone.open_link(handset.answer(ADA));
    has_signed_in(end(&mut login).await, ADA);
}

#[tokio::test]
async fn a_session_outlives_the_process_wherever_it_is_written() {
    for cache in [
        CacheLocation::Usual,
        CacheLocation::SessionStorage,
        CacheLocation::LocalStorage,
    ] {
        let handset = Handset::with(|settings| settings.cache = cache);
        sign_in(&handset).await;
        let handset = handset.restarted();
        let restored = handset.client.restore().await;
        assert!(matches!(restored, AuthState::SignedIn(_)), "{cache:?}");

        handset.client.forget().await.1.expect("it is forgotten");
        let restored = handset.restarted().client.restore().await;
        assert_eq!(restored, AuthState::SignedOut(Reason::Fresh), "{cache:?}");
        assert!(!handset.stored().keys().any(|key| key.contains(".session.")));
    }
}

#[tokio::test]
async fn a_session_in_memory_ends_with_the_process_and_the_login_before_it_does_not() {
    let handset = Handset::with(|settings| settings.cache = CacheLocation::Memory);
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let handset = handset.restarted();
    signs_in(handset.take(&answer).await, ADA);
    assert!(!handset.stored().keys().any(|key| key.contains(".session.")));
    assert_eq!(
        handset.restarted().client.restore().await,
        AuthState::SignedOut(Reason::Fresh)
    );
}

#[tokio::test]
async fn logins_that_nobody_finished_do_not_pile_up() {
    let handset = Handset::new();
    for _ in 0..20 {
        let mut login = handset.leave().await;
        handset.phone.close_browser();
        assert_eq!(end(&mut login).await, None);
        handset.memory.clock.advance(61);
        assert_eq!(end(&mut login).await, Some(Err(Error::Cancelled)));
        assert!(handset.pending() <= 10, "ten minutes hold no more");
    }
    assert_eq!(handset.pending(), 10);

    // Killed behind the browser, time and again.
    handset.memory.clock.advance(601);
    for _ in 0..20 {
        drop(handset.restarted().leave().await);
        handset.memory.clock.advance(601);
        assert_eq!(handset.restarted().pending(), 1);
    }
    handset.restarted().client.restore().await;
    assert_eq!(handset.pending(), 0, "a start forgets them too");
}

#[tokio::test]
async fn the_metadata_in_the_files_are_good_for_an_hour() {
    let handset = Handset::new();
    drop(handset.leave().await);
    assert_eq!(handset.provider.count(Endpoint::Discovery), 1);

    handset.memory.clock.advance(3599);
    drop(handset.restarted().leave().await);
    assert_eq!(handset.provider.count(Endpoint::Discovery), 1);

    handset.memory.clock.advance(1);
    let handset = handset.restarted();
    drop(handset.leave().await);
    assert_eq!(handset.provider.count(Endpoint::Discovery), 2);
    let kept = handset.stored().into_keys();
    assert_eq!(kept.filter(|key| key.contains(".provider.")).count(), 1);
}

/// Refreshes after so many seconds in a process of its own, and says how often the provider was asked for its metadata.
async fn discoveries_of_a_refresh_after(seconds: i64) -> usize {
    let handset = Handset::new();
    sign_in(&handset).await;
    handset.memory.clock.advance(seconds);
    let handset = handset.restarted();
    handset.client.restore().await;
    let before = handset.provider.count(Endpoint::Discovery);
    let token = handset.client.access_token(&Default::default()).await;
    assert!(token.is_ok(), "{token:?}");
    handset.provider.count(Endpoint::Discovery) - before
}

#[tokio::test]
async fn a_session_finds_a_provider_that_has_moved_within_a_day() {
    const DAY: i64 = 24 * 3600;
    assert_eq!(discoveries_of_a_refresh_after(DAY - 1).await, 0);
    assert_eq!(discoveries_of_a_refresh_after(DAY).await, 1);
    assert_eq!(discoveries_of_a_refresh_after(9 * DAY).await, 1);
}

#[tokio::test]
async fn a_login_that_cannot_be_kept_opens_no_page() {
    let handset = Handset::new();
    handset
        .client
        .prepare()
        .await
        .expect("the provider is there");
    handset.memory.local_storage.set_full(true);
    let login = handset.client.login(Default::default()).await;
    assert!(matches!(login, Err(Error::Platform(_))), "{login:?}");
    assert!(handset.phone.opened().is_empty());
}
