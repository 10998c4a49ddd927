//! Refresh tokens: rotation, reuse, the overlap, and further APIs.

use std::time::Duration;

use dioxus_auth0::Error;
use dioxus_auth0::testing::{Endpoint, Resource, Rotation, Rules};
use futures_util::future::join;
use futures_util::poll;

use super::{API, LIFETIME, Scene, client, refused, token};

#[tokio::test]
async fn a_refresh_replaces_the_token_it_used() {
    let scene = Scene::signed_in().await;
    assert!(scene.provider.accepts("rt-1"));
    scene.memory.clock.advance(LIFETIME);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    assert!(!scene.provider.accepts("rt-1"));
    assert!(scene.provider.accepts("rt-2"));
    assert!(scene.provider.breaches().is_empty());
}

#[tokio::test]
async fn a_second_use_ends_the_session_for_everybody() {
    let scene = Scene::signed_in().await;
    assert!(scene.refresh("rt-1").await.is_ok());
    assert_eq!(refused(scene.refresh("rt-1").await), "invalid_grant");
    assert_eq!(refused(scene.refresh("rt-2").await), "invalid_grant");
    assert_eq!(scene.provider.breaches(), ["rt-1"]);
    assert_eq!(scene.provider.refreshes_with("rt-1").len(), 2);

    scene.memory.clock.advance(LIFETIME);
    assert_eq!(scene.token().await, Err(Error::Expired));
}

#[tokio::test]
async fn the_overlap_forgives_the_last_token_for_a_while_and_no_other() {
    let window = Rules {
        rotation: Rotation::Overlap(Duration::from_secs(30)),
        ..Rules::default()
    };
    let scene = Scene::signed_in_with(window.clone()).await;
    assert!(scene.refresh("rt-1").await.is_ok());
    scene.memory.clock.advance(30);
    assert!(scene.provider.accepts("rt-1"));
    assert!(scene.refresh("rt-1").await.is_ok(), "within the window");
    assert!(scene.refresh("rt-2").await.is_ok(), "a sibling is as good");
    assert!(!scene.provider.accepts("rt-1"));
    assert_eq!(refused(scene.refresh("rt-1").await), "invalid_grant");
    assert_eq!(scene.provider.breaches(), ["rt-1"]);

    let scene = Scene::signed_in_with(window).await;
    assert!(scene.refresh("rt-1").await.is_ok());
    scene.memory.clock.advance(31);
    assert_eq!(refused(scene.refresh("rt-1").await), "invalid_grant");
}

#[tokio::test]
async fn a_token_that_is_used_again_after_the_end_is_a_breach_unless_the_overlap_forgives_it() {
    for (rotation, breaches) in [
        (Rotation::Strict, vec!["rt-1".to_owned()]),
        (Rotation::Overlap(Duration::from_secs(30)), Vec::new()),
    ] {
        let scene = Scene::signed_in_with(Rules {
            rotation,
            ..Rules::default()
        })
        .await;
        assert!(scene.refresh("rt-1").await.is_ok());
        scene.provider.end_sessions(super::ADA);
        assert_eq!(refused(scene.refresh("rt-1").await), "invalid_grant");
        assert_eq!(scene.provider.breaches(), breaches, "{rotation:?}");
    }
}

#[tokio::test]
async fn without_rotation_one_token_is_used_for_ever() {
    let scene = Scene::signed_in_with(Rules {
        rotation: Rotation::Off,
        ..Rules::default()
    })
    .await;
    for _ in 0..3 {
        let answer = scene.refresh("rt-1").await.expect("it is good");
        assert!(answer.refresh_token.is_none());
    }
    assert!(scene.provider.accepts("rt-1"));
}

#[tokio::test]
async fn a_family_ends_with_its_lifetime_however_often_it_was_renewed() {
    let scene = Scene::signed_in().await;
    scene.memory.clock.advance(30 * 24 * 3600 - 1);
    assert!(scene.refresh("rt-1").await.is_ok());
    scene.memory.clock.advance(1);
    assert_eq!(refused(scene.refresh("rt-2").await), "invalid_grant");
    assert!(scene.provider.breaches().is_empty(), "nobody stole it");
}

