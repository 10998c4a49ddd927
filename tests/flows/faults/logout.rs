//! Logouts, in every tab and at the provider.

use std::time::Duration;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::{Endpoint, Fault, Rules};
use dioxus_auth0::{AuthState, Error, LogoutOptions, Reason};
use futures_util::future::{Either, join_all, select};
use futures_util::poll;

use super::{ADA, LIFETIME, Scene, is_signed_in, token};

const PLACES: [CacheLocation; 4] = [
    CacheLocation::Usual,
    CacheLocation::SessionStorage,
    CacheLocation::LocalStorage,
    CacheLocation::Memory,
];

async fn kept(cache: CacheLocation) -> Scene {
    Scene::signed_in_with(Rules::default(), |it| it.cache = cache).await
}

/// Lets the clients watch until what they have heard is done.
async fn watch(clients: &[&Client]) {
    let watching = std::pin::pin!(join_all(clients.iter().map(|client| client.watch())));
    let done = std::pin::pin!(async {
        for _ in 0..100 {
            crate::slow::turn().await;
        }
    });
    assert!(matches!(select(watching, done).await, Either::Right(_)));
}

#[tokio::test]
async fn a_logout_reaches_every_tab_wherever_its_session_is() {
    for cache in PLACES {
        let scene = kept(cache).await;
        let tab = scene.memory.tab();
        let other = scene.another(&tab);
        scene.sign_in_to(&other, &tab, ADA).await;
        let mut changes = other.changes();
        watch(&[&other]).await;
        assert!(is_signed_in(&other));
        let mut watching = Box::pin(other.watch());
        assert!(poll!(&mut watching).is_pending());

        assert_eq!(scene.client.forget().await.1, Ok(()));

        for _ in 0..20 {
            assert!(poll!(&mut watching).is_pending());
        }
        assert!(!is_signed_in(&other), "{cache:?}");
        assert_eq!(other.reason(), Reason::LoggedOut, "{cache:?}");
        assert!(poll!(futures_util::StreamExt::next(&mut changes)).is_ready());
        assert_eq!(super::stored(&tab), None, "{cache:?}");
        let sent = scene.provider.requests().len();
        assert_eq!(token(&other).await, Err(Error::Expired), "{cache:?}");
        assert_eq!(scene.provider.requests().len(), sent);
    }
}

#[tokio::test]
async fn a_tab_that_slept_through_a_logout_finds_it_when_it_is_opened_again() {
    for cache in PLACES {
        let scene = kept(cache).await;
        let tab = scene.memory.tab();
        let other = scene.another(&tab);
        scene.sign_in_to(&other, &tab, ADA).await;
        assert_eq!(scene.client.forget().await.1, Ok(()));
        let state = scene.another(&tab).restore().await;
        assert!(
            matches!(state, AuthState::SignedOut(_)),
            "{cache:?}: {state:?}"
        );
        assert_eq!(super::stored(&tab), None, "{cache:?}");
    }
}

#[tokio::test]
async fn a_tab_that_slept_through_a_logout_renews_nothing() {
    for cache in PLACES {
        let scene = kept(cache).await;
        let tab = scene.memory.tab();
        let other = scene.another(&tab);
        scene.sign_in_to(&other, &tab, ADA).await;
        assert_eq!(scene.client.forget().await.1, Ok(()));
        scene.advance(LIFETIME);
        assert_eq!(token(&other).await, Err(Error::Expired), "{cache:?}");
        scene.has_spent(&[]);
        assert!(!is_signed_in(&other));
    }
}

#[tokio::test]
async fn a_login_after_a_logout_is_not_ended_by_it() {
    for cache in PLACES {
        let scene = kept(cache).await;
        assert_eq!(scene.client.forget().await.1, Ok(()));
        scene.sign_in(ADA).await;
        scene.client.look_again().await;
        assert!(is_signed_in(&scene.client), "{cache:?}");
        scene.advance(LIFETIME);
        assert!(scene.token().await.is_ok(), "{cache:?}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_holds_no_logout_up_for_longer_than_3_s() {
    let scene = Scene::signed_in().await;
    let slow = Fault::Slow(Duration::from_secs(60));
    scene.provider.fault(Endpoint::Revocation, slow);
    let begun = scene.elapsed();
    let (forgotten, _) = scene.client.forget().await;
    assert_eq!(scene.elapsed(), begun, "the session here is gone at once");
    assert_eq!(scene.stored(), None);
    let options = LogoutOptions {
        revoke: true,
        ..LogoutOptions::default()
    };
    assert_eq!(scene.client.end_session(forgotten, options).await, Ok(()));
    assert_eq!(scene.elapsed() - begun, Duration::from_secs(3));
    assert_eq!(scene.memory.navigator.departures().len(), 2, "it goes on");
}

#[tokio::test]
async fn a_logout_that_revokes_takes_the_refresh_token_back() {
    let scene = Scene::signed_in().await;
    let (forgotten, _) = scene.client.forget().await;
    let options = LogoutOptions {
        revoke: true,
        local_only: true,
        ..LogoutOptions::default()
    };
    assert_eq!(scene.client.end_session(forgotten, options).await, Ok(()));
    assert!(!scene.provider.accepts("rt-1"));
    assert_eq!(scene.provider.count(Endpoint::Revocation), 1);
    assert_eq!(
        scene.memory.navigator.departures().len(),
        1,
        "it stays here"
    );
}

#[tokio::test]
async fn a_refresh_token_can_be_taken_back_without_a_logout() {
    let scene = Scene::signed_in().await;
    scene
        .provider
        .fault(Endpoint::Revocation, Fault::RequestLost);
    assert!(scene.client.revoke_refresh_token().await.is_err());
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));

    assert_eq!(scene.client.revoke_refresh_token().await, Ok(()));
    assert!(!scene.provider.accepts("rt-1"));
    assert_eq!(scene.stored_refresh_token(), None);
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Err(Error::Expired));
    scene.has_spent(&[]);
}

#[tokio::test]
async fn where_a_logout_leads_is_as_asked() {
    let scene = Scene::with(Rules::default(), |it| {
        it.issuer = None;
        it.domain = Some("tenant.example".into());
    });
    for (options, expected) in [
        (
            LogoutOptions::default(),
            Some((false, "https://app.example")),
        ),
        (
            LogoutOptions {
                federated: true,
                return_to: Some("https://app.example/bye".into()),
                ..LogoutOptions::default()
            },
            Some((true, "https://app.example/bye")),
        ),
        (
            LogoutOptions {
                local_only: true,
                ..LogoutOptions::default()
            },
            None,
        ),
    ] {
        scene.sign_in(ADA).await;
        let gone = scene.memory.navigator.departures().len();
        let (forgotten, _) = scene.client.forget().await;
        assert_eq!(scene.client.end_session(forgotten, options).await, Ok(()));
        let departures = scene.memory.navigator.departures().split_off(gone);
        match expected {
            None => assert!(departures.is_empty()),
            Some((federated, return_to)) => {
                let url = &departures[0];
                assert_eq!(url.path(), "/v2/logout");
                let has_flag = url.query_pairs().any(|(name, _)| name == "federated");
                assert_eq!(has_flag, federated);
                assert_eq!(crate::world::parameter(url, "returnTo"), return_to);
            }
        }
    }
}
