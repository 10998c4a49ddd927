//! Calls to the protected API: a fresh token once, nowhere else, and nothing for anybody but who asked.

use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::{Endpoint, Fault, Rules};
use dioxus_auth0::{ApiRequest, Error};
use futures_util::poll;
use serde_json::json;

use super::{ADA, GRACE, LIFETIME, Scene, is_signed_in, unreachable};

const ORDER: &str = "https://tenant.example/api/v2/orders/42";

async fn scene() -> Scene {
    let scene = Scene::signed_in().await;
    scene.provider.serve(ORDER, json!({ "total": 7 }));
    scene
}

fn order() -> ApiRequest {
    ApiRequest::get("orders/42")
}

fn stale() -> Fault {
    Fault::refused(401, "invalid_token", "Expired token")
}

/// What the API was shown, in order.
fn shown(scene: &Scene) -> Vec<String> {
    let requests = scene.provider.requests().into_iter();
    let calls = requests.filter(|it| it.endpoint == Endpoint::Api);
    let shown = calls.map(|it| {
        it.headers["authorization"]
            .to_str()
            .expect("it is ascii")
            .to_owned()
    });
    shown.collect()
}

#[tokio::test]
async fn a_token_that_the_api_does_not_take_is_replaced_once() {
    let scene = scene().await;
    scene.provider.fault(Endpoint::Api, stale());
    assert_eq!(scene.client.call(&order()).await, Ok(json!({ "total": 7 })));
    assert_eq!(shown(&scene), ["Bearer at-1", "Bearer at-2"]);
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn an_api_that_takes_no_token_is_asked_twice_and_no_more() {
    let scene = scene().await;
    scene.provider.faults(Endpoint::Api, 9, stale());
    let error = scene
        .client
        .call(&order())
        .await
        .expect_err("it takes none");
    assert_eq!(error.code(), "invalid_token");
    assert_eq!(shown(&scene).len(), 2);
    scene.has_spent(&["rt-1"]);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn without_a_refresh_token_a_401_is_the_answer() {
    let scene = Scene::signed_in_with(Rules::default(), |it| it.use_refresh_tokens = false).await;
    scene.provider.fault(Endpoint::Api, stale());
    let error = scene
        .client
        .call(&order())
        .await
        .expect_err("it is not taken");
    assert_eq!(error.code(), "invalid_token");
    assert_eq!(shown(&scene), ["Bearer at-1"]);
}

#[tokio::test]
async fn a_401_after_which_no_token_can_be_had_tells_why() {
    let scene = scene().await;
    scene.provider.fault(Endpoint::Api, stale());
    scene.fault(Fault::RequestLost);
    assert_eq!(scene.client.call(&order()).await, unreachable());
    assert_eq!(shown(&scene).len(), 1);

    scene.provider.end_sessions(ADA);
    scene.provider.fault(Endpoint::Api, stale());
    assert_eq!(scene.client.call(&order()).await, Err(Error::Expired));
    assert!(!is_signed_in(&scene.client));
}

#[tokio::test]
async fn other_answers_cost_no_token() {
    for (status, is_network) in [(403, false), (404, false), (429, true), (503, true)] {
        let scene = scene().await;
        scene
            .provider
            .fault(Endpoint::Api, Fault::refused(status, "no", "no"));
        let error = scene.client.call(&order()).await.expect_err("it says no");
        assert_eq!(error.is_network(), is_network, "{status}");
        assert_eq!(shown(&scene), ["Bearer at-1"]);
        scene.has_spent(&[]);
    }
}

#[tokio::test]
async fn a_token_goes_to_its_api_and_nowhere_else() {
    let scene = scene().await;
    let sent = scene.provider.requests().len();
    for path in [
        "https://evil.example/orders/42",
        "//evil.example/orders/42",
        "/orders/42",
        "../v3/orders/42",
        "http://tenant.example/api/v2/orders/42",
        "https://tenant.example:444/api/v2/orders/42",
        "https://tenant.example.evil.example/api/v2/",
        "..%2f../users",
        "\\\\evil.example/orders",
    ] {
        let answer = scene.client.call(&ApiRequest::get(path)).await;
        let requests = scene.provider.requests().split_off(sent);
        for request in &requests {
            let url = request.url.as_str();
            assert!(url.starts_with(super::API), "{path}: {url}");
        }
        if requests.is_empty() {
            let error = answer.expect_err("it is sent nowhere");
            assert_eq!(error.code(), "protocol_error", "{path}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_comes_after_a_logout_is_dropped() {
    let scene = scene().await;
    let order = order();
    let mut calling = Box::pin(scene.client.call(&order));
    assert!(poll!(&mut calling).is_pending());
    scene.client.forget().await.1.expect("the storage works");
    assert_eq!(calling.await, Err(Error::Expired));
}

#[tokio::test]
async fn an_answer_that_comes_after_another_user_has_come_is_dropped() {
    let scene = scene().await;
    let order = order();
    let mut calling = Box::pin(scene.client.call(&order));
    assert!(poll!(&mut calling).is_pending());
    scene.sign_in(GRACE).await;
    assert_eq!(calling.await, Err(Error::Expired));
}

#[tokio::test]
async fn a_call_is_not_repeated_with_the_token_of_another_user() {
    for polls in 1..4 {
        let scene = Scene::signed_in_with(Rules::default(), |it| {
            it.cache = CacheLocation::LocalStorage;
        })
        .await;
        scene.provider.serve(ORDER, json!({ "total": 7 }));
        scene.provider.fault(Endpoint::Api, stale());
        let order = order();
        let mut calling = Box::pin(scene.client.call(&order));
        for _ in 0..polls {
            let _ = poll!(&mut calling);
        }
        let tab = scene.memory.tab();
        let other = scene.another(&tab);
        scene.sign_in_to(&other, &tab, GRACE).await;
        scene.client.look_again().await;
        let answer = calling.await;
        assert_eq!(answer, Err(Error::Expired), "{polls}");
        for shown in shown(&scene) {
            assert_eq!(shown, "Bearer at-1", "{polls}: that is Ada's");
        }
    }
}

#[tokio::test]
async fn tokens_that_ran_out_are_renewed_before_the_call() {
    let scene = scene().await;
    scene.advance(LIFETIME);
    assert!(scene.client.call(&order()).await.is_ok());
    assert_eq!(shown(&scene), ["Bearer at-2"]);
}
