//! What the browser shows at the end: three fixed pages, without a script, a link or a word of the provider's.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use ring::digest::{SHA256, digest};

/// An answer of the listener.
pub(super) type Page = Response<Full<Bytes>>;

const STYLE: &str = include_str!("page.css");

/// No script, no address, no frame around it; the style by its digest, the empty icon by its scheme.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 is visible ASCII")
});

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The page after an answer. `is_refusal` tells one with an `error` from one with a code.
pub(super) fn last(is_refusal: bool) -> Page {
    match is_refusal {
        false => page(
            StatusCode::OK,
            "You can close this window",
            "The login goes on in the app.",
        ),
        true => page(
            StatusCode::OK,
            "You are not logged in",
            "You can close this window. The app knows more.",
        ),
    }
}

/// Sends the browser on to `path`, so that no code stays in its address bar or its history.
pub(super) fn onward(path: &'static str) -> Page {
    let mut response = page(
        StatusCode::SEE_OTHER,
        "You can close this window",
        "The login goes on in the app.",
    );
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static(path));
    response
}

/// Turns somebody away.
pub(super) fn refusal(status: StatusCode) -> Page {
    let mut response = page(
        status,
        "Nothing to see here",
        "This address takes one login back to its app.",
    );
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let headers = response.headers_mut();
        headers.insert(ALLOW, HeaderValue::from_static("GET"));
    }
    response
}

fn page(status: StatusCode, title: &'static str, text: &'static str) -> Page {
    let body = [
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">",
        "<meta name=\"viewport\" content=\"width=device-width\">",
        "<link rel=\"icon\" href=\"data:,\">",
        "<title>",
        title,
        "</title><style>",
        STYLE,
        "</style></head><body><main><h1>",
        title,
        "</h1><p>",
        text,
        "</p></main></body></html>",
    ]
    .concat();
    let length = body.len();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONNECTION, "close"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
