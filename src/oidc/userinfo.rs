//! The userinfo endpoint: what the provider says of the user now.

use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION};
use url::Url;

use crate::json::{self, JsonError};
use crate::oidc::answer::{AnswerError, foreign_content_type, media_type};
use crate::oidc::authenticate::{AuthChallenge, challenges};
use crate::oidc::refusal::{ErrorCode, description};
use crate::oidc::retry::RetryAfter;
use crate::oidc::token::TokenType;
use crate::secret::AccessToken;
use crate::user::User;

/// The request of [OpenID Connect Core §5.3.1](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoRequest).
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::{TokenType, UserinfoRequest};
/// use dioxus_auth0::secret::AccessToken;
/// use http::header::{AUTHORIZATION, CONTENT_TYPE};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let request = UserinfoRequest {
///     endpoint: &"https://tenant.auth0.com/userinfo".parse()?,
///     access_token: &AccessToken::new("at"),
///     token_type: TokenType::Bearer,
///     sub: "auth0|ada",
/// };
/// let user = request
///     .send(|request| {
///         assert_eq!(request.headers()[AUTHORIZATION], "Bearer at");
///         let body = br#"{"sub":"auth0|ada","name":"Ada Lovelace"}"#;
///         let mut answer = http::Response::new(body.to_vec());
///         answer.headers_mut().insert(CONTENT_TYPE, "application/json".parse().unwrap());
///         ready(Ok::<_, std::fmt::Error>(answer))
///     })
///     .await?;
/// assert_eq!(user.name(), Some("Ada Lovelace"));
/// # Ok(())
/// # }
/// # let mut run = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UserinfoRequest<'a> {
    /// The provider's `userinfo_endpoint`.
    pub endpoint: &'a Url,
    /// What the endpoint is shown.
    pub access_token: &'a AccessToken,
    /// How it is shown; the proof that [`TokenType::DPoP`] needs is added by whoever sends the request.
    pub token_type: TokenType,
    /// Whose session this is: the `sub` of the ID token.
    pub sub: &'a str,
}

/// Says why there is nothing new to know of the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserinfoError<E> {
    /// The request did not get through, or no answer came back.
    #[error("the userinfo request did not get through")]
    Transport(#[source] E),
    /// The access token is expired, revoked or foreign
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)); another one may do.
    #[error("expected claims, found that the access token is not accepted")]
    InvalidToken {
        /// The `error_description`, made fit to show.
        description: Option<String>,
    },
    /// The provider said no, such as `insufficient_scope`.
    #[error("expected claims, found the refusal \"{code}\" (http status {status})")]
    Refused {
        /// The challenge's `error`.
        code: ErrorCode,
        /// The `error_description`, made fit to show.
        description: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The provider is busy or broken.
    #[error("expected http status 200, found {status}, for now")]
    Busy {
        /// The HTTP status: 429, or 500 and above.
        status: u16,
        /// When to ask again, if the provider says.
        retry_after: Option<RetryAfter>,
    },
    /// The claims come as a signed token, which nobody asked for and nobody here verifies.
    #[error("expected claims as json, found a signed token")]
    Signed,
    /// The claims are another user's
    /// ([Core §5.3.2](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse)).
    #[error("expected claims of the user who is logged in, found another's")]
    Subject,
    /// The request cannot be written.
    #[error("expected {expected} for the userinfo request")]
    Request {
        /// What was expected.
        expected: &'static str,
    },
    /// The answer is no userinfo answer.
    #[error("the userinfo answer cannot be read")]
    Malformed(#[source] AnswerError),
}

impl UserinfoRequest<'_> {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// [`UserinfoError`]. A page sees why a token was not accepted only if the provider exposes `WWW-Authenticate`;
    /// otherwise it is [`Malformed`](UserinfoError::Malformed) with [`AnswerError::Status`] 401.
    pub async fn send<F, Fut, E>(self, http: F) -> Result<User, UserinfoError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let request = self
            .request()
            .map_err(|expected| UserinfoError::Request { expected })?;
        let answer = http(request).await.map_err(UserinfoError::Transport)?;
        check_status(&answer)?;
        let user = claims(&answer)?;
        match user.sub() == self.sub {
            true => Ok(user),
            false => Err(UserinfoError::Subject),
        }
    }

    fn request(self) -> Result<http::Request<Vec<u8>>, &'static str> {
        let uri = self.endpoint.as_str().parse();
        let token = [self.token_type.as_str(), " ", self.access_token.expose()].concat();
        let token = HeaderValue::try_from(token);
        let mut token = token.map_err(|_| "an access token that fits in a header")?;
        token.set_sensitive(true);
        let mut request = http::Request::new(Vec::new());
        *request.uri_mut() = uri.map_err(|_| "an endpoint that http can address")?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, token);
        Ok(request)
    }
}

fn check_status<E>(answer: &http::Response<Vec<u8>>) -> Result<(), UserinfoError<E>> {
    let status = answer.status().as_u16();
    match status {
        200 => return Ok(()),
        429 | 500.. => {
            return Err(UserinfoError::Busy {
                status,
                retry_after: RetryAfter::read(answer.headers()),
            });
        }
        _ => {}
    }
    let challenges = challenges(answer.headers()).unwrap_or_default();
    let Some((challenge, code)) = challenges.iter().find_map(refusal) else {
        return Err(UserinfoError::Malformed(AnswerError::Status(status)));
    };
    let description = challenge
        .parameter("error_description")
        .and_then(description);
    Err(match (status, code) {
        (401, "invalid_token") => UserinfoError::InvalidToken { description },
        (_, code) => UserinfoError::Refused {
            code: ErrorCode::new(code),
            description,
            status,
        },
    })
}

/// Finds the reason in a challenge of a scheme that this crate speaks.
fn refusal(challenge: &AuthChallenge) -> Option<(&AuthChallenge, &str)> {
    let is_ours = [TokenType::Bearer, TokenType::DPoP]
        .iter()
        .any(|scheme| challenge.is(scheme.as_str()));
    let code = challenge.parameter("error").filter(|_| is_ours)?;
    Some((challenge, code))
}

fn claims<E>(answer: &http::Response<Vec<u8>>) -> Result<User, UserinfoError<E>> {
    let is = |expected: &str| media_type(answer).is_some_and(|t| t.eq_ignore_ascii_case(expected));
    if is("application/jwt") {
        return Err(UserinfoError::Signed);
    }
    let read = match is("application/json") {
        true => user(answer.body()).map_err(AnswerError::Json),
        false => Err(foreign_content_type(answer)),
    };
    read.map_err(UserinfoError::Malformed)
}

fn user(body: &[u8]) -> Result<User, JsonError> {
    User::from_value(&json::parse(body)?)
}
