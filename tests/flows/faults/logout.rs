//! Logouts, logins and other users, in every tab and while a refresh is under way.

use std::time::Duration;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::{Endpoint, Fault, Rules};
use dioxus_auth0::{AuthState, Error, LoginOptions, LogoutOptions, Reason, TokenOptions};
use futures_util::future::{Either, join, join_all, maybe_done, select};
use futures_util::poll;

use super::slow::{POLLS, fresh, slow_client};
use super::{ADA, GRACE, LIFETIME, Scene, is_signed_in, token, token_of};

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
            super::turn().await;
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

#[tokio::test]
async fn nobody_gets_the_token_of_a_user_who_came_in_another_tab() {
    for polls in 0..POLLS {
        let scene = kept(CacheLocation::LocalStorage).await;
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
    let scene = kept(CacheLocation::LocalStorage).await;
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
