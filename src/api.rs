//! Calls to the protected API: what is asked, what comes back, and to whom a token may go.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde_json::Value;
use url::Url;

use crate::error::{Error, NetworkError};
use crate::json;
use crate::oidc::ErrorCode;
use crate::port::{self, HttpRequest, HttpResponse};
use crate::session::HeldToken;

/// A call to the protected API, which is at the configured `api_url`, or at the URL that `audience` is.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::ApiRequest;
///
/// let request = ApiRequest::get("orders/42").scope("read:orders");
/// assert_eq!(request.path(), "orders/42");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ApiRequest {
    method: Method,
    path: String,
    audience: Option<String>,
    scope: Option<String>,
    body: Option<Value>,
}

/// Why a call could not be made, or its answer not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// No audience is configured, or it is not the URL of an API.
    #[error("the configured audience is not the URL of an API, so there is nothing to call")]
    NoBase,
    /// The call would take the token to a host that the token is not for.
    #[error("the call leaves {expected}, the only place the access token may go")]
    ForeignUrl {
        /// The origin and path the token may go to.
        expected: String,
    },
    /// The URL of the call is too long to send.
    #[error("the url of the call is too long to send")]
    Unsendable,
    /// The answer is not the JSON it should be.
    #[error("the API's answer is not the JSON it should be: {problem}")]
    Malformed {
        /// What is wrong with it.
        problem: String,
    },
}

impl ApiRequest {
    /// Reads what is at `path`, which is relative to the audience.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into(), None)
    }

    /// Changes what is at `path` by the members of `body`.
    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, path.into(), Some(body))
    }

    /// Posts `body` to `path`.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path.into(), Some(body))
    }

    /// Asks for an access token for this audience, in place of the configured one. The place of the API stays the same.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Asks for an access token with this scope, separated by spaces.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path, relative to the audience.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the body.
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// Returns the audience the access token must be for, if it is another than the configured one.
    pub fn needed_audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    /// Returns the scope the access token must have.
    pub fn needed_scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    fn new(method: Method, path: String, body: Option<Value>) -> Self {
        Self {
            method,
            path,
            audience: None,
            scope: None,
            body,
        }
    }

    /// Writes the request, if it stays within `base`.
    pub(crate) fn write(
        &self,
        base: Option<&Url>,
        token: &HeldToken,
    ) -> Result<HttpRequest, ApiError> {
        let base = base.ok_or(ApiError::NoBase)?;
        let url = base
            .join(&self.path)
            .ok()
            .filter(|url| url.origin() == base.origin() && url.path().starts_with(base.path()))
            .ok_or_else(|| ApiError::ForeignUrl {
                expected: base.to_string(),
            })?;
        let body = self.body.as_ref().map(Value::to_string);
        let body = body.unwrap_or_default().into_bytes();
        let request = port::request(self.method.clone(), &url, body);
        let mut request = request.map_err(|_| ApiError::Unsendable)?;
        let scheme = token.token_type.as_str();
        let authorization = [scheme, " ", token.access_token.expose()].concat();
        let authorization = HeaderValue::try_from(authorization);
        let mut authorization = authorization.map_err(|_| ApiError::Malformed {
            problem: "the access token cannot stand in a header".into(),
        })?;
        authorization.set_sensitive(true);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization);
        if self.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(request)
    }
}

/// Reads the answer of the API at `host`.
pub(crate) fn read(host: &str, response: &HttpResponse) -> Result<Value, Error> {
    let status = response.status().as_u16();
    if status == 429 || status >= 500 {
        return Err(Error::Network(NetworkError::Unavailable {
            host: host.to_owned(),
            status,
        }));
    }
    let body = json::parse(response.body());
    if (200..300).contains(&status) {
        return body.map_err(|error| match error {
            json::JsonError::Html => Error::Network(NetworkError::Intercepted {
                host: host.to_owned(),
            }),
            other => Error::from(ApiError::Malformed {
                problem: other.to_string(),
            }),
        });
    }
    Err(refusal(status, &body.unwrap_or(Value::Null)))
}

/// Auth0's APIs say `errorCode` and `message`, others `error` and `error_description` (RFC 6750 §3.1).
fn refusal(status: u16, body: &Value) -> Error {
    let first = |keys: [&str; 2]| keys.into_iter().find_map(|key| body[key].as_str());
    let code = first(["errorCode", "error"]).unwrap_or(match status {
        401 => "invalid_token",
        403 => "insufficient_scope",
        404 => "not_found",
        _ => "request_refused",
    });
    let description = first(["message", "error_description"]);
    Error::refused(
        ErrorCode::new(code),
        description.and_then(crate::oidc::refusal::description),
        Some(status),
    )
}
