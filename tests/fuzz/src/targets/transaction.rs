//! A stored login that is under way, read by the client that the provider's answer comes to.

use dioxus_auth0::error::ProtocolError;
use dioxus_auth0::transaction::TransactionError;
use dioxus_auth0::{AuthState, Error};
use serde_json::Value;
use url::Url;

use crate::answer::finish;
use crate::secrecy::{assert_unsaid, public_part, told};
use crate::world::{CLIENT_ID, ISSUER, STATE, TRANSACTION, World};

/// A login is answered once and whatever it was it is gone; nothing is sent but for one that is this client's and whole;
/// and nobody is sent anywhere else afterwards.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let world = World::new();
    world.memory.session_storage.plant(TRANSACTION, text);
    let client = world.client();
    let url: Url = format!("https://app.example/?code=code-s3cr3t&state={STATE}")
        .parse()
        .expect("a literal URL");

    let outcome = finish(client.callback(&url));

    assert!(world.stored().is_empty(), "nothing is left of it");
    let AuthState::Failed(error) = &outcome.state else {
        panic!("the provider takes no code: {outcome:?}");
    };
    assert_unsaid(&told(error), &public_part(bytes, &[]));
    let page = &outcome.return_to;
    assert!(page.starts_with('/') && !page.starts_with("//"), "{page}");
    let requests = world.provider.token_requests.borrow();
    if let [request] = requests.as_slice() {
        assert_traded(text, request);
    } else {
        assert_eq!(requests.len(), 0, "a code is sent once");
        let is_unreadable = matches!(
            error,
            Error::Protocol(ProtocolError::Transaction(_)) | Error::Platform(_)
        );
        assert!(is_unreadable, "{error:?}");
    }

    let twice = finish(client.callback(&url)).state;
    let unknown = ProtocolError::Transaction(TransactionError::Unknown);
    assert_eq!(twice, AuthState::Failed(Error::Protocol(unknown)));
}

fn assert_traded(text: &str, request: &str) {
    let stored: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .expect("what is accepted is JSON");
    assert_eq!(stored["issuer"], ISSUER);
    assert_eq!(stored["client_id"], CLIENT_ID);
    let sent = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(request.as_bytes());
        let pair = pairs.find(|(found, _)| found == name);
        pair.expect("it is sent").1.into_owned()
    };
    assert_eq!(stored["verifier"], sent("code_verifier"));
    assert_eq!(stored["redirect_uri"], sent("redirect_uri"));
    assert_eq!(sent("code"), "code-s3cr3t");
}
