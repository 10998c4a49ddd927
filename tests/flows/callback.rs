//! The way back in: each rejected case before the accepted one.

use dioxus_auth0::error::{NetworkError, ProtocolError};
use dioxus_auth0::oidc::CallbackError;
use dioxus_auth0::port::PortError;
use dioxus_auth0::transaction::TransactionError;
use dioxus_auth0::{AuthState, Error, LoginOptions, TokenOptions};
use serde_json::{Value, json};
use url::Url;

use crate::world::{
    GET_KEYS, POST_TOKEN, World, callback, claims, error_of, form, metadata, parameter,
    provider_keys, sign, tokens,
};

/// Answers a login with `callback` and expects a refusal without a token request and without a session.
async fn refused(world: &World, callback: &Url) -> Error {
    let sent = world.memory.http.sent().len();
    let error = error_of(world.client.callback(callback).await.state);
    assert_eq!(
        world.memory.http.sent().len(),
        sent,
        "nothing is sent after {error}"
    );
    assert_eq!(world.session(), None);
    assert_eq!(world.client.identity(), None);
    error
}

#[tokio::test]
async fn a_callback_with_a_foreign_state_is_rejected_and_leaves_pending_logins_alone() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    let before = world.stored();

    let foreign = callback(&[("code", "code-1"), ("state", "somebody-elses")]);
    let error = refused(&world, &foreign).await;

    let unknown = ProtocolError::Transaction(TransactionError::Unknown);
    assert_eq!(error, Error::Protocol(unknown));
    assert_eq!(world.stored(), before);

    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims(&departure))));
    let outcome = world.client.callback(&world.good_answer(&departure)).await;
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
}

#[tokio::test]
async fn an_error_with_a_foreign_state_shows_nothing_from_the_url() {
    let world = World::new();
    world.depart(LoginOptions::default()).await;
    let before = world.stored();

    let planted = callback(&[
        ("error", "call_this_number"),
        ("error_description", "Call 555-1234"),
        ("state", "x"),
    ]);
    let error = refused(&world, &planted).await;

    assert!(!error.to_string().contains("call") && !format!("{error:?}").contains("555"));
    assert_eq!(world.stored(), before);
}

#[tokio::test]
async fn a_callback_without_a_state_is_rejected() {
    let world = World::new();
    world.depart(LoginOptions::default()).await;
    let error = refused(&world, &callback(&[("code", "code-1")])).await;
    let missing = CallbackError::Missing { name: "state" };
    assert_eq!(error, Error::Protocol(ProtocolError::Callback(missing)));
}

#[tokio::test]
async fn a_callback_with_two_states_is_rejected() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    let state = parameter(&departure, "state");
    let twice = callback(&[("code", "c"), ("state", &state), ("state", &state)]);
    let error = refused(&world, &twice).await;
    let duplicate = CallbackError::Duplicate { name: "state" };
    assert_eq!(error, Error::Protocol(ProtocolError::Callback(duplicate)));
}

#[tokio::test]
async fn a_callback_of_another_issuer_is_rejected_before_its_error_is_read() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    let state = parameter(&departure, "state");
    let mixed_up = callback(&[
        ("error", "access_denied"),
        ("state", &state),
        ("iss", "https://evil.example/"),
    ]);
    let error = refused(&world, &mixed_up).await;
    let Error::Protocol(ProtocolError::Callback(CallbackError::Issuer { found, .. })) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(found, "https://evil.example/");
}

#[tokio::test]
async fn a_missing_iss_is_rejected_when_the_provider_promised_one() {
    let world = World::new();
    let mut promising = metadata();
    promising["authorization_response_iss_parameter_supported"] = json!(true);
    world.answer(crate::world::GET_METADATA, 200, &promising);
    world.answer(GET_KEYS, 200, &provider_keys("key-1"));
    assert_eq!(world.client.login(LoginOptions::default()).await, Ok(None));
    let departure = world.memory.navigator.departures()[0].clone();

    let error = refused(&world, &world.good_answer(&departure)).await;

    let missing = CallbackError::Missing { name: "iss" };
    assert_eq!(error, Error::Protocol(ProtocolError::Callback(missing)));
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_providers_words() {
    let world = World::new();
    let departure = world.depart(LoginOptions::returning_to("/profile")).await;
    let denied = callback(&[
        ("error", "access_denied"),
        ("error_description", "User did not authorize the request"),
        ("state", &parameter(&departure, "state")),
    ]);

    let outcome = world.client.callback(&denied).await;

    assert_eq!(outcome.return_to, "/profile");
    let Error::Refused(refusal) = error_of(outcome.state) else {
        panic!("expected a refusal");
    };
    assert_eq!(refusal.code.as_str(), "access_denied");
    let words = refusal.description.as_deref();
    assert_eq!(words, Some("User did not authorize the request"));
    assert!(world.stored_under("transaction").is_empty());
}

#[tokio::test]
async fn a_login_that_took_too_long_is_rejected() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    world.memory.clock.advance(601);
    let error = refused(&world, &world.good_answer(&departure)).await;
    let expired = ProtocolError::Transaction(TransactionError::Expired);
    assert_eq!(error, Error::Protocol(expired));
}

