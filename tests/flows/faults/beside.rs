//! Logins beside the page: popups with their ends, and frames that nobody sees.

use dioxus_auth0::client::FRAME_PATIENCE;
use dioxus_auth0::port::{Beside, PortError};
use dioxus_auth0::testing::{Endpoint, Rules};
use dioxus_auth0::{AuthState, Error, LoginOptions, TokenOptions};
use futures_util::future::{Either, select};

use super::{ADA, GRACE, LIFETIME, Scene, is_signed_in, token_of};
use crate::slow::turn;
use crate::world::parameter;

/// What the user does in the popup, or the provider in the frame.
enum Then<'a> {
    Comes(&'a str),
    IsRefused(&'a str),
    Closes,
    Stays,
}

/// Lets `work` go on until it waits for the user, and lets the user do `then`.
async fn until<T>(scene: &Scene, work: impl Future<Output = T>, then: Then<'_>) -> T {
    let work = std::pin::pin!(work);
    let user = std::pin::pin!(async {
        while !scene.memory.navigator.is_waiting() {
            turn().await;
        }
    });
    let work = match select(work, user).await {
        Either::Left((done, _)) => return done,
        Either::Right(((), work)) => work,
    };
    let navigator = &scene.memory.navigator;
    let url = navigator.departures().pop().expect("it has departed");
    let is_heard = match then {
        Then::Comes(sub) => navigator.visit(scene.provider.authorize(&url, sub)),
        Then::IsRefused(error) => navigator.visit(scene.provider.refuse(&url, error, "no")),
        Then::Closes => navigator.close(),
        Then::Stays => navigator.fail(PortError::NobodyBack {
            seconds: FRAME_PATIENCE.as_secs(),
        }),
    };
    assert!(is_heard, "somebody waits for it");
    work.await
}

fn nobody() -> Scene {
    Scene::with(Rules::default(), |_| {})
}

fn options() -> LoginOptions {
    LoginOptions::default()
}

/// How many logins are pending in the tab.
fn pending(scene: &Scene) -> usize {
    let entries = scene.memory.session_storage.entries();
    entries
        .keys()
        .filter(|key| key.contains("transaction"))
        .count()
}

#[tokio::test]
async fn a_popup_logs_its_user_in() {
    let scene = nobody();
    let login = scene.client.login_with_popup(options());
    assert_eq!(
        scene.memory.navigator.opened(),
        [Beside::Popup],
        "in the very call"
    );
    let outcome = until(&scene, login, Then::Comes(ADA))
        .await
        .expect("she came");
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    assert_eq!(outcome.trouble, None);
    assert_eq!(scene.token().await, Ok("at-1".into()));
    assert_eq!(pending(&scene), 0);
}

#[tokio::test]
async fn a_popup_that_is_blocked_is_told_at_once() {
    let scene = nobody();
    scene.memory.navigator.block_popups(true);
    let error = scene.client.login_with_popup(options()).await;
    let error = error.expect_err("no popup opens");
    assert_eq!(error.code(), "popup_open");
    assert_eq!(scene.provider.requests(), []);
    assert_eq!(pending(&scene), 0);
}

#[tokio::test]
async fn a_popup_that_is_closed_or_left_alone_changes_nothing() {
    for (then, expected) in [
        (Then::Closes, Error::Cancelled),
        (Then::Stays, Error::TimedOut { seconds: 10 }),
    ] {
        let scene = Scene::signed_in().await;
        let before = scene.stored();
        let login = scene.client.login_with_popup(options());
        let error = until(&scene, login, then).await.map(drop);
        assert_eq!(error, Err(expected));
        assert!(is_signed_in(&scene.client));
        assert_eq!(scene.stored(), before);
        assert_eq!(pending(&scene), 0, "an answer finds nothing to answer");
    }
}

#[tokio::test]
async fn a_popup_in_which_the_user_says_no_leaves_the_session_as_it_was() {
    let scene = Scene::signed_in().await;
    let login = scene.client.login_with_popup(options());
    let outcome = until(&scene, login, Then::IsRefused("access_denied")).await;
    let outcome = outcome.expect("the popup has answered");
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    let trouble = outcome.trouble.expect("she said no");
    assert_eq!(trouble.code(), "access_denied");
}

#[tokio::test]
async fn a_token_by_popup_asks_for_what_was_not_granted() {
    let scene = Scene::signed_in().await;
    let wider = TokenOptions::scope("read:orders");
    let refused = scene.client.access_token(&wider).await;
    assert_eq!(
        refused.map_err(|it| it.code().to_owned()).map(drop),
        Err("consent_required".into())
    );
    let asked = scene.client.access_token_with_popup(wider.clone());
    let token = until(&scene, asked, Then::Comes(ADA)).await;
    assert_eq!(token.map(|it| it.expose().to_owned()), Ok("at-2".into()));
    let url = scene
        .memory
        .navigator
        .departures()
        .pop()
        .expect("it has departed");
    assert_eq!(parameter(&url, "prompt"), "");
    assert_eq!(token_of(&scene.client, &wider).await, Ok("at-2".into()));

    let wider = TokenOptions::scope("delete:orders");
    let asked = scene.client.access_token_with_popup(wider);
    let error = until(&scene, asked, Then::Closes).await;
    assert_eq!(error.map(drop), Err(Error::Cancelled));
}

#[tokio::test]
async fn a_frame_logs_in_who_is_known_to_the_provider() {
    let scene = nobody();
    let silently = scene.client.log_in_silently(options());
    assert_eq!(until(&scene, silently, Then::Comes(ADA)).await, Ok(()));
    assert!(is_signed_in(&scene.client));
    assert_eq!(scene.memory.navigator.opened(), [Beside::Frame]);
    let url = scene
        .memory
        .navigator
        .departures()
        .pop()
        .expect("it has departed");
    let asked = scene.provider.requests();
    let pushed = asked
        .iter()
        .find(|it| it.endpoint == Endpoint::PushedRequest);
    let prompt = pushed.map(|it| it.form["prompt"].clone());
    assert_eq!(prompt.unwrap_or_else(|| parameter(&url, "prompt")), "none");
}

#[tokio::test]
async fn a_frame_that_cannot_answer_without_the_user_says_why() {
    for error in ["login_required", "consent_required", "interaction_required"] {
        let scene = nobody();
        let silently = scene.client.log_in_silently(options());
        let refused = until(&scene, silently, Then::IsRefused(error)).await;
        let refused = refused.expect_err("the user is needed");
        assert_eq!(refused.code(), error);
        assert!(refused.needs_login());
        assert_eq!(scene.provider.count(Endpoint::Token), 0);
        assert_eq!(pending(&scene), 0);
    }
    let scene = nobody();
    let silently = scene.client.log_in_silently(options());
    let error = until(&scene, silently, Then::Stays).await;
    assert_eq!(error, Err(Error::TimedOut { seconds: 10 }));
}

/// A session without a refresh token, whose access token has run out.
async fn framed() -> Scene {
    let scene = Scene::signed_in_with(Rules::default(), |it| {
        it.use_refresh_tokens = false;
        it.use_frame = true;
    })
    .await;
    scene.advance(LIFETIME);
    scene
}

#[tokio::test]
async fn a_frame_gets_a_token_where_there_is_no_refresh_token() {
    let scene = framed().await;
    let token = until(&scene, scene.token(), Then::Comes(ADA)).await;
    assert_eq!(token, Ok("at-2".into()));
    assert_eq!(scene.token().await, Ok("at-2".into()), "it is held");
    assert_eq!(scene.memory.navigator.opened(), [Beside::Frame]);
    assert_eq!(
        scene
            .restarted()
            .await
            .access_token(&TokenOptions::default())
            .await
            .map(|it| it.expose().to_owned()),
        Ok("at-2".into())
    );
}

#[tokio::test]
async fn a_frame_that_finds_another_user_gives_their_token_to_nobody() {
    let scene = framed().await;
    let before = scene.stored();
    let token = until(&scene, scene.token(), Then::Comes(GRACE)).await;
    assert_eq!(token, Err(Error::Expired));
    assert_eq!(scene.stored(), before);
    let identity = scene.client.identity().expect("nobody was logged out");
    assert_eq!(identity.user().sub(), ADA);
}

#[tokio::test]
async fn a_frame_that_finds_nobody_logs_nobody_out() {
    let scene = framed().await;
    let token = until(&scene, scene.token(), Then::IsRefused("login_required")).await;
    assert_eq!(
        token.map_err(|it| it.code().to_owned()),
        Err("login_required".into())
    );
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn no_frame_is_opened_unless_it_is_configured() {
    let scene = Scene::signed_in_with(Rules::default(), |it| it.use_refresh_tokens = false).await;
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Err(Error::Expired));
    assert_eq!(scene.memory.navigator.opened(), []);
}
