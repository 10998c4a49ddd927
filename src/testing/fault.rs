//! What goes wrong between an app and its provider, when a test asks for it.

use std::time::{Duration, UNIX_EPOCH};

use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::reply::{page, refusal, reply};
use crate::oidc::dpop::DPOP_NONCE;
use crate::port::{HTTP_TIMEOUT, HttpResponse, MAX_RESPONSE_BYTES, PortError};
use crate::time::UnixTime;

/// One thing that goes wrong with one request.
///
/// Of a request that is _processed_ the provider has done what it asks: a code is spent, a refresh token replaced.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The machine is offline: the request is not sent, and the machine knows. Not processed.
    NotConnected,
    /// The request is lost on its way. Not processed, but nobody at this end can tell.
    RequestLost,
    /// The answer is lost on its way. Processed.
    AnswerLost,
    /// No answer comes in time; the clock does not move. Processed.
    TimedOut,
    /// The answer comes so much later, once the clock has been moved so far, or not at all when that is longer than
    /// [`HTTP_TIMEOUT`]. Processed at once.
    Slow(Duration),
    /// Too many requests: 429. Not processed.
    RateLimited(Option<Wait>),
    /// The provider is broken, or what stands before it: 5xx.
    Unavailable {
        /// The status.
        status: u16,
        /// When to ask again, if the answer says.
        wait: Option<Wait>,
        /// Whether the request was processed all the same.
        is_processed: bool,
    },
    /// The network answers in the provider's place, with its own page and status 200. Not processed.
    CaptivePortal,
    /// The network answers in the provider's place, with a redirect to its own page. Not processed.
    Redirected,
    /// The provider says no. Not processed.
    Refused {
        /// The status.
        status: u16,
        /// The `error`.
        error: String,
        /// The `error_description`.
        description: String,
    },
    /// The provider demands another factor, and gives the token to give it with. Not processed.
    MfaRequired,
    /// The server demands this nonce in the proof of a key
    /// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)). Not processed.
    DpopNonce(String),
    /// The provider gives tokens and does not replace the refresh token. Processed.
    WithoutRefreshToken,
    /// A member of the JSON is another, or missing if this is `null`. Processed.
    Member(String, Value),
    /// A claim of the ID token is another, or missing if this is `null`. The signature is right. Processed.
    Claim(String, Value),
    /// The signature of the ID token is wrong. Processed.
    Forged,
    /// The second half of the body is missing. Processed.
    Truncated,
    /// The body is longer than [`MAX_RESPONSE_BYTES`]. Processed.
    TooLarge,
    /// The body says it is of this kind, such as `text/plain`. Processed.
    ContentType(String),
    /// The `Date` of the answer is off by so many seconds. Processed.
    DateOff(i64),
}

/// When to ask again, as servers write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// `Retry-After` in seconds.
    Seconds(u64),
    /// `Retry-After` as a date.
    Date(UnixTime),
    /// Auth0's `X-RateLimit-Reset`.
    Reset(UnixTime),
}

/// What is left for the provider itself to do.
pub(super) enum Instead {
    /// Nothing: this comes in place of its answer.
    Answer(HttpResponse),
    /// Nothing: this comes in place of any answer.
    Error(PortError),
}

impl Fault {
    /// The refresh token, or the code, is not or no longer good.
    pub fn invalid_grant() -> Self {
        Self::refused(403, "invalid_grant", "Unknown or invalid refresh token.")
    }

    /// The client is not one of the tenant's.
    pub fn invalid_client() -> Self {
        Self::refused(401, "invalid_client", "Unknown client")
    }

    /// The user is kept out.
    pub fn blocked() -> Self {
        Self::refused(403, "access_denied", "user is blocked")
    }

    /// Any other no.
    pub fn refused(status: u16, error: &str, description: &str) -> Self {
        Self::Refused {
            status,
            error: error.to_owned(),
            description: description.to_owned(),
        }
    }

    /// A member of the JSON is another, such as `expires_in`.
    pub fn member(name: &str, value: impl Into<Value>) -> Self {
        Self::Member(name.to_owned(), value.into())
    }

    /// A claim of the ID token is another, such as `sub`.
    pub fn claim(name: &str, value: impl Into<Value>) -> Self {
        Self::Claim(name.to_owned(), value.into())
    }

    /// Says whether the provider does what the request asks, whatever its sender hears of it.
    pub fn is_processed(&self) -> bool {
        match self {
            Self::NotConnected
            | Self::RequestLost
            | Self::RateLimited(_)
            | Self::CaptivePortal
            | Self::Redirected
            | Self::Refused { .. }
            | Self::MfaRequired
            | Self::DpopNonce(_) => false,
            Self::Unavailable { is_processed, .. } => *is_processed,
            Self::AnswerLost
            | Self::TimedOut
            | Self::Slow(_)
            | Self::WithoutRefreshToken
            | Self::Member(..)
            | Self::Claim(..)
            | Self::Forged
            | Self::Truncated
            | Self::TooLarge
            | Self::ContentType(_)
            | Self::DateOff(_) => true,
        }
    }

