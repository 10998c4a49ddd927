//! A link that the running app is opened with, by whoever likes to.

use dioxus_auth0::oidc::callback;
use serde_json::{Value, json};
use url::Url;

use crate::answer::finish;
use crate::secrecy::{assert_unsaid, shown};
use crate::world::{CLIENT_ID, ISSUER, NOW, REDIRECT_URI, STATE, TRANSACTION, World};

/// Only a link to the redirect URI with the `state` of the login that waits changes anything.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(link) = Url::parse(text) else { return };
    let world = World::new();
    world
        .memory
        .session_storage
        .plant(TRANSACTION, transaction().to_string());
    let before = world.stored();

    let outcome = finish(world.client().open_link(&link));

    match outcome {
        None => {
            assert_eq!(world.stored(), before);
            assert_eq!(world.provider.requests.get(), 0);
        }
        Some(outcome) => {
            let state = callback::state_of(&link).expect("it names a login");
            assert_eq!(state.expose(), STATE);
            assert_eq!(link[..url::Position::AfterPath], *"https://app.example/");
            assert!(callback::is_callback(&link));
            assert!(world.stored().is_empty(), "the login is over");
            let public = link
                .query_pairs()
                .filter(|(name, _)| name != "state" && name != "code");
            let public: String = public.map(|(_, value)| value.into_owned()).collect();
            assert_unsaid(&shown(&outcome.state), &public);
        }
    }
}

fn transaction() -> Value {
    json!({
        "issuer": ISSUER, "client_id": CLIENT_ID, "nonce": "n", "verifier": "v".repeat(43),
        "redirect_uri": REDIRECT_URI, "scope": "openid", "started": NOW - 10,
    })
}
