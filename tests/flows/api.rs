//! Calls to the protected API.

use dioxus_auth0::api::ApiError;
use dioxus_auth0::config::Settings;
use dioxus_auth0::error::{NetworkError, ProtocolError};
use dioxus_auth0::management::{self, UserProfile};
use dioxus_auth0::{ApiRequest, Error};
use serde_json::{Map, Value, json};

use crate::world::{World, settings};

const GET_USER: &str = "GET https://tenant.example/api/v2/users/auth0%7Cada";
const PATCH_USER: &str = "PATCH https://tenant.example/api/v2/users/auth0%7Cada";

async fn signed_in() -> World {
    let world = World::new();
    world.sign_in().await;
    world
}

#[tokio::test]
async fn a_token_goes_nowhere_but_to_the_audience() {
    let world = signed_in().await;
    let sent = world.memory.http.sent();
    for path in [
        "https://evil.example/",
        "//evil.example/",
        "\\\\evil.example/",
        "/elsewhere",
        "../../v1/users",
        "http://tenant.example/api/v2/users",
        "https://tenant.example:8443/api/v2/users",
    ] {
        let result = world.client.call(&ApiRequest::get(path)).await;
        let expected = ApiError::ForeignUrl {
            expected: crate::world::AUDIENCE.into(),
        };
        assert_eq!(
            result,
            Err(Error::Protocol(ProtocolError::Api(expected))),
            "{path}"
        );
    }
    assert_eq!(world.memory.http.sent(), sent);
}

#[tokio::test]
async fn a_call_too_long_to_send_is_an_error() {
    let world = signed_in().await;
    let sent = world.memory.http.sent();
    let result = world
        .client
        .call(&ApiRequest::get("x".repeat(70_000)))
        .await;
    assert!(
        matches!(result, Err(Error::Protocol(ProtocolError::Api(_)))),
        "{result:?}"
    );
    assert_eq!(world.memory.http.sent(), sent);
}

#[tokio::test]
async fn without_an_audience_there_is_nothing_to_call() {
    let world = World::with(Settings {
        audience: None,
        ..settings()
    });
    world.sign_in().await;
    let result = world.client.call(&ApiRequest::get("users")).await;
    assert_eq!(
        result,
        Err(Error::Protocol(ProtocolError::Api(ApiError::NoBase)))
    );
}

#[tokio::test]
async fn an_answer_that_is_no_answer_is_an_error() {
    let host = || String::from("tenant.example");
    let cases = [
        (
            429,
            "{}",
            Error::Network(NetworkError::Unavailable {
                host: host(),
                status: 429,
            }),
        ),
        (
            503,
            "<html>",
            Error::Network(NetworkError::Unavailable {
                host: host(),
                status: 503,
            }),
        ),
        (
            200,
            "<html>",
            Error::Network(NetworkError::Intercepted { host: host() }),
        ),
    ];
    for (status, body, expected) in cases {
        let world = signed_in().await;
        world.memory.http.answer(GET_USER, status, body);
        let result = world.client.call(&management::get_user("auth0|ada")).await;
        assert_eq!(result, Err(expected));
        assert!(world.client.identity().is_some());
    }
    for body in ["", "{", "{\"a\":1,\"a\":2}", "nul"] {
        let world = signed_in().await;
        world.memory.http.answer(GET_USER, 200, body);
        let result = world.client.call(&management::get_user("auth0|ada")).await;
        let Err(Error::Protocol(ProtocolError::Api(ApiError::Malformed { .. }))) = result else {
            panic!("{body}: {result:?}");
        };
    }
}

#[tokio::test]
async fn a_refusal_of_the_api_keeps_its_words() {
    let world = signed_in().await;
    let body = json!({"statusCode": 403, "error": "Forbidden", "message": "Insufficient scope",
        "errorCode": "insufficient_scope"});
    world.answer(GET_USER, 403, &body);
    let Err(Error::Refused(refusal)) = world.client.call(&management::get_user("auth0|ada")).await
    else {
        panic!("expected a refusal");
    };
    assert_eq!(refusal.code.as_str(), "insufficient_scope");
    assert_eq!(refusal.description.as_deref(), Some("Insufficient scope"));
    assert_eq!(refusal.status, Some(403));
}

#[tokio::test]
async fn a_call_carries_the_token_in_its_header_alone() {
    let world = signed_in().await;
    world.answer(GET_USER, 200, &json!({"user_id": "auth0|ada"}));

    let answer = world.client.call(&management::get_user("auth0|ada")).await;

    assert_eq!(answer, Ok(json!({"user_id": "auth0|ada"})));
    let requests = world.memory.http.requests();
    let request = &requests[3];
    assert_eq!(request.headers()["authorization"], "Bearer at-1");
    assert!(!request.uri().to_string().contains("at-1"));
    assert!(request.body().is_empty());
}

#[tokio::test]
async fn changed_metadata_is_sent_member_by_member_and_gone_members_as_null() {
    let world = World::with(Settings {
        scope: Some("update:current_user_metadata".into()),
        ..settings()
    });
    world.sign_in().await;
    world.answer(PATCH_USER, 200, &json!({"user_id": "auth0|ada"}));
    let members = |value: Value| value.as_object().cloned().unwrap_or_default();
    let before: Map<_, _> = members(json!({"theme": "dark", "gone": 1}));
    let after = members(json!({"theme": "light"}));

    let request = management::update_user_metadata("auth0|ada", &before, &after);
    world
        .client
        .call(&request)
        .await
        .expect("the API accepts it");

    let requests = world.memory.http.requests();
    assert_eq!(requests[3].headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(requests[3].body()).expect("JSON");
    assert_eq!(
        body,
        json!({"user_metadata": {"theme": "light", "gone": null}})
    );
}

#[test]
fn a_profile_of_somebody_else_or_of_another_shape_is_refused() {
    for answer in [
        json!({}),
        json!([]),
        json!({"user_id": "auth0|grace", "user_metadata": {}}),
        json!({"user_id": "auth0|ada", "user_metadata": "dark"}),
        json!({"user_id": "auth0|ada", "user_metadata": ["dark"]}),
    ] {
        let read = UserProfile::read(&answer, "auth0|ada");
        assert!(matches!(read, Err(ApiError::Malformed { .. })), "{answer}");
    }
}

#[test]
fn a_profile_without_metadata_has_none() {
    for answer in [
        json!({"user_id": "auth0|ada"}),
        json!({"user_id": "auth0|ada", "user_metadata": null}),
        json!({"user_id": "auth0|ada", "user_metadata": {}}),
    ] {
        let profile = UserProfile::read(&answer, "auth0|ada").expect("a profile");
        assert_eq!(profile.user_metadata, None);
    }
}
