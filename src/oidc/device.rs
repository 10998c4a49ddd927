//! The device authorization grant: the user logs in on another device, and this one asks until they have.

mod schedule;

use std::time::Duration;

use oauth2::basic::BasicClient;
use oauth2::{ClientId, DeviceAuthorizationUrl, EmptyExtraDeviceAuthorizationFields};
use serde_json::Value;
use url::Url;

use crate::json::{self, JsonError};
use crate::oidc::answer::{self, AnswerError, Failure};
use crate::oidc::refusal::ErrorCode;
use crate::oidc::request::{RequestError, hand_back, handed_back, post};
use crate::oidc::token::{self, TokenAnswer, TokenError};
use crate::provider::{self, IssuerError};
use crate::scope::Scope;
use crate::secret::{DeviceCode, UserCode};

pub use schedule::{Heard, SLOWER, Schedule};

/// The longest user code that anybody is asked to enter, in bytes.
pub const MAX_USER_CODE: usize = 64;

/// The longest life of a device code that is believed.
pub const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// The time between two polls, unless the provider says otherwise
/// ([RFC 8628 §3.2](https://www.rfc-editor.org/rfc/rfc8628#section-3.2)).
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// The shortest and the longest time between two polls that a provider may ask for.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));

/// The device authorization request of [RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1), by a client
/// without a secret.
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::DeviceAuthorization;
/// use dioxus_auth0::scope::Scope;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let authorization = DeviceAuthorization {
///     endpoint: &"https://tenant.auth0.com/oauth/device/code".parse()?,
///     client_id: "client",
///     scope: &Scope::parse("profile"),
///     audience: None,
/// };
/// let answer = authorization
///     .send(|request| {
///         assert_eq!(request.body(), b"scope=openid+profile&client_id=client");
///         let body = br#"{
///             "device_code": "dc", "user_code": "WDJB-MJHT", "expires_in": 900,
///             "verification_uri": "https://tenant.auth0.com/activate"
///         }"#;
///         ready(Ok::<_, std::fmt::Error>(http::Response::new(body.to_vec())))
///     })
///     .await?;
/// assert_eq!(answer.user_code.expose(), "WDJB-MJHT");
/// # Ok(())
/// # }
/// # let mut run = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DeviceAuthorization<'a> {
    /// The provider's `device_authorization_endpoint`.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// What is asked for; `openid` is put in front if it is not there.
    pub scope: &'a Scope,
    /// The API the access token is for (Auth0).
    pub audience: Option<&'a str>,
}

/// The answer of [RFC 8628 §3.2](https://www.rfc-editor.org/rfc/rfc8628#section-3.2).
#[derive(PartialEq, Eq)]
pub struct DeviceAnswer {
    /// What this device polls with.
    pub device_code: DeviceCode,
    /// What the user enters there.
    pub user_code: UserCode,
    /// Where the user enters it.
    pub verification_uri: Url,
    /// The same with the code in it, for a picture to scan or a browser to open. It is for no log.
    pub verification_uri_complete: Option<Url>,
    /// How long the user has from now, at most [`LONGEST_LIFE`].
    pub expires_in: Duration,
    /// The time between two polls.
    pub interval: Duration,
}

/// Says why the other device cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError<E> {
    /// The request did not get through, or no answer came back.
    #[error("the device authorization request did not get through")]
    Transport(#[source] E),
    /// The provider said no, such as `unauthorized_client`.
    #[error("expected a user code, found the refusal \"{code}\" (http status {status})")]
    Refused {
        /// The provider's `error`.
        code: ErrorCode,
        /// Its `error_description`, made fit to show.
        description: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The request cannot be written.
    #[error("expected {expected} for the device authorization request")]
    Request {
        /// What was expected.
        expected: &'static str,
    },
    /// The answer is none to a device authorization request.
    #[error("the device authorization answer cannot be read")]
    Malformed(#[source] AnswerError),
    /// The user would be sent to an address that is not safe.
    #[error("expected a safe url in \"{member}\"")]
    Address {
        /// The member's name.
        member: &'static str,
        /// What is wrong with the URL.
        source: IssuerError,
    },
    /// The user code cannot be read out or typed in.
    #[error("expected a user code of at most {limit} visible ascii characters, found another")]
    UserCode {
        /// The most characters allowed.
        limit: usize,
    },
    /// The codes are gone before anybody can use them.
    #[error("expected a lifetime of the device code above 0, found {found}")]
    Lifetime {
        /// What was found, in seconds.
        found: i64,
    },
}

/// The device access token request of [RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4): one poll.
///
/// `oauth2` has none of its own, only the whole loop with a clock and a sleep.
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::{DevicePoll, Verdict};
/// use dioxus_auth0::secret::DeviceCode;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let poll = DevicePoll {
///     endpoint: &"https://tenant.auth0.com/oauth/token".parse()?,
///     client_id: "client",
///     device_code: &DeviceCode::new("dc"),
/// };
/// let verdict = poll
///     .send(|_| {
///         let mut answer = http::Response::new(br#"{"error":"authorization_pending"}"#.to_vec());
///         *answer.status_mut() = http::StatusCode::FORBIDDEN;
///         ready(Ok::<_, std::fmt::Error>(answer))
///     })
///     .await?;
/// assert_eq!(verdict, Verdict::Pending);
/// # Ok(())
/// # }
/// # let mut run = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DevicePoll<'a> {
    /// The provider's `token_endpoint`.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// What the device authorization brought.
    pub device_code: &'a DeviceCode,
}

/// What a poll has heard of the user ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are not done. Go on.
    Pending,
    /// They are not done, and the polls come too fast. Go on, slower.
    SlowDown,
    /// They said no.
    Denied,
    /// They took too long, or the answer with the tokens was lost: the code is good for nothing more.
    Expired,
    /// They logged in.
    Done(TokenAnswer),
}

