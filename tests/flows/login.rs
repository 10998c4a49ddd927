//! The way out.

use std::time::Duration;

use dioxus_auth0::config::{ConfigError, Settings};
use dioxus_auth0::error::NetworkError;
use dioxus_auth0::port::PortError;
use dioxus_auth0::{Error, LoginOptions};
use serde_json::json;

use crate::world::{
    AUDIENCE, CLIENT_ID, GET_KEYS, GET_METADATA, NOW, World, metadata, parameter, provider_keys,
    settings,
};

#[tokio::test]
async fn a_login_whose_provider_is_down_sends_the_user_nowhere() {
    let world = World::new();
    let host = String::from("tenant.example");
    world
        .memory
        .http
        .fail(GET_METADATA, PortError::Unreachable { host: host.clone() });

    let result = world.client.login(LoginOptions::default()).await;

    assert_eq!(
        result,
        Err(Error::Network(NetworkError::Unreachable { host }))
    );
    assert!(world.memory.navigator.departures().is_empty());
    assert!(world.stored().is_empty());
}

#[tokio::test]
async fn metadata_of_another_issuer_stops_the_login_before_any_authorization_request() {
    let world = World::new();
    let mut metadata = metadata();
    metadata["issuer"] = json!("https://tenant.example/INVALID");
    world.answer(GET_METADATA, 200, &metadata);

    let error = world.client.login(LoginOptions::default()).await;

    assert_eq!(
        error.map_err(|e| e.code().to_owned()),
        Err("protocol_error".to_owned())
    );
    assert_eq!(world.memory.http.sent(), [GET_METADATA]);
    assert!(world.memory.navigator.departures().is_empty());
    assert!(world.stored().is_empty());
}

#[tokio::test]
async fn an_endpoint_too_long_to_ask_is_refused() {
    let world = World::new();
    let mut metadata = metadata();
    let long = "x".repeat(70_000);
    metadata["jwks_uri"] = json!(format!("https://tenant.example/{long}"));
    world.answer(GET_METADATA, 200, &metadata);

    let error = world.client.login(LoginOptions::default()).await;

    assert_eq!(
        error.map_err(|e| e.code().to_owned()),
        Err("protocol_error".to_owned())
    );
    assert_eq!(world.memory.http.sent(), [GET_METADATA]);
}

#[tokio::test]
async fn a_portal_page_in_place_of_metadata_is_a_network_error() {
    let world = World::new();
    world
        .memory
        .http
        .answer(GET_METADATA, 200, "<html>Welcome to our hotel");

    let error = world.client.login(LoginOptions::default()).await;

    let host = String::from("tenant.example");
    assert_eq!(
        error,
        Err(Error::Network(NetworkError::Intercepted { host }))
    );
}

#[tokio::test]
async fn a_machine_without_randomness_starts_no_login() {
    let world = World::new();
    world.answer_discovery();
    world.memory.entropy.break_down();

    let error = world.client.login(LoginOptions::default()).await;

    assert!(matches!(error, Err(Error::Platform(_))), "{error:?}");
    assert!(world.memory.navigator.departures().is_empty());
    assert!(world.stored_under("transaction").is_empty());
}

#[tokio::test]
async fn a_login_that_cannot_be_kept_is_not_begun() {
    let world = World::new();
    world.answer_discovery();
    world.memory.session_storage.set_full(true);

    let error = world.client.login(LoginOptions::default()).await;

    assert!(matches!(error, Err(Error::Platform(_))), "{error:?}");
    assert!(world.memory.navigator.departures().is_empty());
}

#[tokio::test]
async fn a_page_of_another_origin_is_no_place_to_return_to() {
    for path in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
    ] {
        let world = World::new();
        let error = world.client.login(LoginOptions::returning_to(path)).await;
        assert!(
            matches!(error, Err(Error::Config(ConfigError::ReturnTo(_)))),
            "{path}: {error:?}"
        );
        assert!(world.memory.http.sent().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn an_extra_parameter_cannot_replace_one_of_the_protocol() {
    let world = World::new();
    world.answer_discovery();
    let options = LoginOptions {
        extra: vec![("state".into(), "mine".into())],
        ..LoginOptions::default()
    };

    let error = world.client.login(options).await;

    assert!(
        matches!(error, Err(Error::Config(ConfigError::Authorize(_)))),
        "{error:?}"
    );
    assert!(world.memory.navigator.departures().is_empty());
}

#[tokio::test]
async fn a_login_asks_for_what_is_configured_and_what_is_asked() {
    let world = World::new();
    let url = world
        .depart(LoginOptions {
            scope: Some("read:orders".into()),
            login_hint: Some("ada@example.com".into()),
            max_age: Some(Duration::from_secs(60)),
            organization: Some("org_1".into()),
            ..LoginOptions::sign_up()
        })
        .await;

    assert_eq!(
        url.as_str().split('?').next(),
        Some("https://tenant.example/authorize")
    );
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "https://app.example"),
        (
            "scope",
            "openid profile email read:current_user offline_access read:orders",
        ),
        ("audience", AUDIENCE),
        ("code_challenge_method", "S256"),
        ("login_hint", "ada@example.com"),
        ("screen_hint", "signup"),
        ("max_age", "60"),
        ("organization", "org_1"),
    ];
    for (name, value) in expected {
        assert_eq!(parameter(&url, name), value, "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(
            parameter(&url, name).len(),
            43,
            "{name}: 256 bits in base64url"
        );
    }
    assert!(!url.as_str().contains("verifier"));
}

