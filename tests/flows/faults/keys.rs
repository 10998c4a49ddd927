//! F21 and F22: tokens that are bound to a key, nonces that servers demand, and a key that is gone.

use dioxus_auth0::oidc::TokenType;
use dioxus_auth0::port::Storage;
use dioxus_auth0::testing::{Endpoint, Fault, Heard, Rules};
use dioxus_auth0::{ApiRequest, Error, Reason, TokenOptions};
use serde_json::{Value, json};

use super::{API, LIFETIME, Scene, is_signed_in, token};

const ORDER: &str = "https://tenant.example/api/v2/orders/42";

async fn bound() -> Scene {
    let scene = Scene::signed_in_with(Rules::default(), |it| it.use_dpop = true).await;
    scene.provider.serve(ORDER, json!({ "total": 7 }));
    scene
}

/// The claims of the proofs that came to `endpoint`.
fn proofs(scene: &Scene, endpoint: Endpoint) -> Vec<Value> {
    use base64::Engine;
    let requests = scene.provider.requests().into_iter();
    let proofs = requests.filter(|it| it.endpoint == endpoint).map(|it| {
        let proof = it.headers["dpop"].to_str().expect("a proof is ascii");
        let claims = proof.split('.').nth(1).expect("a proof has three parts");
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let claims = engine.decode(claims).expect("it is base64url");
        serde_json::from_slice(&claims).expect("the claims are JSON")
    });
    proofs.collect()
}

/// Takes the key away that tokens are bound to.
async fn lose_key(scene: &Scene) {
    let storage = &scene.memory.local_storage;
    let mut keys = storage.entries().into_keys();
    let key = keys
        .find(|key| key.contains(".key."))
        .expect("there is a key");
    storage.remove(&key).await.expect("it can be removed");
}

#[tokio::test]
async fn tokens_that_are_bound_to_a_key_are_told_so() {
    let scene = bound().await;
    let options = TokenOptions::default();
    let details = scene.client.access_token_detailed(&options).await;
    assert_eq!(details.map(|it| it.token_type), Ok(TokenType::DPoP));
    assert_eq!(
        scene.client.call(&ApiRequest::get("orders/42")).await,
        Ok(json!({ "total": 7 }))
    );
    scene.advance(LIFETIME);
    assert_eq!(
        scene.client.call(&ApiRequest::get("orders/42")).await,
        Ok(json!({ "total": 7 }))
    );
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f21a_a_nonce_that_is_demanded_at_refresh_is_given_once_with_the_same_refresh_token() {
    let scene = bound().await;
    scene.advance(LIFETIME);
    let before = proofs(&scene, Endpoint::Token).len();
    scene
        .provider
        .change_rules(|rules| rules.dpop_nonce = Some("n-1".into()));
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.has_spent(&["rt-1", "rt-1"]);
    let proofs_sent = proofs(&scene, Endpoint::Token).split_off(before);
    assert_eq!(proofs_sent[0].get("nonce"), None);
    assert_eq!(proofs_sent[1]["nonce"], "n-1");
    assert_ne!(proofs_sent[0]["jti"], proofs_sent[1]["jti"]);

    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Ok("at-3".into()), "it is remembered");
    scene.has_spent(&["rt-1", "rt-1", "rt-2"]);
}

#[tokio::test]
async fn f21b_a_server_that_is_never_content_is_asked_twice_and_ends_nothing() {
    let scene = bound().await;
    scene.advance(LIFETIME);
    scene
        .provider
        .faults(Endpoint::Token, 2, Fault::DpopNonce("n-1".into()));
    let error = scene.token().await.expect_err("it is not content");
    assert_eq!(error.code(), "use_dpop_nonce");
    scene.has_spent(&["rt-1", "rt-1"]);
    assert!(is_signed_in(&scene.client));
    assert_eq!(scene.token().await, Ok("at-2".into()));
}

#[tokio::test]
async fn f21c_a_nonce_that_is_demanded_at_an_api_is_given_once() {
    let scene = bound().await;
    scene
        .provider
        .change_rules(|rules| rules.dpop_nonce = Some("n-1".into()));
    let answer = scene.client.call(&ApiRequest::get("orders/42")).await;
    assert_eq!(answer, Ok(json!({ "total": 7 })));
    let heard: Vec<Heard> = scene
        .provider
        .requests()
        .into_iter()
        .filter(|it| it.endpoint == Endpoint::Api)
        .map(|it| it.heard)
        .collect();
    assert_eq!(heard, [Heard::Answer(401), Heard::Answer(200)]);
    let proofs = proofs(&scene, Endpoint::Api);
    assert_ne!(proofs[0]["jti"], proofs[1]["jti"]);
    assert_eq!(proofs[1]["nonce"], "n-1");
    assert!(proofs[1]["ath"].is_string(), "the proof is for this token");
    scene.has_spent(&[]);
    assert!(
        proofs[0]["htu"]
            .as_str()
            .is_some_and(|htu| htu.starts_with(API))
    );
}

#[tokio::test]
async fn f22a_a_key_that_is_gone_ends_the_session_without_a_request() {
    let scene = bound().await;
    scene.advance(LIFETIME);
    lose_key(&scene).await;
    let sent = scene.provider.requests().len();
    assert_eq!(scene.token().await, Err(Error::Expired));
    assert_eq!(scene.provider.requests().len(), sent);
    assert!(!is_signed_in(&scene.client));
    assert_eq!(scene.client.reason(), Reason::Expired);
    assert_eq!(scene.stored(), None);
    scene.sign_in(super::ADA).await;
    assert!(scene.token().await.is_ok(), "the next login is clean");
    scene.advance(LIFETIME);
    assert!(scene.token().await.is_ok());
    assert!(scene.provider.breaches().is_empty());
}

#[tokio::test]
async fn f22b_a_key_that_is_gone_while_its_token_is_good_is_found_out_at_the_api() {
    let scene = bound().await;
    lose_key(&scene).await;
    let answer = scene.client.call(&ApiRequest::get("orders/42")).await;
    assert_eq!(answer, Err(Error::Expired));
    assert_eq!(scene.provider.count(Endpoint::Api), 1);
    scene.has_spent(&[]);
    assert!(!is_signed_in(&scene.client));
}

#[tokio::test]
async fn f22c_a_key_that_is_damaged_is_as_good_as_gone() {
    let scene = bound().await;
    scene.advance(LIFETIME);
    let entries = scene.memory.local_storage.entries();
    let key = entries.into_keys().find(|key| key.contains(".key."));
    let key = key.expect("there is a key");
    scene.memory.local_storage.plant(key, "?");
    let client = scene.restarted().await;
    assert_eq!(token(&client).await, Err(Error::Expired));
    scene.has_spent(&[]);
}

#[tokio::test]
async fn a_provider_that_binds_nothing_is_used_with_bearer_tokens() {
    let scene = bound().await;
    scene.advance(LIFETIME);
    scene.fault(Fault::member("token_type", "Bearer"));
    let options = TokenOptions::default();
    let details = scene.client.access_token_detailed(&options).await;
    assert_eq!(details.map(|it| it.token_type), Ok(TokenType::Bearer));
}

#[tokio::test]
async fn a_token_of_a_type_that_nobody_asked_for_is_refused() {
    for kind in ["DPoP", "mac"] {
        let scene = Scene::expired().await;
        scene.fault(Fault::member("token_type", kind));
        let error = scene.token().await.expect_err("it is of no use");
        assert_eq!(error.code(), "protocol_error", "{kind}");
        assert!(is_signed_in(&scene.client));
    }
}
