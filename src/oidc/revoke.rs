//! The revocation endpoint: takes a refresh token back, and with it what it could have bought.

use url::Url;

use crate::json;
use crate::oidc::refusal::{ErrorCode, Refused};
use crate::oidc::request::post;
use crate::oidc::retry::RetryAfter;
use crate::secret::RefreshToken;

/// The revocation request of [RFC 7009 §2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.1), by a client without a
/// secret.
///
/// The `oauth2` crate writes it as well, but not to a provider on this machine.
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::Revocation;
/// use dioxus_auth0::secret::RefreshToken;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let revocation = Revocation {
///     endpoint: &"https://tenant.auth0.com/oauth/revoke".parse()?,
///     client_id: "client",
///     refresh_token: &RefreshToken::new("rt"),
/// };
/// revocation
///     .send(|request| {
///         assert_eq!(request.body(), b"token=rt&token_type_hint=refresh_token&client_id=client");
///         ready(Ok::<_, std::fmt::Error>(http::Response::new(Vec::new())))
///     })
///     .await?;
/// # Ok(())
/// # }
/// # let mut run = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Revocation<'a> {
    /// The provider's `revocation_endpoint`.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// What is taken back.
    pub refresh_token: &'a RefreshToken,
}

/// Says why a token may still be good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError<E> {
    /// The request did not get through, or no answer came back. It may be sent again: taking back twice is no fault.
    #[error("the revocation did not get through")]
    Transport(#[source] E),
    /// The provider is busy or broken; the token is still good, and the request may be sent again
    /// ([RFC 7009 §2.2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1)).
    #[error("expected http status 200, found {status}, for now")]
    Busy {
        /// The HTTP status: 429, or 500 and above.
        status: u16,
        /// When to ask again, if the provider says.
        retry_after: Option<RetryAfter>,
    },
    /// The provider said no, such as `unsupported_token_type`.
    #[error("expected a revocation, found the refusal \"{code}\" (http status {status})")]
    Refused {
        /// The provider's `error`.
        code: ErrorCode,
        /// Its `error_description`, made fit to show.
        description: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// A status that means nothing here, without a refusal in the body.
    #[error("expected http status 200, found {0}")]
    Status(u16),
    /// The request cannot be written.
    #[error("expected {expected} for the revocation")]
    Request {
        /// What was expected.
        expected: &'static str,
    },
}

impl Revocation<'_> {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// [`RevokeError`]. A token the provider does not know is none: it is as good as taken back
    /// ([RFC 7009 §2.2](https://www.rfc-editor.org/rfc/rfc7009#section-2.2)).
    pub async fn send<F, Fut, E>(self, http: F) -> Result<(), RevokeError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let parameters = [
            ("token", self.refresh_token.expose()),
            ("token_type_hint", "refresh_token"),
            ("client_id", self.client_id),
        ];
        let request = post(self.endpoint, parameters)
            .map_err(|error| RevokeError::Request { expected: error.0 })?;
        read(&http(request).await.map_err(RevokeError::Transport)?)
    }
}

/// Reads the answer by its status; the body of a success says nothing.
fn read<E>(answer: &http::Response<Vec<u8>>) -> Result<(), RevokeError<E>> {
    let status = answer.status().as_u16();
    match status {
        200 => return Ok(()),
        429 | 500.. => {
            return Err(RevokeError::Busy {
                status,
                retry_after: RetryAfter::read(answer.headers()),
            });
        }
        _ => {}
    }
    let body = json::parse(answer.body()).ok();
    let refused = body.and_then(|body| Refused::read(&body, status));
    Err(match refused {
        Some(refused) => RevokeError::Refused {
            code: refused.code,
            description: refused.description,
            status,
        },
        None => RevokeError::Status(status),
    })
}
