//! The other ways to a token and out again: devices, foreign tokens, revocation.

use dioxus_auth0::oidc::{DeviceAuthorization, DevicePoll, Revocation, TokenExchange, Verdict};
use dioxus_auth0::port::Http;
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{DeviceCode, RefreshToken, SecurityToken};
use dioxus_auth0::testing::Endpoint;

use super::{ADA, Scene, refused, url};

async fn begin(scene: &Scene) -> (DeviceCode, String) {
    let request = DeviceAuthorization {
        endpoint: &url("https://tenant.example/oauth/device/code"),
        client_id: "client-1",
        scope: &Scope::parse("profile offline_access"),
        audience: None,
    };
    let answer = request.send(|request| scene.provider.send(request)).await;
    let answer = answer.expect("the device is told a code");
    let user_code = answer.user_code.expose().to_owned();
    (answer.device_code, user_code)
}

async fn poll(scene: &Scene, device_code: &DeviceCode) -> Verdict {
    let poll = DevicePoll {
        endpoint: &url("https://tenant.example/oauth/token"),
        client_id: "client-1",
        device_code,
    };
    let verdict = poll.send(|request| scene.provider.send(request)).await;
    verdict.expect("the provider knows the device")
}

#[tokio::test]
async fn a_device_gets_its_tokens_once_its_user_has_come() {
    let scene = Scene::new();
    let (device_code, user_code) = begin(&scene).await;
    assert_eq!(poll(&scene, &device_code).await, Verdict::Pending);
    scene.memory.clock.advance(4);
    assert_eq!(poll(&scene, &device_code).await, Verdict::SlowDown);
    assert!(!scene.provider.approve_device("CODE-99", ADA));
    assert!(scene.provider.approve_device(&user_code, ADA));
    assert!(!scene.provider.deny_device(&user_code), "it is decided");
    scene.memory.clock.advance(10);
    let Verdict::Done(answer) = poll(&scene, &device_code).await else {
        panic!("expected tokens");
    };
    let refresh_token = answer.refresh_token.expect("it was asked for");
    assert!(scene.provider.accepts(refresh_token.expose()));
    assert!(answer.id_token.is_some());
    assert_eq!(poll(&scene, &device_code).await, Verdict::Expired);
}

#[tokio::test]
async fn a_device_that_is_turned_down_or_left_alone_gets_nothing() {
    let scene = Scene::new();
    let (device_code, user_code) = begin(&scene).await;
    assert!(scene.provider.deny_device(&user_code));
    assert_eq!(poll(&scene, &device_code).await, Verdict::Denied);

    let (device_code, user_code) = begin(&scene).await;
    scene.memory.clock.advance(900);
    assert_eq!(poll(&scene, &device_code).await, Verdict::Expired);
    assert!(!scene.provider.approve_device(&user_code, ADA));
}

#[tokio::test]
async fn a_foreign_token_is_traded_if_it_is_trusted_under_its_type() {
    let scene = Scene::new();
    scene.provider.trust("legacy-1", "urn:acme:legacy", ADA);
    let trade = |token_type: &'static str| {
        let provider = scene.provider.clone();
        async move {
            let exchange = TokenExchange {
                endpoint: &url("https://tenant.example/oauth/token"),
                client_id: "client-1",
                subject_token: &SecurityToken::new("legacy-1"),
                subject_token_type: token_type,
                actor: None,
                audience: Some(super::API),
                scope: Some(&Scope::parse("openid read:current_user")),
                organization: None,
                extra: &[],
            };
            exchange.send(|request| provider.send(request)).await
        }
    };
    let answer = trade("urn:acme:legacy").await.expect("it is trusted");
    assert!(answer.refresh_token.is_none(), "nobody asked for one");
    assert_eq!(refused(trade("urn:acme:other").await), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_that_is_taken_back_takes_its_successors_along() {
    let scene = Scene::signed_in().await;
    assert!(scene.refresh("rt-1").await.is_ok());
    for token in ["rt-1", "unknown"] {
        let revocation = Revocation {
            endpoint: &url("https://tenant.example/oauth/revoke"),
            client_id: "client-1",
            refresh_token: &RefreshToken::new(token),
        };
        let revoked = revocation.send(|request| scene.provider.send(request));
        assert_eq!(revoked.await, Ok(()));
    }
    assert!(!scene.provider.accepts("rt-2"));
    assert_eq!(scene.provider.count(Endpoint::Revocation), 2);
}

#[tokio::test]
async fn a_grant_that_nobody_knows_is_refused() {
    let scene = Scene::new();
    for (form, status, error) in [
        ("client_id=client-1", 403, "unsupported_grant_type"),
        (
            "client_id=client-1&grant_type=password",
            403,
            "unsupported_grant_type",
        ),
        (
            "client_id=client-2&grant_type=refresh_token&refresh_token=rt-1",
            401,
            "access_denied",
        ),
        (
            "client_id=client-1&grant_type=refresh_token",
            400,
            "invalid_request",
        ),
    ] {
        let request = http::Request::post("https://tenant.example/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into())
            .expect("the request is well made");
        let answer = scene.provider.send(request).await.expect("it answers");
        assert_eq!(answer.status(), status, "{form}");
        let body: serde_json::Value =
            serde_json::from_slice(answer.body()).expect("the body is JSON");
        assert_eq!(body["error"], error, "{form}");
    }
}
