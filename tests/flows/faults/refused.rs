//! F10 to F15: what the provider says no to, and answers that say what they should not.

use std::time::Duration;

use dioxus_auth0::testing::{Endpoint, Fault, Rules};
use dioxus_auth0::{Error, Reason, TokenOptions};
use serde_json::{Value, json};

use super::{ADA, GRACE, LIFETIME, NEARLY, Scene, is_signed_in, token_of};

fn code(token: Result<String, Error>) -> String {
    let error = token.expect_err("there is no token");
    error.code().to_owned()
}

#[tokio::test]
async fn f10_a_request_that_is_wrong_keeps_the_session_and_is_not_repeated() {
    for error in [
        "invalid_client",
        "unauthorized_client",
        "invalid_scope",
        "invalid_request",
    ] {
        let scene = Scene::expired().await;
        let before = scene.stored();
        scene.fault(Fault::refused(401, error, "it is wrong"));
        let refused = scene.token().await.expect_err("there is no token");
        assert_eq!(refused.code(), error);
        assert!(refused.is_terminal() && !refused.needs_login());
        scene.has_spent(&["rt-1"]);
        assert!(is_signed_in(&scene.client));
        assert_eq!(scene.stored(), before, "{error}");
        assert_eq!(
            scene.token().await,
            Ok("at-2".into()),
            "once it is put right"
        );
    }
}

#[tokio::test]
async fn f11_a_user_who_is_blocked_is_logged_out_and_told_why() {
    for (fault, expected) in [
        (Fault::blocked(), "access_denied"),
        (
            Fault::refused(403, "unauthorized", "user is blocked"),
            "unauthorized",
        ),
    ] {
        let scene = Scene::expired().await;
        scene.fault(fault);
        assert_eq!(code(scene.token().await), expected);
        scene.has_spent(&["rt-1"]);
        assert!(!is_signed_in(&scene.client));
        assert_eq!(scene.client.reason(), Reason::Expired);
        assert_eq!(scene.stored(), None);
        assert_eq!(scene.token().await, Err(Error::Expired));
        scene.has_spent(&["rt-1"]);
    }
}

#[tokio::test]
async fn f12_a_demand_for_another_factor_keeps_the_session() {
    let scene = Scene::expired().await;
    let before = scene.stored();
    scene.fault(Fault::MfaRequired);
    let Err(Error::Refused(refusal)) = scene.token().await else {
        panic!("expected a refusal");
    };
    assert_eq!(refusal.code, "mfa_required");
    let mfa_token = refusal.mfa_token.as_ref().map(|token| token.expose());
    assert_eq!(mfa_token, Some("mfa-1"));
    assert_eq!(scene.stored(), before);
    assert!(is_signed_in(&scene.client));
    scene.has_spent(&["rt-1"]);
    assert_eq!(scene.token().await, Ok("at-2".into()));
}

#[tokio::test]
async fn f13_an_answer_without_a_refresh_token_leaves_the_old_one_in_use() {
    let scene = Scene::expired().await;
    scene.fault(Fault::WithoutRefreshToken);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
    scene.advance(LIFETIME);
    assert_eq!(scene.token().await, Ok("at-3".into()));
    scene.has_spent(&["rt-1", "rt-1"]);
}

#[tokio::test]
async fn f14a_another_user_or_issuer_is_refused_and_the_session_is_what_it_was() {
    for fault in [
        Fault::claim("sub", GRACE),
        Fault::claim("iss", "https://evil.example/"),
        Fault::claim("aud", "client-2"),
        Fault::Forged,
    ] {
        let scene = Scene::expired().await;
        let before = scene.stored();
        scene.fault(fault.clone());
        assert_eq!(code(scene.token().await), "invalid_id_token", "{fault:?}");
        assert_eq!(scene.stored(), before, "{fault:?}");
        let identity = scene.client.identity().expect("the session goes on");
        assert_eq!(identity.user().sub(), ADA);
        scene.has_spent(&["rt-1"]);
    }
}

#[tokio::test]
async fn f14b_a_narrower_scope_is_told_and_not_asked_for_again() {
    let scene = Scene::expired().await;
    scene.fault(Fault::member("scope", "openid profile"));
    let options = TokenOptions::default();
    let details = scene.client.access_token_detailed(&options).await;
    let details = details.expect("there is a token");
    assert_eq!(details.scope.to_string(), "openid profile");
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f14c_keys_that_cannot_be_fetched_lose_no_refresh_token() {
    for fault in [Fault::NotConnected, Fault::CaptivePortal, Fault::TimedOut] {
        let scene = Scene::expired().await;
        scene.provider.rotate_keys();
        scene.provider.fault(Endpoint::Keys, fault.clone());
        let error = scene.token().await.expect_err("the user cannot be checked");
        assert!(error.is_network(), "{fault:?}: {error:?}");
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-2"));
        let stored = scene.stored().expect("the session goes on");
        assert_eq!(
            stored["tokens"][0]["access_token"], "at-1",
            "nobody checked at-2"
        );
        assert_eq!(scene.token().await, Ok("at-3".into()), "{fault:?}");
        scene.has_spent(&["rt-1", "rt-2"]);
    }
}

#[tokio::test]
async fn f15a_lifetimes_nobody_can_mean_are_survived() {
    for (expires_in, lasts) in [
        (json!(0), false),
        (json!(-1), false),
        (json!("3600"), true),
        (json!(1e12), true),
        (json!(u64::MAX), true),
        (Value::Null, true),
    ] {
        let scene = Scene::expired().await;
        scene.fault(Fault::Member("expires_in".into(), expires_in.clone()));
        assert_eq!(scene.token().await, Ok("at-2".into()), "{expires_in}");
        let next = if lasts { "at-2" } else { "at-3" };
        assert_eq!(scene.token().await, Ok(next.into()), "{expires_in}");
        assert!(scene.provider.breaches().is_empty());
        assert!(is_signed_in(&scene.restarted().await), "{expires_in}");
    }
}

#[tokio::test]
async fn f15b_a_lifetime_that_is_missing_is_short() {
    let scene = Scene::expired().await;
    scene.fault(Fault::member("expires_in", Value::Null));
    let options = TokenOptions::default();
    let details = scene.client.access_token_detailed(&options).await;
    let left = details.map(|details| details.expires_in);
    assert_eq!(left, Ok(Duration::from_secs(300)));
}

#[tokio::test]
async fn f15c_tokens_that_live_for_seconds_are_handed_out_and_renewed() {
    let rules = Rules {
        access_token_lifetime: Duration::from_secs(30),
        ..Rules::default()
    };
    let scene = Scene::signed_in_with(rules, |_| {}).await;
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.advance(14);
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.advance(2);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    let lasting = TokenOptions {
        min_ttl: Duration::from_secs(600),
        ..TokenOptions::default()
    };
    let token = token_of(&scene.client, &lasting).await;
    assert_eq!(token, Ok("at-3".into()), "as long as they come");
    scene.has_spent(&["rt-1", "rt-2"]);
}

#[tokio::test]
async fn a_refusal_while_the_token_is_good_is_told_all_the_same() {
    let scene = Scene::signed_in().await;
    scene.advance(NEARLY);
    scene.fault(Fault::MfaRequired);
    assert_eq!(code(scene.token().await), "mfa_required");
}
