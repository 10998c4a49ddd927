//! The forms of endpoints that answer in JSON, and their refusals.

use std::collections::HashMap;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::json;

use crate::authorize::Parameters;
use crate::config::Application;
use crate::http::gate::text;
use crate::http::visit::Stop;
use crate::tenant::Shared;

/// The parameters of a request, each there once.
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a form or a JSON body; both are taken, as Auth0 does.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Stop> {
        let content_type = text(headers, header::CONTENT_TYPE).unwrap_or_default();
        if content_type.starts_with("application/json") {
            let invalid = |_| {
                denied(
                    400,
                    "invalid_request",
                    "The body is no JSON object of strings",
                )
            };
            return serde_json::from_slice(body).map(Self).map_err(invalid);
        }
        let mut form = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(body).into_owned() {
            if form.contains_key(&name) {
                return Err(denied(
                    400,
                    "invalid_request",
                    &format!("The parameter {name} was sent more than once"),
                ));
            }
            form.insert(name, value);
        }
        Ok(Self(form))
    }

    /// A parameter's value. Empty means absent (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn require(&self, name: &str) -> Result<&str, Stop> {
        let missing = || {
            denied(
                400,
                "invalid_request",
                &format!("Missing required parameter: {name}"),
            )
        };
        self.get(name).ok_or_else(missing)
    }

    /// The same parameters, for the rules of `/authorize`.
    pub(crate) fn parameters(&self) -> Parameters {
        Parameters(
            self.0
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// The application that sent the form.
    pub(crate) fn client<'a>(&self, app: &'a Shared) -> Result<&'a Application, Stop> {
        let client_id = self.get("client_id").unwrap_or_default();
        app.settings
            .application(client_id)
            .ok_or_else(|| denied(401, "access_denied", "Unauthorized"))
    }
}

/// A refusal in the words of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
pub(crate) fn denied(status: u16, error: &str, description: &str) -> Stop {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Stop::with((
        status,
        Json(json!({ "error": error, "error_description": description })),
    ))
}