#[tokio::test]
async fn a_pending_login_that_was_tampered_with_is_rejected() {
    for tampered in [
        "",
        "{",
        "[]",
        "null",
        r#"{"issuer":"https://evil.example/"}"#,
    ] {
        let world = World::new();
        let departure = world.depart(LoginOptions::default()).await;
        let stored = world.stored();
        let key = stored.keys().find(|key| key.contains("transaction"));
        let key = key.expect("the login is pending");
        world.memory.session_storage.plant(key.as_str(), tampered);

        let error = refused(&world, &world.good_answer(&departure)).await;

        let corrupt = ProtocolError::Transaction(TransactionError::Corrupt);
        assert_eq!(error, Error::Protocol(corrupt), "{tampered}");
    }
}

#[tokio::test]
async fn a_pending_login_of_another_client_issuer_or_time_is_rejected() {
    let later = (crate::world::NOW + 601).to_string();
    for (found, planted, expected) in [
        ("client-1", "client-2", TransactionError::Corrupt),
        ("tenant.example", "evil.example", TransactionError::Corrupt),
        ("1700000000", later.as_str(), TransactionError::Expired),
    ] {
        let world = World::new();
        let departure = world.depart(LoginOptions::default()).await;
        let stored = world.stored();
        let (key, text) = stored
            .iter()
            .find(|(key, _)| key.contains("transaction"))
            .expect("the login is pending");
        assert!(text.contains(found), "{text}");
        let changed = text.replace(found, planted);
        world.memory.session_storage.plant(key.as_str(), changed);

        let error = refused(&world, &world.good_answer(&departure)).await;

        let expected = ProtocolError::Transaction(expected);
        assert_eq!(error, Error::Protocol(expected), "{planted}");
    }
}

#[tokio::test]
async fn a_stored_return_to_of_another_origin_is_ignored() {
    let world = World::new();
    let departure = world.depart(LoginOptions::returning_to("/profile")).await;
    let stored = world.stored();
    let (key, text) = stored
        .iter()
        .find(|(key, _)| key.contains("transaction"))
        .expect("the login is pending");
    let evil = text.replace("/profile", "//evil.example");
    world.memory.session_storage.plant(key.as_str(), evil);
    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims(&departure))));

    let outcome = world.client.callback(&world.good_answer(&departure)).await;

    assert_eq!(outcome.return_to, "/");
}

#[tokio::test]
async fn a_used_callback_is_not_used_again_and_the_user_stays_signed_in() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims(&departure))));
    let answer = world.good_answer(&departure);
    world.client.callback(&answer).await;
    let sent = world.memory.http.sent();

    let replayed = world.reload().client.callback(&answer).await;

    assert!(
        matches!(replayed.state, AuthState::SignedIn(_)),
        "{replayed:?}"
    );
    assert_eq!(world.memory.http.sent(), sent);
}

#[tokio::test]
async fn a_code_is_traded_once_with_its_verifier_and_redirect_uri() {
    let world = World::new();
    let outcome = world.sign_in().await;

    assert_eq!(outcome.return_to, "/");
    let form = form(&world, 2);
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["client_id"], "client-1");
    assert_eq!(form["code"], "code-1");
    assert_eq!(form["redirect_uri"], "https://app.example");
    assert_eq!(form["code_verifier"].len(), 43);
    assert!(world.stored_under("transaction").is_empty());
}

