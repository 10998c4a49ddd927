//! Access tokens without the user.

use dioxus_auth0::config::Settings;
use dioxus_auth0::error::NetworkError;
use dioxus_auth0::port::PortError;
use dioxus_auth0::{AuthState, Error, LoginOptions, Reason, TokenOptions};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::world::{POST_TOKEN, World, claims, form, settings, sign};

const LIFETIME: i64 = 7200;

async fn token(world: &World) -> Result<String, Error> {
    let token = world.client.access_token(&TokenOptions::default()).await;
    token.map(|token| token.expose().to_owned())
}

/// A signed-in world whose access token has run out.
async fn expired() -> World {
    let world = World::new();
    world.sign_in().await;
    world.memory.clock.advance(LIFETIME);
    world
}

fn refreshed(changes: &Value) -> Value {
    let mut body = json!({
        "access_token": "at-2",
        "refresh_token": "rt-2",
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "scope": "openid profile email read:current_user offline_access",
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn nobody_signed_in_means_no_token_and_no_request() {
    let world = World::new();
    assert_eq!(token(&world).await, Err(Error::Expired));
    assert!(world.memory.http.sent().is_empty());
}

#[tokio::test]
async fn the_first_call_after_login_makes_no_token_request() {
    let world = World::new();
    world.sign_in().await;
    let sent = world.memory.http.sent();

    assert_eq!(token(&world).await, Ok("at-1".into()));
    let narrower = TokenOptions::scope("read:current_user");
    let narrower = world.client.access_token(&narrower).await;
    assert_eq!(narrower.map(|t| t.expose().to_owned()), Ok("at-1".into()));

    assert_eq!(world.memory.http.sent(), sent);
}

#[tokio::test]
async fn a_token_is_handed_out_until_a_minute_before_its_end() {
    let world = World::new();
    world.sign_in().await;
    world.memory.clock.advance(LIFETIME - 60);
    assert_eq!(token(&world).await, Ok("at-1".into()));

    world.memory.clock.advance(1);
    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));
    assert_eq!(token(&world).await, Ok("at-2".into()));
}

#[tokio::test]
async fn without_a_refresh_token_an_expired_session_asks_for_a_login() {
    let world = World::with(Settings {
        use_refresh_tokens: false,
        ..settings()
    });
    let departure = world.depart(LoginOptions::default()).await;
    let mut body = crate::world::tokens(&sign(&claims(&departure)));
    body["refresh_token"].take();
    world.answer(POST_TOKEN, 200, &body);
    world.client.callback(&world.good_answer(&departure)).await;
    world.memory.clock.advance(LIFETIME);
    let sent = world.memory.http.sent();

    assert_eq!(token(&world).await, Err(Error::Expired));

    assert_eq!(world.memory.http.sent(), sent);
    let later = world.reload().client.restore().await;
    assert_eq!(later, AuthState::SignedOut(Reason::Expired));
}

#[tokio::test]
async fn what_the_login_did_not_ask_for_needs_another_login_and_spends_nothing() {
    for (audience, scope) in [
        (Some("https://other.example/"), None),
        (None, Some("delete:everything")),
    ] {
        let world = World::new();
        world.sign_in().await;
        let sent = world.memory.http.sent();
        let options = TokenOptions {
            audience: audience.map(str::to_owned),
            scope: scope.map(str::to_owned),
            ..TokenOptions::default()
        };

        let error = world.client.access_token(&options).await;

        let error = error.expect_err("nothing covers it");
        assert_eq!(error.code(), "consent_required");
        assert!(error.needs_login());
        assert_eq!(world.memory.http.sent(), sent);
    }
}

#[tokio::test]
async fn a_refresh_stores_the_rotated_token_before_anyone_gets_the_new_one() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));

    assert_eq!(token(&world).await, Ok("at-2".into()));

    let form = form(&world, 3);
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!(form["refresh_token"], "rt-1");
    let session = world.session().expect("the session goes on");
    assert_eq!(session["refresh_token"], "rt-2");
    assert_eq!(session["tokens"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_rotated_token_that_cannot_be_stored_is_reported_and_not_lost() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));
    world.memory.session_storage.set_full(true);
    let before = world.session();

    let error = token(&world).await;
    assert!(matches!(error, Err(Error::Platform(_))), "{error:?}");
    assert_eq!(world.session(), before, "what was there is still there");
    assert_eq!(token(&world).await, Ok("at-2".into()));

    world.memory.session_storage.set_full(false);
    assert_eq!(token(&world).await, Ok("at-2".into()));
    let session = world.session().expect("the session goes on");
    assert_eq!(session["refresh_token"], "rt-2");
    assert_eq!(world.memory.http.sent().len(), 4, "one refresh was enough");
}

