//! The URL that the provider sends the user back with.

use dioxus_auth0::oidc::callback::{self, CallbackError, Expected, MAX_URL};
use dioxus_auth0::secret::State;
use url::Url;

use crate::secrecy::{assert_unsaid, told};
use crate::world::{ISSUER, REDIRECT_URI, STATE};

/// A code comes out exactly when everything about the URL is right, and what is wrong with it is said without a secret.
pub fn run(bytes: &[u8]) {
    let Some(url) = url(bytes) else { return };
    let state = State::new(STATE);
    for iss_required in [false, true] {
        let expected = Expected {
            issuer: ISSUER,
            iss_required,
            state: &state,
        };
        let found = callback::code(&url, &expected);
        assert_eq!(found.is_ok(), is_right(&url, iss_required), "{found:?}");
        match found {
            Ok(code) => {
                assert_eq!(values(&url, "code"), [code.expose()]);
                assert!(callback::is_callback(&url));
            }
            Err(error) => {
                assert_unsaid(&told(&error), &public(&url));
                if matches!(error, CallbackError::Refused { .. }) {
                    assert_eq!(values(&url, "state"), [STATE]);
                }
            }
        }
    }
    let leads = callback::leads_to(&url, REDIRECT_URI);
    assert_eq!(leads, is_home(&url), "{url}");
}

/// A whole URL, or the query of the redirect URI.
fn url(bytes: &[u8]) -> Option<Url> {
    let text = std::str::from_utf8(bytes).ok()?;
    Url::parse(text)
        .or_else(|_| Url::parse(&[REDIRECT_URI, "/?", text].concat()))
        .ok()
}

fn values(url: &Url, name: &str) -> Vec<String> {
    let pairs = url.query_pairs().filter(|(found, _)| found == name);
    pairs.map(|(_, value)| value.into_owned()).collect()
}

/// What a code may come out of, said once more in other words.
fn is_right(url: &Url, iss_required: bool) -> bool {
    let values = |name| values(url, name);
    let at_most_once = |name| values(name).len() <= 1;
    let given = |name| values(name).first().is_some_and(|value| !value.is_empty());
    url.as_str().len() <= MAX_URL
        && values("state") == [STATE]
        && match values("iss").as_slice() {
            [] => !iss_required,
            [iss] if iss.is_empty() => !iss_required,
            [iss] => iss == ISSUER,
            _ => false,
        }
        && ["error", "error_description", "error_uri", "code"]
            .into_iter()
            .all(at_most_once)
        && !given("error")
        && given("code")
}

/// What of a callback may be said: all but its state and its code.
fn public(url: &Url) -> String {
    url.query_pairs()
        .filter(|(name, _)| name != "state" && name != "code")
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

fn is_home(url: &Url) -> bool {
    url.scheme() == "https"
        && url.host_str() == Some("app.example")
        && url.port().is_none()
        && url.path() == "/"
        && url.username().is_empty()
        && url.password().is_none()
}
