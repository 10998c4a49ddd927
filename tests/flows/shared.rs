//! One session in several tabs or processes: two clients over one storage and one lock.

use std::time::Duration;

use dioxus_auth0::config::{CacheLocation, Settings};
use dioxus_auth0::port::{Lock, PortError, Storage, StoredError};
use dioxus_auth0::{AuthState, Error, LoginOptions, TokenOptions};
use futures_util::future::join;
use futures_util::poll;
use serde_json::{Value, json};

use crate::world::{POST_TOKEN, World, claims, settings, sign, tokens};

const LIFETIME: i64 = 7200;

/// Two clients of the same user, whose access token has run out.
async fn two() -> (World, World) {
    let first = World::with(Settings {
        cache: CacheLocation::LocalStorage,
        ..settings()
    });
    first.sign_in().await;
    let second = first.reload();
    assert!(matches!(
        second.client.restore().await,
        AuthState::SignedIn(_)
    ));
    first.memory.clock.advance(LIFETIME);
    (first, second)
}

async fn token(world: &World) -> Result<String, Error> {
    let token = world.client.access_token(&TokenOptions::default()).await;
    token.map(|token| token.expose().to_owned())
}

fn refreshed(number: u8) -> Value {
    json!({
        "access_token": format!("at-{number}"),
        "refresh_token": format!("rt-{number}"),
        "token_type": "Bearer",
        "expires_in": 7200,
    })
}

fn stored(world: &World) -> Option<Value> {
    let entries = world.memory.local_storage.entries();
    let text = entries.into_values().next()?;
    Some(serde_json::from_str(&text).expect("a session is JSON"))
}

#[tokio::test]
async fn two_clients_spend_one_refresh_token_once() {
    let (first, second) = two().await;
    first.answer(POST_TOKEN, 200, &refreshed(2));

    let both = join(token(&first), token(&second)).await;

    assert_eq!(both, (Ok("at-2".into()), Ok("at-2".into())));
    assert_eq!(stored(&first).expect("it goes on")["refresh_token"], "rt-2");
}

#[tokio::test]
async fn what_another_client_has_refreshed_is_taken_over_without_a_request() {
    let (first, second) = two().await;
    first.answer(POST_TOKEN, 200, &refreshed(2));
    assert_eq!(token(&first).await, Ok("at-2".into()));
    let sent = first.memory.http.sent().len();
    assert_eq!(token(&second).await, Ok("at-2".into()));
    assert_eq!(first.memory.http.sent().len(), sent);

    first.memory.clock.advance(LIFETIME);
    first.answer(POST_TOKEN, 200, &refreshed(3));
    assert_eq!(token(&second).await, Ok("at-3".into()));
    let form = crate::world::form(&first, sent);
    assert_eq!(form["refresh_token"], "rt-2", "not the one it knew before");
}

#[tokio::test]
async fn nobody_refreshes_while_another_holds_the_lock() {
    let (first, second) = two().await;
    let key = first.memory.local_storage.entries().into_keys().next();
    let key = key.expect("the session is stored");
    let held = first.memory.lock.hold(&key).await;
    let sent = first.memory.http.sent().len();

    let mut waiting = Box::pin(token(&second));
    assert!(poll!(&mut waiting).is_pending());
    assert_eq!(first.memory.http.sent().len(), sent, "nothing is sent");

    first.answer(POST_TOKEN, 200, &refreshed(2));
    drop(held);
    assert_eq!(waiting.await, Ok("at-2".into()));
}

#[tokio::test]
async fn a_session_ended_elsewhere_ends_here_without_a_request() {
    let (first, second) = two().await;
    let sent = first.memory.http.sent().len();
    assert_eq!(first.client.forget().await.1, Ok(()));

    assert_eq!(token(&second).await, Err(Error::Expired));
    assert_eq!(second.client.identity(), None);
    assert_eq!(first.memory.http.sent().len(), sent);
}

#[tokio::test]
async fn a_refresh_does_not_bring_back_a_session_that_was_ended_meanwhile() {
    let (first, second) = two().await;
    first.answer(POST_TOKEN, 200, &refreshed(2));
    let mut refreshing = Box::pin(token(&second));
    let sent = first.memory.http.sent().len();
    while first.memory.http.sent().len() == sent {
        assert!(
            poll!(&mut refreshing).is_pending(),
            "the answer takes a while"
        );
    }

    assert_eq!(first.client.forget().await.1, Ok(()));

    assert_eq!(refreshing.await, Err(Error::Expired));
    assert_eq!(stored(&first), None);
    assert_eq!(second.client.identity(), None);
}

#[tokio::test]
async fn a_token_of_another_user_is_not_given_to_who_asked_before() {
    let (first, second) = two().await;
    let departure = first.depart(LoginOptions::default()).await;
    let mut claims = claims(&departure);
    claims["sub"] = "auth0|grace".into();
    claims["iat"] = (crate::world::NOW + LIFETIME).into();
    claims["exp"] = (crate::world::NOW + LIFETIME + 3600).into();
    first.answer(POST_TOKEN, 200, &tokens(&sign(&claims)));
    first.client.callback(&first.good_answer(&departure)).await;

    assert_eq!(token(&second).await, Err(Error::Expired));

    let identity = second.client.identity().expect("the other user is here");
    assert_eq!(identity.user().sub(), "auth0|grace");
    assert_eq!(
        token(&second).await,
        Ok("at-1".into()),
        "from now on it is theirs"
    );
}