#[tokio::test]
async fn a_hundred_callers_ask_a_server_that_is_down_once() {
    let world = expired().await;
    world.answer(POST_TOKEN, 503, &json!({}));
    let sent = world.memory.http.sent().len();

    let answers = join_all((0..100).map(|_| token(&world))).await;

    for answer in answers {
        assert!(matches!(answer, Err(Error::Network(_))), "{answer:?}");
    }
    assert_eq!(world.memory.http.sent().len(), sent + 1);

    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));
    assert_eq!(
        token(&world).await,
        Ok("at-2".into()),
        "the next one asks again"
    );
}

#[tokio::test]
async fn a_token_that_was_not_stored_is_spent_all_the_same_when_its_time_comes() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));
    world.memory.session_storage.set_full(true);
    assert!(token(&world).await.is_err(), "it is reported");
    world.memory.clock.advance(LIFETIME);
    let newest = json!({"access_token": "at-3", "refresh_token": "rt-3"});
    world.answer(POST_TOKEN, 200, &refreshed(&newest));

    assert!(token(&world).await.is_err(), "and once more");

    let sent = world.memory.http.sent().len();
    assert_eq!(
        form(&world, sent - 1)["refresh_token"],
        "rt-2",
        "the one in storage is spent"
    );
    assert_eq!(token(&world).await, Ok("at-3".into()));
}

#[tokio::test]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({"refresh_token": null})));
    assert_eq!(token(&world).await, Ok("at-2".into()));
    let session = world.session().expect("the session goes on");
    assert_eq!(session["refresh_token"], "rt-1");
}

#[tokio::test]
async fn a_refresh_by_a_narrower_call_keeps_what_the_login_asked_for() {
    let world = World::new();
    let options = LoginOptions {
        scope: Some("read:orders".into()),
        ..LoginOptions::default()
    };
    let departure = world.depart(options).await;
    let mut body = crate::world::tokens(&sign(&claims(&departure)));
    body["scope"].take();
    world.answer(POST_TOKEN, 200, &body);
    world.client.callback(&world.good_answer(&departure)).await;
    world.memory.clock.advance(LIFETIME);
    world.answer(POST_TOKEN, 200, &refreshed(&json!({"scope": null})));
    assert_eq!(token(&world).await, Ok("at-2".into()));
    let sent = world.memory.http.sent();

    let wider = TokenOptions::scope("read:orders");
    let wider = world.client.access_token(&wider).await;

    assert_eq!(wider.map(|t| t.expose().to_owned()), Ok("at-2".into()));
    assert_eq!(world.memory.http.sent(), sent);
    let session = world.session().expect("the session goes on");
    assert_eq!(session["tokens"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn two_callers_at_once_make_one_refresh() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));
    let (first, second) = tokio::join!(token(&world), token(&world));
    assert_eq!(first, Ok("at-2".into()));
    assert_eq!(second, Ok("at-2".into()));
}

#[tokio::test]
async fn a_refresh_that_a_logout_overtakes_brings_nobody_back() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({})));

    let (result, (forgotten, _)) = tokio::join!(token(&world), world.client.forget());

    assert!(forgotten.is_some(), "the logout came in between");
    assert_eq!(result, Err(Error::Expired));
    assert_eq!(world.client.identity(), None);
    assert_eq!(world.session(), None);
}

#[tokio::test]
async fn an_ended_refresh_token_ends_the_session_once() {
    let world = expired().await;
    let body =
        json!({"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."});
    world.answer(POST_TOKEN, 403, &body);

    assert_eq!(token(&world).await, Err(Error::Expired));
    assert_eq!(world.client.identity(), None);
    assert_eq!(world.session(), None);

    let sent = world.memory.http.sent();
    assert_eq!(token(&world).await, Err(Error::Expired));
    assert_eq!(world.memory.http.sent(), sent);
}

#[tokio::test]
async fn a_demand_for_another_factor_keeps_the_session_and_says_what_to_give_it_with() {
    let world = expired().await;
    let stored = world.session();
    let body = json!({"error": "mfa_required", "mfa_token": "s3cret"});
    world.answer(POST_TOKEN, 403, &body);

    let Err(Error::Refused(refusal)) = token(&world).await else {
        panic!("expected a refusal");
    };
    assert_eq!(refusal.code, "mfa_required");
    assert_eq!(refusal.status, Some(403));
    assert!(!format!("{refusal} {refusal:?}").contains("s3cret"));
    let mfa_token = refusal.mfa_token.map(|token| token.expose().to_owned());
    assert_eq!(mfa_token.as_deref(), Some("s3cret"));
    assert!(world.client.identity().is_some());
    assert_eq!(world.session(), stored);
}

