//! Who came back: signature and claims, with the keys at hand and with newer ones.

use dioxus_auth0::error::ProtocolError;
use dioxus_auth0::oidc::IdTokenError;
use dioxus_auth0::{AuthState, Error, LoginOptions};
use serde_json::{Value, json};

use crate::world::{
    GET_KEYS, POST_TOKEN, World, claims, error_of, new_keys, provider_keys, sign, sign_as_stranger,
    sign_with_kid, sign_with_new_key_unnamed, tokens,
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
