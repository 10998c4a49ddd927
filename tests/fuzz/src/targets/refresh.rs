//! A refresh, from the provider's answer to what is stored afterwards.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::oidc::RetryAfter;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::{AuthState, TokenOptions};
use serde_json::{Value, json};

use super::token::public_of;
use crate::answer::{self, finish};
use crate::secrecy::{assert_unsaid, told};
use crate::world::{CLIENT_ID, ISSUER, NOW, SESSION, World};

/// The most times that a busy provider is asked.
const MOST: usize = 3;

/// After a refresh a restart finds what was handed out; after a failure, the session of before or none. The provider is
/// asked once, and the same user stays.
pub fn run(bytes: &[u8]) {
    let Some(answer) = answer::read(bytes) else {
        return;
    };
    let is_busy = match answer.status().as_u16() {
        429 => true,
        500.. => RetryAfter::read(answer.headers()).is_some(),
        _ => false,
    };
    let public = public_of(&answer) + &claims_of(answer.body());
    let world = World::new();
    let storage = &world.memory.session_storage;
    storage.plant(SESSION, session().to_string());
    let client = world.client();
    let AuthState::SignedIn(before) = finish(client.restore()) else {
        panic!("the session is whole");
    };
    world.provider.tokens.replace(Some(answer));

    let fresh = TokenOptions {
        cache: CacheMode::Off,
        ..TokenOptions::default()
    };
    let found = finish(client.access_token(&fresh));

    let asked = world.provider.token_requests.borrow().len();
    match is_busy {
        // Whoever is busy has taken nothing, and is asked again in a while.
        true => assert!((1..=MOST).contains(&asked), "{asked}"),
        false => assert_eq!(asked, 1, "a refresh token is sent once"),
    }
    let stored = storage.entries().remove(SESSION);
    let again = finish(world.client().restore());
    match found {
        Ok(token) => {
            let stored: Value = serde_json::from_str(&stored.expect("it is stored"))
                .expect("what is stored is JSON");
            assert_eq!(stored["tokens"][0]["access_token"], token.expose());
            let AuthState::SignedIn(after) = &again else {
                // A token may be over before it is there, and the clock be set by the answer.
                assert!(matches!(again, AuthState::SignedOut(_)), "{again:?}");
                return;
            };
            assert_eq!(client.identity().as_ref(), Some(after));
            assert_eq!(after.user().sub(), before.user().sub());
        }
        Err(error) => {
            assert_unsaid(&told(&error), &public);
            match &again {
                AuthState::SignedIn(after) => assert_eq!(after.user().sub(), before.user().sub()),
                AuthState::SignedOut(_) => assert!(stored.is_none() || error.needs_login()),
                other => panic!("{other:?} after {error:?}"),
            }
        }
    }
}

fn session() -> Value {
    json!({
        "version": 1, "issuer": ISSUER, "client_id": CLIENT_ID,
        "claims": {
            "iss": ISSUER, "sub": "auth0|ada", "aud": CLIENT_ID, "exp": NOW + 3600, "iat": NOW - 60,
            "name": "Ada Lovelace",
        },
        "id_token": "header.s3cr3t.signature",
        "refresh_token": "rt-s3cr3t",
        "tokens": [{
            "asked": "email offline_access openid profile", "granted": "email offline_access openid profile",
            "access_token": "at-s3cr3t", "token_type": "Bearer",
            "obtained_at": NOW - 60, "expires_at": NOW + 3600,
        }],
        "skew": 0,
    })
}

/// What an ID token in the answer says may be said, but for its nonce; it is not looked into here whether it is one.
fn claims_of(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let token = body["id_token"].as_str().unwrap_or_default();
    let parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
    parts
        .flatten()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}
