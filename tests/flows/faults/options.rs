//! What a token can be asked for: audience, scope, organization, cache mode, how long it must be good.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::lifecycle::Standing;
use dioxus_auth0::oidc::TokenType;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::scope::Scope;
use dioxus_auth0::testing::{Fault, Resource, Rules};
use dioxus_auth0::{Error, LoginOptions, TokenOptions};
use serde_json::json;

use super::{ADA, API, LIFETIME, NEARLY, Scene, is_signed_in, token_of};

const ORDERS: &str = "https://orders.example/";

fn of_orders() -> TokenOptions {
    TokenOptions {
        audience: Some(ORDERS.into()),
        ..TokenOptions::scope("read:orders")
    }
}

fn cached(cache: CacheMode) -> TokenOptions {
    TokenOptions {
        cache,
        ..TokenOptions::default()
    }
}

fn lasting(seconds: u64) -> TokenOptions {
    TokenOptions {
        min_ttl: Duration::from_secs(seconds),
        ..TokenOptions::default()
    }
}

fn code(token: Result<String, Error>) -> String {
    token.expect_err("there is no token").code().to_owned()
}

/// A provider whose refresh tokens are good for another API, as far as the client knows.
async fn several(further: bool) -> Scene {
    let rules = Rules {
        further: match further {
            true => vec![Resource {
                audience: ORDERS.into(),
                scope: "read:orders".into(),
            }],
            false => Vec::new(),
        },
        ..Rules::default()
    };
    Scene::signed_in_with(rules, |it| it.use_mrrt = true).await
}

#[tokio::test]
async fn reading_changes_nothing_that_is_stored() {
    let scene = Scene::signed_in().await;
    let entries = || {
        let MemoryEntries(session, local) = MemoryEntries::of(&scene);
        (session, local)
    };
    let before = entries();
    let sent = scene.provider.requests().len();
    for options in [
        TokenOptions::default(),
        TokenOptions::scope("profile"),
        TokenOptions::scope("read:current_user email"),
        cached(CacheMode::Only),
        lasting(600),
        TokenOptions {
            audience: Some(API.into()),
            ..TokenOptions::default()
        },
    ] {
        assert_eq!(token_of(&scene.client, &options).await, Ok("at-1".into()));
        assert!(scene.client.access_token_detailed(&options).await.is_ok());
        assert_eq!(scene.client.standing(&options), Standing::Valid);
    }
    for options in [
        TokenOptions::scope("delete:everything"),
        TokenOptions {
            organization: Some("org_1".into()),
            ..TokenOptions::default()
        },
        TokenOptions {
            cache: CacheMode::Only,
            ..of_orders()
        },
    ] {
        assert!(token_of(&scene.client, &options).await.is_err());
    }
    scene.restarted().await;
    assert_eq!(entries(), before);
    assert_eq!(scene.provider.requests().len(), sent);
}

struct MemoryEntries(Vec<(String, String)>, Vec<(String, String)>);

impl MemoryEntries {
    fn of(scene: &Scene) -> Self {
        let memory = &scene.memory;
        Self(
            memory.session_storage.entries().into_iter().collect(),
            memory.local_storage.entries().into_iter().collect(),
        )
    }
}

#[tokio::test]
async fn a_held_token_is_not_used_when_nobody_wants_it() {
    let scene = Scene::signed_in().await;
    let off = cached(CacheMode::Off);
    assert_eq!(token_of(&scene.client, &off).await, Ok("at-2".into()));
    assert_eq!(token_of(&scene.client, &off).await, Ok("at-3".into()));
    assert_eq!(scene.token().await, Ok("at-3".into()));
    scene.has_spent(&["rt-1", "rt-2"]);
}

#[tokio::test]
async fn a_new_token_that_cannot_be_had_is_no_old_one() {
    let scene = Scene::signed_in().await;
    scene.fault(Fault::AnswerLost);
    let off = token_of(&scene.client, &cached(CacheMode::Off)).await;
    assert_eq!(off, super::unreachable());
    assert_eq!(scene.token().await, Ok("at-1".into()), "it is still good");
}

