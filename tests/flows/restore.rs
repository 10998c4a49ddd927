//! What a reload finds.

use dioxus_auth0::config::{CacheLocation, Settings};
use dioxus_auth0::error::ProtocolError;
use dioxus_auth0::session::StoredError;
use dioxus_auth0::{AuthState, Error, LoginOptions, Reason};
use serde_json::json;

use crate::world::{World, settings};

#[tokio::test]
async fn a_stored_session_that_cannot_be_trusted_is_an_error_and_is_left_alone() {
    let world = World::new();
    world.sign_in().await;
    let stored = world.stored();
    let (key, good) = stored
        .iter()
        .find(|(key, _)| key.contains("session"))
        .expect("the session is stored");
    let changed = |member: &str, value: serde_json::Value| {
        let mut session: serde_json::Value = serde_json::from_str(good).expect("JSON");
        session[member] = value;
        session.to_string()
    };
    let cases = [
        (String::new(), StoredError::Corrupt),
        ("{".into(), StoredError::Corrupt),
        ("[]".into(), StoredError::Corrupt),
        ("x".repeat(1_000_001), StoredError::Corrupt),
        (changed("version", json!("1")), StoredError::Corrupt),
        (
            changed("version", json!(2)),
            StoredError::Version { found: 2, known: 1 },
        ),
        (
            changed("issuer", json!("https://evil.example/")),
            StoredError::Foreign,
        ),
        (
            changed("client_id", json!("client-11")),
            StoredError::Foreign,
        ),
        (changed("claims", json!({})), StoredError::Corrupt),
        (
            changed(
                "claims",
                json!({"iss": "https://evil.example/", "sub": "x"}),
            ),
            StoredError::Corrupt,
        ),
        (changed("tokens", json!("many")), StoredError::Corrupt),
        (
            changed("tokens", json!([{"access_token": 1}])),
            StoredError::Corrupt,
        ),
        (
            changed("refresh_token", json!(["rt"])),
            StoredError::Corrupt,
        ),
        (changed("id_token", json!(null)), StoredError::Corrupt),
    ];
    for (text, expected) in cases {
        world
            .memory
            .session_storage
            .plant(key.as_str(), text.as_str());
        let before = world.stored();
        let restored = world.reload().client.restore().await;
        let expected = Error::Protocol(ProtocolError::Stored(expected));
        assert_eq!(
            restored,
            AuthState::Failed(expected),
            "{}",
            &text[..text.len().min(80)]
        );
        assert_eq!(world.stored(), before);
    }
}

#[tokio::test]
async fn a_browser_that_withholds_its_storage_is_an_error() {
    let world = World::new();
    world.memory.session_storage.set_withheld(true);
    let state = world.client.restore().await;
    assert!(
        matches!(state, AuthState::Failed(Error::Platform(_))),
        "{state:?}"
    );
}

#[tokio::test]
async fn a_login_that_was_begun_and_not_finished_is_known() {
    let world = World::new();
    world.depart(LoginOptions::default()).await;
    let state = world.reload().client.restore().await;
    assert_eq!(state, AuthState::SignedOut(Reason::Unfinished));

    world.memory.clock.advance(601);
    let state = world.reload().client.restore().await;
    assert_eq!(state, AuthState::SignedOut(Reason::Fresh));
}

#[tokio::test]
async fn a_reload_keeps_the_user_signed_in_without_a_request() {
    let world = World::new();
    world.sign_in().await;
    let sent = world.memory.http.sent();

    let state = world.reload().client.restore().await;

    let AuthState::SignedIn(identity) = state else {
        panic!("{state:?}");
    };
    assert_eq!(identity.user().name(), Some("Ada Lovelace"));
    assert_eq!(identity.id_token_claims().sub(), "auth0|ada");
    assert_eq!(world.memory.http.sent(), sent);
}

#[tokio::test]
async fn another_client_or_issuer_does_not_see_the_session() {
    let world = World::new();
    world.sign_in().await;
    for other in [
        Settings {
            client_id: "client-11".into(),
            ..settings()
        },
        Settings {
            domain: Some("tenant.example.org".into()),
            ..settings()
        },
        Settings {
            organization: Some("org_1".into()),
            ..settings()
        },
    ] {
        let other = World::with(other);
        for (key, text) in world.stored() {
            other.memory.session_storage.plant(key, text);
        }
        assert_eq!(
            other.client.restore().await,
            AuthState::SignedOut(Reason::Fresh)
        );
    }
}

#[tokio::test]
async fn the_cache_option_chooses_where_the_session_is_kept() {
    let world = |cache| {
        World::with(Settings {
            cache,
            ..settings()
        })
    };

    let local = world(CacheLocation::LocalStorage);
    local.sign_in().await;
    assert!(local.session().is_none());
    assert_eq!(local.memory.local_storage.entries().len(), 1);

    let memory = world(CacheLocation::Memory);
    memory.sign_in().await;
    assert!(memory.session().is_none());
    assert!(memory.memory.local_storage.entries().is_empty());
    let state = memory.reload().client.restore().await;
    assert_eq!(state, AuthState::SignedOut(Reason::Fresh));
}
