//! What the other endpoints say in place of an answer, and that nothing comes of it but an error that says who must act.

use dioxus_auth0::error::{NetworkError, ProtocolError};
use dioxus_auth0::{AuthState, Error, LoginOptions};
use serde_json::{Value, json};

use crate::world::{
    GET_KEYS, GET_METADATA, POST_TOKEN, World, claims, metadata, provider_keys, sign, tokens,
};

const GET_USERINFO: &str = "GET https://tenant.example/userinfo";
const POST_REVOKE: &str = "POST https://tenant.example/oauth/revoke";
const POST_PUSHED: &str = "POST https://tenant.example/oauth/par";
const POST_DEVICE: &str = "POST https://tenant.example/oauth/device/code";

/// A provider with every endpoint.
fn answer_discovery(world: &World) {
    let mut all = metadata();
    all["userinfo_endpoint"] = json!("https://tenant.example/userinfo");
    all["revocation_endpoint"] = json!("https://tenant.example/oauth/revoke");
    all["device_authorization_endpoint"] = json!("https://tenant.example/oauth/device/code");
    world.answer(GET_METADATA, 200, &all);
    world.answer(GET_KEYS, 200, &provider_keys("key-1"));
}

async fn signed_in() -> World {
    let world = World::new();
    answer_discovery(&world);
    assert_eq!(world.client.login(LoginOptions::default()).await, Ok(None));
    let departures = world.memory.navigator.departures();
    let departure = departures.last().expect("the user was sent away");
    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims(departure))));
    let outcome = world.client.callback(&world.good_answer(departure)).await;
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    world
}

/// Says who must act, in a word.
fn word(error: &Error) -> String {
    match error {
        Error::Network(NetworkError::Unavailable { status, .. }) => format!("busy {status}"),
        Error::Network(NetworkError::Intercepted { .. }) => "intercepted".into(),
        Error::Network(_) => "network".into(),
        Error::Refused(refusal) => refusal.code.to_string(),
        Error::Protocol(ProtocolError::Endpoint { name, .. }) => (*name).to_owned(),
        other => panic!("{other:?}"),
    }
}

fn page() -> (u16, String) {
    (200, "<html>".into())
}

fn body(status: u16, body: Value) -> (u16, String) {
    (status, body.to_string())
}

#[tokio::test]
async fn userinfo_that_does_not_come_leaves_the_user_as_they_were() {
    let cases = [
        ((401, String::new()), "invalid_token"),
        ((503, String::new()), "busy 503"),
        ((429, String::new()), "busy 429"),
        (page(), "intercepted"),
        ((404, String::new()), "userinfo_endpoint"),
        (body(200, json!({"sub": "auth0|bob"})), "userinfo_endpoint"),
        (body(200, json!(["auth0|ada"])), "userinfo_endpoint"),
    ];
    let world = signed_in().await;
    let (before, stored) = (world.client.identity(), world.session());
    for ((status, text), expected) in cases {
        world
            .memory
            .http
            .answer(GET_USERINFO, status, text.as_str());
        let error = world.client.refresh_user().await.expect_err(expected);
        assert_eq!(word(&error), expected, "{status} {text}");
        assert_eq!(world.client.identity(), before);
        assert_eq!(world.session(), stored);
    }
}

#[tokio::test]
async fn a_refresh_token_that_cannot_be_taken_back_is_kept() {
    let cases = [
        (
            body(400, json!({"error": "invalid_client"})),
            "invalid_client",
        ),
        ((503, String::new()), "busy 503"),
        ((404, String::new()), "revocation_endpoint"),
    ];
    let world = signed_in().await;
    let stored = world.session().expect("it is stored");
    assert!(stored["refresh_token"].is_string());
    for ((status, text), expected) in cases {
        world.memory.http.answer(POST_REVOKE, status, text.as_str());
        let error = world.client.revoke_refresh_token().await;
        assert_eq!(word(&error.expect_err(expected)), expected);
        assert_eq!(world.session().as_ref(), Some(&stored));
    }
    world.memory.http.answer(POST_REVOKE, 200, "");
    assert_eq!(world.client.revoke_refresh_token().await, Ok(()));
    let session = world.session().expect("it goes on");
    assert!(session["refresh_token"].is_null());
    assert_eq!(session["tokens"], stored["tokens"]);
}

#[tokio::test]
async fn a_device_that_gets_no_code_is_told_why() {
    let cases = [
        (
            body(403, json!({"error": "unauthorized_client"})),
            "unauthorized_client",
        ),
        (body(429, json!({"error": "too_many_requests"})), "busy 429"),
        ((500, String::new()), "busy 500"),
        (page(), "intercepted"),
        (body(200, json!({})), "device_authorization_endpoint"),
    ];
    let world = World::new();
    answer_discovery(&world);
    for ((status, text), expected) in cases {
        world.memory.http.answer(POST_DEVICE, status, text.as_str());
        let login = world.client.login_with_device(LoginOptions::default());
        let error = login.await.err().expect(expected);
        assert_eq!(word(&error), expected, "{status} {text}");
    }
    assert_eq!(world.client.identity(), None);
    assert_eq!(world.session(), None);
}

#[tokio::test]
async fn a_request_that_the_provider_does_not_take_sends_nobody_there() {
    let cases = [
        (400, "invalid_request", "invalid_request"),
        (401, "invalid_client", "invalid_client"),
        (503, "temporarily_unavailable", "busy 503"),
    ];
    let world = World::new();
    let mut insists = metadata();
    insists["pushed_authorization_request_endpoint"] = json!("https://tenant.example/oauth/par");
    insists["require_pushed_authorization_requests"] = json!(true);
    world.answer(GET_METADATA, 200, &insists);
    world.answer(GET_KEYS, 200, &provider_keys("key-1"));
    for (status, code, expected) in cases {
        world.answer(POST_PUSHED, status, &json!({ "error": code }));
        let gone = world.client.login(LoginOptions::default()).await;
        assert_eq!(word(&gone.expect_err(expected)), expected);
        assert!(world.memory.navigator.departures().is_empty());
        assert!(world.stored_under("transaction").is_empty());
    }
}
