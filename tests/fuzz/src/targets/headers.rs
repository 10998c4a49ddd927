//! The headers of answers that say more than a body does.

use dioxus_auth0::oidc::authenticate::{self, MAX_BYTES, MAX_ITEMS};
use dioxus_auth0::oidc::dpop::{self, DPOP_NONCE, MAX_NONCE, NonceStore, ServerNonce};
use dioxus_auth0::oidc::retry::{self, LONGEST_WAIT, RetryAfter};
use dioxus_auth0::time::UnixTime;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use url::Url;

use crate::answer;
use crate::world::NOW;

/// Nobody waits longer than a minute, nonces fit into a proof, and challenges are read within their limits.
pub fn run(bytes: &[u8]) {
    let Some(answer) = answer::read(bytes) else {
        return;
    };
    let headers = answer.headers();
    let now = UnixTime::from_seconds(NOW);

    let wait = retry::retry_after(headers, now);
    assert_eq!(wait, RetryAfter::read(headers).map(|after| after.wait(now)));
    assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT));
    if wait.is_some() && !headers.contains_key("x-ratelimit-reset") {
        assert_eq!(headers.get_all(RETRY_AFTER).iter().count(), 1);
    }

    let nonce = ServerNonce::read(headers);
    if let Some(nonce) = &nonce {
        let text = nonce.as_str();
        assert!((1..=MAX_NONCE).contains(&text.len()) && !text.contains(['"', '\\', ' ']));
        assert_eq!(headers.get_all(&DPOP_NONCE).iter().count(), 1);
    }
    let server: Url = "https://tenant.example/oauth/token"
        .parse()
        .expect("a literal URL");
    let mut nonces = NonceStore::default();
    nonces.learn(&server, headers);
    assert_eq!(nonces.of(&server), nonce.as_ref());

    for challenge in [
        dpop::token_challenge(&answer),
        dpop::resource_challenge(&answer),
    ] {
        // Only an answer that brings a nonce asks for one.
        assert!(challenge.is_none() || challenge == nonce);
    }

    if let Ok(challenges) = authenticate::challenges(headers) {
        let fields = headers.get_all(WWW_AUTHENTICATE);
        assert!(fields.iter().map(|field| field.len()).sum::<usize>() <= MAX_BYTES);
        assert!(challenges.len() <= MAX_ITEMS);
        for challenge in &challenges {
            // Whether a name is there does not depend on how the fields are split.
            assert!(challenge.parameter("").is_none());
        }
    }
}
