//! Who came back: signature and claims, with the keys at hand and with newer ones.

use std::time::Duration;

use dioxus_auth0::config::Settings;
use dioxus_auth0::error::ProtocolError;
use dioxus_auth0::oidc::IdTokenError;
use dioxus_auth0::{AuthState, Error, LoginOptions};
use serde_json::{Value, json};

use crate::world::{
    GET_KEYS, NOW, POST_TOKEN, World, claims, error_of, new_keys, provider_keys, settings, sign,
    sign_as_stranger, sign_with_kid, sign_with_new_key_unnamed, tokens,
};

/// Signs a user in with these claims and returns what came of it.
async fn with_claims(
    change: impl Fn(&mut Value),
    sign: impl Fn(&Value) -> String,
) -> (World, AuthState) {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    let mut claims = claims(&departure);
    change(&mut claims);
    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims)));
    let outcome = world.client.callback(&world.good_answer(&departure)).await;
    (world, outcome.state)
}

#[tokio::test]
async fn an_id_token_that_fails_a_check_signs_nobody_in_and_stores_nothing() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 6] = [
        ("another issuer", |c| {
            c["iss"] = json!("https://tenant.example/1")
        }),
        ("another client", |c| c["aud"] = json!("client-11")),
        ("another nonce", |c| c["nonce"] = json!("nonce1")),
        ("expired", |c| c["exp"] = json!(crate::world::NOW - 360)),
        ("no subject", |c| drop(c["sub"].take())),
        ("no time of issue", |c| drop(c["iat"].take())),
    ];
    for (what, change) in cases {
        let (world, state) = with_claims(change, sign).await;
        let error = error_of(state);
        assert_eq!(error.code(), "invalid_id_token", "{what}: {error:?}");
        assert_eq!(world.session(), None, "{what}");
        assert_eq!(world.memory.http.sent().len(), 3, "{what}");
    }
}

#[tokio::test]
async fn an_id_token_signed_by_a_stranger_is_rejected_without_asking_for_other_keys() {
    let (world, state) = with_claims(|_| {}, sign_as_stranger).await;
    let expected = ProtocolError::IdToken(IdTokenError::Signature);
    assert_eq!(error_of(state), Error::Protocol(expected));
    assert_eq!(world.session(), None);
    assert_eq!(world.memory.http.sent().len(), 3);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once() {
    for (kid_then, is_accepted) in [("key-2", true), ("key-3", false)] {
        let world = World::new();
        let departure = world.depart(LoginOptions::default()).await;
        let id_token = sign_with_kid("key-2", &claims(&departure));
        world.answer(POST_TOKEN, 200, &tokens(&id_token));
        world.answer(GET_KEYS, 200, &provider_keys(kid_then));

        let outcome = world.client.callback(&world.good_answer(&departure)).await;

        let is_in = matches!(outcome.state, AuthState::SignedIn(_));
        assert_eq!(is_in, is_accepted, "{outcome:?}");
        assert_eq!(world.memory.http.sent().len(), 4);
        assert_eq!(world.session().is_some(), is_accepted);
    }
}

#[tokio::test]
async fn a_token_that_names_no_key_is_checked_against_newer_keys_once() {
    for (then, is_accepted) in [(new_keys(), true), (provider_keys("key-1"), false)] {
        let world = World::new();
        let departure = world.depart(LoginOptions::default()).await;
        let id_token = sign_with_new_key_unnamed(&claims(&departure));
        world.answer(POST_TOKEN, 200, &tokens(&id_token));
        world.answer(GET_KEYS, 200, &then);

        let outcome = world.client.callback(&world.good_answer(&departure)).await;

        let is_in = matches!(outcome.state, AuthState::SignedIn(_));
        assert_eq!(is_in, is_accepted, "{outcome:?}");
        assert_eq!(world.memory.http.sent().len(), 4);
        assert_eq!(world.session().is_some(), is_accepted);
    }
}

/// Signs in by `options` with `change`d claims, and says whether that was accepted.
async fn is_accepted(settings: Settings, options: LoginOptions, change: fn(&mut Value)) -> bool {
    let world = World::with(settings);
    let departure = world.depart(options).await;
    let mut claims = claims(&departure);
    change(&mut claims);
    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims)));
    let outcome = world.client.callback(&world.good_answer(&departure)).await;
    assert_eq!(world.session().is_some(), world.client.identity().is_some());
    matches!(outcome.state, AuthState::SignedIn(_))
}

#[tokio::test]
async fn a_login_to_an_organization_needs_a_token_of_it() {
    let configured = || Settings {
        organization: Some("org_1".into()),
        ..settings()
    };
    let asked = || LoginOptions {
        organization: Some("org_1".into()),
        ..LoginOptions::default()
    };
    for (settings, options) in [
        (
            configured as fn() -> Settings,
            LoginOptions::default as fn() -> LoginOptions,
        ),
        (settings, asked),
    ] {
        assert!(!is_accepted(settings(), options(), |_| {}).await);
        let of_another = |c: &mut Value| c["org_id"] = json!("org_11");
        assert!(!is_accepted(settings(), options(), of_another).await);
        let of_it = |c: &mut Value| c["org_id"] = json!("org_1");
        assert!(is_accepted(settings(), options(), of_it).await);
    }
}

#[tokio::test]
async fn a_login_with_a_greatest_age_needs_a_token_that_says_when() {
    let options = || LoginOptions {
        max_age: Some(Duration::from_secs(60)),
        ..LoginOptions::default()
    };
    assert!(!is_accepted(settings(), options(), |_| {}).await);
    let long_ago = |c: &mut Value| c["auth_time"] = json!(NOW - 121);
    assert!(!is_accepted(settings(), options(), long_ago).await);
    let lately = |c: &mut Value| c["auth_time"] = json!(NOW - 119);
    assert!(is_accepted(settings(), options(), lately).await);
}

#[tokio::test]
async fn the_configured_leeway_counts_and_none_is_none() {
    let strict = Settings {
        leeway: Some(Duration::ZERO),
        ..settings()
    };
    let just_over = |c: &mut Value| c["exp"] = json!(NOW - 1);
    assert!(!is_accepted(strict, LoginOptions::default(), just_over).await);
    assert!(is_accepted(settings(), LoginOptions::default(), just_over).await);
}
