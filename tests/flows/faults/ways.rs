//! The other ways in and what is asked of the user: devices, foreign tokens, pushed requests, userinfo.

use std::future::{pending, ready};
use std::time::Duration;

use dioxus_auth0::client::{DeviceLogin, ExchangeOptions};
use dioxus_auth0::secret::SecurityToken;
use dioxus_auth0::testing::{Account, Endpoint, Fault, Rules};
use dioxus_auth0::{AuthState, Error, LoginOptions};
use futures_util::StreamExt;
use futures_util::future::join;
use futures_util::poll;

use super::{ADA, GRACE, LIFETIME, Scene, is_signed_in, token};

fn nobody() -> Scene {
    Scene::with(Rules::default(), |_| {})
}

async fn device(scene: &Scene) -> DeviceLogin {
    let login = scene
        .client
        .login_with_device(LoginOptions::default())
        .await;
    login.expect("the provider knows devices")
}

async fn after(scene: &Scene, seconds: u64) {
    use dioxus_auth0::port::Clock;
    scene.memory.clock.sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn a_device_is_logged_in_once_its_user_has_confirmed() {
    let scene = nobody();
    let login = device(&scene).await;
    assert_eq!(login.user_code(), "CODE-1");
    assert_eq!(
        login.verification_uri().as_str(),
        "https://tenant.example/activate"
    );
    let user = async {
        after(&scene, 12).await;
        assert!(scene.provider.approve_device("CODE-1", ADA));
    };
    let (outcome, ()) = join(login.finish(pending()), user).await;
    let outcome = outcome.expect("she has confirmed");
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    assert_eq!(scene.provider.count(Endpoint::Token), 3, "every 5 s");
    assert_eq!(scene.token().await, Ok("at-1".into()));
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
}

#[tokio::test]
async fn a_device_that_is_turned_down_gives_up_at_once() {
    let scene = nobody();
    let login = device(&scene).await;
    assert!(scene.provider.deny_device("CODE-1"));
    let error = login.finish(pending()).await.expect_err("she said no");
    assert_eq!(error.code(), "access_denied");
    assert_eq!(scene.provider.count(Endpoint::Token), 1);
    assert!(!is_signed_in(&scene.client));
}

#[tokio::test]
async fn a_device_whose_code_runs_out_stops_asking() {
    let scene = nobody();
    let login = device(&scene).await;
    let error = login.finish(pending()).await.map(drop);
    assert_eq!(error, Err(Error::TimedOut { seconds: 900 }));
    let polls = scene.provider.count(Endpoint::Token);
    assert!((150..=180).contains(&polls), "{polls} in 900 s");
}

#[tokio::test]
async fn a_device_that_is_told_to_slow_down_does() {
    let scene = nobody();
    let login = device(&scene).await;
    scene.fault(Fault::refused(400, "slow_down", ""));
    let user = async {
        after(&scene, 14).await;
        scene.provider.approve_device("CODE-1", ADA);
    };
    let (outcome, ()) = join(login.finish(pending()), user).await;
    assert!(outcome.is_ok());
    let requests = scene.provider.requests();
    let polls = requests.iter().filter(|it| it.endpoint == Endpoint::Token);
    let moments: Vec<i64> = polls
        .map(|it| it.sent_at.seconds() - crate::world::NOW)
        .collect();
    assert_eq!(moments, [5, 15], "5 s, and 10 s from then on");
}

#[tokio::test]
async fn a_device_outlives_a_network_that_fails_for_a_while() {
    let scene = nobody();
    let login = device(&scene).await;
    scene.fault(Fault::RequestLost);
    scene.fault(Fault::CaptivePortal);
    scene.fault(Fault::RateLimited(None));
    assert!(scene.provider.approve_device("CODE-1", ADA));
    assert!(login.finish(pending()).await.is_ok());
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn a_device_that_is_cancelled_asks_no_more() {
    let scene = nobody();
    let login = device(&scene).await;
    assert_eq!(
        login.finish(ready(())).await.map(drop),
        Err(Error::Cancelled)
    );
    assert_eq!(scene.provider.count(Endpoint::Token), 0);

    let login = device(&scene).await;
    let error = login.finish(after(&scene, 12)).await.map(drop);
    assert_eq!(error, Err(Error::Cancelled));
    assert_eq!(scene.provider.count(Endpoint::Token), 2);
}

fn legacy() -> ExchangeOptions {
    ExchangeOptions::new(SecurityToken::new("legacy-1"), "urn:acme:legacy")
}

#[tokio::test]
async fn a_foreign_token_is_traded_and_nothing_kept() {
    let scene = Scene::signed_in().await;
    scene.provider.trust("legacy-1", "urn:acme:legacy", GRACE);
    let before = scene.memory.session_storage.entries();
    let details = scene.client.custom_token_exchange(legacy()).await;
    assert_eq!(
        details.map(|it| it.access_token.expose().to_owned()),
        Ok("at-2".into())
    );
    assert_eq!(scene.memory.session_storage.entries(), before);
    assert_eq!(scene.token().await, Ok("at-1".into()), "Ada is who she was");
    scene.has_spent(&[]);
}

#[tokio::test]
async fn a_foreign_token_logs_in_whom_it_names() {
    let scene = Scene::signed_in().await;
    scene.provider.trust("legacy-1", "urn:acme:legacy", GRACE);
    let outcome = scene
        .client
        .login_with_custom_token_exchange(legacy())
        .await;
    let outcome = outcome.expect("it is trusted");
    let AuthState::SignedIn(identity) = outcome.state else {
        panic!("expected a session");
    };
    assert_eq!(identity.user().sub(), GRACE);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Ok("at-3".into()));
    scene.has_spent(&["rt-2"]);
}

#[tokio::test]
async fn a_foreign_token_that_is_not_trusted_changes_nothing() {
    let scene = Scene::signed_in().await;
    let before = scene.memory.session_storage.entries();
    let error = scene
        .client
        .login_with_custom_token_exchange(legacy())
        .await;
    assert_eq!(
        error.map(drop).map_err(|it| it.code().to_owned()),
        Err("invalid_grant".into())
    );
    scene.provider.trust("legacy-1", "urn:acme:legacy", GRACE);
    scene.fault(Fault::Forged);
    let error = scene
        .client
        .login_with_custom_token_exchange(legacy())
        .await;
    assert!(matches!(error, Err(Error::Protocol(_))));
    assert_eq!(scene.memory.session_storage.entries(), before);
    assert_eq!(scene.token().await, Ok("at-1".into()));
}

#[tokio::test]
async fn who_the_user_is_now_is_shown_stored_and_told() {
    let scene = Scene::signed_in().await;
    let mut changes = scene.client.changes();
    scene.provider.add(Account {
        email: "ada@new.example".into(),
        ..Account::new(ADA, "Ada King")
    });
    let user = scene.client.refresh_user().await.expect("it answers");
    assert_eq!(user.name(), Some("Ada King"));
    let shown = |client: &dioxus_auth0::client::Client| {
        let identity = client.identity().expect("she is signed in");
        let user = identity.user().clone();
        (
            user.name().map(str::to_owned),
            user.email().map(str::to_owned),
        )
    };
    let expected = (
        Some("Ada King".to_owned()),
        Some("ada@new.example".to_owned()),
    );
    assert_eq!(shown(&scene.client), expected);
    assert!(poll!(changes.next()).is_ready());
    let client = scene.restarted().await;
    assert_eq!(shown(&client), expected, "a restart does not forget it");
    let identity = client.identity().expect("she is signed in");
    assert_eq!(
        identity.id_token_claims().user().name(),
        Some("Ada Lovelace")
    );
    assert_eq!(token(&client).await, Ok("at-1".into()));
}

#[tokio::test]
async fn userinfo_of_somebody_else_is_not_shown() {
    let scene = Scene::signed_in().await;
    let before = scene.stored();
    scene
        .provider
        .fault(Endpoint::Userinfo, Fault::member("sub", GRACE));
    let error = scene.client.refresh_user().await.map(drop);
    assert!(matches!(error, Err(Error::Protocol(_))), "{error:?}");
    assert_eq!(scene.stored(), before);
    for fault in [
        Fault::RequestLost,
        Fault::CaptivePortal,
        Fault::RateLimited(None),
    ] {
        scene.provider.fault(Endpoint::Userinfo, fault);
        let error = scene.client.refresh_user().await.expect_err("no answer");
        assert!(error.is_network(), "{error:?}");
    }
    assert_eq!(scene.stored(), before);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn a_request_is_pushed_where_that_is_offered() {
    let scene = nobody();
    scene.sign_in(ADA).await;
    let url = scene
        .memory
        .navigator
        .departures()
        .pop()
        .expect("it departed");
    let names: Vec<String> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["client_id", "request_uri"], "nothing else shows");
    assert_eq!(scene.provider.count(Endpoint::PushedRequest), 1);
}

#[tokio::test]
async fn a_provider_that_takes_no_pushed_request_gets_it_by_the_user_unless_it_insists() {
    for fault in [
        Fault::invalid_client(),
        Fault::refused(403, "unauthorized_client", ""),
        Fault::NotConnected,
    ] {
        let scene = nobody();
        scene.provider.fault(Endpoint::PushedRequest, fault.clone());
        scene.sign_in(ADA).await;
        let url = scene
            .memory
            .navigator
            .departures()
            .pop()
            .expect("it departed");
        assert_eq!(
            crate::world::parameter(&url, "response_type"),
            "code",
            "{fault:?}"
        );

        let rules = Rules {
            requires_pushed_requests: true,
            ..Rules::default()
        };
        let scene = Scene::with(rules, |_| {});
        scene.provider.fault(Endpoint::PushedRequest, fault);
        assert!(scene.client.login(LoginOptions::default()).await.is_err());
        assert!(scene.memory.navigator.departures().is_empty());
        scene.sign_in(ADA).await;
    }
}

#[tokio::test]
async fn a_pushed_request_that_is_wrong_is_not_sent_by_the_user_instead() {
    let scene = nobody();
    let wrong = Fault::refused(400, "invalid_request", "it is wrong");
    scene.provider.fault(Endpoint::PushedRequest, wrong);
    let error = scene.client.login(LoginOptions::default()).await;
    assert_eq!(
        error.map(drop).map_err(|it| it.code().to_owned()),
        Err("invalid_request".into())
    );
    assert!(scene.memory.navigator.departures().is_empty());
}
