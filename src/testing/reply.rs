//! How a tenant writes what it answers.

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::port::HttpResponse;

/// A no, in the words of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Denied {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) description: String,
}

impl Denied {
    pub(super) fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            error,
            description: description.into(),
        }
    }

    /// What Auth0 answers for a grant that is not, or no longer, there: with 403, not 400.
    pub(super) fn invalid_grant(description: &str) -> Self {
        Self::new(403, "invalid_grant", description)
    }

    pub(super) fn reply(&self) -> HttpResponse {
        refusal(self.status, self.error, &self.description)
    }
}

pub(super) fn refusal(status: u16, error: &str, description: &str) -> HttpResponse {
    let body = json!({ "error": error, "error_description": description });
    reply(status, &body)
}

pub(super) fn reply(status: u16, body: &Value) -> HttpResponse {
    let body = body.to_string().into_bytes();
    written(status, HeaderValue::from_static("application/json"), body)
}

pub(super) fn page(status: u16, html: &str) -> HttpResponse {
    written(
        status,
        HeaderValue::from_static("text/html; charset=utf-8"),
        html.into(),
    )
}

fn written(status: u16, kind: HeaderValue, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(status).expect("statuses of tests are of three digits");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