#[tokio::test]
async fn a_session_that_an_administrator_ended_is_over() {
    let scene = Scene::signed_in().await;
    scene.provider.end_sessions(super::ADA);
    scene.memory.clock.advance(LIFETIME);
    assert_eq!(scene.token().await, Err(Error::Expired));
}

#[tokio::test]
async fn a_blocked_user_gets_no_further_tokens() {
    let scene = Scene::signed_in().await;
    scene
        .provider
        .change(super::ADA, |ada| ada.is_blocked = true);
    assert_eq!(refused(scene.refresh("rt-1").await), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_buys_a_token_for_a_further_api_and_no_other() {
    let further = "https://orders.example/";
    let scene = Scene::signed_in_with(Rules {
        further: vec![Resource {
            audience: further.into(),
            scope: "read:orders".into(),
        }],
        ..Rules::default()
    })
    .await;

    let answer = scene.refresh_for("rt-1", Some(further)).await;
    let scope = answer.expect("it may").scope.expect("it is told");
    assert!(scope.contains("read:orders") && !scope.contains("read:current_user"));

    let other = Some("https://other.example/");
    let answer = scene.refresh_for("rt-2", other).await;
    let answer = answer.expect("the audience is ignored");
    let scope = answer.scope.expect("it is told");
    assert!(scope.contains("read:current_user") && !scope.contains("read:orders"));

    let at_the_api = |token: &str| {
        let request = http::Request::get([API, "users/auth0%7Cada"].concat());
        scene.ask(request.header("authorization", ["Bearer ", token].concat()))
    };
    assert_eq!(at_the_api("at-2").await.status(), 401, "for another API");
    assert_eq!(at_the_api("at-3").await.status(), 200);
}

#[tokio::test]
async fn tabs_that_need_a_token_at_once_send_one_refresh_after_the_other() {
    let scene = Scene::signed_in().await;
    let tab = scene.memory.tab();
    let other = client(&scene.provider, &tab);
    other.restore().await;
    scene.memory.clock.advance(LIFETIME);

    let both = join(scene.token(), token(&other)).await;

    assert_eq!(both, (Ok("at-2".into()), Ok("at-2".into())));
    assert_eq!(scene.provider.refreshes_with("rt-1").len(), 1);
    assert_eq!(scene.provider.count(Endpoint::Token), 2);
}

#[tokio::test]
async fn clients_that_know_nothing_of_each_other_are_caught() {
    let scene = Scene::signed_in().await;
    let (first, second) = join(scene.refresh("rt-1"), scene.refresh("rt-1")).await;
    assert!(first.is_ok());
    assert_eq!(refused(second), "invalid_grant");
    let both = scene.provider.refreshes_with("rt-1");
    assert!(both[0].overlaps(&both[1]));
    assert_eq!(scene.provider.breaches(), ["rt-1"]);
}

#[tokio::test]
async fn a_request_that_is_dropped_has_been_processed_or_not_by_when() {
    let scene = Scene::signed_in().await;
    let mut sent = Box::pin(scene.refresh("rt-1"));
    assert!(poll!(&mut sent).is_pending());
    drop(sent);
    assert!(scene.provider.accepts("rt-1"), "it never arrived");

    let mut sent = Box::pin(scene.refresh("rt-1"));
    assert!(poll!(&mut sent).is_pending());
    assert!(poll!(&mut sent).is_pending());
    drop(sent);
    assert!(!scene.provider.accepts("rt-1"), "the answer was lost");

    let [first, second] = &scene.provider.refreshes_with("rt-1")[..] else {
        panic!("expected two requests");
    };
    assert_eq!((first.processed, second.processed.is_some()), (None, true));
    assert_eq!(first.heard, dioxus_auth0::testing::Heard::Abandoned);
    assert_eq!(second.heard, dioxus_auth0::testing::Heard::Abandoned);
    assert!(!first.overlaps(second));
}