#[tokio::test]
async fn two_logins_share_nothing_random_and_fetch_the_metadata_once() {
    let world = World::new();
    let first = world.depart(LoginOptions::default()).await;
    let again = world.client.login(LoginOptions::default()).await;
    assert_eq!(again, Ok(None));
    let second = world.memory.navigator.departures()[1].clone();

    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&first, name), parameter(&second, name), "{name}");
    }
    assert_eq!(world.memory.http.sent(), [GET_METADATA, GET_KEYS]);
    assert_eq!(world.stored_under("transaction").len(), 2);
}

#[tokio::test]
async fn a_reload_remembers_the_provider_for_an_hour() {
    let world = World::new();
    world.answer_discovery();
    assert_eq!(world.client.prepare().await, Ok(()));
    assert_eq!(world.reload().client.prepare().await, Ok(()));
    assert_eq!(world.memory.http.sent(), [GET_METADATA, GET_KEYS]);

    world.memory.clock.advance(3600);
    world.answer(GET_METADATA, 200, &metadata());
    world.answer(GET_KEYS, 200, &provider_keys("key-2"));
    assert_eq!(world.reload().client.prepare().await, Ok(()));
    assert_eq!(world.memory.http.sent().len(), 4);
}

#[tokio::test]
async fn a_login_forgets_those_that_took_too_long() {
    let world = World::new();
    world.depart(LoginOptions::default()).await;
    world.memory.clock.set(NOW + 601);

    assert_eq!(world.client.login(LoginOptions::default()).await, Ok(None));

    assert_eq!(world.stored_under("transaction").len(), 1);
}

#[tokio::test]
async fn every_option_of_a_login_reaches_the_provider() {
    let world = World::new();
    let url = world
        .depart(LoginOptions {
            audience: Some("https://other.example/".into()),
            invitation: Some("invitation-1".into()),
            prompt: Some("consent".into()),
            ui_locales: Some("de en".into()),
            acr_values: Some("urn:mfa".into()),
            connection: Some("github".into()),
            extra: vec![("display".into(), "touch".into())],
            ..LoginOptions::default()
        })
        .await;

    for (name, value) in [
        ("audience", "https://other.example/"),
        ("invitation", "invitation-1"),
        ("prompt", "consent"),
        ("ui_locales", "de en"),
        ("acr_values", "urn:mfa"),
        ("connection", "github"),
        ("display", "touch"),
    ] {
        assert_eq!(parameter(&url, name), value, "{name}");
    }
}

#[tokio::test]
async fn the_configured_organization_is_asked_for_unless_the_login_names_another() {
    let world = World::with(Settings {
        organization: Some("org_1".into()),
        ..settings()
    });
    let url = world.depart(LoginOptions::default()).await;
    assert_eq!(parameter(&url, "organization"), "org_1");

    let other = LoginOptions {
        organization: Some("org_2".into()),
        ..LoginOptions::default()
    };
    assert_eq!(world.client.login(other).await, Ok(None));
    let url = world.memory.navigator.departures()[1].clone();
    assert_eq!(parameter(&url, "organization"), "org_2");
}

#[tokio::test]
async fn metadata_from_the_future_is_fetched_again() {
    let world = World::new();
    world.answer_discovery();
    assert_eq!(world.client.prepare().await, Ok(()));
    world.memory.clock.advance(-86_400);
    world.answer_discovery();
    assert_eq!(world.reload().client.prepare().await, Ok(()));
    assert_eq!(world.memory.http.sent().len(), 4);
}

#[tokio::test]
async fn a_login_that_is_cancelled_before_it_leaves_opens_no_page() {
    let world = World::new();
    world.answer_discovery();
    let leaving = world.client.leave(LoginOptions::default()).await;
    let leaving = leaving.expect("it can begin");
    assert_eq!(world.stored_under("transaction").len(), 1);

    let cancelled = world.client.finish(leaving, std::future::ready(())).await;

    assert_eq!(cancelled, Err(Error::Cancelled));
    assert!(world.memory.navigator.departures().is_empty());
    assert!(world.stored_under("transaction").is_empty());
}
