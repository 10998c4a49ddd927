//! What a token opens at the provider: the user, their metadata, and the app's own API.

use dioxus_auth0::management::{UserProfile, get_user, update_user_metadata};
use dioxus_auth0::oidc::{TokenType, UserinfoRequest};
use dioxus_auth0::port::Http;
use dioxus_auth0::secret::AccessToken;
use dioxus_auth0::testing::{Endpoint, Fault};
use dioxus_auth0::{ApiRequest, Error};
use serde_json::{Map, Value, json};

use super::{ADA, API, GRACE, LIFETIME, Scene, url};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("expected an object, found {other}"),
    }
}

#[tokio::test]
async fn users_read_and_change_their_own_metadata() {
    let scene = Scene::signed_in().await;
    let before = object(json!({ "theme": "dark", "old": 1 }));
    let metadata = before.clone();
    scene
        .provider
        .change(ADA, |ada| ada.user_metadata = metadata);

    let answer = scene.client.call(&get_user(ADA)).await.expect("it is hers");
    let profile = UserProfile::read(&answer, ADA).expect("it is a profile");
    assert_eq!(profile.user_metadata, Some(before.clone()));

    let after = object(json!({ "theme": "light", "new": [true] }));
    let change = update_user_metadata(ADA, &before, &after);
    let answer = scene.client.call(&change).await.expect("it is hers");
    assert_eq!(answer["user_metadata"], Value::Object(after.clone()));
    let ada = scene.provider.account(ADA).expect("she is there");
    assert_eq!(ada.user_metadata, after);
    assert_eq!(scene.provider.count(Endpoint::Api), 2);
}

#[tokio::test]
async fn nobody_reads_or_changes_somebody_else() {
    let scene = Scene::signed_in().await;
    let change = update_user_metadata(GRACE, &Map::new(), &object(json!({ "a": 1 })));
    for request in [get_user(GRACE), change] {
        let error = scene
            .client
            .call(&request)
            .await
            .expect_err("it is Grace's");
        assert_eq!(error.code(), "insufficient_scope");
    }
    let grace = scene.provider.account(GRACE).expect("she is there");
    assert_eq!(grace.user_metadata, Map::new());
}

#[tokio::test]
async fn a_change_that_is_no_object_changes_nothing() {
    let scene = Scene::signed_in().await;
    for body in [json!({ "user_metadata": 1 }), json!([]), json!({})] {
        let request = ApiRequest::patch("users/auth0%7Cada", body);
        let error = scene.client.call(&request).await.expect_err("no object");
        assert_eq!(error.code(), "invalid_body");
    }
}

#[tokio::test]
async fn a_token_opens_one_api_while_it_holds() {
    let scene = Scene::signed_in().await;
    let ask = |token: Option<&str>, path: &str| {
        let request = http::Request::get([API, path].concat());
        scene.ask(match token {
            Some(token) => request.header("authorization", token),
            None => request,
        })
    };
    let user = "users/auth0%7Cada";
    assert_eq!(ask(Some("Bearer at-1"), user).await.status(), 200);
    assert_eq!(ask(Some("bearer at-1"), user).await.status(), 200);
    for token in [None, Some("at-1"), Some("Basic at-1"), Some("Bearer at-9")] {
        let answer = ask(token, user).await;
        assert_eq!(answer.status(), 401, "{token:?}");
        assert!(answer.headers().contains_key("www-authenticate"));
    }
    assert_eq!(ask(Some("Bearer at-1"), "elsewhere").await.status(), 404);

    scene.memory.clock.advance(LIFETIME - 1);
    assert_eq!(ask(Some("Bearer at-1"), user).await.status(), 200);
    scene.memory.clock.advance(1);
    assert_eq!(ask(Some("Bearer at-1"), user).await.status(), 401);
}

#[tokio::test]
async fn a_test_can_put_its_own_api_below_an_audience() {
    let scene = Scene::signed_in().await;
    let body = json!({ "total": 7 });
    scene
        .provider
        .serve(&[API, "orders/42"].concat(), body.clone());
    let order = ApiRequest::get("orders/42?with=items");
    assert_eq!(scene.client.call(&order).await, Ok(body));
    let posted = ApiRequest::post("orders/42", json!({}));
    assert!(matches!(
        scene.client.call(&posted).await,
        Err(Error::Refused(_))
    ));
}

#[tokio::test]
async fn a_fault_of_the_api_leaves_the_session() {
    let scene = Scene::signed_in().await;
    scene.provider.fault(Endpoint::Api, Fault::CaptivePortal);
    let error = scene.client.call(&get_user(ADA)).await;
    assert!(error.expect_err("a page came").is_network());
    assert!(scene.client.call(&get_user(ADA)).await.is_ok());
}

#[tokio::test]
async fn userinfo_tells_what_the_scope_opens() {
    let scene = Scene::signed_in().await;
    let request = |token: &'static str| {
        let provider = scene.provider.clone();
        async move {
            let request = UserinfoRequest {
                endpoint: &url("https://tenant.example/userinfo"),
                access_token: &AccessToken::new(token),
                token_type: TokenType::Bearer,
                sub: ADA,
            };
            request.send(|request| provider.send(request)).await
        }
    };
    let user = request("at-1").await.expect("the token is good for it");
    assert_eq!(user.email(), Some("ada@example.com"));
    assert!(request("at-9").await.is_err());
}

#[tokio::test]
async fn there_is_nothing_elsewhere() {
    let scene = Scene::new();
    for address in ["https://tenant.example/nothing", "https://other.example/"] {
        let request = http::Request::get(address).body(Vec::new());
        let request = request.expect("the request is well made");
        let answer = scene.provider.send(request).await.expect("it answers");
        assert_eq!(answer.status(), 404);
    }
    assert_eq!(scene.provider.count(Endpoint::Elsewhere), 2);
}
