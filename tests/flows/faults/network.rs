//! F5 and F6: networks that answer themselves, and no network.

use std::rc::Rc;
use std::time::Duration;

use dioxus_auth0::client::Client;
use dioxus_auth0::port::{Clock, Platform};
use dioxus_auth0::testing::{Endpoint, Fault};
use dioxus_auth0::{AuthState, Error};
use futures_util::future::{Either, select};

use super::{
    ADA, Constant, LIFETIME, NEARLY, NetworkError, Scene, host, is_signed_in, token, unreachable,
};
use crate::world::NOW;

/// Lets `client` watch while `work` is done.
async fn watching<T>(client: &Client, work: impl Future<Output = T>) -> T {
    let watch = std::pin::pin!(client.watch());
    match select(watch, std::pin::pin!(work)).await {
        Either::Left(_) => panic!("watching never ends"),
        Either::Right((done, _)) => done,
    }
}

/// Lets so much time pass in which others act.
async fn pass(scene: &Scene, seconds: u64) {
    scene.memory.clock.sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn f05_a_network_that_answers_itself_gets_the_token_once_and_ends_nothing() {
    for fault in [Fault::CaptivePortal, Fault::Redirected] {
        let scene = Scene::expired().await;
        scene.fault(fault.clone());
        let error = scene.token().await;
        let intercepted = NetworkError::Intercepted { host: host() };
        assert_eq!(error, Err(Error::Network(intercepted)), "{fault:?}");
        scene.has_spent(&["rt-1"]);
        assert_eq!(
            scene.provider.count(Endpoint::Elsewhere),
            0,
            "no redirect is followed"
        );
        assert!(is_signed_in(&scene.client));
        assert!(scene.client.is_offline());
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
        assert_eq!(
            scene.token().await,
            Ok("at-2".into()),
            "once somebody has signed in there"
        );
        assert!(!scene.client.is_offline());
    }
}

#[tokio::test]
async fn f05b_a_good_token_is_handed_out_behind_a_captive_portal() {
    let scene = Scene::signed_in().await;
    scene.advance(NEARLY);
    scene.fault(Fault::CaptivePortal);
    assert_eq!(scene.token().await, Ok("at-1".into()));
}

#[tokio::test]
async fn f05c_a_portal_in_place_of_the_metadata_ends_nothing() {
    let scene = Scene::expired().await;
    let client = scene.restarted_without_metadata().await;
    scene
        .provider
        .fault(Endpoint::Discovery, Fault::CaptivePortal);
    assert!(token(&client).await.is_err_and(|error| error.is_network()));
    scene.has_spent(&[]);
    assert!(is_signed_in(&client));
    assert_eq!(token(&client).await, Ok("at-2".into()));
}

#[tokio::test]
async fn f06a_an_app_that_starts_offline_shows_its_user_and_uses_a_good_token() {
    let scene = Scene::signed_in().await;
    scene.memory.connection.set_offline(true);
    scene
        .provider
        .faults(Endpoint::Token, 9, Fault::NotConnected);
    scene
        .provider
        .faults(Endpoint::Discovery, 9, Fault::NotConnected);
    let sent = scene.provider.requests().len();
    let client = scene.another(&scene.memory);

    let AuthState::SignedIn(identity) = client.restore().await else {
        panic!("the user is still signed in");
    };

    assert_eq!(identity.user().sub(), ADA);
    assert!(client.is_offline());
    assert_eq!(token(&client).await, Ok("at-1".into()));
    assert_eq!(scene.provider.requests().len(), sent, "nothing is sent");
    scene.advance(NEARLY);
    assert_eq!(token(&client).await, Ok("at-1".into()), "better than none");
    scene.advance(LIFETIME - NEARLY);
    assert_eq!(token(&client).await, unreachable());
    assert!(is_signed_in(&client), "nobody is logged out");
}

#[tokio::test]
async fn f06b_a_machine_that_knows_it_is_offline_does_not_ask_again_and_again() {
    let scene = Scene::expired().await;
    scene.memory.connection.set_offline(true);
    scene
        .provider
        .faults(Endpoint::Token, 9, Fault::NotConnected);
    let begun = scene.elapsed();
    assert_eq!(scene.token().await, unreachable());
    assert_eq!(scene.spent().len(), 1);
    assert_eq!(scene.elapsed(), begun, "nobody is kept waiting");
}

#[tokio::test]
async fn f06c_who_is_back_online_gets_a_token_once_after_a_moment() {
    for needs in [0, 1, 5] {
        let scene = Scene::expired().await;
        watching(&scene.client, async {
            scene.memory.connection.set_offline(true);
            scene
                .provider
                .faults(Endpoint::Token, 9, Fault::NotConnected);
            for _ in 0..needs {
                assert!(scene.token().await.is_err());
            }
            scene.provider.forget_faults();
            let sent = scene.spent().len();
            let begun = scene.elapsed();
            scene.memory.connection.set_offline(false);
            pass(&scene, 10).await;

            assert_eq!(scene.spent().len(), sent + 1, "after {needs} needs");
            let renewal = &scene.provider.requests();
            let renewal = renewal.last().expect("it was sent");
            let waited = renewal.sent_at.seconds() - NOW - begun.as_secs() as i64;
            assert!((0..=3).contains(&waited), "{waited} s");
        })
        .await;
        assert!(!scene.client.is_offline());
        assert_eq!(scene.token().await, Ok("at-2".into()));
        assert!(scene.provider.breaches().is_empty());
    }
}

#[tokio::test]
async fn f06d_not_everybody_comes_at_once_when_the_network_is_back() {
    let mut moments = Vec::new();
    for chance in [0, 100, 255] {
        let mut scene = Scene::expired().await;
        let platform = Platform {
            entropy: Rc::new(Constant(chance)),
            ..scene.provider.platform(&scene.memory)
        };
        scene.client = super::client(&scene.settings, platform);
        scene.client.restore().await;
        let begun = scene.elapsed();
        watching(&scene.client, async {
            scene.memory.connection.set_offline(true);
            scene.memory.connection.set_offline(false);
            while scene.spent().is_empty() {
                pass(&scene, 0).await;
                crate::slow::turn().await;
            }
            moments.push(scene.elapsed() - begun);
        })
        .await;
    }
    assert!(
        moments.is_sorted_by(|less, more| less < more),
        "{moments:?}"
    );
    assert!(moments[2] <= Duration::from_millis(2100), "{moments:?}");
}

#[tokio::test]
async fn f06f_a_refresh_token_in_doubt_waits_for_a_need_when_the_network_is_back() {
    let scene = Scene::expired().await;
    scene.fault(Fault::AnswerLost);
    assert_eq!(scene.token().await, unreachable());
    watching(&scene.client, async {
        scene.memory.connection.set_offline(true);
        scene.memory.connection.set_offline(false);
        pass(&scene, 10).await;
    })
    .await;
    scene.has_spent(&["rt-1"]);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn f06e_a_good_token_is_not_renewed_because_the_network_is_back() {
    let scene = Scene::signed_in().await;
    watching(&scene.client, async {
        scene.memory.connection.set_offline(true);
        scene.memory.connection.set_offline(false);
        pass(&scene, 10).await;
    })
    .await;
    scene.has_spent(&[]);
}