#[tokio::test]
async fn nothing_is_sent_for_who_wants_a_held_token_only() {
    let scene = Scene::signed_in().await;
    let only = cached(CacheMode::Only);
    scene.advance(NEARLY);
    assert_eq!(code(token_of(&scene.client, &only).await), "not_held");
    scene.advance(LIFETIME);
    assert_eq!(code(token_of(&scene.client, &only).await), "not_held");
    scene.has_spent(&[]);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn a_token_must_be_good_for_as_long_as_it_is_needed() {
    let scene = Scene::signed_in().await;
    scene.advance(LIFETIME - 600);
    assert_eq!(
        token_of(&scene.client, &lasting(600)).await,
        Ok("at-1".into())
    );
    assert_eq!(
        token_of(&scene.client, &lasting(601)).await,
        Ok("at-2".into())
    );
    let longer = lasting(LIFETIME as u64 + 1);
    assert_eq!(token_of(&scene.client, &longer).await, Ok("at-3".into()));
    scene.has_spent(&["rt-1", "rt-2"]);
}

#[tokio::test]
async fn what_is_known_of_a_token_is_told() {
    let scene = Scene::signed_in().await;
    scene.advance(200);
    let options = TokenOptions::default();
    let details = scene.client.access_token_detailed(&options).await;
    let details = details.expect("it is held");
    assert_eq!(details.access_token.expose(), "at-1");
    assert_eq!(details.token_type, TokenType::Bearer);
    assert_eq!(details.expires_in, Duration::from_secs(7000));
    assert_eq!(details.audience.as_deref(), Some(API));
    let granted =
        "openid profile email read:current_user update:current_user_metadata offline_access";
    assert_eq!(details.scope, Scope::parse(granted));
}

#[tokio::test]
async fn scope_that_the_login_did_not_ask_for_needs_consent() {
    let scene = Scene::signed_in().await;
    let wider = TokenOptions::scope("read:orders");
    let error = scene.client.access_token(&wider).await;
    let error = error.expect_err("it was not granted");
    assert_eq!(error.code(), "consent_required");
    assert!(error.needs_login());
    scene.has_spent(&[]);

    let login = LoginOptions {
        scope: Some("read:orders".into()),
        ..LoginOptions::default()
    };
    let outcome = scene
        .provider
        .sign_in_with(&scene.client, &scene.memory, ADA, login);
    outcome.await.expect("the login can begin");
    let asked = scene.memory.navigator.departures().len();
    assert_eq!(asked, 2);
    assert_eq!(token_of(&scene.client, &wider).await, Ok("at-2".into()));
    assert_eq!(
        scene.token().await,
        Ok("at-2".into()),
        "it covers less as well"
    );
}

#[tokio::test]
async fn an_audience_that_the_login_did_not_ask_for_needs_consent() {
    let scene = Scene::signed_in().await;
    assert_eq!(
        code(token_of(&scene.client, &of_orders()).await),
        "consent_required"
    );
    scene.has_spent(&[]);
}

#[tokio::test]
async fn a_session_of_another_organization_needs_a_login() {
    let scene = Scene::with(Rules::default(), |_| {});
    let login = LoginOptions {
        organization: Some("acme".into()),
        ..LoginOptions::default()
    };
    let outcome = scene
        .provider
        .sign_in_with(&scene.client, &scene.memory, ADA, login);
    outcome.await.expect("the login can begin");
    let of = |name: &str| TokenOptions {
        organization: Some(name.into()),
        ..TokenOptions::default()
    };
    for name in ["acme", "ACME", "org_acme"] {
        assert_eq!(
            token_of(&scene.client, &of(name)).await,
            Ok("at-1".into()),
            "{name}"
        );
    }
    for name in ["other", "org_other", "org_ACME", ""] {
        let error = scene.client.access_token(&of(name)).await;
        let error = error.expect_err("it is of another organization");
        assert_eq!(error.code(), "login_required", "{name}");
        assert!(error.needs_login());
    }
    scene.has_spent(&[]);
    assert!(is_signed_in(&scene.client));
    scene.advance(LIFETIME);
    assert_eq!(
        token_of(&scene.client, &of("acme")).await,
        Ok("at-2".into())
    );
}

#[tokio::test]
async fn a_refresh_token_that_is_good_for_several_apis_buys_a_token_for_each() {
    let scene = several(true).await;
    let details = scene.client.access_token_detailed(&of_orders()).await;
    let details = details.expect("the provider grants it");
    assert_eq!(details.audience.as_deref(), Some(ORDERS));
    assert_eq!(details.access_token.expose(), "at-2");
    assert!(details.scope.contains("read:orders"));
    let sent = scene.provider.refreshes_with("rt-1");
    assert_eq!(sent[0].form["audience"], ORDERS);
    assert_eq!(
        token_of(&scene.client, &of_orders()).await,
        Ok("at-2".into()),
        "it is held"
    );
    assert_eq!(
        scene.token().await,
        Ok("at-1".into()),
        "and so is the first"
    );
    scene.has_spent(&["rt-1"]);
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Ok("at-3".into()));
    assert_eq!(
        scene.provider.refreshes_with("rt-2")[0]
            .form
            .get("audience"),
        None
    );
    let client = scene.restarted().await;
    assert_eq!(token_of(&client, &of_orders()).await, Ok("at-4".into()));
    scene.has_spent(&["rt-1", "rt-2", "rt-3"]);
}

#[tokio::test]
async fn a_token_for_the_first_api_never_reaches_the_second() {
    let scene = several(false).await;
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for aud in [
        json!(API),
        json!([API, "https://tenant.example/userinfo"]),
        json!(null),
    ] {
        let claims = json!({ "aud": aud, "sub": ADA });
        let jwt = [part(json!({ "alg": "RS256" })), part(claims), "c2ln".into()].join(".");
        scene.fault(Fault::member("access_token", jwt));
        let before = scene.stored().expect("somebody is signed in");
        assert_eq!(
            code(token_of(&scene.client, &of_orders()).await),
            "consent_required"
        );
        let after = scene.stored().expect("the session goes on");
        assert_eq!(
            after["tokens"], before["tokens"],
            "it is not held for anything"
        );
        assert_ne!(
            after["refresh_token"], before["refresh_token"],
            "it was replaced"
        );
    }
    scene.has_spent(&["rt-1", "rt-2", "rt-3"]);
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-4"));
    scene.advance(LIFETIME);
    assert!(scene.token().await.is_ok());
    assert!(scene.provider.breaches().is_empty());
}

#[tokio::test]
async fn a_token_that_says_it_is_for_the_second_api_is_taken() {
    let scene = several(false).await;
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "aud": [ORDERS, API], "sub": ADA });
    let jwt = [part(json!({ "alg": "RS256" })), part(claims), "c2ln".into()].join(".");
    scene.fault(Fault::member("access_token", jwt.clone()));
    assert_eq!(token_of(&scene.client, &of_orders()).await, Ok(jwt));
}