#[tokio::test]
async fn what_the_token_endpoint_must_not_answer_signs_nobody_in() {
    let good = |departure: &Url| tokens(&sign(&claims(departure)));
    type Spoil = fn(&mut Value);
    let cases: [(&str, Spoil); 7] = [
        ("no ID token", |body| drop(body["id_token"].take())),
        ("an ID token that is a number", |body| {
            body["id_token"] = json!(7)
        }),
        ("no access token", |body| drop(body["access_token"].take())),
        ("an access token that is a list", |body| {
            body["access_token"] = json!(["a"])
        }),
        ("an unknown token type", |body| {
            body["token_type"] = json!("mac")
        }),
        ("a token that only the holder of a key may use", |body| {
            body["token_type"] = json!("DPoP")
        }),
        ("an ID token in two parts", |body| {
            body["id_token"] = json!("a.b")
        }),
    ];
    for (what, spoil) in cases {
        let world = World::new();
        let departure = world.depart(LoginOptions::default()).await;
        let mut body = good(&departure);
        spoil(&mut body);
        world.answer(POST_TOKEN, 200, &body);

        let outcome = world.client.callback(&world.good_answer(&departure)).await;

        let error = error_of(outcome.state);
        assert!(matches!(error, Error::Protocol(_)), "{what}: {error:?}");
        assert_eq!(world.session(), None, "{what}");
        assert_eq!(world.memory.http.sent().len(), 3, "{what}");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_fails_is_asked_once() {
    let host = || String::from("tenant.example");
    type Prepare = fn(&World);
    let cases: [(NetworkError, Prepare); 5] = [
        (
            NetworkError::Unavailable {
                host: host(),
                status: 503,
            },
            |world| {
                world.answer(
                    POST_TOKEN,
                    503,
                    &json!({"error": "temporarily_unavailable"}),
                );
            },
        ),
        (
            NetworkError::Unavailable {
                host: host(),
                status: 429,
            },
            |world| {
                world.answer(POST_TOKEN, 429, &json!({"error": "too_many_requests"}));
            },
        ),
        (NetworkError::Intercepted { host: host() }, |world| {
            world
                .memory
                .http
                .answer(POST_TOKEN, 200, "<html>Pay for WiFi</html>");
        }),
        (
            NetworkError::Timeout {
                host: host(),
                seconds: 15,
            },
            |world| {
                let late = PortError::Timeout {
                    host: "tenant.example".into(),
                    seconds: 15,
                };
                world.memory.http.fail(POST_TOKEN, late);
            },
        ),
        (NetworkError::Intercepted { host: host() }, |world| {
            let moved = PortError::Redirected {
                host: "tenant.example".into(),
            };
            world.memory.http.fail(POST_TOKEN, moved);
        }),
    ];
    for (expected, prepare) in cases {
        let world = World::new();
        let departure = world.depart(LoginOptions::default()).await;
        prepare(&world);

        let outcome = world.client.callback(&world.good_answer(&departure)).await;

        assert_eq!(error_of(outcome.state), Error::Network(expected));
        assert_eq!(world.memory.http.sent().len(), 3);
        assert_eq!(world.session(), None);
    }
}

#[tokio::test]
async fn a_refused_code_is_a_refusal() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    let body = json!({"error": "invalid_grant", "error_description": "Invalid authorization code"});
    world.answer(POST_TOKEN, 403, &body);

    let error = error_of(
        world
            .client
            .callback(&world.good_answer(&departure))
            .await
            .state,
    );

    assert_eq!(error.code(), "invalid_grant");
    assert!(error.needs_login());
    assert_eq!(world.session(), None);
}

#[tokio::test]
async fn a_failed_second_login_leaves_the_first_session_as_it_was() {
    let world = World::new();
    world.sign_in().await;
    let before = world.session();
    assert_eq!(world.client.login(LoginOptions::default()).await, Ok(None));
    let departure = world.memory.navigator.departures()[1].clone();
    let denied = callback(&[
        ("error", "access_denied"),
        ("state", &parameter(&departure, "state")),
    ]);

    let outcome = world.reload().client.callback(&denied).await;

    assert!(
        matches!(outcome.state, AuthState::SignedIn(_)),
        "{outcome:?}"
    );
    assert_eq!(world.session(), before);
}

#[tokio::test]
async fn a_session_that_cannot_be_stored_holds_until_the_process_ends() {
    let world = World::new();
    let departure = world.depart(LoginOptions::default()).await;
    world.answer(POST_TOKEN, 200, &tokens(&sign(&claims(&departure))));
    world.memory.session_storage.set_full(true);

    let outcome = world.client.callback(&world.good_answer(&departure)).await;

    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    assert!(matches!(outcome.trouble, Some(Error::Platform(_))));
    assert_eq!(world.session(), None);
    let token = world.client.access_token(&TokenOptions::default()).await;
    assert_eq!(
        token.map(|token| token.expose().to_owned()),
        Ok("at-1".into())
    );

    world.memory.session_storage.set_full(false);
    let token = world.client.access_token(&TokenOptions::default()).await;
    assert!(token.is_ok());
    assert!(
        world.session().is_some(),
        "it is stored as soon as that works"
    );
}

#[tokio::test]
async fn a_machine_that_outlives_the_login_gets_its_answer_at_once() {
    let world = World::new();
    world.answer_discovery();
    let unknown = callback(&[("code", "code-1"), ("state", "not-mine")]);
    world.memory.navigator.come_back_with(unknown);

    let outcome = world.client.login(LoginOptions::default()).await;

    let outcome = outcome.expect("the login was begun").expect("and answered");
    assert_eq!(error_of(outcome.state).code(), "invalid_callback");
}