impl DeviceAuthorization<'_> {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// [`DeviceError`].
    pub async fn send<F, Fut, E>(self, http: F) -> Result<DeviceAnswer, DeviceError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let request = self
            .request()
            .map_err(|error| DeviceError::Request { expected: error.0 })?;
        let answer = http(request).await.map_err(DeviceError::Transport)?;
        let body = answer::read(&answer).map_err(|failure| match failure {
            Failure::Refused(refused) => DeviceError::Refused {
                code: refused.code,
                description: refused.description,
                status: refused.status,
            },
            Failure::Malformed(error) => DeviceError::Malformed(error),
        })?;
        codes(&body, self.endpoint)
    }

    fn request(self) -> Result<http::Request<Vec<u8>>, RequestError> {
        let client = BasicClient::new(ClientId::new(self.client_id.to_owned()))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(self.endpoint.clone()));
        let mut request = client.exchange_device_code();
        for scope in self.scope.with_openid().iter() {
            request = request.add_scope(oauth2::Scope::new(scope.to_owned()));
        }
        if let Some(audience) = self.audience {
            request = request.add_extra_param("audience", audience);
        }
        handed_back(request.request::<_, EmptyExtraDeviceAuthorizationFields>(&hand_back))
    }
}

impl DevicePoll<'_> {
    /// Asks once.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; [`Heard::of`] says after which of them the next poll may hear more.
    pub async fn send<F, Fut, E>(self, http: F) -> Result<Verdict, TokenError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let parameters = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", self.device_code.expose()),
            ("client_id", self.client_id),
        ];
        let request = post(self.endpoint, parameters).map_err(TokenError::unwritten)?;
        match token::read(http(request).await) {
            Ok(answer) => Ok(Verdict::Done(answer)),
            Err(TokenError::Refused {
                code,
                description,
                status,
            }) => match code.as_str() {
                "authorization_pending" => Ok(Verdict::Pending),
                "slow_down" => Ok(Verdict::SlowDown),
                "access_denied" => Ok(Verdict::Denied),
                // Auth0 says `expired_token` once and `invalid_grant` from then on.
                "expired_token" | "invalid_grant" => Ok(Verdict::Expired),
                _ => Err(TokenError::Refused {
                    code,
                    description,
                    status,
                }),
            },
            Err(other) => Err(other),
        }
    }
}

/// Leaves the codes out, and the address that has one in it.
impl std::fmt::Debug for DeviceAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceAnswer([redacted])")
    }
}

fn codes<E>(body: &Value, provider: &Url) -> Result<DeviceAnswer, DeviceError<E>> {
    let missing = |member| {
        DeviceError::Malformed(AnswerError::Json(JsonError::Missing {
            member,
            expected: "a string",
        }))
    };
    let address = |member| match json::string(body, member) {
        Ok(None) => Ok(None),
        Ok(Some(text)) => provider::address(text, provider)
            .map(Some)
            .map_err(|source| DeviceError::Address { member, source }),
        Err(error) => Err(DeviceError::Malformed(error.into())),
    };
    let device_code = token::token(body, "device_code").map_err(DeviceError::Malformed)?;
    Ok(DeviceAnswer {
        device_code: DeviceCode::new(device_code.ok_or(missing("device_code"))?),
        user_code: user_code(body)?,
        verification_uri: address("verification_uri")?.ok_or(missing("verification_uri"))?,
        verification_uri_complete: address("verification_uri_complete")?,
        expires_in: life(body)?,
        interval: interval(body)?,
    })
}

fn user_code<E>(body: &Value) -> Result<UserCode, DeviceError<E>> {
    let code = json::required_string(body, "user_code");
    let code = code.map_err(|error| DeviceError::Malformed(error.into()))?;
    let is_visible = code.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if code.trim().is_empty() || code.len() > MAX_USER_CODE || !is_visible {
        return Err(DeviceError::UserCode {
            limit: MAX_USER_CODE,
        });
    }
    Ok(UserCode::new(code))
}

fn life<E>(body: &Value) -> Result<Duration, DeviceError<E>> {
    let member = "expires_in";
    let seconds = json::integer(body, member).and_then(|seconds| {
        seconds.ok_or(JsonError::Missing {
            member,
            expected: "a number",
        })
    });
    let found = seconds.map_err(|error| DeviceError::Malformed(error.into()))?;
    match u64::try_from(found) {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds).min(LONGEST_LIFE)),
        _ => Err(DeviceError::Lifetime { found }),
    }
}

fn interval<E>(body: &Value) -> Result<Duration, DeviceError<E>> {
    let seconds = json::integer(body, "interval");
    let seconds = seconds.map_err(|error| DeviceError::Malformed(error.into()))?;
    let (shortest, longest) = INTERVALS;
    Ok(match seconds {
        None => DEFAULT_INTERVAL,
        Some(seconds) => {
            Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).clamp(shortest, longest)
        }
    })
}
