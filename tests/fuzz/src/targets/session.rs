//! A stored session, read by the client that finds it.

use std::rc::Rc;

use dioxus_auth0::client::Client;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::session::Identity;
use dioxus_auth0::{AuthState, Reason, TokenOptions};
use http::Response;
use serde_json::{Value, json};

use crate::answer::finish;
use crate::secrecy::{assert_unsaid, public_part, shown, told};
use crate::world::{CLIENT_ID, ISSUER, SESSION, World};

/// A session is taken up only if it is this issuer's and client's, and one that is not is left where it is. Nothing is
/// sent, and nothing secret is said.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let world = World::new();
    world.memory.session_storage.plant(SESSION, text);
    let before = world.stored();

    let client = world.client();
    let state = finish(client.restore());

    let public = public_part(bytes, &["sub"]);
    assert_unsaid(&shown(&state), &public);
    match &state {
        AuthState::SignedIn(identity) => {
            let stored: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
                .expect("what is accepted is JSON");
            assert_eq!(stored["version"], 1);
            assert_eq!(stored["issuer"], ISSUER);
            assert_eq!(stored["client_id"], CLIENT_ID);
            assert_eq!(stored["claims"]["iss"], ISSUER);
            assert_eq!(stored["claims"]["sub"], identity.user().sub());
            assert_eq!(stored["claims"], identity.id_token_claims().to_value());

            let held = TokenOptions {
                cache: CacheMode::Only,
                ..TokenOptions::default()
            };
            match finish(client.access_token(&held)) {
                Ok(token) => {
                    let tokens = stored["tokens"].as_array().expect("there are tokens");
                    let is_it = |held: &Value| held["access_token"] == token.expose();
                    assert!(tokens.iter().any(is_it));
                }
                Err(error) => assert_unsaid(&told(&error), &public),
            }
        }
        AuthState::SignedOut(reason) => {
            assert!(matches!(reason, Reason::Expired | Reason::LoggedOut));
        }
        AuthState::Failed(error) => assert_unsaid(&told(error), &public),
        AuthState::Loading => panic!("it was read"),
    }
    assert_eq!(world.provider.requests.get(), 0);
    let after = world.stored();
    match state {
        // It began under logouts of which this machine knows nothing.
        AuthState::SignedOut(Reason::LoggedOut) => assert!(!after.contains_key(SESSION)),
        _ => assert_eq!(after, before),
    }
    if let AuthState::SignedIn(identity) = &state {
        let answer =
            json!({"access_token": "new-s3cr3t", "token_type": "Bearer", "expires_in": 60});
        let answer = Response::new(answer.to_string().into_bytes());
        world.provider.tokens.replace(Some(answer));
        assert_renewable(&world, &client, identity, &public);
    }
}

/// What was read is written again with a new token, and read once more as it was.
fn assert_renewable(world: &World, client: &Client, identity: &Rc<Identity>, public: &str) {
    let fresh = TokenOptions {
        cache: CacheMode::Off,
        ..TokenOptions::default()
    };
    match finish(client.access_token(&fresh)) {
        Ok(token) => {
            assert_eq!(token.expose(), "new-s3cr3t");
            let again = finish(world.client().restore());
            assert_eq!(again, AuthState::SignedIn(identity.clone()));
        }
        Err(error) => assert_unsaid(&told(&error), public),
    }
}
