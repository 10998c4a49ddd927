//! The authentication response: the URL the provider sends the user back with.

use url::Url;

use crate::json::excerpt;
use crate::oidc::refusal::{ErrorCode, description};
use crate::secret::{Code, State};

/// The longest callback URL that is read, in bytes.
pub const MAX_URL: usize = 16_384;

/// What the login that is waiting knows.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider asked, to the letter.
    pub issuer: &'a str,
    /// Whether its metadata promise an `iss` in every answer.
    pub iss_required: bool,
    /// The state sent.
    pub state: &'a State,
}

/// Says why a callback gives no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The URL is longer than [`MAX_URL`].
    #[error("expected a callback of at most {limit} bytes, found {found}")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes that came.
        found: usize,
    },
    /// A parameter that must be there is missing or empty.
    #[error("expected a parameter \"{name}\" in the callback, found none")]
    Missing {
        /// The parameter's name.
        name: &'static str,
    },
    /// A parameter stands there twice
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1) forbids it).
    #[error("expected one parameter \"{name}\" in the callback, found several")]
    Duplicate {
        /// The parameter's name.
        name: &'static str,
    },
    /// The state is not the one sent.
    #[error("expected the state of the login that was started, found another")]
    State,
    /// Another provider answers ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    #[error("expected the callback of issuer \"{expected}\", found \"{found}\"")]
    Issuer {
        /// The provider asked.
        expected: String,
        /// The provider that answers.
        found: String,
    },
    /// The provider said no ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    #[error("expected a code, found the refusal \"{code}\"")]
    Refused {
        /// The provider's `error`.
        code: ErrorCode,
        /// Its `error_description`, made fit to show.
        description: Option<String>,
    },
}

/// Says whether a URL is an answer of a provider: it has a `state` and a `code` or an `error`.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::callback;
///
/// assert!(callback::is_callback(&"http://127.0.0.1:8080/?code=c&state=s".parse()?));
/// assert!(!callback::is_callback(&"http://127.0.0.1:8080/?code=c".parse()?));
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn is_callback(url: &Url) -> bool {
    let (mut state, mut answer) = (false, false);
    for (name, _) in url.query_pairs() {
        state |= name == "state";
        answer |= name == "code" || name == "error";
    }
    state && answer
}

/// Says whether `url` is at `redirect_uri`, whatever its query.
///
/// Scheme and host are compared without regard to case
/// ([RFC 3986 §6.2.2.1](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1)), the path to the letter.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::callback;
///
/// let redirect_uri = "com.example.app://Example.EU.auth0.com/callback";
/// let answer = "com.example.app://example.eu.auth0.com/callback?code=c&state=s".parse()?;
/// assert!(callback::leads_to(&answer, redirect_uri));
/// let elsewhere = "com.example.app://example.eu.auth0.com/?code=c&state=s".parse()?;
/// assert!(!callback::leads_to(&elsewhere, redirect_uri));
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn leads_to(url: &Url, redirect_uri: &str) -> bool {
    let Ok(expected) = Url::parse(redirect_uri) else {
        return false;
    };
    // The parser makes hosts small for the schemes that it knows only.
    let host = |url: &Url| url.host_str().map(str::to_ascii_lowercase);
    url.scheme() == expected.scheme()
        && url.username().is_empty()
        && url.password().is_none()
        && host(url) == host(&expected)
        && url.port() == expected.port()
        && url.path() == expected.path()
}

/// Reads which login a callback belongs to. Nothing else of the URL counts before that is known.
///
/// # Errors
///
/// [`CallbackError::TooLong`], [`CallbackError::Missing`] or [`CallbackError::Duplicate`].
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::callback::{self, CallbackError};
///
/// let state = callback::state_of(&"http://127.0.0.1:8080/?code=c&state=s".parse()?);
/// assert_eq!(state.map(|state| state.expose().to_owned()), Ok("s".to_owned()));
///
/// let twice = callback::state_of(&"http://127.0.0.1:8080/?code=c&state=s&state=s".parse()?);
/// assert_eq!(twice, Err(CallbackError::Duplicate { name: "state" }));
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn state_of(url: &Url) -> Result<State, CallbackError> {
    let found = url.as_str().len();
    if found > MAX_URL {
        return Err(CallbackError::TooLong {
            limit: MAX_URL,
            found,
        });
    }
    let state = parameter(url, "state")?.ok_or(CallbackError::Missing { name: "state" })?;
    Ok(State::new(state))
}

/// Reads the code, after `state`, `iss` and `error`, in this order.
///
/// An `iss` ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)) that is there must be the provider
/// asked, whether it was promised or not; one that was promised must be there.
///
/// # Errors
///
/// [`CallbackError`], of the first of these that fails.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::callback::{self, Expected};
/// use dioxus_auth0::secret::State;
///
/// let state = State::new("s");
/// let expected = Expected { issuer: "https://tenant.auth0.com/", iss_required: false, state: &state };
/// let code = callback::code(&"http://127.0.0.1:8080/?code=c&state=s".parse()?, &expected)?;
/// assert_eq!(code.expose(), "c");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn code(url: &Url, expected: &Expected<'_>) -> Result<Code, CallbackError> {
    if state_of(url)? != *expected.state {
        return Err(CallbackError::State);
    }

    match parameter(url, "iss")? {
        Some(found) if found != expected.issuer => {
            return Err(CallbackError::Issuer {
                expected: expected.issuer.to_owned(),
                found: excerpt(&found),
            });
        }
        None if expected.iss_required => return Err(CallbackError::Missing { name: "iss" }),
        _ => {}
    }

    let error = parameter(url, "error")?;
    let error_description = parameter(url, "error_description")?;
    parameter(url, "error_uri")?;
    let code = parameter(url, "code")?;
    if let Some(error) = error {
        return Err(CallbackError::Refused {
            code: ErrorCode::new(&error),
            description: error_description.as_deref().and_then(description),
        });
    }
    code.map(Code::new)
        .ok_or(CallbackError::Missing { name: "code" })
}

/// Reads a parameter that may stand there once; an empty one counts as absent
/// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)), but not as a permission
/// to stand there again.
fn parameter(url: &Url, name: &'static str) -> Result<Option<String>, CallbackError> {
    let mut values = url.query_pairs().filter(|(found, _)| found == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    if values.next().is_some() {
        return Err(CallbackError::Duplicate { name });
    }
    Ok(value.filter(|value| !value.is_empty()))
}
