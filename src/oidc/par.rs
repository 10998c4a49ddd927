//! The pushed authorization request: the provider gets the request first, and the user carries only its name.

use std::time::Duration;

use url::Url;

use crate::json::{self, JsonError};
use crate::oidc::answer::{self, AnswerError, Failure};
use crate::oidc::authorize::{AuthorizeError, AuthorizeRequest, own_parameters};
use crate::oidc::refusal::ErrorCode;
use crate::oidc::request::post;
use crate::secret::RequestUri;

/// The longest `request_uri` that is carried on, in bytes.
pub const MAX_REQUEST_URI: usize = 512;

/// The longest life of a pushed request that is believed. RFC 9126 speaks of 5 to 600 seconds.
pub const LONGEST_LIFE: Duration = Duration::from_secs(600);

/// The request of [RFC 9126 §2.1](https://www.rfc-editor.org/rfc/rfc9126#section-2.1), by a client without a secret: the
/// parameters of an authentication request, as the URL would have them.
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::{AuthorizeRequest, Challenge, PushedRequest};
/// use dioxus_auth0::scope::Scope;
/// use dioxus_auth0::secret::{Nonce, State};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let authorize = AuthorizeRequest {
///     endpoint: &"https://tenant.auth0.com/authorize".parse()?,
///     client_id: "client",
///     redirect_uri: "https://app.example/",
///     scope: &Scope::parse("openid profile"),
///     state: &State::new("state"),
///     nonce: &Nonce::new("nonce"),
///     challenge: &Challenge::from_digest(&[0; 32]),
///     audience: None,
///     organization: None,
///     invitation: None,
///     prompt: None,
///     max_age: None,
///     login_hint: None,
///     screen_hint: None,
///     ui_locales: None,
///     acr_values: None,
///     connection: None,
///     extra: &[],
/// };
/// let request = PushedRequest {
///     endpoint: &"https://tenant.auth0.com/oauth/par".parse()?,
///     authorize: &authorize,
/// };
/// let answer = request
///     .send(|request| {
///         assert!(request.body().starts_with(b"response_type=code&client_id=client&"));
///         let body = br#"{"request_uri":"urn:ietf:params:oauth:request_uri:abc","expires_in":30}"#;
///         ready(Ok::<_, std::fmt::Error>(http::Response::new(body.to_vec())))
///     })
///     .await?;
/// assert_eq!(
///     answer.url(&authorize)?.as_str(),
///     "https://tenant.auth0.com/authorize?client_id=client\
///      &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc"
/// );
/// # Ok(())
/// # }
/// # let mut run = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PushedRequest<'a> {
    /// The provider's `pushed_authorization_request_endpoint`.
    pub endpoint: &'a Url,
    /// What is pushed.
    pub authorize: &'a AuthorizeRequest<'a>,
}

/// The answer of [RFC 9126 §2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2).
#[derive(Debug, PartialEq, Eq)]
pub struct PushedAnswer {
    /// What the provider calls the request. It is good for one login.
    pub request_uri: RequestUri,
    /// How long the user has to get there, from now, at most [`LONGEST_LIFE`].
    pub expires_in: Duration,
}

/// Says why a request is not with the provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParError<E> {
    /// The request did not get through, or no answer came back.
    #[error("the pushed request did not get through")]
    Transport(#[source] E),
    /// The provider said no ([RFC 9126 §2.3](https://www.rfc-editor.org/rfc/rfc9126#section-2.3)).
    #[error("expected a request uri, found the refusal \"{code}\" (http status {status})")]
    Refused {
        /// The provider's `error`.
        code: ErrorCode,
        /// Its `error_description`, made fit to show.
        description: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The parameters cannot stand in one request.
    #[error("the pushed request cannot be written")]
    Parameters(#[from] AuthorizeError),
    /// The request cannot be written.
    #[error("expected {expected} for the pushed request")]
    Request {
        /// What was expected.
        expected: &'static str,
    },
    /// The answer is none to a pushed request.
    #[error("the answer to the pushed request cannot be read")]
    Malformed(#[source] AnswerError),
    /// The request's name is no short `urn:`, and might be a request of somebody else's making.
    #[error("expected a request uri that is a urn of at most {limit} bytes, found another")]
    RequestUri {
        /// The most bytes allowed.
        limit: usize,
    },
    /// The request is gone before anybody can use it.
    #[error("expected a lifetime of the pushed request above 0, found {found}")]
    Lifetime {
        /// What was found, in seconds.
        found: i64,
    },
}

impl PushedRequest<'_> {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// [`ParError`].
    pub async fn send<F, Fut, E>(self, http: F) -> Result<PushedAnswer, ParError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let parameters = self.authorize.parameters(Vec::new())?;
        let parameters = parameters.iter().map(|(name, value)| (*name, &**value));
        let request = post(self.endpoint, parameters)
            .map_err(|error| ParError::Request { expected: error.0 })?;
        read(&http(request).await.map_err(ParError::Transport)?)
    }
}

impl PushedAnswer {
    /// Writes the URL that takes the user to the request: `client_id` and `request_uri` and nothing else
    /// ([RFC 9126 §4](https://www.rfc-editor.org/rfc/rfc9126#section-4)).
    ///
    /// # Errors
    ///
    /// [`AuthorizeError::Duplicate`], if the endpoint's own query has a parameter that this crate writes.
    pub fn url(self, authorize: &AuthorizeRequest<'_>) -> Result<Url, AuthorizeError> {
        own_parameters(authorize.endpoint)?;
        let mut url = authorize.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("client_id", authorize.client_id)
            .append_pair("request_uri", self.request_uri.expose());
        Ok(url)
    }
}

fn read<E>(answer: &http::Response<Vec<u8>>) -> Result<PushedAnswer, ParError<E>> {
    let body = answer::read(answer).map_err(|failure| match failure {
        Failure::Refused(refused) => ParError::Refused {
            code: refused.code,
            description: refused.description,
            status: refused.status,
        },
        Failure::Malformed(error) => ParError::Malformed(error),
    })?;
    let malformed = |error: JsonError| ParError::Malformed(error.into());
    let request_uri = json::required_string(&body, "request_uri").map_err(malformed)?;
    let seconds = json::integer(&body, "expires_in").map_err(malformed)?;
    let seconds = seconds.ok_or(malformed(JsonError::Missing {
        member: "expires_in",
        expected: "a number",
    }))?;
    if !is_urn(request_uri) {
        return Err(ParError::RequestUri {
            limit: MAX_REQUEST_URI,
        });
    }
    let life = u64::try_from(seconds).ok().filter(|life| *life > 0);
    let life = life.ok_or(ParError::Lifetime { found: seconds })?;
    Ok(PushedAnswer {
        request_uri: RequestUri::new(request_uri),
        expires_in: Duration::from_secs(life).min(LONGEST_LIFE),
    })
}

/// Says whether a text is a name and no address: [RFC 8141 §2](https://www.rfc-editor.org/rfc/rfc8141#section-2) in short.
fn is_urn(text: &str) -> bool {
    let (scheme, name) = text.split_once(':').unwrap_or_default();
    scheme.eq_ignore_ascii_case("urn")
        && name.contains(':')
        && text.len() <= MAX_REQUEST_URI
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
