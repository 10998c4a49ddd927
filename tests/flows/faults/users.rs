//! Logins and other users, in every tab and while a refresh is under way.

use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::Rules;
use dioxus_auth0::{AuthState, Error, LoginOptions, TokenOptions};
use futures_util::future::{join, maybe_done};
use futures_util::poll;

use super::slow::{POLLS, fresh, slow_client};
use super::{ADA, GRACE, LIFETIME, Scene, is_signed_in, token, token_of};

async fn shared() -> Scene {
    Scene::signed_in_with(Rules::default(), |it| {
        it.cache = CacheLocation::LocalStorage
    })
    .await
}

#[tokio::test]
async fn nobody_gets_the_token_of_a_user_who_came_in_another_tab() {
    for polls in 0..POLLS {
        let scene = shared().await;
        scene.advance(LIFETIME);
        let mut asking = Box::pin(scene.token());
        let mut early = None;
        for _ in 0..polls {
            if let std::task::Poll::Ready(token) = poll!(&mut asking) {
                early = Some(token);
                break;
            }
        }
        let tab = scene.memory.tab();
        let other = scene.another(&tab);
        scene.sign_in_to(&other, &tab, GRACE).await;
        let graces = token(&other).await.expect("Grace is signed in");
        let hers = match early {
            Some(token) => token,
            None => asking.await,
        };
        assert_ne!(hers, Ok(graces.clone()), "{polls}");
        scene.client.look_again().await;
        let identity = scene.client.identity().expect("Grace is here too");
        assert_eq!(identity.user().sub(), GRACE, "{polls}");
        assert_eq!(
            scene.token().await,
            Ok(graces),
            "{polls}: for her from now on"
        );
        assert!(scene.provider.breaches().is_empty(), "{polls}");
    }
}

#[tokio::test]
async fn a_login_at_any_moment_of_a_refresh_is_the_session_that_holds() {
    let refresh_first = (1..3 * POLLS).map(|polls| (polls, 0));
    let login_first = (1..3 * POLLS).map(|polls| (1, polls));
    for (refresh, login) in refresh_first.chain(login_first) {
        for sub in [ADA, GRACE] {
            overtake(sub, refresh, login).await;
        }
    }
}

/// Lets `sub` log in while a refresh is under way, each that many polls ahead.
async fn overtake(sub: &str, refresh: usize, login: usize) {
    let case = format!("{sub} {refresh} {login}");
    let scene = Scene::expired().await;
    let client = slow_client(&scene).await;
    let departure = client.login(LoginOptions::default()).await;
    assert_eq!(departure, Ok(None));
    let url = scene.memory.navigator.departures().pop();
    let back = scene.provider.authorize(&url.expect("it departed"), sub);
    let mut asking = Box::pin(maybe_done(token(&client)));
    let mut callback = Box::pin(maybe_done(client.callback(&back)));
    for _ in 0..refresh {
        let _ = poll!(&mut asking);
    }
    for _ in 0..login {
        let _ = poll!(&mut callback);
    }
    join(&mut asking, &mut callback).await;
    let outcome = callback.as_mut().take_output().expect("it is done");
    let asked = asking.as_mut().take_output().expect("it is done");

    let AuthState::SignedIn(identity) = &outcome.state else {
        panic!("{case}: {outcome:?}");
    };
    assert_eq!(identity.user().sub(), sub, "{case}");
    assert_eq!(outcome.trouble, None, "{case}");
    let now = token(&client).await.expect("somebody is signed in");
    let is_hers = asked == Ok(now);
    assert!(sub == ADA || !is_hers, "{case}: Ada has asked for it");
    let identity = client.identity().expect("somebody is signed in");
    assert_eq!(identity.user().sub(), sub, "{case}");
    let stored = scene.stored().expect("the session is stored");
    assert_eq!(stored["claims"]["sub"], sub, "{case}");
    assert!(token_of(&client, &fresh()).await.is_ok(), "{case}");
    scene.advance(LIFETIME);
    assert!(token(&client).await.is_ok(), "{case}");
    let breaches = scene.provider.breaches();
    assert!(breaches.is_empty(), "{case}: {:?}", scene.spent());
}

#[tokio::test]
async fn who_wanted_a_new_token_takes_the_one_of_a_login_that_came_meanwhile() {
    let scene = Scene::expired().await;
    let fresh: TokenOptions = fresh();
    let mut asking = Box::pin(token_of(&scene.client, &fresh));
    assert!(poll!(&mut asking).is_pending());
    scene.sign_in(ADA).await;
    let token = asking.await.expect("she is signed in");
    assert_eq!(scene.token().await, Ok(token));
}

#[tokio::test]
async fn a_login_in_one_tab_is_taken_over_by_those_that_share_its_session() {
    for (cache, is_shared) in [
        (CacheLocation::LocalStorage, true),
        (CacheLocation::SessionStorage, false),
        (CacheLocation::Memory, false),
    ] {
        let scene = Scene::with(Rules::default(), |it| it.cache = cache);
        let tab = scene.memory.tab();
        let other = scene.another(&tab);
        other.restore().await;
        let mut watching = Box::pin(other.watch());
        assert!(poll!(&mut watching).is_pending());
        scene.sign_in(ADA).await;
        for _ in 0..20 {
            assert!(poll!(&mut watching).is_pending());
        }
        assert_eq!(is_signed_in(&other), is_shared, "{cache:?}");

        scene.sign_in(GRACE).await;
        for _ in 0..20 {
            assert!(poll!(&mut watching).is_pending());
        }
        let shown = other.identity();
        let shown = shown.map(|identity| identity.user().sub().to_owned());
        assert_eq!(shown, is_shared.then(|| GRACE.to_owned()), "{cache:?}");
    }
}

#[tokio::test]
async fn a_session_that_ended_in_one_tab_ends_in_those_that_share_it() {
    let scene = shared().await;
    let other = scene.another(&scene.memory.tab());
    other.restore().await;
    let mut watching = Box::pin(other.watch());
    assert!(poll!(&mut watching).is_pending());
    scene.provider.end_sessions(ADA);
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Err(Error::Expired));
    for _ in 0..20 {
        assert!(poll!(&mut watching).is_pending());
    }
    assert!(!is_signed_in(&other));
    assert_eq!(token(&other).await, Err(Error::Expired));
    scene.has_spent(&["rt-1"]);
}
