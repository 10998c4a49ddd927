//! What a test can let go wrong, each once.

use std::time::Duration;

use dioxus_auth0::oidc::retry::RetryAfter;
use dioxus_auth0::port::{Http, HttpResponse, PortError};
use dioxus_auth0::testing::{Endpoint, Fault, Heard, Wait};
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::{AuthState, Error};
use futures_util::poll;
use serde_json::{Value, json};

use super::{ADA, GRACE, LIFETIME, Scene};
use crate::world::{NOW, error_of};

/// What the sender of a refresh hears when `fault` befalls it.
async fn heard(scene: &Scene, fault: Fault) -> Result<HttpResponse, PortError> {
    scene.provider.fault(Endpoint::Token, fault);
    let form = "grant_type=refresh_token&client_id=client-1&refresh_token=rt-1";
    let request = http::Request::post("https://tenant.example/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .expect("the request is well made");
    scene.provider.send(request).await
}

fn json_of(answer: &HttpResponse) -> Value {
    serde_json::from_slice(answer.body()).expect("the body is JSON")
}

#[tokio::test]
async fn what_is_lost_on_its_way_was_processed_or_not() {
    for (fault, is_processed) in [
        (Fault::NotConnected, false),
        (Fault::RequestLost, false),
        (Fault::AnswerLost, true),
    ] {
        let scene = Scene::signed_in().await;
        let host = "tenant.example".to_owned();
        let expected = match fault {
            Fault::NotConnected => PortError::NotConnected { host },
            _ => PortError::Unreachable { host },
        };
        let error = heard(&scene, fault.clone()).await.map(drop);
        assert_eq!(error, Err(expected), "{fault:?}");
        assert_eq!(scene.provider.accepts("rt-1"), !is_processed, "{fault:?}");
        let request = &scene.provider.refreshes_with("rt-1")[0];
        assert_eq!(request.processed.is_some(), is_processed, "{fault:?}");
        assert!(matches!(request.heard, Heard::Error(_)));
        assert_eq!(request.fault, Some(fault));
    }
}

#[tokio::test]
async fn what_takes_too_long_was_processed() {
    let scene = Scene::signed_in().await;
    let error = heard(&scene, Fault::TimedOut).await.map(drop);
    let timeout = PortError::Timeout {
        host: "tenant.example".into(),
        seconds: 15,
    };
    assert_eq!(error, Err(timeout));
    assert!(!scene.provider.accepts("rt-1"));
}

#[tokio::test]
async fn a_slow_answer_comes_when_the_clock_says() {
    let scene = Scene::signed_in().await;
    let mut slow = Box::pin(heard(&scene, Fault::Slow(Duration::from_secs(9))));
    for seconds in [0, 8] {
        scene.memory.clock.advance(seconds);
        for _ in 0..10 {
            assert!(poll!(&mut slow).is_pending());
        }
    }
    assert!(!scene.provider.accepts("rt-1"), "it was processed at once");
    scene.memory.clock.advance(1);
    assert_eq!(slow.await.expect("it comes").status(), 200);

    let mut never = Box::pin(heard(&scene, Fault::Slow(Duration::from_secs(16))));
    assert!(poll!(&mut never).is_pending());
    scene.memory.clock.advance(15);
    let error = never.await.map(drop);
    assert!(matches!(error, Err(PortError::Timeout { .. })), "{error:?}");
}

#[tokio::test]
async fn a_busy_provider_says_when_to_ask_again() {
    let then = UnixTime::from_seconds(NOW + 7);
    for (wait, expected) in [
        (None, None),
        (
            Some(Wait::Seconds(30)),
            Some(RetryAfter::For(Duration::from_secs(30))),
        ),
        (Some(Wait::Date(then)), Some(RetryAfter::Until(then))),
        (Some(Wait::Reset(then)), Some(RetryAfter::Until(then))),
    ] {
        let scene = Scene::signed_in().await;
        let answer = heard(&scene, Fault::RateLimited(wait)).await;
        let answer = answer.expect("it answers");
        assert_eq!(answer.status(), 429);
        assert_eq!(RetryAfter::read(answer.headers()), expected);
        assert!(scene.provider.accepts("rt-1"));

        let fault = Fault::Unavailable {
            status: 503,
            wait,
            is_processed: true,
        };
        let answer = heard(&scene, fault).await.expect("it answers");
        assert_eq!(answer.status(), 503);
        assert_eq!(RetryAfter::read(answer.headers()), expected);
        assert!(!scene.provider.accepts("rt-1"), "it was done all the same");
    }
}

#[tokio::test]
async fn what_answers_in_the_providers_place_has_done_nothing() {
    let scene = Scene::signed_in().await;
    let portal = heard(&scene, Fault::CaptivePortal).await.expect("a page");
    assert_eq!(portal.status(), 200);
    assert_eq!(portal.headers()["content-type"], "text/html; charset=utf-8");
    let host = "tenant.example".to_owned();
    let redirected = heard(&scene, Fault::Redirected).await.map(drop);
    assert_eq!(redirected, Err(PortError::Redirected { host }));
    let broken = Fault::Unavailable {
        status: 502,
        wait: None,
        is_processed: false,
    };
    assert_eq!(heard(&scene, broken).await.expect("a page").status(), 502);
    assert!(scene.provider.accepts("rt-1"));
}

#[tokio::test]
async fn a_refusal_is_in_the_providers_words() {
    for (fault, status, error) in [
        (Fault::invalid_grant(), 403, "invalid_grant"),
        (Fault::invalid_client(), 401, "invalid_client"),
        (Fault::blocked(), 403, "access_denied"),
        (
            Fault::refused(400, "invalid_scope", ""),
            400,
            "invalid_scope",
        ),
        (Fault::MfaRequired, 403, "mfa_required"),
        (Fault::DpopNonce("n-1".into()), 400, "use_dpop_nonce"),
    ] {
        let scene = Scene::signed_in().await;
        let answer = heard(&scene, fault.clone()).await.expect("it answers");
        assert_eq!(answer.status(), status, "{fault:?}");
        let body = json_of(&answer);
        assert_eq!(body["error"], error);
        match fault {
            Fault::MfaRequired => assert_eq!(body["mfa_token"], "mfa-1"),
            Fault::DpopNonce(_) => assert_eq!(answer.headers()["dpop-nonce"], "n-1"),
            _ => {}
        }
        assert!(scene.provider.accepts("rt-1"), "nothing was done");
    }
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_leaves_the_old_one_good() {
    let scene = Scene::signed_in().await;
    let answer = heard(&scene, Fault::WithoutRefreshToken).await;
    let body = json_of(&answer.expect("it answers"));
    assert_eq!(body["access_token"], "at-2");
    assert_eq!(body.get("refresh_token"), None);
    assert!(scene.provider.accepts("rt-1"));
}

#[tokio::test]
async fn members_of_an_answer_can_be_others_or_missing() {
    for value in [json!(0), json!(-1), json!("3600"), json!(1e12), Value::Null] {
        let scene = Scene::signed_in().await;
        let fault = Fault::member("expires_in", value.clone());
        let body = json_of(&heard(&scene, fault).await.expect("it answers"));
        let expected = (!value.is_null()).then_some(&value);
        assert_eq!(body.get("expires_in"), expected);
        assert_eq!(body["refresh_token"], "rt-2");
    }
}

#[tokio::test]
async fn id_tokens_can_say_what_they_must_not() {
    for fault in [
        Fault::claim("sub", GRACE),
        Fault::claim("iss", "https://evil.example/"),
        Fault::claim("iat", Value::Null),
        Fault::Forged,
    ] {
        let scene = Scene::signed_in().await;
        scene.memory.clock.advance(LIFETIME);
        scene.provider.fault(Endpoint::Token, fault.clone());
        let error = scene.token().await;
        assert!(
            matches!(error, Err(Error::Protocol(_))),
            "{fault:?}: {error:?}"
        );
        assert_eq!(scene.provider.left_faults(), []);
    }
    let scene = Scene::new();
    let nonce = Fault::claim("nonce", "another");
    scene.provider.fault(Endpoint::Token, nonce);
    let error = error_of(scene.sign_in(ADA).await);
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn a_body_can_be_half_too_long_or_of_another_kind() {
    let scene = Scene::signed_in().await;
    let half = heard(&scene, Fault::Truncated).await.expect("it answers");
    assert!(!half.body().is_empty());
    assert!(serde_json::from_slice::<Value>(half.body()).is_err());
    assert!(!scene.provider.accepts("rt-1"));

    let scene = Scene::signed_in().await;
    let error = heard(&scene, Fault::TooLarge).await.map(drop);
    assert!(
        matches!(error, Err(PortError::TooLarge { .. })),
        "{error:?}"
    );
    assert!(!scene.provider.accepts("rt-1"));

    let scene = Scene::signed_in().await;
    let fault = Fault::ContentType("text/plain".into());
    let answer = heard(&scene, fault).await.expect("it answers");
    assert_eq!(answer.headers()["content-type"], "text/plain");
}

#[tokio::test]
async fn every_answer_bears_the_providers_time() {
    let scene = Scene::signed_in().await;
    let date = |answer: Result<HttpResponse, PortError>| {
        let answer = answer.expect("it answers");
        answer.headers()["date"].clone()
    };
    let on_time = date(heard(&scene, Fault::invalid_grant()).await);
    assert_eq!(on_time, "Tue, 14 Nov 2023 22:13:20 GMT");
    let off = date(heard(&scene, Fault::DateOff(-3600)).await);
    assert_eq!(off, "Tue, 14 Nov 2023 21:13:20 GMT");
}

#[tokio::test]
async fn faults_befall_one_endpoint_in_order_and_as_often_as_asked() {
    let scene = Scene::new();
    let provider = &scene.provider;
    provider.faults(Endpoint::Discovery, 2, Fault::RequestLost);
    provider.fault(Endpoint::Discovery, Fault::CaptivePortal);
    for _ in 0..3 {
        let error = scene
            .client
            .prepare()
            .await
            .expect_err("a fault befalls it");
        assert!(error.is_network(), "{error:?}");
    }
    let heard: Vec<Heard> = provider.requests().into_iter().map(|it| it.heard).collect();
    assert!(matches!(
        heard[..],
        [Heard::Error(_), Heard::Error(_), Heard::Answer(200)]
    ));
    provider.fault(Endpoint::Userinfo, Fault::AnswerLost);
    assert!(matches!(scene.sign_in(ADA).await, AuthState::SignedIn(_)));
    let left = (Endpoint::Userinfo, 1, Fault::AnswerLost);
    assert_eq!(provider.left_faults(), [left]);
    provider.forget_faults();
    assert_eq!(provider.left_faults(), []);
}