    /// Returns what the sender hears in place of the provider's own answer, if anything.
    pub(super) fn instead(
        &self,
        host: &str,
        mfa_token: impl FnOnce() -> String,
    ) -> Option<Instead> {
        let host = host.to_owned();
        Some(match self {
            Self::NotConnected => Instead::Error(PortError::NotConnected { host }),
            Self::RequestLost | Self::AnswerLost => Instead::Error(PortError::Unreachable { host }),
            Self::TimedOut => Instead::Error(timeout(host)),
            Self::Redirected => Instead::Error(PortError::Redirected { host }),
            Self::TooLarge => Instead::Error(PortError::TooLarge {
                host,
                limit: MAX_RESPONSE_BYTES,
            }),
            Self::RateLimited(wait) => {
                let answer = refusal(429, "too_many_requests", "Global limit has been reached");
                Instead::Answer(waiting(answer, *wait))
            }
            Self::Unavailable { status, wait, .. } => {
                let answer = page(*status, "<html><title>Bad gateway</title></html>");
                Instead::Answer(waiting(answer, *wait))
            }
            Self::CaptivePortal => Instead::Answer(page(
                200,
                "<html><title>Welcome to our network</title></html>",
            )),
            Self::Refused {
                status,
                error,
                description,
            } => Instead::Answer(refusal(*status, error, description)),
            Self::MfaRequired => Instead::Answer(reply(
                403,
                &serde_json::json!({
                    "error": "mfa_required",
                    "error_description": "Multifactor authentication required",
                    "mfa_token": mfa_token(),
                }),
            )),
            Self::DpopNonce(nonce) => {
                let words = "Authorization server requires nonce in DPoP proof";
                let mut answer = refusal(400, "use_dpop_nonce", words);
                answer.headers_mut().insert(DPOP_NONCE, header(nonce));
                Instead::Answer(answer)
            }
            Self::Slow(_)
            | Self::WithoutRefreshToken
            | Self::Member(..)
            | Self::Claim(..)
            | Self::Forged
            | Self::Truncated
            | Self::ContentType(_)
            | Self::DateOff(_) => return None,
        })
    }

    /// Changes the provider's own answer.
    pub(super) fn spoil(&self, answer: &mut HttpResponse, now: UnixTime) {
        match self {
            Self::Member(name, value) => {
                let Ok(Value::Object(mut members)) = serde_json::from_slice(answer.body()) else {
                    return;
                };
                set(&mut members, name, value);
                *answer.body_mut() = Value::Object(members).to_string().into_bytes();
            }
            Self::Truncated => {
                let half = answer.body().len() / 2;
                answer.body_mut().truncate(half);
            }
            Self::ContentType(kind) => {
                answer.headers_mut().insert(CONTENT_TYPE, header(kind));
            }
            Self::DateOff(seconds) => {
                let wrong = UnixTime::from_seconds(now.seconds().saturating_add(*seconds));
                answer.headers_mut().insert(DATE, date(wrong));
            }
            _ => {}
        }
    }
}

/// Puts `value` in place of the member `name`, or takes the member away when it is `null`.
pub(super) fn set(members: &mut serde_json::Map<String, Value>, name: &str, value: &Value) {
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value.clone()),
    };
}

/// Writes a date as HTTP does ([RFC 9110 §5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)).
pub(super) fn date(time: UnixTime) -> HeaderValue {
    let seconds = u64::try_from(time.seconds()).unwrap_or(0);
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    header(&httpdate::fmt_http_date(time))
}

pub(super) fn timeout(host: String) -> PortError {
    PortError::Timeout {
        host,
        seconds: HTTP_TIMEOUT.as_secs(),
    }
}

fn waiting(mut answer: HttpResponse, wait: Option<Wait>) -> HttpResponse {
    let headers: &mut HeaderMap = answer.headers_mut();
    match wait {
        None => {}
        Some(Wait::Seconds(seconds)) => drop(headers.insert(RETRY_AFTER, seconds.into())),
        Some(Wait::Date(then)) => drop(headers.insert(RETRY_AFTER, date(then))),
        Some(Wait::Reset(then)) => {
            let name = HeaderName::from_static("x-ratelimit-reset");
            headers.insert(name, then.seconds().into());
        }
    }
    answer
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("headers of tests are of visible characters")
}