#[tokio::test]
async fn a_refresh_that_does_not_get_through_changes_nothing() {
    let host = || String::from("tenant.example");
    type Prepare = fn(&World);
    let cases: [(NetworkError, Prepare); 4] = [
        (NetworkError::Unreachable { host: host() }, |world| {
            let down = PortError::Unreachable {
                host: "tenant.example".into(),
            };
            world.memory.http.fail(POST_TOKEN, down);
        }),
        (
            NetworkError::Unavailable {
                host: host(),
                status: 502,
            },
            |world| {
                world
                    .memory
                    .http
                    .answer(POST_TOKEN, 502, "<html>Bad gateway</html>");
            },
        ),
        (
            NetworkError::Unavailable {
                host: host(),
                status: 429,
            },
            |world| {
                // It has not acted on the request, so it is asked again, twice.
                for _ in 0..3 {
                    world.answer(POST_TOKEN, 429, &json!({"error": "too_many_requests"}));
                }
            },
        ),
        (NetworkError::Intercepted { host: host() }, |world| {
            world
                .memory
                .http
                .answer(POST_TOKEN, 200, "<html>Pay for WiFi</html>");
        }),
    ];
    for (expected, prepare) in cases {
        let world = expired().await;
        let before = world.session();
        prepare(&world);
        assert_eq!(token(&world).await, Err(Error::Network(expected)));
        // That it was set back is noted, and nothing else.
        let mut after = world.session();
        let setback = after.as_mut().map(|session| session["setback"].take());
        assert!(setback.is_some_and(|setback| setback.is_object()));
        assert_eq!(tokens_of(after), tokens_of(before));
        assert!(world.client.identity().is_some());
    }
}

/// What a stored session holds that can be used.
fn tokens_of(session: Option<Value>) -> Option<[Value; 3]> {
    let session = session?;
    Some(["refresh_token", "id_token", "tokens"].map(|member| session[member].clone()))
}

#[tokio::test]
async fn a_refresh_that_names_another_user_or_issuer_is_refused_and_changes_nothing() {
    for (claim, value) in [("sub", "auth0|grace"), ("iss", "https://tenant.example/1")] {
        let world = expired().await;
        let before = world.session();
        let departure = world.memory.navigator.departures()[0].clone();
        let mut claims = claims(&departure);
        claims["exp"] = json!(crate::world::NOW + 2 * LIFETIME);
        claims[claim] = json!(value);
        let body = refreshed(&json!({"id_token": sign(&claims)}));
        world.answer(POST_TOKEN, 200, &body);

        let error = token(&world).await;

        assert_eq!(
            error.map_err(|e| e.code().to_owned()),
            Err("invalid_id_token".into())
        );
        assert_eq!(world.session(), before, "{claim}");
    }
}

#[tokio::test]
async fn a_refreshed_token_that_only_the_holder_of_a_key_may_use_is_refused_and_changes_nothing() {
    let world = expired().await;
    let before = world.session();
    let body = refreshed(&json!({"token_type": "DPoP"}));
    world.answer(POST_TOKEN, 200, &body);

    let error = token(&world).await;

    assert_eq!(
        error.map_err(|e| e.code().to_owned()),
        Err("protocol_error".into())
    );
    assert_eq!(world.session(), before);
}

#[tokio::test]
async fn a_refreshed_id_token_updates_the_user() {
    let world = expired().await;
    let departure = world.memory.navigator.departures()[0].clone();
    let mut claims = claims(&departure);
    claims["exp"] = json!(crate::world::NOW + 2 * LIFETIME);
    claims["name"] = json!("Ada King");
    world.answer(
        POST_TOKEN,
        200,
        &refreshed(&json!({"id_token": sign(&claims)})),
    );

    assert_eq!(token(&world).await, Ok("at-2".into()));

    let identity = world.client.identity().expect("still signed in");
    assert_eq!(identity.user().name(), Some("Ada King"));
}

#[tokio::test]
async fn lifetimes_nobody_can_mean_are_survived() {
    for (expires_in, first_is_kept) in [
        (json!(0), false),
        (json!(-1), false),
        (json!("3600"), true),
        (json!(1e12), true),
        (Value::Null, true),
    ] {
        let world = expired().await;
        world.answer(
            POST_TOKEN,
            200,
            &refreshed(&json!({"expires_in": expires_in})),
        );
        let first = token(&world).await;
        assert_eq!(first, Ok("at-2".into()), "{expires_in}");
        if !first_is_kept {
            let next = json!({"access_token": "at-3", "refresh_token": "rt-3"});
            world.answer(POST_TOKEN, 200, &refreshed(&next));
        }
        let second = if first_is_kept { "at-2" } else { "at-3" };
        assert_eq!(token(&world).await, Ok(second.into()), "{expires_in}");
    }
}

#[tokio::test]
async fn a_provider_that_grants_less_is_not_asked_again_at_every_call() {
    let world = expired().await;
    world.answer(POST_TOKEN, 200, &refreshed(&json!({"scope": "openid"})));
    assert_eq!(token(&world).await, Ok("at-2".into()));
    assert_eq!(token(&world).await, Ok("at-2".into()));
}