#[tokio::test]
async fn a_stored_text_that_cannot_be_read_does_not_end_the_session_in_memory() {
    let (first, _) = two().await;
    let key = first.memory.local_storage.entries().into_keys().next();
    let key = key.expect("the session is stored");
    first.memory.local_storage.plant(key, "{");
    first.answer(POST_TOKEN, 200, &refreshed(2));
    assert_eq!(token(&first).await, Ok("at-2".into()));
    assert_eq!(
        stored(&first).expect("it is whole again")["refresh_token"],
        "rt-2"
    );
}

#[tokio::test]
async fn a_session_that_a_newer_version_keeps_is_left_to_it() {
    let (first, _) = two().await;
    let (key, text) = first
        .memory
        .local_storage
        .entries()
        .pop_first()
        .expect("it is stored");
    let newer = text.replace("\"version\":1", "\"version\":2");
    first.memory.local_storage.plant(key, newer.clone());
    let sent = first.memory.http.sent().len();

    let error = token(&first).await;

    assert!(matches!(&error, Err(Error::Protocol(_))), "{error:?}");
    assert_eq!(first.memory.http.sent().len(), sent);
    assert_eq!(
        first.memory.local_storage.entries().into_values().next(),
        Some(newer)
    );
}

#[tokio::test]
async fn a_session_of_this_tab_alone_needs_no_lock() {
    let world = World::new();
    world.sign_in().await;
    world.memory.clock.advance(LIFETIME);
    let key = world
        .stored()
        .into_keys()
        .find(|key| key.contains("session"));
    let _held = world.memory.lock.hold(&key.expect("it is stored")).await;
    world.answer(POST_TOKEN, 200, &refreshed(2));
    let in_time = tokio::time::timeout(Duration::from_secs(5), token(&world));
    assert_eq!(in_time.await, Ok(Ok("at-2".into())));
}

#[tokio::test]
async fn a_refusal_is_no_answer_for_who_waited_behind_it() {
    let (first, _) = two().await;
    let key = first.memory.local_storage.entries().into_keys().next();
    let held = first.memory.lock.hold(&key.expect("it is stored")).await;
    let options = TokenOptions::scope("write:everything");
    let mut wide = Box::pin(first.client.access_token(&options));
    let mut mine = Box::pin(token(&first));
    assert!(poll!(&mut wide).is_pending() && poll!(&mut mine).is_pending());

    first.answer(POST_TOKEN, 200, &refreshed(2));
    drop(held);
    let (wide, mine) = join(wide, mine).await;

    assert_eq!(
        wide.map_err(|error| error.code().to_owned()),
        Err("consent_required".into())
    );
    assert_eq!(mine, Ok("at-2".into()));
}

#[tokio::test]
async fn what_a_newer_version_has_stored_is_not_overwritten_by_a_refresh() {
    let (first, _) = two().await;
    let before = stored(&first);
    let newer = StoredError::Version { found: 2, known: 1 };
    first.memory.local_storage.set_damage(Some(newer.clone()));
    let sent = first.memory.http.sent().len();

    assert_eq!(token(&first).await, Err(newer.into()));

    assert_eq!(first.memory.http.sent().len(), sent);
    assert_eq!(stored(&first), before);

    first
        .memory
        .local_storage
        .set_damage(Some(StoredError::Corrupt));
    first.answer(POST_TOKEN, 200, &refreshed(2));
    assert_eq!(
        token(&first).await,
        Ok("at-2".into()),
        "what is damaged is nobody's"
    );
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_takes_over_what_somebody_else_has_got_meanwhile() {
    let (first, second) = two().await;
    let timeout = PortError::Timeout {
        host: "login.example".into(),
        seconds: 15,
    };
    first.memory.http.fail(POST_TOKEN, timeout);
    let mut refreshing = Box::pin(token(&second));
    let sent = first.memory.http.sent().len();
    while first.memory.http.sent().len() == sent {
        assert!(poll!(&mut refreshing).is_pending(), "no answer comes");
    }

    // Whoever did not get the lock in time goes on without it.
    let key = first.memory.local_storage.entries().into_keys().next();
    let mut session = stored(&first).expect("the session is stored");
    session["refresh_token"] = "rt-2".into();
    session["tokens"][0]["access_token"] = "at-2".into();
    session["tokens"][0]["expires_at"] = (crate::world::NOW + 2 * LIFETIME).into();
    let storage = &first.memory.local_storage;
    let text = session.to_string();
    let written = storage.set(&key.expect("it is stored"), &text).await;
    assert_eq!(written, Ok(()));

    assert_eq!(refreshing.await, Ok("at-2".into()));
    assert_eq!(stored(&first), Some(session), "nothing of it is undone");
}
