//! How a message of OAuth gets out of here: written, and not yet sent.
//!
//! The `oauth2` crate writes those it knows. It hands them only to an HTTP client, so its client here hands them back.
//! The others are forms that [`post`] writes.

use std::fmt;

use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE};
use oauth2::RequestTokenError;
use url::Url;
use url::form_urlencoded::Serializer;

/// What cannot be written: the expectation that was not met.
pub(super) struct RequestError(pub(super) &'static str);

const UNADDRESSABLE: RequestError = RequestError("an endpoint that http can address");

/// Writes a form to be posted, its parameters in the order given.
pub(super) fn post<'a>(
    endpoint: &Url,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<http::Request<Vec<u8>>, RequestError> {
    let mut form = Serializer::new(String::new());
    for (name, value) in parameters {
        form.append_pair(name, value);
    }
    let mut request = http::Request::new(form.finish().into_bytes());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = endpoint.as_str().parse().map_err(|_| UNADDRESSABLE)?;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    Ok(request)
}

/// A request on its way back out of `oauth2`.
pub(super) struct HandedBack(Box<http::Request<Vec<u8>>>);

impl std::error::Error for HandedBack {}

impl fmt::Debug for HandedBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedBack")
    }
}

impl fmt::Display for HandedBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was handed back")
    }
}

pub(super) fn hand_back(request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, HandedBack> {
    Err(HandedBack(Box::new(request)))
}

pub(super) fn handed_back<T, R: oauth2::ErrorResponse>(
    written: Result<T, RequestTokenError<HandedBack, R>>,
) -> Result<http::Request<Vec<u8>>, RequestError> {
    match written {
        Err(RequestTokenError::Request(HandedBack(request))) => Ok(*request),
        _ => Err(UNADDRESSABLE),
    }
}
