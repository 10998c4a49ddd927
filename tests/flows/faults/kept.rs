//! Sessions on storages that fail, and what others make of them during a refresh.

use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::{Endpoint, Rules};
use dioxus_auth0::{Error, Reason};
use futures_util::future::join;
use futures_util::poll;

use super::slow::{POLLS, fresh, slow_client};
use super::{ADA, LIFETIME, Scene, is_signed_in, token, token_of};

#[tokio::test]
async fn a_logout_at_any_moment_of_a_refresh_leaves_nothing() {
    for polls in 1..3 * POLLS {
        let scene = Scene::expired().await;
        let client = slow_client(&scene).await;
        let mut asking = Box::pin(token(&client));
        for _ in 0..polls {
            if poll!(&mut asking).is_ready() {
                return;
            }
        }
        let ((_, removed), refreshed) = join(client.forget(), asking).await;
        assert_eq!(removed, Ok(()));
        assert_eq!(refreshed, Err(Error::Expired), "{polls}");
        assert!(!is_signed_in(&client), "{polls}");
        assert_eq!(scene.stored(), None, "{polls}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_cannot_be_stored_is_used_and_stored_later() {
    let scene = Scene::expired().await;
    scene.memory.session_storage.set_full(true);
    let error = scene.token().await.expect_err("it cannot be stored");
    assert!(matches!(error, Error::Platform(_)), "{error:?}");
    assert!(is_signed_in(&scene.client));
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
    scene.memory.session_storage.set_full(false);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-2"));
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_replaced_by_what_is_stored() {
    let scene = Scene::expired().await;
    scene.memory.session_storage.set_full(true);
    scene.token().await.expect_err("it cannot be stored");
    scene.memory.session_storage.set_full(false);

    // Another tab says that something has happened.
    scene.client.look_again().await;

    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Ok("at-3".into()));
    scene.has_spent(&["rt-1", "rt-2"]);
}

#[tokio::test]
async fn a_storage_that_nobody_can_read_ends_no_session() {
    let scene = Scene::expired().await;
    scene.memory.session_storage.set_withheld(true);
    scene.token().await.expect_err("it cannot be stored");
    assert!(is_signed_in(&scene.client));
    scene.memory.session_storage.set_withheld(false);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.has_spent(&["rt-1"]);
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-2"));
}

#[tokio::test]
async fn an_end_that_cannot_be_written_down_is_the_end_all_the_same() {
    let scene = Scene::expired().await;
    scene.provider.end_sessions(ADA);
    let mut asking = Box::pin(scene.token());
    while scene.provider.count(Endpoint::Token) == 1 {
        assert!(poll!(&mut asking).is_pending());
    }
    scene.memory.session_storage.set_withheld(true);
    let error = asking.await.expect_err("the session is over");
    assert_eq!(error, Error::Expired);
    assert!(!is_signed_in(&scene.client));
    assert_eq!(scene.client.reason(), Reason::Expired);
}

#[tokio::test]
async fn who_asks_for_the_user_during_a_refresh_does_not_undo_it() {
    for (ahead, polls) in [(0, 0), (1, 1), (1, 2), (2, 1), (2, 2)] {
        let scene = Scene::signed_in().await;
        scene
            .provider
            .change(ADA, |ada| ada.name = "Ada King".into());
        let fresh = fresh();
        let mut refreshing = Box::pin(token_of(&scene.client, &fresh));
        let mut user = Box::pin(scene.client.refresh_user());
        for _ in 0..polls {
            let is_pending = match ahead {
                1 => poll!(&mut user).is_pending(),
                _ => poll!(&mut refreshing).is_pending(),
            };
            assert!(is_pending, "{polls} polls are too many");
        }
        let (user, refreshed) = join(user, refreshing).await;
        assert_eq!(refreshed, Ok("at-2".into()), "{ahead} {polls}");
        let user = user.expect("the session goes on");
        assert_eq!(user.name(), Some("Ada King"));
        let stored = scene.stored_refresh_token();
        assert_eq!(stored.as_deref(), Some("rt-2"), "{ahead} {polls}");
        scene.has_spent(&["rt-1"]);
    }
}

#[tokio::test]
async fn who_asks_for_the_user_in_another_tab_does_not_undo_a_refresh() {
    for (polls, first) in [(0, true), (1, true), (2, true), (0, false), (2, false)] {
        let scene = Scene::signed_in_with(Rules::default(), |it| {
            it.cache = CacheLocation::LocalStorage;
        })
        .await;
        let other = scene.another(&scene.memory.tab());
        other.restore().await;
        other.prepare().await.expect("the provider answers");
        scene
            .provider
            .change(ADA, |ada| ada.name = "Ada King".into());
        let fresh = fresh();
        let mut refreshing = Box::pin(token_of(&scene.client, &fresh));
        let mut user = Box::pin(other.refresh_user());
        for _ in 0..polls {
            let is_pending = match first {
                true => poll!(&mut user).is_pending(),
                false => poll!(&mut refreshing).is_pending(),
            };
            assert!(is_pending, "{polls} polls are too many");
        }
        let (user, refreshed) = join(user, refreshing).await;
        assert!(user.is_ok(), "{polls}: {user:?}");
        assert_eq!(refreshed, Ok("at-2".into()), "{polls}");
        let identity = other.identity().expect("the session goes on");
        assert_eq!(identity.user().name(), Some("Ada King"));
        scene.advance(LIFETIME);
        assert_eq!(scene.token().await, Ok("at-3".into()), "{polls}");
        scene.has_spent(&["rt-1", "rt-2"]);
    }
}

#[tokio::test]
async fn what_could_not_be_stored_ends_with_a_logout_in_another_tab() {
    let scene = Scene::expired().await;
    let tab = scene.memory.tab();
    let other = scene.another(&tab);
    scene.memory.session_storage.set_full(true);
    scene.token().await.expect_err("it cannot be stored");
    scene.memory.session_storage.set_full(false);
    other.forget().await.1.expect("the storage works");

    scene.client.look_again().await;

    assert!(!is_signed_in(&scene.client));
    assert_eq!(scene.client.reason(), Reason::LoggedOut);
    assert_eq!(scene.token().await, Err(Error::Expired));
    assert_eq!(scene.restarted().await.identity(), None);
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn a_login_that_cannot_be_stored_holds_in_this_process_until_it_can() {
    let scene = Scene::with(Rules::default(), |it| {
        it.cache = CacheLocation::LocalStorage
    });
    scene.memory.local_storage.set_full(true);
    let outcome = scene
        .provider
        .sign_in(&scene.client, &scene.memory, ADA)
        .await;
    let trouble = outcome.expect("the login can begin").trouble;
    assert!(matches!(trouble, Some(Error::Platform(_))), "{trouble:?}");
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.advance(LIFETIME);
    scene.token().await.expect_err("it cannot be stored");
    scene.memory.local_storage.set_full(false);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    let client = scene.restarted().await;
    assert_eq!(token(&client).await, Ok("at-2".into()));
    scene.has_spent(&["rt-1"]);
}
